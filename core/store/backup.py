"""Consistent, verified copies of the database, made while it is in use, and the way back."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from core.model.errors import StoreError

KEPT = 14


@dataclass(frozen=True, slots=True)
class Backup:
    """A verified copy: `rows` counts every table's rows."""

    path: Path
    schema: int
    rows: int
    size: int  # bytes


def back_up(source: Path, target: Path) -> Backup:
    """Copy a database that may be in use to `target`, verified before it gets its name. Blocking.

    Raises StoreError, leaving no half copy, when the source cannot be read or the copy is not whole.
    """
    if not source.is_file():
        raise StoreError(f"there is no {source} to copy.")
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        _copy(source, part)
        found = verify(part)
        _sync(part)
        os.replace(part, target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source.name} could not be copied to {target} ({error}).") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return Backup(target, found.schema, found.rows, target.stat().st_size)


def verify(path: Path) -> Backup:
    """Read a copy whole. Raises StoreError when it is not a sound database of Zyn's."""
    if not path.is_file():
        raise StoreError(f"there is no {path}.")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            verdict = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise StoreError(f"{path} is damaged ({verdict}).")
            schema = int(db.execute("PRAGMA user_version").fetchone()[0])
            return Backup(path, schema, _rows(db), path.stat().st_size)
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a database Zyn can read ({error}).") from error


def restore(backup: Path, target: Path) -> Backup:
    """Put a verified copy in the database's place; what stood there is kept beside it. Blocking.

    The caller holds the data folder's lock, so that nothing has the database open.
    """
    verify(backup)
    fresh = target.with_name(target.name + ".restoring")
    found = back_up(backup, fresh)
    for suffix in ("", "-wal", "-shm"):
        old = target.with_name(target.name + suffix)
        if old.exists():
            os.replace(old, _free_name(target, suffix))
    os.replace(fresh, target)
    return Backup(target, found.schema, found.rows, found.size)


def prune(folder: Path, pattern: str, keep: int = KEPT) -> list[Path]:
    """Delete all but the newest `keep` copies by name; the names sort by date."""
    surplus = sorted(folder.glob(pattern))[:-keep] if keep else []
    for path in surplus:
        path.unlink()
    return surplus


def _copy(source: Path, part: Path) -> None:
    reading = f"{source.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(reading, uri=True)) as origin, closing(sqlite3.connect(part)) as copy:
        origin.backup(copy)
        # The copy is one file: whoever moves it must not forget a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _rows(db: sqlite3.Connection) -> int:
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return sum(int(db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]) for name in names)  # noqa: S608


def _free_name(target: Path, suffix: str) -> Path:
    number = 1
    while (kept := target.with_name(f"{target.name}.replaced{number}{suffix}")).exists():
        number += 1
    return kept


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
