"""An event loop whose time is a number and whose network is memory: nothing waits, nothing leaves it.

The same work gives the same schedule. Time moves only when nothing is left to do at this instant; work that
this loop cannot see (a thread, an executor, a real descriptor) would make that a guess, so it is refused.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from core.clock import WallSeconds
from tests.support.virtual_network import VirtualNetwork


class Deadlock(AssertionError):
    """Nothing is left that could ever happen, and somebody still waits."""


class RealWorld(AssertionError):
    """Something reached out of the simulation: a thread, an executor or a descriptor."""


class _Jump(selectors.SelectSelector):
    """Where a real loop would sleep, time moves on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = threading.active_count()

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Deadlock("every task waits and no timer is set")
        if timeout > 0:
            if threading.active_count() > self.threads:
                raise RealWorld(f"time would move while a thread works: {threading.enumerate()[-1].name}")
            self.now += timeout
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for simulations. `network` joins whoever listens and connects on it."""

    def __init__(self) -> None:
        self._jump = _Jump()
        self._own = threading.get_ident()
        super().__init__(self._jump)
        self.network = VirtualNetwork(self)

    def time(self) -> float:
        return self._jump.now

    # The network, as memory.

    async def sock_connect(self, sock: Any, address: Any) -> None:
        await self.network.dial(sock, address)

    async def create_connection(
        self, protocol_factory: Any, *args: Any, sock: Any = None, **more: Any
    ) -> Any:
        if sock is None or args or more.get("ssl"):
            _refuse("a connection that the virtual network does not know")
        return self.network.connect(sock, protocol_factory)

    async def create_server(self, protocol_factory: Any, *args: Any, sock: Any = None, **more: Any) -> Any:
        if sock is None or more.get("ssl"):
            _refuse("a server without a socket of its own")
        return self.network.listen(sock, protocol_factory)

    # What would be work that this loop cannot see.

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> Any:
        _refuse(f"an executor was asked for {getattr(func, '__qualname__', func)}")

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        if threading.get_ident() != self._own:
            _refuse("a thread calls into the loop")
        return super().call_soon_threadsafe(callback, *args, context=context)

    def add_reader(self, fd: Any, callback: Any, *args: Any) -> NoReturn:
        _refuse("a descriptor is read")

    def add_writer(self, fd: Any, callback: Any, *args: Any) -> NoReturn:
        _refuse("a descriptor is written")

    async def getaddrinfo(self, host: Any, port: Any, **more: Any) -> NoReturn:
        _refuse(f"the name {host} is looked up")

    async def subprocess_exec(self, *args: Any, **more: Any) -> NoReturn:
        _refuse("a process is started")


def _refuse(what: str) -> NoReturn:
    raise RealWorld(f"the simulation has no such thing: {what}")


class VirtualClock:
    """The service's clock over a virtual loop; market time runs `speed` times as fast as wall time."""

    def __init__(self, loop: VirtualLoop, start_ms: int, speed: float) -> None:
        self._loop = loop
        self._wall_start_ms = start_ms
        self._market_at_mark, self._mark = float(start_ms), 0.0
        self.speed = speed
        self._changed = asyncio.Event()

    def set_speed(self, speed: float) -> None:
        """Run the market at another pace from now on, without a jump."""
        self._market_at_mark, self._mark = self._exact_ms(), self._loop.time()
        self.speed = speed
        self._changed.set()
        self._changed = asyncio.Event()

    def leap(self, ms: int) -> None:
        """The world goes on for so long while the machine is suspended: its own running time stands."""
        self._wall_start_ms += ms
        self._market_at_mark += ms
        self._changed.set()
        self._changed = asyncio.Event()

    def _exact_ms(self) -> float:
        return self._market_at_mark + (self._loop.time() - self._mark) * 1000 * self.speed

    def market_ms(self) -> int:
        return int(self._exact_ms() + 1e-6)

    def wall_ms(self) -> int:
        return self._wall_start_ms + int(self._loop.time() * 1000)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep_until_market(self, market_ms: int) -> None:
        while (left := market_ms - self._exact_ms()) > 1e-6:
            changed = self._changed
            try:
                async with asyncio.timeout(left / 1000 / self.speed):
                    await changed.wait()
            except TimeoutError:
                pass

    async def sleep(self, seconds: WallSeconds) -> None:
        await asyncio.sleep(seconds)


class SkewedClock:
    """A machine's clock that is wrong: `offset_ms` ahead of the true one, as a time server may step it."""

    def __init__(self, true: VirtualClock) -> None:
        self._true = true
        self.offset_ms = 0

    @property
    def speed(self) -> float:
        return self._true.speed

    def market_ms(self) -> int:
        return self._true.market_ms() + self.offset_ms

    def wall_ms(self) -> int:
        return self._true.wall_ms() + self.offset_ms

    def monotonic(self) -> float:
        return self._true.monotonic()

    async def sleep_until_market(self, market_ms: int) -> None:
        while (left := market_ms - self.market_ms()) > 0:
            await self._true.sleep_until_market(self._true.market_ms() + min(left, 60_000))

    async def sleep(self, seconds: WallSeconds) -> None:
        await self._true.sleep(seconds)
