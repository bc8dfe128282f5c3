"""Ticks, lots and atoms: prices onto the grid and money counted, as Decimal would have it.

A float stands for the decimal it is written as (its shortest repr), as in `core.model.money.to_decimal`.
"""

from __future__ import annotations

from math import floor
from typing import Any

from core.lab.tables import ATOMS, Run
from core.model.wide import Wide, floored, from_int, nearest, quotient

_DIGITS = 9007199254740992.0  # 2^53: beyond it floats have no digits left for an exact decimal
_ROUNDING = 2.0**-51  # more than a product and a quotient are ever off by
_DECIMALS = 23  # 10^22 is the last power of ten that a float holds exactly


def wide(pair: Any) -> Wide:
    """A record's two floats as one number."""
    return Wide(pair[0], pair[1])


def put(pair: Any, value: Wide) -> None:
    """Write a number into a record's two floats."""
    pair[0] = value.hi
    pair[1] = value.lo


def written(value: float) -> Wide:
    """The decimal that a person would write for a float; the float itself when it has no short one."""
    power = 1.0
    for _ in range(_DECIMALS):
        shifted = value * power
        if abs(shifted) > _DIGITS:
            break
        # Only what is whole but for its rounding can be it: a look that saves most of the divisions.
        beyond = shifted - floor(shifted)
        if min(beyond, 1.0 - beyond) <= _ROUNDING * abs(shifted):
            digits = float(round(shifted))
            if digits / power == value:
                return quotient(digits, power)
        power *= 10.0
    return Wide(value, 0.0)


def nearest_ticks(slot: Any, price: float) -> int:
    """The tick nearest to a price, half way to the even one."""
    return nearest(written(price) * wide(slot["ticks_in_one"]))


def quoted_ticks(slot: Any, price: float, factor: Wide) -> int:
    """The tick nearest to price x factor: what is bid or asked beside an open."""
    return nearest(written(price) * factor * wide(slot["ticks_in_one"]))


def price_of(slot: Any, ticks: int) -> float:
    """The float nearest to a price in ticks."""
    return (from_int(ticks) * wide(slot["tick"])).hi


def cost_of(slot: Any, ticks: int, lots: int) -> Wide:
    """What lots cost at a price, in atoms, not rounded."""
    return from_int(ticks) * wide(slot["tick_lot"]) * from_int(lots)


def fee_of(cost: Wide, rate: Wide) -> Wide:
    """The fee of an execution in whole atoms."""
    return floored(cost * rate)


def exposure(run: Run, place: int) -> Wide:
    """All positions at their last closes, in atoms."""
    total = Wide(0.0, 0.0)
    for k in range(run.state[0]["open"]):
        slot = run.slots[run.held[k]]
        close = run.closes[slot["at"] + place - slot["first"]]
        total = total + written(close) * wide(slot["lot"]) * from_int(slot["lots"])
    return total


def equity(run: Run, place: int) -> Wide:
    """Cash and positions at their last closes, in atoms."""
    return wide(run.state[0]["cash"]) + exposure(run, place)


def equity_about(run: Run, place: int) -> float:
    """The same in quote units, to 15 digits: the curve of the report needs no more."""
    total = run.state[0]["cash"][0]
    for k in range(run.state[0]["open"]):
        slot = run.slots[run.held[k]]
        close = run.closes[slot["at"] + place - slot["first"]]
        total += close * slot["lot"][0] * slot["lots"]
    return float(total / ATOMS)
