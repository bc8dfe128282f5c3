"""The backtest world's journal answers as the database does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.model.facts import DayBaseline, Latch
from core.model.orders import IntentState
from core.store.memory_journal import MemoryJournal
from core.store.telemetry_db import TelemetryDb
from tests.support.facts import a_decision, a_fill, an_intent

LATCH = Latch("paused", "asked", 5)
STEPS = (
    (an_intent("a"), a_decision()),
    (an_intent("b", created_ms=2_000),),
    (an_intent("a", IntentState.DONE), a_fill()),
    (an_intent("a", IntentState.PLACED), a_fill()),
    (LATCH, DayBaseline("2024-07-01", "10000", "0", 1)),
    (Latch("kill_switch", "lost 3 %", 6), replace(LATCH, lifted_ms=9)),
)


async def test_both_journals_read_the_same(tmp_path: Path) -> None:
    memory = MemoryJournal()
    async with await TelemetryDb.open(tmp_path, "demo") as stored:
        for facts in STEPS:
            await stored.commit(*facts)
            await memory.commit(*facts)
            assert await memory.intents() == await stored.intents()
            assert await memory.intents(unsettled_only=True) == await stored.intents(unsettled_only=True)
            assert await memory.intents(since_ms=1_500) == await stored.intents(since_ms=1_500)
            assert await memory.latches() == await stored.latches()
            assert await memory.fills() == await stored.fills()
            assert await memory.day_baseline("2024-07-01") == await stored.day_baseline("2024-07-01")
