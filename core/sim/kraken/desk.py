"""The exchange on HTTP: carries calls to the door, and hands to the switches of /__sim__."""

from __future__ import annotations

import asyncio

from aiohttp import web

from core.clock import Clock, MarketMs
from core.sim.kraken.admin import Admin
from core.sim.kraken.door import STATUS_PAGE, Ask, Door, Reply

_HEADERS = ("API-Key", "API-Sign", "Content-Type")


class HttpDesk:
    """Serves one exchange on real sockets."""

    def __init__(self, door: Door, admin: Admin, clock: Clock) -> None:
        self._door, self._admin, self._clock = door, admin, clock
        self._closing = asyncio.Event()

    def routes(self) -> list[web.AbstractRouteDef]:
        return [
            web.get("/0/public/{method}", self._call),
            web.post("/0/public/{method}", self._call),
            web.post("/0/private/{method}", self._call),
            web.get(STATUS_PAGE, self._call),
            web.route("*", "/__sim__/{name}", self._switch),
        ]

    def close(self) -> None:
        """Let go of calls that a timeout fault is holding."""
        self._closing.set()

    async def _call(self, request: web.Request) -> web.StreamResponse:
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        body, address = await request.read(), request.remote or ""
        ask = Ask(request.path, dict(request.query), headers, body, address)
        refusal = self._door.enter(ask)
        if refusal is not None:
            return await self._send(request, refusal)
        try:
            delay_ms = self._door.delay_ms(ask)
            if delay_ms:
                await self._clock.sleep_until_market(MarketMs(self._clock.market_ms() + delay_ms))
            return await self._send(request, self._door.ask(ask))
        finally:
            self._door.leave(ask)

    async def _send(self, request: web.Request, reply: Reply) -> web.StreamResponse:
        if reply.wait_s:
            await self._hold(reply.wait_s)
        if reply.cut:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        return web.Response(status=reply.status, text=reply.body, content_type=reply.content_type)

    async def _hold(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            pass

    async def _switch(self, request: web.Request) -> web.Response:
        try:
            body = await request.json() if request.can_read_body else {}
        except ValueError:
            return web.json_response({"error": "the body is no JSON"}, status=400)
        status, answer = self._admin.do(
            request.method, request.match_info["name"], body if isinstance(body, dict) else {}
        )
        return web.json_response(answer, status=status)
