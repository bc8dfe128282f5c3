"""Opening what is there: older, newer, damaged, foreign or another world's."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from core.model.errors import StoreError
from core.model.facts import Latch
from core.model.orders import IntentState
from core.store.migrations import Step, all_steps
from core.store.schema import Prepared, prepare
from core.store.tables import INTENTS, TABLES, statements_of
from tests.support.facts import a_decision, a_fill, an_intent


def opened(path: Path, mode: str = "demo", steps: tuple[Step, ...] | None = None) -> Prepared:
    return prepare(path, mode, path.parent / "backups", steps=steps)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "demo" / "trading_memory.db"


def test_an_empty_folder_gets_the_newest_schema(path: Path) -> None:
    assert opened(path) == Prepared(created=True, from_version=0, version=len(all_steps()))
    assert opened(path) == Prepared(created=False, from_version=len(all_steps()), version=len(all_steps()))


def test_an_older_version_is_copied_first_and_keeps_everything(path: Path) -> None:
    opened(path, steps=all_steps()[:1])
    facts, latch = (an_intent(), a_fill(), a_decision()), ("paused", "asked", 5, None, "", "demo")
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO latches VALUES (?, ?, ?, ?, ?, ?)", latch)
        for statement in statements_of(facts, "demo"):
            db.executemany(statement.sql, statement.rows)
    assert opened(path).from_version == 1
    for place in (path, path.parent / "backups" / "trading_memory.schema1.db"):
        with closing(sqlite3.connect(place)) as db:
            kept = [TABLES[type(one)].fact(db.execute(TABLES[type(one)].select).fetchone()) for one in facts]
        assert tuple(kept) == facts
    with closing(sqlite3.connect(path)) as db:
        row = db.execute(TABLES[Latch].select).fetchone()
    assert TABLES[Latch].fact(row) == Latch("paused", "asked", 5, until_ms=None)


def test_an_intention_of_a_state_that_is_gone_is_looked_for(path: Path) -> None:
    opened(path, steps=all_steps()[:7])
    with closing(sqlite3.connect(path)) as db, db:
        for statement in statements_of((an_intent(),), "demo"):
            db.executemany(statement.sql, statement.rows)
        db.execute("UPDATE intents SET state = 'sent', progress = 1")
    opened(path)
    with closing(sqlite3.connect(path)) as db:
        kept = INTENTS.fact(db.execute(f"{INTENTS.select} WHERE progress = 1").fetchone())
    assert kept == an_intent(state=IntentState.AMBIGUOUS)


def test_a_migration_that_fails_leaves_the_version_before_it(path: Path) -> None:
    opened(path)
    bad = Step(len(all_steps()) + 1, "bad", "CREATE TABLE half (x); SELECT nonsense FROM nowhere;")
    with pytest.raises(StoreError):
        opened(path, steps=(*all_steps(), bad))
    assert opened(path).from_version == len(all_steps())
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone() == (0,)


def test_a_newer_database_is_refused_with_the_way_out_and_left_alone(path: Path) -> None:
    opened(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="newer Zyn.*zyn restore"):
        opened(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("damage", ["garbage", "cut", "scribbled"])
def test_a_damaged_database_is_refused_and_left_as_it_is(path: Path, damage: str) -> None:
    opened(path)
    body = path.read_bytes()
    spoiled = {
        "garbage": b"this is no database at all" * 100,
        "cut": body[: len(body) // 2 + 100],
        "scribbled": body[:8192] + b"\xff" * 8192 + body[16384:],
    }[damage]
    path.write_bytes(spoiled)
    with pytest.raises(StoreError, match="zyn restore"):
        opened(path)
    assert path.read_bytes() == spoiled


def test_worlds_never_share_a_file(path: Path) -> None:
    opened(path, "demo")
    with pytest.raises(StoreError, match="belongs to demo, not to live"):
        opened(path, "live")


def test_another_programs_database_is_refused(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE recipes (name)")
    with pytest.raises(StoreError, match="something else"):
        opened(path)


def test_a_folder_that_cannot_be_made_is_a_clear_refusal(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "trading_memory.db").mkdir()
    with pytest.raises(StoreError, match="unable to open.*check the disk and the rights"):
        opened(tmp_path / "demo" / "trading_memory.db")
