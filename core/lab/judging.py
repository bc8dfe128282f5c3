"""Candles of one pair into signals, in plain functions that the kernel compiles.

The service carries one state from candle to candle (`features.step`). Here each indicator is a column that
holds what the state would hold after every candle, computed by the same functions once for each of its
settings. A verdict is asked for where the lines cross, from a state that is put together for that candle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from core.strategy.features import (
    ATR,
    CLOSE,
    FAST,
    GAIN,
    LOSS,
    SEEN,
    SLOW,
    VOLUME_NOW,
    Rule,
    State,
    atr,
    fractions,
    gain,
    reach,
    smoothed,
)
from core.strategy.signal import DOWN, LONG, NONE, action, lead, turned

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Candles(NamedTuple):
    """One pair's, as recorded."""

    highs: NDArray[Any]
    lows: NDArray[Any]
    volumes: NDArray[Any]


class Lines(NamedTuple):
    """Its indicators in fractions of the rule, a value a candle; empty what the rule does not compute."""

    closes: NDArray[Any]
    fasts: NDArray[Any]  # sums of closes
    slows: NDArray[Any]
    atrs: NDArray[Any]
    gains: NDArray[Any]
    losses: NDArray[Any]


class Means(NamedTuple):
    """The two lines whose crosses are signals: sums of closes, and of how many."""

    quick: NDArray[Any]
    n_quick: int
    slow: NDArray[Any]
    n_slow: int


def count_up(scale: float, prices: NDArray[Any], counted: NDArray[Any]) -> None:
    """Prices as whole numbers."""
    for i in range(len(prices)):
        counted[i] = fractions(prices[i], scale)


def add_up(closes: NDArray[Any], n: int, sums: NDArray[Any]) -> None:
    """Sums of the last `n` closes, exact because they are whole numbers."""
    total = 0.0
    for i in range(len(closes)):
        total += closes[i] - (closes[i - n] if i >= n else 0.0)
        sums[i] = total


def smooth(
    scale: float,
    candles: Candles,
    closes: NDArray[Any],
    n_atr: int,
    n_rsi: int,
    atrs: NDArray[Any],
    gains: NDArray[Any],
    losses: NDArray[Any],
) -> None:
    """Wilder's means of the true range, the gains and the losses, those whose length is above 0."""
    before = range_ = up = down = 0.0
    for i in range(len(closes)):
        close = closes[i]
        if n_atr > 0:
            if i > 0:
                wide = reach(fractions(candles.highs[i], scale), fractions(candles.lows[i], scale), before)
                range_ = smoothed(range_, i, n_atr, wide)
            atrs[i] = range_
        if n_rsi > 0:
            if i > 0:
                up = smoothed(up, i, n_rsi, gain(close - before))
                down = smoothed(down, i, n_rsi, gain(before - close))
            gains[i] = up
            losses[i] = down
        before = close


def judge(
    rule: Rule, means: Means, ring: State, candles: Candles, lines: Lines, signals: NDArray[Any]
) -> int:
    """Write down every cross that may be acted on, with the help of a fresh state; how many there were."""
    found, i, count = 0, rule.first, len(lines.closes)
    while True:
        i = next_cross(means, i)
        if i >= count:
            return found
        crossed = turned(lead_at(means, i), lead_at(means, i - 1))
        recall(ring, rule, i, candles, lines)
        if crossed == DOWN or action(ring, rule, crossed) == LONG:
            signal = signals[found]
            signal["place"], signal["kind"], signal["atr"] = i, crossed, atr(ring, rule)
            found += 1
        i += 1


def next_cross(means: Means, i: int) -> int:
    """The first candle from `i` on where the lines cross; how many candles there are when they do not."""
    if i >= len(means.quick):
        return len(means.quick)
    before = lead_at(means, i - 1)
    while i < len(means.quick):
        now = lead_at(means, i)
        if now * before <= 0 and turned(now, before) != NONE:  # two of one sign are looked at once
            break
        before = now
        i += 1
    return i


def lead_at(means: Means, i: int) -> float:
    return lead(means.quick[i], means.n_quick, means.slow[i], means.n_slow)


def recall(s: State, r: Rule, i: int, candles: Candles, lines: Lines) -> None:
    """All that a verdict looks at, as `features.step` leaves it after candle `i`."""
    s[SEEN] = i + 1
    s[CLOSE] = lines.closes[i]
    s[FAST] = lines.fasts[i]
    s[ATR] = lines.atrs[i]
    s[VOLUME_NOW] = candles.volumes[i]
    if r.n_slow > 0:
        s[SLOW] = lines.slows[i]
    if r.n_rsi > 0:
        s[GAIN] = lines.gains[i]
        s[LOSS] = lines.losses[i]
    if r.n_volume > 0:
        _fill(s, r.volumes_at, r.n_volume, i, candles.volumes)
    if r.n_chop > 0:
        _fill(s, r.fasts_at, r.n_chop + 1, i, lines.fasts)
        _fill_fractions(s, r.highs_at, r.n_chop, i, candles.highs, r.scale)
        _fill_fractions(s, r.lows_at, r.n_chop, i, candles.lows, r.scale)
    if r.n_spike > 0:
        _fill(s, r.atrs_at, r.n_spike + 1, i, lines.atrs)


def _fill(s: State, at: int, n: int, i: int, column: NDArray[Any]) -> None:
    """The ring of `n` numbers at `at`, with those of the candles up to `i`."""
    place = i % n
    for k in range(i, i - n, -1):
        s[at + place] = column[k]
        place = place - 1 if place > 0 else n - 1


def _fill_fractions(s: State, at: int, n: int, i: int, column: NDArray[Any], scale: float) -> None:
    """The same of prices."""
    place = i % n
    for k in range(i, i - n, -1):
        s[at + place] = fractions(column[k], scale)
        place = place - 1 if place > 0 else n - 1
