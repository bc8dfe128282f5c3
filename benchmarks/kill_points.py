"""kill -9 of the real service at named points: afterwards everything is guarded or on its way out.

The exchange is a `zyn sim` of its own that lives on. A life is forked from a process that has imported
everything once, trades until it dies at its point, and another one takes over from the same folder.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random
from typing import Any

from tests.support.process import ROOT, ZynProcess

SUMMARY = "kill -9 of the real process at 40 points x 25: guarded or flattening after it, ready in 10 s"
READY_S = 10.0

_ORDERS = ("buy market", "buy limit", "sell stop-loss", "sell market", "sell limit")
_INTENTS = (
    "entry new", "entry placed", "entry done", "exit new", "exit placed", "exit done", "stop new",
    "stop placed", "flatten new", "flatten placed", "flatten done",
)  # fmt: skip
_OTHERS = (
    "orders.cancel:before", "orders.cancel:after", "orders.order:before", "orders.order:after",
    "journal.commit latch:before", "journal.commit latch:after",
    "journal.commit safetyevent leaving:before", "journal.commit safetyevent leaving:after",
    "journal.commit safetyevent flatten_step:after", "mirror.save:before", "mirror.save:after",
    "at_once.fills:before", "at_once.fills:after", "at_once.open_orders:after", "account.balances:after",
)  # fmt: skip
POINTS = (
    *(f"orders.place {one}:{when}" for one in _ORDERS for when in ("before", "underway", "after")),
    *(f"journal.commit {one}:{when}" for one in _INTENTS for when in ("before", "after")),
    *_OTHERS,
)
THIRDS = 3  # of the points are a round
ROUNDS = 25 * THIRDS
LIVES = 5  # that may try to come to a point
PROCESSES = 6  # which mostly wait


class Ground:
    """One exchange, one folder and one server of lives; rounds follow each other on it."""

    def __init__(self, folder: Path, url: str, server: asyncio.subprocess.Process) -> None:
        self._server = server
        self._env = {
            "ZYN_DATA_DIR": str(folder / "data"),
            "KRAKEN_API_BASE_URL": url,
            "ZYN_SYMBOLS": "ETH/USD",
            "ZYN_RISK__MAX_ENTRIES_PER_HOUR": "1000",  # an hour of this market passes in three minutes
        }

    async def life(self, **job: Any) -> dict[str, Any]:
        """A life from its start to its end."""
        assert self._server.stdin is not None and self._server.stdout is not None
        self._server.stdin.write(json.dumps({"env": self._env, **job}).encode() + b"\n")
        await self._server.stdin.drain()
        line = await asyncio.wait_for(self._server.stdout.readline(), 120)
        assert line, "the server of lives ended"
        told: dict[str, Any] = json.loads(line)
        return told


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """A fresh exchange at twenty times the speed of life."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sim = ZynProcess(folder, {}, "sim", "--port", "0", "--speed", "20", "--tier", "none")
        url = (await sim.start("local Kraken on")).split()[3]
        server = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.support.kill_server", cwd=ROOT, env={**os.environ, "HOME": name},
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            yield Ground(folder, url, server)
        finally:
            server.kill()
            await server.wait()
            await sim.stop()


async def play(number: int) -> dict[str, int]:
    """A third of the points, one death at each, all on one ground, in an order of the round's own."""
    counts: Counter[str] = Counter({"rounds": 1})
    turn, third = divmod(number, THIRDS)
    points = POINTS[third::THIRDS]
    async with ground() as place:
        for point in Random(number).sample(points, len(points)):
            counts.update(await die_at(place, point, 1 + turn % 3, f"{number}-{POINTS.index(point)}"))
    return counts


async def die_at(place: Ground, point: str, nth: int, name: str) -> dict[str, int]:
    """Die at the n-th passing of a point, come back, and reckon at the exchange.

    A life that ends without so many passings is followed by one that is content with fewer; what it traded
    is the exchange's doing, so that the same deeds pass a point more or less often.
    """
    for life in range(LIVES):
        first = await place.life(deed="trade", name=f"{name}-{life}", point=point, nth=max(nth - life, 1))
        killed = first["code"] == -9
        assert killed or first["code"] == 0, f"{point} x {nth}: {first['told'].get('error')}"
        if killed:
            break
    second = await place.life(deed="recover", name=name)
    told = second["told"]
    assert second["code"] == 0, f"{point} x {nth}: the next life ended: {told.get('error')}"
    assert not told["trouble"], f"{point} x {nth}: {told['trouble']}"
    assert not told["left"], f"{point} x {nth}: after a flatten there is {told['left']}"
    return {
        "killed": int(killed), f"at {point}": int(killed), "not reached": int(not killed),
        "ready after ms": round(told["ready_s"] * 1000), "ready late": int(told["ready_s"] > READY_S),
        "lives": life + 2,
    }  # fmt: skip


def check(counts: Counter[str]) -> None:
    """At least forty points were really died at every time, and every next life was ready in time."""
    assert not counts["ready late"], f"{counts['ready late']} lives were ready only after {READY_S:g} s"
    often = _often(counts)
    assert len(often) >= min(40, counts["killed"]), f"died every time at {len(often)} points only"


def told(counts: Counter[str]) -> str:
    often = _often(counts)
    times = [counts[name] for name in often]
    return (
        f"killed {counts['killed']:,} of {counts['lives']:,} lives, at {len(often)} points at least "
        f"{min(times, default=0)} times, not reached {counts['not reached']}, ready after "
        f"{counts['ready after ms'] // max(counts['killed'] + counts['not reached'], 1):,} ms on average, "
        f"later than {READY_S:g} s {counts['ready late']}"
    )


def _often(counts: Counter[str]) -> list[str]:
    """Points that were died at in every turn of theirs."""
    turns = counts["rounds"] // THIRDS
    return [name for name, count in counts.items() if name.startswith("at ") and count >= max(turns, 1)]
