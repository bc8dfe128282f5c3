"""From closed candles to the shadow ledger: one recorder for the service and for recorded history. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.learning.shadow import ShadowBook
from core.learning.surroundings import SCHEMA, Surroundings
from core.model.market import Candle
from core.model.shadow import Evidence, Fate, ShadowOutcome, ShadowSignal


@dataclass(frozen=True, slots=True)
class Terms:
    """How a rule trades: what every one of its signals is followed by."""

    rule: str
    timeframe: str
    length_ms: int
    stop_atr: float
    take_profit_atr: float
    barrier: int  # candles
    exits_on_turn: bool
    evidence: Evidence = Evidence.SHADOW


class Recorder:
    """Follows every pair's signals under one rule."""

    def __init__(self, terms: Terms, under_way: Iterable[ShadowSignal] = ()) -> None:
        """`under_way` are signals of an earlier run that have no outcome yet."""
        self.terms = terms
        self._book = ShadowBook(under_way)
        self._around: dict[str, Surroundings] = {}

    def follow(self, signals: Iterable[ShadowSignal]) -> None:
        """Take up signals, of this rule or of one that only watches."""
        for signal in signals:
            self._book.watch(signal)

    def take(self, symbol: str, candle: Candle, turned: bool) -> list[ShadowOutcome]:
        """One more closed candle of a pair; `turned` when it is the rule's opposite cross."""
        self._around.setdefault(symbol, Surroundings()).take(candle)
        rules = frozenset((self.terms.rule,)) if turned else frozenset()
        return self._book.take(symbol, self.terms.timeframe, self.terms.length_ms, candle, rules)

    def features(self, symbol: str, candle_ms: int, spread: float) -> dict[str, int]:
        """The learner's buckets of a signal on the last candle taken."""
        around = self._around.setdefault(symbol, Surroundings())
        return around.features(candle_ms + self.terms.length_ms, spread)

    def signal(
        self,
        symbol: str,
        candle_ms: int,
        atr: float,
        fate: Fate,
        reason: str,
        taker: float,
        spread: float,
        multiplier: float = 1.0,
    ) -> ShadowSignal | None:
        """Write a signal on the last candle down and follow it; None without a range to set a stop by."""
        terms = self.terms
        if not atr > 0:
            return None
        made = ShadowSignal(
            symbol, terms.timeframe, terms.rule, candle_ms, terms.evidence, fate, reason,
            self.features(symbol, candle_ms, spread), SCHEMA, terms.stop_atr * atr,
            terms.take_profit_atr * atr, taker, spread, terms.barrier, terms.exits_on_turn, multiplier,
        )  # fmt: skip
        self._book.watch(made)
        return made
