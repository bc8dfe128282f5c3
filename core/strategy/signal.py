"""Features into a verdict: which lines crossed and which filters pass, as integers.

Scalar functions over the state of `features`, without words, for the hot loop and for a compiler.
"""

from __future__ import annotations

from core.strategy.features import (
    ATR_SPIKE,
    CHOP,
    CLOSE,
    CLOSE_BEFORE,
    FAST,
    FAST_BEFORE,
    FAST_SLOW,
    RSI,
    SLOW,
    SLOW_BEFORE,
    TREND,
    VOLATILITY,
    VOLUME,
    Rule,
    State,
    atr_spike,
    chop_range,
    chop_slope,
    ready,
    rsi,
    trend_gap,
    volatility,
    volume_percentile,
)

LONG, HOLD, SHORT = 1, 0, -1  # actions
UP, NONE, DOWN = 1, 0, -1  # crosses


def cross(s: State, r: Rule) -> int:
    """UP, DOWN or NONE: exact, so that equality is no cross; NONE while the rule is not ready."""
    if not ready(s, r):
        return NONE
    if r.cross == FAST_SLOW:
        now = lead(s[FAST], r.n_fast, s[SLOW], r.n_slow)
        before = lead(s[FAST_BEFORE], r.n_fast, s[SLOW_BEFORE], r.n_slow)
    else:
        now = lead(s[CLOSE], 1, s[FAST], r.n_fast)
        before = lead(s[CLOSE_BEFORE], 1, s[FAST_BEFORE], r.n_fast)
    return turned(now, before)


def lead(quick: float, n_quick: int, slow: float, n_slow: int) -> float:
    """How far the mean of `n_quick` closes is above that of `n_slow`, from their sums; its sign is exact."""
    return quick * n_slow - slow * n_quick


def turned(now: float, before: float) -> int:
    """UP or DOWN when the lead changed its sign, NONE when it did not."""
    if now > 0 and before <= 0:
        return UP
    if now < 0 and before >= 0:
        return DOWN
    return NONE


def passing(s: State, r: Rule, side: int) -> int:
    """The bits of the enabled filters that pass for `side` (LONG or SHORT)."""
    bits = 0
    if r.filters & TREND and trend_gap(s, r) * side > r.trend_min:
        bits |= TREND
    if r.filters & RSI and rsi_passes(rsi(s, r), r, side):
        bits |= RSI
    if r.filters & VOLUME and volume_percentile(s, r) >= r.volume_percentile_min:
        bits |= VOLUME
    if r.filters & VOLATILITY and r.volatility_min <= volatility(s, r) <= r.volatility_max:
        bits |= VOLATILITY
    if r.filters & CHOP and (chop_slope(s, r) >= r.chop_slope_min or chop_range(s, r) >= r.chop_range_min):
        bits |= CHOP
    if r.filters & ATR_SPIKE and atr_spike(s, r) <= r.atr_spike_max:
        bits |= ATR_SPIKE
    return bits


def rsi_passes(value: float, r: Rule, side: int) -> bool:
    """A long needs RSI below its limit, a short above its own."""
    return value < r.rsi_long_max if side == LONG else value > r.rsi_short_min


def action(s: State, r: Rule, crossed: int) -> int:
    """LONG or SHORT when the lines crossed that way and every enabled filter passes, else HOLD."""
    if crossed == NONE:
        return HOLD
    return crossed if passing(s, r, crossed) == r.filters else HOLD
