"""kill -9 while the database is written: no acknowledged row is lost."""

from __future__ import annotations

import asyncio
import random
import tempfile
from pathlib import Path

from core.store.telemetry_db import TelemetryDb
from tests.scenario.test_store_crash import write_until_killed

SUMMARY = "kill -9 while writing; every acknowledged intent and its announcement is there afterwards"
ROUNDS = 200


async def play(round: int) -> dict[str, int]:
    """One killed writer; raises when a row that was acknowledged is missing."""
    lived = random.Random(round).uniform(0.0, 0.2)
    with tempfile.TemporaryDirectory() as folder:
        count = await asyncio.to_thread(write_until_killed, Path(folder), "killed", lived)
        async with await TelemetryDb.open(Path(folder), "demo", ["telegram"]) as db:
            kept = {intent.id for intent in await db.intents()}
            told = {row.announcement.key for row in await db.outbox.pending("telegram", 0, 10**9)}
    lost = {f"killed-{number}" for number in range(count)} - (kept & told)
    if lost or kept != told:
        raise AssertionError(f"round {round}: {len(lost)} acknowledged rows lost")
    return {"acknowledged": count, "lost": len(lost)}
