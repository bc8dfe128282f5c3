"""Memory of the demo left alone for ten minutes of wall time: ten hours of its market."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from benchmarks.start_to_ready import rss_kib
from tests.support.process import ZynProcess

SUMMARY = "memory of the demo when ready and after ten minutes of trading"
ROUNDS = 1
MINUTES = 10


async def play(number: int) -> dict[str, int]:
    """Resident memory in KiB at both moments."""
    with tempfile.TemporaryDirectory() as folder:
        zyn = ZynProcess(Path(folder), {"ZYN_DEMO__SEED": str(number + 1)})
        await zyn.start()
        ready = rss_kib(zyn.pid)
        await asyncio.sleep(MINUTES * 60)
        later = rss_kib(zyn.pid)
        await zyn.stop()
    return {"ready_kib": ready, "after_ten_minutes_kib": later}
