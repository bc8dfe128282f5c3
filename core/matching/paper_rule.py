"""What the paper account makes of an order; paper fills and the twins of live trades share this rule."""

from __future__ import annotations

from decimal import Decimal

from core.model.market import Pair
from core.model.money import Price, Rounding
from core.model.orders import Side


def sides(pair: Pair, mid: Decimal, half: Decimal, least_half: Decimal) -> tuple[Price, Price]:
    """Bid and ask on the grid: at least `least_half` (a share) away from the middle, rounded outwards."""
    away = mid * max(half, least_half)
    return pair.price(mid - away, Rounding.DOWN), pair.price(mid + away, Rounding.UP)


def taken_at(pair: Pair, side: Side, mid: Decimal, half: Decimal, least_half: Decimal) -> Price:
    """Where a market order fills on paper."""
    bid, ask = sides(pair, mid, half, least_half)
    return ask if side is Side.BUY else bid
