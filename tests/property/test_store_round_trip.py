"""Whatever is committed comes back equal."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.model.facts import Fact
from core.store.schema import prepare
from core.store.shapes import columns_of
from core.store.tables import TABLES, statements_of
from core.store.telemetry_db import TelemetryDb
from tests.support.facts import random_facts


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("facts") / "trading_memory.db"
    prepare(path, "demo", path.parent / "backups")
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fact=random_facts())
def test_every_fact_comes_back_equal(connection: sqlite3.Connection, fact: Fact) -> None:
    table = TABLES[type(fact)]
    for statement in statements_of((fact,), "demo"):
        connection.executemany(statement.sql, statement.rows)
    rows = connection.execute(table.select).fetchall()
    connection.rollback()
    assert [table.fact(row) for row in rows] == [fact]


@pytest.mark.blocks
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(facts=st.lists(random_facts(), max_size=12))
def test_a_commit_is_idempotent(tmp_path_factory: pytest.TempPathFactory, facts: list[Fact]) -> None:
    keyed = [fact for fact in facts if "CONFLICT" in TABLES[type(fact)].insert]

    async def twice(folder: Path) -> tuple[list[Any], list[Any]]:
        db = await TelemetryDb.open_inline(folder, "demo", ["telegram"])
        await db.commit(*keyed)
        first = await _everything(db)
        await db.commit(*keyed)
        second = await _everything(db)
        await db.close()
        return first, second

    first, second = asyncio.run(twice(tmp_path_factory.mktemp("idempotent")))
    assert first == second


def test_every_field_of_every_fact_has_its_column(connection: sqlite3.Connection) -> None:
    for kind, table in TABLES.items():
        there = {row[1] for row in connection.execute(f"PRAGMA table_info({table.name})")}
        missing = {column.name for column in columns_of(kind)} - there
        assert not missing, f"{kind.__name__} has new fields {missing}: write a migration for {table.name}"


async def _everything(db: TelemetryDb) -> list[Any]:
    rows: list[Any] = []
    for table in [*TABLES.values()]:
        rows.append(await db._database.read(f"SELECT * FROM {table.name}"))
    rows.append(await db._database.read("SELECT * FROM outbox"))
    return rows
