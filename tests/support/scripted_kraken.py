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
