"""The hub on real sockets: /v2 for everybody, /auth/v2 for those who have a token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from core.model.errors import Rejected
from core.sim.kraken.ws.hub import Hub
from core.sim.kraken.ws.session import Session


class Sockets:
    """Carries frames between aiohttp and the sessions of a hub."""

    def __init__(self, open_hub: Callable[[], Hub]) -> None:
        self._open_hub = open_hub

    def routes(self) -> list[web.AbstractRouteDef]:
        return [web.get("/v2", self._public), web.get("/auth/v2", self._private)]

    async def _public(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, private=False)

    async def _private(self, request: web.Request) -> web.StreamResponse:
        return await self._serve(request, private=True)

    async def _serve(self, request: web.Request, *, private: bool) -> web.StreamResponse:
        try:
            session = self._open_hub().connect(private)
        except Rejected as refusal:
            return web.Response(status=429, text=str(refusal))
        socket = web.WebSocketResponse(autoping=False)
        try:
            await socket.prepare(request)
        except ConnectionError:  # the client left during the handshake
            session.close()
            return socket
        writer = asyncio.create_task(_write(socket, session))
        try:
            await _read(socket, session)
        finally:
            session.close()
            await asyncio.wait([writer])
        return socket


async def _read(socket: web.WebSocketResponse, session: Session) -> None:
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            session.hear(message.data)
        elif message.type is WSMsgType.PING and session.heard_something():
            await socket.pong(message.data)
        if session.closed:
            break


async def _write(socket: web.WebSocketResponse, session: Session) -> None:
    """Send what the session has to say until it ends, then end the socket too."""
    filled = asyncio.Event()
    session.wake = filled.set
    try:
        while not session.closed:
            for frame in session.take():
                await socket.send_str(frame)
            await filled.wait()
            filled.clear()
        for frame in session.take():
            await socket.send_str(frame)
    except (ConnectionError, RuntimeError):  # the client is gone
        session.close()
    await socket.close(code=WSCloseCode.GOING_AWAY)
