"""How fast evidence is kept, and how little the loop feels of it; beside a bare sqlite3 in one run."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from pathlib import Path

from core.model.facts import PerformanceMark
from core.store.tables import statements_of
from core.store.telemetry_db import TelemetryDb
from tests.support.facts import a_decision

SUMMARY = "rows a second in batches, 200 decisions, and the loop's lag while writing; beside bare sqlite3"
ROUNDS = 1
_TRIES = 3  # the best counts: what else the machine does is not the store's
_ROWS, _DECISIONS, _BEATS = 100_000, 200, 0.001


async def play(round: int) -> dict[str, int]:
    """The best of a few fresh databases: rows a second of ours and of the peer, and microseconds."""
    tries = [await _once(number) for number in range(_TRIES)]
    fastest = {what: max(one[what] for one in tries) for what in ("rows/s", "peer rows/s")}
    return fastest | {what: min(one[what] for one in tries) for what in ("200 decisions us", "lag p99 us")}


async def _once(number: int) -> dict[str, int]:
    with tempfile.TemporaryDirectory() as folder:
        async with await TelemetryDb.open(Path(folder), "demo") as db:
            marks = [PerformanceMark(at, "1", "1", "0", "0", 0) for at in range(_ROWS)]
            lags: list[float] = []
            beating = asyncio.create_task(_beat(lags))
            started = time.perf_counter()
            for first in range(0, _ROWS, _DECISIONS):
                db.note(*marks[first : first + _DECISIONS])
                await asyncio.sleep(0)
            await db.settled()
            ours = _ROWS / (time.perf_counter() - started)
            beating.cancel()
            decisions = [a_decision("ETH/USD", number * 1_000 + at) for at in range(_DECISIONS)]
            started = time.perf_counter()
            await db.commit(*decisions)
            decided = time.perf_counter() - started
        peer = _ROWS / _bare(Path(folder) / "peer.db", marks)
    return {
        "rows/s": round_(ours), "peer rows/s": round_(peer), "200 decisions us": round_(decided * 1e6),
        "lag p99 us": round_(sorted(lags)[int(len(lags) * 0.99)] * 1e6),
    }  # fmt: skip


def round_(value: float) -> int:
    return int(value + 0.5)


async def _beat(lags: list[float]) -> None:
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_BEATS)
        lags.append(time.perf_counter() - before - _BEATS)


def _bare(path: Path, marks: list[PerformanceMark]) -> float:
    """Seconds that sqlite3 alone needs for the same rows, in transactions of 2,000."""
    (statement,) = statements_of(marks, "demo")
    db = sqlite3.connect(path)
    db.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")
    db.execute(
        "CREATE TABLE performance (time_ms INTEGER PRIMARY KEY, equity TEXT, cash TEXT, realised TEXT,"
        " unrealised TEXT, open_positions INTEGER, mode TEXT)"
    )
    started = time.perf_counter()
    for first in range(0, len(statement.rows), 2_000):
        with db:
            db.executemany(statement.sql, statement.rows[first : first + 2_000])
    took = time.perf_counter() - started
    db.close()
    return took
