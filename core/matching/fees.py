"""What an execution costs: a flat rate, or Kraken's published tiers over thirty days of volume."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.model.market import FeeRates
from core.model.money import NO_MONEY, ZERO, Money

THIRTY_DAYS_MS = 30 * 86_400_000


class FeeModel(Protocol):
    """The rates of one account on one market."""

    def rates(self, symbol: str, now_ms: int, volume_30d: Money) -> FeeRates:
        """Maker and taker shares at this moment; `volume_30d` in US dollars."""
        ...


@dataclass(frozen=True, slots=True)
class FlatFees:
    """The same two rates for every market at every volume."""

    maker: Decimal
    taker: Decimal

    def rates(self, symbol: str, now_ms: int, volume_30d: Money) -> FeeRates:
        return FeeRates(self.maker, self.taker, volume_30d)


@dataclass(frozen=True, slots=True)
class FeeTier:
    """Rates from a thirty-day volume upwards."""

    volume: Money
    maker: Decimal
    taker: Decimal


def _tier(volume: str, maker_percent: str, taker_percent: str) -> FeeTier:
    return FeeTier(Money(Decimal(volume)), Decimal(maker_percent) / 100, Decimal(taker_percent) / 100)


# In force since 9 July 2026. Of tiers 7 to 12 and of the Pro tiers only the ends are published; the steps
# between them are interpolated.
PUBLISHED_TIERS: tuple[FeeTier, ...] = (
    _tier("0", "0.40", "0.80"),
    _tier("2500", "0.30", "0.60"),
    _tier("10000", "0.22", "0.38"),
    _tier("25000", "0.20", "0.35"),
    _tier("50000", "0.15", "0.30"),
    _tier("100000", "0.12", "0.25"),
    _tier("250000", "0.10", "0.22"),
    _tier("500000", "0.08", "0.20"),
    _tier("1000000", "0.06", "0.18"),
    _tier("2500000", "0.04", "0.15"),
    _tier("5000000", "0.02", "0.12"),
    _tier("10000000", "0", "0.10"),
    _tier("50000000", "0", "0.09"),
    _tier("100000000", "0", "0.08"),
    _tier("200000000", "0", "0.07"),
    _tier("350000000", "0", "0.06"),
    _tier("500000000", "0", "0.05"),
)


class TieredFees:
    """The best tier that the thirty-day volume has reached."""

    def __init__(self, tiers: tuple[FeeTier, ...] = PUBLISHED_TIERS) -> None:
        self.tiers = tiers
        self._floors = [tier.volume for tier in tiers]

    def tier_index(self, volume_30d: Money) -> int:
        return max(bisect_right(self._floors, volume_30d) - 1, 0)

    def rates(self, symbol: str, now_ms: int, volume_30d: Money) -> FeeRates:
        tier = self.tiers[self.tier_index(volume_30d)]
        return FeeRates(tier.maker, tier.taker, volume_30d)


class RollingVolume:
    """Dollars traded in the last thirty days, on top of what the account brought along."""

    def __init__(self, brought: Money = NO_MONEY) -> None:
        self.brought = brought
        self._trades: deque[tuple[int, Decimal]] = deque()
        self._sum = ZERO

    def add(self, now_ms: int, dollars: Decimal) -> None:
        self._trades.append((now_ms, dollars))
        self._sum += dollars

    def at(self, now_ms: int) -> Money:
        while self._trades and self._trades[0][0] <= now_ms - THIRTY_DAYS_MS:
            self._sum -= self._trades.popleft()[1]
        return Money(self.brought + self._sum)

    def rows(self) -> list[tuple[int, Decimal]]:
        """The trades still inside the window, oldest first."""
        return list(self._trades)
