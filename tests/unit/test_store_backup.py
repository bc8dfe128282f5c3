"""Copies that are whole, made while the database is in use, and the way back."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from core.model.errors import StoreError
from core.store.backup import back_up, prune, restore, verify
from core.store.telemetry_db import FILE_NAME, TelemetryDb
from tests.support.facts import an_intent


async def test_a_copy_made_in_the_middle_of_writing_is_whole(tmp_path: Path) -> None:
    async with await TelemetryDb.open(tmp_path, "demo") as db:
        writing = asyncio.create_task(_commit_many(db, 300))
        await db.commit(an_intent("first"))
        backup = await asyncio.to_thread(back_up, tmp_path / FILE_NAME, tmp_path / "backups" / "one.db")
        await writing
        assert backup.rows > 0 and backup.size == (await asyncio.to_thread(verify, backup.path)).size
    async with await TelemetryDb.open(tmp_path / "elsewhere", "demo"):
        pass
    await asyncio.to_thread(restore, backup.path, tmp_path / "elsewhere" / FILE_NAME)
    async with await TelemetryDb.open(tmp_path / "elsewhere", "demo") as db:
        assert "first" in {intent.id for intent in await db.intents()}


async def test_a_restore_keeps_what_it_replaces(tmp_path: Path) -> None:
    async with await TelemetryDb.open(tmp_path, "demo") as db:
        await db.commit(an_intent("kept"))
    await asyncio.to_thread(back_up, tmp_path / FILE_NAME, tmp_path / "backup.db")
    async with await TelemetryDb.open(tmp_path, "demo") as db:
        await db.commit(an_intent("later"))
    await asyncio.to_thread(restore, tmp_path / "backup.db", tmp_path / FILE_NAME)
    async with await TelemetryDb.open(tmp_path, "demo") as db:
        assert [intent.id for intent in await db.intents()] == ["kept"]
    replaced = await asyncio.to_thread(verify, tmp_path / f"{FILE_NAME}.replaced1")
    assert replaced.rows == (await asyncio.to_thread(verify, tmp_path / "backup.db")).rows + 1


def test_a_damaged_copy_is_refused_before_anything_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "bad.db").write_bytes(b"nonsense" * 1000)
    (tmp_path / FILE_NAME).write_bytes(b"the one in use")
    with pytest.raises(StoreError, match="not a database"):
        restore(tmp_path / "bad.db", tmp_path / FILE_NAME)
    assert (tmp_path / FILE_NAME).read_bytes() == b"the one in use"


def test_a_copy_that_cannot_be_made_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="there is no"):
        back_up(tmp_path / FILE_NAME, tmp_path / "copy.db")
    (tmp_path / FILE_NAME).write_bytes(b"nonsense" * 1000)
    with pytest.raises(StoreError, match="could not be copied"):
        back_up(tmp_path / FILE_NAME, tmp_path / "copy.db")
    assert sorted(one.name for one in tmp_path.iterdir()) == [FILE_NAME]


def test_the_newest_copies_are_kept(tmp_path: Path) -> None:
    for day in range(1, 20):
        (tmp_path / f"trading_memory.2024-07-{day:02}.db").touch()
    prune(tmp_path, "trading_memory.*.db", keep=14)
    left = sorted(one.name for one in tmp_path.iterdir())
    assert (len(left), left[0]) == (14, "trading_memory.2024-07-06.db")


async def _commit_many(db: TelemetryDb, count: int) -> None:
    for number in range(count):
        await db.commit(an_intent(f"i{number}"))
