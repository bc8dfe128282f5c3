"""The exchange's door on HTTP: routes, Kraken's envelope, signatures, faults and the switches of /__sim__."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from aiohttp import web

from core.clock import ScaledClock
from core.model.errors import Rejected
from core.model.market import ExchangeStatus
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.faults import Fault, Faults
from core.sim.kraken.params import Params
from core.sim.kraken.private import PRIVATE, key_info
from core.sim.kraken.public import PUBLIC, Encoded, find_pair

_UNKNOWN_METHOD = "EGeneral:Unknown method"
_HTML = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
_LONGEST_TIMEOUT_S = 60.0

Answer = Callable[[], Any]
SimHandler = Callable[[dict[str, Any]], Any]


class HttpDesk:
    """Serves one exchange. Every call first lets the market live up to the present moment."""

    def __init__(self, open_exchange: Callable[[], Exchange], gate: Gatekeeper, faults: Faults) -> None:
        self._open_exchange, self._gate, self._faults = open_exchange, gate, faults
        self._closing = asyncio.Event()

    @property
    def _exchange(self) -> Exchange:
        return self._open_exchange()

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/0/public/{method}", self._public),
            web.post("/0/public/{method}", self._public),
            web.post("/0/private/{method}", self._private),
            web.get("/__sim__/clock", self._sim(self._clock)),
            web.post("/__sim__/clock", self._sim(self._set_clock)),
            web.get("/__sim__/faults", self._sim(self._list_faults)),
            web.post("/__sim__/faults", self._sim(self._add_fault)),
            web.delete("/__sim__/faults", self._sim(self._clear_faults)),
            web.post("/__sim__/quote", self._sim(self._push_quote)),
            web.post("/__sim__/balance", self._sim(self._move_balance)),
            web.post("/__sim__/status", self._sim(self._set_status)),
        ]

    def close(self) -> None:
        """Let go of calls that a timeout fault is holding."""
        self._closing.set()

    # Kraken's side.

    async def _public(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        values: dict[str, Any] = dict(request.query)
        if request.method == "POST":
            values |= dict(await request.post())
        handler = PUBLIC.get(method)

        def answer() -> Any:
            if handler is None:
                raise Rejected(_UNKNOWN_METHOD)
            return handler(self._exchange, Params(values))

        return await self._answer(request, method, answer)

    async def _private(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        body = await request.read()

        def answer() -> Any:
            params = Params.of_body(body, request.content_type)
            key = request.headers.get("API-Key", "")
            nonce = params.text("nonce")
            self._gate.admit(key, request.headers.get("API-Sign", ""), request.path, nonce, body)
            self._exchange.books.note_nonce(key, int(nonce))
            return self._call_private(method, key, params)

        return await self._answer(request, method, answer)

    def _call_private(self, method: str, key: str, params: Params) -> Any:
        if method == "GetApiKeyInfo":
            return key_info(key, self._gate.may(key), self._gate.nonces[key], self._exchange.now_ms())
        if method not in PRIVATE:
            raise Rejected(_UNKNOWN_METHOD)
        handler, needed = PRIVATE[method]
        self._gate.check_permission(key, needed)
        return handler(self._exchange, params)

    async def _answer(self, request: web.Request, method: str, answer: Answer) -> web.StreamResponse:
        """Answer in Kraken's envelope, unless a fault strikes before or after the call counted."""
        fault = self._faults.strike(method, "before")
        if fault is not None:
            return await self._fail(request, fault, "{}")
        body = self._envelope(answer)
        fault = self._faults.strike(method, "after")
        if fault is not None:
            return await self._fail(request, fault, body)
        return web.Response(text=body, content_type="application/json")

    def _envelope(self, answer: Answer) -> str:
        try:
            self._exchange.advance()
            result = answer()
        except Rejected as refusal:
            return json.dumps({"error": [str(refusal)]})
        text = result if isinstance(result, Encoded) else json.dumps(result)
        return f'{{"error":[],"result":{text}}}'

    async def _fail(self, request: web.Request, fault: Fault, body: str) -> web.StreamResponse:
        if fault.kind == "timeout":
            await self._hold(float(fault.value or _LONGEST_TIMEOUT_S))
        if fault.kind in ("timeout", "reset"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.kind == "status":
            return web.Response(status=int(fault.value or 503), text=_HTML, content_type="text/html")
        if fault.kind == "html":
            return web.Response(text=_HTML, content_type="text/html")
        text = {
            "empty": '{"error":[]}',
            "truncated": body[: len(body) // 2],
            "error": json.dumps({"error": [fault.value or "EService:Busy"]}),
        }[fault.kind]
        return web.Response(text=text, content_type="application/json")

    async def _hold(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), min(seconds, _LONGEST_TIMEOUT_S))
        except TimeoutError:
            pass

    # The switches.

    def _sim(self, handler: SimHandler) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def serve(request: web.Request) -> web.Response:
            try:
                body = await request.json() if request.can_read_body else {}
                self._exchange.advance()
                return web.json_response(handler(body))
            except (Rejected, KeyError, TypeError, ValueError, InvalidOperation) as wrong:
                return web.json_response({"error": str(wrong)}, status=400)

        return serve

    def _clock(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"now_ms": self._exchange.now_ms(), "speed": self._exchange.clock.speed}

    def _set_clock(self, body: dict[str, Any]) -> dict[str, Any]:
        clock = self._exchange.clock
        if not isinstance(clock, ScaledClock):
            raise Rejected("this exchange's clock has no speed to change")
        clock.set_speed(float(body["speed"]))
        return self._clock(body)

    def _list_faults(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"faults": self._faults.pending()}

    def _add_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        self._faults.add(Fault.of_json(body))
        return self._list_faults(body)

    def _clear_faults(self, body: dict[str, Any]) -> dict[str, Any]:
        self._faults.clear()
        return self._list_faults(body)

    def _push_quote(self, body: dict[str, Any]) -> dict[str, Any]:
        symbol = find_pair_or_symbol(self._exchange, str(body["pair"]))
        quote = self._exchange.push_price(symbol, Decimal(str(body["price"])))
        return {"pair": symbol, "bid": str(quote.bid), "ask": str(quote.ask), "last": str(quote.last)}

    def _move_balance(self, body: dict[str, Any]) -> dict[str, Any]:
        asset = self._exchange.listing.asset_name(str(body["asset"]))
        if asset is None:
            raise Rejected("EQuery:Unknown asset")
        self._exchange.deposit(asset, Decimal(str(body["amount"])))
        return {"asset": asset, "balance": str(self._exchange.engine.balances()[asset].total)}

    def _set_status(self, body: dict[str, Any]) -> dict[str, Any]:
        self._exchange.engine.status = ExchangeStatus(body["status"])
        return {"status": self._exchange.engine.status.value}


def find_pair_or_symbol(exchange: Exchange, name: str) -> str:
    """A symbol as Zyn writes it (BTC/USD), given by that or by any of Kraken's names."""
    if name in exchange.listing.pairs:
        return name
    return find_pair(exchange, name).pair.symbol
