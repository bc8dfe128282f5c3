"""The paper account against a market that is a script."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal as D

import pytest

from core.clock import ManualClock
from core.model.errors import Rejected, StoreError, Transient
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import Price, Qty
from core.model.orders import Fill, OrderRequest, OrderStatus, OrderType, Side
from core.trading_config import Config, CostConfig
from core.venues.paper_trading import PaperVenue

M5 = 300_000
START = 1_704_067_200_000
PAIR = Pair("ETH/USD", "ETH", "USD", D("0.01"), D("0.0001"), D("0.001"), D("0.5"))


class ScriptedMarket:
    """Public data that a test sets by hand."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.price = D("2000")
        self.dead = False
        self.missed: list[Candle] = []
        self.asked: list[Timeframe] = []

    async def pairs(self) -> Mapping[str, Pair]:
        return {PAIR.symbol: PAIR}

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        self.asked.append(timeframe)
        return self.missed

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        if self.dead:
            raise Transient("no answer")
        at = Price(self.price)
        return {symbol: Quote(symbol, at, at, at, self.clock.market_ms()) for symbol in symbols}

    async def status(self) -> ExchangeStatus:
        return ExchangeStatus.ONLINE

    async def advisories(self) -> Sequence[Advisory]:
        return ()


class Paper:
    """A paper account with its market and clock."""

    def __init__(self, state: object = None, at_ms: int = START, costs: CostConfig | None = None) -> None:
        self.clock = ManualClock(at_ms)
        self.market = ScriptedMarket(self.clock)
        self.config = Config(costs=costs or CostConfig())
        self.venue = PaperVenue.open(self.config, self.market, {PAIR.symbol: PAIR}, self.clock, state)
        self._orders = 0

    async def buy(self, qty: str, stop: str | None = None, limit: str | None = None) -> str:
        self._orders += 1
        kind = OrderType.LIMIT if limit else OrderType.MARKET
        return await self.venue.place(
            OrderRequest(
                f"00000000-0000-5000-8000-{self._orders:012}", PAIR.symbol, Side.BUY, kind, Qty(D(qty)),
                Price(D(limit)) if limit else None, close_stop=Price(D(stop)) if stop else None,
            )
        )  # fmt: skip

    async def sold(self) -> list[Fill]:
        return [fill for fill in await self.venue.fills(0) if fill.side is Side.SELL]

    def later(self, ms: int) -> Paper:
        """The account after a restart that much later, its state gone through JSON."""
        state = json.loads(json.dumps(self.venue.snapshot()))
        return Paper(state, self.clock.market_ms() + ms)


def candle(place: int, opened: float, high: float, low: float, close: float) -> Candle:
    return Candle(START + place * M5, opened, high, low, close, 1.0)


async def test_a_market_order_pays_half_the_spread_and_the_taker_fee() -> None:
    paper = Paper()
    await paper.buy("1")
    (fill,) = await paper.venue.fills(0)
    assert fill.price == D("2000.50")  # 2.5 bps above 2,000
    assert fill.fee == D("2000.50") * D("0.0026")
    assert (await paper.venue.balances())["USD"].total == D(10_000) - fill.cost - fill.fee


async def test_a_stop_that_came_with_the_fill_sells_when_the_market_touches_it() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    paper.market.price = D("1980.01")
    await paper.venue.look()
    assert not await paper.sold()
    paper.market.price = D("1980")
    await paper.venue.look()
    (fill,) = await paper.sold()
    assert fill.price == D("1979.50")  # half a spread below the touch, down to the tick
    assert not await paper.venue.open_orders()


async def test_a_resting_limit_fills_at_its_price_as_maker() -> None:
    paper = Paper()
    txid = await paper.buy("1", limit="1990")
    paper.market.price = D("1989")
    await paper.venue.look()
    report = await paper.venue.order(txid)
    assert report.status is OrderStatus.CLOSED
    assert (report.average, report.fee) == (D(1990), D(1990) * D("0.0016"))


async def test_without_a_price_nothing_is_placed() -> None:
    paper = Paper()
    paper.market.dead = True
    with pytest.raises(Rejected, match="no price for ETH/USD"):
        await paper.buy("1")
    assert not await paper.venue.fills(0)


async def test_a_restart_keeps_money_orders_and_fills() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    again = paper.later(1_000)
    assert await again.venue.balances() == await paper.venue.balances()
    assert await again.venue.open_orders() == await paper.venue.open_orders()
    assert await again.venue.fills(0) == await paper.venue.fills(0)
    assert again.venue.snapshot() == paper.venue.snapshot()


async def test_a_stop_that_was_touched_while_off_fills_at_the_stop_and_at_that_time() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    again = paper.later(4 * M5)
    again.market.missed = [candle(1, 2000, 2010, 1995, 2005), candle(2, 2005, 2030, 1970, 2020)]
    again.market.price = D(2020)
    await again.venue.look()
    (fill,) = await again.sold()
    assert fill.price == D("1979.50")
    assert START + 2 * M5 < fill.time_ms < START + 3 * M5


async def test_a_stop_that_was_gapped_through_while_off_fills_at_the_gap() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    again = paper.later(4 * M5)
    again.market.missed = [candle(1, 2000, 2010, 1995, 2005), candle(2, 1900, 1950, 1890, 1940)]
    await again.venue.look()
    assert (await again.sold())[0].price == D("1899.52")


async def test_of_a_candle_that_was_half_seen_only_its_close_counts() -> None:
    paper = Paper(at_ms=START + 60_000)
    await paper.buy("1", stop="1980")
    again = paper.later(M5)
    again.market.missed = [candle(0, 2000, 2010, 1900, 1990)]  # the low may have been before the purchase
    await again.venue.look()
    assert not await again.sold()


async def test_what_was_missed_comes_before_a_new_order() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    again = paper.later(4 * M5)
    again.market.missed = [candle(2, 1900, 1950, 1890, 1940)]
    again.market.price = D(2000)
    await again.buy("1")
    assert [fill.side for fill in await again.venue.fills(0)] == [Side.BUY, Side.SELL, Side.BUY]


async def test_a_long_absence_is_walked_along_longer_candles() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    again = paper.later(5 * 86_400_000)
    await again.venue.look()
    assert again.market.asked == [Timeframe.M15]


async def test_a_failed_look_catches_up_later() -> None:
    paper = Paper()
    await paper.buy("1", stop="1980")
    paper.market.dead = True
    paper.clock.advance(10 * M5)
    with pytest.raises(Transient):
        await paper.venue.look()
    paper.market.dead = False
    paper.market.missed = [candle(3, 2000, 2000, 1970, 2000)]
    await paper.venue.look()
    assert len(await paper.sold()) == 1


async def test_kraken_costs_follow_the_published_table() -> None:
    paper = Paper(costs=CostConfig(source="kraken", volume_30d=D(60_000)))
    fees = await paper.venue.fees("ETH/USD")
    assert (fees.maker, fees.taker) == (D("0.0015"), D("0.003"))


@pytest.mark.parametrize("state", [{}, {"account": 3, "seen": {}}, [1], {"account": {"ids": []}, "seen": {}}])
def test_a_torn_account_is_said_and_not_replaced_by_a_new_one(state: object) -> None:
    with pytest.raises(StoreError, match="paper account in state.json cannot be read"):
        Paper(state)
