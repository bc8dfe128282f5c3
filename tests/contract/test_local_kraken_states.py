"""What an order lives through: halts, its way to the book, dead man's switches, fees in coins, new terms."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest

from core.matching.customs import Customs
from core.model.errors import Rejected
from core.sim.kraken.door import Ask, Door
from core.sim.kraken.exchange import Exchange, Founding
from tests.support.kraken_hub import Floor

LIMIT = {"ordertype": "limit", "price": "50000"}
STOP = {"type": "sell", "ordertype": "stop-loss"}


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    floor.exchange.deposit("BTC", D(1))
    yield floor
    floor.books.close()


def row(floor: Floor, txid: str) -> dict[str, Any]:
    return dict(floor.call("QueryOrders", txid=txid, trades="true")[txid])


def refused(floor: Floor, method: str, **values: Any) -> str:
    with pytest.raises(Rejected) as refusal:
        floor.call(method, **values)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("mode", "whole"),
    [
        ("maintenance", True),
        ("cancel_only", True),
        ("post_only", True),
        ("cancel_only", False),
        ("post_only", False),
    ],
)
def test_nothing_executes_in_a_halt_and_a_stop_fires_where_the_market_reopens(
    floor: Floor, mode: str, whole: bool
) -> None:
    switch = ("status", {}) if whole else ("market", {"pair": "BTC/USD"})
    start = floor.last()
    stop = floor.order(**STOP, price=f"{start - 500:.1f}")
    floor.switch(switch[0], **switch[1], status=mode)
    floor.price(f"{start - 1000:.1f}")
    floor.price(f"{start - 3000:.1f}")
    assert row(floor, stop)["status"] == "open"
    floor.switch(switch[0], **switch[1], status="online")
    floor.wait(10)
    fired = row(floor, stop)
    assert (fired["status"], fired["misc"]) == ("closed", "stopped")
    assert D(fired["price"]) < start - 2500, "a gap is not forgiven"


def test_a_limit_that_was_passed_in_a_halt_fills_only_if_the_market_is_still_there(floor: Floor) -> None:
    start = floor.last()
    buy = floor.order(ordertype="limit", price=f"{start - 500:.1f}")
    floor.switch("status", status="maintenance")
    floor.price(f"{start - 1000:.1f}")
    floor.price(f"{start:.1f}")
    floor.switch("status", status="online")
    floor.wait(10)
    assert row(floor, buy)["status"] == "open"


@pytest.mark.parametrize(
    ("mode", "cancels", "changes"),
    [
        ("maintenance", "EService:Unavailable", "EService:Unavailable"),
        ("cancel_only", "", "EService:Market in cancel_only mode"),
        ("post_only", "", ""),
    ],
)
def test_what_may_be_cancelled_and_changed_follows_the_mode(
    floor: Floor, mode: str, cancels: str, changes: str
) -> None:
    orders = [floor.order(**LIMIT) for _ in range(4)]
    floor.switch("status", status=mode)
    calls: list[tuple[str, dict[str, Any], str]] = [
        ("AmendOrder", {"txid": orders[0], "limit_price": "49000"}, changes),
        ("CancelOrder", {"txid": orders[0]}, cancels),
        ("CancelOrderBatch", {"orders": [orders[1]]}, cancels),
        ("CancelAll", {}, cancels),
    ]
    for method, values, words in calls:
        if words:
            assert refused(floor, method, **values) == words
        else:
            floor.call(method, **values)
    assert len(floor.exchange.engine.open_orders()) == (4 if cancels else 0)


def test_a_post_only_market_lets_nobody_take_by_amending(floor: Floor) -> None:
    buy = floor.order(**LIMIT)
    floor.switch("status", status="post_only")
    words = refused(floor, "AmendOrder", txid=buy, limit_price=f"{floor.last() + 500:.1f}")
    assert words == "EOrder:Post only order"
    assert refused(floor, "AddOrder", pair="XBTUSD", type="buy", ordertype="limit") == (
        "EService:Market in post_only mode"
    ), "the mode is looked at before the arguments"
    floor.order(**LIMIT, oflags="post")


def test_a_switch_left_armed_fires_in_maintenance_at_its_own_second(floor: Floor) -> None:
    start = floor.last()
    order = floor.order(ordertype="limit", price=f"{start - 500:.1f}")
    floor.call("CancelAllOrdersAfter", timeout="60")
    floor.switch("status", status="maintenance")
    ends_ms = floor.exchange.now_ms() + 60_000
    floor.wait(3600)
    ended = row(floor, order)
    assert (ended["status"], ended["closetm"]) == ("canceled", ends_ms / 1000)


def test_a_switch_fires_before_what_the_market_would_have_done_later(floor: Floor) -> None:
    start = floor.last()
    order = floor.order(ordertype="limit", price=f"{start - 500:.1f}")
    floor.call("CancelAllOrdersAfter", timeout="60")
    floor.clock.advance(120_000)
    ahead = floor.exchange.clock.market_ms()
    path = floor.exchange.market.path("BTC/USD")
    path.push(ahead // 10_000, round((start - 2000) / floor.exchange.listing.by_symbol["BTC/USD"].grid))
    floor.exchange.advance()
    ended = row(floor, order)
    assert (ended["status"], ended["vol_exec"]) == ("canceled", "0.00000000")


def test_an_accepted_order_is_pending_until_it_reaches_the_book(floor: Floor) -> None:
    floor.switch("lag", fills=3)
    heard = floor.account("executions")
    start = floor.last()
    buy = floor.order()
    pending = row(floor, buy)
    assert (pending["status"], pending["vol_exec"]) == ("pending", "0.00000000")
    assert [one["exec_type"] for one in heard.rows("executions")] == ["pending_new"]
    floor.price(f"{start + 3000:.1f}")
    done = row(floor, buy)
    assert done["status"] == "closed" and abs(D(done["price"]) - start) < 100, "at three seconds, not ten"
    assert [one["exec_type"] for one in heard.rows("executions")] == ["new", "trade", "filled"]


def test_an_order_on_its_way_holds_its_money_can_be_cancelled_and_survives_a_restart(floor: Floor) -> None:
    floor.switch("lag", fills=30)
    first, second = floor.order(**LIMIT), floor.order(ordertype="limit", price=f"{floor.last() + 99:.1f}")
    assert D(floor.call("BalanceEx")["ZUSD"]["hold_trade"]) > 1000
    floor.call("CancelOrder", txid=first)
    assert row(floor, first)["status"] == "canceled"
    exchange = floor.exchange
    twin = Exchange(floor.clock, Founding(), floor.books, exchange.listing)
    floor.clock.advance(31_000)
    twin.advance()
    assert twin.engine.register.orders[second].status.value == "closed"
    assert twin.engine.register.orders[first].status.value == "canceled"
    for asset, balance in twin.engine.balances().items():
        assert balance.held == 0, asset


def test_a_post_only_order_meets_the_market_that_it_arrives_in(floor: Floor) -> None:
    floor.switch("lag", fills=15)
    start = floor.last()
    buy = floor.order(ordertype="limit", price=f"{start - 300:.1f}", oflags="post")
    floor.price(f"{start - 900:.1f}")
    floor.wait(10)
    assert (row(floor, buy)["status"], row(floor, buy)["reason"]) == ("canceled", "Post only order")


def ledger(floor: Floor, trade: str) -> dict[str, dict[str, str]]:
    rows = floor.call("Ledgers")["ledger"].values()
    return {one["asset"]: one for one in rows if one["refid"] == trade}


def check_sums(floor: Floor) -> None:
    sums: dict[str, D] = {}
    for one in floor.exchange.ledger.entries:
        sums[one.asset] = sums.get(one.asset, D(0)) + one.amount - one.fee
    assert sums == {asset: b.total for asset, b in floor.exchange.engine.balances().items()}


def test_a_fee_is_paid_in_coins_by_who_prefers_it_and_the_ledger_sums(floor: Floor) -> None:
    heard = floor.account("executions")
    txid = floor.order(volume="0.1", oflags="fcib")
    bought = row(floor, txid)
    trade = bought["trades"][0]
    money, coins = ledger(floor, trade)["ZUSD"], ledger(floor, trade)["XXBT"]
    assert (D(money["fee"]), D(coins["fee"])) == (0, D("0.1") * D("0.008"))
    assert D(money["amount"]) == -D(bought["cost"])
    assert D(floor.call("Balance")["XXBT"]) == 1 + D("0.1") - D("0.0008")
    assert D(bought["fee"]) == (D(bought["cost"]) * D("0.008")).quantize(D("1E-5"), "ROUND_DOWN")
    assert bought["oflags"] == "fcib"
    told = next(one for one in heard.rows("executions") if one["exec_type"] == "trade")
    assert told["fees"] == [{"asset": "BTC", "qty": D("0.0008")}]
    check_sums(floor)


def test_a_sale_of_everything_pays_in_money_for_there_are_no_coins_left(floor: Floor) -> None:
    some = row(floor, floor.order(type="sell", volume="0.5", oflags="fcib"))["trades"][0]
    assert D(ledger(floor, some)["XXBT"]["fee"]) > 0
    rest = D(floor.call("Balance")["XXBT"]).quantize(D("1E-8"), "ROUND_DOWN")
    last = row(floor, floor.order(type="sell", volume=f"{rest:f}", oflags="fcib"))["trades"]
    assert D(ledger(floor, last[-1])["ZUSD"]["fee"]) > 0
    assert D(floor.call("Balance")["XXBT"]) >= 0
    check_sums(floor)


@pytest.mark.parametrize("coins", [True, False])
def test_whether_a_plain_sell_pays_in_coins_is_a_switch(coins: bool) -> None:
    floor = Floor(customs=Customs(sells_pay_in_coins=coins))
    floor.exchange.deposit("BTC", D(1))
    for side, paid in (("sell", coins), ("buy", False)):
        trade = row(floor, floor.order(type=side))["trades"][0]
        assert (D(ledger(floor, trade)["XXBT"]["fee"]) > 0) is paid
    check_sums(floor)
    floor.books.close()


def test_a_close_of_a_buy_that_paid_in_coins_lacks_them(floor: Floor) -> None:
    floor.exchange.deposit("BTC", D(-1))
    close = {"close[ordertype]": "stop-loss", "close[price]": "40000"}
    parent = floor.order(oflags="fcib", **close)
    child = next(o for o in floor.exchange.engine.closed_orders() if o.parent_txid == parent)
    assert child.reason == "Insufficient funds"


def test_fees_in_coins_survive_a_restart(floor: Floor) -> None:
    floor.order(oflags="fcib")
    twin = Exchange(floor.clock, Founding(), floor.books, floor.exchange.listing)
    assert twin.engine.fills() == floor.exchange.engine.fills()
    assert twin.ledger.balances == floor.exchange.ledger.balances


def test_a_tier_reached_within_a_day_holds_from_the_next_fill(floor: Floor) -> None:
    floor.switch("volume", dollars=2000)
    shares = []
    for _ in range(3):
        done = row(floor, floor.order(volume="0.01"))
        shares.append(round(D(done["fee"]) / D(done["cost"]), 4))
    assert shares == [D("0.008"), D("0.006"), D("0.006")]


def test_what_the_exchange_itself_changes_is_told_as_restated(floor: Floor) -> None:
    heard = floor.account("executions")
    txid = floor.order(**LIMIT)
    floor.switch("restate", txid=txid, order_qty="0.005")
    told = heard.rows("executions")[-1]
    assert (told["exec_type"], told["order_qty"]) == ("restated", D("0.005"))
    assert row(floor, txid)["vol"] == "0.00500000"


def test_a_market_may_lower_its_precision(floor: Floor) -> None:
    old = floor.order(ordertype="limit", price="50000.1", volume="0.01234567")
    floor.switch("market", pair="BTC/USD", lot_decimals=4, pair_decimals=0)
    terms = floor.ask("AssetPairs", pair="XBTUSD")["XXBTZUSD"]
    assert (terms["lot_decimals"], terms["pair_decimals"], terms["tick_size"]) == (4, 0, "1")
    assert row(floor, old)["vol"] == "0.01234567", "what was ordered before stays what it was"
    usual = {"pair": "XBTUSD", "type": "buy", "ordertype": "limit", "volume": "0.0123", "price": "50000"}
    floor.call("AddOrder", **usual)
    assert "volume" in refused(floor, "AddOrder", **usual | {"volume": "0.01234"})
    assert "up to 0 decimals" in refused(floor, "AddOrder", **usual | {"price": "50000.1"})
    floor.switch("market", pair="BTC/USD", lot_decimals=8, pair_decimals=2, tick_size="0.01")
    floor.call("AddOrder", **usual | {"volume": "0.01234567", "price": "50000.12"})
    status, said = floor.admin.do("POST", "market", {"pair": "BTC/USD", "lot_decimals": 11})
    assert status == 400 and "lot_decimals" in said["error"]


def test_public_calls_may_be_limited_by_address() -> None:
    floor = Floor(customs=Customs(public_calls_limited=True))
    door = Door(lambda: floor.exchange, floor.gate)

    def ask(address: str) -> str:
        return door.ask(Ask("/0/public/Time", address=address)).body

    first = [ask("10.0.0.1"), ask("10.0.0.1"), ask("10.0.0.2")]
    assert ["Too many requests" in body for body in first] == [False, True, False]
    floor.wait(1)
    assert "unixtime" in ask("10.0.0.1")
    floor.books.close()


def test_a_worth_may_be_asked_in_another_currency(floor: Floor) -> None:
    dollars = D(floor.call("TradeBalance")["eb"])
    coins = D(floor.call("TradeBalance", asset="XBT")["eb"])
    assert abs(coins * floor.last() / dollars - 1) < D("0.001")
    assert refused(floor, "TradeBalance", asset="NONE") == "EQuery:Unknown asset"


def test_history_is_filtered_as_asked(floor: Floor) -> None:
    txid = floor.order(userref="7")
    assert list(floor.call("QueryOrders", txid=txid, userref="7")) == [txid]
    assert floor.call("QueryOrders", txid=txid, userref="8") == {}
    assert floor.call("TradesHistory", type="closed position")["trades"] == {}
    assert floor.call("TradesHistory", type="no position")["count"] == 1
    for method, name in (("TradesHistory", "type"), ("ClosedOrders", "closetime")):
        assert name in refused(floor, method, **{name: "whatever"})
    pair = floor.ask("AssetPairs", pair="XBTUSD", info="leverage")["XXBTZUSD"]
    assert pair.keys() == {"leverage_buy", "leverage_sell"}


def test_public_trades_are_read_from_any_moment_without_a_gap(floor: Floor) -> None:
    since, numbers = floor.exchange.now_ms() // 1000 - 3 * 86_400, []
    for _ in range(3):
        answer = floor.ask("Trades", pair="XBTUSD", since=str(since), count="500")
        numbers += [one[6] for one in answer["XXBTZUSD"]]
        since = answer["last"]
    assert len(numbers) == 1500 and numbers == list(range(numbers[0], numbers[0] + 1500))
    newest = floor.ask("Trades", pair="XBTUSD", count="5")["XXBTZUSD"]
    assert newest[-1][2] > floor.exchange.now_ms() / 1000 - 60


def test_pages_hold_every_order_once_when_all_closed_at_the_same_moment(floor: Floor) -> None:
    placed = [floor.order(**LIMIT) for _ in range(120)]
    floor.call("CancelAll")
    pages = [list(floor.call("ClosedOrders", ofs=str(ofs))["closed"]) for ofs in (0, 50, 100, 150)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert sorted(txid for page in pages for txid in page) == sorted(placed)


def test_a_trailing_close_over_the_socket_is_told_as_it_was_asked_for(floor: Floor) -> None:
    heard = floor.account("executions")
    wire = floor.connect(private=True)
    conditional = {"order_type": "trailing-stop-limit", "trigger_price": 2, "trigger_price_type": "pct"}
    wire.say(
        "add_order", order_type="limit", side="buy", order_qty=0.01, symbol="BTC/USD", limit_price=50_000,
        conditional={**conditional, "limit_price": -10}, token=floor.token(),
    )  # fmt: skip
    told = next(one for one in heard.rows("executions") if one["exec_type"] == "pending_new")["contingent"]
    assert (told["trigger_price"], told["trigger_price_type"]) == (2, "pct")
    assert (told["limit_price"], told["limit_price_type"]) == (-10, "quote")
    (order,) = floor.call("OpenOrders")["open"].values()
    assert order["descr"]["close"] == "close position @ trailing stop +2.0000% -> limit -10.0"
