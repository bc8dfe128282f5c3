"""What the rules that only watch came to, read back."""

from __future__ import annotations

from core.model.shadow import Evidence
from core.store.writer import StoreRoom

_RESULTS = """SELECT s.rule, o.r FROM outcomes o JOIN signals s ON s.id = o.signal_id
    WHERE s.evidence = ? ORDER BY o.number"""


class RivalReaders(StoreRoom):
    """Results by rule; evidence noted before is always seen."""

    async def results_by_rule(self, evidence: Evidence) -> dict[str, list[float]]:
        """Net results in R of every rule, oldest first."""
        await self._writer.settled()
        found: dict[str, list[float]] = {}
        for rule, result in await self._database.read(_RESULTS, (evidence.value,)):
            found.setdefault(str(rule), []).append(float(result))
        return found
