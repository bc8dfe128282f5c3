"""What evidence costs money: commits alone and beside a flood of evidence, one after the other in one run."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from pathlib import Path
from time import perf_counter

from core.model.facts import ErrorFact, SafetyEvent
from core.store.telemetry_db import TelemetryDb

SUMMARY = "evidence delays no money commit by more than 5 ms at p99 and is on disk within 50 ms"
ROUNDS = 20
COMMITS = 200  # of each kind in a round
FLOOD = 20  # rows of evidence before each commit: 200 pairs judged within ten commits
DELAY_US, LATE_US = 5_000, 50_000


async def play(number: int) -> dict[str, int]:
    """Commits in both ways, in turns of twenty so that the machine's moods touch both alike."""
    alone: list[int] = []
    beside: list[int] = []
    late: list[int] = []
    with tempfile.TemporaryDirectory() as folder:
        async with await TelemetryDb.open(Path(folder), "demo") as db:
            for turn in range(COMMITS // 20):
                alone += [await _commit(db, f"{number}-{turn}-{i}") for i in range(20)]
                beside += [await _beside(db, f"{number}-{turn}+{i}", late) for i in range(20)]
                await db._writer.settled()
    counts = Counter({"commits": len(alone) + len(beside)})
    counts.update(f"alone {_bucket(us)}" for us in alone)
    counts.update(f"beside {_bucket(us)}" for us in beside)
    counts.update("evidence late" for us in late if us > LATE_US)
    counts["evidence rows"] = len(beside) * FLOOD
    return dict(counts)


async def _commit(db: TelemetryDb, name: str) -> int:
    began = perf_counter()
    await db.commit(SafetyEvent("measured", name, 1))
    return round((perf_counter() - began) * 1e6)


async def _beside(db: TelemetryDb, name: str, late: list[int]) -> int:
    noted = perf_counter()
    db.note(*(ErrorFact("measured", f"{name} {row}", 1) for row in range(FLOOD)))
    asyncio.ensure_future(db._writer.settled()).add_done_callback(
        lambda _: late.append(round((perf_counter() - noted) * 1e6))
    )
    return await _commit(db, name)


def _bucket(us: int) -> str:
    """Half milliseconds, written so that they sort."""
    return f"{us // 500 * 500:06} us"


def check(counts: Counter[str]) -> None:
    """The 99th percentiles of both, and how much evidence was late."""
    alone = _p99(counts, "alone ")
    assert alone <= DELAY_US, (
        f"too busy a machine to measure on: a commit alone takes {alone / 1000:.1f} ms at p99"
    )
    gap = _p99(counts, "beside ") - alone
    assert gap <= DELAY_US, f"evidence delays a commit by {gap / 1000:.1f} ms at p99"
    most = counts["commits"] / 200
    assert counts["evidence late"] <= most, f"{counts['evidence late']} batches of evidence took over 50 ms"


def _p99(counts: Counter[str], kind: str) -> int:
    rows = sorted((int(name.split()[1]), n) for name, n in counts.items() if name.startswith(kind))
    left = sum(n for _, n in rows) / 100
    for us, n in reversed(rows):
        left -= n
        if left <= 0:
            return us
    return 0
