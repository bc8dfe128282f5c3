"""trading_memory.db: intentions, decisions, latches, conversations and what was learned.

Kraken is the truth about money; this is the truth about what Zyn meant, judged, promised and was told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from core.model.facts import Fact, Mark
from core.store.connections import Database, InlineDatabase, ThreadedDatabase
from core.store.conversations import Conversations
from core.store.lessons import LessonReaders
from core.store.outbox import Outbox
from core.store.readers import FactReaders
from core.store.rivals import RivalReaders
from core.store.schema import BUSY_S, Prepared, prepare
from core.store.tables import Statement, notes_of, statements_of
from core.store.tallies import Tallies
from core.store.writer import Writer

FILE_NAME = "trading_memory.db"


class TelemetryDb(FactReaders, LessonReaders, RivalReaders, Conversations, Tallies):
    """The engine's journal and every door's memory, over one writer. Made by `open`, ended by `close`."""

    def __init__(self, database: Database, mode: str, found: Prepared) -> None:
        super().__init__(database, Writer(database), mode)
        self.found = found
        self.outbox = Outbox(database, self._writer, mode)

    @classmethod
    async def open(
        cls, folder: Path, mode: str, channels: Sequence[str] = (), busy_s: float = BUSY_S
    ) -> Self:
        """Check, migrate and open the database of a world's folder.

        `channels` are the outbox channels in force (telegram, sms). Raises StoreError with the way out.
        """
        path = folder / FILE_NAME
        found = await asyncio.to_thread(prepare, path, mode, folder / "backups", busy_s)
        made = cls(await ThreadedDatabase.open(path, busy_s), mode, found)
        await made.outbox.serve(channels)
        return made

    @classmethod
    async def open_inline(cls, folder: Path, mode: str, channels: Sequence[str] = ()) -> Self:
        """The same without a thread, for a simulation whose virtual time stands while the disk works."""
        path = folder / FILE_NAME
        found = prepare(path, mode, folder / "backups")
        made = cls(InlineDatabase(path), mode, found)
        await made.outbox.serve(channels)
        return made

    @property
    def created(self) -> bool:
        """Whether there was no database before: new, or lost."""
        return self.found.created

    @property
    def trouble(self) -> str:
        """Why evidence is not being written now, or empty."""
        return self._writer.trouble

    async def commit(self, *facts: Fact) -> None:
        """All of these facts or none, on disk before it returns. Raises StoreError."""
        await self._writer.commit(statements_of(facts, self.mode))

    def note(self, *facts: Fact) -> None:
        """Keep evidence without waiting for it; it never delays a commit."""
        self._writer.note(notes_of(facts, self.mode))

    async def highest_nonce(self, key: str) -> int:
        """What `note_nonce` kept last of a key; 0 when it is new here."""
        return await self.mark(f"nonce:{key}")

    def note_nonce(self, key: str, up_to: int) -> None:
        """No nonce above this was handed out. It delays no order: evidence, on disk within a moment."""
        self.note(Mark(f"nonce:{key}", up_to))

    async def run(self, statements: Sequence[Statement]) -> int:
        """One transaction of the store's own upkeep; the rows changed. Raises StoreError."""
        return await self._writer.commit(statements)

    async def settled(self) -> None:
        """Wait until the evidence noted so far is written, or was tried in vain."""
        await self._writer.settled()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Write what is left and let the file go."""
        try:
            await self._writer.close()
        finally:
            await self._database.close()
