"""Closed candles from Kraken's OHLC: checked row by row, holes filled flat, only new rows asked for.

Kraken gives at most 720 rows, whatever is asked, and the last one is still forming. A row is closed when it
is not later than `last`, the newest one that Kraken has committed, and its time is over.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from core.model.errors import Refused
from core.model.market import Candle, Timeframe
from core.venues.kraken_shapes import BadShape, member, milliseconds, real

MOST = 720
SLACK_MS = 10_000  # how far our clock may lag Kraken's when a committed row looks unfinished


def closed_rows(result: Mapping[str, Any], name: str, timeframe: Timeframe, now_ms: int) -> list[Candle]:
    """The committed candles of an OHLC result, oldest first, holes filled.

    `name` is the pair's key in the result. Raises BadShape naming the first row that cannot be true.
    """
    committed_ms = milliseconds(result.get("last"))
    rows, before = [], -1
    for at, row in enumerate(member(result, name, list), 1):
        try:
            candle = _candle(row)
            check_candle(candle, before, timeframe)
        except BadShape as wrong:
            raise BadShape(f"candle row {at}: {wrong}") from None
        before = candle.time_ms
        rows.append(candle)
    if not rows:
        raise BadShape("not even the candle that is forming")
    closed = [
        row for row in rows if row.time_ms <= committed_ms and row.time_ms + timeframe.ms <= now_ms + SLACK_MS
    ]
    return fill_holes(closed, timeframe)


def _candle(row: object) -> Candle:
    if not isinstance(row, list) or len(row) != 8:
        raise BadShape("a candle is not a row of numbers")
    opened, high, low, close = map(real, row[1:5])
    return Candle(milliseconds(row[0]), opened, high, low, close, real(row[6]))


def check_candle(one: Candle, before_ms: int, timeframe: Timeframe) -> None:
    """Raises BadShape for a candle that cannot be true, or cannot follow one of `before_ms`."""
    if one.time_ms <= before_ms or one.time_ms % timeframe.ms:
        raise BadShape(f"a candle of {timeframe} cannot begin at {one.time_ms}")
    if not (0 < one.low <= min(one.open, one.close) and max(one.open, one.close) <= one.high):
        raise BadShape(f"the candle of {one.time_ms} has its high and low wrong")
    if not math.isfinite(one.high + one.volume) or one.volume < 0:
        raise BadShape(f"the candle of {one.time_ms} holds no true numbers")


def fill_holes(candles: Sequence[Candle], timeframe: Timeframe) -> list[Candle]:
    """A flat candle of volume 0 for every interval without one, between the first and the last."""
    whole: list[Candle] = []
    step = timeframe.ms
    for one in candles:
        while whole and whole[-1].time_ms + step < one.time_ms:
            whole.append(flat_after(whole[-1], timeframe))
        whole.append(one)
    return whole


def flat_after(candle: Candle, timeframe: Timeframe) -> Candle:
    """The candle of an interval in which nobody traded."""
    close = candle.close
    return Candle(candle.time_ms + timeframe.ms, close, close, close, close, 0.0)


# symbol, timeframe, since (ms, exclusive; None for the latest 720) -> closed candles, oldest first
Fetch = Callable[[str, Timeframe, int | None], Awaitable[list[Candle]]]


class Told(Protocol):
    """A line that tells candles as they close."""

    async def candles_after(self, symbol: str, timeframe: Timeframe, last: Candle) -> list[Candle] | None:
        """Every candle that closed after `last`, without holes; None when one of them is not certain."""
        ...

    def take_back(self, symbol: str, timeframe: Timeframe) -> bool:
        """Whether a candle that was told has changed since; said once."""
        ...


class CandleCache:
    """The latest 720 closed candles of each pair and timeframe; one request at a time for each.

    Grown from what is told where that is certain, else by asking for what is missing.
    """

    def __init__(self, fetch: Fetch, told: Told | None = None) -> None:
        self._fetch = fetch
        self._told = told
        self._kept: dict[tuple[str, Timeframe], list[Candle]] = {}
        self._turns: dict[tuple[str, Timeframe], asyncio.Lock] = {}

    async def latest(self, symbol: str, timeframe: Timeframe, now_ms: int) -> list[Candle]:
        """What has closed by `now_ms`, asking only for what is missing."""
        key = (symbol, timeframe)
        async with self._turns.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key, [])
            if not kept or now_ms >= kept[-1].time_ms + 2 * timeframe.ms:
                kept = self._kept[key] = await self._grown(symbol, timeframe, kept, now_ms)
            return kept

    async def _grown(
        self, symbol: str, timeframe: Timeframe, kept: list[Candle], now_ms: int
    ) -> list[Candle]:
        outdated = self._told is not None and self._told.take_back(symbol, timeframe)
        if outdated or not kept or now_ms - kept[-1].time_ms >= MOST * timeframe.ms:
            return (await self._fetch(symbol, timeframe, None))[-MOST:]
        told = await self._told.candles_after(symbol, timeframe, kept[-1]) if self._told else None
        if told is not None:
            return [*kept, *told][-MOST:]
        fresh = await self._fetch(symbol, timeframe, kept[-1].time_ms)
        new = [one for one in fresh if one.time_ms > kept[-1].time_ms]
        return fill_holes([*kept, *new], timeframe)[-MOST:]


def checked_request(timeframe: str, limit: int) -> Timeframe:
    """The timeframe meant. Raises Refused for an unknown one, or for a limit outside 1-720."""
    if timeframe not in set(Timeframe):
        known = ", ".join(Timeframe)
        raise Refused(f"There are no candles of {timeframe}; choose one of {known}.", "bad_timeframe")
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MOST:
        raise Refused(f"{limit} candles cannot be fetched; ask for 1 to {MOST}.", "bad_limit")
    return Timeframe(timeframe)
