"""Candle files from the exchange's public data, for backtests: `zyn download`.

The newest 720 candles of any length are one request. Older ones the exchange gives to nobody: they are
folded from its public trades, a thousand a request and about one request a second. A file grows forward
without holes, each part is kept as soon as it is there, and the same command goes on where the last stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from core.clock import Clock, WallSeconds
from core.lab.candle_file import CandleFile, day
from core.lab.folding import Fold
from core.model.errors import RateLimited, Refused, Transient, VenueError
from core.model.market import Candle, Timeframe, TradePage

_MOST = 720  # candles in one answer
_PAGES_A_PART = 50  # pages of trades after which what they came to is on disk
_PAUSES_S = (2.0, 5.0, 15.0, 60.0)  # before a page that failed is asked for again


class Source(Protocol):
    """What is asked of an exchange; nobody's key is needed for it."""

    async def fetch_ohlc(self, symbol: str, timeframe: str, limit: int) -> list[Candle]:
        """The latest closed candles, oldest first, without holes."""
        ...

    async def trades(self, symbol: str, since_ns: int) -> TradePage: ...


@dataclass(frozen=True, slots=True)
class Order:
    """Which candles are wanted, [from, to) in ms; no `from`: what one request gives, no `to`: until now."""

    folder: Path
    symbol: str
    timeframe: Timeframe
    from_ms: int | None = None
    to_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """What a file holds now, and what was done for it."""

    path: Path
    first_ms: int
    end_ms: int
    candles: int
    filled: int  # candles that are missing between its rows
    added: int
    trades: int  # that older candles were folded from


Tell = Callable[[int, int, int], None]  # from, to and how far a pair has come, in ms


class Downloader:
    """One pair's file at one timeframe. Raises DataFault, Refused and VenueError; what came is kept."""

    def __init__(self, source: Source, order: Order, clock: Clock, tell: Tell) -> None:
        self._source, self._order, self._clock, self._tell = source, order, clock, tell
        self._step = order.timeframe.ms
        self._trades = 0

    async def run(self) -> Got:
        order = self._order
        latest = await self._source.fetch_ohlc(order.symbol, order.timeframe.value, _MOST)
        if not latest:
            raise Refused(f"The exchange has no closed {order.timeframe} candle of {order.symbol} yet.")
        file = await asyncio.to_thread(CandleFile.of, order.folder, order.symbol, order.timeframe)
        before = file.candles
        closed_ms = latest[-1].time_ms + self._step
        end_ms = closed_ms if order.to_ms is None else min(order.to_ms, closed_ms)
        from_ms = latest[0].time_ms if order.from_ms is None else order.from_ms
        wanted_ms = -(-from_ms // self._step) * self._step
        if file.candles and order.from_ms is not None and wanted_ms < file.first_ms:
            await self._put_before(file, wanted_ms, latest)
        await self._grow(file, wanted_ms, end_ms, latest)
        if not file.candles:
            raise Refused(
                f"{order.symbol} has no candle between {day(wanted_ms)} and {day(end_ms)}.", "no_candles"
            )
        return Got(
            file.path, file.first_ms, file.end_ms, file.candles, file.filled,
            file.candles - before, self._trades,
        )  # fmt: skip

    async def _put_before(self, file: CandleFile, start_ms: int, latest: Sequence[Candle]) -> None:
        """Older candles grow in a file of their own, put in front when it reaches the other's first."""
        path = file.path.parent / "older" / file.path.name
        older = await asyncio.to_thread(CandleFile, path, self._order.timeframe)
        if older.first_ms > start_ms:
            await asyncio.to_thread(older.remove)  # what is wanted now begins earlier than what was begun
        await self._grow(older, start_ms, file.first_ms, latest)
        await asyncio.to_thread(file.put_before, older)

    async def _grow(self, file: CandleFile, start_ms: int, end_ms: int, latest: Sequence[Candle]) -> None:
        """Candles from `start_ms` on, or from the last one that is there: it is asked for again, to see that
        what follows is of the same market."""
        start_ms = file.last.time_ms if file.candles else start_ms
        if start_ms < latest[0].time_ms and start_ms < end_ms:
            await self._fold(file, start_ms, min(end_ms, latest[0].time_ms + self._step))
        await _kept(file, [one for one in latest if start_ms <= one.time_ms < end_ms])

    async def _fold(self, file: CandleFile, start_ms: int, end_ms: int) -> None:
        """Candles from the trades of a time; the first of them only from the pair's first trade on."""
        fold, since_ns = Fold(self._order.timeframe, file.before_last), start_ms * 1_000_000 - 1
        pages, part = 0, list[Candle]()
        try:
            while True:
                known, page = fold.number, await self._page(since_ns)
                part += fold.take(one for one in page.trades if one.time_ms < end_ms)
                if fold.number == known or page.trades[-1].time_ms >= end_ms:
                    break
                self._tell(start_ms, end_ms, page.trades[-1].time_ms)
                since_ns = page.next_ns - 1  # several trades may share a moment; a number counts once
                pages += 1
                if pages % _PAGES_A_PART == 0:
                    part = await _kept(file, part)
            part += fold.close(end_ms)
        except VenueError as error:
            part = await _kept(file, part)
            kept = f"{file.candles:,} candles are kept in {file.path}" if file.candles else "nothing came yet"
            raise VenueError(
                f"{self._order.symbol}: {error}; {kept}, and the same command goes on from there"
            ) from error
        finally:
            await _kept(file, part)
            self._trades += fold.trades

    async def _page(self, since_ns: int) -> TradePage:
        """Patiently: an hour of pages is not given up because one answer failed."""
        for pause in _PAUSES_S:
            try:
                return await self._source.trades(self._order.symbol, since_ns)
            except Transient as error:
                asked = error.after_s if isinstance(error, RateLimited) else 0.0
                await self._clock.sleep(WallSeconds(max(pause, asked)))
        return await self._source.trades(self._order.symbol, since_ns)


async def _kept(file: CandleFile, part: Sequence[Candle]) -> list[Candle]:
    """Put a part on disk; the next one, which is empty."""
    await asyncio.to_thread(file.add, part)
    return []
