"""The bracket around a long: stop below and target above the fill, and which of them a candle touches.

Distances are multiples of the signal candle's ATR and are measured from the fill. Scalar functions take
floats, Decimals or the compiled loop's wide numbers alike, so that the road and the loop share them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from core.model.decisions import Denied
from core.model.market import Pair
from core.model.money import Price, plain, to_decimal
from core.model.wide import Wide

Number = TypeVar("Number", float, Decimal, Wide)

NOTHING, STOP, TARGET = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Distances:
    """How far stop and target lie from the fill, in quote units a base unit, not yet on the grid."""

    stop: Decimal
    target: Decimal


@dataclass(frozen=True, slots=True)
class Bracket:
    """Stop and target on the pair's grid."""

    stop: Price
    target: Price


def distances(atr: float, stop_atr: float, take_profit_atr: float) -> Distances:
    """The bracket's distances for an ATR in price units."""
    return Distances(to_decimal(stop_atr * atr), to_decimal(take_profit_atr * atr))


def bracket(pair: Pair, fill: Price, away: Distances) -> Bracket | Denied:
    """Stop and target around `fill`, each on the nearest tick; Denied when the stop cannot stand there."""
    stop, target = pair.price(fill - away.stop), pair.price(fill + away.target)
    if stop >= fill:
        gap = plain(away.stop.normalize())
        return Denied(
            "stop_too_near", f"a stop {gap} below the entry is less than one tick of {pair.tick} away"
        )
    if stop <= 0:
        return Denied("stop_too_far", f"the stop would be {plain(away.stop)} below a price of {plain(fill)}")
    return Bracket(stop, target)


def touch(low: Number, high: Number, stop: Number, target: Number) -> int:
    """STOP, TARGET or NOTHING: what a candle does to a long's bracket. Both touched: the stop."""
    if low <= stop:
        return STOP
    return TARGET if high >= target else NOTHING


def touch_price(what: int, opened: Number, stop: Number, target: Number) -> Number:
    """Where a touched bracket fills: a gap through the stop costs, one through the target pays."""
    return min(opened, stop) if what == STOP else max(opened, target)
