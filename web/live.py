"""The live view: what changed goes to every open page, each at its own pace and none delaying another.

Frames are `{"topic": ..., "data": ...}`; the topics that mirror a GET carry its whole envelope. A page that
lost its connection asks the GETs again, so a lost frame loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from loguru import logger

from core.clock import Clock, WallSeconds
from core.model.errors import ZynError
from core.model.events import Announcement
from web.readings import alert_out
from web.sessions import Session, Sessions
from web.wire import dumps

QUEUE = 256
GATHER_S = WallSeconds(0.15)  # what changes together is sent together
PULSE_S, SLOW_PULSE_S = WallSeconds(2.0), WallSeconds(5.0)  # of a hurried market, of the real one
GOODBYE_S = 1.0  # how long a page may take to say goodbye
MOST_SOCKETS = 500

Build = Callable[[], Awaitable[str]]  # JSON text
BuildWatched = Callable[[str], Awaitable[str]]

# What a page shows that a topic touches.
TOUCHES = {
    "trades": ("trades", "positions", "balances", "orders", "status"),
    "positions": ("positions", "status"),
    "orders": ("orders", "balances"),
    "decision": ("decisions",),
    "clock": ("status",),
    "status": ("status",),
    "phone": ("phone",),
}


@dataclass(slots=True, eq=False)
class Client:
    """One open socket and what it watches."""

    socket: web.WebSocketResponse
    session: Session
    transport: asyncio.Transport | None
    queue: asyncio.Queue[str] = field(default_factory=lambda: asyncio.Queue(QUEUE))
    symbol: str = ""
    writer: asyncio.Task[None] | None = None


class LiveHub:
    """A Herald whose listeners are browsers. `changed` and `announced` return at once."""

    def __init__(self, clock: Clock, sessions: Sessions) -> None:
        self._clock = clock
        self._sessions = sessions
        self._clients: set[Client] = set()
        self._dirty: set[str] = set()
        self._candles: set[str] = set()
        self._wake = asyncio.Event()
        self._on_change: list[Callable[[], None]] = []
        self._builders: dict[str, Build] = {}
        self._watched: dict[str, BuildWatched] = {}
        self._alerts = 0

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back at every change, before anything is built anew."""
        self._on_change.append(callback)

    def builds(self, topic: str, build: Build) -> None:
        """Name who makes a topic's data."""
        self._builders[topic] = build

    def builds_for_symbol(self, topic: str, build: BuildWatched) -> None:
        """The same for topics that only those who watch a symbol get: price and candles."""
        self._watched[topic] = build

    @property
    def sockets(self) -> int:
        return len(self._clients)

    def changed(self, topic: str) -> None:
        for callback in self._on_change:
            callback()
        if topic == "decision":  # what is judged has just closed
            self._candles.update(client.symbol for client in self._clients if client.symbol)
        self._dirty.update(TOUCHES.get(topic, ()))
        self._wake.set()

    def announced(self, announcement: Announcement) -> None:
        self._alerts += 1
        self.publish("alert", alert_out(f"live-{self._alerts}", announcement))
        self.changed("status")

    def publish(self, topic: str, data: Any) -> None:
        """Send one frame to every page now."""
        if self._clients:
            self._fan_out(dumps({"topic": topic, "data": data}), self._clients)

    async def run(self) -> None:
        """Send what changed, and figures that age by themselves, for as long as the site stands."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._gather(), name="web gather")
            both.create_task(self._pulse(), name="web pulse")

    async def _gather(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self.flush()
            await self._clock.sleep(GATHER_S)

    async def flush(self) -> None:
        """Build each touched topic once and hand it to everyone who shows it."""
        topics, self._dirty = self._dirty, set()
        symbols, self._candles = self._candles, set()
        if not self._clients:
            return
        for topic in sorted(topics & self._builders.keys()):
            await self._send_built(topic, self._builders[topic](), self._clients)
        for symbol in sorted(symbols):
            await self._send_watched("candles", symbol)

    async def serve(self, request: web.Request, session: Session, hear: Hear) -> web.WebSocketResponse:
        """Run one socket to its end. `hear` gets every message the page sends."""
        socket = web.WebSocketResponse(timeout=GOODBYE_S, heartbeat=20, max_msg_size=16_384, compress=False)
        await socket.prepare(request)
        if len(self._clients) >= MOST_SOCKETS:
            await socket.close(code=1013, message=b"too many pages are open")
            return socket
        client = Client(socket, session, request.transport)
        client.writer = asyncio.create_task(self._write(client), name="web socket")
        self._clients.add(client)
        try:
            async for message in socket:
                if not self._sessions.touch(session):
                    break
                if message.type is web.WSMsgType.TEXT:
                    await hear(client, message.data)
        finally:
            self._forget(client)
            await socket.close()
        return socket

    def tell(self, client: Client, topic: str, data: Any) -> None:
        """Send one frame to one page."""
        self._fan_out(dumps({"topic": topic, "data": data}), (client,))

    def drop_signed_out(self) -> None:
        """End the sockets of sessions that are over."""
        for client in [one for one in self._clients if not self._sessions.alive(one.session)]:
            self._drop(client)

    async def close(self) -> None:
        """Say goodbye to everyone."""
        clients = list(self._clients)
        for client in clients:
            self._forget(client)
        await asyncio.gather(*(client.socket.close(code=1001, message=b"Zyn stops") for client in clients))

    async def _pulse(self) -> None:
        while True:
            await self._clock.sleep(PULSE_S if self._clock.speed > 1 else SLOW_PULSE_S)
            self.drop_signed_out()
            if not self._clients:
                continue
            self.changed("positions")
            for symbol in {client.symbol for client in self._clients if client.symbol}:
                await self._send_watched("price", symbol)

    async def _send_watched(self, topic: str, symbol: str) -> None:
        watchers = [client for client in self._clients if client.symbol == symbol]
        if watchers and topic in self._watched:
            await self._send_built(topic, self._watched[topic](symbol), watchers)

    async def _send_built(self, topic: str, build: Awaitable[str], clients: Iterable[Client]) -> None:
        try:
            data = await build
        except ZynError as error:
            self.publish("trouble", {"topic": topic, "text": str(error)})
            return
        self._fan_out(f'{{"topic":"{topic}","data":{data}}}', clients)

    def _fan_out(self, frame: str, clients: Iterable[Client]) -> None:
        for client in list(clients):
            try:
                client.queue.put_nowait(frame)
            except asyncio.QueueFull:
                logger.info("web: a page that reads too slowly was disconnected; it will reconnect")
                self._drop(client)

    async def _write(self, client: Client) -> None:
        try:
            while True:
                await client.socket.send_str(await client.queue.get())
        except (ConnectionError, RuntimeError):
            # The page has gone; its reader ends the socket.
            return

    def _drop(self, client: Client) -> None:
        """Cut a connection without waiting for a peer that may never read again."""
        self._forget(client)
        if client.transport is not None:
            client.transport.abort()

    def _forget(self, client: Client) -> None:
        self._clients.discard(client)
        if client.writer is not None:
            client.writer.cancel()


Hear = Callable[[Client, str], Awaitable[None]]
