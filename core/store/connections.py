"""The database behind a small port: on its own threads in the service, inline in a simulation."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, Self

import aiosqlite

from core.model.errors import StoreError
from core.store.schema import BUSY_S, connect, why
from core.store.tables import Statement

Row = tuple[Any, ...]


class Database(Protocol):
    """One writer and any number of reads. Every failure is a StoreError for the owner."""

    async def write(self, statements: Sequence[Statement]) -> int:
        """Run all of them in one transaction, on disk before it returns; the number of rows changed."""
        ...

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]: ...

    async def close(self) -> None: ...


class ThreadedDatabase:
    """aiosqlite: one connection writes, one reads, so that a long read never holds up an order."""

    def __init__(self, path: Path, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._path = path
        self._writer = writer
        self._reader = reader

    @classmethod
    async def open(cls, path: Path, busy_s: float = BUSY_S) -> Self:
        """Open a prepared file (schema.prepare)."""
        writer = await _connected(path, busy_s)
        await writer.executescript("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")
        reader = await _connected(path, busy_s)
        await reader.executescript("PRAGMA query_only = ON;")
        return cls(path, writer, reader)

    async def write(self, statements: Sequence[Statement]) -> int:
        try:
            changed = 0
            for statement in statements:
                changed += (await self._writer.executemany(statement.sql, statement.rows)).rowcount
            await self._writer.commit()
        except sqlite3.Error as error:
            await self._give_up()
            raise StoreError(why(self._path, error)) from error
        return changed

    async def _give_up(self) -> None:
        try:
            await self._writer.rollback()
        except sqlite3.Error:
            pass  # SQLite has rolled back by itself

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return [tuple(row) for row in await self._reader.execute_fetchall(sql, values)]
        except sqlite3.Error as error:
            raise StoreError(why(self._path, error)) from error

    async def close(self) -> None:
        await self._reader.close()
        await self._writer.close()


async def _connected(path: Path, busy_s: float) -> aiosqlite.Connection:
    connection = aiosqlite.connect(path, timeout=busy_s)
    # What was committed is on disk: a process that fails before `close` must be able to end.
    connection._thread.daemon = True
    return await connection


class InlineDatabase:
    """The same on the standard library, without a thread: a simulation's only time is its own."""

    def __init__(self, path: Path, busy_s: float = BUSY_S) -> None:
        self._path = path
        self._connection = connect(path, busy_s)

    async def write(self, statements: Sequence[Statement]) -> int:
        try:
            with self._connection:
                return sum(
                    self._connection.executemany(statement.sql, statement.rows).rowcount
                    for statement in statements
                )
        except sqlite3.Error as error:
            raise StoreError(why(self._path, error)) from error

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(why(self._path, error)) from error

    async def close(self) -> None:
        self._connection.close()
