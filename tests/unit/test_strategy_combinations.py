"""All 64 combinations of filters against a second computation with TA-Lib and numpy, candle by candle."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
import talib
from numpy.typing import NDArray

from core.model.market import Candle
from core.strategy.rule import rule_in_words, rule_name
from core.strategy.signal import DOWN, NONE, UP, meeting_close
from core.strategy.signal_engine import SignalEngine
from core.trading_config import FILTER_NAMES, IndicatorConfig, MarketFilters, load
from tests.unit.test_strategy_indicators import CENT, columns, walk

LOOSE = MarketFilters(
    rsi_long_max=58.0, rsi_short_min=45.0, volume_lookback=30, volume_percentile_min=45.0,
    volatility_min=0.0045, volatility_max=0.0056, chop_lookback=12, chop_slope_min=0.002,
    chop_range_min=0.012, atr_spike_lookback=25, atr_spike_max=1.05,
)  # fmt: skip
CONFIG = IndicatorConfig(sma_fast=8, sma_slow=21, rsi_period=7, atr_period=9)
SUBSETS = [subset for count in range(7) for subset in combinations(FILTER_NAMES, count)]
CANDLES = walk(77, 700, step=0.004)
Verdicts = dict[str, tuple[NDArray[np.bool_], NDArray[np.bool_]]]


def _oracle() -> tuple[NDArray[np.int64], Verdicts, dict[str, int]]:
    """Crosses, what each filter says of (long, short), and from which index on each exists."""
    highs, lows, closes = (np.array(column) for column in columns(CANDLES))
    volumes = np.array([one.volume for one in CANDLES])
    f = LOOSE
    fast, slow = talib.SMA(closes, CONFIG.sma_fast), talib.SMA(closes, CONFIG.sma_slow)
    atr, rsi = talib.ATR(highs, lows, closes, CONFIG.atr_period), talib.RSI(closes, CONFIG.rsi_period)
    gap = np.round(closes - fast, 9)
    before = np.roll(gap, 1)
    crosses = np.where((gap > 0) & (before <= 0), UP, np.where((gap < 0) & (before >= 0), DOWN, NONE))
    trend = fast - slow
    calm = (atr / closes >= f.volatility_min) & (atr / closes <= f.volatility_max)
    rank = np.array([_rank(volumes, i, f.volume_lookback) for i in range(len(volumes))])
    loud = rank >= f.volume_percentile_min
    slope = np.abs(fast / np.roll(fast, f.chop_lookback) - 1)
    reach = (talib.MAX(highs, f.chop_lookback) - talib.MIN(lows, f.chop_lookback)) / closes
    moving = (slope >= f.chop_slope_min) | (reach >= f.chop_range_min)
    normal = np.roll([np.mean(atr[max(0, i - f.atr_spike_lookback + 1) : i + 1]) for i in range(len(atr))], 1)
    quiet = atr <= f.atr_spike_max * normal
    verdicts: Verdicts = {
        "trend": (trend > 0, trend < 0),
        "rsi": (rsi < f.rsi_long_max, rsi > f.rsi_short_min),
        "volume": (loud, loud),
        "volatility": (calm, calm),
        "chop": (moving, moving),
        "atr_spike": (quiet, quiet),
    }
    exists = {
        "trend": CONFIG.sma_slow - 1, "rsi": CONFIG.rsi_period, "volume": f.volume_lookback - 1,
        "volatility": CONFIG.atr_period, "chop": CONFIG.sma_fast - 1 + f.chop_lookback,
        "atr_spike": CONFIG.atr_period + f.atr_spike_lookback,
    }  # fmt: skip
    return crosses, verdicts, exists


def _rank(volumes: NDArray[np.float64], at: int, lookback: int) -> float:
    """The percentile as scipy's percentileofscore (kind mean) has it among the others; 0 for no volume."""
    others = volumes[max(0, at - lookback + 1) : at]
    if volumes[at] <= 0 or not len(others):
        return 0.0
    return float(100 * (np.sum(others < volumes[at]) + 0.5 * np.sum(others == volumes[at])) / len(others))


CROSSES, VERDICTS, EXISTS = _oracle()


@pytest.mark.parametrize("subset", SUBSETS, ids=lambda one: "+".join(one) or "none")
def test_every_combination_of_filters_decides_as_the_second_computation(subset: tuple[str, ...]) -> None:
    filters = MarketFilters(
        subset, LOOSE.rsi_long_max, LOOSE.rsi_short_min, LOOSE.volume_lookback, LOOSE.volume_percentile_min,
        LOOSE.volatility_min, LOOSE.volatility_max, LOOSE.chop_lookback, LOOSE.chop_slope_min,
        LOOSE.chop_range_min, LOOSE.atr_spike_lookback, LOOSE.atr_spike_max,
    )  # fmt: skip
    engine = SignalEngine(CONFIG, filters, CENT)
    first = 1 + max([CONFIG.sma_fast - 1, CONFIG.atr_period, *(EXISTS[name] for name in subset)])
    assert engine.candles_needed == first + 1
    signals = 0
    for at, candle in enumerate(CANDLES):
        action = engine.take(candle)
        crossed = int(CROSSES[at]) if at >= first else NONE
        side = 0 if crossed == UP else 1
        passed = crossed != NONE and all(VERDICTS[name][side][at] for name in subset)
        assert (engine.crossed, action) == (crossed, crossed if passed else NONE), candle
        signals += bool(action)
    assert signals or len(subset) > 3
    told = engine.explain()
    assert {one.name for one in (*told.passed_filters, *told.failed_filters)} == set(subset)


@pytest.mark.parametrize("cross", ["price_fast", "fast_slow"])
def test_the_close_that_would_have_flipped_a_missing_cross_does_flip_it(cross: str) -> None:
    config = IndicatorConfig(cross=cross, sma_fast=5, sma_slow=12, rsi_period=3, atr_period=3)
    rows, tried = walk(5, 160), 0
    for end in range(60, 160):
        engine = SignalEngine(config, MarketFilters(enabled=()), CENT)
        engine.rebuild(rows[: end + 1])
        told = engine.explain()
        if engine.crossed != NONE or "would have crossed" not in told.flip:
            continue
        at = meeting_close(engine._state, engine.rule) / engine.rule.scale
        wanted = UP if "crossed up" in told.flip else DOWN
        for step, expected in ((0.02 * wanted, wanted), (-0.02 * wanted, NONE)):
            close = at + step
            moved = Candle(rows[end].time_ms, close, close, close, close, 1.0)
            engine.rebuild([*rows[:end], moved])
            assert engine.crossed == expected, (told.flip, close)
        tried += 1
    assert tried > 20


def test_nothing_that_comes_later_changes_an_earlier_decision() -> None:
    engine = SignalEngine(CONFIG, LOOSE, CENT)
    whole = [engine.take(candle) for candle in CANDLES]
    for cut in (200, 399, 560):
        other = SignalEngine(CONFIG, LOOSE, CENT)
        assert [other.take(candle) for candle in [*CANDLES[:cut], *walk(1, 50)]][:cut] == whole[:cut]


def test_a_rules_name_says_every_setting_that_is_not_the_default() -> None:
    def named(**settings: str) -> str:
        return rule_name(
            load({}, None, {key.replace("__", "."): value for key, value in settings.items()}), "5m"
        )

    assert named() == "sma20-price_fast@1/5m"
    assert rule_in_words(named()) == "price over SMA20 on 5m candles"
    slower = named(indicators__cross="fast_slow").replace("/5m", "/5m+slower")
    assert rule_in_words(slower) == "SMA20 over SMA50 on 5m candles, slower candles agreeing"
    assert rule_in_words("another name") == "another name"
    assert named(indicators__cross="fast_slow", indicators__sma_slow="60") == "sma20-60-fast_slow@1/5m"
    assert named(risk__stop_atr="3", filters__enabled="rsi,chop", filters__rsi_long_max="65") == (
        "sma20-price_fast@1/5m filters=rsi+chop rsi_long_max=65.0 stop_atr=3.0"
    )
    assert named(indicators__sma_slow="60", filters__enabled="", exits__on_opposite_signal="false") == (
        "sma20-price_fast@1/5m sma_slow=60 filters=none on_opposite_signal=False"
    )
