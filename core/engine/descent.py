"""How deep a sale that must happen goes: limits in widening steps below the bid, and market at the end."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from core.clock import Clock
from core.model.market import Pair
from core.model.money import Price, Rounding

_PERCENT = Decimal(100)


class Descent:
    """The offers for one position, from the first limit to the market order.

    Each limit that did not sell everything is followed by the next one, and the widest is repeated until
    market orders are due. A market order that sold nothing (an exchange that takes limits only) gives way to
    the widest limit once, so that neither kind can keep a position in the market for ever.
    """

    def __init__(self, steps: Sequence[Decimal], market_after_s: float, clock: Clock) -> None:
        """`steps` are percent below the bid, widening; `market_after_s` counts wall seconds from now."""
        self._steps = tuple(steps)
        self._market_from = clock.monotonic() + market_after_s
        self._clock = clock
        self._next = 0
        self._market_failed = False

    def step(self) -> Decimal | None:
        """Percent below the bid to offer at now; None for a market order."""
        due = not self._steps or self._clock.monotonic() >= self._market_from
        if due and not (self._market_failed and self._steps):
            return None
        return self._steps[min(self._next, len(self._steps) - 1)]

    def offered(self, step: Decimal | None, sold_some: bool) -> None:
        """An offer at `step` ended at the exchange, or was refused."""
        self._market_failed = step is None and not sold_some
        self._next += step is not None


def limit_below(pair: Pair, bid: Price, percent: Decimal) -> Price:
    """The limit `percent` below a bid on the pair's grid, at least one tick."""
    return max(pair.price(bid * (1 - percent / _PERCENT), Rounding.DOWN), Price(pair.tick))
