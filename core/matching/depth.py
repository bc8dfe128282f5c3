"""What stands in the book beyond the best prices, and what an order takes out of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from core.model.market import Quote
from core.model.money import ZERO, Price, Qty
from core.model.orders import Side


class Level(NamedTuple):
    """One price of the book, or one execution against it."""

    price: Price
    qty: Qty


# A quote without depth fills any size at its best price.
ENDLESS = Qty(Decimal("1E+20"))


@dataclass(frozen=True, slots=True)
class Depth:
    """Levels of both sides, best first. Quantities lie on the pair's lot grid."""

    bids: tuple[Level, ...]
    asks: tuple[Level, ...]

    @classmethod
    def of(cls, quote: Quote) -> Depth:
        """The endless book that a bare quote stands for."""
        return cls((Level(quote.bid, ENDLESS),), (Level(quote.ask, ENDLESS),))

    def against(self, side: Side) -> tuple[Level, ...]:
        """The levels that an order of `side` executes against."""
        return self.asks if side is Side.BUY else self.bids

    def sweep(self, side: Side, qty: Qty, limit: Price | None = None) -> list[Level]:
        """The executions of an order of `qty`, best price first; fewer than `qty` when the book runs dry."""
        taken: list[Level] = []
        left = qty
        for level in self.against(side):
            if left <= 0 or not within(side, level.price, limit):
                break
            part = Qty(min(level.qty, left))
            taken.append(Level(level.price, part))
            left = Qty(left - part)
        return taken

    def worth(self, side: Side, cost: Decimal) -> Decimal:
        """How much an order of `side` executes for `cost`; beyond the book at its last price."""
        total, left, price = ZERO, cost, ZERO
        for level in self.against(side):
            price = level.price
            part = min(level.qty, left / price)
            total, left = total + part, left - part * price
            if left <= 0:
                break
        return total + (left / price if left > 0 and price else ZERO)

    def without(self, side: Side, qty: Decimal) -> Depth:
        """The book after an order of `side` took `qty` from its best levels."""
        kept: list[Level] = []
        left = qty
        for level in self.against(side):
            part = min(level.qty, left)
            left -= part
            if level.qty > part:
                kept.append(Level(level.price, Qty(level.qty - part)))
        rest = tuple(kept)
        return Depth(self.bids, rest) if side is Side.BUY else Depth(rest, self.asks)

    def joined(self, side: Side, level: Level) -> Depth:
        """The book with a resting order of `side` in it; levels that it would have met are gone."""
        mine, others = (self.bids, self.asks) if side is Side.BUY else (self.asks, self.bids)
        left = tuple(lv for lv in others if not within(side, lv.price, level.price))
        sums = {lv.price: lv.qty for lv in mine}
        sums[level.price] = Qty(sums.get(level.price, ZERO) + level.qty)
        best_first = sorted(sums.items(), reverse=side is Side.BUY)
        rows = tuple(Level(price, qty) for price, qty in best_first)
        return Depth(rows, left) if side is Side.BUY else Depth(left, rows)

    def size(self, side: Side, limit: Price) -> Qty:
        """How much an order of `side` could execute at `limit` or better."""
        return Qty(sum((lv.qty for lv in self.against(side) if within(side, lv.price, limit)), ZERO))


def within(side: Side, price: Price, limit: Price | None) -> bool:
    """Whether an order of `side` limited to `limit` may execute at `price`."""
    if limit is None:
        return True
    return price <= limit if side is Side.BUY else price >= limit
