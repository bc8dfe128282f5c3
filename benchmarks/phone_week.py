"""Weeks on the owner's phone: a thousand events, outages, quiet hours, an owner who may sleep through it."""

from __future__ import annotations

import asyncio

from tests.support.phone_week import play as live

SUMMARY = "scripted weeks of 1,000 events and outages: every critical seen or texted, nothing lost or doubled"
ROUNDS, PROCESSES = 50, 2


async def play(round: int) -> dict[str, int]:
    """One week; what it held. Raises with what broke."""
    broken, counts = await asyncio.to_thread(live, round)
    if broken:
        raise AssertionError(f"seed {round}: {broken[:5]}")
    return {**counts, "lost": 0, "doubled": 0}
