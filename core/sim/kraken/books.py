"""What the exchange keeps on disk, so that kill -9 loses nothing and a restart is the same exchange.

Money (orders, fills, balances, ledger) is committed with synchronous=FULL before anybody is told of it. The
clock and nonces are written without waiting for the disk: losing them needs a power cut.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.matching.orders import Order
from core.matching.snapshot import Json, fill_to_json, order_to_json
from core.model.errors import ConfigError
from core.model.orders import Fill

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    seq INTEGER PRIMARY KEY, txid TEXT NOT NULL UNIQUE, body TEXT NOT NULL, closed INTEGER
);
CREATE TABLE IF NOT EXISTS fills (seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS ledger (seq INTEGER PRIMARY KEY, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS balances (asset TEXT PRIMARY KEY, total TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS nonces (key TEXT PRIMARY KEY, nonce TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS pushes (seq INTEGER PRIMARY KEY, symbol TEXT, step INTEGER, factor REAL);
"""


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One movement of one asset; `amount` before the fee, `balance` after both."""

    id: str
    refid: str
    time_ms: int
    type: str
    asset: str
    amount: Decimal
    fee: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything found in the books of an exchange that has run before."""

    meta: dict[str, Any]
    orders: list[Json]
    closed: list[str]
    fills: list[Json]
    ledger: list[LedgerEntry]
    balances: dict[str, str]
    nonces: dict[str, int]
    pushes: list[tuple[str, int, float]]


class Books:
    """One SQLite file, held by one exchange alone; without a path everything stays in memory.

    Raises ConfigError when another exchange holds the file, or when it is no such file.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=0.2)
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.executescript(_SCHEMA)
        except sqlite3.DatabaseError as error:
            self._db.close()
            raise ConfigError([f"the local Kraken cannot use its books {path}: {error}"]) from error
        self._closings = self._count("SELECT COALESCE(MAX(closed), 0) FROM orders")

    def close(self) -> None:
        self._db.close()

    def load(self) -> Stored | None:
        """What was kept, or None for new books."""
        meta = {name: json.loads(value) for name, value in self._db.execute("SELECT name, value FROM meta")}
        if not meta:
            return None
        rows = self._db.execute
        return Stored(
            meta=meta,
            orders=[json.loads(body) for (body,) in rows("SELECT body FROM orders ORDER BY seq")],
            closed=[txid for (txid,) in rows("SELECT txid FROM orders WHERE closed > 0 ORDER BY closed")],
            fills=[json.loads(body) for (body,) in rows("SELECT body FROM fills ORDER BY seq")],
            ledger=[_entry(json.loads(body)) for (body,) in rows("SELECT body FROM ledger ORDER BY seq")],
            balances=dict(rows("SELECT asset, total FROM balances")),
            nonces={key: int(nonce) for key, nonce in rows("SELECT key, nonce FROM nonces")},
            pushes=list(rows("SELECT symbol, step, factor FROM pushes ORDER BY seq")),
        )

    def book(
        self,
        orders: Iterable[Order],
        fills: Iterable[Fill],
        ledger: Iterable[LedgerEntry],
        balances: dict[str, Decimal],
        meta: dict[str, Any],
    ) -> None:
        """Commit one change of money, all of it or nothing, and wait for the disk."""
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("BEGIN IMMEDIATE")
        for order in orders:
            self._put_order(order)
        self._db.executemany(
            "INSERT INTO fills (id, body) VALUES (?, ?)", [(f.id, json.dumps(fill_to_json(f))) for f in fills]
        )
        self._db.executemany("INSERT INTO ledger (body) VALUES (?)", [(_body(entry),) for entry in ledger])
        self._db.executemany(
            "INSERT OR REPLACE INTO balances VALUES (?, ?)",
            [(a, str(total)) for a, total in balances.items()],
        )
        self._put_meta(meta)
        self._db.execute("COMMIT")

    def note(self, **meta: Any) -> None:
        """Keep small facts, such as the clock, without waiting for the disk."""
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._put_meta(meta)

    def note_nonce(self, key: str, nonce: int) -> None:
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute("INSERT OR REPLACE INTO nonces VALUES (?, ?)", (key, str(nonce)))

    def note_push(self, symbol: str, step: int, factor: float) -> None:
        self._db.execute("INSERT INTO pushes (symbol, step, factor) VALUES (?, ?, ?)", (symbol, step, factor))

    def _put_order(self, order: Order) -> None:
        body = json.dumps(order_to_json(order))
        closing = None
        if order.status.final:
            self._closings += 1
            closing = self._closings
        self._db.execute(
            "INSERT INTO orders (txid, body, closed) VALUES (?, ?, ?)"
            " ON CONFLICT (txid) DO UPDATE SET body = excluded.body, closed = excluded.closed",
            (order.txid, body, closing),
        )

    def _put_meta(self, meta: dict[str, Any]) -> None:
        rows = [(name, json.dumps(value)) for name, value in meta.items()]
        self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)

    def _count(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def _body(entry: LedgerEntry) -> str:
    return json.dumps(asdict(entry), default=str)


def _entry(row: Json) -> LedgerEntry:
    amount, fee, balance = (Decimal(row.pop(name)) for name in ("amount", "fee", "balance"))
    return LedgerEntry(**row, amount=amount, fee=fee, balance=balance)
