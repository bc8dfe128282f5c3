"""Kraken's request limits: a REST counter a key, an order counter a key and market, and caps on open orders.

All run on market time, so that a faster market gives back faster. The figures are Kraken's published ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from core.model.errors import Rejected

REST_EXCEEDED = "EAPI:Rate limit exceeded"
ORDERS_EXCEEDED = "EOrder:Rate limit exceeded"
TOO_MANY_CALLS = "EGeneral:Too many requests"
TOO_MANY_OPEN = "EOrder:Orders limit exceeded"


class Tier(NamedTuple):
    """One verification tier; decays are points a second."""

    rest_most: float
    rest_decay: float
    orders_most: float
    orders_decay: float
    open_orders: int  # in one market


TIERS = {
    "starter": Tier(15, 0.33, 60, 1.0, 60),
    "intermediate": Tier(20, 0.5, 125, 2.34, 80),
    "pro": Tier(20, 1.0, 180, 3.75, 225),
}

# What an order's age adds to the counter: age in seconds below which each price holds.
_CANCEL = ((5, 8), (10, 6), (15, 5), (45, 4), (90, 2), (300, 1))
_AMEND = ((5, 3), (10, 2), (15, 1))
# Calls that cost another number of points than one; AddOrder and its kin count on the order counter only.
_REST_COSTS = {
    "Ledgers": 2, "QueryLedgers": 2, "TradesHistory": 2,
    "AddOrder": 0, "AddOrderBatch": 0, "AmendOrder": 0, "CancelOrder": 0, "CancelOrderBatch": 0,
}  # fmt: skip


@dataclass(slots=True)
class _Counter:
    """A number that rises by calls and falls with time."""

    value: float = 0.0
    at_ms: int = 0

    def now(self, now_ms: int, decay: float) -> float:
        self.value = max(self.value - max(now_ms - self.at_ms, 0) / 1000 * decay, 0.0)
        self.at_ms = now_ms
        return self.value


class Limits:
    """Counts every call, and refuses those above the limit where `enforced`.

    `peak` keeps the highest share of the REST counter that each key reached.
    """

    def __init__(self, tier: str = "intermediate", *, enforced: bool = True) -> None:
        self.tier, self.enforced = TIERS[tier], enforced
        self._rest: dict[str, _Counter] = {}
        self._orders: dict[tuple[str, str], _Counter] = {}
        self._public: dict[str, _Counter] = {}
        self.peak: dict[str, float] = {}
        self.points: dict[str, int] = {}  # spent by each key so far

    @property
    def most_orders(self) -> int:
        return int(self.tier.orders_most)

    def call(self, key: str, method: str, now_ms: int) -> None:
        """A REST call; one that is refused counts too, so that hammering keeps the door shut longer."""
        cost = _REST_COSTS.get(method, 1)
        counter = self._rest.setdefault(key, _Counter())
        most = self.tier.rest_most
        wanted = counter.now(now_ms, self.tier.rest_decay) + cost
        counter.value = min(wanted, 2 * most)
        self.points[key] = self.points.get(key, 0) + cost
        self.peak[key] = max(self.peak.get(key, 0.0), wanted / most)
        if cost and wanted > most and self.enforced:
            raise Rejected(REST_EXCEEDED)

    def public(self, address: str, now_ms: int) -> None:
        """A public call: one a second for each address, refused ones not counted."""
        counter = self._public.setdefault(address, _Counter())
        if counter.now(now_ms, 1.0) > 0:
            raise Rejected(TOO_MANY_CALLS)
        counter.value = 1.0

    def rest_at(self, key: str, now_ms: int) -> float:
        """Where a key's REST counter stands."""
        return self._rest.setdefault(key, _Counter()).now(now_ms, self.tier.rest_decay)

    def add(self, key: str, symbol: str, now_ms: int, orders: int = 1) -> None:
        """New orders: 1 for one, half a point for each of a batch."""
        self._spend(key, symbol, 1.0 if orders == 1 else orders / 2, now_ms)

    def amend(self, key: str, symbol: str, age_ms: int, now_ms: int) -> None:
        self._spend(key, symbol, 1 + _penalty(_AMEND, age_ms), now_ms)

    def cancel(self, key: str, symbol: str, age_ms: int, now_ms: int, *, binding: bool = True) -> None:
        """Counted by the order's age; where it is not `binding` it is never refused."""
        self._spend(key, symbol, _penalty(_CANCEL, age_ms), now_ms, binding=binding)

    def orders_at(self, key: str, symbol: str, now_ms: int) -> float:
        """Where a key's order counter of a market stands."""
        return self._orders.setdefault((key, symbol), _Counter()).now(now_ms, self.tier.orders_decay)

    def check_open(self, already: int) -> None:
        """Refuse one open order more than a market allows."""
        if self.enforced and already >= self.tier.open_orders:
            raise Rejected(TOO_MANY_OPEN)

    def _spend(self, key: str, symbol: str, cost: float, now_ms: int, *, binding: bool = True) -> None:
        stands = self.orders_at(key, symbol, now_ms)
        counter = self._orders[key, symbol]
        counter.value = min(stands + cost, 2 * self.tier.orders_most)
        if self.enforced and binding and stands >= self.tier.orders_most:
            raise Rejected(ORDERS_EXCEEDED)


def _penalty(table: tuple[tuple[int, int], ...], age_ms: int) -> int:
    return next((points for age_s, points in table if age_ms < age_s * 1000), 0)
