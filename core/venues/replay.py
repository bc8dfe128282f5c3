"""Recorded candles as a venue: what a pair could be traded at when a candle opens, and inside it.

Whoever drives it moves the clock and says which price happens; see `core.lab.backtest_mode` for the order
of things. All prices are put on the pair's grid, to the nearest tick.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from core.clock import Clock
from core.matching.engine import MatchingEngine
from core.matching.fees import FeeModel
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import Money, Price, to_decimal
from core.model.orders import Fill
from core.venues.simulated import SimulatedVenue

_TEN_THOUSAND = Decimal(10_000)
_MONEY_STEP = Decimal("1E-16")  # fine enough that no rounding of money ever moves a lot


class ReplayVenue(SimulatedVenue):
    """Market, Account and Orders of a backtest."""

    def __init__(
        self,
        pairs: Mapping[str, Pair],
        fees: FeeModel,
        start_cash: Money,
        currency: str,
        spread_bps: float,
        clock: Clock,
    ) -> None:
        """`spread_bps` is the whole bid-ask spread that entries and signal exits pay half of."""
        matching = MatchingEngine(pairs, fees, {currency: start_cash}, cost_steps={currency: _MONEY_STEP})
        super().__init__(matching, clock)
        self._pairs = pairs
        half = to_decimal(spread_bps) / _TEN_THOUSAND / 2
        self._to_bid, self._to_ask = 1 - half, 1 + half

    async def pairs(self) -> Mapping[str, Pair]:
        return self._pairs

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        """Nothing: the driver hands every candle to the autopilot itself."""
        return []

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """The prices shown last."""
        found = {symbol: self._matching.quote(symbol) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    async def status(self) -> ExchangeStatus:
        return ExchangeStatus.ONLINE

    async def advisories(self) -> Sequence[Advisory]:
        """History has none."""
        return ()

    def show_open(self, symbol: str, opened: float) -> None:
        """A candle opens: bid and ask lie half a spread beside its open.

        The last trade is shown a tick above the ask, so that every stop waits for what the candle does: also
        one that an open off the grid lies above by less than half a tick.
        """
        pair, price = self._pairs[symbol], to_decimal(opened)
        bid, ask = pair.price(price * self._to_bid), pair.price(price * self._to_ask)
        self._matching.on_quote(Quote(symbol, bid, ask, Price(ask + pair.tick), self._clock.market_ms()))

    def show_trade(self, symbol: str, price: float | Decimal) -> list[Fill]:
        """The market trades at `price` without a spread; the fills of stops that this fires."""
        at: Price = self._pairs[symbol].price(to_decimal(price))
        return self._matching.on_quote(Quote(symbol, at, at, at, self._clock.market_ms()))
