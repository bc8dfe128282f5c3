"""Kraken's public socket: best prices, last trades and candles of the pairs that are asked for.

Everything here is either current or not answered: the caller then asks by REST. Candles are told on trades
only, so an interval of silence is a flat candle, but only where the line stood from before its beginning to
after its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.clock import Clock
from core.model.market import Candle, Quote, Timeframe
from core.model.money import ZERO, Price, Qty
from core.venues import kraken_shapes as shapes
from core.venues.kraken_candles import check_candle, flat_after
from core.venues.kraken_lane import ServerTime
from core.venues.kraken_socket import Socket

FORGET_S = 3600.0  # wall seconds without a question after which a pair is unsubscribed
SETTLE_MS = 500  # market time after an interval's end in which its last trade may still be told
CHUNK = 100  # pairs in one subscription
_KEPT = 64  # candles remembered of a pair
_BY_MINUTES = {one.minutes: one for one in Timeframe}


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to subscribe to: `ohlc` of a timeframe, or the prices (`ticker` and `trade`) of a pair."""

    symbol: str
    timeframe: Timeframe | None = None


@dataclass(slots=True)
class _Price:
    """The best prices now; a trade moves `last` between two tickers."""

    bid: Decimal
    ask: Decimal
    last: Decimal
    volume: Decimal
    opened: Decimal


@dataclass(slots=True)
class _Candles:
    """What one subscription told. Silence counts as no trade from `since_ms` on."""

    rows: dict[int, Candle]
    since_ms: int
    given_ms: int = -1  # the newest candle handed out, ms of its open
    wrong: bool = False  # a trade came after its candle was handed out


class PublicFeed:
    """Current prices and closed candles while the line stands; None whenever they cannot be vouched for."""

    def __init__(self, url: str, clock: Clock, server_time: ServerTime, traded: Iterable[Topic] = ()) -> None:
        """`traded` are subscribed from the start; others when they are first asked for."""
        self._clock = clock
        self._server_time = server_time
        self._always = frozenset(traded)
        self._asked: dict[Topic, float] = {}
        self._prices: dict[str, _Price] = {}
        self._candles: dict[tuple[str, Timeframe], _Candles] = {}
        self._heard_ms = 0
        self.late = 0  # candles that changed after they were handed out
        self.socket = Socket("public socket", url, self, clock)

    # What is known

    async def quotes(self, symbols: Sequence[str], *, subscribe: bool) -> dict[str, Quote]:
        """Best prices now of those that are known; with `subscribe` the others will be."""
        if subscribe:
            await self._want([Topic(symbol) for symbol in symbols])
        found = [self.quote(symbol) for symbol in symbols]
        return {one.symbol: one for one in found if one is not None}

    def quote(self, symbol: str) -> Quote | None:
        """The best prices at this moment, without asking; None when nothing vouches for them."""
        known = self._prices.get(symbol)
        if known is None or not self.socket.fresh or not (known.bid and known.ask and known.last):
            return None
        now = self._clock.market_ms()
        prices = (Price(known.bid), Price(known.ask), Price(known.last))
        return Quote(symbol, *prices, now, Qty(known.volume), Price(known.opened))

    async def candles_after(self, symbol: str, timeframe: Timeframe, last: Candle) -> list[Candle] | None:
        """Every candle that closed after `last`, without holes; None when one of them is not certain."""
        await self._want([Topic(symbol, timeframe)])
        told = self._candles.get((symbol, timeframe))
        if told is None or not self.socket.fresh:
            return None
        found, end = [last], self._server_time.now_ms()
        while (opened := found[-1].time_ms + timeframe.ms) + timeframe.ms <= end:
            row = told.rows.get(opened)
            if row is None and opened < told.since_ms:
                return None  # it may have been told before the line stood
            found.append(row or flat_after(found[-1], timeframe))
        if len(found) > 1 and self._heard_ms < found[-1].time_ms + timeframe.ms + SETTLE_MS:
            return None  # its last trade may still be on the way
        told.given_ms = found[-1].time_ms
        return found[1:]

    def take_back(self, symbol: str, timeframe: Timeframe) -> bool:
        """Whether a candle that was handed out has changed since; said once."""
        told = self._candles.get((symbol, timeframe))
        if told is None or not told.wrong:
            return False
        told.wrong, told.given_ms = False, -1
        return True

    # Subscriptions

    async def _want(self, topics: Sequence[Topic]) -> None:
        now = self._clock.monotonic()
        new = [topic for topic in topics if topic not in self._asked and topic not in self._always]
        self._asked.update(dict.fromkeys(topics, now))
        if new:
            await self._forget(now)
            await self._subscribe("subscribe", new)

    async def _forget(self, now: float) -> None:
        """Unsubscribe what nobody has asked for in a long time."""
        old = [topic for topic, at in self._asked.items() if now - at > FORGET_S]
        for topic in old:
            del self._asked[topic]
        gone = [topic for topic in old if topic not in self._always]
        await self._subscribe("unsubscribe", gone)
        for topic in gone:
            if topic.timeframe is None:
                self._prices.pop(topic.symbol, None)
            else:
                self._candles.pop((topic.symbol, topic.timeframe), None)

    async def opened(self) -> None:
        await self._subscribe("subscribe", self._always | set(self._asked))
        self.socket.stands()

    async def _subscribe(self, method: str, topics: Iterable[Topic]) -> None:
        """One frame for many pairs; every channel and interval is a subscription of its own."""
        by_frame: dict[tuple[str, int], list[str]] = {}
        for topic in sorted(topics, key=lambda one: (one.symbol, one.timeframe or "")):
            if topic.timeframe is None:
                by_frame.setdefault(("ticker", 0), []).append(topic.symbol)
                by_frame.setdefault(("trade", 0), []).append(topic.symbol)
            else:
                by_frame.setdefault(("ohlc", topic.timeframe.minutes), []).append(topic.symbol)
        for (channel, minutes), symbols in by_frame.items():
            options: dict[str, Any] = {"interval": minutes} if minutes else {}
            if channel == "ticker":
                options["event_trigger"] = "bbo"  # else the best prices are told at trades only
            if channel != "ohlc":
                options["snapshot"] = channel == "ticker"
            for first in range(0, len(symbols), CHUNK):
                some = symbols[first : first + CHUNK]
                await self.socket.send(method, channel=channel, symbol=some, **options)

    # Frames

    def closed(self) -> None:
        """Prices are forgotten; candles too, for what was traded meanwhile is not known."""
        self._prices.clear()
        self._candles.clear()

    def heard(self, frame: dict[str, Any]) -> None:
        self._heard_ms = self._server_time.now_ms()
        if frame.get("method") == "subscribe":
            self._acknowledged(frame)
            return
        take = {"ticker": self._ticker, "trade": self._trade, "ohlc": self._ohlc}.get(
            frame.get("channel", "")
        )
        if take is not None:
            for row in shapes.rows(frame):
                take(row)

    def _acknowledged(self, frame: dict[str, Any]) -> None:
        """From here on the silence of a candle subscription means something; a refused one stays unknown."""
        result = frame.get("result")
        if frame.get("success") is not True or not isinstance(result, dict):
            return
        timeframe = _BY_MINUTES.get(result.get("interval", 0))
        if result.get("channel") == "ohlc" and timeframe and isinstance(result.get("symbol"), str):
            known = self._candles.setdefault((result["symbol"], timeframe), _Candles({}, 0))
            known.since_ms = self._server_time.now_ms()

    def _ticker(self, row: Mapping[str, Any]) -> None:
        symbol = shapes.member(row, "symbol", str)
        bid, ask, last, volume = (shapes.amount(row.get(one)) for one in ("bid", "ask", "last", "volume"))
        change = shapes.number(row["change"]) if "change" in row else ZERO
        self._prices[symbol] = _Price(bid, ask, last, volume, max(last - change, ZERO))

    def _trade(self, row: Mapping[str, Any]) -> None:
        known = self._prices.get(shapes.member(row, "symbol", str))
        if known is not None:
            known.last = shapes.amount(row.get("price"))

    def _ohlc(self, row: Mapping[str, Any]) -> None:
        timeframe = _BY_MINUTES.get(shapes.member(row, "interval", int))
        told = self._candles.get((shapes.member(row, "symbol", str), timeframe)) if timeframe else None
        if told is None or timeframe is None:
            return
        numbers = (float(shapes.amount(row.get(one))) for one in ("open", "high", "low", "close", "volume"))
        candle = Candle(shapes.rfc3339_ms(row.get("interval_begin")), *numbers)
        check_candle(candle, -1, timeframe)
        if candle.time_ms <= told.given_ms and told.rows.get(candle.time_ms) != candle:
            told.wrong, self.late = True, self.late + 1
        told.rows[candle.time_ms] = candle
        while len(told.rows) > _KEPT:
            del told.rows[min(told.rows)]


def topics_of(symbols: Iterable[str], timeframe: Timeframe) -> tuple[Topic, ...]:
    """Prices and candles of the pairs that are traded."""
    return tuple(one for symbol in symbols for one in (Topic(symbol), Topic(symbol, timeframe)))
