"""The local Kraken's private WebSocket v2: executions, balances and orders over the socket."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from core.sim.kraken.private import key_info
from tests.support.kraken_hub import KEY, START_MS, Floor, Wire, recorded, same_fields


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


def test_without_a_good_token_nothing_private_is_told(floor: Floor) -> None:
    wire = floor.connect(private=True)
    wire.frames()
    for token in ("", "guess"):
        (answer,) = wire.subscribe("executions", token=token)
        assert (answer["success"], answer["error"]) == (False, "ESession:Invalid session")
    (answer,) = wire.subscribe("ticker", symbol=["BTC/USD"])
    assert answer["error"].startswith("Public market data subscriptions are unavailable")


def test_a_token_lasts_fifteen_minutes_and_as_long_as_the_connection_that_used_it(floor: Floor) -> None:
    old, used = floor.token(), floor.token()
    wire = floor.connect(private=True)
    wire.subscribe("balances", token=used)
    floor.wait(901)
    assert wire.subscribe("executions", token=used)[-2]["success"]
    late = floor.connect(private=True)
    late.frames()
    for token in (old, used):
        assert late.subscribe("balances", token=token)[0]["error"] == "ESession:Invalid session"


def test_an_orders_life_is_told_turn_by_turn_in_sequence(floor: Floor) -> None:
    wire = floor.account("executions")
    floor.order(cl_ord_id="mine", **{"close[ordertype]": "stop-loss", "close[price]": "40000"})
    frames = wire.frames("executions")
    rows = [row for frame in frames for row in frame["data"]]
    parent = [row for row in rows if row.get("cl_ord_id") == "mine"]
    kinds = [row["exec_type"] for row in parent]
    assert kinds[:2] == ["pending_new", "new"]
    assert kinds[-1] == "filled"
    assert set(kinds[2:-1]) == {"trade"}
    assert {row["order_status"] for row in parent if row["exec_type"] == "trade"} == {"partially_filled"}
    assert "symbol" not in parent[1]
    children = [row for row in rows if row.get("ord_ref_id") == parent[0]["order_id"]]
    assert [(row["exec_type"], row["order_type"]) for row in children] == [
        ("pending_new", "stop-loss")
    ] * len(kinds[2:-1])
    first = frames[0]["sequence"]
    assert [frame["sequence"] for frame in frames] == [*range(first, first + len(frames))]
    trades = [row for row in parent if row["exec_type"] == "trade"]
    assert sum(row["last_qty"] for row in trades) == parent[-1]["cum_qty"] == D("0.01")
    booked = floor.exchange.engine.fills()
    assert [row["exec_id"] for row in trades] == [fill.id for fill in booked]
    assert [row["fees"] for row in trades] == [[{"asset": "USD", "qty": fill.fee}] for fill in booked]


def test_cancels_amends_and_expiries_are_told_with_their_reason(floor: Floor) -> None:
    wire = floor.account("executions")
    limit = {"ordertype": "limit", "price": "50000"}
    gone = floor.order(**limit)
    floor.call("AmendOrder", txid=gone, limit_price="50001")
    floor.call("CancelOrder", txid=gone)
    floor.order(**limit, timeinforce="GTD", expiretm="+5")
    floor.wait(6)
    rows = wire.rows("executions")
    ends = [(row["exec_type"], row.get("reason"), row.get("limit_price")) for row in rows]
    assert ("amended", None, D(50001)) in ends
    assert ("canceled", "User requested", None) in ends
    assert ("expired", "Order expired", None) in ends


def test_the_snapshot_holds_open_orders_and_the_last_fifty_trades_as_asked(floor: Floor) -> None:
    floor.order()
    resting = floor.order(ordertype="limit", price="50000")
    for orders, trades in ((True, True), (True, False), (False, True), (False, False)):
        wire = floor.connect(private=True)
        frames = wire.subscribe("executions", token=floor.token(), snap_orders=orders, snap_trades=trades)
        ack = next(frame for frame in frames if frame.get("method") == "subscribe")
        assert (ack["result"]["snap_orders"], ack["result"]["snap_trades"]) == (orders, trades)
        (snapshot,) = [frame for frame in frames if frame.get("type") == "snapshot"]
        kinds = {row["exec_type"] for row in snapshot["data"]}
        assert kinds == {kind for kind, wanted in (("new", orders), ("trade", trades)) if wanted}
        assert snapshot["sequence"] == 1
        if orders:
            assert snapshot["data"][0]["order_id"] == resting


def test_only_open_and_close_are_told_to_who_wants_no_more(floor: Floor) -> None:
    wire = floor.account("executions", order_status=False)
    txid = floor.order(ordertype="limit", price="50000")
    floor.call("AmendOrder", txid=txid, limit_price="50001")
    floor.call("CancelOrder", txid=txid)
    assert [row["exec_type"] for row in wire.rows("executions")] == ["new", "canceled"]


def test_balances_follow_the_ledger_with_one_reference_a_trade(floor: Floor) -> None:
    wire = floor.connect(private=True)
    frames = wire.subscribe("balances", token=floor.token())
    totals = {
        row["asset"]: row["balance"] for f in frames if f.get("type") == "snapshot" for row in f["data"]
    }
    floor.order(volume="0.02")
    floor.exchange.deposit("BTC", D("0.5"))
    for frame in wire.frames("balances"):
        assert len({row["ref_id"] for row in frame["data"]}) == 1
        for row in frame["data"]:
            totals[row["asset"]] = totals.get(row["asset"], D(0)) + row["amount"] - row["fee"]
            assert totals[row["asset"]] == row["balance"]
    held = {name: one.total for name, one in floor.exchange.engine.balances().items()}
    assert totals == held


# Trading.


def ask(wire: Wire, method: str, **params: Any) -> dict[str, Any]:
    wire.frames()
    wire.say(method, **params)
    (answer,) = [frame for frame in wire.frames() if frame.get("method") == method]
    return answer


def test_an_order_is_placed_amended_and_cancelled_over_the_socket(floor: Floor, shared: Path | None) -> None:
    wire, token = floor.connect(private=True), floor.token()
    request = recorded(shared, "ws_add_order_request.json")
    params = request["params"] if request else {
        "order_type": "limit", "side": "buy", "order_qty": 0.01, "symbol": "BTC/USD", "limit_price": 30000.0,
        "time_in_force": "GTC", "cl_ord_id": "O-20260505-000001", "post_only": True,
    }  # fmt: skip
    added = ask(wire, "add_order", **params | {"token": token})
    same_fields(recorded(shared, "ws_add_order_response_success.json") and {"success": True}, added)
    txid = added["result"]["order_id"]
    assert added["result"]["cl_ord_id"] == params["cl_ord_id"]
    amended = ask(wire, "amend_order", order_id=txid, order_qty=0.005, token=token)
    assert amended["result"]["amend_id"].startswith("T")
    assert floor.exchange.engine.register.orders[txid].qty == D("0.005")
    assert ask(wire, "cancel_order", order_id=[txid], token=token)["result"] == {"order_id": txid}
    again = ask(wire, "cancel_order", order_id=[txid], token=token)
    assert (again["success"], again["error"]) == (False, "EOrder:Unknown order")


def test_refusals_over_the_socket_are_in_krakens_words(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    order = {"order_type": "limit", "side": "buy", "order_qty": 9, "symbol": "BTC/USD", "limit_price": 50000}
    assert ask(wire, "add_order", **order, token=token)["error"] == "EOrder:Insufficient funds"
    unknown = ask(wire, "add_order", **order, token=token, price=5)
    assert unknown["error"] == "Unsupported field: 'price' for the given msg type: add order"
    assert ask(wire, "add_order", **order, token="guess")["error"] == "ESession:Invalid session"
    elsewhere = ask(floor.connect(), "add_order", **order, token=token)
    assert elsewhere["error"].startswith("Private data and trading are unavailable")


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"order_type": "stop-loss", "triggers": {"price": 50000}}, "stop loss 50000.0"),
        (
            {"order_type": "stop-loss-limit", "triggers": {"price": 50000}, "limit_price": 49000},
            "stop loss 50000.0 -> limit 49000.0",
        ),
        ({"order_type": "take-profit", "triggers": {"price": 150000}}, "take profit 150000.0"),
        (
            {"order_type": "trailing-stop", "triggers": {"price": 5, "price_type": "pct"}},
            "trailing stop +5.0000%",
        ),
        (
            {"order_type": "trailing-stop", "triggers": {"price": 500, "price_type": "quote"}},
            "trailing stop +500.0",
        ),
    ],
)
def test_triggered_kinds_over_the_socket_are_those_of_rest(
    floor: Floor, message: dict[str, Any], sentence: str
) -> None:
    floor.exchange.deposit("BTC", D(1))
    wire, token = floor.connect(private=True), floor.token()
    base = {"side": "sell", "order_qty": 0.1, "symbol": "BTC/USD", "token": token}
    txid = ask(wire, "add_order", **base, **message)["result"]["order_id"]
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert row["descr"]["order"] == f"sell 0.10000000 XBTUSD @ {sentence}"


def test_a_dry_run_over_the_socket_places_nothing(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    answer = ask(
        wire, "add_order", order_type="market", side="buy", order_qty=0.01, symbol="BTC/USD", token=token,
        validate=True,
    )  # fmt: skip
    assert answer["success"]
    assert "order_id" not in answer["result"]
    assert not floor.exchange.engine.fills()


def test_a_batch_over_the_socket_answers_for_each_order(floor: Floor, shared: Path | None) -> None:
    wire, token = floor.connect(private=True), floor.token()
    request = recorded(shared, "ws_batch_add_request.json")
    orders = request["params"]["orders"] if request else [
        {"order_type": "limit", "side": side, "order_qty": 0.01, "limit_price": price, "cl_ord_id": name}
        for side, price, name in (("buy", 30000, "O-A"), ("sell", 31000, "O-B"))
    ]  # fmt: skip
    first, second = ask(wire, "batch_add", symbol="BTC/USD", orders=orders, token=token)["result"]
    assert first["success"]
    assert (second["success"], second["error"]) == (False, "EOrder:Insufficient funds")
    gone = ask(wire, "batch_cancel", orders=[first["order_id"]], token=token)
    assert gone["orders_cancelled"] == 1


def test_the_dead_mans_switch_is_armed_over_the_socket(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    floor.order(ordertype="limit", price="50000")
    assert ask(wire, "cancel_all_orders_after", timeout=60, token=token)["result"]["triggerTime"] != "0"
    floor.wait(61)
    assert not floor.exchange.engine.open_orders()
    floor.order(ordertype="limit", price="50000")
    assert ask(wire, "cancel_all", token=token)["result"] == {"count": 1}


@pytest.mark.parametrize(
    ("values", "named", "row"),
    [
        ({"order_userref": [5]}, "order_userref", 5),
        ({"cl_ord_id": ["mine"]}, "cl_ord_id", "mine"),
        ({"order_userref": 5}, "order_userref", 5),
    ],
)
def test_orders_are_cancelled_by_any_of_their_names(
    floor: Floor, values: dict[str, Any], named: str, row: object
) -> None:
    wire, token = floor.connect(private=True), floor.token()
    name = {"userref": "5"} if named == "order_userref" else {"cl_ord_id": "mine"}
    floor.order(ordertype="limit", price="50000", **name)
    assert ask(wire, "cancel_order", **values, token=token)["result"] == {named: row}
    assert ask(wire, "cancel_order", token=token)["error"] == "EGeneral:Invalid arguments:order_id"
    assert not floor.exchange.engine.open_orders()


def test_an_order_over_the_socket_may_spend_money_and_expire(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    base = {"symbol": "BTC/USD", "side": "buy", "token": token}
    spent = ask(wire, "add_order", **base, order_type="market", cash_order_qty=100)
    assert spent["success"]
    assert 99 < sum(fill.cost for fill in floor.exchange.engine.fills()) <= 101
    ends = {"time_in_force": "gtd", "expire_time": "2026-09-21T14:13:30Z"}
    limit = {"order_type": "limit", "order_qty": 0.01, "limit_price": 50000}
    txid = ask(wire, "add_order", **base, **limit, **ends)["result"]["order_id"]
    floor.wait(60)
    assert floor.call("QueryOrders", txid=txid)[txid]["status"] == "expired"


def test_a_fault_on_the_socket_hides_an_order_that_exists(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    order = {"symbol": "BTC/USD", "side": "buy", "order_type": "market", "order_qty": 0.01, "token": token}
    floor.switch("faults", path="add_order", kind="error", value="EService:Busy", phase="before")
    assert ask(wire, "add_order", **order)["error"] == "EService:Busy"
    assert not floor.exchange.engine.fills()
    floor.switch("faults", path="add_order", kind="reset", phase="after")
    wire.frames()
    wire.say("add_order", **order)
    assert not wire.frames()
    assert floor.exchange.engine.fills()


def test_the_order_counter_is_told_to_who_asks(floor: Floor) -> None:
    wire = floor.account("executions", ratecounter=True)
    floor.order(ordertype="limit", price="50000")
    floor.order(ordertype="limit", price="50000")
    assert [row["ratecounter"] for row in wire.rows("executions")] == [1, 1, 2, 2]


def test_a_key_is_told_about_itself(floor: Floor) -> None:
    assert key_info(floor.gate, KEY, START_MS)["nonce_window"] == "0"
