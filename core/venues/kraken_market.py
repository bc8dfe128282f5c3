"""Kraken's public data: pairs, candles, quotes and status."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from core.clock import Clock
from core.model.errors import Refused, Rejected, Transient
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe, TradePage
from core.model.pair_table import bundled_pairs
from core.venues import kraken_shapes as shapes
from core.venues.kraken_candles import MOST, CandleCache, checked_request, closed_rows
from core.venues.kraken_lane import Lane, ServerTime
from core.venues.kraken_names import PairBook, bundled_book
from core.venues.kraken_public_feed import PublicFeed

PAIRS_AGE_MS = 4 * 3_600_000  # market time after which the table of pairs is read again
ADVISORIES_AGE_MS = 60_000  # market time
MANY = 60  # above this, one ticker of everything is shorter than naming the pairs


class KrakenMarket:
    """The Market port over Kraken's public endpoints."""

    def __init__(
        self, lane: Lane, clock: Clock, server_time: ServerTime, money: str, feed: PublicFeed | None = None
    ) -> None:
        """`feed` is the public socket; what it cannot vouch for is asked by REST."""
        self._lane = lane
        self._feed = feed
        self._clock = clock
        self._server_time = server_time
        self._money = money
        self._book: PairBook | None = None
        self._book_ms = 0
        self._loading = asyncio.Lock()
        self._candles = CandleCache(self._fetch_candles, feed)
        self._advisories: tuple[Advisory, ...] = ()
        self._advised_ms: int | None = None

    async def pairs(self) -> Mapping[str, Pair]:
        return (await self.book()).pairs

    async def book(self) -> PairBook:
        """Every pair by all its names; an old table serves on while Kraken does not answer."""
        async with self._loading:
            if self._book is None or self._clock.market_ms() - self._book_ms >= PAIRS_AGE_MS:
                await self._load_book()
        assert self._book is not None
        return self._book

    async def _load_book(self) -> None:
        try:
            result = await self._lane.read("AssetPairs")
            book = PairBook(shapes.pairs(result), self._money)
            if not book.pairs:
                raise shapes.BadShape("Kraken lists no pairs")
        except Transient:
            if self._book is None:
                raise
            return
        self._book, self._book_ms = book, self._clock.market_ms()

    async def known(self) -> PairBook:
        """The table as it was last read: what concerns a live order waits for no refresh."""
        return self._book or await self.book()

    def resolve(self, text: str) -> str | None:
        """The symbol that a person means by btc, xbt, bitcoin or XBTUSD; None for no pair here."""
        book = self._book or bundled_book(bundled_pairs(), self._money)
        return book.resolve(text)

    async def pair(self, symbol: str) -> Pair:
        """Raises Refused for a symbol that the exchange does not have."""
        found = (await self.pairs()).get(symbol)
        if found is None:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair")
        return found

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = MOST) -> list[Candle]:
        return await self.fetch_ohlc(symbol, timeframe, limit)

    async def fetch_ohlc(self, symbol: str, timeframe: str, limit: int) -> list[Candle]:
        """The latest `limit` closed candles, oldest first, without holes.

        Raises Refused for an unknown pair, an unknown timeframe or a limit outside 1-720.
        """
        wanted = checked_request(timeframe, limit)
        await self.pair(symbol)
        return (await self._candles.latest(symbol, wanted, self._server_time.now_ms()))[-limit:]

    async def _fetch_candles(self, symbol: str, timeframe: Timeframe, since_ms: int | None) -> list[Candle]:
        venue_id = (await self.pair(symbol)).venue_id
        since = {} if since_ms is None else {"since": str(since_ms // 1000)}
        result = await self._lane.read("OHLC", pair=venue_id, interval=str(timeframe.minutes), **since)
        key = await self._key_of(result, symbol, venue_id)
        return closed_rows(result, key, timeframe, self._server_time.now_ms())

    async def trades(self, symbol: str, since_ns: int) -> TradePage:
        """Up to 1,000 public trades after a moment, oldest first: Kraken keeps all of them.

        Raises Refused for an unknown pair.
        """
        venue_id = (await self.pair(symbol)).venue_id
        result = await self._lane.read("Trades", pair=venue_id, since=str(since_ns), count="1000")
        return shapes.trades(result, await self._key_of(result, symbol, venue_id))

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """Best prices now; unknown pairs and markets without two sides are missing."""
        book = await self.book()
        told = await self._told([symbol for symbol in symbols if symbol in book.pairs])
        return told | await self._asked(book, [one for one in symbols if one not in told])

    def told(self, symbol: str) -> Quote | None:
        """What the socket says this moment, without asking anybody; None when it does not know."""
        return self._feed.quote(symbol) if self._feed is not None else None

    async def _told(self, symbols: Sequence[str]) -> dict[str, Quote]:
        """What the socket knows for certain."""
        if self._feed is None:
            return {}
        return await self._feed.quotes(symbols, subscribe=len(symbols) <= MANY)

    async def _asked(self, book: PairBook, symbols: Sequence[str]) -> dict[str, Quote]:
        wanted = {symbol: book.pairs[symbol] for symbol in symbols if symbol in book.pairs}
        if not wanted:
            return {}
        names = ",".join(pair.venue_id for pair in wanted.values())
        result = await self._tickers({} if len(wanted) > MANY else {"pair": names})
        if not result:
            raise shapes.BadShape("Kraken gave no prices at all")
        now = self._clock.market_ms()
        rows = {book.symbol(name): row for name, row in result.items()}
        found = [shapes.quote(symbol, rows[symbol], now) for symbol in wanted if symbol in rows]
        return {one.symbol: one for one in found if one is not None}

    async def _tickers(self, params: dict[str, str]) -> dict[str, Any]:
        """One pair that is gone spoils a named request; the list of everything is never refused."""
        try:
            return await self._lane.read("Ticker", **params)
        except Rejected:
            return await self._lane.read("Ticker")

    async def status(self) -> ExchangeStatus:
        """The exchange's word for what it accepts now; what it announces comes with the same answer."""
        result = await self._lane.read("SystemStatus")
        self._advisories = shapes.advisories(result)
        self._advised_ms = self._clock.market_ms()
        return shapes.status(result)

    async def advisories(self) -> Sequence[Advisory]:
        """As the last status told them, which is asked again when it is older than a minute."""
        if self._advised_ms is None or self._clock.market_ms() - self._advised_ms >= ADVISORIES_AGE_MS:
            await self.status()
        return self._advisories

    async def learn_time(self) -> int:
        """Ask Kraken's clock; how far it is surely ahead of ours, in market ms, 0 when they may agree."""
        asked = self._clock.market_ms()
        result = await self._lane.read("Time")
        self._server_time.learn(shapes.member(result, "unixtime", int), asked, self._clock.market_ms())
        return self._server_time.surely_off_ms

    async def _key_of(self, result: Mapping[str, Any], symbol: str, venue_id: str) -> str:
        """The pair's key in a result: its id, or another of its names."""
        if venue_id in result:
            return venue_id
        book = await self.book()
        return next((name for name in result if name != "last" and book.symbol(name) == symbol), venue_id)
