"""Rules compared: variants of the rule that only watch, so that "successful strategies" compares something.

Price crossing its SMA20 and SMA20 crossing SMA50, on 5m, 1h, 4h and 1d candles, each with and without
confirmation by slower ones. Every long of theirs is written to the shadow ledger and followed there by the
backtest's rules; none is ever traded. The rule in force is followed by the learner and not here.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

from core.clock import Clock, WallSeconds
from core.engine import words
from core.engine.ports import Journal, Market
from core.learning.recorder import Recorder, Terms
from core.matching.fees import TieredFees
from core.model.errors import VenueError
from core.model.market import Candle, Timeframe
from core.model.money import Money
from core.model.shadow import Evidence, Fate, ShadowSignal
from core.risk.record import Record, record_of
from core.strategy.multi_timeframe import Confirmation, Fold
from core.strategy.rule import rule_in_words, rule_name
from core.strategy.signal import LONG
from core.strategy.signal_engine import SignalEngine
from core.trading_config import Config, CostConfig

TIMEFRAMES = (Timeframe.M5, Timeframe.H1, Timeframe.H4, Timeframe.D1)
CROSSES = ("price_fast", "fast_slow")
_PAUSE = WallSeconds(2.0)
_BETWEEN = WallSeconds(1.0)  # two readings: in a demo they are work for the same processor
_HISTORY = 720


class Rivalry(Protocol):
    """What the ledger gives back."""

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]: ...

    async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
        """Net results in R of every rule, by the rule's name."""
        ...


class NoRivalry:
    """A world without a ledger."""

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]:
        return []

    async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
        return {}


@dataclass(slots=True)
class _Lane:
    """One pair on one timeframe: both rules' states and the slower candles that confirm."""

    timeframe: Timeframe
    fold: Fold | None
    engines: dict[str, SignalEngine]
    confirmation: Confirmation
    last_ms: int = -1
    seeded: bool = False
    waiting: list[Candle] = field(default_factory=list)  # closed before the history was read


class RivalRules:
    """Watches every pair by every variant."""

    def __init__(
        self, config: Config, market: Market, journal: Journal, ledger: Rivalry, clock: Clock, wanted: bool
    ) -> None:
        """`wanted` is the setting; without it nothing here is computed or read."""
        self._config = config
        self._market = market
        self._journal = journal
        self._ledger = ledger
        self._clock = clock
        self.wanted = wanted
        self._base = Timeframe(config.autopilot.timeframe)
        self._own = rule_name(config, self._base.value, config.features.multi_timeframe)
        self._timeframes = tuple(one for one in TIMEFRAMES if one.ms >= self._base.ms)
        self._lanes: dict[str, list[_Lane]] = {}
        self._taker, self._spread = taker_of(config.costs), config.costs.spread_bps / 10_000
        self._recorders = {name: Recorder(terms) for name, terms in self._terms()}

    def _terms(self) -> list[tuple[str, Terms]]:
        risk, made = self._config.risk, []
        for timeframe in self._timeframes:
            for cross in CROSSES:
                for confirmed in (False, True):
                    name = self._name(cross, timeframe, confirmed)
                    terms = Terms(
                        name, timeframe.value, timeframe.ms, risk.stop_atr, risk.take_profit_atr,
                        self._config.learning.barrier, self._config.exits.on_opposite_signal,
                        Evidence.RIVAL,
                    )  # fmt: skip
                    if name != self._own and (not confirmed or timeframe is not Timeframe.D1):
                        made.append((name, terms))
        return made

    def _name(self, cross: str, timeframe: Timeframe, confirmed: bool) -> str:
        return rule_name(
            replace(self._config, indicators=replace(self._config.indicators, cross=cross)),
            timeframe.value, confirmed,
        )  # fmt: skip

    @property
    def rules(self) -> tuple[str, ...]:
        return tuple(self._recorders)

    async def load(self) -> None:
        """Go on following what an earlier run wrote down."""
        for signal in await self._ledger.open_signals(Evidence.RIVAL):
            if signal.rule in self._recorders:
                self._recorders[signal.rule].follow((signal,))

    async def run(self) -> None:
        """Read each pair's slower history once, one request at a time, for nothing here is in a hurry."""
        if not self.wanted:
            return
        await self.load()
        while True:
            unread = next(
                (
                    (symbol, lane)
                    for symbol, lanes in self._lanes.items()
                    for lane in lanes
                    if not lane.seeded
                ),
                None,
            )
            if unread is not None:
                await self._seed(*unread)
            await self._clock.sleep(_PAUSE if unread is None else _BETWEEN)

    async def _seed(self, symbol: str, lane: _Lane) -> None:
        try:
            candles = await self._market.candles(symbol, lane.timeframe, _HISTORY)
        except VenueError:
            return  # asked for again in a moment
        if not lane.seeded:
            newest = candles[-1].time_ms if candles else -1
            for candle in candles:
                self._judge(lane, candle)
            for candle in lane.waiting:
                if candle.time_ms > newest:
                    self._judge(lane, candle)
            lane.seeded, lane.waiting = True, []
            for quicker in self._lanes[symbol]:
                quicker.confirmation.seed(lane.timeframe, candles)

    def take(self, symbol: str, candle: Candle, tick: Decimal) -> None:
        """One more closed candle of a pair."""
        if not self.wanted:
            return
        for lane in self._of(symbol, tick):
            lane.confirmation.take(candle)
            whole = candle if lane.fold is None else lane.fold.take(candle)
            if whole is None or whole.time_ms <= lane.last_ms:
                continue
            if lane.seeded:
                self._follow(symbol, lane, whole)
            else:
                lane.waiting.append(whole)

    def _of(self, symbol: str, tick: Decimal) -> list[_Lane]:
        known = self._lanes.get(symbol)
        if known is None:
            known = self._lanes[symbol] = [self._lane(one, tick) for one in self._timeframes]
        return known

    def _lane(self, timeframe: Timeframe, tick: Decimal) -> _Lane:
        config, slow = self._config, self._config.multi_timeframe
        slower = [Timeframe(one) for one in slow.timeframes if Timeframe(one).ms > timeframe.ms]
        engines = {
            cross: SignalEngine(replace(config.indicators, cross=cross), config.filters, tick)
            for cross in CROSSES
        }
        fold = None if timeframe is self._base else Fold(self._base, timeframe)
        return _Lane(timeframe, fold, engines, Confirmation(self._base, slower, slow.sma))

    def _judge(self, lane: _Lane, candle: Candle) -> None:
        """Let both rules see a candle of the past."""
        if candle.time_ms > lane.last_ms:
            lane.last_ms = candle.time_ms
            for engine in lane.engines.values():
                engine.take(candle)

    def _follow(self, symbol: str, lane: _Lane, candle: Candle) -> None:
        """Judge a candle that just closed; what a variant would have bought is written down and followed."""
        self._judge(lane, candle)
        close_ms = candle.time_ms + lane.timeframe.ms
        objections = lane.confirmation.objections(close_ms)
        for cross, engine in lane.engines.items():
            for confirmed in (False, True):
                recorder = self._recorders.get(self._name(cross, lane.timeframe, confirmed))
                if recorder is None:
                    continue
                self._journal.note(*recorder.take(symbol, candle, engine.crossed_down))
                if engine.action == LONG and not (confirmed and objections):
                    self._record(recorder, symbol, candle, engine.atr)

    def _record(self, recorder: Recorder, symbol: str, candle: Candle, atr: float) -> None:
        reason = "this rule only watches"
        signal = recorder.signal(
            symbol, candle.time_ms, atr, Fate.TRIED_OUT, reason, self._taker, self._spread
        )
        if signal is not None:
            self._journal.note(signal)

    async def compared(self) -> str:
        """Every rule with its results after costs, the best first; empty before there are any."""
        results = await self._ledger.results_by_rule(Evidence.RIVAL)
        results |= await self._ledger.results_by_rule(Evidence.SHADOW)
        if not results:
            return ""
        records = {rule: record_of(found) for rule, found in results.items()}
        own = rule_in_words(self._own)
        lines = [f"Rules compared, none of them traded but {own} (R after costs, per signal):"]
        ranked = sorted(records.items(), key=lambda one: (one[1].trades < 2, -one[1].mean, one[0]))
        lines += [f"{rule_in_words(rule)}: {_in_r(record)}" for rule, record in ranked]
        return "\n".join(lines)


def _in_r(record: Record) -> str:
    told = f"{words.count(record.trades, 'signal')}, {record.mean:+.2f} R"
    if record.low is None or record.high is None:
        return f"{told}; too few to say more"
    return f"{told} (95 % sure: {record.low:+.2f} to {record.high:+.2f})"


def taker_of(costs: CostConfig) -> float:
    """The taker's fee that a followed signal pays, as a share."""
    if costs.source == "kraken":
        return float(TieredFees().rates("", 0, Money(costs.volume_30d)).taker)
    return costs.taker
