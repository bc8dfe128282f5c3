"""What Zyn remembers of its owner."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.memory import Memory, Turn
from core.store.telemetry_db import TelemetryDb


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[TelemetryDb]:
    db = await TelemetryDb.open(tmp_path, "demo")
    yield db
    await db.close()


async def test_the_last_turns_of_a_session_come_back_oldest_first(db: TelemetryDb) -> None:
    for number in range(25):
        await db.add_turn("tg:1", "user", f"turn {number}", number, {"n": number})
    await db.add_turn("web", "user", "elsewhere", 99)
    turns = await db.turns("tg:1", 20)
    assert [turn.text for turn in turns] == [f"turn {number}" for number in range(5, 25)]
    assert turns[-1] == Turn("tg:1", "user", "turn 24", 24, {"n": 24})


async def test_memories_are_found_by_any_of_their_words(db: TelemetryDb) -> None:
    await db.remember("coins", "never buy Shiba", "constraint", "tg:1", 1)
    await db.remember("family", "my daughter is called Ada", "name", "tg:1", 2)
    assert await db.memories("shiba buy") == [Memory(1, "coins", "never buy Shiba", "constraint", "tg:1", 1)]
    assert [memory.subject for memory in await db.memories()] == ["family", "coins"]
    assert await db.memories("100%") == []


async def test_forgetting_says_how_many_and_never_everything_by_mistake(db: TelemetryDb) -> None:
    await db.remember("coins", "never buy shiba", "constraint", "tg:1", 1)
    await db.remember("coins", "i like eth", "fact", "tg:1", 2)
    assert await db.forget("  ") == 0
    assert await db.forget("%") == 0
    assert await db.forget("shiba") == 1
    assert [memory.text for memory in await db.memories()] == ["i like eth"]


async def test_preferences_and_small_values_are_replaced(db: TelemetryDb) -> None:
    await db.set_preference("units", "usd")
    await db.set_preference("units", "coins")
    await db.set_value("telegram.users", "[42]")
    assert await db.preferences() == {"units": "coins"}
    assert await db.get_value("telegram.users") == "[42]"
    assert await db.get_value("nothing") is None


async def test_an_update_is_new_only_once_even_after_a_restart(tmp_path: Path) -> None:
    for expected in (True, False):
        db = await TelemetryDb.open(tmp_path, "demo")
        assert await db.first_time("telegram", "1001") is expected
        assert await db.first_time("telegram", "1001") is False
        await db.close()
