"""The hard filters in words: what each one looked at, what it needed and what would have turned it.

The verdicts are those of `signal.passing`, each value computed once; a test holds both against each other on
every candle. Words are built only when a decision is stored or looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from core.model.decisions import FilterReading
from core.strategy.features import (
    Rule,
    State,
    atr_spike,
    chop_range,
    chop_slope,
    rsi,
    trend_gap,
    volatility,
    volume_percentile,
)
from core.strategy.signal import LONG, rsi_passes


def readings(s: State, r: Rule, side: int, names: Sequence[str]) -> tuple[FilterReading, ...]:
    """One reading for each enabled filter in the order of `names`, judged for `side` (LONG or SHORT)."""
    return tuple(_READERS[name](s, r, side) for name in names)


def _trend(s: State, r: Rule, side: int) -> FilterReading:
    gap = trend_gap(s, r) * side
    other = "above" if side == LONG else "below"
    needed = f"fast SMA {other} slow SMA" + (f" by more than {_pct(r.trend_min)}" if r.trend_min else "")
    flip = f"a gap of {_pct(gap)} moving by {_pct(abs(gap - r.trend_min))}"
    return FilterReading("trend", gap > r.trend_min, gap, r.trend_min, needed, flip)


def _rsi(s: State, r: Rule, side: int) -> FilterReading:
    value = rsi(s, r)
    limit, sign = (r.rsi_long_max, "<") if side == LONG else (r.rsi_short_min, ">")
    flip = f"RSI {abs(value - limit):.1f} {'higher' if value < limit else 'lower'}"
    return FilterReading("rsi", rsi_passes(value, r, side), value, limit, f"{sign} {limit:g}", flip)


def _volume(s: State, r: Rule, side: int) -> FilterReading:
    value, limit = volume_percentile(s, r), r.volume_percentile_min
    passed = value >= limit
    flip = f"volume {abs(value - limit):.0f} percentile points {'lower' if passed else 'higher'}"
    return FilterReading("volume", passed, value, limit, f">= {limit:g}th percentile", flip)


def _volatility(s: State, r: Rule, side: int) -> FilterReading:
    value = volatility(s, r)
    low, high = r.volatility_min, r.volatility_max
    nearest = low if abs(value - low) <= abs(value - high) else high
    flip = f"ATR/price of {_pct(value)} crossing {_pct(nearest)}"
    return FilterReading(
        "volatility", low <= value <= high, value, nearest, f"{_pct(low)} to {_pct(high)}", flip
    )


def _chop(s: State, r: Rule, side: int) -> FilterReading:
    slope, reach = chop_slope(s, r), chop_range(s, r)
    passed = slope >= r.chop_slope_min or reach >= r.chop_range_min
    needed = f"SMA slope >= {_pct(r.chop_slope_min)} or range >= {_pct(r.chop_range_min)}"
    flip = f"a slope of {_pct(slope)} crossing {_pct(r.chop_slope_min)}"
    flip += f"{' and' if passed else ' or'} a range of {_pct(reach)} crossing {_pct(r.chop_range_min)}"
    return FilterReading("chop", passed, slope, r.chop_slope_min, needed, flip)


def _atr_spike(s: State, r: Rule, side: int) -> FilterReading:
    value, limit = atr_spike(s, r), r.atr_spike_max
    passed = value <= limit
    flip = f"ATR {abs(value - limit):.2f}x its mean {'higher' if passed else 'lower'}"
    return FilterReading("atr_spike", passed, value, limit, f"<= {limit:g}x the mean ATR", flip)


def _pct(share: float) -> str:
    return f"{100 * share:.3f}".rstrip("0").rstrip(".") + " %"


_READERS: dict[str, Callable[[State, Rule, int], FilterReading]] = {
    "trend": _trend,
    "rsi": _rsi,
    "volume": _volume,
    "volatility": _volatility,
    "chop": _chop,
    "atr_spike": _atr_spike,
}
