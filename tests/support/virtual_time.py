"""An event loop whose time is a number: nothing ever waits, and the same work gives the same schedule."""

from __future__ import annotations

import asyncio
import selectors
from typing import Any

from core.clock import WallSeconds


class Deadlock(AssertionError):
    """Nothing is left that could ever happen, and somebody still waits."""


class _Jump(selectors.SelectSelector):
    """Where a real loop would sleep, time moves on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise Deadlock("every task waits and no timer is set")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop for simulations; it does no I/O."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now


class VirtualClock:
    """The service's clock over a virtual loop; market time runs `speed` times as fast as wall time."""

    def __init__(self, loop: VirtualLoop, start_ms: int, speed: float) -> None:
        self._loop = loop
        self._start_ms = start_ms
        self.speed = speed

    def market_ms(self) -> int:
        return self._start_ms + int(self._loop.time() * 1000 * self.speed)

    def wall_ms(self) -> int:
        return self._start_ms + int(self._loop.time() * 1000)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep_until_market(self, market_ms: int) -> None:
        while (left := market_ms - self.market_ms()) > 0:
            await self.sleep(WallSeconds(left / 1000 / self.speed))

    async def sleep(self, seconds: WallSeconds) -> None:
        await asyncio.sleep(seconds)
