"""Sleeping until a bell rings."""

from __future__ import annotations

import asyncio

from core.clock import Clock, WallSeconds


async def nap(clock: Clock, bell: asyncio.Event, seconds: float) -> None:
    """Sleep until the bell rings, at most this long in wall time."""
    if bell.is_set() or seconds <= 0:
        await asyncio.sleep(0)
        return
    sleeping = asyncio.ensure_future(clock.sleep(WallSeconds(seconds)))
    rung = asyncio.ensure_future(bell.wait())
    try:
        await asyncio.wait({sleeping, rung}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        rung.cancel()
