"""The demo begins shortly before its own market gives entries, by the rule that will judge it."""

from __future__ import annotations

from functools import cache

import pytest

from bot.opening import opening_ms
from core.model.market import Candle
from core.sim.kraken.listing import DEMO_SYMBOLS, Listing
from core.sim.kraken.market import Market
from core.sim.kraken.walk import BAR_MS
from core.strategy.signal import LONG
from core.strategy.signal_engine import MIN_HISTORY, SignalEngine
from core.trading_config import Config, load

NOW = 1_760_000_123_456
SOME = DEMO_SYMBOLS[:12]


@cache
def demo(seed: int, **changes: str) -> Config:
    return load({}, {}, {"demo.seed": str(seed)} | {key.replace("__", "."): v for key, v in changes.items()})


def entries_after(start_ms: int, config: Config) -> list[int]:
    """How many candles after the beginning each entry comes, judged as the service does after its start."""
    listing = Listing()
    market, current, found = Market(listing, config.demo.seed), start_ms // BAR_MS, []
    for symbol in SOME:
        listed = listing.by_symbol[symbol]
        engine = SignalEngine(config.indicators, config.filters, listed.pair.tick)
        for index in range(current - MIN_HISTORY, current + 8):
            bar = market.path(symbol).bar(index)
            prices = [float(listed.price_text(ticks)) for ticks in bar[:4]]
            if engine.take(Candle(index * BAR_MS, *prices, bar.volume)) == LONG and index >= current:
                found.append(index - current + 1)
    return sorted(found)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_entry_lies_a_few_candles_ahead_whatever_the_market(seed: int) -> None:
    config = demo(seed)
    start_ms = opening_ms(NOW, SOME, config)
    assert NOW - 72 * BAR_MS < start_ms <= NOW
    ahead = entries_after(start_ms, config)
    assert len({one for one in ahead if 2 <= one <= 8}) >= 2, ahead


def test_the_same_seed_settings_and_hour_begin_at_the_same_moment() -> None:
    first = opening_ms(NOW, SOME, demo(4))
    assert first == opening_ms(NOW, SOME, demo(4))
    assert first != opening_ms(NOW, SOME, demo(5))


def test_a_demo_that_nothing_would_enter_begins_now() -> None:
    never = demo(1, filters__trend_min="0.9")
    assert opening_ms(NOW, SOME, never) == NOW
    assert opening_ms(NOW, SOME, demo(1, autopilot__timeframe="1h")) == NOW
    assert opening_ms(NOW, ("NO/SUCH",), demo(1)) == NOW
