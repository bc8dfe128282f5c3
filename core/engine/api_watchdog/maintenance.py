"""Maintenance that the exchange has announced.

Blocks entries from half an hour before it begins: an order sent then may have to wait through it. Heals when
the window is over or was taken back. An entry without a readable beginning may begin at any moment.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.api_watchdog.check import ENTRIES, STOPS_STAY
from core.engine.ports import Market
from core.model.errors import VenueError
from core.model.market import MINUTE_MS, Advisory
from core.model.time_context import from_ms

AHEAD_MS = 30 * MINUTE_MS


class Maintenance:
    """Reads what came with the exchange's status."""

    name, blocks, meanwhile = "maintenance", ENTRIES, STOPS_STAY
    back = "Kraken's maintenance is over or off."

    def __init__(self, market: Market, clock: Clock) -> None:
        self._market = market
        self._clock = clock
        self._last = ""

    async def look(self) -> str:
        """What was announced for the next minutes or is under way; while nobody answers, as said last."""
        try:
            advisories = await self._market.advisories()
        except VenueError:
            return self._last
        now = self._clock.market_ms()
        self._last = next((_said(one, now) for one in advisories if _concerns(one, now)), "")
        return self._last


class Incidents:
    """Emergencies on the exchange's status page.

    They block nothing: most concern deposits of some coin, and one that stops trading changes the exchange's
    mode, which does block.
    """

    name, blocks, back = "incident", "", "Kraken's incident is over."
    meanwhile = "I trade on while Kraken takes orders."

    def __init__(self, market: Market) -> None:
        self._market = market
        self._last = ""

    async def look(self) -> str:
        try:
            advisories = await self._market.advisories()
        except VenueError:
            return self._last
        self._last = next(
            (f"Kraken tells of an incident: {one.text}" for one in advisories if one.emergency), ""
        )
        return self._last


def _concerns(one: Advisory, now_ms: int) -> bool:
    near = one.from_ms is None or one.from_ms - AHEAD_MS <= now_ms
    return not one.emergency and near and (one.until_ms is None or now_ms < one.until_ms)


def _said(one: Advisory, now_ms: int) -> str:
    if one.from_ms is not None and one.from_ms > now_ms:
        return f"Kraken goes into maintenance at {from_ms(one.from_ms):%H:%M} UTC: {one.text}"
    return f"Kraken is under maintenance, or soon will be: {one.text}"
