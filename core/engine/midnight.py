"""What Zyn had made by a midnight that it did not live through.

A stop that did its work while Zyn was away is a loss of the day it fell on: without this the day would begin
only when Zyn does, and could lose a whole limit more.
"""

from __future__ import annotations

from core.engine.portfolio import Portfolio
from core.engine.ports import Market
from core.model.account import Position
from core.model.errors import VenueError
from core.model.market import Timeframe
from core.model.money import Money, to_decimal

_FRAME = Timeframe.M5
_HISTORY = 720  # candles: longer than any day


class Midnight:
    """Folds the book again up to a moment past."""

    def __init__(self, portfolio: Portfolio, market: Market) -> None:
        self._portfolio = portfolio
        self._market = market

    async def result(self, at_ms: int) -> Money | None:
        """The all-time result at `at_ms`, what was open then at the close before it.

        None when nothing of ours executed since: then the day may as well begin with what is held now.
        """
        fills = self._portfolio.own_fills
        before = [one for one in fills if one.fill.time_ms < at_ms]
        if len(before) == len(fills):
            return None
        book = self._portfolio.empty_book()
        for one in before:
            book.add(one)
        result = book.realised - book.open_fees
        for position in book.positions.values():
            result += await self._gain(position, at_ms)
        return Money(result)

    async def _gain(self, position: Position, at_ms: int) -> Money:
        """What a position was worth above its cost; nothing where no price is known any more."""
        try:
            candles = await self._market.candles(position.symbol, _FRAME, _HISTORY)
        except VenueError:
            candles = []
        closed = [one.close for one in candles if one.time_ms + _FRAME.ms <= at_ms]
        price = to_decimal(closed[-1]) if closed else position.entry_price
        return Money(position.qty * price - position.entry_cost)
