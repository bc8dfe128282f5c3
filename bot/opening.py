"""When a new demo begins: a few candles before its own market gives entries, so that nobody waits for luck.

The market stays what its seed makes of it: prices, filters and limits are as they are everywhere, and how
the trades will end is neither known nor asked. Only the moment is chosen, among those of the last hours, and
the same seed, settings and hour choose the same one (docs/local-kraken.md). Books that exist go on where they
stood.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.model.market import Candle
from core.sim.kraken.listing import Listed, Listing
from core.sim.kraken.market import Market
from core.sim.kraken.walk import BAR_MS
from core.strategy.signal import LONG
from core.strategy.signal_engine import SignalEngine
from core.trading_config import Config

_CHOICE = 72  # candles back among which the beginning is chosen: six hours of the market
_SOONEST, _LATEST = 2, 8  # candles after the beginning in which entries are wanted
_STEADY = 200  # candles more than a rule's longest look back, after which its smoothed means are settled


def opening_ms(now_ms: int, symbols: Iterable[str], config: Config) -> int:
    """The market time at which the demo begins: before most candles with an entry, lately if alike.

    `now_ms` itself where candles are longer than five minutes or the last hours gave no entry.
    """
    if config.autopilot.timeframe != "5m":
        return now_ms
    listing = Listing()
    market, newest = Market(listing, config.demo.seed), now_ms // BAR_MS - 1  # the candle that closed last
    entries: set[int] = set()
    for symbol in symbols:
        if symbol in listing.by_symbol:
            entries |= _entries(market, listing.by_symbol[symbol], newest, config)

    def promise(back: int) -> tuple[int, int]:
        return len(entries & set(range(newest - back + _SOONEST, newest - back + _LATEST + 1))), -back

    best = max(range(_LATEST, _CHOICE), key=promise)
    return now_ms - best * BAR_MS if promise(best)[0] else now_ms


def _entries(market: Market, listed: Listed, newest: int, config: Config) -> set[int]:
    """The candles of the last hours whose close says long, by their number since the epoch."""
    engine = SignalEngine(config.indicators, config.filters, listed.pair.tick)
    path, first = market.path(listed.pair.symbol), newest - _CHOICE
    found: set[int] = set()
    for index in range(first - engine.candles_needed - _STEADY, newest + 1):
        bar = path.bar(index)
        opened, high, low, close = (float(listed.price_text(ticks)) for ticks in bar[:4])
        candle = Candle(index * BAR_MS, opened, high, low, close, bar.volume)
        if engine.take(candle) == LONG and index >= first:
            found.add(index)
    return found
