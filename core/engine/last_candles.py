"""Candles for the rule and for screens: as the market tells them, and the last ones told when it is silent.

Nobody looks long at an empty screen: what is shown then is as old as its newest candle, and says so. The rule
asks the market itself and never judges what is only remembered.
"""

from __future__ import annotations

import asyncio

from core.engine.last_prices import FIRST_PATIENCE_S, PATIENCE_S
from core.engine.ports import Market
from core.model.errors import VenueError
from core.model.market import Candle, Timeframe

_MOST = 720


class LastCandles:
    """The latest candles that were told, by pair and timeframe."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._told: dict[tuple[str, Timeframe], list[Candle]] = {}

    async def now(self, symbol: str, timeframe: Timeframe, limit: int = _MOST) -> list[Candle]:
        """The latest closed candles, oldest first. Raises VenueError when the market is silent."""
        candles = await self._market.candles(symbol, timeframe, limit)
        if candles:
            before = self._told.get((symbol, timeframe), [])
            older = [one for one in before if one.time_ms < candles[0].time_ms]
            self._told[symbol, timeframe] = [*older, *candles][-_MOST:]
        return candles

    async def known(self, symbol: str, timeframe: Timeframe, limit: int) -> tuple[list[Candle], bool]:
        """The latest candles, and whether they are of now. Raises VenueError before any were told."""
        before = self._told.get((symbol, timeframe), [])
        try:
            async with asyncio.timeout(PATIENCE_S if before else FIRST_PATIENCE_S):
                return await self.now(symbol, timeframe, limit), True
        except (VenueError, TimeoutError) as error:
            if not before:
                raise VenueError(f"the exchange has told no candles of {symbol} yet") from error
        return before[-limit:], False
