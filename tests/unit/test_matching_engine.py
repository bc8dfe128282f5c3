"""The matching engine as a trader would check an exchange: one order, one quote, one outcome."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from core.matching.depth import Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import THIRTY_DAYS_MS, FlatFees, TieredFees
from core.matching.orders import CloseTemplate, Terms
from core.model.errors import Rejected
from core.model.market import ExchangeStatus, Pair, PairStatus, Quote
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, OrderRequest, OrderStatus, OrderType, Side, TimeInForce

PAIR = Pair("BTC/USD", "BTC", "USD", tick=D("0.1"), lot=D("0.0001"), min_qty=D("0.001"), min_cost=D(5))
FEES = FlatFees(maker=D("0.0016"), taker=D("0.0026"))
CASH = {"USD": D(10_000), "BTC": D(2)}


def engine_at(bid: str = "99", ask: str = "101", **options: Any) -> MatchingEngine:
    engine = MatchingEngine(
        {PAIR.symbol: PAIR}, options.pop("fees", FEES), options.pop("cash", CASH), **options
    )
    engine.on_quote(quote(bid, ask))
    return engine


def quote(bid: str, ask: str | None = None, last: str | None = None, at: int = 1000) -> Quote:
    low, high = D(bid), D(ask or bid)
    return Quote(
        PAIR.symbol, Price(low), Price(high), Price(D(last)) if last else Price((low + high) / 2), at
    )


def order(side: str, kind: str, qty: str, price: str | None = None, **more: Any) -> OrderRequest:
    amount = Price(D(price)) if price else None
    return OrderRequest(
        more.pop("id", ""), PAIR.symbol, Side(side), OrderType(kind), Qty(D(qty)), amount, **more
    )


def usd(engine: MatchingEngine) -> D:
    return engine.balances()["USD"].total


def booked(fills: list[Fill]) -> list[tuple[str, str, bool]]:
    return [(str(fill.price), str(fill.qty), fill.maker) for fill in fills]


def test_a_market_buy_fills_at_the_ask_and_pays_the_takers_fee() -> None:
    engine = engine_at()
    report = engine.submit(order("buy", "market", "1"), 1000)
    assert (report.status, report.average, report.cost, report.fee) == (
        OrderStatus.CLOSED,
        101,
        101,
        D("0.2626"),
    )
    assert usd(engine) == D("9898.7374")
    assert engine.balances()["BTC"].total == 3


def test_a_market_sell_fills_at_the_bid() -> None:
    engine = engine_at()
    assert engine.submit(order("sell", "market", "1"), 1000).average == 99
    assert usd(engine) == 10_000 + 99 - D("0.2574")


def test_a_market_order_sweeps_the_book_and_the_rest_is_cancelled() -> None:
    engine = engine_at()
    asks = (Level(Price(D(101)), Qty(D(1))), Level(Price(D(102)), Qty(D(1))))
    engine.on_quote(quote("99", "101"), Depth((), asks))
    report = engine.submit(order("buy", "market", "3"), 1000)
    assert booked(engine.fills()) == [("101", "1", False), ("102", "1", False)]
    assert (report.status, report.filled, report.reason) == (
        OrderStatus.CANCELED,
        2,
        "Insufficient liquidity",
    )


def test_what_was_swept_is_gone_until_the_next_quote() -> None:
    engine = engine_at()
    asks = (Level(Price(D(101)), Qty(D(1))), Level(Price(D(103)), Qty(D(9))))
    engine.on_quote(quote("99", "101"), Depth((), asks))
    engine.submit(order("buy", "market", "1"), 1000)
    assert engine.submit(order("buy", "market", "1"), 1000).average == 103
    engine.on_quote(quote("99", "101", at=2000))
    assert engine.submit(order("buy", "market", "1"), 2000).average == 101


def test_a_resting_limit_fills_at_its_own_price_as_maker() -> None:
    engine = engine_at()
    report = engine.submit(order("buy", "limit", "1", "95"), 1000)
    assert engine.balances()["USD"].held == D("95.247")
    assert engine.on_quote(quote("95.1", "97")) == []
    fills = engine.on_quote(quote("90", "91"))
    assert booked(fills) == [("95", "1", True)]
    assert fills[0].fee == D("0.152")
    assert engine.order(report.txid).status is OrderStatus.CLOSED  # type: ignore[union-attr]
    assert engine.balances()["USD"].held == 0


def test_a_limit_that_crosses_takes_at_the_better_price() -> None:
    report = engine_at().submit(order("buy", "limit", "1", "105"), 1000)
    assert (report.average, report.fee) == (101, D("0.2626"))


def test_a_resting_limit_fills_only_as_far_as_the_book_reaches() -> None:
    engine = engine_at()
    engine.submit(order("buy", "limit", "2", "95"), 1000)
    book = Depth((Level(Price(D(90)), Qty(D(5))),), (Level(Price(D(94)), Qty(D("0.5"))),))
    assert booked(engine.on_quote(quote("90", "94"), book)) == [("95", "0.5", True)]
    assert engine.open_orders()[0].left == D("1.5")
    assert engine.balances()["USD"].held == D("142.8705")


def test_post_only_that_would_take_is_cancelled_with_its_reason() -> None:
    report = engine_at().submit(order("buy", "limit", "1", "101", post_only=True), 1000)
    assert (report.status, report.reason, report.filled) == (OrderStatus.CANCELED, "Post only order", 0)


def test_ioc_takes_what_is_there_and_ends() -> None:
    engine = engine_at()
    engine.on_quote(quote("99", "101"), Depth((), (Level(Price(D(101)), Qty(D("0.4"))),)))
    report = engine.submit(order("buy", "limit", "1", "102", time_in_force=TimeInForce.IOC), 1000)
    assert (report.status, report.filled) == (OrderStatus.CANCELED, D("0.4"))
    assert engine.balances()["USD"].held == 0


def test_fok_fills_whole_or_not_at_all() -> None:
    engine = engine_at()
    engine.on_quote(quote("99", "101"), Depth((), (Level(Price(D(101)), Qty(D("0.4"))),)))
    report = engine.submit(order("buy", "limit", "1", "102", time_in_force=TimeInForce.FOK), 1000)
    assert (report.status, report.filled) == (OrderStatus.CANCELED, 0)
    assert engine.submit(order("buy", "limit", "0.4", "102", time_in_force=TimeInForce.FOK), 1000).filled


def test_an_order_good_till_a_date_expires_even_when_the_market_reaches_it_late() -> None:
    engine = engine_at()
    report = engine.submit(
        order("buy", "limit", "1", "95", time_in_force=TimeInForce.GTD, expire_ms=5000), 1000
    )
    assert engine.on_quote(quote("90", "91", at=5000)) == []
    assert engine.order(report.txid).status is OrderStatus.EXPIRED  # type: ignore[union-attr]
    assert engine.balances()["USD"].held == 0


def test_expiry_can_be_asked_for_without_a_quote() -> None:
    engine = engine_at()
    engine.submit(order("buy", "limit", "1", "95", time_in_force=TimeInForce.GTD, expire_ms=5000), 1000)
    engine.expire(4999)
    assert engine.open_orders()
    engine.expire(5000)
    assert not engine.open_orders()


def test_a_stop_fires_when_the_last_price_touches_it_and_sells_at_the_bid() -> None:
    engine = engine_at()
    engine.submit(order("sell", "stop-loss", "1", "95"), 1000)
    assert engine.on_quote(quote("95.1", "95.3")) == []
    assert booked(engine.on_quote(quote("94.8", "95.2", last="95"))) == [("94.8", "1", False)]


def test_a_stop_gapped_through_fills_where_the_market_is() -> None:
    engine = engine_at()
    engine.submit(order("sell", "stop-loss", "1", "95"), 1000)
    assert booked(engine.on_quote(quote("80"))) == [("80", "1", False)]


def test_a_take_profit_is_the_mirror_of_a_stop() -> None:
    engine = engine_at()
    engine.submit(order("sell", "take-profit", "1", "110"), 1000)
    assert engine.on_quote(quote("109.8", "109.9")) == []
    assert booked(engine.on_quote(quote("110", "110.4"))) == [("110", "1", False)]


def test_a_buy_stop_waits_for_the_price_to_rise() -> None:
    engine = engine_at()
    engine.submit(order("buy", "stop-loss", "1", "110"), 1000)
    assert engine.on_quote(quote("105")) == []
    assert booked(engine.on_quote(quote("111", "112"))) == [("112", "1", False)]


def test_a_stop_limit_rests_when_the_market_fell_below_its_limit() -> None:
    engine = engine_at()
    engine.submit(order("sell", "stop-loss-limit", "1", "95", limit_price=Price(D("94"))), 1000)
    assert engine.on_quote(quote("90")) == []
    assert engine.open_orders()
    assert booked(engine.on_quote(quote("94.5"))) == [("94", "1", True)]


def test_a_trailing_stop_follows_the_best_price_and_never_back() -> None:
    engine = engine_at()
    engine.submit(order("sell", "trailing-stop", "1", "5"), 1000)
    for price in ("104", "110", "107"):
        assert engine.on_quote(quote(price)) == []
    assert engine.open_orders()[0].price == 105
    assert booked(engine.on_quote(quote("104.9"))) == [("104.9", "1", False)]


def test_a_trailing_stop_by_percent_follows_in_percent() -> None:
    engine = engine_at()
    engine.submit(order("sell", "trailing-stop", "1", "10"), 1000, terms=Terms(trail_percent=True))
    engine.on_quote(quote("200"))
    assert engine.open_orders()[0].price == 180


def test_each_fill_spawns_its_own_stop_of_its_size() -> None:
    engine = engine_at()
    asks = (Level(Price(D(101)), Qty(D("0.3"))), Level(Price(D(102)), Qty(D("0.7"))))
    engine.on_quote(quote("99", "101"), Depth((), asks))
    parent = engine.submit(order("buy", "market", "1", id="a", close_stop=Price(D(90))), 1000)
    stops = engine.open_orders()
    assert [(stop.type, stop.side, stop.qty, stop.price) for stop in stops] == [
        (OrderType.STOP_LOSS, Side.SELL, D("0.3"), 90),
        (OrderType.STOP_LOSS, Side.SELL, D("0.7"), 90),
    ]
    assert {stop.parent_txid for stop in stops} == {parent.txid}
    assert {stop.cl_ord_id for stop in stops} == {None}
    engine.on_quote(quote("89"))
    assert not engine.open_orders()
    assert engine.balances()["BTC"].total == 2


def test_a_conditional_close_may_be_a_take_profit() -> None:
    engine = engine_at()
    close = CloseTemplate(OrderType.TAKE_PROFIT, Price(D(120)))
    engine.submit(order("buy", "market", "1"), 1000, terms=Terms(close=close))
    assert booked(engine.on_quote(quote("121")))[0] == ("121", "1", False)


def test_a_cancelled_order_frees_its_funds_and_keeps_what_it_filled() -> None:
    engine = engine_at()
    report = engine.submit(order("buy", "limit", "1", "95"), 1000)
    assert engine.cancel(report.txid, 2000).reason == "User requested"
    assert engine.balances()["USD"].held == 0
    with pytest.raises(Rejected, match="^EOrder:Unknown order$"):
        engine.cancel(report.txid, 3000)


def test_amending_moves_a_stop_and_keeps_its_id() -> None:
    engine = engine_at()
    stop = engine.submit(order("sell", "stop-loss", "1", "90"), 1000)
    amended = engine.amend(stop.txid, 2000, price=Price(D(95)))
    assert (amended.txid, amended.price) == (stop.txid, 95)
    assert engine.on_quote(quote("95"))


def test_amending_below_what_is_filled_cancels_the_rest() -> None:
    engine = engine_at()
    buy = engine.submit(order("buy", "limit", "2", "95"), 1000)
    engine.on_quote(quote("90", "94"), Depth((), (Level(Price(D(94)), Qty(D("0.5"))),)))
    assert engine.amend(buy.txid, 2000, qty=Qty(D("0.4"))).status is OrderStatus.CANCELED


def test_an_amendment_that_cannot_be_paid_leaves_the_order_as_it_was() -> None:
    engine = engine_at()
    buy = engine.submit(order("buy", "limit", "1", "95"), 1000)
    with pytest.raises(Rejected, match="Insufficient funds"):
        engine.amend(buy.txid, 2000, qty=Qty(D(500)))
    assert engine.open_orders() == [buy]
    assert engine.balances()["USD"].held == D("95.247")


def test_an_amended_limit_that_now_crosses_executes() -> None:
    engine = engine_at()
    buy = engine.submit(order("buy", "limit", "1", "95"), 1000)
    assert engine.amend(buy.txid, 2000, price=Price(D(102))).average == 101


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (replace(order("buy", "market", "1"), symbol="NO/USD"), "EQuery:Unknown asset pair"),
        (order("buy", "limit", "1"), "EGeneral:Invalid arguments:price"),
        (order("buy", "stop-loss-limit", "1", "90"), "EGeneral:Invalid arguments:price2"),
        (order("buy", "limit", "1", "95.05"), "EOrder:Tick size check failed"),
        (order("buy", "market", "1", close_stop=Price(D("90.01"))), "EOrder:Tick size check failed"),
        (order("buy", "limit", "1.00001", "95"), "EGeneral:Invalid arguments:volume"),
        (order("buy", "limit", "0.0005", "95"), "EGeneral:Invalid arguments:volume minimum not met"),
        (order("buy", "limit", "0.01", "95"), "EOrder:Cost minimum not met"),
        (order("buy", "market", "0.01"), "EOrder:Cost minimum not met"),
        (order("buy", "market", "1", id="x" * 19), "EGeneral:Invalid arguments:cl_ord_id"),
        (order("buy", "market", "1", deadline_ms=999), "EService:Deadline elapsed"),
        (order("buy", "market", "100"), "EOrder:Insufficient funds"),
        (order("sell", "limit", "2.1", "105"), "EOrder:Insufficient funds"),
        (
            order("buy", "limit", "1", "95", time_in_force=TimeInForce.GTD),
            "EGeneral:Invalid arguments:expiretm",
        ),
    ],
)
def test_refusals_are_krakens_own_words_and_place_nothing(request_: OrderRequest, words: str) -> None:
    engine = engine_at()
    with pytest.raises(Rejected, match=f"^{words}$"):
        engine.submit(request_, 1000)
    assert not engine.open_orders() and not engine.closed_orders()


def test_a_client_id_may_come_again_only_after_its_order_closed() -> None:
    engine = engine_at()
    first = engine.submit(order("buy", "limit", "1", "95", id="mine"), 1000)
    with pytest.raises(Rejected, match="cl_ord_id"):
        engine.submit(order("buy", "limit", "1", "95", id="mine"), 1000)
    engine.cancel(first.txid, 2000)
    again = engine.submit(order("buy", "limit", "1", "95", id="mine"), 3000)
    assert engine.find("mine") == again


def test_validation_places_nothing_and_gives_no_txid() -> None:
    engine = engine_at()
    report = engine.submit(order("buy", "market", "1", validate_only=True), 1000)
    assert (report.txid, report.status) == ("", OrderStatus.PENDING)
    assert usd(engine) == 10_000


def test_resting_stops_hold_the_coins_only_when_told_to() -> None:
    held, free = engine_at(), engine_at(hold_trigger_orders=False)
    for engine in (held, free):
        engine.submit(order("sell", "stop-loss", "2", "90"), 1000)
    with pytest.raises(Rejected, match="Insufficient funds"):
        held.submit(order("sell", "market", "2"), 1000)
    assert free.submit(order("sell", "market", "2"), 1000).filled == 2
    assert free.on_quote(quote("80")) == []
    assert free.closed_orders()[-1].reason == "Insufficient funds"


def test_a_mode_of_the_market_refuses_what_it_does_not_take() -> None:
    engine = engine_at()
    engine.status = ExchangeStatus.POST_ONLY
    with pytest.raises(Rejected, match="EService:Market in post_only mode"):
        engine.submit(order("buy", "market", "1"), 1000)
    assert engine.submit(order("buy", "limit", "1", "95", post_only=True), 1000).txid
    stopped = replace(PAIR, status=PairStatus.CANCEL_ONLY)
    other = MatchingEngine({PAIR.symbol: stopped}, FEES, CASH)
    with pytest.raises(Rejected, match="EService:Market in cancel_only mode"):
        other.submit(order("buy", "limit", "1", "95"), 1000)


def test_deposits_and_withdrawals_move_only_what_is_free() -> None:
    engine = engine_at()
    engine.submit(order("buy", "limit", "100", "95"), 1000)
    engine.deposit("USD", D(10), 1000)
    with pytest.raises(Rejected):
        engine.withdraw("USD", D(1_000), 1000)
    engine.withdraw("USD", D(100), 1000)
    assert usd(engine) == 9_910


def test_the_published_tiers_step_down_with_thirty_days_of_volume() -> None:
    fees = TieredFees()
    rates = [fees.rates("", 0, Money(D(v))).taker for v in (0, 2_499, 2_500, 99_999, 10**7, 10**9)]
    assert [rate * 1000 for rate in rates] == [8, 8, 6, 3, 1, D("0.5")]


def test_own_trading_moves_the_tier_and_leaves_it_after_thirty_days() -> None:
    engine = engine_at(fees=TieredFees())
    engine.submit(order("buy", "market", "30"), 1000)
    assert engine.rates(PAIR.symbol, 2000).taker == D("0.006")
    assert engine.rates(PAIR.symbol, 2000 + THIRTY_DAYS_MS).taker == D("0.008")


def test_a_resting_order_pays_the_rate_of_the_day_it_fills() -> None:
    engine = engine_at(fees=TieredFees())
    stop = engine.submit(order("sell", "stop-loss", "1", "95"), 1000)
    engine.submit(order("buy", "market", "30"), 1000)
    engine.on_quote(quote("94"))
    assert engine.order(stop.txid).fee == D("94") * D("0.006")  # type: ignore[union-attr]


def test_an_amendment_to_nothing_is_refused() -> None:
    engine = engine_at()
    buy = engine.submit(order("buy", "limit", "1", "95"), 1000)
    for change in ({"qty": Qty(D(0))}, {"price": Price(D(-1))}):
        with pytest.raises(Rejected, match="EGeneral:Invalid arguments"):
            engine.amend(buy.txid, 2000, **change)
    assert engine.open_orders() == [buy]


def test_ids_look_like_krakens_and_repeat_with_the_seed() -> None:
    one, two, other = (
        engine_at(id_seed=seed).submit(order("buy", "market", "1"), 1).txid for seed in (1, 1, 2)
    )
    assert one == two != other
    assert [len(part) for part in one.split("-")] == [6, 5, 6]
    assert one.startswith("O")


def test_a_snapshot_survives_json_and_goes_on_where_it_stopped() -> None:
    engine = engine_at()
    engine.submit(order("buy", "market", "1", id="e", close_stop=Price(D(90))), 1000)
    engine.submit(order("buy", "limit", "1", "95"), 1000)
    engine.cancel(engine.submit(order("sell", "trailing-stop", "1", "5"), 1000).txid, 1500)
    twin = MatchingEngine.restore(json.loads(json.dumps(engine.snapshot())), engine.pairs, FEES)
    assert twin.snapshot() == engine.snapshot()
    assert twin.balances() == engine.balances()
    assert twin.find("e") == engine.find("e")
    assert twin.on_quote(quote("80", at=3000)) == engine.on_quote(quote("80", at=3000)) != []
    assert twin.snapshot() == engine.snapshot()


def test_a_trimmed_snapshot_keeps_every_open_order_and_the_money() -> None:
    engine = engine_at()
    for _ in range(5):
        engine.submit(order("buy", "market", "0.1"), 1000)
    engine.submit(order("buy", "limit", "1", "95"), 1000)
    twin = MatchingEngine.restore(engine.snapshot(keep=2), engine.pairs, FEES)
    assert len(twin.closed_orders()) == len(twin.fills()) == 2
    assert twin.balances() == engine.balances()
    assert twin.open_orders() == engine.open_orders()


def test_history_of_a_departed_market_stays_readable() -> None:
    engine = engine_at()
    engine.submit(order("buy", "market", "1"), 1000)
    assert MatchingEngine.restore(engine.snapshot(), {}, FEES).fills() == engine.fills()
