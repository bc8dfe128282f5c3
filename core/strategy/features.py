"""One closed candle into ring state: the arithmetic that every engine of Zyn shares.

`step` and the readings below are plain scalar functions over a flat list (or float array) of numbers, so that
CPython calls them as they stand and a compiler can take the very same functions.

Prices are held as whole numbers of a fine decimal (`Rule.scale` = 10^decimals). Sums of whole numbers do not
drift and compare exactly, so that equality is no cross, and a state rebuilt from stored candles equals one
carried on. Exact while price x scale x sma_fast x sma_slow stays below 2^53. The decimals come from the
pair's tick with two to spare for a history finer than today's grid (`scale_decimals`).

RSI and ATR are Wilder's with TA-Lib's seeding: a plain mean of the first `period` changes, first value at
index `period`, then (previous x (period - 1) + now) / period; RSI is 0 when nothing moved.
"""

from __future__ import annotations

from collections.abc import MutableSequence
from decimal import Decimal
from math import floor
from typing import NamedTuple

State = MutableSequence[float]

PRICE_FAST, FAST_SLOW = 0, 1  # Rule.cross
TREND, RSI, VOLUME, VOLATILITY, CHOP, ATR_SPIKE = 1, 2, 4, 8, 16, 32  # Rule.filters, one bit each

# Where the scalars of a state live; the rings follow from RINGS on.
SEEN, CLOSE, CLOSE_BEFORE, FAST, FAST_BEFORE, SLOW, SLOW_BEFORE = 0, 1, 2, 3, 4, 5, 6
GAIN, LOSS, ATR, VOLUME_NOW, HEAD = 7, 8, 9, 10, 11
RINGS = 12


class Rule(NamedTuple):
    """All that a candle is judged by, as numbers. A length of 0 means: not computed.

    `*_at` are the offsets of the rings in the state, `size` its length, `first` the index of the first candle
    that may be judged. Built by `core.strategy.rule.make_rule`.
    """

    scale: float
    cross: int
    filters: int
    n_fast: int
    n_slow: int
    n_rsi: int
    n_atr: int
    n_volume: int
    n_chop: int
    n_spike: int
    n_closes: int
    closes_at: int
    volumes_at: int
    highs_at: int
    lows_at: int
    fasts_at: int
    atrs_at: int
    size: int
    first: int
    rsi_long_max: float
    rsi_short_min: float
    volume_percentile_min: float
    volatility_min: float
    volatility_max: float
    chop_slope_min: float
    chop_range_min: float
    atr_spike_max: float
    trend_min: float


def scale_decimals(tick: Decimal) -> int:
    """How many decimals of a price are kept exactly for a pair of this tick."""
    decimals = max(0, -int(tick.normalize().as_tuple().exponent))
    return decimals + 2 if decimals < 8 else decimals


def fresh_state(rule: Rule) -> list[float]:
    """The state before any candle."""
    return [0.0] * rule.size


def step(s: State, r: Rule, high: float, low: float, close: float, volume: float) -> None:
    """Take one closed candle into the state."""
    i = int(s[SEEN])
    c = fractions(close, r.scale)
    h = fractions(high, r.scale)
    w = fractions(low, r.scale)
    before = s[CLOSE]
    _averages(s, r, i, c)
    if i > 0:
        s[ATR] = smoothed(s[ATR], i, r.n_atr, reach(h, w, before))
        if r.n_rsi > 0:
            s[GAIN] = smoothed(s[GAIN], i, r.n_rsi, gain(c - before))
            s[LOSS] = smoothed(s[LOSS], i, r.n_rsi, gain(before - c))
    _rings(s, r, i, h, w, volume)
    s[CLOSE_BEFORE] = before
    s[CLOSE] = c
    s[VOLUME_NOW] = volume
    s[SEEN] = i + 1


def _averages(s: State, r: Rule, i: int, c: float) -> None:
    """Rolling sums of the closes, exact because they are whole numbers."""
    head = int(s[HEAD])  # where in their ring this close goes
    s[FAST_BEFORE] = s[FAST]
    s[FAST] += c
    if i >= r.n_fast:
        s[FAST] -= s[r.closes_at + _back(head, r.n_fast, r.n_closes)]
    if r.n_slow > 0:
        s[SLOW_BEFORE] = s[SLOW]
        s[SLOW] += c
        if i >= r.n_slow:
            s[SLOW] -= s[r.closes_at + _back(head, r.n_slow, r.n_closes)]
    s[r.closes_at + head] = c
    s[HEAD] = head + 1 if head + 1 < r.n_closes else 0


def _back(head: int, steps: int, size: int) -> int:
    """The place `steps` (at most `size`) before `head` in a ring; without a division, which would be slow."""
    return head - steps if head >= steps else head - steps + size


def fractions(price: float, scale: float) -> float:
    """A price as a whole number of the rule's fraction."""
    return floor(price * scale + 0.5)


def reach(high: float, low: float, before: float) -> float:
    """The true range: the larger of the candle's range and its reach from the close before."""
    top = high if high > before else before
    bottom = low if low < before else before
    return top - bottom


def gain(change: float) -> float:
    """What a rise comes to; nothing for a fall, whose loss is the gain of the change the other way."""
    return change if change > 0 else 0.0


def smoothed(mean: float, i: int, n: int, value: float) -> float:
    """Wilder's mean with the value of candle `i`, the first of them candle 1's; a plain sum before `n`."""
    if i > n:
        return (mean * (n - 1) + value) / n
    return (mean + value) / n if i == n else mean + value


def _rings(s: State, r: Rule, i: int, h: float, w: float, volume: float) -> None:
    """What the filters look back on; each ring exists only when its filter is enabled."""
    if r.n_volume > 0:
        s[r.volumes_at + i % r.n_volume] = volume
    if r.n_chop > 0:
        s[r.highs_at + i % r.n_chop] = h
        s[r.lows_at + i % r.n_chop] = w
        s[r.fasts_at + i % (r.n_chop + 1)] = s[FAST]
    if r.n_spike > 0:
        s[r.atrs_at + i % (r.n_spike + 1)] = s[ATR]


def ready(s: State, r: Rule) -> bool:
    """Whether every enabled indicator exists on this candle and on the one before."""
    return s[SEEN] > r.first


def atr(s: State, r: Rule) -> float:
    """Wilder's ATR in price units."""
    return s[ATR] / r.scale


def rsi(s: State, r: Rule) -> float:
    """Wilder's RSI, 0-100."""
    moved = s[GAIN] + s[LOSS]
    return 100.0 * (s[GAIN] / moved) if moved > 0 else 0.0


def trend_gap(s: State, r: Rule) -> float:
    """(fast SMA - slow SMA) / slow SMA; its sign is exact."""
    fast = s[FAST] * r.n_slow
    slow = s[SLOW] * r.n_fast
    return (fast - slow) / slow


def volatility(s: State, r: Rule) -> float:
    """ATR as a share of the close."""
    return s[ATR] / s[CLOSE]


def volume_percentile(s: State, r: Rule) -> float:
    """Where this candle's volume ranks among the last `n_volume`, 0-100, ties halved; none ranks at 0."""
    now = s[VOLUME_NOW]
    if now <= 0:
        return 0.0
    below = 0
    equal = -1  # itself
    for k in range(r.volumes_at, r.volumes_at + r.n_volume):
        if s[k] < now:
            below += 1
        elif s[k] == now:
            equal += 1
    return 100.0 * (below + 0.5 * equal) / (r.n_volume - 1)


def chop_slope(s: State, r: Rule) -> float:
    """How far the fast SMA moved over the lookback, either way, as a share of where it was."""
    ago = s[r.fasts_at + int(s[SEEN]) % (r.n_chop + 1)]
    return abs(s[FAST] - ago) / ago


def chop_range(s: State, r: Rule) -> float:
    """Highest high minus lowest low of the lookback, as a share of the close."""
    top = s[r.highs_at]
    bottom = s[r.lows_at]
    for k in range(1, r.n_chop):
        if s[r.highs_at + k] > top:
            top = s[r.highs_at + k]
        if s[r.lows_at + k] < bottom:
            bottom = s[r.lows_at + k]
    return (top - bottom) / s[CLOSE]


def atr_spike(s: State, r: Rule) -> float:
    """This candle's ATR in multiples of the mean of the `n_spike` ATRs before it; 0 when those were 0."""
    now = s[ATR]
    total = 0.0
    for k in range(r.atrs_at, r.atrs_at + r.n_spike + 1):
        total += s[k]
    before = total - now
    return now * r.n_spike / before if before > 0 else 0.0
