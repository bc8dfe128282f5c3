"""A loopback server that answers Kraken's paths from a script and keeps what it was asked."""

from __future__ import annotations

import asyncio
import base64
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

SECRET = base64.b64encode(b"a secret of the scripted exchange").decode()

PAIRS = {
    "XXBTZUSD": {
        "altname": "XBTUSD", "wsname": "XBT/USD", "base": "XXBT", "quote": "ZUSD", "pair_decimals": 1,
        "lot_decimals": 8, "ordermin": "0.00005", "costmin": "0.5", "tick_size": "0.1", "status": "online",
    },
    "XETHZUSD": {
        "altname": "ETHUSD", "wsname": "ETH/USD", "base": "XETH", "quote": "ZUSD", "pair_decimals": 2,
        "lot_decimals": 8, "ordermin": "0.001", "costmin": "0.5", "tick_size": "0.01", "status": "online",
    },
    "XDGEUR": {
        "altname": "XDGEUR", "wsname": "XDG/EUR", "base": "XXDG", "quote": "ZEUR", "pair_decimals": 3,
        "lot_decimals": 5, "ordermin": "13", "costmin": "0.45", "tick_size": "0.005", "status": "online",
    },
}  # fmt: skip


ID = "1b9d6bcd-bbfd-5b2d-9b5d-ab8dfbbd4bed"
TXID = "OUF4EM-FRGI2-MQMWZD"


def order_row(**changes: Any) -> dict[str, Any]:
    """An order in Kraken's canonical shape, partly filled."""
    return {
        "refid": "None", "userref": 0, "cl_ord_id": ID, "status": "open", "opentm": 1699999990.8974,
        "starttm": 0, "expiretm": 0, "vol": "1.25000000", "vol_exec": "0.37500000", "cost": "11253.7",
        "fee": "0.24000", "price": "30009.9", "stopprice": "0.00000", "limitprice": "0.00000", "misc": "",
        "oflags": "fciq",
        "descr": {
            "pair": "XBTUSD", "type": "buy", "ordertype": "limit", "price": "30010.0", "price2": "0",
            "leverage": "none", "order": "buy 1.25000000 XBTUSD @ limit 30010.0", "close": "",
        },
    } | changes  # fmt: skip


def trade_row(time: float, **changes: Any) -> dict[str, Any]:
    """One row of TradesHistory at this second."""
    return {
        "ordertxid": TXID, "postxid": "T", "pair": "XXBTZUSD", "time": time, "type": "buy",
        "ordertype": "limit", "price": "30010.00000", "cost": "600.20000", "fee": "0.96032",
        "vol": "0.02000000", "margin": "0.00000", "misc": "", "trade_id": 1, "maker": True,
    } | changes  # fmt: skip


@dataclass(slots=True)
class Asked:
    """One request as it arrived."""

    path: str
    fields: dict[str, str]
    key: str


@dataclass(slots=True)
class Answer:
    """What to say: a whole body, after a pause in wall seconds; `drop` hangs up without a word."""

    body: str
    status: int = 200
    pause_s: float = 0.0
    drop: bool = False


def said(*errors: str, result: Any = None) -> Answer:
    """A sound envelope."""
    return Answer(json.dumps({"error": list(errors), **({} if result is None else {"result": result})}))


@dataclass(slots=True)
class ScriptedKraken:
    """Answers in turn what was scripted for a path; the last answer stays."""

    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    _script: dict[str, deque[Answer]] = field(default_factory=lambda: defaultdict(deque))
    _runner: web.AppRunner | None = None

    def answers(self, path: str, *answers: Answer) -> None:
        self._script[path] = deque(answers)

    def results(self, path: str, *results: Any) -> None:
        self.answers(path, *(said(result=one) for one in results))

    def requests(self, path: str) -> list[dict[str, str]]:
        return [one.fields for one in self.asked if one.path == path]

    async def start(self) -> ScriptedKraken:
        self.results("AssetPairs", PAIRS)
        app = web.Application()
        app.router.add_route("*", "/0/{kind}/{path}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{_port(self._runner)}"
        return self

    async def stop(self) -> None:
        if self._runner:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        path, body = request.match_info["path"], await request.text()
        fields = dict(request.query) | dict(parse_qsl(body, keep_blank_values=True))
        self.asked.append(Asked(path, fields, request.headers.get("API-Key", "")))
        self.heard.set()
        script = self._script[path]
        if not script:
            return web.Response(status=404, text="not scripted")
        answer = script.popleft() if len(script) > 1 else script[0]
        await asyncio.sleep(answer.pause_s)
        if answer.drop:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=answer.status, text=answer.body, content_type="application/json")


def _port(runner: web.AppRunner) -> int:
    address: tuple[str, int] = runner.addresses[0]
    return address[1]
