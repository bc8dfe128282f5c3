"""The exchange manager against the local Kraken, an exchange that shares no parsing code with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from core.clock import ManualClock
from core.matching.customs import Customs
from core.model.errors import AuthFailed, NonceRefused, Rejected, Transient, UnknownOutcome
from core.model.ids import account_namespace, client_order_id
from core.model.market import ExchangeStatus, Timeframe
from core.model.money import Price, Qty
from core.model.orders import OrderReport, OrderRequest, OrderStatus, OrderType, Side
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken
from core.store.telemetry_db import TelemetryDb
from core.venues.exchange_manager import Access, KrakenVenue

START = 1_750_000_000_000
SPACE = account_namespace("demo", "contract")


@dataclass(slots=True)
class Bench:
    """A venue and the exchange behind it."""

    venue: KrakenVenue
    clock: ManualClock
    url: str
    session: aiohttp.ClientSession
    orders: int = 0

    async def fault(self, path: str, kind: str, phase: str = "after", value: str = "") -> None:
        body = {"path": path, "kind": kind, "phase": phase, "value": value}
        async with self.session.post(f"{self.url}/__sim__/faults", json=body) as reply:
            assert reply.status == 200, await reply.text()

    async def quote(self, symbol: str, price: Decimal) -> None:
        body = {"pair": symbol, "price": str(price)}
        async with self.session.post(f"{self.url}/__sim__/quote", json=body) as reply:
            assert reply.status == 200, await reply.text()

    def buy(self, qty: str = "0.01", **changes: Any) -> OrderRequest:
        self.orders += 1
        name = client_order_id(SPACE, f"test {self.orders}", "entry")
        base = OrderRequest(name, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal(qty)))
        return replace(base, **changes)

    async def price(self) -> Decimal:
        return (await self.venue.quotes(["BTC/USD"]))["BTC/USD"].bid


# What nobody knows of the real exchange, answered the one way and the other.
HABITS = {
    "usual": Customs(),
    "other": Customs(
        hold_trigger_orders=False,
        children_inherit_client_id=True,
        short_minimum_words=True,
        short_duplicate_words=True,
        pairs_tell_fees=False,
    ),
}


@pytest.fixture(params=HABITS)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    clock, habits = ManualClock(START), replace(HABITS[request.param])
    kraken = LocalKraken(clock, start_cash=Decimal(1_000_000), symbols=("BTC/USD",), customs=habits)
    url = await kraken.start()
    venue = KrakenVenue(Access(url, DEMO_KEY, DEMO_SECRET, tier="pro", timeout_s=2.0), clock)
    await venue.start()
    async with aiohttp.ClientSession() as session:
        yield Bench(venue, clock, url, session)
    await venue.close()
    await kraken.stop()


async def test_the_market_is_there_with_its_names_and_grids(bench: Bench) -> None:
    pairs = await bench.venue.pairs()
    assert len(pairs) >= 250
    assert pairs["BTC/USD"].tick == Decimal("0.1")
    assert bench.venue.resolve("xbtusd") == "BTC/USD"
    assert await bench.venue.status() is ExchangeStatus.ONLINE
    quotes = await bench.venue.quotes(["BTC/USD", "ETH/USD"])
    assert all(0 < one.bid < one.ask for one in quotes.values())
    assert await bench.venue.learn_time() == 0


async def test_candles_grown_by_new_rows_equal_candles_read_at_once(bench: Bench) -> None:
    grown = await bench.venue.candles("BTC/USD", Timeframe.M5)
    assert len(grown) == 720
    for _ in range(3):
        bench.clock.advance(2 * Timeframe.M5.ms)
        grown = await bench.venue.candles("BTC/USD", Timeframe.M5)
    assert grown[-1].time_ms + Timeframe.M5.ms <= bench.clock.market_ms() < grown[-1].time_ms + 600_000
    await bench.venue.close()
    fresh = KrakenVenue(Access(bench.url), bench.clock)
    await fresh.start()
    assert await fresh.candles("BTC/USD", Timeframe.M5) == grown
    await fresh.close()


async def test_a_buy_is_filled_booked_and_protected_by_its_conditional_close(bench: Bench) -> None:
    price = await bench.price()
    stop = (await bench.venue.pairs())["BTC/USD"].price(price * Decimal("0.95"))
    deadline = bench.clock.market_ms() + 5000
    txid = await bench.venue.place(bench.buy(close_stop=stop, deadline_ms=deadline))
    entry = await bench.venue.order(txid)
    assert (entry.status, entry.filled) == (OrderStatus.CLOSED, Decimal("0.01"))
    (child,) = await bench.venue.open_orders()
    assert (child.parent_txid, child.side, child.type) == (txid, Side.SELL, OrderType.STOP_LOSS)
    assert (child.qty, child.price) == (entry.filled, stop)
    fills = await bench.venue.fills(0)
    assert sum(one.qty for one in fills) == entry.filled
    assert sum(one.fee for one in fills) == entry.fee > 0
    balances = await bench.venue.balances()
    assert balances["BTC"].total == entry.filled, "the fee was paid in dollars"
    assert balances["USD"].total == Decimal(1_000_000) - sum(one.cost + one.fee for one in fills)


async def test_a_stop_is_raised_in_place_and_cancelled(bench: Bench) -> None:
    price = await bench.price()
    stop = (await bench.venue.pairs())["BTC/USD"].price(price * Decimal("0.90"))
    await bench.venue.place(bench.buy(close_stop=stop))
    (child,) = await bench.venue.open_orders()
    higher = Price(stop + Decimal("100.0"))
    now_ms = bench.clock.market_ms()
    await bench.venue.raise_stop(child.txid, higher, now_ms + 5000)
    with pytest.raises(Rejected):
        await bench.venue.raise_stop(child.txid, Price(stop), now_ms - 1000)
    raised = await bench.venue.order(child.txid)
    assert (raised.price, raised.status) == (higher, OrderStatus.OPEN)
    await bench.venue.cancel(child.txid)
    assert (await bench.venue.order(child.txid)).status is OrderStatus.CANCELED
    with pytest.raises(Rejected):
        await bench.venue.cancel(child.txid)
    with pytest.raises(Rejected):
        await bench.venue.raise_stop(child.txid, higher, now_ms + 5000)
    closed = await bench.venue.closed_orders(0)
    assert {one.status for one in closed} == {OrderStatus.CLOSED, OrderStatus.CANCELED}


async def test_a_stop_sells_when_the_market_falls_through_it(bench: Bench) -> None:
    price = await bench.price()
    stop = (await bench.venue.pairs())["BTC/USD"].price(price * Decimal("0.98"))
    await bench.venue.place(bench.buy(close_stop=stop))
    (child,) = await bench.venue.open_orders()
    await bench.quote("BTC/USD", (price * Decimal("0.90")).quantize(Decimal("0.1")))
    sold = await bench.venue.order(child.txid)
    assert sold.status is OrderStatus.CLOSED
    assert sold.average is not None and sold.average < stop, "the market had a gap"
    assert await bench.venue.open_orders() == []


LOST = [
    ("reset", ""),
    ("html", ""),
    ("empty", ""),
    ("truncated", ""),
    ("status", "502"),
    ("error", "EService:Timeout"),
]


@pytest.mark.parametrize(("kind", "value"), LOST, ids=[kind for kind, _ in LOST])
async def test_an_order_whose_reply_is_lost_is_found_again(bench: Bench, kind: str, value: str) -> None:
    request = bench.buy()
    await bench.fault("AddOrder", kind, "after", value)
    with pytest.raises(UnknownOutcome):
        await bench.venue.place(request)
    found = await bench.venue.find(request.cl_ord_id, bench.clock.market_ms())
    assert found is not None
    assert (found.status, found.filled) == (OrderStatus.CLOSED, request.qty)


async def test_an_order_that_never_arrived_is_not_found(bench: Bench) -> None:
    request = bench.buy()
    await bench.fault("AddOrder", "reset", "before")
    with pytest.raises(UnknownOutcome):
        await bench.venue.place(request)
    assert await bench.venue.find(request.cl_ord_id, bench.clock.market_ms()) is None


async def test_a_resting_order_is_found_by_our_id(bench: Bench) -> None:
    price = (await bench.price()).quantize(Decimal(1)) / 2
    request = bench.buy(type=OrderType.LIMIT, price=Price(price))
    txid = await bench.venue.place(request)
    found = await bench.venue.find(request.cl_ord_id, bench.clock.market_ms())
    assert found is not None and (found.txid, found.status) == (txid, OrderStatus.OPEN)
    again = await _refusal(bench.venue.place(request))
    assert isinstance(again, UnknownOutcome), "an id in use may be our own order"


async def test_an_order_past_its_deadline_is_refused(bench: Bench) -> None:
    request = bench.buy(deadline_ms=bench.clock.market_ms() - 1)
    assert isinstance(await _refusal(bench.venue.place(request)), Rejected)
    assert await bench.venue.find(request.cl_ord_id, bench.clock.market_ms()) is None


async def test_what_the_exchange_refuses_is_refused(bench: Bench) -> None:
    price = (await bench.price()).quantize(Decimal(1)) / 2
    dear = bench.buy("500", type=OrderType.LIMIT, price=Price(price))
    assert "not enough funds" in str(await _refusal(bench.venue.place(dear)))
    assert isinstance(await _refusal(bench.venue.place(bench.buy("0.00000001"))), Rejected)
    assert isinstance(await _refusal(bench.venue.cancel("OAAAAA-BBBBB-CCCCCC")), Rejected)
    assert isinstance(await _refusal(bench.venue.order("OAAAAA-BBBBB-CCCCCC")), Rejected)
    assert await bench.venue.fills(0) == []


async def test_a_validated_order_leaves_nothing_behind(bench: Bench) -> None:
    assert await bench.venue.place(bench.buy(validate_only=True)) == ""
    assert await bench.venue.closed_orders(0) == []


async def test_fills_are_complete_over_pages_and_equal_times(bench: Bench) -> None:
    txids = {await bench.venue.place(bench.buy("0.001")) for _ in range(55)}
    fills = await bench.venue.fills(START)
    assert {one.order_txid for one in fills} == txids
    assert len(fills) == len({one.id for one in fills}) >= 55
    assert sum(one.qty for one in fills) == Decimal("0.055")
    orders = await bench.venue.closed_orders(START)
    assert {one.txid for one in orders} == txids


async def test_an_order_whose_nonce_the_exchange_refused_was_not_placed(bench: Bench) -> None:
    await bench.fault("AddOrder", "error", "before", "EAPI:Invalid nonce")
    with pytest.raises(NonceRefused):
        await bench.venue.place(bench.buy())
    assert await bench.venue.closed_orders(0) == []


@pytest.mark.parametrize("kind", ["html", "empty", "truncated", "status"])
async def test_a_broken_answer_is_never_a_flat_account(bench: Bench, kind: str) -> None:
    await bench.venue.place(bench.buy())
    for path in ("BalanceEx", "OpenOrders", "TradesHistory", "ClosedOrders"):
        for _ in range(3):
            await bench.fault(path, kind)
    for ask in (
        bench.venue.balances(),
        bench.venue.open_orders(),
        bench.venue.fills(0),
        bench.venue.closed_orders(0),
    ):
        assert isinstance(await _refusal(ask), Transient)


async def test_fees_and_permissions_come_from_the_account(bench: Bench) -> None:
    rates = await bench.venue.fees("BTC/USD")
    assert 0 <= rates.maker < rates.taker < Decimal("0.01")
    assert "withdraw-funds" not in await bench.venue.key_permissions()


async def test_a_wrong_secret_stops_the_key(bench: Bench) -> None:
    await bench.venue.close()
    stranger = KrakenVenue(Access(bench.url, DEMO_KEY, "d3Jvbmc="), bench.clock)
    await stranger.start()
    assert isinstance(await _refusal(stranger.balances()), AuthFailed)
    await stranger.close()


async def _refusal(asked: Any) -> BaseException | None:
    try:
        answer: OrderReport | object = await asked
    except (Rejected, UnknownOutcome, AuthFailed, Transient) as error:
        return error
    raise AssertionError(f"this was not refused: {answer}")


async def test_a_process_that_starts_with_its_clock_set_back_is_heard_all_the_same(tmp_path: Path) -> None:
    """Kraken remembers the highest nonce of a key; what a process handed out outlives it."""
    kraken = LocalKraken(ManualClock(START), symbols=("BTC/USD",))
    access = Access(await kraken.start(), DEMO_KEY, DEMO_SECRET, tier="pro", timeout_s=2.0)
    for set_back_ms in (0, 3_600_000, 7_200_000, 0):
        async with await TelemetryDb.open(tmp_path, "demo") as store:
            venue = KrakenVenue(access, ManualClock(START - set_back_ms), store)
            await venue.start()
            assert await venue.balances()
            with pytest.raises(Rejected, match="not open any more"):
                await venue.cancel("OUF4EM-FRGI2-MQMWZD")
            await venue.close()
    forgetful = KrakenVenue(access, ManualClock(START - 3_600_000))
    await forgetful.start()
    with pytest.raises(Transient, match="nonce"):
        await forgetful.balances()
    await forgetful.close()
    await kraken.stop()
