"""TCP in memory, for one loop: whoever listens and connects on it is joined by two pipes.

The protocols at both ends are the real ones, the bytes between them too. What real networks do to bytes is
said by `conditions`: how long they travel, and what becomes of a request on its way.
"""

from __future__ import annotations

import asyncio
import socket
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.support.virtual_time import VirtualLoop


class Fate(Enum):
    """What becomes of one request and its reply."""

    WELL = "well"
    LOST = "lost"  # it never arrives
    LATE = "late"  # it arrives long after
    UNANSWERED = "unanswered"  # it arrives, its reply does not
    RESET_BEFORE = "reset before it arrived"
    RESET_AFTER = "reset after it arrived"
    DOUBLED = "doubled"  # something on the way sends it twice
    OVERTAKEN = "overtaken by its double"  # and it is the second to arrive


@dataclass
class Conditions:
    """The line between a client and its server. Every callable is asked once a write of that client."""

    latency_s: Callable[[], float] = lambda: 0.0
    fate: Callable[[bytes], Fate] = lambda head: Fate.WELL
    late_s: Callable[[], float] = lambda: 30.0
    refused: bool = False  # nobody answers a call
    leaving: Callable[[], None] = lambda: None  # a client is about to write; may raise


class VirtualNetwork:
    """The listeners and lines of one loop."""

    def __init__(self, loop: VirtualLoop) -> None:
        self.loop = loop
        self.conditions: Callable[[], Conditions] = Conditions
        self.clients: dict[Any, set[Pipe]] = {}  # by owner
        self.owner: Callable[[], Any] = lambda: None  # whose client is connecting
        self._listeners: dict[int, _Listener] = {}
        self._dialled: dict[int, tuple[int, str]] = {}  # a client's socket: the port, and its host

    def listen(self, sock: socket.socket, factory: Callable[[], Any]) -> _Listener:
        listener = _Listener(self, sock, factory)
        self._listeners[listener.port] = listener
        return listener

    def forget(self, port: int) -> None:
        self._listeners.pop(port, None)

    async def dial(self, sock: socket.socket, address: tuple[Any, ...]) -> None:
        conditions = self.conditions()
        conditions.leaving()
        await asyncio.sleep(conditions.latency_s())
        if conditions.refused or address[1] not in self._listeners:
            raise ConnectionRefusedError(111, "Connection refused")
        self._dialled[sock.fileno()] = (address[1], address[0])

    def connect(self, sock: socket.socket, factory: Callable[[], Any]) -> tuple[Pipe, Any]:
        """Both ends, and the client's protocol."""
        port, _ = self._dialled.pop(sock.fileno())
        sock.close()
        listener = self._listeners.get(port)
        if listener is None:
            raise ConnectionResetError(104, "Connection reset by peer")
        near = Pipe(self, copy_context(), self.conditions())
        far = Pipe(self, listener.context, None)
        near.join(far), far.join(near)
        far.context.run(far.begin, listener.factory())
        near.begin(factory())
        near.replay = listener.replay
        owner = self.owner()
        self.clients.setdefault(owner, set()).add(near)
        near.gone = lambda: self.clients.get(owner, set()).discard(near)
        return near, near.protocol

    def lines(self, owner: Any) -> list[Pipe]:
        """The connections of one client, oldest first."""
        return sorted(self.clients.get(owner, ()), key=lambda one: one.number)

    def cut(self, owner: Any) -> None:
        """The owner's process is dead: the kernel closes its connections, what it sent still arrives."""
        for pipe in self.lines(owner):
            pipe.die()
        self.clients.pop(owner, None)


class _Listener:
    """What `create_server` gives."""

    def __init__(self, network: VirtualNetwork, sock: socket.socket, factory: Callable[[], Any]) -> None:
        self._network, self.sockets, self.factory = network, [sock], factory
        self.context = copy_context()
        self.port = sock.getsockname()[1]

    def close(self) -> None:
        self._network.forget(self.port)
        for sock in self.sockets:
            sock.close()

    async def wait_closed(self) -> None:
        """Nothing is left to wait for."""

    def replay(self, data: bytes) -> None:
        """The same bytes come in again on a connection of their own, whose replies nobody reads."""
        far = Pipe(self._network, self.context, None)
        self.context.run(far.begin, self.factory())
        self.context.run(far.protocol.data_received, data)
        self._network.loop.call_later(30.0, far.lost, None, context=self.context)


class Pipe(asyncio.Transport):
    """One end of a connection."""

    _made = 0

    def __init__(self, network: VirtualNetwork, context: Context, conditions: Conditions | None) -> None:
        super().__init__({"peername": ("127.0.0.1", 1), "sockname": ("127.0.0.1", 2)})
        Pipe._made += 1
        self.number = Pipe._made
        self.context = context
        self.protocol: Any = None
        self.replay: Callable[[bytes], None] = lambda data: None
        self.gone: Callable[[], None] = lambda: None
        self._network, self._loop = network, network.loop
        self._conditions = conditions
        self._peer: Pipe | None = None
        self._arriving: deque[bytes | None] = deque()  # None: the end
        self._due = 0.0
        self._paused, self._unread = False, deque[bytes | None]()
        self._closing = self._ended = self._dead = False
        self._fate = Fate.WELL
        self._head = b""
        self.target = ""  # what the last request asked for

    def join(self, peer: Pipe) -> None:
        self._peer = peer

    def begin(self, protocol: Any) -> None:
        self.protocol = protocol
        protocol.connection_made(self)

    # What protocols do with it.

    def write(self, data: Any) -> None:
        if self._closing or self._ended or self._dead or not data:
            return
        if self._conditions is None:
            self._to_peer(bytes(data), self._peer._conditions if self._peer else None)
            return
        self._conditions.leaving()
        self._leave(bytes(data), self._conditions)

    def _leave(self, data: bytes, conditions: Conditions) -> None:
        """A client's request, head and body together, meets its fate."""
        if data.startswith(b"POST ") and data.endswith(b"\r\n\r\n"):
            self._head = data
            return
        data, self._head = self._head + data, b""
        if data.startswith((b"GET ", b"POST ", b"DELETE ")):
            self.target = data.split(b" ", 2)[1].decode()
            self._fate = conditions.fate(data)
            if self._fate is Fate.OVERTAKEN:
                self._loop.call_soon(self.replay, data)
        if self._fate is Fate.LOST:
            return
        if self._fate is Fate.RESET_BEFORE:
            self._loop.call_later(conditions.latency_s(), self.break_off, context=self.context)
            return
        extra = {Fate.LATE: conditions.late_s, Fate.OVERTAKEN: lambda: 0.05}.get(self._fate, lambda: 0.0)
        self._to_peer(data, conditions, extra())
        if self._fate is Fate.DOUBLED and self._peer is not None:
            self._loop.call_at(self._peer._due + conditions.latency_s(), self.replay, data)

    def _to_peer(self, data: bytes | None, conditions: Conditions | None, extra: float = 0.0) -> None:
        peer = self._peer
        if peer is None:
            return
        if peer._fate is Fate.UNANSWERED and data is not None:
            return
        if peer._fate is Fate.RESET_AFTER and data is not None:
            self._loop.call_later(0.0, peer.break_off, context=peer.context)
            return
        delay = (conditions.latency_s() if conditions else 0.0) + extra
        peer._due = max(peer._due, self._loop.time() + delay)
        peer._arriving.append(data)
        self._loop.call_at(peer._due, peer._arrive, context=peer.context)

    def _arrive(self) -> None:
        data = self._arriving.popleft()
        if self._paused:
            self._unread.append(data)
        else:
            self._take(data)

    def _take(self, data: bytes | None) -> None:
        if self._ended:
            return
        if data is None:
            self.protocol.eof_received()
            self._loop.call_soon(self.lost, None, context=self.context)
        else:
            self.protocol.data_received(data)

    def lost(self, error: Exception | None) -> None:
        """This end is over, and its protocol hears it."""
        if not self._ended:
            self._ended = self._closing = True
            self.gone()
            self.protocol.connection_lost(error)

    def fall_silent(self) -> None:
        """The line stays, but nothing comes through it any more."""
        self._fate = Fate.UNANSWERED

    def break_off(self) -> None:
        """The connection breaks under both."""
        if self._peer is not None:
            self._loop.call_soon(self._peer.lost, ConnectionResetError("reset"), context=self._peer.context)
        self.lost(ConnectionResetError(104, "Connection reset by peer"))

    def die(self) -> None:
        """The process of this end is dead: it hears and says nothing any more."""
        self._dead = self._ended = self._closing = True
        self._to_peer(None, self._conditions)

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self._to_peer(None, self._conditions)
            self._loop.call_soon(self.lost, None, context=self.context)

    def abort(self) -> None:
        if not self._ended:
            self._closing = True
            self._to_peer(None, self._conditions)
            self._loop.call_soon(self.lost, None, context=self.context)

    def is_closing(self) -> bool:
        return self._closing

    def pause_reading(self) -> None:
        self._paused = True

    def resume_reading(self) -> None:
        self._paused = False
        while self._unread and not self._paused:
            self._take(self._unread.popleft())

    def is_reading(self) -> bool:
        return not self._paused

    def set_protocol(self, protocol: Any) -> None:
        self.protocol = protocol

    def get_protocol(self) -> Any:
        return self.protocol

    def can_write_eof(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """Nothing is ever held back."""
