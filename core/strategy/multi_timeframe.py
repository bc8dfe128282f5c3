"""Confirmation by slower candles: a long is confirmed while each of them closed above its own average.

The slower candles are read once from the exchange and from then on folded from the judged ones, by the rule
that Kraken's own files follow: buckets of UTC, left-closed, first/max/min/last/sum. A bucket of which a part
was not seen is never made up: that timeframe is then not known, and no long is confirmed before it is read
again.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from core.model.market import Candle, Timeframe


class Fold:
    """Candles of one timeframe made of shorter ones. `take` each closed shorter candle once, in order."""

    __slots__ = ("_base_ms", "_begun", "_ms", "_next_ms")

    def __init__(self, base: Timeframe, into: Timeframe) -> None:
        self._base_ms, self._ms = base.ms, into.ms
        self._begun: Candle | None = None
        self._next_ms = -1  # open of the shorter candle that goes on with the one begun

    def take(self, candle: Candle) -> Candle | None:
        """The longer candle that this one closes, if all of it was seen."""
        opens = candle.time_ms - candle.time_ms % self._ms
        if candle.time_ms == opens:
            self._begun = candle._replace(time_ms=opens)
        elif self._begun is None or candle.time_ms != self._next_ms:
            self._begun = None  # its beginning was not seen
            return None
        else:
            self._begun = joined(self._begun, candle)
        self._next_ms = candle.time_ms + self._base_ms
        return self._begun if self._next_ms == opens + self._ms else None


def joined(first: Candle, then: Candle) -> Candle:
    """Two neighbours as one candle. Without a trade there was no price: such a one only stands in."""
    if not then.volume:
        return first
    if not first.volume:
        return then._replace(time_ms=first.time_ms)
    return Candle(
        first.time_ms, first.open, max(first.high, then.high), min(first.low, then.low), then.close,
        first.volume + then.volume,
    )  # fmt: skip


def folded(candles: Iterable[Candle], base: Timeframe, into: Timeframe) -> list[Candle]:
    """Every whole longer candle that `candles` make."""
    fold = Fold(base, into)
    return [whole for candle in candles if (whole := fold.take(candle))]


class SlowFrame:
    """One slower timeframe of one pair: its last closes, read or folded, and what they say."""

    __slots__ = ("_closes", "_fold", "last_ms", "period", "timeframe")

    def __init__(self, base: Timeframe, timeframe: Timeframe, period: int) -> None:
        self.timeframe, self.period = timeframe, period
        self._fold = Fold(base, timeframe)
        self._closes: deque[float] = deque(maxlen=period)
        self.last_ms = -1  # open of the newest closed candle known without a hole

    def seed(self, candles: Sequence[Candle]) -> None:
        """Take over closed candles that were read, oldest first, in place of what was known."""
        newest = candles[-1].time_ms if candles else -1
        if newest >= self.last_ms:
            self._closes.clear()
            self._closes.extend(candle.close for candle in candles)
            self.last_ms = newest

    def take(self, candle: Candle) -> None:
        """One more closed candle of the judged timeframe."""
        whole = self._fold.take(candle)
        if whole is None or whole.time_ms <= self.last_ms:
            return
        if self.last_ms >= 0 and whole.time_ms != self.last_ms + self.timeframe.ms:
            self._closes.clear()  # a hole: what came before it does not count
        self._closes.append(whole.close)
        self.last_ms = whole.time_ms

    def stale(self, close_ms: int) -> bool:
        """Whether the newest candle that has closed by then is not known."""
        return self.last_ms < close_ms - close_ms % self.timeframe.ms - self.timeframe.ms

    def lacks(self, close_ms: int) -> bool:
        """Whether something has to be read before it can be told anything of it."""
        return len(self._closes) < self.period or self.stale(close_ms)

    def objection(self, close_ms: int) -> str:
        """Why a long is not confirmed at this close of the judged candle, or nothing."""
        name = self.timeframe.value
        if len(self._closes) < self.period:
            return f"{name}: {len(self._closes)} of {self.period} candles are known"
        if self.stale(close_ms):
            return f"{name}: its last closed candle is not known"
        average, close = sum(self._closes) / self.period, self._closes[-1]
        if close > average:
            return ""
        return f"{name}: closed at {close:g}, not above its SMA{self.period} of {average:.6g}"


class Confirmation:
    """All slower timeframes of one pair."""

    __slots__ = ("frames",)

    def __init__(self, base: Timeframe, timeframes: Iterable[Timeframe], period: int) -> None:
        self.frames = tuple(SlowFrame(base, one, period) for one in timeframes if one.ms > base.ms)

    def seed(self, timeframe: Timeframe, candles: Sequence[Candle]) -> None:
        """Take over closed candles of one slower timeframe that were read, when it is one of these."""
        for frame in self.frames:
            if frame.timeframe is timeframe:
                frame.seed(candles)

    def take(self, candle: Candle) -> None:
        """One more closed candle of the judged timeframe."""
        for frame in self.frames:
            frame.take(candle)

    def unknown(self, close_ms: int) -> list[SlowFrame]:
        """The timeframes that have to be read before they can be folded on."""
        return [one for one in self.frames if one.lacks(close_ms)]

    def objections(self, close_ms: int) -> list[str]:
        """Why a long is not confirmed; empty when every timeframe agrees."""
        return [why for one in self.frames if (why := one.objection(close_ms))]
