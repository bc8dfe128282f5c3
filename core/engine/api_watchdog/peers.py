"""The exchange: it answers, and takes orders.

Blocks entries while it does not answer or is not in its online mode. Heals by itself: every look asks again,
the lanes stop asking one question after another that gets no answer (`breaker`), and whatever was missed is
read when it is back.
"""

from __future__ import annotations

from core.engine.api_watchdog.check import ENTRIES, STOPS_STAY
from core.engine.ports import Market
from core.model.errors import VenueError
from core.model.market import ExchangeStatus


class Peers:
    """Asks Kraken for its status."""

    name, blocks, meanwhile, back = "exchange", ENTRIES, STOPS_STAY, "Kraken answers again."

    def __init__(self, market: Market) -> None:
        self._market = market
        self.closed = ""  # why the exchange takes no orders, by its own last word

    async def look(self) -> str:
        try:
            status = await self._market.status()
        except VenueError as error:
            return f"Kraken does not answer ({error})"
        mode = f"Kraken is in {status.value.replace('_', ' ')} mode"
        self.closed = "" if status is ExchangeStatus.ONLINE else mode
        return self.closed
