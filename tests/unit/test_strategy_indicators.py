"""Indicators against TA-Lib, and the exactness that crosses rest on."""

from __future__ import annotations

import math
import random
from decimal import Decimal

import numpy as np
import pytest
import talib

from core.model.market import Candle
from core.strategy import candle_strategy as strategy
from core.strategy.signal import DOWN, NONE, UP
from core.strategy.signal_engine import SignalEngine
from core.trading_config import IndicatorConfig, MarketFilters

CENT = Decimal("0.01")


def walk(seed: int, count: int, start: float = 100.0, step: float = 0.003) -> list[Candle]:
    """A random market on a grid of cents, with flat candles among the moving ones."""
    rng, close, candles = random.Random(seed), start, []
    for i in range(count):
        if i and rng.random() < 0.1:
            candles.append(Candle(i * 300_000, close, close, close, close, 0.0))
            continue
        opened = close
        close = round(max(0.5, opened * (1 + rng.gauss(0, step))), 2)
        high = round(max(opened, close) * (1 + abs(rng.gauss(0, step / 2))), 2)
        low = round(min(opened, close) * (1 - abs(rng.gauss(0, step / 2))), 2)
        candles.append(Candle(i * 300_000, opened, high, min(low, opened, close), close, rng.uniform(1, 9)))
    return candles


def columns(candles: list[Candle]) -> tuple[list[float], list[float], list[float]]:
    return [c.high for c in candles], [c.low for c in candles], [c.close for c in candles]


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("period", [2, 14, 50])
def test_sma_rsi_and_atr_equal_ta_lib(seed: int, period: int) -> None:
    highs, lows, closes = columns(walk(seed, 900))
    ours = (
        strategy.calculate_sma(closes, period),
        strategy.calculate_rsi(closes, period),
        strategy.calculate_atr(highs, lows, closes, period),
    )
    c, h, w = np.array(closes), np.array(highs), np.array(lows)
    theirs = talib.SMA(c, period), talib.RSI(c, period), talib.ATR(h, w, c, period)
    for mine, oracle in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine, oracle, rtol=1e-9, atol=1e-9, equal_nan=True)


def test_rsi_is_zero_when_nothing_moved() -> None:
    flat = [50.0] * 40
    assert set(strategy.calculate_rsi(flat, 14)[14:]) == {0.0}
    np.testing.assert_array_equal(strategy.calculate_rsi(flat, 14), talib.RSI(np.array(flat), 14))


def test_rsi_keeps_its_value_long_after_the_last_move_as_ta_lib_does() -> None:
    closes = [50.0, 51.0, 50.5] * 10 + [50.0] * 600
    np.testing.assert_allclose(
        strategy.calculate_rsi(closes, 14), talib.RSI(np.array(closes), 14), equal_nan=True
    )


def test_a_list_shorter_than_the_period_has_no_values() -> None:
    assert all(math.isnan(value) for value in strategy.calculate_rsi([1.0, 2.0], 14))
    assert strategy.calculate_sma([], 20) == []


def engine(cross: str = "price_fast", fast: int = 3, slow: int = 5, **filters: object) -> SignalEngine:
    indicators = IndicatorConfig(cross=cross, sma_fast=fast, sma_slow=slow, rsi_period=2, atr_period=2)
    return SignalEngine(indicators, MarketFilters(**{"enabled": (), **filters}), CENT)  # type: ignore[arg-type]


def crosses(judge: SignalEngine, closes: list[float]) -> list[int]:
    found = []
    for i, close in enumerate(closes):
        judge.take(Candle(i, close, close, close, close, 1.0))
        found.append(judge.crossed)
    return found


def test_touching_the_average_is_no_cross_and_leaving_it_upwards_is() -> None:
    # The third 0.3 equals the mean of 0.1, 0.5 and 0.3 exactly only in whole numbers.
    assert crosses(engine(), [0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.11]) == [NONE] * 6 + [UP]


def test_equality_before_and_equality_now_are_told_apart() -> None:
    closes = [0.3, 0.3, 0.3, 0.3, 0.1, 0.2, 0.3, 0.3]
    # index 5: 0.2 equals (0.3 + 0.1 + 0.2)/3, no cross; index 6: above 0.2 after equality, a cross up.
    assert crosses(engine(), closes) == [NONE, NONE, NONE, NONE, DOWN, NONE, UP, NONE]


def test_the_two_averages_cross_exactly() -> None:
    closes = [0.7] * 8 + [0.8, 0.8, 0.7, 0.6, 0.6, 0.6]
    reference = []
    units = [round(close * 100) for close in closes]
    for i in range(len(units)):
        if i < 5:
            reference.append(NONE)
            continue
        now = sum(units[i - 2 : i + 1]) * 5 - sum(units[i - 4 : i + 1]) * 3
        was = sum(units[i - 3 : i]) * 5 - sum(units[i - 5 : i]) * 3
        reference.append(UP if now > 0 >= was else DOWN if now < 0 <= was else NONE)
    assert crosses(engine("fast_slow"), closes) == reference
    assert {UP, DOWN} <= set(reference)


def test_nothing_is_judged_before_every_enabled_indicator_exists_on_two_candles() -> None:
    assert engine().candles_needed == 4  # ATR 2 exists from index 2, SMA 3 from 2; both again on 3
    assert engine(enabled=("trend",)).candles_needed == 6
    assert engine(enabled=("volume",), volume_lookback=10).candles_needed == 11
    assert engine(enabled=("chop",), chop_lookback=10).candles_needed == 14
    assert engine(enabled=("atr_spike",), atr_spike_lookback=10).candles_needed == 14
    judge = engine(enabled=("trend",))
    assert crosses(judge, [1.0, 1.0, 1.0, 1.0, 2.0])[-1] == NONE
    assert judge.explain().reason == "warming up: 5 of 6 candles seen"


def test_sums_do_not_drift_over_a_hundred_thousand_candles() -> None:
    judge = engine(fast=20, slow=50, enabled=("trend",))
    candles = walk(3, 20_000) * 5
    for candle in candles:
        judge.take(candle)
    tail = [round(candle.close * 100) for candle in candles[-50:]]
    result = judge.explain()
    assert result.sma_fast == sum(tail[-20:]) * 100 / 20 / 10_000
    assert result.sma_slow == sum(tail) * 100 / 50 / 10_000


@pytest.mark.parametrize("cross", ["price_fast", "fast_slow"])
def test_a_state_rebuilt_from_720_candles_decides_as_one_carried_on(cross: str) -> None:
    candles = walk(11, 3_000)
    indicators, filters = IndicatorConfig(cross=cross), MarketFilters()
    carried, rebuilt = SignalEngine(indicators, filters, CENT), SignalEngine(indicators, filters, CENT)
    for candle in candles[:1500]:
        carried.take(candle)
    rebuilt.rebuild(candles[780:1500])
    for candle in candles[1500:]:
        assert carried.take(candle) == rebuilt.take(candle)
        assert carried.crossed == rebuilt.crossed
        assert carried.atr == pytest.approx(rebuilt.atr, rel=1e-12)
