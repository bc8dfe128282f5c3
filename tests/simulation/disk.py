"""The database of one life: the real store on a real file, without a thread and with the disk's moods."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from core.engine.latches import KILL_SWITCH
from core.model.orders import OrderIntent
from core.store.connections import InlineDatabase, Row
from core.store.schema import prepare
from core.store.shapes import columns_of
from core.store.tables import ANNOUNCEMENTS, INTENTS, LATCHES, SAFETY_EVENTS, Statement
from core.store.telemetry_db import FILE_NAME
from tests.simulation.record import Fuse, Record
from tests.simulation.weather import DISK, Sky

MODE = "demo"
_ID, _STATE = ([column.name for column in columns_of(OrderIntent)].index(name) for name in ("id", "state"))


@cache
def _fresh() -> Path:
    """A prepared database that every schedule begins with a copy of; once a process."""
    path = Path(mkdtemp(prefix="zyn-simulation-")) / FILE_NAME
    prepare(path, MODE, path.parent / "backups")
    sqlite3.connect(path).execute("PRAGMA wal_checkpoint(TRUNCATE)").connection.close()
    return path


def found_world(folder: Path) -> Path:
    """A new world's database in a folder; its path."""
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(_fresh(), folder / FILE_NAME))


class MortalDatabase:
    """The Database port of one life."""

    def __init__(
        self, path: Path, sky: Sky, fuse: Fuse, record: Record, delay_s: Callable[[], float]
    ) -> None:
        self._inner = InlineDatabase(path)
        self._sky, self._fuse, self._record, self._delay_s = sky, fuse, record, delay_s
        self._unsure: set[str] = set()

    async def write(self, statements: Sequence[Statement]) -> int:
        self._fuse.step()
        await asyncio.sleep(self._delay_s())
        self._fuse.step()
        if (trouble := self._sky.disk()) is not None:
            self._note_failure(statements)
            trouble.__cause__ = sqlite3.OperationalError(DISK[self._sky.now.disk_kind])
            raise trouble
        changed = await self._inner.write(statements)
        self._note(statements)
        self._fuse.step()
        return changed

    async def read(self, sql: str, values: Sequence[Any] = ()) -> list[Row]:
        self._fuse.step()
        return await self._inner.read(sql, values)

    async def close(self) -> None:
        await self._inner.close()

    def bury(self) -> None:
        """What the kernel does for a dead process."""
        self._inner._connection.close()

    def _note_failure(self, statements: Sequence[Statement]) -> None:
        if any(row[_STATE] == "new" for row in _rows(statements, INTENTS.insert)):
            self._record.met["disk failed before an order was sent"] += 1

    def _note(self, statements: Sequence[Statement]) -> None:
        """How orders without an answer ended, and whether the kill switch met an entry on its way."""
        for row in _rows(statements, INTENTS.insert):
            if row[_STATE] == "ambiguous":
                self._unsure.add(row[_ID])
            elif row[_ID] in self._unsure:
                self._unsure.discard(row[_ID])
                end = "not placed" if row[_STATE] == "not_placed" else "placed"
                self._record.met[f"an order without an answer was {end}"] += 1
        latched = [
            row for row in _rows(statements, LATCHES.insert) if row[0] == KILL_SWITCH and row[3] is None
        ]
        if latched:
            self._record.met["kill switch tripped"] += 1
            count = "SELECT count(*) FROM intents WHERE side = 'buy' AND progress < 2 AND txid IS NULL"
            if self._inner._connection.execute(count).fetchone()[0]:
                self._record.met["kill switch tripped while an entry was on its way"] += 1
        for row in _rows(statements, SAFETY_EVENTS.insert):
            self._record.met["an entry came too late for its candle"] += row[0] == "refused:stale_candle"
        for row in _rows(statements, ANNOUNCEMENTS.insert):
            self._record.events.append(f"told {row[0]} {row[1]}")


def _rows(statements: Sequence[Statement], sql: str) -> list[tuple[Any, ...]]:
    return [row for one in statements if one.sql == sql for row in one.rows]
