"""Money on Decimal: the three quantities that must never be mixed up, and exact rounding onto a grid.

Floats live only inside indicators and the backtest kernel; a number comes back through `to_grid`.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_UP, Decimal
from enum import StrEnum
from typing import NewType

Price = NewType("Price", Decimal)  # quote units for one unit of base
Qty = NewType("Qty", Decimal)  # units of base
Money = NewType("Money", Decimal)  # units of quote

ZERO = Decimal(0)
NO_MONEY = Money(ZERO)
NO_QTY = Qty(ZERO)


class Rounding(StrEnum):
    """Which neighbour on the grid a value goes to."""

    DOWN = ROUND_FLOOR
    UP = ROUND_CEILING
    NEAREST = ROUND_HALF_EVEN
    TOWARDS_ZERO = ROUND_DOWN
    AWAY_FROM_ZERO = ROUND_UP


def to_decimal(value: float | int | str | Decimal) -> Decimal:
    """The decimal a person would write for `value`: a float goes through its shortest repr."""
    if isinstance(value, Decimal):
        return value
    return Decimal(repr(value)) if isinstance(value, float) else Decimal(value)


def to_grid(value: Decimal | float, step: Decimal, rounding: Rounding = Rounding.NEAREST) -> Decimal:
    """The multiple of `step` beside `value`; exact on values already on the grid.

    `step` must be above zero. The result carries the step's exponent, so it prints with the grid's decimals.
    """
    ticks = (to_decimal(value) / step).to_integral_value(rounding=rounding.value)
    return (ticks * step).quantize(step) if step.as_tuple().exponent != 0 else ticks * step


def notional(price: Price, qty: Qty) -> Money:
    """What `qty` costs at `price`, before fees."""
    return Money(price * qty)


def percent(value: Decimal | float, digits: int = 2, sign: str = "") -> str:
    """A share of 1 in percent, such as 1.25 %; `sign` "+" shows a plus."""
    return f"{value:{sign}.{digits}%}".replace("%", " %")


def plain(value: Decimal) -> str:
    """A decimal without exponent or needless trailing zeros, as the web contract prints money."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
