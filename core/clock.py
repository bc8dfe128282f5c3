"""The one clock. It reads two times, and a duration says by its type which it is measured on.

`market_ms` runs candles, order age, deadlines, expiry, Kraken's counters, cool-off and the trading day.
`wall_ms` and `monotonic` run timeouts, tokens, confirmations, sessions, quiet hours and log stamps. They are
one in live and paper; in demo the market runs faster; in replay it stands until it is moved.
"""

from __future__ import annotations

import asyncio
import time
from typing import NewType, Protocol

MarketMs = NewType("MarketMs", int)
WallSeconds = NewType("WallSeconds", float)


class Clock(Protocol):
    """What everything below the composition root knows of time."""

    @property
    def speed(self) -> float: ...

    def market_ms(self) -> int: ...

    def wall_ms(self) -> int: ...

    def monotonic(self) -> float: ...

    async def sleep_until_market(self, market_ms: int) -> None: ...

    async def sleep(self, seconds: WallSeconds) -> None: ...


class SystemClock:
    """Market time is wall time: live, paper and validate."""

    speed = 1.0

    def market_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep_until_market(self, market_ms: int) -> None:
        # Long sleeps are cut so that a stepped clock or a suspended machine is noticed.
        while (left := market_ms - self.market_ms()) > 0:
            await self.sleep(WallSeconds(min(left / 1000, 30.0)))

    async def sleep(self, seconds: WallSeconds) -> None:
        await asyncio.sleep(seconds)


class ScaledClock:
    """Market time runs at `speed` from `start_ms`; the speed may change at any moment without a jump.

    Shared by the demo's local Kraken and the service inside one process, so that both live in one time.
    """

    def __init__(self, start_ms: int, speed: float) -> None:
        self._market_at_mark = float(start_ms)
        self._mark = time.monotonic()
        self._speed = speed
        self._changed = asyncio.Event()

    @property
    def speed(self) -> float:
        return self._speed

    def set_speed(self, speed: float) -> None:
        """Run the market at `speed` x wall time from now on; must be above zero."""
        if speed <= 0:
            raise ValueError("a market cannot run backwards or stand")
        self.jump_to(self._exact_ms())
        self._speed = speed
        self._changed.set()
        self._changed = asyncio.Event()

    def jump_to(self, market_ms: float) -> None:
        """Continue from `market_ms`; used to follow another process's clock."""
        self._market_at_mark, self._mark = market_ms, time.monotonic()

    def _exact_ms(self) -> float:
        return self._market_at_mark + (time.monotonic() - self._mark) * 1000 * self._speed

    def market_ms(self) -> int:
        return int(self._exact_ms())

    def wall_ms(self) -> int:
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep_until_market(self, market_ms: int) -> None:
        while (left := market_ms - self._exact_ms()) > 0:
            changed = self._changed
            try:
                await asyncio.wait_for(changed.wait(), min(left / 1000 / self._speed, 30.0))
            except TimeoutError:
                pass

    async def sleep(self, seconds: WallSeconds) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """Time that stands until it is moved: replay, simulation and tests. Sleeping moves it."""

    speed = 1.0

    def __init__(self, start_ms: int = 0) -> None:
        self.now_ms = start_ms

    def advance_to(self, market_ms: int) -> None:
        if market_ms < self.now_ms:
            raise ValueError("time does not run backwards")
        self.now_ms = market_ms

    def advance(self, ms: int) -> None:
        self.advance_to(self.now_ms + ms)

    def market_ms(self) -> int:
        return self.now_ms

    def wall_ms(self) -> int:
        return self.now_ms

    def monotonic(self) -> float:
        return self.now_ms / 1000

    async def sleep_until_market(self, market_ms: int) -> None:
        self.now_ms = max(self.now_ms, market_ms)
        await asyncio.sleep(0)

    async def sleep(self, seconds: WallSeconds) -> None:
        self.now_ms += round(seconds * 1000)
        await asyncio.sleep(0)
