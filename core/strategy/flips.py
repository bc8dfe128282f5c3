"""The nearest change of one candle that would have turned its verdict, for /why and /whynot.

A cross turns at one price, which follows from the averages exactly: the close is itself part of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.model.decisions import FilterReading
from core.strategy.features import (
    CLOSE,
    CLOSE_BEFORE,
    FAST,
    FAST_BEFORE,
    FAST_SLOW,
    SLOW,
    SLOW_BEFORE,
    Rule,
    State,
)
from core.strategy.signal import NONE, UP


def nearest_flip(s: State, r: Rule, crossed: int, readings: Sequence[FilterReading]) -> str:
    """What would have turned the action: a close for a missing cross, the failed filters for a refused one,
    and for a signal that passed the filter that stood nearest to its threshold."""
    if crossed == NONE:
        return _cross_flip(s, r)
    failed = [one for one in readings if not one.passed]
    if failed:
        return " and ".join(one.flip for one in failed if one.flip)
    nearest = min(readings, key=_closeness, default=None)
    side = "below" if crossed == UP else "above"
    lines = f"a close {side} {_price(crossing_close(s, r), r)} would have been no cross"
    return f"{nearest.flip}, or {lines}" if nearest and nearest.flip else lines


def _closeness(one: FilterReading) -> float:
    """How far a value stood from its threshold, as a share of it."""
    return abs(one.value - one.threshold) / (abs(one.threshold) or 1.0)


def _cross_flip(s: State, r: Rule) -> str:
    at = crossing_close(s, r)
    needed, was = _price(at, r), _before(s, r)
    if at <= 0:
        return "no close of this candle could have crossed"
    if was <= 0:
        away = at / s[CLOSE] - 1
        return f"a close above {needed} ({away:+.2%}) would have crossed up"
    away = at / s[CLOSE] - 1
    return f"a close below {needed} ({away:+.2%}) would have crossed down; up needs that first"


def _before(s: State, r: Rule) -> float:
    """Above 0 when the first line lay above the second one candle ago."""
    if r.cross == FAST_SLOW:
        return s[FAST_BEFORE] * r.n_slow - s[SLOW_BEFORE] * r.n_fast
    return s[CLOSE_BEFORE] * r.n_fast - s[FAST_BEFORE]


def crossing_close(s: State, r: Rule) -> float:
    """The close, in whole units of the state, at which both lines would have met on this candle."""
    if r.cross == FAST_SLOW:
        fast, slow = s[FAST] - s[CLOSE], s[SLOW] - s[CLOSE]
        return (slow * r.n_fast - fast * r.n_slow) / (r.n_slow - r.n_fast)
    return (s[FAST] - s[CLOSE]) / (r.n_fast - 1)


def _price(units: float, r: Rule) -> str:
    """To the decimals that the rule's prices are kept with."""
    text = f"{units / r.scale:,.{len(f'{r.scale:.0f}') - 1}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
