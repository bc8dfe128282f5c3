"""What starting costs: CPU of Zyn from nothing to ready, beside importing all of the card's packages."""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
from pathlib import Path

from tests.support.process import ZynProcess

SUMMARY = "CPU of start to ready at most 0.8 x that of importing all the card's packages, side by side"
ROUNDS = 5
MOST = 0.8
CARD = (
    "telegram.ext", "aiohttp.web", "ccxt.async_support", "openai", "aiosqlite", "pandas", "loguru",
    "tenacity", "dotenv", "twilio.rest",
)  # fmt: skip


async def play(number: int) -> dict[str, int]:
    """CPU milliseconds of both, one after the other, and Zyn's memory when ready, in KiB."""
    with tempfile.TemporaryDirectory() as folder:
        zyn = ZynProcess(Path(folder), {"TWILIO_API_BASE_URL": "http://127.0.0.1:9"})
        await zyn.start()
        ready, memory = _cpu_ms(zyn.pid), rss_kib(zyn.pid)
        await zyn.stop()
    return {"rounds": 1, "zyn_ms": ready, "card_ms": await _importing(), "rss_kib": memory}


async def _importing() -> int:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    code = "; ".join(f"import {name}" for name in CARD)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code)
    assert await process.wait() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round((after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1000)


def _cpu_ms(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return round((int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK"))


def rss_kib(pid: int) -> int:
    """Resident memory of a process now."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def check(counts: dict[str, int]) -> None:
    """The ratio of both sums."""
    ratio = counts["zyn_ms"] / counts["card_ms"]
    assert ratio <= MOST, f"start to ready costs {ratio:.2f} x the card's imports"
