"""The paper account: simulated money and orders against an exchange's real public prices.

Fills pay the configured fees and at least the configured spread. Stops and limits wait here and are looked at
every few seconds; after an absence they are walked along the candles that were missed (open, low, high,
close), so that a gap through a stop costs what it would have cost. The whole account is one JSON value in
state.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from core.clock import Clock, WallSeconds
from core.engine.ports import Market
from core.matching.engine import MatchingEngine
from core.matching.fees import FeeModel, FlatFees, TieredFees
from core.matching.paper_rule import sides
from core.model.errors import Rejected, StoreError, VenueError
from core.model.market import MINUTE_MS, Candle, Pair, Quote, Timeframe
from core.model.money import Money, Price, to_decimal
from core.model.orders import OrderReport, OrderRequest
from core.trading_config import Config, CostConfig
from core.venues.simulated import SimulatedVenue

_PAUSE = WallSeconds(2.0)  # between looks at the prices of open orders; at 5 s a limit in 20 was missed
_ABSENCE_MS = 2 * MINUTE_MS  # a longer time without a look is walked along the candles
_HISTORY = 720
_KEPT = 5_000  # closed orders and fills that are put away


class PaperVenue(SimulatedVenue):
    """Account and Orders on paper. `run` keeps the waiting orders true to the market."""

    def __init__(
        self,
        matching: MatchingEngine,
        market: Market,
        pairs: Mapping[str, Pair],
        spread_bps: float,
        clock: Clock,
        seen: Mapping[str, int] | None = None,
    ) -> None:
        """`seen` is when each symbol was last looked at, market ms; missed time is caught up from there."""
        super().__init__(matching, clock)
        self._market = market
        self._pairs = pairs
        self._half_spread = to_decimal(spread_bps) / 20_000
        self._seen: dict[str, int] = dict(seen or {})

    @classmethod
    def open(
        cls, config: Config, market: Market, pairs: Mapping[str, Pair], clock: Clock, state: object
    ) -> Self:
        """The account that `state` (a `snapshot`) was taken of, or a new one with `paper.start_cash`.

        Raises StoreError when the state is not a paper account.
        """
        fees = fee_model(config.costs)
        if state is None:
            cash = {config.service.base_currency: config.paper.start_cash}
            volume = Money(config.costs.volume_30d)
            fresh = MatchingEngine(pairs, fees, cash, volume_30d=volume)
            return cls(fresh, market, pairs, config.costs.spread_bps, clock)
        matching, seen = _restored(state, pairs, fees)
        return cls(matching, market, pairs, config.costs.spread_bps, clock, seen)

    def snapshot(self) -> dict[str, Any]:
        """The account as JSON values."""
        return {"account": self._matching.snapshot(_KEPT), "seen": dict(self._seen)}

    async def run(self) -> None:
        """Look for ever; a failed look is tried again, and what it missed is caught up."""
        while True:
            try:
                await self.look()
            except VenueError:
                pass  # the watchdog tells of a dead exchange; nothing is lost here
            await self._clock.sleep(_PAUSE)

    async def look(self) -> None:
        """Hold every waiting order against the market now, and against what was missed."""
        self._matching.expire(self._clock.market_ms())
        waiting = sorted({report.symbol for report in self._matching.open_orders()})
        if not waiting:
            return
        await self._show(waiting)

    async def place(self, request: OrderRequest) -> str:
        """Execute against a fresh quote. Rejected when there is none: nothing was placed."""
        try:
            await self._show([request.symbol])
        except VenueError as error:
            raise Rejected(f"no price for {request.symbol}: {error}") from error
        return await super().place(request)

    async def _show(self, symbols: list[str]) -> None:
        """Bring fresh quotes to the account, after what was missed before them. Raises VenueError."""
        for symbol in symbols:
            await self._catch_up(symbol)
        for symbol, quote in (await self._market.quotes(symbols)).items():
            self._bring(symbol, quote.mid, quote.last, self._clock.market_ms(), quote.spread / 2)

    def _bring(self, symbol: str, mid: Decimal, last: Price, time_ms: int, half: Decimal) -> None:
        pair = self._pairs[symbol]
        bid, ask = sides(pair, mid, half, self._half_spread)
        self._matching.on_quote(Quote(symbol, bid, ask, last, time_ms))
        self._seen[symbol] = time_ms

    async def _catch_up(self, symbol: str) -> None:
        """Walk the waiting orders of a symbol along the candles since it was last looked at."""
        since, now = self._seen.get(symbol, self._clock.market_ms()), self._clock.market_ms()
        if now - since <= _ABSENCE_MS or not self._waits(symbol):
            return
        timeframe = _covering(now - since)
        candles = await self._market.candles(symbol, timeframe, _HISTORY)
        for candle in candles:
            if candle.time_ms + timeframe.ms > since:
                self._walk(symbol, candle, timeframe.ms, since)

    def _waits(self, symbol: str) -> bool:
        return any(one.symbol == symbol for one in self._matching.open_orders())

    def _walk(self, symbol: str, candle: Candle, length_ms: int, since_ms: int) -> None:
        """The prices of one missed candle that matter to the waiting orders, in their likely order."""
        pair = self._pairs[symbol]
        middle = candle.time_ms + length_ms // 2
        if candle.time_ms < since_ms:
            prices = iter([to_decimal(candle.close)])  # half of it was seen: only its end is certainly new
            middle = candle.time_ms + length_ms - 1
        else:
            prices = self._path(symbol, candle)
        for price in prices:
            at = pair.price(price)
            self._bring(symbol, at, at, max(middle, since_ms), Decimal(0))

    def _path(self, symbol: str, candle: Candle) -> Iterator[Decimal]:
        """Open, down to the low, up to the high, and the close; every waiting order's price on the way."""
        opened, high, low, close = (to_decimal(value) for value in candle[1:5])
        levels = sorted(
            {one.price for one in self._matching.open_orders() if one.symbol == symbol and one.price}
        )
        yield opened
        yield from (level for level in reversed(levels) if low <= level < opened)
        yield from (level for level in levels if opened < level <= high)
        yield close

    async def open_orders(self) -> list[OrderReport]:
        self._matching.expire(self._clock.market_ms())
        return await super().open_orders()


def fee_model(costs: CostConfig) -> FeeModel:
    """The configured rates, or Kraken's published table over the account's own volume."""
    if costs.source == "kraken":
        return TieredFees()
    return FlatFees(to_decimal(costs.maker), to_decimal(costs.taker))


def _covering(absence_ms: int) -> Timeframe:
    """The finest candles whose history reaches back over an absence."""
    for timeframe in Timeframe:
        if timeframe.ms * (_HISTORY - 2) >= absence_ms:
            return timeframe
    return Timeframe.D1


def _restored(
    state: object, pairs: Mapping[str, Pair], fees: FeeModel
) -> tuple[MatchingEngine, dict[str, int]]:
    try:
        if not isinstance(state, Mapping):
            raise TypeError("not a mapping")
        matching = MatchingEngine.restore(state["account"], pairs, fees)
        return matching, {str(symbol): int(at) for symbol, at in state["seen"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as error:
        raise StoreError(
            f"the paper account in state.json cannot be read ({type(error).__name__})"
        ) from error
