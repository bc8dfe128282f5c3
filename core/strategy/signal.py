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


def led(s: State, r: Rule) -> bool:
    """Whether the first line lay above the second one candle ago."""
    if r.cross == FAST_SLOW:
        return lead(s[FAST_BEFORE], r.n_fast, s[SLOW_BEFORE], r.n_slow) > 0
    return lead(s[CLOSE_BEFORE], 1, s[FAST_BEFORE], r.n_fast) > 0


def meeting_close(s: State, r: Rule) -> float:
    """The close, in whole units of the state, at which both lines would have met on this candle: it follows
    exactly from the averages, of which the close is itself a part."""
    if r.cross == FAST_SLOW:
        fast, slow = s[FAST] - s[CLOSE], s[SLOW] - s[CLOSE]
        return (slow * r.n_fast - fast * r.n_slow) / (r.n_slow - r.n_fast)
    return (s[FAST] - s[CLOSE]) / (r.n_fast - 1)


def turned(now: float, before: float) -> int:
    """UP or DOWN when the lead changed its sign, NONE when it did not."""
    if now > 0 and before <= 0:
        return UP
    if now < 0 and before >= 0:
        return DOWN
    return NONE


def passes(s: State, r: Rule, side: int) -> bool:
    """Whether every enabled filter passes for `side` (LONG or SHORT); what costs least is asked first."""
    if r.filters & TREND and not trend_gap(s, r) * side > r.trend_min:
        return False
    if r.filters & RSI and not rsi_passes(rsi(s, r), r, side):
        return False
    if r.filters & VOLATILITY and not r.volatility_min <= volatility(s, r) <= r.volatility_max:
        return False
    if r.filters & CHOP and not (
        chop_slope(s, r) >= r.chop_slope_min or chop_range(s, r) >= r.chop_range_min
    ):
        return False
    if r.filters & ATR_SPIKE and not atr_spike(s, r) <= r.atr_spike_max:
        return False
    return not r.filters & VOLUME or volume_percentile(s, r) >= r.volume_percentile_min


def rsi_passes(value: float, r: Rule, side: int) -> bool:
    """A long needs RSI below its limit, a short above its own."""
    return value < r.rsi_long_max if side == LONG else value > r.rsi_short_min


def action(s: State, r: Rule, crossed: int) -> int:
    """LONG or SHORT when the lines crossed that way and every enabled filter passes, else HOLD."""
    return crossed if crossed != NONE and passes(s, r, crossed) else HOLD
