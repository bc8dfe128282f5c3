"""Counts over a span of time, for reports: all half-open, [from_ms, to_ms) of market time."""

from __future__ import annotations

from core.store.writer import StoreRoom

_CANDLE_MS = 300_000


class Tallies(StoreRoom):
    """What can be counted without reading it all."""

    async def lived_candles(self, from_ms: int, to_ms: int) -> int:
        """Five-minute spans in which Zyn marked its equity: it was up and knew its account."""
        return await self._count(
            f"SELECT COUNT(DISTINCT time_ms / {_CANDLE_MS}) FROM performance "  # noqa: S608
            "WHERE time_ms >= ? AND time_ms < ?",
            from_ms, to_ms,
        )  # fmt: skip

    async def judged_candles(self, from_ms: int, to_ms: int) -> int:
        """Candles on which at least one pair was judged."""
        return await self._count(
            "SELECT COUNT(DISTINCT candle_ms) FROM decisions WHERE candle_ms >= ? AND candle_ms < ?",
            from_ms, to_ms,
        )  # fmt: skip

    async def safety_counts(self, from_ms: int, to_ms: int) -> dict[str, int]:
        """Safety events by kind."""
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT kind, COUNT(*) FROM safety_events WHERE time_ms >= ? AND time_ms < ? GROUP BY kind",
            (from_ms, to_ms),
        )
        return {str(kind): int(count) for kind, count in rows}

    async def equity_at(self, at_ms: int) -> str | None:
        """The last equity marked before then, as decimal text."""
        rows = await self._database.read(
            "SELECT equity FROM performance WHERE time_ms < ? ORDER BY time_ms DESC LIMIT 1", (at_ms,)
        )
        return str(rows[0][0]) if rows else None

    async def first_mark_ms(self, from_ms: int) -> int | None:
        rows = await self._database.read(
            "SELECT MIN(time_ms) FROM performance WHERE time_ms >= ?", (from_ms,)
        )
        return rows[0][0] if rows else None

    async def _count(self, sql: str, from_ms: int, to_ms: int) -> int:
        await self._writer.settled()
        return int((await self._database.read(sql, (from_ms, to_ms)))[0][0])
