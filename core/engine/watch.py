"""Prices of what is held: marks for the loss limit, Zyn's own targets, and a stop that just did its work."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.clock import Clock, WallSeconds
from core.engine.kill_switch import KillSwitch
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Market
from core.engine.protection import Protection
from core.engine.treasury import Treasury
from core.model.errors import VenueError
from core.model.market import Quote
from core.model.orders import Leg, Origin


class PriceWatch:
    """Looks at the prices of open positions and acts on what they reach."""

    def __init__(
        self,
        market: Market,
        portfolio: Portfolio,
        protection: Protection,
        treasury: Treasury,
        kill_switch: KillSwitch,
        herald: Herald,
        clock: Clock,
        sync_soon: Callable[[], None],
        pause: WallSeconds,
    ) -> None:
        """`pause` is the time between looks."""
        self._market = market
        self._portfolio = portfolio
        self._protection = protection
        self._treasury = treasury
        self._kill_switch = kill_switch
        self._herald = herald
        self._clock = clock
        self._sync_soon = sync_soon
        self._pause = pause

    async def run(self) -> None:
        """Look for ever; a failed look is tried again, for the stops rest on the exchange."""
        while True:
            held = tuple(self._portfolio.positions)
            if held:
                try:
                    await self.look(await self._market.quotes(held))
                except VenueError:
                    self._sync_soon()
            await self._clock.sleep(self._pause)

    async def look(self, quotes: Mapping[str, Quote]) -> None:
        """Mark positions to these prices, take profit where a target is reached, check the loss limit."""
        for symbol, quote in quotes.items():
            position = self._portfolio.position(symbol)
            if position is None:
                continue
            self._portfolio.mark(symbol, quote.bid)
            if position.stop is not None and quote.last <= position.stop:
                self._sync_soon()  # the exchange is selling it now
            elif position.target is not None and quote.bid >= position.target:
                await self._protection.leave(symbol, Leg.TARGET, Origin.AUTOPILOT)
                await self._treasury.refresh()
        await self._kill_switch.check()
        self._herald.changed("positions")
