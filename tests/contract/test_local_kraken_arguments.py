"""What a careless or hostile client writes into an order: read as Kraken means it, or refused in words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal as D
from typing import Any
from urllib.parse import urlencode

import pytest

from core.matching.depth import Depth, Level
from core.model.errors import Rejected
from core.model.money import Price, Qty
from core.sim.kraken.auth import Gatekeeper, api_sign
from core.sim.kraken.door import Ask, Door
from core.sim.kraken.params import Params
from core.sim.kraken.private import PRIVATE
from tests.support.kraken_hub import KEY, Floor, Wire

SECRET = "c2VjcmV0"
LIMIT = {"ordertype": "limit", "price": "50000"}
UUID = "6d1b345e-2821-40e2-ad83-4ecb18a06876"


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


def descr(floor: Floor, **values: str) -> dict[str, str]:
    """How an order reads that is only validated."""
    usual = {"pair": "XBTUSD", "type": "buy", "volume": "0.01", "validate": "true"}
    return dict(floor.call("AddOrder", **usual | values)["descr"])


def refusal(floor: Floor, method: str, **values: Any) -> str:
    with pytest.raises(Rejected) as refused:
        floor.call(method, **values)
    return str(refused.value)


class Caller:
    """Signs calls of one key and sends them through the door in either encoding."""

    def __init__(self, floor: Floor) -> None:
        floor.gate.secrets = {KEY: SECRET}
        self.door, self.nonce = Door(lambda: floor.exchange, floor.gate), 0

    def ask(self, method: str, values: dict[str, Any], *, as_json: bool) -> Any:
        self.nonce += 1
        values = {"nonce": str(self.nonce), **values}
        body = json.dumps(values).encode() if as_json else urlencode(_form(values)).encode()
        kind = "application/json" if as_json else "application/x-www-form-urlencoded"
        path = f"/0/private/{method}"
        signed = api_sign(SECRET, path, str(self.nonce), body)
        reply = self.door.ask(
            Ask(path, headers={"API-Key": KEY, "API-Sign": signed, "Content-Type": kind}, body=body)
        )
        return json.loads(reply.body)


def _form(values: dict[str, Any]) -> dict[str, str]:
    """Nested values as a form writes them: close[price], orders[0][volume]."""
    flat: dict[str, str] = {}
    for name, value in values.items():
        inner = dict(enumerate(value)) if isinstance(value, list) else value
        if isinstance(inner, dict):
            flat |= _form({f"{name}[{key}]": item for key, item in inner.items()})
        else:
            flat[name] = str(value)
    return {name.replace("]][", "]["): value for name, value in flat.items()}


CLOSE = {"close": {"ordertype": "stop-loss-limit", "price": "40000", "price2": "39000"}}
ROWS = [{"type": "buy", "volume": "0.01", **LIMIT, **CLOSE}, {"type": "buy", "volume": "0.02", **LIMIT}]


@pytest.mark.parametrize("as_json", [False, True])
def test_every_private_call_is_read_from_a_form_and_from_json(floor: Floor, as_json: bool) -> None:
    caller, said = Caller(floor), dict[str, Any]()

    def ask(method: str, **values: Any) -> Any:
        said[method] = caller.ask(method, values, as_json=as_json)
        assert said[method]["error"] == [], method
        return said[method]["result"]

    base = {"pair": "XBTUSD", "type": "buy", "volume": "0.01"}
    ask("AddOrder", **base, ordertype="market", validate=False)
    txid = ask("AddOrder", **base, **LIMIT, **CLOSE, cl_ord_id=UUID)["txid"][0]
    ask("AmendOrder", txid=txid, limit_price="50001", order_qty="0.02", post_only=True)
    batch = ask("AddOrderBatch", pair="XBTUSD", orders=ROWS)["orders"]
    assert batch[0]["close"] == "close position @ stop loss 40000.0 -> limit 39000.0"
    row = ask("OpenOrders", trades=True, cl_ord_id=UUID)["open"][txid]
    assert (row["vol"], row["descr"]["price"]) == ("0.02000000", "50001.0")
    assert row["descr"]["close"] == "close position @ stop loss 40000.0 -> limit 39000.0"
    assert ask("CancelOrder", cl_ord_id=UUID) == {"count": 1}
    assert ask("CancelOrderBatch", orders=[one["txid"] for one in batch]) == {"count": 2}
    assert ask("ClosedOrders", start=1, closetime="close", ofs=0)["count"] == 4
    ask("QueryOrders", txid=txid, trades=True)
    trade = next(iter(ask("TradesHistory", type="all", ledgers=True)["trades"]))
    ask("QueryTrades", txid=trade)
    ask("QueryLedgers", id=next(iter(ask("Ledgers", asset="XBT", type="trade")["ledger"])))
    ask("TradeVolume", pair="XBTUSD", **{"fee-info": True})
    ask("TradeBalance", asset="ZUSD")
    ask("CancelAllOrdersAfter", timeout=60)
    for name in ("Balance", "BalanceEx", "CancelAll", "GetWebSocketsToken"):
        ask(name)
    assert said.keys() == PRIVATE.keys()


def test_a_small_number_of_json_is_read_as_a_form_would_write_it(floor: Floor) -> None:
    order = {"pair": "PEPEUSD", "type": "buy", "ordertype": "limit", "volume": 5e6, "price": 0.0000031}
    said = Caller(floor).ask("AddOrder", order, as_json=True)
    assert said["result"]["descr"]["order"] == "buy 5000000.00000 PEPEUSD @ limit 0.000003100"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"volume": "1_000"}, "volume"),
        ({"volume": "٣"}, "volume"),
        ({"volume": " 1"}, "volume"),
        ({"volume": "0x1"}, "volume"),
        ({"volume": "Infinity"}, "volume"),
        ({"volume": "0.000000001"}, "volume"),
        ({"price": "٥٠٠٠٠"}, "price"),
        ({"price": "-200000"}, "price"),
        ({"price": "5e4"}, "price"),
        ({"userref": "2147483648"}, "userref"),
        ({"userref": "1_0"}, "userref"),
        ({"userref": "7", "cl_ord_id": "both"}, "cl_ord_id"),
        ({"cl_ord_id": "zyn-" + UUID.replace("-", "")}, "cl_ord_id"),
        ({"cl_ord_id": "nineteen characters"}, "cl_ord_id"),
        ({"oflags": "fciq,fcib"}, "oflags"),
        ({"oflags": "viqc"}, "oflags"),
        ({"timeinforce": "GTD"}, "expiretm"),
        ({"timeinforce": "DAY"}, "timeinforce"),
        ({"expiretm": "+4"}, "expiretm"),
        ({"expiretm": "1790000000"}, "expiretm"),
        ({"expiretm": "999999999999999"}, "expiretm"),
        ({"deadline": "2026-09-21T14:15:21Z"}, "deadline"),
        ({"deadline": "2026-09-21T14:13:25"}, "deadline"),
        ({"deadline": "tomorrow"}, "deadline"),
        ({"close[ordertype]": "stop-loss"}, "close[price]"),
        ({"close[ordertype]": "stop-loss-limit", "close[price]": "40000"}, "close[price2]"),
        ({"ordertype": "trailing-stop", "type": "sell", "price": "+100%"}, "price"),
        ({"ordertype": "trailing-stop", "type": "sell", "price": "+9999999"}, "price"),
    ],
)
def test_an_argument_that_makes_no_sense_is_named(floor: Floor, values: dict[str, str], words: str) -> None:
    usual = {"pair": "XBTUSD", "type": "buy", "volume": "0.01", **LIMIT}
    assert refusal(floor, "AddOrder", **usual | values) == f"EGeneral:Invalid arguments:{words}"
    assert floor.exchange.engine.register.orders == {}


def test_a_deadline_that_is_over_is_told_apart_from_one_too_far_ahead(floor: Floor) -> None:
    usual = {"pair": "XBTUSD", "type": "buy", "volume": "0.01", **LIMIT}
    late = refusal(floor, "AddOrder", **usual, deadline="2001-01-01T00:00:00Z")
    assert late == "EService:Deadline elapsed"


@pytest.mark.parametrize("target", ["--5", "²", "5²", "-", "99999999999", "no such order", "1.0"])
def test_a_name_of_no_order_cancels_nothing(floor: Floor, target: str) -> None:
    floor.order(**LIMIT)
    assert refusal(floor, "CancelOrder", txid=target) == "EOrder:Unknown order"
    assert floor.call("CancelOrderBatch", orders=[target]) == {"count": 0}
    assert len(floor.call("OpenOrders")["open"]) == 1


@pytest.mark.parametrize(
    ("kind", "side", "up"),
    [
        ("limit", "buy", False),
        ("limit", "sell", True),
        ("stop-loss", "buy", True),
        ("stop-loss", "sell", False),
        ("take-profit", "buy", False),
        ("take-profit", "sell", True),
    ],
)
def test_a_hash_offset_goes_the_way_of_the_order(floor: Floor, kind: str, side: str, up: bool) -> None:
    floor.exchange.deposit("BTC", D(1))
    order = descr(floor, ordertype=kind, type=side, price="#100")["order"]
    price = floor.last() + (100 if up else -100)
    assert order.endswith(f" {price:.1f}")


def test_a_conditional_close_may_be_relative_and_may_trail(floor: Floor) -> None:
    last = floor.last()
    close = {"close[ordertype]": "stop-loss", "close[price]": "#2%"}
    assert f"stop loss {last * D('0.98'):.1f}" in descr(floor, ordertype="market", **close)["close"]
    close = {"close[ordertype]": "trailing-stop", "close[price]": "+2%"}
    assert descr(floor, ordertype="market", **close)["close"] == "close position @ trailing stop +2.0000%"
    parent = floor.order(**close)
    child = next(iter(floor.call("OpenOrders")["open"].values()))
    assert (child["refid"], child["descr"]["price"]) == (parent, "+2.0000%")
    trigger = D(child["stopprice"])
    assert last * D("0.979") < trigger < last * D("0.981")
    floor.price(f"{last * D('1.1'):.1f}")
    child = next(iter(floor.call("OpenOrders")["open"].values()))
    assert D(child["stopprice"]) > trigger * D("1.09")


def test_a_trailing_stop_is_amended_by_its_offset_and_its_unit(floor: Floor) -> None:
    floor.exchange.deposit("BTC", D(1))
    txid = floor.order(type="sell", ordertype="trailing-stop", price="+500")
    last = floor.last()

    def stands() -> tuple[str, D]:
        row = floor.call("QueryOrders", txid=txid)[txid]
        return row["descr"]["price"], D(row["stopprice"])

    assert stands() == ("+500.0", last - 500)
    floor.call("AmendOrder", txid=txid, trigger_price="+300")
    assert stands() == ("+300.0", last - 300)
    floor.call("AmendOrder", txid=txid, trigger_price="+10%")
    price, trigger = stands()
    assert price == "+10.0000%" and abs(trigger - last * D("0.9")) <= D("0.1")
    assert "trigger_price" in refusal(floor, "AmendOrder", txid=txid, trigger_price="+100%")


def test_an_amendment_must_change_something_that_the_order_has(floor: Floor) -> None:
    floor.exchange.deposit("BTC", D(1))
    limit = floor.order(**LIMIT)
    stop = floor.order(type="sell", ordertype="stop-loss", price="50000")
    assert refusal(floor, "AmendOrder", txid=limit) == "EGeneral:Invalid arguments"
    assert "trigger_price" in refusal(floor, "AmendOrder", txid=limit, trigger_price="40000")
    assert "limit_price" in refusal(floor, "AmendOrder", txid=stop, limit_price="40000")
    late = refusal(floor, "AmendOrder", txid=stop, trigger_price="40000", deadline="2001-01-01T00:00:00Z")
    assert late == "EService:Deadline elapsed"
    assert floor.call("QueryOrders", txid=stop)[stop]["stopprice"] == "50000.0"


@pytest.mark.parametrize("asked", [UUID, UUID.upper(), UUID.replace("-", ""), UUID.replace("-", "").upper()])
def test_a_client_id_is_a_number_however_it_is_written(floor: Floor, asked: str) -> None:
    txid = floor.order(**LIMIT, cl_ord_id=UUID)
    taken = refusal(floor, "AddOrder", pair="XBTUSD", type="buy", volume="0.01", **LIMIT, cl_ord_id=asked)
    assert "cl_ord_id" in taken
    assert list(floor.call("OpenOrders", cl_ord_id=asked)["open"]) == [txid]
    assert floor.call("CancelOrder", cl_ord_id=asked) == {"count": 1}
    closed = floor.call("ClosedOrders", cl_ord_id=asked)["closed"]
    assert closed[txid]["cl_ord_id"] == UUID, "as it was sent"


def test_a_market_buy_by_cost_spends_no_more_than_that(floor: Floor) -> None:
    quote = floor.exchange.look("BTC/USD")
    asks = tuple(Level(Price(quote.ask * (100 + step) / 100), Qty(D("0.1"))) for step in range(4))
    floor.exchange.engine.on_quote(quote, Depth((), asks))
    cost = D(quote.ask) * D("0.25")
    txid = floor.order(volume=f"{cost:.1f}", oflags="viqc,fciq")
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert row["status"] == "closed"
    assert cost - 1 < D(row["cost"]) <= cost


BAD = [
    {"volume": "0.000001"},
    {"price": "50000.05"},
    {"price": "0"},
    {"volume": "0"},
    {"ordertype": "iceberg"},
    {"cl_ord_id": "a name longer than eighteen"},
    {"cl_ord_id": "taken"},
    {"deadline": "2001-01-01T00:00:00Z"},
]


@pytest.mark.parametrize("bad", BAD)
def test_one_wrong_order_of_fifteen_spoils_the_batch_and_costs_its_share(bad: dict[str, str]) -> None:
    floor = Floor(tier="starter")
    row = {"type": "buy", "volume": "0.01", **LIMIT}
    floor.order(**LIMIT, cl_ord_id="taken")
    before = floor.exchange.limits.orders_at(KEY, "BTC/USD", floor.exchange.now_ms())
    refusal(floor, "AddOrderBatch", pair="XBTUSD", orders=[row] * 14 + [row | bad])
    assert len(floor.exchange.engine.register.orders) == 1
    after = floor.exchange.limits.orders_at(KEY, "BTC/USD", floor.exchange.now_ms())
    assert after - before == 7.5
    floor.books.close()


def test_two_orders_of_a_batch_may_not_share_a_client_id_and_one_may_be_too_dear(floor: Floor) -> None:
    row = {"type": "buy", "volume": "0.01", **LIMIT}
    twins = [row | {"cl_ord_id": UUID}, row | {"cl_ord_id": UUID.replace("-", "")}]
    assert "cl_ord_id" in refusal(floor, "AddOrderBatch", pair="XBTUSD", orders=twins)
    said = floor.call("AddOrderBatch", pair="XBTUSD", orders=[row, row | {"volume": "900"}, row])["orders"]
    assert [one.get("error") for one in said] == [None, "EOrder:Insufficient funds", None]
    for count in (1, 16):
        assert "orders" in refusal(floor, "AddOrderBatch", pair="XBTUSD", orders=[row] * count)


KINDS = {
    "market": {},
    "limit": {"price": "50000"},
    "stop-loss": {"price": "50000"},
    "take-profit": {"price": "150000"},
    "stop-loss-limit": {"price": "50000", "price2": "49000"},
    "take-profit-limit": {"price": "150000", "price2": "149000"},
    "trailing-stop": {"price": "+5%"},
    "trailing-stop-limit": {"price": "+5%", "price2": "-10"},
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_every_kind_of_order_can_be_tried_without_placing_it(floor: Floor, kind: str, side: str) -> None:
    floor.exchange.deposit("BTC", D(1))
    said = floor.call(
        "AddOrder", pair="XBTUSD", type=side, ordertype=kind, volume="0.01", validate="true", **KINDS[kind]
    )
    assert said.keys() == {"descr"} and floor.exchange.engine.register.orders == {}
    free = floor.call("BalanceEx")
    assert {row["hold_trade"] for row in free.values()} <= {"0", "0E-10"}


def test_broken_bodies_are_refused_in_words(floor: Floor) -> None:
    bodies = (b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b'{"nonce": NaN', b"{}x")
    for body in bodies:
        with pytest.raises(Rejected, match="EGeneral:Invalid arguments"):
            Params.of_body(body, "application/json")


def test_a_socket_survives_whatever_is_said(floor: Floor) -> None:
    wire = Wire(floor.hub, floor.hub.connect(private=True))
    token = floor.token()
    wire.frames()
    for channel in ([], {}, None, 5, True):
        (answer,) = wire.subscribe(channel)  # type: ignore[arg-type]
        assert answer["success"] is False
    order = {"order_type": "limit", "side": "buy", "order_qty": 1, "symbol": "BTC/USD", "token": token}
    for text in ("1e999999999", "1e-999999999", "NaN", "-0", "[]", '{"a": 1}', "true", '"x"', "null"):
        message = json.dumps({"method": "add_order", "params": order, "req_id": 1})
        wire.session.hear(message.replace('"order_qty": 1', f'"order_qty": 1, "limit_price": {text}'))
        (answer,) = wire.frames()
        assert answer["success"] is False and str(answer["error"]).startswith("E"), text
    assert floor.exchange.engine.register.orders == {}


def test_a_key_hears_only_of_what_it_may_ask_for(floor: Floor) -> None:
    floor.gate = Gatekeeper({}, {KEY: ("create-ws-token", "query-funds")})
    floor.hub.gate = floor.gate
    wire = floor.connect(private=True)
    wire.frames()
    (refused,) = wire.subscribe("executions", token=floor.token())
    assert refused["error"] == "EGeneral:Permission denied"
    told = wire.subscribe("balances", token=floor.token())
    assert told[0]["success"] is True and told[1]["channel"] == "balances"


# An order with everything wrong; each step mends what was named, and the next refusal shows.
REFUSALS: tuple[tuple[str, dict[str, str]], ...] = (
    ("EQuery:Unknown asset pair", {"pair": "XBTUSD"}),
    ("EService:Market in limit_only mode", {"ordertype": "limit"}),
    ("EGeneral:Invalid arguments:price", {"price": "50000.15"}),
    ("EOrder:Invalid price:XBTUSD price can only be specified up to 1 decimals.", {"price": "50000.1"}),
    ("EOrder:Tick size check failed", {"price": "50000.0"}),
    ("EGeneral:Invalid arguments:volume minimum not met", {"volume": "0.00006"}),
    ("EOrder:Cost minimum not met", {"volume": "50"}),
    ("EGeneral:Invalid arguments:cl_ord_id", {"cl_ord_id": "taken"}),
    ("EGeneral:Invalid arguments:cl_ord_id not unique", {"cl_ord_id": "free"}),
    ("EService:Deadline elapsed", {"deadline": ""}),
    ("EOrder:Insufficient funds", {"volume": "0.01"}),
)


def test_refusals_come_in_krakens_order(floor: Floor) -> None:
    floor.order(**LIMIT, cl_ord_id="taken")
    floor.switch("market", pair="XBTUSD", tick_size="0.5", costmin="100")
    floor.switch("status", status="limit_only")
    values = {
        "pair": "NONE", "type": "buy", "ordertype": "stop-loss", "volume": "0.00001", "price": "abc",
        "cl_ord_id": "far too long for a free text", "deadline": "2026-09-21T14:13:19Z",
    }  # fmt: skip
    for words, mended in REFUSALS:
        assert refusal(floor, "AddOrder", **values) == words
        values |= mended
    assert floor.call("AddOrder", **values)["txid"]
