"""The one writer: money first and durable before its caller goes on, evidence as soon as it is free.

Evidence is written in the pauses between commits, in small batches that a commit hardly waits for; where
there is no pause it takes its turn once it has waited long enough, so that it is on the disk within 50 ms.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from loguru import logger

from core.model.errors import StoreError
from core.store.connections import Database
from core.store.tables import Note, Statement

BATCH = 200  # rows of evidence written at once while a commit waits
IDLE_BATCH = 1_000  # and while none does: a commit that comes then waits for a few milliseconds
LATER_S = 0.005  # evidence waits for whoever noted it to go on, and for more of it
TURN_S = 0.03  # evidence that waited so long goes before the next commit
MOST_WAITING = 200_000  # rows of evidence kept while the disk fails; the oldest go first


class StoreRoom:
    """What every part of the store works with."""

    def __init__(self, database: Database, writer: Writer, mode: str) -> None:
        self._database = database
        self._writer = writer
        self.mode = mode


class Writer:
    """Orders every write. Belongs to the loop it was made in; `close` writes what is left."""

    def __init__(self, database: Database) -> None:
        self.trouble = ""  # why evidence is not being written now, for the owner
        self.lost = 0  # rows of evidence given up
        self._database = database
        self._urgent: deque[tuple[Sequence[Statement], asyncio.Future[int]]] = deque()
        self._evidence: deque[Note] = deque(maxlen=MOST_WAITING)
        self._waits_since = 0.0  # loop time since which the oldest evidence waits
        self._closing = False
        self._later: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task = asyncio.create_task(self._run(), name="store-writer")

    async def commit(self, statements: Sequence[Statement]) -> int:
        """One transaction on disk; the rows changed. A cancelled caller does not cancel the transaction."""
        if self._closing:
            raise StoreError("the database is closed: nothing was written and no order is sent.")
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._urgent.append((statements, written))
        self._wake.set()
        return await written

    def note(self, rows: Sequence[Note]) -> None:
        """Keep evidence; never raises for the disk's sake."""
        if not self._evidence:
            self._waits_since = asyncio.get_running_loop().time()
        self.lost += max(0, len(self._evidence) + len(rows) - MOST_WAITING)
        self._evidence.extend(rows)
        self._idle.clear()
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(LATER_S, self._wake.set)

    async def settled(self) -> None:
        """Wait until the evidence noted so far is written, or has been tried again in vain."""
        if self._evidence:
            self._idle.clear()
            self._wake.set()
        await self._idle.wait()

    async def close(self) -> None:
        """Write what is left and stop."""
        self._closing = True
        self._wake.set()
        await self._task

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            if self._later is not None:
                self._later.cancel()
                self._later = None
            await self._drain()
            self._idle.set()
            if self._closing and not self._urgent:
                return

    async def _drain(self) -> None:
        while self._urgent or self._evidence:
            if self._urgent and not self._is_evidences_turn():
                await self._commit_next()
            elif not await self._write_evidence() and not self._urgent:
                return

    def _is_evidences_turn(self) -> bool:
        waited = asyncio.get_running_loop().time() - self._waits_since
        return bool(self._evidence) and waited >= TURN_S

    async def _commit_next(self) -> None:
        statements, written = self._urgent.popleft()
        try:
            changed = await self._database.write(statements)
        except StoreError as error:
            if not written.done():
                written.set_exception(error)
        else:
            if not written.done():
                written.set_result(changed)

    async def _write_evidence(self) -> bool:
        batch = list(islice(self._evidence, BATCH if self._urgent else IDLE_BATCH))
        self._waits_since = (
            asyncio.get_running_loop().time()
        )  # for what this batch leaves, or for its next try
        try:
            await self._database.write(_merged(batch))
        except StoreError as error:
            return self._could_not(batch, error)
        self._forget(batch)
        self.trouble = ""
        return True

    def _could_not(self, batch: Sequence[Note], error: StoreError) -> bool:
        """Keep the batch for the next try when the disk is at fault; rows that can never fit are given up."""
        if not self.trouble:
            logger.error("Evidence cannot be written: {}", error)
        self.trouble = str(error)
        if isinstance(error.__cause__, sqlite3.OperationalError):
            return False
        self._forget(batch)
        self.lost += len(batch)
        return True

    def _forget(self, batch: Sequence[Note]) -> None:
        for _ in batch:
            self._evidence.popleft()


def _merged(batch: Iterable[Note]) -> list[Statement]:
    """One statement a table, the order within a table kept."""
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for sql, row in batch:
        rows.setdefault(sql, []).append(row)
    return [Statement(sql, tuple(of)) for sql, of in rows.items()]
