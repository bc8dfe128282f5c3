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

_ASK_AGAIN_S = 2.0  # wall seconds
_TRY_AGAIN_S = 10.0


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
        take_up: Callable[[], None],
        spawn: Callable[..., object],
        pause: WallSeconds,
    ) -> None:
        """`take_up` goes on with what was interrupted; `spawn(name, coroutine)` runs beside the looks.

        `pause` is the time between looks.
        """
        self._market = market
        self._portfolio = portfolio
        self._protection = protection
        self._treasury = treasury
        self._kill_switch = kill_switch
        self._herald = herald
        self._clock = clock
        self._sync_soon = sync_soon
        self._take_up = take_up
        self._spawn = spawn
        self._pause = pause
        self._asked: dict[str, float] = {}  # wall seconds, by symbol
        self._tried: dict[str, float] = {}

    async def run(self) -> None:
        """Look for ever; a failed look is tried again, for the stops rest on the exchange."""
        while True:
            self._take_up()
            held = tuple(self._portfolio.positions)
            reached: list[str] = []
            try:
                reached = self.mark(await self._market.quotes(held)) if held else []
            except VenueError:
                self._sync_soon()
            await self._kill_switch.check()
            for symbol in reached:
                self._spawn(f"target {symbol}", self._take_profit(symbol))
            await self._clock.sleep(self._pause)

    async def look(self, quotes: Mapping[str, Quote]) -> None:
        """Mark positions to these prices, check the loss limit, take profit where a target is reached."""
        reached = self.mark(quotes)
        await self._kill_switch.check()
        for symbol in reached:
            await self._take_profit(symbol)

    def mark(self, quotes: Mapping[str, Quote]) -> list[str]:
        """Mark positions to these prices; the symbols that reached their target."""
        reached = []
        for symbol, quote in quotes.items():
            position = self._portfolio.position(symbol)
            if position is None or quote.bid <= 0:
                continue
            self._portfolio.mark(symbol, quote.bid)
            if self._portfolio.is_dust(symbol):
                continue
            if position.stop_txids and position.stop is not None and quote.last <= position.stop:
                self._see_stop(symbol)  # the exchange is selling it now
            elif position.target is not None and quote.bid >= position.target:
                reached.append(symbol)
        self._herald.changed("positions")
        return reached

    def _see_stop(self, symbol: str) -> None:
        """Ask what a stop did, but not again and again while it is late to fire."""
        now = self._clock.monotonic()
        if now - self._asked.get(symbol, -_ASK_AGAIN_S) >= _ASK_AGAIN_S and not self._protection.busy(symbol):
            self._asked[symbol] = now
            self._spawn(f"stop {symbol}", self._protection.after_stop(symbol))

    async def _take_profit(self, symbol: str) -> None:
        """Sell at the target; what did not work is not tried again at once, for the stop goes each time."""
        now = self._clock.monotonic()
        if self._protection.busy(symbol) or now - self._tried.get(symbol, -_TRY_AGAIN_S) < _TRY_AGAIN_S:
            return
        self._tried[symbol], held = now, self._portfolio.on_hand(symbol)
        left = await self._protection.leave(symbol, Leg.TARGET, Origin.AUTOPILOT)
        if left.qty < held:
            await self._treasury.try_refresh()
