"""The private side of the exchange manager: what is sent, what is read, and every page of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.clock import ManualClock
from core.model.account import Balance
from core.model.errors import Rejected, Transient, UnknownOutcome
from core.model.money import Money, Price, Qty
from core.model.orders import OrderRequest, OrderStatus, OrderType, Side, TimeInForce
from core.venues.exchange_manager import Access, KrakenVenue
from tests.support.scripted_kraken import ID, SECRET, TXID, ScriptedKraken, order_row, said, trade_row

NOW = 1_700_000_000_000
BUY = OrderRequest(ID, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.00100000")))


@pytest.fixture
async def kraken() -> AsyncIterator[ScriptedKraken]:
    server = await ScriptedKraken().start()
    server.results("AddOrder", {"descr": {"order": "buy"}, "txid": [TXID]})
    yield server
    await server.stop()


@pytest.fixture
async def venue(kraken: ScriptedKraken) -> AsyncIterator[KrakenVenue]:
    one = KrakenVenue(Access(kraken.url, "key", SECRET), ManualClock(NOW))
    await one.start()
    yield one
    await one.close()


async def test_every_order_pays_fees_in_quote_money_and_carries_our_id(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    assert await venue.place(BUY) == TXID
    sent = kraken.requests("AddOrder")[0]
    sent.pop("nonce")
    assert sent == {
        "pair": "XXBTZUSD", "type": "buy", "ordertype": "market", "volume": "0.001", "oflags": "fciq",
        "cl_ord_id": ID,
    }  # fmt: skip


async def test_an_entry_carries_its_stop_its_deadline_and_its_expiry(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    entry = replace(
        BUY, type=OrderType.LIMIT, price=Price(Decimal("30010.5")), close_stop=Price(Decimal("29000.0")),
        deadline_ms=NOW + 5123, time_in_force=TimeInForce.GTD, expire_ms=NOW + 60_001, post_only=True,
    )  # fmt: skip
    await venue.place(entry)
    sent = kraken.requests("AddOrder")[0]
    assert (sent["close[ordertype]"], sent["close[price]"]) == ("stop-loss", "29000")
    assert sent["deadline"] == "2023-11-14T22:13:25.123Z"
    assert (sent["timeinforce"], sent["expiretm"]) == ("GTD", "1700000061")
    assert (sent["price"], sent["oflags"]) == ("30010.5", "fciq,post")


async def test_a_stop_is_sent_with_its_trigger_as_price(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    stop = replace(BUY, side=Side.SELL, type=OrderType.STOP_LOSS, price=Price(Decimal("29000.1")))
    await venue.place(stop)
    await venue.place(replace(stop, type=OrderType.STOP_LOSS_LIMIT, limit_price=Price(Decimal("28900.0"))))
    sent = kraken.requests("AddOrder")
    assert (sent[0]["ordertype"], sent[0]["price"]) == ("stop-loss", "29000.1")
    assert (sent[1]["price"], sent[1]["price2"]) == ("29000.1", "28900")


async def test_deadlines_are_in_krakens_time(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("Time", {"unixtime": NOW // 1000 + 3600, "rfc1123": ""})
    await venue.learn_time()
    await venue.place(replace(BUY, deadline_ms=NOW + 5000))
    assert kraken.requests("AddOrder")[0]["deadline"].startswith("2023-11-14T23:13:25")


async def test_a_validated_order_has_no_number(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("AddOrder", {"descr": {"order": "buy"}})
    assert await venue.place(replace(BUY, validate_only=True)) == ""
    assert kraken.requests("AddOrder")[0]["validate"] == "true"


@pytest.mark.parametrize(
    "change",
    [
        {"price": Price(Decimal("30010.05")), "type": OrderType.LIMIT},
        {"close_stop": Price(Decimal("29000.01"))},
        {"qty": Qty(Decimal("0.000000001"))},
        {"qty": Qty(Decimal(0))},
        {"qty": Qty(Decimal(-1))},
        {"qty": Qty(Decimal("NaN"))},
        {"symbol": "MOON/USD"},
    ],
)
async def test_an_order_off_the_grid_is_not_sent(
    kraken: ScriptedKraken, venue: KrakenVenue, change: dict[str, Any]
) -> None:
    with pytest.raises(Rejected):
        await venue.place(replace(BUY, **change))
    assert kraken.requests("AddOrder") == []


async def test_cancelling_says_when_it_is_too_late(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.answers(
        "CancelOrder", said(result={"count": 1, "pending": True}), said(result={"count": 0}),
        said("EOrder:Unknown order"), said(result={}),
    )  # fmt: skip
    await venue.cancel(TXID)
    assert kraken.requests("CancelOrder")[0]["txid"] == TXID
    for error in (Rejected, Rejected, UnknownOutcome):
        with pytest.raises(error):
            await venue.cancel(TXID)


async def test_a_stop_is_raised_in_place(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("AmendOrder", {"amend_id": "TABCDE"}, {})
    await venue.raise_stop(TXID, Price(Decimal("29500.0")), NOW + 5123)
    sent = kraken.requests("AmendOrder")[0]
    assert (sent["txid"], sent["trigger_price"]) == (TXID, "29500")
    assert sent["deadline"] == "2023-11-14T22:13:25.123Z", "one that arrives late could lower a stop"
    with pytest.raises(UnknownOutcome):
        await venue.raise_stop(TXID, Price(Decimal("29500.0")), NOW + 5123)


async def test_an_order_is_read_exactly(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("QueryOrders", {TXID: order_row()})
    one = await venue.order(TXID)
    assert (one.symbol, one.side, one.type, one.status) == (
        "BTC/USD",
        Side.BUY,
        OrderType.LIMIT,
        OrderStatus.OPEN,
    )
    assert (one.qty, one.filled, one.left) == (Decimal("1.25"), Decimal("0.375"), Decimal("0.875"))
    assert (one.cost, one.fee) == (Money(Decimal("11253.7")), Money(Decimal("0.24")))
    assert one.price == Decimal("30010.0")
    assert one.average == Decimal("11253.7") / Decimal("0.375")
    assert (one.opened_ms, one.closed_ms, one.parent_txid) == (1699999990897, None, None)


async def test_the_average_of_a_tiny_price_is_not_cut_to_krakens_few_decimals(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    row = order_row(vol="1000000", vol_exec="1000000", cost="56.13", price="0.00006")
    kraken.results("QueryOrders", {TXID: row})
    assert (await venue.order(TXID)).average == Decimal("0.00005613")


async def test_a_stop_of_a_conditional_close_names_its_parent(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    what = {"pair": "XBTUSD", "type": "sell", "ordertype": "stop-loss", "price": "29000.0", "price2": "0"}
    child = order_row(refid="OPARENT", cl_ord_id="", descr=what, vol_exec="0", cost="0", fee="0", price="0")
    kraken.results("OpenOrders", {"open": {"OCHILD": child, "O2": {**child, "stopprice": "29500.0"}}})
    by_txid = {row.txid: row for row in await venue.open_orders()}
    assert by_txid["OCHILD"].price == Decimal("29000.0")
    assert by_txid["O2"].price == Decimal("29500.0"), "an amended trigger counts"
    assert by_txid["OCHILD"].parent_txid == "OPARENT"
    assert by_txid["OCHILD"].cl_ord_id is None
    assert by_txid["OCHILD"].average is None


@pytest.mark.parametrize(
    "bad",
    [
        None, [], {}, order_row(status="odd"), order_row(vol="x"), order_row(vol_exec=None),
        order_row(cost="-1"), order_row(descr=None), order_row(descr={"pair": "XBTUSD"}),
    ],
)  # fmt: skip
async def test_an_order_without_its_shape_is_not_believed(
    kraken: ScriptedKraken, venue: KrakenVenue, bad: Any
) -> None:
    kraken.results("QueryOrders", {TXID: bad})
    with pytest.raises(Transient):
        await venue.order(TXID)


async def test_an_order_that_kraken_does_not_know_is_told_from_no_answer(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers("QueryOrders", said("EOrder:Invalid order"), said(result={}))
    with pytest.raises(Rejected):
        await venue.order(TXID)
    with pytest.raises(Transient):
        await venue.order(TXID)


@pytest.mark.parametrize(
    ("path", "call"),
    [("OpenOrders", "open_orders"), ("ClosedOrders", "closed_orders"), ("TradesHistory", "fills")],
)
async def test_an_empty_object_is_no_empty_account(
    kraken: ScriptedKraken, venue: KrakenVenue, path: str, call: str
) -> None:
    kraken.results(path, {})
    with pytest.raises(Transient):
        await (getattr(venue, call)() if call == "open_orders" else getattr(venue, call)(0))


async def test_only_what_can_be_spent_is_a_balance(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results(
        "BalanceEx",
        {
            "ZUSD": {"balance": "25435.2100", "hold_trade": "8249.7600"},
            "XXBT": {"balance": 1.2435, "hold_trade": 0.8423},
            "XBT.M": {"balance": "7", "hold_trade": "0"}, "ETH2.S": {"balance": "3", "hold_trade": "0"},
            "SOL": {"balance": "0.0", "hold_trade": "0"},
            "USD.HOLD": {"balance": "5", "hold_trade": "0"}, "DOT.F": {"balance": "5", "hold_trade": "0"},
            "TRX.B": {"balance": "5", "hold_trade": "0"},
        },
    )  # fmt: skip
    assert await venue.balances() == {
        "USD": Balance("USD", Decimal("25435.2100"), Decimal("8249.7600")),
        "BTC": Balance("BTC", Decimal("1.2435"), Decimal("0.8423")),
    }


async def test_an_empty_account_is_believed_only_when_said_twice(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("BalanceEx", {}, {"ZUSD": {"balance": "1", "hold_trade": "0"}})
    assert set(await venue.balances()) == {"USD"}
    kraken.results("BalanceEx", {})
    assert await venue.balances() == {}
    assert len(kraken.requests("BalanceEx")) == 4


async def test_fills_come_complete_over_pages_and_equal_times(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    rows = [(f"T{i:03}", trade_row(1699999000.5 if i < 120 else 1699998000.0)) for i in range(130)]
    pages = [dict(rows[i : i + 50]) for i in (0, 50, 100)]
    kraken.results("TradesHistory", *({"trades": page, "count": 130} for page in pages))
    fills = await venue.fills(1699999000500)
    assert len(fills) == len({one.id for one in fills}) == 120
    assert [one["ofs"] for one in kraken.requests("TradesHistory")] == ["0", "50", "100"]
    assert kraken.requests("TradesHistory")[0]["start"] == "1699998999"


async def test_rows_pushed_to_the_next_page_count_once(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    rows = [(f"T{i:03}", trade_row(1699999000.0 - i)) for i in range(-1, 60)]
    kraken.results(
        "TradesHistory", {"trades": dict(rows[1:51]), "count": 60}, {"trades": dict(rows[50:]), "count": 61}
    )
    fills = await venue.fills(0)
    assert len(fills) == 60
    assert [one.time_ms for one in fills] == sorted(one.time_ms for one in fills)


async def test_pages_without_a_count_end_with_a_short_one(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    rows = [(f"T{i:03}", trade_row(1699999000.0)) for i in range(70)]
    kraken.results("TradesHistory", {"trades": dict(rows[:50])}, {"trades": dict(rows[50:])})
    assert len(await venue.fills(0)) == 70


async def test_a_fill_is_read_exactly(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("TradesHistory", {"trades": {"T1": trade_row(1699999000.8802)}, "count": 1})
    (one,) = await venue.fills(0)
    assert (one.id, one.order_txid, one.symbol, one.side, one.maker) == (
        "T1",
        TXID,
        "BTC/USD",
        Side.BUY,
        True,
    )
    assert (one.price, one.qty, one.cost, one.fee) == tuple(
        map(Decimal, ("30010.00000", "0.02000000", "600.20000", "0.96032"))
    )
    assert one.time_ms == 1699999000880


async def test_closed_orders_keep_cancelled_ones_with_their_fills(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    old = order_row(status="closed", closetm=1699990000.0)
    cancelled = order_row(
        status="canceled", closetm=1699999999.5, reason="User requested; Insufficient funds"
    )
    kraken.results("ClosedOrders", {"closed": {"O1": cancelled, "O2": old}, "count": 2})
    (one,) = await venue.closed_orders(1699999999000)
    assert (one.status, one.filled, one.closed_ms) == (OrderStatus.CANCELED, Decimal("0.375"), 1699999999500)
    assert kraken.requests("ClosedOrders")[0]["closetime"] == "close"


async def test_an_order_is_found_among_open_ones(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("OpenOrders", {"open": {"OTHER": order_row(cl_ord_id="other"), TXID: order_row()}})
    found = await venue.find(ID, NOW)
    assert found is not None and found.txid == TXID
    assert kraken.requests("OpenOrders")[0]["cl_ord_id"] == ID


async def test_an_order_is_found_among_closed_ones_with_or_without_the_filter(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("OpenOrders", {"open": {}})
    closed = order_row(status="closed", closetm=1700000001.0, cl_ord_id=ID.replace("-", "").upper())
    kraken.results("ClosedOrders", {"closed": {TXID: closed}, "count": 1})
    found = await venue.find(ID, NOW)
    assert found is not None and found.status is OrderStatus.CLOSED
    others = {f"O{i}": order_row(status="closed", closetm=1700000001.0, cl_ord_id="") for i in range(50)}
    kraken.results(
        "ClosedOrders",
        {"closed": {}, "count": 0},
        {"closed": others, "count": 51},
        {"closed": {TXID: closed}, "count": 51},
    )
    found = await venue.find(ID, NOW)
    assert found is not None and found.txid == TXID


async def test_an_order_is_missing_only_after_valid_answers_from_both(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("OpenOrders", {"open": {}})
    kraken.results("ClosedOrders", {"closed": {}, "count": 0})
    assert await venue.find(ID, NOW) is None
    kraken.answers("ClosedOrders", said("EService:Unavailable"))
    with pytest.raises(Transient):
        await venue.find(ID, NOW)
    kraken.results("OpenOrders", {})
    with pytest.raises(Transient):
        await venue.find(ID, NOW)


async def test_fees_are_the_accounts_own_and_asked_once_a_day_for_all_pairs_traded(
    kraken: ScriptedKraken,
) -> None:
    kraken.results(
        "TradeVolume",
        {
            "currency": "ZUSD", "volume": "12000.5",
            "fees": {"XXBTZUSD": {"fee": "0.3800"}, "XETHZUSD": {"fee": "0.4000"}},
            "fees_maker": {"XXBTZUSD": {"fee": "0.2200"}},
        },
    )  # fmt: skip
    clock = ManualClock(NOW)
    venue = KrakenVenue(Access(kraken.url, "key", SECRET, traded=("ETH/USD", "DOGE/EUR")), clock)
    await venue.start()
    try:
        rates = await venue.fees("BTC/USD")
        assert (rates.maker, rates.taker, rates.volume_30d) == tuple(
            map(Decimal, ("0.0022", "0.0038", "12000.5"))
        )
        assert (await venue.at_once.fees("ETH/USD")).maker == Decimal("0.004"), "without one, the taker's"
        assert [one["pair"] for one in kraken.requests("TradeVolume")] == ["XXBTZUSD,XETHZUSD,XDGEUR"]
        clock.advance(86_400_000)
        await venue.fees("BTC/USD")
        assert len(kraken.requests("TradeVolume")) == 2
        with pytest.raises(Transient):
            await venue.fees("DOGE/EUR")  # Kraken leaves it out
    finally:
        await venue.close()


async def test_what_the_keys_may_do_is_read(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("GetApiKeyInfo", {"permissions": ["query-funds", "withdraw-funds"]})
    assert "withdraw-funds" in await venue.key_permissions()
    kraken.results("GetApiKeyInfo", {})
    with pytest.raises(Transient):
        await venue.key_permissions()


async def test_what_guards_a_position_never_waits_for_the_budget_of_reads(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("OpenOrders", {"open": {}})
    clock = venue._clock
    for _ in range(15):
        await venue.open_orders()
    assert clock.market_ms() > NOW, "the reads have used up what there is"
    before = clock.market_ms()
    assert await venue.at_once.open_orders() == []
    assert clock.market_ms() == before
    await venue.open_orders()
    assert clock.market_ms() > before, "and the reads pay for it"
