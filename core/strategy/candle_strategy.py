"""The indicators by the names the owner knows, as array views over the same `features.step`.

For tests, charts and reports. All take closed candles, oldest first, as lists, arrays or columns of a frame,
and are deterministic; their defaults are those of the settings. Where an indicator does not exist yet its
list holds nan; a verdict that cannot be given yet is False.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import nan
from typing import Any

from core.model.money import to_decimal
from core.strategy import features
from core.strategy.features import Rule, State, fresh_state, step
from core.strategy.rule import make_rule
from core.strategy.signal import LONG, passes
from core.trading_config import IndicatorConfig, MarketFilters

Reading = Callable[[State, Rule], float]
_USUAL = MarketFilters()


def calculate_sma(closes: Sequence[float], period: int = 20) -> list[float]:
    """Simple moving average; first value at index period - 1."""
    closes = _plain(closes)
    rule = _rule(closes, (), sma_fast=period)
    return _series(
        rule, closes, closes, closes, lambda s, r: s[features.FAST] / r.n_fast / r.scale, period - 1
    )


def calculate_rsi(closes: Sequence[float], period: int = 14) -> list[float]:
    """Wilder's RSI as TA-Lib, 0-100; first value at index period."""
    closes = _plain(closes)
    rule = _rule(closes, ("rsi",), rsi_period=period)
    return _series(rule, closes, closes, closes, features.rsi, period)


def calculate_atr(
    highs: Sequence[float], lows: Sequence[float], closes: Sequence[float], period: int = 14
) -> list[float]:
    """Wilder's ATR as TA-Lib, in price units; first value at index period."""
    highs, lows, closes = _plain(highs), _plain(lows), _plain(closes)
    rule = _rule([*highs, *lows, *closes], (), atr_period=period)
    return _series(rule, highs, lows, closes, features.atr, period)


def is_volume_acceptable(
    volumes: Sequence[float],
    lookback: int = _USUAL.volume_lookback,
    percentile_min: float = _USUAL.volume_percentile_min,
) -> bool:
    """Whether the last volume ranks at `percentile_min` or higher among the last `lookback`."""
    volumes = _plain(volumes)
    if len(volumes) < lookback:
        return False
    flat = [1.0] * len(volumes)
    rule = _rule(flat, ("volume",), volume_lookback=lookback, volume_percentile_min=percentile_min)
    return passes(_fold(rule, flat, flat, flat, volumes), rule, LONG)


def is_choppy_market(
    highs: Sequence[float],
    lows: Sequence[float],
    closes: Sequence[float],
    sma_period: int = 20,
    lookback: int = _USUAL.chop_lookback,
    slope_min: float = _USUAL.chop_slope_min,
    range_min: float = _USUAL.chop_range_min,
) -> bool:
    """Whether the market went sideways: over the lookback the SMA hardly moved and the range was narrow."""
    highs, lows, closes = _plain(highs), _plain(lows), _plain(closes)
    if len(closes) < sma_period + lookback:
        return False
    rule = _rule(
        [*highs, *lows, *closes], ("chop",), sma_fast=sma_period, chop_lookback=lookback,
        chop_slope_min=slope_min, chop_range_min=range_min,
    )  # fmt: skip
    return not passes(_fold(rule, highs, lows, closes), rule, LONG)


def is_volatility_acceptable(
    atr: float, price: float, low: float = _USUAL.volatility_min, high: float = _USUAL.volatility_max
) -> bool:
    """Whether ATR/price lies within [low, high]."""
    return bool(price > 0 and low <= atr / price <= high)


def detect_atr_spike(
    highs: Sequence[float],
    lows: Sequence[float],
    closes: Sequence[float],
    period: int = 14,
    lookback: int = _USUAL.atr_spike_lookback,
    spike_max: float = _USUAL.atr_spike_max,
) -> bool:
    """Whether the last ATR stands above `spike_max` times the mean of the `lookback` ATRs before it."""
    highs, lows, closes = _plain(highs), _plain(lows), _plain(closes)
    if len(closes) < period + lookback + 1:
        return False
    rule = _rule(
        [*highs, *lows, *closes], ("atr_spike",), atr_period=period, atr_spike_lookback=lookback,
        atr_spike_max=spike_max,
    )  # fmt: skip
    return not passes(_fold(rule, highs, lows, closes), rule, LONG)


def check_trend_strength(closes: Sequence[float], fast: int = 20, slow: int = 50) -> float:
    """(fast SMA - slow SMA) / slow SMA of the last close: above 0 in an uptrend; nan before it exists."""
    closes = _plain(closes)
    if len(closes) < slow:
        return nan
    rule = _rule(closes, ("trend",), sma_fast=fast, sma_slow=slow)
    return features.trend_gap(_fold(rule, closes, closes, closes), rule)


def _plain(values: Sequence[float]) -> list[float]:
    """Floats of Python, whatever counts as a column of numbers."""
    return [float(value) for value in values]


def _rule(prices: Sequence[float], enabled: tuple[str, ...], **settings: Any) -> Rule:
    known = IndicatorConfig.__dataclass_fields__
    indicators = IndicatorConfig(**{key: value for key, value in settings.items() if key in known})
    filters = MarketFilters(enabled, **{key: value for key, value in settings.items() if key not in known})
    return make_rule(indicators, filters, finest_decimals(prices))


def finest_decimals(prices: Sequence[float]) -> int:
    """How many decimals the finest of these prices is written with, at most 12."""
    finest = max((-int(to_decimal(float(price)).as_tuple().exponent) for price in prices), default=0)
    return min(max(finest, 0), 12)


def _series(
    rule: Rule,
    highs: Sequence[float],
    lows: Sequence[float],
    closes: Sequence[float],
    read: Reading,
    first: int,
) -> list[float]:
    state, found = fresh_state(rule), []
    for i, close in enumerate(closes):
        step(state, rule, highs[i], lows[i], close, 0.0)
        found.append(read(state, rule) if i >= first else nan)
    return found


def _fold(
    rule: Rule,
    highs: Sequence[float],
    lows: Sequence[float],
    closes: Sequence[float],
    volumes: Sequence[float] = (),
) -> State:
    state = fresh_state(rule)
    for i, close in enumerate(closes):
        step(state, rule, highs[i], lows[i], close, volumes[i] if volumes else 0.0)
    return state
