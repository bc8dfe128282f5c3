"""Recorded candles through the live rule and recorder into the shadow ledger, marked as backfill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.lab.data import History
from core.learning.recorder import Recorder, Terms
from core.model.market import FeeRates
from core.model.shadow import Evidence, Fate, ShadowOutcome, ShadowSignal
from core.strategy.rule import rule_name
from core.strategy.signal import LONG, UP
from core.strategy.signal_engine import SignalEngine
from core.trading_config import Config

Row = ShadowSignal | ShadowOutcome


def backfill(config: Config, histories: Sequence[History], fees: FeeRates) -> Iterator[list[Row]]:
    """The signals and outcomes of each candle that has any, pair by pair."""
    for history in histories:
        yield from _pair(config, history, fees)


def _pair(config: Config, history: History, fees: FeeRates) -> Iterator[list[Row]]:
    engine = SignalEngine(config.indicators, config.filters, history.pair.tick)
    recorder = Recorder(_terms(config, history))
    taker, spread = float(fees.taker), config.costs.spread_bps / 10_000
    for index in range(len(history)):
        candle = history.candle(index)
        engine.take(candle)
        rows: list[Row] = [*recorder.take(history.symbol, candle, engine.crossed_down)]
        if engine.crossed == UP:
            fate = Fate.TAKEN if engine.action == LONG else Fate.FILTERED
            reason = engine.explain().reason
            made = recorder.signal(history.symbol, candle.time_ms, engine.atr, fate, reason, taker, spread)
            rows += [made] if made else []
        if rows:
            yield rows


def _terms(config: Config, history: History) -> Terms:
    timeframe = history.timeframe
    return Terms(
        rule_name(config, timeframe.value, config.features.multi_timeframe), timeframe.value,
        timeframe.ms, config.risk.stop_atr, config.risk.take_profit_atr, config.learning.barrier,
        config.exits.on_opposite_signal, Evidence.BACKFILL,
    )  # fmt: skip
