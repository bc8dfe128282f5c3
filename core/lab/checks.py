"""Two questions that a backtest must answer: does it look ahead, and is its warm-up long enough?"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.lab.backtest_mode import backtest
from core.lab.data import DataFault, History
from core.lab.remarks import too_short
from core.matching.fees import FeeModel
from core.strategy.signal_engine import MIN_HISTORY, SignalEngine
from core.trading_config import Config

Judge = Callable[[Config, History], list[tuple[int, int]]]

_CUTS = 5
_PLACES = 10  # where a rebuilt state is compared with one carried on
_FOLLOWED = 200  # candles for which they are compared


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check came to; `fault` is empty when it holds."""

    text: str
    fault: str = ""


def check_lookahead(
    config: Config,
    histories: Sequence[History],
    fees: FeeModel,
    seed: int = 1,
    judge: Judge | None = None,
) -> Iterator[Finding]:
    """Change every candle after a cut: decisions and trades up to the cut must stay what they were.

    `judge` gives (action, cross) of every candle; Zyn's own rule unless another is held to it.
    """
    for history in histories:
        yield _decisions_hold(config, history, seed, judge or judged)
    yield _trades_hold(config, histories, fees, seed)


def _cuts(length: int) -> list[int]:
    return [length * k // (_CUTS + 1) for k in range(1, _CUTS + 1)]


def _changed(history: History, cut: int, seed: int) -> History:
    """The same candles up to `cut`; all later ones are made up."""
    rng, columns = random.Random(seed * 1_000_003 + cut), [array("d") for _ in range(5)]
    close = history.closes[cut - 1]
    for at in range(len(history)):
        if at < cut:
            row = history.candle(at)[1:]
        else:
            opened, close = close, close * (1 + rng.gauss(0, 0.01))
            high, low = max(opened, close) * 1.002, min(opened, close) * 0.998
            row = (opened, high, low, close, rng.random() * 10)
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    opens, highs, lows, closes, volumes = columns
    return replace(history, opens=opens, highs=highs, lows=lows, closes=closes, volumes=volumes)


def judged(config: Config, history: History) -> list[tuple[int, int]]:
    engine = SignalEngine(config.indicators, config.filters, history.pair.tick)
    return [(engine.take(history.candle(at)), engine.crossed) for at in range(len(history))]


def _decisions_hold(config: Config, history: History, seed: int, judge: Judge) -> Finding:
    whole = judge(config, history)
    for cut in _cuts(len(history)):
        other = judge(config, _changed(history, cut, seed))
        for at in range(cut):
            if whole[at] != other[at]:
                where = f"{history.symbol} candle {at} changed with candles after {cut}"
                return Finding("", f"looks ahead: the decision on {where}")
    signals = sum(1 for action, _ in whole if action)
    return Finding(
        f"{history.symbol}: {len(whole):,} decisions ({signals} signals) stay the same when all candles "
        f"after {_CUTS} cuts are changed."
    )


def _trades_hold(config: Config, histories: Sequence[History], fees: FeeModel, seed: int) -> Finding:
    whole = backtest(config, histories, fees).trips
    start = min(one.start_ms for one in histories)
    compared = 0
    for share in range(1, _CUTS + 1):
        cuts = {one.symbol: len(one) * share // (_CUTS + 1) for one in histories}
        changed = [_changed(one, cuts[one.symbol], seed) for one in histories]
        until = min(one.start_ms + cuts[one.symbol] * one.timeframe.ms for one in histories) - 1
        until = max(until, start)
        before = [trip for trip in whole if trip.closed_ms < until and trip.reason != "end"]
        after = [trip for trip in backtest(config, changed, fees).trips if trip.closed_ms < until]
        if before != [trip for trip in after if trip.reason != "end"]:
            return Finding("", f"looks ahead: trades closed before candle {cuts} changed with later candles")
        compared += len(before)
    return Finding(f"Trades: {compared:,} closed before {_CUTS} cuts stay the same, to the cent.")


def check_warmup(config: Config, histories: Sequence[History]) -> Iterator[Finding]:
    """Whether a state rebuilt from the stored candles decides as one that was carried on."""
    for history in histories:
        yield _warmup_holds(config, history)


def _warmup_holds(config: Config, history: History) -> Finding:
    engine = SignalEngine(config.indicators, config.filters, history.pair.tick)
    needed = engine.candles_needed
    if short := too_short(config, history):
        raise DataFault(short)
    first, last = max(needed, MIN_HISTORY), len(history) - 1
    places = sorted({first + (last - first) * k // _PLACES for k in range(_PLACES)}) if first < last else []
    worst = 0.0
    for place in places:
        away, fault = _compared(config, history, place)
        if fault:
            return Finding("", fault)
        worst = max(worst, away)
    enough = f"a state rebuilt from {MIN_HISTORY} candles decides as one carried on at {len(places)} places"
    tested = (
        f"{enough}; their ATR differs by {worst:.1e} at most" if places else "too short to rebuild a state"
    )
    return Finding(f"{history.symbol}: the first judgement needs {needed} candles; {tested}.")


def _compared(config: Config, history: History, place: int) -> tuple[float, str]:
    """The largest relative difference of the ATR, and the first decision that differs."""
    carried = SignalEngine(config.indicators, config.filters, history.pair.tick)
    rebuilt = SignalEngine(config.indicators, config.filters, history.pair.tick)
    carried.rebuild(history.candle(at) for at in range(place))
    rebuilt.rebuild(history.candle(at) for at in range(max(0, place - MIN_HISTORY), place))
    worst = 0.0
    for at in range(place, min(len(history), place + _FOLLOWED)):
        candle = history.candle(at)
        if (carried.take(candle), carried.crossed) != (rebuilt.take(candle), rebuilt.crossed):
            short = f"{history.symbol} candle {at} is decided otherwise by a state of {MIN_HISTORY} candles"
            return worst, f"the warm-up is too short: {short}"
        worst = max(worst, abs(rebuilt.atr / carried.atr - 1) if carried.atr else 0.0)
    return worst, ""
