"""What was kept, read back: newest first unless said otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from core.model.account import RoundTrip
from core.model.alarms import Escalation, PriceAlert
from core.model.decisions import Decision
from core.model.facts import (
    TUNING,
    DayBaseline,
    ErrorFact,
    Insight,
    Latch,
    Mark,
    ParityRow,
    PerformanceMark,
    SafetyEvent,
)
from core.model.orders import Fill, OrderIntent, OwnOrder
from core.store.tables import (
    DAY_BASELINES,
    DECISIONS,
    ERRORS,
    ESCALATIONS,
    FILLS,
    INSIGHTS,
    INTENTS,
    LATCHES,
    MARKS,
    OWN_ORDERS,
    PARITY,
    PERFORMANCE,
    PRICE_ALERTS,
    ROUND_TRIPS,
    SAFETY_EVENTS,
    SETTLED,
    Table,
)
from core.store.writer import StoreRoom


class FactReaders(StoreRoom):
    """The readers of everything the engine committed or noted; evidence noted before is always seen."""

    async def intents(self, *, unsettled_only: bool = False, since_ms: int = 0) -> list[OrderIntent]:
        """Oldest first. `unsettled_only` leaves those whose end is not known yet."""
        highest = SETTLED - 1 if unsettled_only else SETTLED
        return await self._facts(
            INTENTS,
            "WHERE progress <= ? AND created_ms >= ? ORDER BY created_ms, rowid",
            (highest, since_ms),
        )

    async def latches(self) -> list[Latch]:
        """The latches in force, each once as it was first set; a lifted one is history."""
        rows: list[Latch] = await self._facts(LATCHES, "WHERE lifted_ms IS NULL ORDER BY set_ms DESC")
        return list({latch.name: latch for latch in rows}.values())

    async def latch_history(self, limit: int = 100) -> list[Latch]:
        """Every latch that was ever set, newest first, lifted or not."""
        return await self._facts(LATCHES, "ORDER BY set_ms DESC, rowid DESC LIMIT ?", (limit,))

    async def day_baseline(self, day: str) -> DayBaseline | None:
        found: list[DayBaseline] = await self._facts(DAY_BASELINES, "WHERE day = ?", (day,))
        return found[0] if found else None

    async def escalation(self) -> Escalation | None:
        """The one that nobody has acknowledged yet; there is never more than one."""
        found: list[Escalation] = await self._facts(ESCALATIONS, "WHERE ended_ms IS NULL ORDER BY opened_ms")
        return found[0] if found else None

    async def escalations(self, since_ms: int) -> list[Escalation]:
        """All that were opened since then, in wall time, oldest first."""
        return await self._facts(ESCALATIONS, "WHERE opened_ms >= ? ORDER BY opened_ms", (since_ms,))

    async def price_alerts(self) -> list[PriceAlert]:
        """What the owner still waits for, oldest first."""
        return await self._facts(PRICE_ALERTS, "WHERE ended_ms IS NULL ORDER BY set_ms, rowid")

    async def fills(self) -> list[Fill]:
        """Every fill that was ever committed, oldest first."""
        return await self._facts(FILLS, "ORDER BY time_ms, rowid")

    async def own_orders(self) -> list[OwnOrder]:
        """Every order of Zyn's that executed, as it was when that was first certain."""
        return await self._facts(OWN_ORDERS, "ORDER BY rowid")

    async def round_trips(
        self,
        limit: int = 50,
        symbol: str | None = None,
        before_ms: int | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[RoundTrip]:
        """Closed positions by the time they closed: in [from_ms, to_ms), before `before_ms`."""
        where, values = _where(symbol, "closed_ms", before_ms, from_ms, to_ms)
        return await self._facts(
            ROUND_TRIPS, f"{where} ORDER BY closed_ms DESC, rowid DESC LIMIT ?", (*values, limit)
        )

    async def decisions(
        self,
        limit: int = 100,
        symbol: str | None = None,
        before_ms: int | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[Decision]:
        """Judged candles by the candle's open: in [from_ms, to_ms), before `before_ms`."""
        where, values = _where(symbol, "candle_ms", before_ms, from_ms, to_ms)
        return await self._facts(
            DECISIONS, f"{where} ORDER BY candle_ms DESC, rowid DESC LIMIT ?", (*values, limit)
        )

    async def newest_receipts(self, from_ms: int) -> dict[str, int]:
        """The newest judged candle of each pair that has a receipt, of those that opened since `from_ms`."""
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT symbol, MAX(candle_ms) FROM decisions WHERE candle_ms >= ? GROUP BY symbol", (from_ms,)
        )
        return {str(symbol): int(candle_ms) for symbol, candle_ms in rows}

    async def last_decision(self, symbol: str, verdicts: Sequence[str]) -> Decision | None:
        """The newest decision on a pair that ended in one of `verdicts`."""
        marks = ", ".join("?" * len(verdicts))
        found: list[Decision] = await self._facts(
            DECISIONS,
            f"WHERE symbol = ? AND verdict IN ({marks}) ORDER BY candle_ms DESC, rowid DESC LIMIT 1",
            (symbol, *verdicts),
        )
        return found[0] if found else None

    async def performance(self, from_ms: int = 0, limit: int = 2000) -> list[PerformanceMark]:
        """The newest `limit` marks since then, oldest first."""
        found = await self._facts(
            PERFORMANCE, "WHERE time_ms >= ? ORDER BY time_ms DESC LIMIT ?", (from_ms, limit)
        )
        return found[::-1]

    async def equity_points(self, from_ms: int = 0, limit: int = 2000) -> list[tuple[int, Decimal]]:
        """(time in ms, equity), oldest first; a longer curve is thinned evenly and keeps its last point."""
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT time_ms, equity FROM performance WHERE time_ms >= ? ORDER BY time_ms", (from_ms,)
        )
        step = -(-len(rows) // limit) if limit > 0 else 1
        kept = rows[::-1][:: max(step, 1)][::-1]
        return [(int(time_ms), Decimal(equity)) for time_ms, equity in kept]

    async def safety_events(self, limit: int = 100) -> list[SafetyEvent]:
        return await self._facts(SAFETY_EVENTS, "ORDER BY rowid DESC LIMIT ?", (limit,))

    async def errors(self, limit: int = 100) -> list[ErrorFact]:
        return await self._facts(ERRORS, "ORDER BY rowid DESC LIMIT ?", (limit,))

    async def insights(self, limit: int = 100) -> list[Insight]:
        return await self._facts(INSIGHTS, "ORDER BY rowid DESC LIMIT ?", (limit,))

    async def proposals(self, limit: int = 20) -> list[Insight]:
        """Changes of settings that were proposed, newest first."""
        return await self._facts(INSIGHTS, "WHERE subject = ? ORDER BY rowid DESC LIMIT ?", (TUNING, limit))

    async def mark(self, name: str) -> int:
        """The highest value of a mark; 0 when there is none."""
        found: list[Mark] = await self._facts(MARKS, "WHERE name = ?", (name,))
        return found[0].value if found else 0

    async def parity(self, limit: int = 2000) -> list[ParityRow]:
        """The newest executions with their paper twins, oldest first."""
        return (await self._facts(PARITY, "ORDER BY time_ms DESC, rowid DESC LIMIT ?", (limit,)))[::-1]

    async def _facts(self, table: Table, rest: str, values: Sequence[Any] = ()) -> list[Any]:
        await self._writer.settled()
        return [table.fact(row) for row in await self._database.read(f"{table.select} {rest}", values)]


def _where(
    symbol: str | None, moment: str, before_ms: int | None, from_ms: int | None, to_ms: int | None
) -> tuple[str, list[Any]]:
    """A WHERE clause over the given bounds; column names come from this file only."""
    wanted = (
        ("symbol = ?", symbol),
        (f"{moment} < ?", before_ms),
        (f"{moment} >= ?", from_ms),
        (f"{moment} < ?", to_ms),
    )
    parts = [(text, value) for text, value in wanted if value is not None]
    clause = f"WHERE {' AND '.join(text for text, _ in parts)}" if parts else ""
    return clause, [value for _, value in parts]
