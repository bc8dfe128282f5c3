"""Slower candles that must confirm a long: read once from the exchange, then folded from the judged ones."""

from __future__ import annotations

import asyncio

from core.engine.ports import Market
from core.model.decisions import Denied
from core.model.errors import VenueError
from core.model.market import Candle, Timeframe
from core.strategy.multi_timeframe import Confirmation, SlowFrame
from core.trading_config import MultiTimeframeConfig

_READS = 4  # under way at once


class SlowFrames:
    """The confirmations of every watched pair. Without them nothing here asks, holds or says anything."""

    def __init__(self, market: Market, base: Timeframe, config: MultiTimeframeConfig, wanted: bool) -> None:
        """`wanted` is the feature's flag."""
        self._market = market
        self._base = base
        self._timeframes = tuple(map(Timeframe, config.timeframes)) if wanted else ()
        self._period = config.sma
        self._wanted = wanted
        self._pairs: dict[str, Confirmation] = {}
        self._read_ms: dict[tuple[str, Timeframe], int] = {}  # the close for which it was last read
        self._failed: dict[tuple[str, Timeframe], str] = {}

    def take(self, symbol: str, candle: Candle) -> None:
        """One more closed candle of a pair."""
        if self._wanted:
            self._of(symbol).take(candle)

    def _of(self, symbol: str) -> Confirmation:
        known = self._pairs.get(symbol)
        if known is None:
            known = self._pairs[symbol] = Confirmation(self._base, self._timeframes, self._period)
        return known

    async def prepare(self, close_ms: int) -> None:
        """Read what cannot be folded: at the start, and after a gap."""
        wanted = [
            (symbol, frame)
            for symbol, known in self._pairs.items()
            for frame in known.unknown(close_ms)
            if self._may_read(symbol, frame, close_ms)
        ]
        gate = asyncio.Semaphore(_READS)
        await asyncio.gather(*(self._read(symbol, frame, close_ms, gate) for symbol, frame in wanted))

    def _may_read(self, symbol: str, frame: SlowFrame, close_ms: int) -> bool:
        """A young pair's few candles are not asked for again before there is one more."""
        before = self._read_ms.get((symbol, frame.timeframe))
        return before is None or frame.stale(close_ms) or close_ms - before >= frame.timeframe.ms

    async def _read(self, symbol: str, frame: SlowFrame, close_ms: int, gate: asyncio.Semaphore) -> None:
        async with gate:
            try:
                candles = await self._market.candles(symbol, frame.timeframe, self._period)
            except VenueError as error:
                self._failed[symbol, frame.timeframe] = str(error)
                return
        self._failed.pop((symbol, frame.timeframe), None)
        self._read_ms[symbol, frame.timeframe] = close_ms
        frame.seed(candles)

    def judge(self, symbol: str, close_ms: int) -> Denied | None:
        """Why a long of this pair is not confirmed now, or None."""
        if not self._wanted:
            return None
        against = self._of(symbol).objections(close_ms)
        if not against:
            return None
        failed = [
            f"{one.value} could not be read: {why}" for (of, one), why in self._failed.items() if of == symbol
        ]
        return Denied("not_confirmed", f"slower candles do not confirm: {'; '.join([*against, *failed])}")
