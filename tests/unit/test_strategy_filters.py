"""Each hard filter refuses what its name says, and says so in words."""

from __future__ import annotations

import random
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import numpy
import pandas
import pytest

from core.model.decisions import Action, SignalResult
from core.model.market import Candle
from core.strategy import candle_strategy as strategy
from core.strategy import features, filters
from core.strategy.signal import LONG, SHORT
from core.strategy.signal_engine import SignalEngine
from core.trading_config import FILTER_NAMES, IndicatorConfig, MarketFilters

CENT = D("0.01")
SMALL = IndicatorConfig(sma_fast=3, sma_slow=5, rsi_period=3, atr_period=3)


def candles(closes: list[float], reach: float = 0.0, volumes: list[float] | None = None) -> list[Candle]:
    volumes = volumes or [1.0] * len(closes)
    return [
        Candle(i * 300_000, close, close + reach, close - reach, close, volume)
        for i, (close, volume) in enumerate(zip(closes, volumes, strict=True))
    ]


def judged(rows: list[Candle], indicators: IndicatorConfig = SMALL, **filters: object) -> SignalResult:
    engine = SignalEngine(indicators, MarketFilters(**filters), CENT)  # type: ignore[arg-type]
    engine.rebuild(rows)
    return engine.explain()


UP = [100.0, 101, 102, 103, 104, 105, 101, 110]  # crosses up on the last, after a fall
DOWN = [100.0, 99, 98, 97, 96, 95, 99, 90]


def test_a_cross_with_every_filter_passing_is_a_long_or_a_short() -> None:
    up = judged(candles(UP, 0.5), enabled=("trend", "rsi"), rsi_long_max=99.0)
    assert (up.action, up.crossed) == (Action.LONG, "up")
    assert [one.name for one in up.passed_filters] == ["trend", "rsi"] and not up.failed_filters
    assert up.reason == "price and SMA3 crossed up and every filter passed"
    down = judged(candles(DOWN, 0.5), enabled=("trend", "rsi"), rsi_short_min=1.0)
    assert (down.action, down.crossed) == (Action.SHORT, "down")


def test_without_a_cross_nothing_is_asked_of_the_market() -> None:
    still = judged(candles([100.0] * 10), enabled=())
    assert (still.action, still.reason) == (Action.HOLD, "no cross: price and SMA3 did not cross")


def test_the_trend_filter_refuses_a_long_below_the_slow_average() -> None:
    falling = [110.0, 108, 106, 104, 102, 101, 100, 103]
    result = judged(candles(falling), enabled=("trend",))
    assert result.crossed == "up" and result.action is Action.HOLD
    (failed,) = result.failed_filters
    assert failed.value < 0 and failed.needed == "fast SMA above slow SMA"


@pytest.mark.parametrize(("limit", "action"), [(99.0, Action.LONG), (50.0, Action.HOLD)])
def test_the_rsi_filter_refuses_a_long_that_is_overbought(limit: float, action: Action) -> None:
    result = judged(candles(UP), enabled=("rsi",), rsi_long_max=limit)
    assert result.action is action
    reading = (*result.passed_filters, *result.failed_filters)[0]
    assert reading.needed == f"< {limit:g}" and reading.value == pytest.approx(result.rsi)


@pytest.mark.parametrize(("limit", "action"), [(1.0, Action.SHORT), (50.0, Action.HOLD)])
def test_the_rsi_filter_refuses_a_short_that_is_oversold(limit: float, action: Action) -> None:
    result = judged(candles(DOWN), enabled=("rsi",), rsi_short_min=limit)
    assert result.action is action


@pytest.mark.parametrize(("volume", "action"), [(0.5, Action.HOLD), (5.0, Action.LONG), (0.0, Action.HOLD)])
def test_the_volume_filter_refuses_a_quiet_candle(volume: float, action: Action) -> None:
    volumes = [1.0, 2, 3, 4, 1, 2, 3, volume]
    result = judged(candles(UP, volumes=volumes), enabled=("volume",), volume_lookback=5)
    assert result.action is action


@pytest.mark.parametrize(("low", "high", "action"), [(0.001, 0.9, Action.LONG), (0.05, 0.9, Action.HOLD),
                                                     (0.0, 0.001, Action.HOLD)])  # fmt: skip
def test_the_volatility_filter_refuses_too_calm_and_too_wild(low: float, high: float, action: Action) -> None:
    result = judged(candles(UP), enabled=("volatility",), volatility_min=low, volatility_max=high)
    assert result.action is action


def test_the_chop_filter_refuses_a_market_that_goes_nowhere() -> None:
    sideways = [100.0, 100.02, 99.98] * 10 + [100.0, 99.99, 100.03]
    assert judged(candles(sideways), enabled=("chop",), chop_lookback=10).action is Action.HOLD
    wide = judged(candles(sideways, 1.0), enabled=("chop",), chop_lookback=10)
    assert wide.action is Action.LONG  # the same closes in a wide range


def test_the_spike_filter_refuses_a_market_in_shock() -> None:
    rows = candles([*([100.0, 100.1] * 20), 100.0, 104.0])
    result = judged(rows, enabled=("atr_spike",), atr_spike_lookback=20)
    assert result.crossed == "up" and result.action is Action.HOLD
    assert result.failed_filters[0].value > 2
    assert "atr spike failed (14.00x, needed <= 2x" in result.reason


def test_a_filter_that_is_not_enabled_is_neither_computed_nor_reported() -> None:
    rule = SignalEngine(SMALL, MarketFilters(enabled=()), CENT).rule
    assert (rule.n_slow, rule.n_rsi, rule.n_volume, rule.n_chop, rule.n_spike) == (0, 0, 0, 0, 0)
    result = judged(candles(UP), enabled=("rsi",))
    assert [one.name for one in (*result.passed_filters, *result.failed_filters)] == ["rsi"]
    assert result.sma_slow == 0.0


def test_readings_come_in_the_configured_order_with_what_would_turn_them() -> None:
    rng = random.Random(4)
    closes = [100.0]
    for _ in range(200):
        closes.append(round(closes[-1] * (1 + rng.gauss(0, 0.003)), 2))
    order = ("atr_spike", "chop", "volatility", "volume", "rsi", "trend")
    result = judged(candles(closes, 0.2), IndicatorConfig(), enabled=order)
    found = {one.name: one for one in (*result.passed_filters, *result.failed_filters)}
    assert [name for name in order if name in found] == list(order)
    assert all(one.flip and one.needed for one in found.values())


@pytest.mark.parametrize("seed", range(3))
def test_the_cheap_path_and_the_words_agree_on_every_candle(seed: int) -> None:
    rng, close, engine = random.Random(seed), 100.0, SignalEngine(IndicatorConfig(), MarketFilters(), CENT)
    actions = {LONG: Action.LONG, SHORT: Action.SHORT, 0: Action.HOLD}
    for i in range(1500):
        close = round(close * (1 + rng.gauss(0, 0.002)), 2)
        reach = abs(rng.gauss(0, 0.1))
        code = engine.take(Candle(i, close, close + reach, close - reach, close, rng.random()))
        result = engine.explain()
        assert result.action is actions[code]
        if engine.ready and engine.crossed:
            assert (not result.failed_filters) == (code != 0)
            assert len(result.passed_filters) + len(result.failed_filters) == len(FILTER_NAMES)


@pytest.mark.parametrize("lookback", [3, 7])
def test_a_volume_ranks_in_words_as_it_does_for_the_verdict_with_ties_and_silence_and_after_a_rebuild(
    lookback: int,
) -> None:
    rng = random.Random(lookback)
    only = MarketFilters(enabled=("volume",), volume_lookback=lookback)
    rows = [Candle(i, 100.0, 101.0, 99.0, 100.0, float(rng.randrange(4))) for i in range(120)]
    engine = SignalEngine(SMALL, only, CENT)
    engine.rebuild(rows[:40])
    engine.rebuild(rows[20:60])
    for candle in rows[60:]:
        engine.take(candle)
        (reading,) = (*engine.explain().passed_filters, *engine.explain().failed_filters)
        assert reading.value == features.volume_percentile(engine._state, engine.rule), candle


def test_the_owners_names_give_the_filters_verdicts() -> None:
    assert strategy.is_volume_acceptable([1.0, 2, 3, 4, 5], lookback=5)
    assert not strategy.is_volume_acceptable([5.0, 4, 3, 2, 1], lookback=5)
    assert not strategy.is_volume_acceptable([1.0], lookback=5)
    assert strategy.is_volatility_acceptable(1.0, 100.0) and not strategy.is_volatility_acceptable(9.0, 100.0)
    flat = [100.0] * 50
    assert strategy.is_choppy_market(flat, flat, flat)
    rising = [100.0 + i for i in range(50)]
    assert not strategy.is_choppy_market(rising, rising, rising)
    assert strategy.check_trend_strength(rising + [150.0], 20, 50) > 0
    shock = [100.0, 100.2] * 40 + [120.0]
    assert strategy.detect_atr_spike(shock, shock, shock)
    assert not strategy.detect_atr_spike(rising * 2, rising * 2, rising * 2)


@pytest.mark.parametrize("seed", range(3))
def test_the_values_in_words_are_those_that_were_judged_to_the_last_digit(seed: int) -> None:
    rng, close, engine = random.Random(seed), 100.0, SignalEngine(IndicatorConfig(), MarketFilters(), CENT)
    compared = 0
    for i in range(600):
        close = round(close * (1 + rng.gauss(0, 0.002)), 2)
        reach = abs(rng.gauss(0, 0.1))
        volume = rng.choice((0.0, 1.0, 1.0, rng.random()))
        engine.take(Candle(i, close, close + reach, close - reach, close, volume))
        if engine.ready:
            told = engine.explain()
            found = {one.name: one.value for one in (*told.passed_filters, *told.failed_filters)}
            state, rule = engine._state, engine.rule
            assert found["volume"] == features.volume_percentile(state, rule)
            assert filters._reach(state, rule) == features.chop_range(state, rule)
            compared += 1
    assert compared > 400


COLUMNS: dict[str, Callable[[list[float]], Any]] = {
    "array": numpy.array,
    "column": pandas.Series,
    "column cut off its beginning": lambda values: pandas.Series([0.0, *values])[1:],
    "decimals": lambda values: [D(repr(one)) for one in values],
}


def all_of(made: Callable[[list[float]], Any]) -> tuple[Any, ...]:
    """What every function of the owner's names gives for one market, in columns of one kind."""
    rng = random.Random(3)
    closes = [100 + rng.gauss(0, 2) for _ in range(150)]
    high, low = made([one + 1 for one in closes]), made([one - 1 for one in closes])
    close, volume = made(closes), made([rng.random() for _ in closes])
    lists = (
        strategy.calculate_sma(close),
        strategy.calculate_rsi(close),
        strategy.calculate_atr(high, low, close),
    )
    return (
        *(one[20:] for one in lists), strategy.is_volume_acceptable(volume),
        strategy.is_choppy_market(high, low, close), strategy.detect_atr_spike(high, low, close),
        strategy.check_trend_strength(close),
    )  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
def test_the_owners_names_take_any_column_of_numbers(kind: str) -> None:
    assert all_of(COLUMNS[kind]) == all_of(list)


def test_the_owners_names_judge_by_the_settings_thresholds() -> None:
    usual = MarketFilters()
    assert strategy.is_volatility_acceptable(usual.volatility_min, 1.0)
    assert not strategy.is_volatility_acceptable(usual.volatility_min * 0.99, 1.0)
    others = [float(one) for one in range(usual.volume_lookback - 1)]
    at = usual.volume_percentile_min / 100 * len(others)
    assert strategy.is_volume_acceptable([*others, at + 1])
    assert not strategy.is_volume_acceptable([*others, at - 1])
