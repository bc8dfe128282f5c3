"""The backtest world's journal: what the engine reads back, in memory; the rest is dropped."""

from __future__ import annotations

from core.model.account import RoundTrip
from core.model.facts import DayBaseline, Fact, Latch, Mark
from core.model.orders import Fill, OrderIntent, OwnOrder


class MemoryJournal:
    """Keeps intents, fills, round trips, latches and baselines; every commit costs the same."""

    def __init__(self) -> None:
        self.round_trips: list[RoundTrip] = []
        self._fills: dict[str, Fill] = {}
        self._intents: dict[str, OrderIntent] = {}
        self._unsettled: dict[str, OrderIntent] = {}
        self._latches: dict[str, Latch] = {}
        self._baselines: dict[str, DayBaseline] = {}
        self._own: dict[str, OwnOrder] = {}
        self._marks: dict[str, int] = {}

    async def commit(self, *facts: Fact) -> None:
        self.note(*facts)

    def note(self, *facts: Fact) -> None:
        for fact in facts:
            if isinstance(fact, OrderIntent):
                self._keep_intent(fact)
            elif isinstance(fact, Fill):
                self._fills.setdefault(fact.id, fact)
            elif isinstance(fact, RoundTrip):
                self.round_trips.append(fact)
            elif isinstance(fact, Latch):
                self._keep_latch(fact)
            elif isinstance(fact, DayBaseline):
                self._baselines.setdefault(fact.day, fact)
            elif isinstance(fact, OwnOrder):
                self._own.setdefault(fact.txid, fact)
            elif isinstance(fact, Mark):
                self._marks[fact.name] = max(fact.value, self._marks.get(fact.name, 0))

    async def intents(self, *, unsettled_only: bool = False, since_ms: int = 0) -> list[OrderIntent]:
        kept = self._unsettled if unsettled_only else self._intents
        return [intent for intent in kept.values() if intent.created_ms >= since_ms]

    async def latches(self) -> list[Latch]:
        return list(self._latches.values())

    async def day_baseline(self, day: str) -> DayBaseline | None:
        return self._baselines.get(day)

    async def fills(self) -> list[Fill]:
        return list(self._fills.values())

    async def own_orders(self) -> list[OwnOrder]:
        return list(self._own.values())

    async def mark(self, name: str) -> int:
        return self._marks.get(name, 0)

    def _keep_intent(self, intent: OrderIntent) -> None:
        known = self._intents.get(intent.id)
        if known and known.state.settled and not intent.state.settled:
            return
        self._intents[intent.id] = intent
        if intent.state.settled:
            self._unsettled.pop(intent.id, None)
        else:
            self._unsettled[intent.id] = intent

    def _keep_latch(self, latch: Latch) -> None:
        if latch.lifted_ms is None:
            known = self._latches.setdefault(latch.name, latch)
            if known.set_ms == latch.set_ms:  # the same one, made longer
                self._latches[latch.name] = latch
        else:
            self._latches.pop(latch.name, None)
