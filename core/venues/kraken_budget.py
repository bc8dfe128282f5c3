"""Our own budget of requests, on market time: the client library's limiter is off.

Kraken counts calls of a key on a counter that drains by tier, and public calls by address and endpoint. Reads
wait for budget; what concerns a live order may use the reserve that reads must leave.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from dataclasses import dataclass

from core.clock import Clock


@dataclass(frozen=True, slots=True)
class Allowance:
    """`size` points at most, `per_second` of market time come back; reads leave `reserve` untouched.

    A reserve below zero is a debt that may be made.
    """

    size: float
    per_second: float
    reserve: float = 0.0


PUBLIC = Allowance(12.0, 1.0)
# An order asks for the price first: that never waits behind pages that look at prices, short of a flood.
PUBLIC_BY_PATH = {"Ticker": Allowance(12.0, 1.0, reserve=-12.0)}
# Points of Kraken's counter; over half of it is for what cannot wait: orders asked after in an emergency.
TIERS = {
    "starter": Allowance(15.0, 0.33, 8.0),
    "intermediate": Allowance(20.0, 0.5, 10.5),
    "pro": Allowance(20.0, 1.0, 10.5),
    "local": Allowance(1000.0, 100.0),  # an exchange of our own counts nothing
}


class Budget:
    """A token bucket. Whoever waits is served in order of asking."""

    def __init__(self, allowance: Allowance, clock: Clock) -> None:
        self._allowance = allowance
        self._clock = clock
        self._points = allowance.size
        self._mark_ms = clock.market_ms()
        self._turn = asyncio.Lock()

    def of(self, path: str) -> Budget:
        """The budget that a call to this endpoint is charged to: a key has one for all."""
        return self

    @property
    def most(self) -> float:
        """What may be spent after a rest."""
        return self._allowance.size

    @property
    def points(self) -> float:
        """What may be spent now."""
        self._refill()
        return self._points

    async def take(self, cost: float) -> None:
        """Wait until `cost` points are there beyond the reserve, then spend them."""
        async with self._turn:
            while (missing := cost + self._allowance.reserve - self.points) > 1e-6:
                # One millisecond more, for the clock counts whole ones.
                pause = math.ceil(missing / self._allowance.per_second * 1000) + 1
                await self._clock.sleep_until_market(self._clock.market_ms() + pause)
            self._points -= cost

    def take_now(self, cost: float) -> None:
        """Spend without waiting, into the reserve and below zero if need be: the reads pay for it."""
        self._refill()
        self._points -= cost

    def drain(self) -> None:
        """Kraken counts higher than we do: begin from nothing."""
        self._refill()
        self._points = min(self._points, 0.0)

    def _refill(self) -> None:
        now = self._clock.market_ms()
        gained = max(now - self._mark_ms, 0) / 1000 * self._allowance.per_second
        self._points = min(self._points + gained, self._allowance.size)
        self._mark_ms = now


class PublicBudgets:
    """Public calls are counted by endpoint: a refresh of many candles leaves the prices alone."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[str, Budget] = {}

    def of(self, path: str) -> Budget:
        if path not in self._made:
            self._made[path] = Budget(PUBLIC_BY_PATH.get(path, PUBLIC), self._clock)
        return self._made[path]

    @property
    def used(self) -> Mapping[str, Budget]:
        """By endpoint, those that were asked at least once."""
        return self._made
