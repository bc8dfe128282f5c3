"""Settings into the flat `Rule` that the scalar functions read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields

from core.strategy.features import (
    ATR_SPIKE,
    CHOP,
    FAST_SLOW,
    PRICE_FAST,
    RINGS,
    RSI,
    TREND,
    VOLATILITY,
    VOLUME,
    Rule,
)
from core.trading_config import Config, ExitConfig, IndicatorConfig, MarketFilters, RiskConfig

FILTER_BITS = {
    "trend": TREND,
    "rsi": RSI,
    "volume": VOLUME,
    "volatility": VOLATILITY,
    "chop": CHOP,
    "atr_spike": ATR_SPIKE,
}


def rule_name(config: Config, timeframe: str, confirmed: bool = False) -> str:
    """The rule's name and version, carried by every trade; `confirmed` by slower candles.

    Every setting of lines, filters, bracket and exit that is not the default follows with its value: results
    under other settings are results of another rule, and are never counted together.
    """
    indicators = config.indicators
    lines = f"{indicators.sma_fast}" + (f"-{indicators.sma_slow}" if indicators.cross == "fast_slow" else "")
    name = f"sma{lines}-{indicators.cross}@1/{timeframe}{'+slower' if confirmed else ''}"
    return " ".join((name, *_departures(config)))


def rule_in_words(name: str) -> str:
    """A `rule_name` as a person says it, such as SMA20 over SMA50 on 5m candles; any other name as it is."""
    found = _NAME.fullmatch(name)
    if found is None:
        return name
    fast, slow, timeframe, slower, departures = found.groups()
    cross = f"SMA{fast} over SMA{slow}" if slow else f"price over SMA{fast}"
    asks = ", slower candles agreeing" if slower else ""
    told = departures.strip().replace("_", " ").replace("=", " ")
    return f"{cross} on {timeframe} candles{asks}{f' ({told})' if told else ''}"


_NAME = re.compile(r"sma(\d+)(?:-(\d+))?-(?:price_fast|fast_slow)@1/(\w+)(\+slower)?(.*)")


def _departures(config: Config) -> Iterator[str]:
    """`setting=value` of what is not the default and not in the name already."""
    named = ("cross", "sma_fast", *(("sma_slow",) if config.indicators.cross == "fast_slow" else ()))
    brackets = ("stop_atr", "take_profit_atr")
    sections = (
        (config.indicators, IndicatorConfig(), [key for key in _keys(IndicatorConfig) if key not in named]),
        (config.filters, MarketFilters(), _keys(MarketFilters)),
        (config.risk, RiskConfig(), brackets),
        (config.exits, ExitConfig(), _keys(ExitConfig)),
    )
    for section, usual, keys in sections:
        for key in keys:
            value = getattr(section, key)
            if value != getattr(usual, key):
                name = "filters" if key == "enabled" else key
                yield f"{name}={'+'.join(value) or 'none' if isinstance(value, tuple) else value}"


def _keys(section: type) -> list[str]:
    return [one.name for one in fields(section)]


def make_rule(indicators: IndicatorConfig, filters: MarketFilters, decimals: int) -> Rule:
    """The rule of one pair. `decimals` is how many decimals of its prices are kept (`scale_decimals`)."""
    bits = sum(FILTER_BITS[name] for name in set(filters.enabled))
    cross = FAST_SLOW if indicators.cross == "fast_slow" else PRICE_FAST
    n_slow = indicators.sma_slow if cross == FAST_SLOW or bits & TREND else 0
    n_rsi = indicators.rsi_period if bits & RSI else 0
    n_volume = filters.volume_lookback if bits & VOLUME else 0
    n_chop = filters.chop_lookback if bits & CHOP else 0
    n_spike = filters.atr_spike_lookback if bits & ATR_SPIKE else 0
    n_closes = max(indicators.sma_fast, n_slow)
    volumes_at = RINGS + n_closes
    highs_at = volumes_at + n_volume
    lows_at = highs_at + n_chop
    fasts_at = lows_at + n_chop
    atrs_at = fasts_at + (n_chop + 1 if n_chop else 0)
    return Rule(
        scale=float(10**decimals),
        cross=cross,
        filters=bits,
        n_fast=indicators.sma_fast,
        n_slow=n_slow,
        n_rsi=n_rsi,
        n_atr=indicators.atr_period,
        n_volume=n_volume,
        n_chop=n_chop,
        n_spike=n_spike,
        n_closes=n_closes,
        closes_at=RINGS,
        volumes_at=volumes_at,
        highs_at=highs_at,
        lows_at=lows_at,
        fasts_at=fasts_at,
        atrs_at=atrs_at,
        size=atrs_at + (n_spike + 1 if n_spike else 0),
        first=_first(indicators, n_slow, n_rsi, n_volume, n_chop, n_spike),
        rsi_long_max=filters.rsi_long_max,
        rsi_short_min=filters.rsi_short_min,
        volume_percentile_min=filters.volume_percentile_min,
        volatility_min=filters.volatility_min,
        volatility_max=filters.volatility_max,
        chop_slope_min=filters.chop_slope_min,
        chop_range_min=filters.chop_range_min,
        atr_spike_max=filters.atr_spike_max,
        trend_min=filters.trend_min,
    )


def _first(
    indicators: IndicatorConfig, n_slow: int, n_rsi: int, n_volume: int, n_chop: int, n_spike: int
) -> int:
    """The index of the first candle on which all exists, and existed on the one before."""
    exists = (
        indicators.sma_fast - 1,
        n_slow - 1,
        n_rsi,
        indicators.atr_period,
        n_volume - 1,
        indicators.sma_fast - 1 + n_chop,
        indicators.atr_period + n_spike,
    )
    return max(exists) + 1
