"""Prices and fees for screens: asked for now, and the last ones known when the exchange is silent.

Nobody waits long here: what a screen shows is as old as its account state, and says so. Whoever trades asks
the exchange itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.engine.ports import Account, Market
from core.model.errors import VenueError
from core.model.market import FeeRates, Quote

PATIENCE_S = 1.5  # wall seconds that a screen waits for an answer
FIRST_PATIENCE_S = 10.0  # the same while there is no earlier one to show


class LastPrices:
    """The latest quotes and fees that were told, by pair."""

    def __init__(self, market: Market, account: Account) -> None:
        self._market = market
        self._account = account
        self._quotes: dict[str, Quote] = {}
        self._fees: dict[str, FeeRates] = {}

    async def now(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """Quotes of this moment; nothing when the exchange does not give them soon."""
        if not symbols:
            return {}
        try:
            quotes = await asyncio.wait_for(self._market.quotes(list(symbols)), PATIENCE_S)
        except (VenueError, TimeoutError):
            return {}
        self._quotes.update(quotes)
        return quotes

    async def known(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """Quotes of this moment, or the last ones told."""
        fresh = await self.now(symbols)
        return {one: self._quotes[one] for one in symbols if one in self._quotes} | dict(fresh)

    async def taker(self, symbol: str) -> Decimal:
        """The taker fee as a share, or the last one told. Raises VenueError before any was."""
        return (await self.fees(symbol)).taker

    async def fees(self, symbol: str) -> FeeRates:
        """Both fees, or the last ones told. Raises VenueError before any were."""
        patience = PATIENCE_S if symbol in self._fees else FIRST_PATIENCE_S
        try:
            self._fees[symbol] = await asyncio.wait_for(self._account.fees(symbol), patience)
        except (VenueError, TimeoutError) as error:
            if symbol not in self._fees:
                raise VenueError(f"the fees of {symbol} are not known yet") from error
        return self._fees[symbol]
