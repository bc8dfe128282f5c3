"""The database: it can be read, and written to disk.

Blocks entries while it cannot, for no order is sent that was not written first. Heals when there is space or
the disk is back; what could not be written is kept in memory and written then.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.api_watchdog.check import ENTRIES
from core.engine.ports import Journal
from core.model.errors import StoreError
from core.model.facts import SafetyEvent

EVERY_S = 600.0  # wall seconds between two rows that show that the disk takes them


class Database:
    """Reads the latches at every look, and now and then writes a row."""

    name, blocks, back = "database", ENTRIES, "The database takes writes again."
    meanwhile = "I open nothing new until I can write it down; the stops on the exchange guard without me."

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._wrote_at = clock.monotonic()
        self._wrong = ""

    async def look(self) -> str:
        try:
            await self._journal.latches()
            if self._wrong or self._clock.monotonic() - self._wrote_at >= EVERY_S:
                await self._journal.commit(
                    SafetyEvent("watch:alive", "the disk takes writes", self._clock.market_ms())
                )
                self._wrote_at = self._clock.monotonic()
        except StoreError as error:
            self._wrong = f"the database fails ({error})"
            return self._wrong
        self._wrong = ""
        return ""
