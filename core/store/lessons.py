"""The shadow ledger and the learning steps, read back in the order they were written."""

from __future__ import annotations

from core.learning.school import Lesson
from core.model.shadow import Evidence, Policy, ShadowSignal
from core.store.tables import OUTCOMES, POLICIES, SIGNALS
from core.store.writer import StoreRoom

_BOTH = (
    f"SELECT o.number, {SIGNALS.columns('s')}, {OUTCOMES.columns('o')} "  # noqa: S608 - our own names
    "FROM outcomes o JOIN signals s ON s.id = o.signal_id "
)
# Own trades beside their shadows: what a trade earned in units of its signal's stop distance.
_PAIRS = """SELECT CAST(t.net_pnl AS REAL) / (CAST(t.qty AS REAL) * s.stop_distance), o.r
    FROM round_trips t JOIN signals s ON s.symbol || '@' || s.candle_ms = t.cause AND s.rule = t.rule
    JOIN outcomes o ON o.signal_id = s.id
    WHERE s.evidence = 'shadow' AND t.origin = 'autopilot' ORDER BY t.rowid"""


class LessonReaders(StoreRoom):
    """What the learner is rebuilt from; evidence noted before is always seen."""

    async def lessons(self, evidence: Evidence, after: int = 0) -> list[Lesson]:
        """Labelled signals numbered above `after`, in order."""
        await self._writer.settled()
        rows = await self._database.read(
            f"{_BOTH} WHERE s.evidence = ? AND o.number > ? ORDER BY o.number", (evidence.value, after)
        )
        split = 1 + SIGNALS.width
        return [Lesson(row[0], SIGNALS.fact(row[1:split]), OUTCOMES.fact(row[split:])) for row in rows]

    async def count_outcomes(self, evidence: Evidence) -> int:
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT count(*) FROM outcomes o JOIN signals s ON s.id = o.signal_id WHERE s.evidence = ?",
            (evidence.value,),
        )
        return int(rows[0][0])

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]:
        """Signals without an outcome yet, oldest first."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT {SIGNALS.columns('s')} FROM signals s WHERE s.evidence = ? AND NOT EXISTS "  # noqa: S608
            "(SELECT 1 FROM outcomes o WHERE o.signal_id = s.id) ORDER BY s.candle_ms, s.id",
            (evidence.value,),
        )
        return [SIGNALS.fact(row) for row in rows]

    async def traded_signals(self) -> list[ShadowSignal]:
        """The signals that became trades which are closed by now, each once."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT {SIGNALS.columns('s')} FROM signals s WHERE s.evidence = 'shadow' AND EXISTS "  # noqa: S608
            "(SELECT 1 FROM round_trips t WHERE t.cause = s.symbol || '@' || s.candle_ms "
            "AND t.rule = s.rule) ORDER BY s.candle_ms, s.id"
        )
        return [SIGNALS.fact(row) for row in rows]

    async def learning_steps(self) -> list[Policy]:
        """Every learning step, oldest first."""
        await self._writer.settled()
        rows = await self._database.read(f"{POLICIES.select} ORDER BY version")
        return [POLICIES.fact(row) for row in rows]

    async def own_beside_shadow(self) -> list[tuple[float, float]]:
        """(own R, shadow R) of every trade of the autopilot whose signal has an outcome, oldest first."""
        await self._writer.settled()
        return [(float(own), float(shadow)) for own, shadow in await self._database.read(_PAIRS)]
