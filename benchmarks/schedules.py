"""Seeded days of faults, crashes and hands around the real engine; invariants checked at every step."""

from __future__ import annotations

import asyncio

from tests.simulation.schedule import play as live

SUMMARY = "simulated days of faults, crashes and hands; every invariant checked after every step"
ROUNDS = 10_000


async def play(round: int) -> dict[str, int]:
    """One day; what it met, by kind. Raises with the command that replays it."""
    outcome = await asyncio.to_thread(live, round)
    if outcome.trouble:
        raise AssertionError(f"seed {round}: {outcome.trouble}; replay: {outcome.replay}")
    return dict(outcome.record.met)
