"""kill -9 while writing: no acknowledged row is lost, and the file opens again."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

from core.store.telemetry_db import FILE_NAME, TelemetryDb

ROUNDS = 10
_WRITE = """
import asyncio, pathlib, sys
from core.store.telemetry_db import TelemetryDb
from tests.support.facts import a_decision, an_announcement, an_intent

async def main(folder, name):
    db = await TelemetryDb.open(pathlib.Path(folder), "demo", ["telegram"])
    number = 0
    while True:
        db.note(*(a_decision(name, number * 100 + i) for i in range(20)))
        await db.commit(an_intent(f"{name}-{number}"), an_announcement(f"{name}-{number}"))
        print(number, flush=True)
        number += 1

asyncio.run(main(*sys.argv[1:]))
"""


def write_until_killed(folder: Path, name: str, seconds: float) -> int:
    """The number of commits that were acknowledged before the process was killed."""
    command = [sys.executable, "-c", _WRITE, str(folder), name]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline())]
        timer = threading.Timer(seconds, process.send_signal, (signal.SIGKILL,))
        timer.start()
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
        timer.join()
    return acknowledged[-1] + 1


async def test_a_killed_writer_loses_no_acknowledged_row(tmp_path: Path) -> None:
    rng, expected = random.Random(3), {}
    for number in range(ROUNDS):
        name = f"round{number}"
        lived = rng.uniform(0.0, 0.15)
        expected[name] = await asyncio.to_thread(write_until_killed, tmp_path, name, lived)
    async with await TelemetryDb.open(tmp_path, "demo", ["telegram"]) as db:
        kept = {intent.id for intent in await db.intents()}
        told = {row.announcement.key for row in await db.outbox.pending("telegram", 0, 10**9)}
    acknowledged = {f"{name}-{number}" for name, count in expected.items() for number in range(count)}
    assert acknowledged <= kept, f"lost from {FILE_NAME}: {sorted(acknowledged - kept)[:5]}"
    assert kept == told
    assert len(acknowledged) >= ROUNDS
