"""The tables as CSV files, from one consistent look at a database that may be in use."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from core.model.errors import StoreError

_INNER = ("sqlite_", "meta", "key_values", "processed_updates", "channels")  # nothing an analyst asks for


@dataclass(frozen=True, slots=True)
class Exported:
    """One table's file, its rows, and its columns with their types in SQL: text, integer, real or none."""

    table: str
    path: Path
    rows: int
    types: Mapping[str, str]


def tables_of(path: Path) -> list[str]:
    """The tables that can be exported, by name. Raises StoreError."""
    with closing(_open(path)) as db:
        return _tables(db, path)


def export_csv(path: Path, folder: Path, wanted: Sequence[str] = ()) -> list[Exported]:
    """Write `<folder>/<table>.csv` of every wanted table, all as of one moment. Money is decimal text.

    Raises StoreError for a database that cannot be read, a table that is not there or a file that cannot be
    written; nothing is changed in the database.
    """
    with closing(_open(path)) as db:
        known = _tables(db, path)
        if missing := [name for name in wanted if name not in known]:
            raise StoreError(f"there is no table {', '.join(missing)}; there are: {', '.join(known)}.")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            db.execute("BEGIN")
            return [_write(db, name, folder / f"{name}.csv") for name in wanted or known]
        except (OSError, sqlite3.Error) as error:
            raise StoreError(f"the export to {folder} failed: {error}.") from error


def _open(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise StoreError(f"there is no {path} to export.")
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)


def _tables(db: sqlite3.Connection, path: Path) -> list[str]:
    try:
        rows = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is not a database Zyn can read ({error}).") from error
    return [name for (name,) in rows if not name.startswith(_INNER)]


def _write(db: sqlite3.Connection, name: str, path: Path) -> Exported:
    rows = db.execute(f'SELECT * FROM "{name}" ORDER BY rowid')  # noqa: S608 - a name of our own schema
    count = 0
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow([column[0] for column in rows.description])
        for row in rows:
            out.writerow(row)
            count += 1
    columns = db.execute("SELECT name, lower(type) FROM pragma_table_info(?)", (name,))
    return Exported(name, path, count, dict(columns.fetchall()))
