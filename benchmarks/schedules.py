"""Seeded days of faults, crashes and hands around the whole service; invariants checked at every step."""

from __future__ import annotations

import asyncio
from collections import Counter

from loguru import logger

from tests.simulation.schedule import play as live
from tests.simulation.weather import ODD_FROM

SUMMARY = "simulated days of faults, crashes and hands; every invariant checked after every step"
ROUNDS = ODD_FROM + 600
PROCESSES = 2
LEAST = 20  # times that each of these is met in all days; a campaign that misses one proves nothing
RARE = (
    "crash with an order filled in part",
    "an order ended while its cancel was under way",
    "an order's nonce was refused",
    "an order without an answer was placed",
    "an order without an answer was not placed",
    "kill switch tripped while an entry was on its way",
    "midnight with a position",
    "maintenance with a position",
    "owner sold Zyn's coins by hand",
    "disk failed before an order was sent",
    "late arrival rejected by its deadline",
    "crash during a flatten",
)


async def play(round: int) -> dict[str, int]:
    """One day; what it met, by kind. Raises with the command that replays it."""
    logger.remove()
    outcome = await asyncio.to_thread(live, round)
    if outcome.trouble:
        raise AssertionError(f"seed {round}: {outcome.trouble}; replay: {outcome.replay}")
    return {"days": 1, **outcome.record.met}


def check(counts: Counter[str]) -> None:
    """Every rare situation and every kind of fault was met often enough."""
    least = LEAST * counts["days"] // ROUNDS
    faults = [name for name in counts if name.startswith("fault: ")]
    missed = {name: counts[name] for name in (*RARE, *faults) if counts[name] < least}
    assert not missed, f"met fewer than {least} times: {missed}"
