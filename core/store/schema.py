"""Opening the database: is it whole, is it ours, is it of this world, and the way from an older version."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.model.errors import StoreError
from core.store.backup import back_up
from core.store.migrations import Step, all_steps

APPLICATION_ID = 0x5A594E31  # "ZYN1" in the file's header
BUSY_S = 5.0


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was found. `created` says that there was no database before: it may have been lost."""

    created: bool
    from_version: int
    version: int


def prepare(
    path: Path, mode: str, backups: Path, busy_s: float = BUSY_S, steps: Sequence[Step] | None = None
) -> Prepared:
    """Check the file and bring it to the newest schema; a copy is made before the first step. Blocking.

    Raises StoreError, having changed nothing, when the file is damaged, newer, of another world or not ours.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(connect(path, busy_s)) as connection:
            return _prepare(connection, path, mode, all_steps() if steps is None else steps, backups)
    except sqlite3.OperationalError as error:
        raise StoreError(why(path, error)) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(_damaged(path, str(error))) from error


def connect(path: Path, busy_s: float = BUSY_S) -> sqlite3.Connection:
    """A plain connection with foreign keys on; every commit is on disk before it returns."""
    connection = sqlite3.connect(path, timeout=busy_s)
    try:
        connection.executescript("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL;")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _prepare(
    connection: sqlite3.Connection, path: Path, mode: str, steps: Sequence[Step], backups: Path
) -> Prepared:
    _refuse_damage(connection, path)
    found = version_of(connection)
    _refuse_foreign(connection, path, found)
    if found > len(steps):
        raise StoreError(
            f"{path} was written by a newer Zyn (schema {found}, this one knows {len(steps)}). Nothing was "
            f"changed: start the newer Zyn, or bring back a copy from {backups} with zyn restore."
        )
    if found:
        _refuse_other_world(connection, path, mode)
    if 0 < found < len(steps):
        back_up(path, backups / f"{path.stem}.schema{found}{path.suffix}")
    connection.execute("PRAGMA journal_mode = WAL")
    for step in steps[found:]:
        _run(connection, step)
    if not found:
        with connection:
            connection.execute("INSERT INTO meta (name, value) VALUES ('mode', ?)", (mode,))
    return Prepared(created=found == 0, from_version=found, version=len(steps))


def version_of(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_damage(connection: sqlite3.Connection, path: Path) -> None:
    # quick_check reads every page; the slower check of the indexes is made on each day's backup.
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise StoreError(_damaged(path, verdict))


def _refuse_foreign(connection: sqlite3.Connection, path: Path, found: int) -> None:
    marked = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    if not marked and (tables or found):
        raise StoreError(f"{path} is a database of something else. Move it away, or set ZYN_DATA_DIR.")


def _refuse_other_world(connection: sqlite3.Connection, path: Path, mode: str) -> None:
    (theirs,) = connection.execute("SELECT value FROM meta WHERE name = 'mode'").fetchone() or ("nothing",)
    if theirs != mode:
        raise StoreError(f"{path} belongs to {theirs}, not to {mode}; worlds never share a file.")


def _run(connection: sqlite3.Connection, step: Step) -> None:
    """One step and its number in one transaction."""
    marks = f"PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {step.number};"
    try:
        connection.executescript(f"BEGIN IMMEDIATE; {step.sql}\n; {marks} COMMIT;")
    except sqlite3.Error:
        connection.rollback()
        raise


def _damaged(path: Path, detail: str) -> str:
    return (
        f"{path} is damaged ({detail}). Zyn left it as it is. Bring back a copy with zyn restore, or move "
        f"the file away: Zyn then rebuilds from the exchange and state.json, with entries stopped."
    )


def why(path: Path, error: Exception) -> str:
    """What a failed write or read means for the owner, in one line."""
    text = str(error).lower()
    if "full" in text:
        cause, cure = "the disk is full", "free some space"
    elif "locked" in text or "busy" in text:
        cause, cure = "another program holds it", "close that program"
    elif "readonly" in text or "read-only" in text:
        cause, cure = "it may not be written", "check the rights of the folder"
    elif "malformed" in text or "not a database" in text:
        return _damaged(path, str(error))
    else:
        cause, cure = str(error), "check the disk and the rights of the folder"
    return f"{path.name} cannot be used: {cause}. No order is sent without it; {cure}."
