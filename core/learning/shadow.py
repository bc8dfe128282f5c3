"""The shadow ledger: every signal's bracket, followed over the candles that come after it. Pure.

The rules are the backtest's: in at the next open plus half the spread; stop and target from that price,
watched from the entry candle on; both touched: the stop; a gap fills at the open; the opposite cross closes
at the next open less half the spread, after a stop that lies there. A bracket that is still open after
`barrier` candles is closed at the close. Every fill pays the taker's fee. Nothing is labelled before it ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.model.market import Candle
from core.model.shadow import ShadowOutcome, ShadowSignal
from core.risk.brackets import NOTHING, STOP, touch, touch_price


@dataclass(slots=True)
class _Open:
    """One bracket under way; `entry` is 0 until the candle after the signal opens."""

    signal: ShadowSignal
    entry: float = 0.0
    stop: float = 0.0
    target: float = 0.0
    seen: int = 0  # candles since the entry, the entry candle included
    turned: bool = False  # the opposite cross closed its last candle
    last_ms: int = 0


class ShadowBook:
    """The open brackets of every pair, rule and timeframe."""

    def __init__(self, signals: Iterable[ShadowSignal] = ()) -> None:
        """`signals` without an outcome yet: their candles are taken again from the signal on."""
        self._open: dict[tuple[str, str], list[_Open]] = {}
        for signal in signals:
            self.watch(signal)

    def __len__(self) -> int:
        return sum(map(len, self._open.values()))

    def watch(self, signal: ShadowSignal) -> None:
        """Follow one more signal from the candle after it. Raises ValueError when it has no stop."""
        if not signal.stop_distance > 0:
            raise ValueError(f"{signal.id} has no stop: its result has no unit")
        self._open.setdefault((signal.symbol, signal.timeframe), []).append(
            _Open(signal, last_ms=signal.candle_ms)
        )

    def take(
        self,
        symbol: str,
        timeframe: str,
        length_ms: int,
        candle: Candle,
        turned: frozenset[str] = frozenset(),
    ) -> list[ShadowOutcome]:
        """One more closed candle of a pair; the brackets it ended. A candle that was taken before is ignored.

        `turned` are the rules whose opposite cross this candle is.
        """
        waiting = self._open.get((symbol, timeframe))
        if not waiting:
            return []
        ended = [(one, outcome) for one in waiting if (outcome := _step(one, candle, length_ms, turned))]
        if ended:
            gone = {id(one) for one, _ in ended}
            self._open[symbol, timeframe] = [one for one in waiting if id(one) not in gone]
        return [outcome for _, outcome in ended]

    def __iter__(self) -> Iterator[ShadowSignal]:
        return (one.signal for group in self._open.values() for one in group)


def _step(one: _Open, candle: Candle, length_ms: int, turned: frozenset[str]) -> ShadowOutcome | None:
    signal = one.signal
    if candle.time_ms <= one.last_ms:
        return None
    one.last_ms = candle.time_ms
    if not one.entry:
        one.entry = candle.open * (1 + signal.spread / 2)
        one.stop = one.entry - signal.stop_distance
        one.target = one.entry + signal.target_distance if signal.target_distance else float("inf")
    one.seen += 1
    ended = _ended(one, candle)
    if ended is None:
        one.turned = signal.exits_on_turn and signal.rule in turned
        return None
    how, price = ended
    return ShadowOutcome(signal.id, candle.time_ms + length_ms, how, one.entry, price, _result(one, price))


def _ended(one: _Open, candle: Candle) -> tuple[str, float] | None:
    """(how, at what price) this candle ends the bracket, or None."""
    out = 1 - one.signal.spread / 2
    if one.turned and candle.open > one.stop:
        return "signal", candle.open * out
    what = touch(candle.low, candle.high, one.stop, one.target)
    if what != NOTHING:
        how = "stop" if what == STOP else "target"
        return how, touch_price(what, candle.open, one.stop, one.target)
    if one.seen >= one.signal.barrier:
        return "time", candle.close * out
    return None


def _result(one: _Open, price: float) -> float:
    """Net result in units of the stop distance: both fees off, spread in the prices."""
    fees = one.signal.taker * (one.entry + price)
    return (price - one.entry - fees) / one.signal.stop_distance
