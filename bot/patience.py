"""Waits for an exchange that does not answer yet, and says so once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from core.clock import Clock, WallSeconds
from core.model.errors import Transient, VenueError

T = TypeVar("T")
Say = Callable[[str], None]

PAUSE = WallSeconds(10.0)


async def until_answered(
    ask: Callable[[], Awaitable[T]],
    clock: Clock,
    address: str,
    say: Say,
    patient_with: type[VenueError] = Transient,
) -> T:
    """What `ask` brings, however long the exchange at `address` takes to answer.

    Raises what is not worth waiting for: errors that are not `patient_with`.
    """
    told = False
    while True:
        try:
            return await ask()
        except patient_with as error:
            if not told:
                say(
                    f"Kraken does not answer at {address} ({error}). I try again every {PAUSE:.0f} s; "
                    "stops you have rest there. Check KRAKEN_API_BASE_URL and your connection, or stop me."
                )
            told = True
        await clock.sleep(PAUSE)
