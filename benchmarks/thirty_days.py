"""The whole service left alone for thirty simulated days, killed once a day."""

from __future__ import annotations

import asyncio

from loguru import logger

from tests.simulation.unattended import live

SUMMARY = "30 simulated days unattended with a kill -9 a day: 0 missed candles, 0 unhandled errors"
ROUNDS = 1
DAYS = 30


async def play(number: int) -> dict[str, int]:
    """Raises when a candle was missed, an error had no handler, or a message did not arrive."""
    logger.remove()
    return dict(await asyncio.to_thread(live, number + 1, DAYS))
