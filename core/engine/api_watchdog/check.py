"""The shape of a check."""

from __future__ import annotations

from typing import Protocol

ENTRIES = "entries"
AUTOPILOT = "the autopilot's entries"  # not the owner's, who looks for himself
STOPS_STAY = "I open nothing new; the stops on the exchange guard without me."


class Check(Protocol):
    """One thing watched. Its file says what it looks at, what it blocks and how it heals."""

    name: str
    blocks: str  # ENTRIES, AUTOPILOT, or nothing when Zyn can do its work all the same
    meanwhile: str  # what Zyn does while it is wrong, for the owner
    back: str  # what is said when it is well again

    async def look(self) -> str:
        """What is wrong in words, or nothing. Never raises what the thing watched can raise."""
        ...
