"""The multi-signal decision engine: closed candles of one pair in, an action out, evidence on request."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.model.decisions import Action, FilterReading, SignalResult
from core.model.market import Candle
from core.strategy import features
from core.strategy.features import FAST_SLOW, Rule, fresh_state, scale_decimals, step
from core.strategy.filters import FilterReader
from core.strategy.rule import make_rule
from core.strategy.signal import DOWN, HOLD, LONG, NONE, SHORT, UP, action, cross, led, meeting_close
from core.trading_config import IndicatorConfig, MarketFilters

_ACTIONS = {LONG: Action.LONG, SHORT: Action.SHORT, HOLD: Action.HOLD}
_CROSSES = {UP: "up", DOWN: "down", NONE: ""}
MIN_HISTORY = 720  # candles a state is rebuilt from, so that replay, restart and live agree


class SignalEngine:
    """One pair's rule and state. `take` each closed candle once, in order; ask `explain` only when needed."""

    __slots__ = ("_filters", "_lines", "_rule", "_state", "action", "crossed", "last_ms")

    def __init__(self, indicators: IndicatorConfig, filters: MarketFilters, tick: Decimal) -> None:
        self._rule: Rule = make_rule(indicators, filters, scale_decimals(tick))
        self._lines = _lines(self._rule)
        self._filters = FilterReader(self._rule, tuple(dict.fromkeys(filters.enabled)))
        self._state = fresh_state(self._rule)
        self.action = HOLD
        self.crossed = NONE
        self.last_ms = -1

    @property
    def rule(self) -> Rule:
        return self._rule

    @property
    def ready(self) -> bool:
        """Whether every enabled indicator exists on the last candle and the one before."""
        return features.ready(self._state, self._rule)

    @property
    def candles_needed(self) -> int:
        """How many candles must be seen before the first judgement."""
        return self._rule.first + 1

    @property
    def atr(self) -> float:
        """ATR of the last candle in price units; bracket distances are multiples of it."""
        return features.atr(self._state, self._rule)

    @property
    def close(self) -> float:
        return self._state[features.CLOSE] / self._rule.scale

    def rebuild(self, candles: Iterable[Candle]) -> None:
        """Forget everything and take `candles` (closed, oldest first, without holes)."""
        self._state = fresh_state(self._rule)
        self._filters.reset()
        self.action, self.crossed, self.last_ms = HOLD, NONE, -1
        for candle in candles:
            self.take(candle)

    def take(self, candle: Candle) -> int:
        """Judge one more closed candle: LONG, SHORT or HOLD. `crossed` then holds the raw cross."""
        s, r = self._state, self._rule
        self._filters.follow(s, candle.volume)
        step(s, r, candle.high, candle.low, candle.close, candle.volume)
        self.last_ms = candle.time_ms
        self.crossed = cross(s, r)
        self.action = HOLD if self.crossed == NONE else action(s, r, self.crossed)
        return self.action

    @property
    def crossed_down(self) -> bool:
        """Whether the last candle is a raw cross down: an exit that asks no filter."""
        return self.crossed == DOWN

    def explain(self) -> SignalResult:
        """The last candle's signal in words, with every number that was looked at.

        Without a cross the filters are read for the long side, to say what stands in the way of one.
        """
        s, r = self._state, self._rule
        if not self.ready:
            seen, needed = int(s[features.SEEN]), self.candles_needed
            return SignalResult(Action.HOLD, f"warming up: {seen} of {needed} candles seen", close=self.close)
        found = self._filters.readings(s, self.crossed or LONG)
        failed = tuple([one for one in found if not one.passed])
        return SignalResult(
            action=_ACTIONS[self.action],
            reason=self._reason(failed),
            passed_filters=tuple([one for one in found if one.passed]) if failed else found,
            failed_filters=failed,
            crossed=_CROSSES[self.crossed],
            close=self.close,
            sma_fast=s[features.FAST] / r.n_fast / r.scale,
            sma_slow=s[features.SLOW] / r.n_slow / r.scale if r.n_slow else 0.0,
            rsi=features.rsi(s, r) if r.n_rsi else 0.0,
            atr=self.atr,
            meets_at=round(meeting_close(s, r)) / r.scale,
            led=led(s, r),
        )

    def _reason(self, failed: tuple[FilterReading, ...]) -> str:
        if self.crossed == NONE:
            return f"no cross: {self._lines} did not cross"
        crossed = f"{self._lines} crossed {_CROSSES[self.crossed]}"
        if failed:
            return f"{crossed}, but " + ", ".join(map(_failure, failed))
        return crossed + (" and every filter passed" if self._rule.filters else "; no filter is enabled")


def _lines(r: Rule) -> str:
    return f"SMA{r.n_fast} and SMA{r.n_slow}" if r.cross == FAST_SLOW else f"price and SMA{r.n_fast}"


def _failure(one: FilterReading) -> str:
    return f"{one.name.replace('_', ' ')} failed ({one.shown}, needed {one.needed})"
