"""The hard filters in words: what each one looked at, what it needed and what would have turned it.

The verdicts are those of `signal.passes`, each value computed once; a test holds both against each other on
every candle. Words are built only when a decision is stored or looked at.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from functools import lru_cache, reduce
from operator import add

from core.model.decisions import FilterReading, percent
from core.strategy.features import (
    ATR,
    CLOSE,
    SEEN,
    VOLUME_NOW,
    Rule,
    State,
    chop_slope,
    rsi,
    trend_gap,
    volatility,
)
from core.strategy.signal import LONG, rsi_passes


class FilterReader:
    """The enabled filters of one pair, read for the words behind a decision."""

    __slots__ = ("_names", "_rule", "_volumes")

    def __init__(self, rule: Rule, names: Sequence[str]) -> None:
        """`names` gives the order of the readings."""
        self._rule, self._names = rule, names
        self.reset()

    def reset(self) -> None:
        """As before any candle, in step with a fresh state."""
        self._volumes = [0.0] * self._rule.n_volume  # the ring of volumes in order, so that a rank is found

    def follow(self, s: State, volume: float) -> None:
        """Take the volume of the next candle, before the state itself takes that candle."""
        r = self._rule
        if r.n_volume > 0:
            leaving = s[r.volumes_at + int(s[SEEN]) % r.n_volume]
            del self._volumes[bisect_left(self._volumes, leaving)]
            insort(self._volumes, volume)

    def readings(self, s: State, side: int) -> tuple[FilterReading, ...]:
        """One reading for each enabled filter, judged for `side` (LONG or SHORT)."""
        r = self._rule
        return tuple(
            [self._volume(s) if name == "volume" else _READERS[name](s, r, side) for name in self._names]
        )

    def _volume(self, s: State) -> FilterReading:
        value, limit = self._rank(s[VOLUME_NOW]), self._rule.volume_percentile_min
        return FilterReading("volume", value >= limit, value, limit, _bound(">=", limit, "th percentile"))

    def _rank(self, now: float) -> float:
        """`features.volume_percentile`, exactly."""
        if now <= 0:
            return 0.0
        below = bisect_left(self._volumes, now)
        equal = bisect_right(self._volumes, now) - below - 1  # without itself
        return 100.0 * (below + 0.5 * equal) / (self._rule.n_volume - 1)


def _trend(s: State, r: Rule, side: int) -> FilterReading:
    gap = trend_gap(s, r) * side
    return FilterReading("trend", gap > r.trend_min, gap, r.trend_min, _trend_needed(side, r.trend_min))


@lru_cache(maxsize=64)
def _trend_needed(side: int, least: float) -> str:
    other = "above" if side == LONG else "below"
    return f"fast SMA {other} slow SMA" + (f" by more than {percent(least)}" if least else "")


def _rsi(s: State, r: Rule, side: int) -> FilterReading:
    value = rsi(s, r)
    limit, sign = (r.rsi_long_max, "<") if side == LONG else (r.rsi_short_min, ">")
    return FilterReading("rsi", rsi_passes(value, r, side), value, limit, _bound(sign, limit, ""))


def _volatility(s: State, r: Rule, side: int) -> FilterReading:
    value = volatility(s, r)
    low, high = r.volatility_min, r.volatility_max
    nearest = low if abs(value - low) <= abs(value - high) else high
    return FilterReading("volatility", low <= value <= high, value, nearest, _band(low, high))


def _chop(s: State, r: Rule, side: int) -> FilterReading:
    slope, reach = chop_slope(s, r), _reach(s, r)
    passed = slope >= r.chop_slope_min or reach >= r.chop_range_min
    needed = _chop_needed(r.chop_slope_min, r.chop_range_min)
    return FilterReading("chop", passed, slope, r.chop_slope_min, needed, reach, r.chop_range_min)


def _atr_spike(s: State, r: Rule, side: int) -> FilterReading:
    value, limit = _spike(s, r), r.atr_spike_max
    return FilterReading("atr_spike", value <= limit, value, limit, _bound("<=", limit, "x the mean ATR"))


def _reach(s: State, r: Rule) -> float:
    """`features.chop_range`, exactly, by what CPython does fastest: every pair asks it at a close."""
    top, bottom = max(s[r.highs_at : r.highs_at + r.n_chop]), min(s[r.lows_at : r.lows_at + r.n_chop])
    return (top - bottom) / s[CLOSE]


def _spike(s: State, r: Rule) -> float:
    """`features.atr_spike`, exactly: the same additions in the same order."""
    now = s[ATR]
    before = reduce(add, s[r.atrs_at : r.atrs_at + r.n_spike + 1], 0.0) - now
    return now * r.n_spike / before if before > 0 else 0.0


# Thresholds in words: the same few come at every candle of every pair.


@lru_cache(maxsize=64)
def _bound(sign: str, limit: float, unit: str) -> str:
    return f"{sign} {limit:g}{unit}"


@lru_cache(maxsize=64)
def _band(low: float, high: float) -> str:
    return f"{percent(low)} to {percent(high)}"


@lru_cache(maxsize=64)
def _chop_needed(slope: float, reach: float) -> str:
    return f"SMA slope >= {percent(slope)} or range >= {percent(reach)}"


_READERS: dict[str, Callable[[State, Rule, int], FilterReading]] = {
    "trend": _trend,
    "rsi": _rsi,
    "volatility": _volatility,
    "chop": _chop,
    "atr_spike": _atr_spike,
}
