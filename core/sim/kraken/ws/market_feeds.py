"""What the public channels say of one market: a snapshot, then news of what the market did since.

A feed is asked once a ten-second step at most; in between the market stands. Where several candles closed
since the last look, each that somebody traded in is told, and none of the silent ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

from core.sim.kraken.bars import STEP_MS, Bar
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.market import Trade
from core.sim.kraken.ws.book_feed import BookFeed
from core.sim.kraken.ws.frames import Json, candle_stamp, data_frame, fixed, stamp

_SNAPSHOT_TRADES = 50
_SNAPSHOT_CANDLES = 10
_MOST_TRADES = 1000


class Feed(Protocol):
    """One subscription to one market."""

    def snapshot(self, step: int) -> str: ...

    def news(self, since: int, step: int) -> Iterator[str]:
        """Frames of what happened after step `since` up to `step`."""
        ...


class TickerFeed:
    """Best prices and the day's figures, after every trade or at every move of the best prices."""

    def __init__(self, exchange: Exchange, listed: Listed, trigger: str) -> None:
        self._exchange, self._listed, self._on_trades = exchange, listed, trigger == "trades"

    def snapshot(self, step: int) -> str:
        return data_frame("ticker", "snapshot", [self._row()])

    def news(self, since: int, step: int) -> Iterator[str]:
        symbol = self._listed.pair.symbol
        if not self._on_trades or self._exchange.market.traded(symbol, since + 1, step):
            yield data_frame("ticker", "update", [self._row()])

    def _row(self) -> Json:
        listed, market = self._listed, self._exchange.market
        symbol, now_ms = listed.pair.symbol, self._exchange.now_ms()
        quote, day = market.quote(symbol, now_ms), market.day_figures(symbol, now_ms)
        top = market.depth(quote, 1)
        places, last = listed.pair_decimals, int(quote.last / listed.grid)
        change = last - day.open
        return {
            "symbol": symbol,
            "bid": fixed(quote.bid, places),
            "bid_qty": fixed(top.bids[0].qty, listed.lot_decimals),
            "ask": fixed(quote.ask, places),
            "ask_qty": fixed(top.asks[0].qty, listed.lot_decimals),
            "last": fixed(quote.last, places),
            "volume": fixed(day.volume, listed.lot_decimals),
            "vwap": fixed(listed.price(day.vwap), places),
            "low": fixed(listed.price(min(day.low, last)), places),
            "high": fixed(listed.price(max(day.high, last)), places),
            "change": fixed(listed.price(change), places),
            "change_pct": fixed(100 * change / day.open, 2),
            "timestamp": stamp(now_ms),
        }


class OhlcFeed:
    """Candles of one interval, told when somebody trades: a quiet interval is never heard of."""

    def __init__(self, exchange: Exchange, listed: Listed, interval: int) -> None:
        self._exchange, self._listed, self._interval = exchange, listed, interval
        self._steps = interval * 60_000 // STEP_MS

    def snapshot(self, step: int) -> str:
        first = max(step - step % self._steps - (_SNAPSHOT_CANDLES - 1) * self._steps, 0)
        rows = [self._row(opened) for opened in self._traded(first, step)]
        return data_frame("ohlc", "snapshot", rows)

    def news(self, since: int, step: int) -> Iterator[str]:
        for opened in self._traded(since + 1, step):
            yield data_frame("ohlc", "update", [self._row(opened)])

    def _traded(self, first: int, last: int) -> Iterator[int]:
        """First steps of the candles in which somebody traded between two steps."""
        symbol, market = self._listed.pair.symbol, self._exchange.market
        for opened in range(first - first % self._steps, last + 1, self._steps):
            if market.traded(symbol, max(opened, first), min(opened + self._steps - 1, last)):
                yield opened

    def _row(self, opened: int) -> Json:
        listed, opened_ms = self._listed, opened * STEP_MS
        now_ms = self._exchange.now_ms()
        bar: Bar = self._exchange.ohlc.bar(listed, self._interval, opened_ms // 1000, now_ms)
        places = listed.pair_decimals
        opening, high, low, close = (listed.price(ticks) for ticks in bar[:4])
        return {
            "symbol": listed.pair.symbol,
            "open": fixed(opening, places),
            "high": fixed(high, places),
            "low": fixed(low, places),
            "close": fixed(close, places),
            "trades": bar.trades,
            "volume": fixed(bar.volume, 8),
            "vwap": fixed((high + low + close) / 3, places),
            "interval_begin": candle_stamp(opened_ms),
            "interval": self._interval,
            "timestamp": stamp(opened_ms + self._interval * 60_000),
        }


class TradeFeed:
    """Every public trade."""

    def __init__(self, exchange: Exchange, listed: Listed) -> None:
        self._exchange, self._listed = exchange, listed

    def snapshot(self, step: int) -> str:
        return data_frame("trade", "snapshot", self._rows(_SNAPSHOT_TRADES))

    def news(self, since: int, step: int) -> Iterator[str]:
        rows = self._rows(min(step - since, _MOST_TRADES))
        if rows:
            yield data_frame("trade", "update", rows)

    def _rows(self, steps: int) -> list[Json]:
        market, now_ms = self._exchange.market, self._exchange.now_ms()
        return [self._row(trade) for trade in market.trades(self._listed.pair.symbol, now_ms, steps)]

    def _row(self, trade: Trade) -> Json:
        listed = self._listed
        return {
            "symbol": listed.pair.symbol,
            "side": "buy" if trade.side == "b" else "sell",
            "price": fixed(listed.price(trade.ticks), listed.pair_decimals),
            "qty": fixed(trade.qty, listed.lot_decimals),
            "ord_type": "market",
            "trade_id": trade.number,
            "timestamp": stamp(trade.time_ms),
        }


def feed_of(exchange: Exchange, channel: str, listed: Listed, options: dict[str, Any]) -> Feed:
    """The feed of a subscription whose options have been checked."""
    if channel == "ohlc":
        return OhlcFeed(exchange, listed, options["interval"])
    if channel == "book":
        return BookFeed(exchange, listed, options["depth"])
    if channel == "trade":
        return TradeFeed(exchange, listed)
    return TickerFeed(exchange, listed, options["event_trigger"])
