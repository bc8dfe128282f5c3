"""Faults, hands, limits and unknowns of the local Kraken: each does what its name says, and then is over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any

import pytest

from core.matching.customs import Customs
from core.model.errors import Rejected
from core.sim.kraken.auth import Gatekeeper, api_sign
from core.sim.kraken.door import MOST_AT_ONCE, STATUS_PAGE, Ask, Door, Reply
from core.sim.kraken.faults import CALL_KINDS, SOCKET_KINDS
from core.sim.kraken.limits import Limits
from tests.support.kraken_hub import KEY, START_MS, Floor

SECRET = "c2VjcmV0"
LIMIT = {"ordertype": "limit", "price": "50000"}
STOP = {"type": "sell", "ordertype": "stop-loss", "price": "40000"}


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


class Caller:
    """Signs and sends calls through the door, as a client would."""

    def __init__(self, floor: Floor, gate: Gatekeeper | None = None) -> None:
        self.gate = gate or Gatekeeper({KEY: SECRET})
        self.door, self.nonce = Door(lambda: floor.exchange, self.gate), 0

    def send(self, method: str, key: str = KEY, nonce: int | None = None, **values: str) -> Reply:
        self.nonce = self.nonce + 1 if nonce is None else nonce
        form = "&".join(f"{name}={value}" for name, value in {"nonce": str(self.nonce), **values}.items())
        path, body = f"/0/private/{method}", form.encode()
        headers = {"API-Key": key, "API-Sign": api_sign(SECRET, path, str(self.nonce), body)}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.door.ask(Ask(path, headers=headers, body=body))

    def errors(self, method: str, **values: Any) -> list[str]:
        return list(json.loads(self.send(method, **values).body)["error"])


ORDER = {"pair": "XBTUSD", "type": "buy", "ordertype": "market", "volume": "0.01"}


@pytest.mark.parametrize("kind", CALL_KINDS)
@pytest.mark.parametrize("phase", ["before", "after"])
def test_a_call_fault_strikes_its_endpoint_in_its_phase_as_often_as_it_says(
    floor: Floor, kind: str, phase: str
) -> None:
    caller = Caller(floor)
    floor.switch("faults", path="AddOrder", kind=kind, phase=phase, count=2)
    assert caller.errors("Balance") == []
    struck = [caller.send("AddOrder", **ORDER) for _ in range(2)]
    placed = len({fill.order_txid for fill in floor.exchange.engine.fills()})
    assert placed == (0 if phase == "before" else 2)
    for reply in struck:
        believable = reply.status == 200 and not reply.cut and '"result":{"descr"' in reply.body
        assert not believable or kind == "truncated"
    assert caller.errors("AddOrder", **ORDER) == []


def test_a_fault_with_a_probability_strikes_its_share_of_calls_and_the_same_ones_again() -> None:
    struck = []
    for _ in range(2):
        floor = Floor()
        caller = Caller(floor)
        floor.switch("faults", path="*", kind="error", value="EService:Busy", count=None, probability=0.3)
        struck.append([bool(caller.errors("Balance")) for _ in range(200)])
        floor.books.close()
    assert struck[0] == struck[1]
    assert 40 < sum(struck[0]) < 80


def test_an_order_that_arrives_late_meets_its_deadline(floor: Floor) -> None:
    caller = Caller(floor)
    floor.switch("faults", path="AddOrder", kind="late", value=10)
    assert caller.door.delay_ms(Ask("/0/private/AddOrder")) == 10_000
    assert caller.door.delay_ms(Ask("/0/private/AddOrder")) == 0


@pytest.mark.parametrize("body", [
    {"kind": "gremlin"}, {"kind": "error", "phase": "during"}, {"kind": "status", "value": "many"},
    {"kind": "error", "count": 0}, {"kind": "error", "probability": 2}, {"kind": "thin", "value": "-1"},
])  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(floor: Floor, body: dict[str, Any]) -> None:
    status, answer = floor.admin.do("POST", "faults", body)
    assert (status, "error" in answer) == (400, True)


def test_an_order_filled_while_it_is_cancelled_is_unknown_to_the_cancel(floor: Floor) -> None:
    txid = floor.order(**LIMIT)
    floor.switch("faults", path="CancelOrder", kind="fill")
    with pytest.raises(Rejected, match="EOrder:Unknown order"):
        floor.call("CancelOrder", txid=txid)
    assert floor.call("QueryOrders", txid=txid)[txid]["vol_exec"] == "0.01000000"


def test_a_cancel_may_come_after_a_part_was_filled(floor: Floor) -> None:
    txid = floor.order(**LIMIT)
    floor.switch("faults", path="CancelOrder", kind="fill", value="0.00001")
    assert floor.call("CancelOrder", txid=txid) == {"count": 1}
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert (row["status"], row["vol_exec"], row["misc"]) == ("canceled", "0.00001000", "partial")


def test_a_thin_book_fills_dust_and_leaves_the_rest(floor: Floor) -> None:
    floor.switch("faults", path="AddOrder", kind="thin", value="0.00001")
    txid = floor.order(ordertype="limit", price="200000")
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert (row["status"], row["vol_exec"]) == ("open", "0.00001000")


# Sockets.


def test_frames_are_lost_doubled_swapped_and_late_and_the_sequence_shows_it(floor: Floor) -> None:
    wire = floor.account("executions")

    def sequence(kind: str, value: str = "") -> list[int]:
        floor.switch("faults", path="executions", kind=kind, value=value)
        floor.order(**LIMIT)  # pending_new and new
        return [frame["sequence"] for frame in wire.frames("executions")]

    assert sequence("ws_drop") == [3]
    assert sequence("ws_duplicate") == [4, 4, 5]
    assert sequence("ws_reorder") == [7, 6]
    assert sequence("ws_late", "30") == [9]
    floor.wait(31)
    assert [frame["sequence"] for frame in wire.frames("executions")] == [8]


def test_a_half_open_connection_says_nothing_more_and_answers_no_ping(floor: Floor) -> None:
    wire = floor.account("executions")
    floor.switch("faults", path="executions", kind="ws_silent")
    floor.order()
    wire.say("ping")
    floor.wait(30)
    assert not wire.frames()
    assert not wire.session.closed


def test_a_connection_may_end_in_the_middle_of_a_fill(floor: Floor) -> None:
    wire = floor.account("executions")
    floor.switch("faults", path="executions", kind="ws_disconnect")
    floor.order()
    assert wire.session.closed
    again = floor.connect(private=True)
    frames = again.subscribe("executions", token=floor.token(), snap_trades=True)
    rows = [row for frame in frames if frame.get("type") == "snapshot" for row in frame["data"]]
    assert {row["exec_type"] for row in rows} == {"trade"}


def test_every_socket_fault_can_be_set(floor: Floor) -> None:
    for kind in SOCKET_KINDS:
        floor.switch("faults", path="ticker", kind=kind)
    pending = floor.admin.do("GET", "faults", {})[1]["faults"]
    assert [fault["kind"] for fault in pending] == list(SOCKET_KINDS)
    floor.admin.do("DELETE", "faults", {})
    assert floor.admin.do("GET", "faults", {})[1] == {"faults": []}


def test_tokens_can_die_with_every_connection(floor: Floor) -> None:
    token = floor.token()
    wire = floor.account("balances")
    floor.switch("sockets", tokens=True)
    assert wire.session.closed
    again = floor.connect(private=True)
    again.frames()
    assert again.subscribe("balances", token=token)[0]["error"] == "ESession:Invalid session"


# What is shown late, and lies.


def test_orders_trades_and_balances_may_lag(floor: Floor) -> None:
    floor.wait(10)
    floor.switch("lag", orders=5, trades=5, balances=5)
    resting = floor.order(**LIMIT)
    floor.order()
    for _ in range(2):
        assert floor.call("OpenOrders")["open"] == {}
        assert floor.call("ClosedOrders")["closed"] == {}
        assert floor.call("TradesHistory")["trades"] == {}
        with pytest.raises(Rejected, match="EOrder:Invalid order"):
            floor.call("QueryOrders", txid=resting)
        floor.wait(2)
    assert D(floor.call("BalanceEx")["ZUSD"]["balance"]) == 100_000
    floor.wait(2)
    assert list(floor.call("OpenOrders")["open"]) == [resting]
    assert floor.call("TradesHistory")["count"] >= 1
    assert D(floor.call("BalanceEx")["ZUSD"]["balance"]) < 100_000


def test_the_exchanges_time_may_lie(floor: Floor) -> None:
    floor.switch("clock", skew_ms=-90_000)
    reply = Caller(floor).door.ask(Ask("/0/public/Time"))
    assert json.loads(reply.body)["result"]["unixtime"] == START_MS // 1000 - 90


def test_a_planned_maintenance_is_announced_comes_and_goes(floor: Floor) -> None:
    caller = Caller(floor)
    floor.switch("maintenance", in_s=600, for_s=300)
    page = json.loads(caller.door.ask(Ask(STATUS_PAGE)).body)["scheduled_maintenances"]
    assert [row["status"] for row in page] == ["scheduled"]
    status = lambda: json.loads(caller.door.ask(Ask("/0/public/SystemStatus")).body)["result"]["status"]  # noqa: E731
    seen = [status()]
    floor.wait(601)
    seen.append(status())
    assert caller.errors("AddOrder", **ORDER) == ["EService:Unavailable"]
    floor.wait(300)
    assert [*seen, status()] == ["online", "maintenance", "online"]
    assert json.loads(caller.door.ask(Ask(STATUS_PAGE)).body)["scheduled_maintenances"] == []


def test_a_market_may_change_its_terms_and_leave(floor: Floor) -> None:
    floor.switch("market", pair="BTC/USD", tick_size="1", ordermin="0.5")
    with pytest.raises(Rejected, match="Tick size check failed"):
        floor.order(ordertype="limit", price="50000.5", volume="1")
    with pytest.raises(Rejected, match="minimum not met"):
        floor.order(ordertype="limit", price="50000", volume="0.4")
    floor.switch("market", pair="BTC/USD", status="delisted")
    with pytest.raises(Rejected, match="EService:Unavailable"):
        floor.order(volume="0.6")


def test_the_fee_tier_follows_a_volume_set_by_hand(floor: Floor) -> None:
    assert floor.switch("volume", dollars=60_000)["taker"] == "0.003"
    floor.order()
    fill = floor.exchange.engine.fills()[0]
    assert fill.fee / fill.cost == pytest.approx(D("0.003"), rel=D("0.001"))


def test_the_owner_trades_by_hand_without_a_client_id(floor: Floor) -> None:
    txid = floor.switch("order", pair="XBTUSD", type="buy", volume="0.01", **LIMIT)["txid"][0]
    assert floor.exchange.engine.register.orders[txid].request.cl_ord_id == ""
    assert floor.switch("cancel", txid=txid) == {"count": 1}
    assert floor.admin.do("POST", "cancel", {"txid": txid})[0] == 400


# What nobody knows.


@pytest.mark.parametrize("hold", [True, False])
def test_two_exits_of_one_lot_rest_only_where_triggers_hold_nothing(hold: bool) -> None:
    floor = Floor(customs=Customs(hold_trigger_orders=hold))
    floor.exchange.deposit("BTC", D("0.01"))
    floor.order(**STOP)
    target = STOP | {"ordertype": "take-profit", "price": "200000"}
    if hold:
        with pytest.raises(Rejected, match="EOrder:Insufficient funds"):
            floor.order(**target)
    else:
        assert floor.order(**target)
    floor.books.close()


@pytest.mark.parametrize("found", [True, False])
def test_a_closed_order_is_found_by_its_client_id_or_not(found: bool) -> None:
    floor = Floor(customs=Customs(closed_by_client_id=found))
    txid = floor.order(cl_ord_id="mine")
    assert list(floor.call("ClosedOrders", cl_ord_id="mine")["closed"]) == [txid] * found
    assert txid in floor.call("ClosedOrders")["closed"]
    floor.books.close()


@pytest.mark.parametrize("inherit", [True, False])
def test_conditional_closes_carry_their_primarys_client_id_or_not(floor: Floor, inherit: bool) -> None:
    floor.switch("switches", children_inherit_client_id=inherit)
    floor.order(cl_ord_id="mine", **{"close[ordertype]": "stop-loss", "close[price]": "40000"})
    children = floor.call("OpenOrders")["open"].values()
    assert {row.get("cl_ord_id") for row in children} == {"mine" if inherit else None}


@pytest.mark.parametrize("placed", [True, False])
def test_a_conditional_close_below_the_minimum_is_placed_or_not(floor: Floor, placed: bool) -> None:
    floor.switch("switches", fragments_below_minimum=placed)
    floor.switch("faults", path="AddOrder", kind="thin", value="0.00001")
    close = {"close[ordertype]": "stop-loss", "close[price]": "40000"}
    floor.order(ordertype="limit", price="200000", **close)
    assert len(floor.call("OpenOrders")["open"]) == 1 + placed


def test_the_words_of_a_refusal_can_be_either(floor: Floor) -> None:
    floor.order(cl_ord_id="mine", **LIMIT)
    for short, minimum, twin in (
        (False, "EGeneral:Invalid arguments:volume minimum not met", "EGeneral:Invalid arguments:cl_ord_id"),
        (True, "EOrder:Order minimum not met", "EOrder:Duplicate cl_ord_id"),
    ):
        floor.switch("switches", short_minimum_words=short, short_duplicate_words=short)
        with pytest.raises(Rejected, match=minimum):
            floor.order(volume="0.00001")
        with pytest.raises(Rejected, match=twin):
            floor.order(cl_ord_id="mine", **LIMIT)


def test_a_capital_true_may_be_no_dry_run_and_pairs_may_hide_their_fees(floor: Floor) -> None:
    assert "txid" not in floor.call("AddOrder", **ORDER, validate="True")
    floor.switch("switches", python_true_validates=False, pairs_tell_fees=False, index_available=False)
    assert "txid" in floor.call("AddOrder", **ORDER, validate="True")
    pairs = json.loads(Caller(floor).door.ask(Ask("/0/public/AssetPairs", {"pair": "XBTUSD"})).body)
    assert "fees" not in pairs["result"]["XXBTZUSD"]
    with pytest.raises(Rejected, match="Index unavailable"):
        floor.order(**STOP, trigger="index")


def test_a_switch_that_does_not_exist_changes_none(floor: Floor) -> None:
    before = floor.admin.do("GET", "switches", {})[1]
    for body in ({"hold_trigger_orders": False, "gravity": True}, {"hold_trigger_orders": "no"}):
        assert floor.admin.do("POST", "switches", body)[0] == 400
    assert floor.admin.do("GET", "switches", {})[1] == before


# Keys.


def test_every_key_has_its_own_nonces_and_a_window_lets_late_ones_in_once(floor: Floor) -> None:
    caller = Caller(floor, Gatekeeper({KEY: SECRET, "reader": SECRET}, windows={"reader": 10}))
    assert caller.errors("Balance", nonce=100) == []
    assert caller.errors("Balance", nonce=99) == ["EAPI:Invalid nonce"]
    for nonce, errors in (
        (50, []),
        (45, []),
        (45, ["EAPI:Invalid nonce"]),
        (40, ["EAPI:Invalid nonce"]),
        (51, []),
    ):
        assert caller.errors("Balance", key="reader", nonce=nonce) == errors


def test_ten_refusals_in_a_row_lock_a_key_out_for_fifteen_minutes(floor: Floor) -> None:
    caller = Caller(floor, Gatekeeper({KEY: SECRET}, locks_out=True))
    errors = [caller.errors("Balance", key="guess") for _ in range(12)]
    assert errors == [["EAPI:Invalid key"]] * 10 + [["EGeneral:Temporary lockout"]] * 2
    assert caller.errors("Balance") == []
    floor.wait(901)
    assert caller.errors("Balance", key="guess") == ["EAPI:Invalid key"]


# Limits.


def test_the_rest_counter_refuses_above_its_tier_and_decays() -> None:
    floor = Floor(tier="starter")
    caller = Caller(floor)
    assert [caller.errors("TradesHistory") for _ in range(7)] == [[]] * 7  # 14 of 15 points
    assert caller.errors("Balance") == []
    assert caller.errors("Balance") == ["EAPI:Rate limit exceeded"]
    assert caller.errors("AddOrder", **ORDER) == [], "orders are counted elsewhere"
    floor.wait(6.5)
    assert caller.errors("Balance") == []
    told = floor.admin.do("GET", "limits", {})[1][KEY]
    assert told["points"] == 17
    assert told["peak"] == pytest.approx(16 / 15)
    floor.books.close()


def test_a_key_with_too_many_calls_at_once_is_throttled() -> None:
    floor = Floor(tier="starter")
    door, ask = (
        Door(lambda: floor.exchange, Gatekeeper({})),
        Ask("/0/private/Balance", headers={"API-Key": KEY}),
    )
    assert [door.enter(ask) for _ in range(MOST_AT_ONCE)] == [None] * MOST_AT_ONCE
    refusal = door.enter(ask)
    assert refusal is not None
    assert json.loads(refusal.body) == {"error": [f"EService: Throttled: {START_MS // 1000 + 1}"]}
    door.leave(ask)
    assert door.enter(ask) is None
    floor.books.close()


def test_where_limits_are_not_enforced_calls_are_counted_all_the_same(floor: Floor) -> None:
    caller = Caller(floor)
    assert [caller.errors("TradesHistory") for _ in range(30)] == [[]] * 30
    assert floor.admin.do("GET", "limits", {})[1][KEY]["points"] == 60


@pytest.mark.parametrize(
    ("age_s", "cancel", "amend"),
    [(0, 8, 4), (5, 6, 3), (10, 5, 2), (15, 4, 1), (45, 2, 1), (90, 1, 1), (300, 0, 1)],
)
def test_the_order_counter_rises_by_the_age_of_what_is_touched(age_s: int, cancel: int, amend: int) -> None:
    limits = Limits("pro")
    limits.cancel("a", "BTC/USD", age_s * 1000, 0)
    limits.amend("b", "BTC/USD", age_s * 1000, 0)
    assert (limits.orders_at("a", "BTC/USD", 0), limits.orders_at("b", "BTC/USD", 0)) == (cancel, amend)
    assert limits.orders_at("a", "ETH/USD", 0) == 0
    assert limits.orders_at("a", "BTC/USD", 1000) == max(cancel - 3.75, 0)


@pytest.mark.parametrize("binding", [True, False])
def test_a_market_full_of_haste_is_refused_until_its_counter_falls(binding: bool) -> None:
    floor = Floor(tier="starter", customs=Customs(limits_bind_cancels=binding))
    kept = floor.order(**LIMIT, volume="0.0001")
    for _ in range(7):
        floor.call("CancelOrder", txid=floor.order(**LIMIT, volume="0.0001"))  # 9 points each
    with pytest.raises(Rejected, match="EOrder:Rate limit exceeded"):
        floor.order(**LIMIT, volume="0.0001")
    assert floor.order(pair="ETHUSD", ordertype="limit", price="1000", volume="0.1"), "another market is free"
    if binding:
        with pytest.raises(Rejected, match="EOrder:Rate limit exceeded"):
            floor.call("CancelOrder", txid=kept)
    else:
        assert floor.call("CancelOrder", txid=kept)
    floor.wait(30)
    assert floor.order(**LIMIT, volume="0.0001")
    floor.books.close()


def test_a_market_holds_as_many_open_orders_as_the_tier_allows() -> None:
    floor = Floor(tier="starter")
    for _ in range(60):
        floor.order(**LIMIT, volume="0.0001")
        floor.wait(1)
    with pytest.raises(Rejected, match="EOrder:Orders limit exceeded"):
        floor.order(**LIMIT, volume="0.0001")
    floor.books.close()


def test_an_order_that_is_refused_counts_too() -> None:
    floor = Floor(tier="starter")
    with pytest.raises(Rejected, match="Insufficient funds"):
        floor.order(**LIMIT, volume="1000")
    assert floor.exchange.limits.orders_at(KEY, "BTC/USD", START_MS) == 1
    floor.books.close()
