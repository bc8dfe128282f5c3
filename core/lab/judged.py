"""The signals of a set of histories under any rule; what rules share is computed once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from core.lab.data import History
from core.lab.judging import Candles, Lines, Means
from core.lab.kernel import Compiled
from core.lab.latest import Latest
from core.lab.packing import numbers, rule_of
from core.lab.tables import SIGNAL
from core.strategy.features import FAST_SLOW, Rule, fresh_state
from core.trading_config import IndicatorConfig, MarketFilters

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KEPT_SIGNALS = 1 << 21  # of all rules together, about 30 MB
_KEPT_NUMBERS = 1 << 23  # of all indicators together, 64 MB
_NOTHING = np.empty(0)


class Judged:
    """Several threads may ask one."""

    def __init__(self, compiled: Compiled, histories: Sequence[History]) -> None:
        self._compiled = compiled
        self._histories = histories
        self._start_ms = min(one.start_ms for one in histories)
        # What lies on disk is more than memory should hold, and so are its indicators.
        most = 0 if histories[0].shelf is not None else _KEPT_NUMBERS
        self._columns: Latest[tuple[int, str, int]] = Latest(most)  # by history, kind and length
        self._signals: Latest[tuple[IndicatorConfig, MarketFilters]] = Latest(_KEPT_SIGNALS)
        self.rules = 0  # that were judged

    def signals(self, indicators: IndicatorConfig, filters: MarketFilters) -> NDArray[Any]:
        """Every cross that may be acted on, in order of place, then of symbol."""
        found = self._signals.get((indicators, filters))
        if found is None:
            parts = [self._judge(k, indicators, filters) for k in range(len(self._histories))]
            found = parts[0]
            if len(parts) > 1:
                found = np.concatenate(parts)
                del parts
                order = np.argsort(found["place"], kind="stable")
                for name in SIGNAL.names or ():  # one by one: all at once would need as much memory again
                    found[name] = found[name][order]
            self._signals.keep((indicators, filters), found)
            self.rules += 1
        return found

    def _judge(self, number: int, indicators: IndicatorConfig, filters: MarketFilters) -> NDArray[Any]:
        history = self._histories[number]
        rule = rule_of(history.pair, indicators, filters)
        candles = Candles(numbers(history.highs), numbers(history.lows), numbers(history.volumes))
        lines = self._lines(number, rule, candles)
        if rule.cross == FAST_SLOW:
            means = Means(lines.fasts, rule.n_fast, lines.slows, rule.n_slow)
        else:
            means = Means(lines.closes, 1, lines.fasts, rule.n_fast)
        room = np.empty(len(history), SIGNAL)
        count = self._compiled.judge(rule, means, np.array(fresh_state(rule)), candles, lines, room)
        del lines, means  # so that what stays of this pair lies where they were, not behind them
        found = room[:count].copy()
        history.let_go()
        found["slot"] = number
        found["place"] += (history.start_ms - self._start_ms) // history.timeframe.ms
        return found

    def _lines(self, number: int, rule: Rule, candles: Candles) -> Lines:
        """The indicators of one pair under a rule; those that are not there yet are computed."""
        prices = numbers(self._histories[number].closes)
        closes = self._column(
            (number, "closes", 1), len(prices), lambda room: self._compiled.count_up(rule.scale, prices, room)
        )
        fasts, slows = self._sums(number, closes, rule.n_fast), self._sums(number, closes, rule.n_slow)
        return Lines(closes, fasts, slows, *self._smoothed(number, rule, candles, closes))

    def _sums(self, number: int, closes: NDArray[Any], length: int) -> NDArray[Any]:
        if not length:
            return _NOTHING
        key = (number, "sums", length)
        return self._column(key, len(closes), lambda room: self._compiled.add_up(closes, length, room))

    def _column(
        self, key: tuple[int, str, int], count: int, fill: Callable[[NDArray[Any]], None]
    ) -> NDArray[Any]:
        found = self._columns.get(key)
        if found is None:
            found = np.empty(count)
            fill(found)
            self._columns.keep(key, found)
        return found

    def _smoothed(
        self, number: int, rule: Rule, candles: Candles, closes: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Ranges, gains and losses; what is missing in one go, for each alone waits for its own divisions."""
        ranges, moves = (number, "ranges", rule.n_atr), (number, "moves", rule.n_rsi)
        atrs, both = self._columns.get(ranges), self._columns.get(moves)
        n_atr, n_rsi = rule.n_atr if atrs is None else 0, rule.n_rsi if both is None else 0
        if atrs is None:
            atrs = np.empty(len(closes))
        if both is None:
            both = np.empty((2, len(closes) if n_rsi else 0))
        if n_atr or n_rsi:
            self._compiled.smooth(rule.scale, candles, closes, n_atr, n_rsi, atrs, *both)
            self._columns.keep(ranges, atrs)
            self._columns.keep(moves, both)
        return atrs, both[0], both[1]
