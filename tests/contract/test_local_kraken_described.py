"""Every endpoint of the local Kraken against the published description: its answers and its arguments."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from core.model.errors import Rejected
from core.sim.kraken.door import Ask, Door
from core.sim.kraken.private import PRIVATE
from core.sim.kraken.public import PUBLIC
from tests.support.kraken_hub import Floor

ENVELOPE = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"type": "array", "items": {"type": "string"}}, "result": {"type": "object"}},
}
# In Kraken's documentation, but newer than the description.
NEWER = {"GetApiKeyInfo"}
MARKET = {"pair": "XBTUSD", "type": "buy", "ordertype": "market", "volume": "0.01"}
LIMIT = MARKET | {"ordertype": "limit", "price": "50000"}
CLOSE = {"close[ordertype]": "stop-loss-limit", "close[price]": "40000", "close[price2]": "39000"}


@pytest.fixture(scope="module")
def spec(shared: Path | None) -> dict[str, Any]:
    """The published description, as a JSON schema understands it; empty on a machine without it."""
    file = shared / "data/specs/kraken-spot.yml" if shared else None
    return nullable(yaml.safe_load(file.read_text())) if file is not None and file.exists() else {}


def nullable(value: Any) -> Any:
    """OpenAPI's nullable as JSON schema writes it."""
    if isinstance(value, list):
        return [nullable(one) for one in value]
    if not isinstance(value, dict):
        return value
    plain = {key: nullable(one) for key, one in value.items()}
    if plain.pop("nullable", False) is True:
        plain["type"] = [plain["type"], "null"]
    return plain


@pytest.fixture(scope="module")
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


@pytest.fixture(scope="module")
def answers(floor: Floor) -> dict[str, Any]:
    """A day's business over every endpoint; the whole answers by name."""
    door, said = Door(lambda: floor.exchange, floor.gate), dict[str, Any]()
    for name in PUBLIC:
        reply = door.ask(Ask(f"/0/public/{name}", {"pair": "XBTUSD", "interval": "5", "count": "10"}))
        said[name] = json.loads(reply.body)

    def ask(name: str, **values: Any) -> Any:
        result = json.loads(json.dumps(floor.call(name, **values)))
        said[name] = {"error": [], "result": result}
        return result

    ask("AddOrder", **MARKET, **CLOSE)
    gone = ask("AddOrder", **LIMIT, cl_ord_id="mine")["txid"][0]
    ask("AmendOrder", txid=gone, limit_price="50001")
    batch = ask("AddOrderBatch", pair="XBTUSD", orders=[LIMIT, LIMIT | {"volume": "900"}])["orders"]
    ask("OpenOrders", trades="true")
    ask("CancelOrder", cl_ord_id="mine")
    ask("CancelOrderBatch", orders=[batch[0]["txid"]])
    ask("ClosedOrders", trades="true")
    ask("QueryOrders", txid=gone, trades="true")
    trades = ask("TradesHistory", ledgers="true")["trades"]
    ask("QueryTrades", txid=next(iter(trades)))
    ask("QueryLedgers", id=next(iter(ask("Ledgers")["ledger"])))
    for name in ("Balance", "BalanceEx", "TradeBalance", "GetWebSocketsToken", "CancelAll", "GetApiKeyInfo"):
        ask(name)
    ask("TradeVolume", pair="XBTUSD")
    ask("CancelAllOrdersAfter", timeout="60")
    return said


@pytest.mark.parametrize("name", sorted({*PRIVATE, *PUBLIC, "GetApiKeyInfo"}))
def test_an_answer_is_what_the_description_says(
    spec: dict[str, Any], answers: dict[str, Any], name: str
) -> None:
    schema: dict[str, Any] = ENVELOPE
    if spec and name not in NEWER:
        path = f"/0/{'public' if name in PUBLIC else 'private'}/{name}"
        (operation,) = spec["paths"][path].values()
        content = operation["responses"]["200"]["content"]["application/json"]["schema"]
        schema = content | {"components": spec["components"]}
    jsonschema_rs.validate(schema, answers[name])
    assert answers[name]["result"] or name == "Depth"


KINDS = {
    "market": {},
    "limit": {"price": "50000"},
    "stop-loss": {"price": "50000"},
    "take-profit": {"price": "150000"},
    "stop-loss-limit": {"price": "50000", "price2": "49000"},
    "take-profit-limit": {"price": "150000", "price2": "149000"},
    "trailing-stop": {"price": "+5%"},
    "trailing-stop-limit": {"price": "+500", "price2": "-10"},
}


def schema_of(spec: dict[str, Any], name: str) -> dict[str, Any]:
    """What the description says of an endpoint's answer."""
    if not spec:
        return ENVELOPE
    (operation,) = spec["paths"][f"/0/private/{name}"].values()
    content: dict[str, Any] = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return content | {"components": spec["components"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("flags", ["fciq", "fcib"])
def test_an_order_of_every_kind_is_described_in_every_state(
    spec: dict[str, Any], kind: str, side: str, flags: str
) -> None:
    """Tried, pending, open, changed, fired, filled in part, cancelled, expired."""
    floor = Floor()
    floor.exchange.deposit("BTC", Decimal(5))
    order = {"pair": "XBTUSD", "type": side, "ordertype": kind, "volume": "0.2", "oflags": flags}
    order |= KINDS[kind] | (CLOSE if side == "buy" else {})

    def ask(name: str, **values: Any) -> Any:
        result = json.loads(json.dumps(floor.call(name, **values)))
        jsonschema_rs.validate(schema_of(spec, name), {"error": [], "result": result})
        return result

    ask("AddOrder", **order, validate="true")
    floor.switch("lag", fills=5)
    pending = ask("AddOrder", **order)["txid"][0]
    assert ask("OpenOrders")["open"][pending]["status"] == "pending"
    floor.wait(6)
    floor.switch("lag", fills=0)
    floor.switch("faults", path="AddOrder", kind="thin", value="0.05")
    expiring = ask("AddOrder", **order, expiretm="+60", userref="7")["txid"][0]
    for level in ("48000", "160000"):
        floor.price(level)
        ask("OpenOrders", trades="true")
    floor.wait(60)
    ask("CancelAll")
    for txid in (pending, expiring):
        assert ask("QueryOrders", txid=txid, trades="true")[txid]["status"] in (
            "closed",
            "canceled",
            "expired",
        )
    for name in ("ClosedOrders", "TradesHistory", "Ledgers", "BalanceEx", "TradeBalance"):
        ask(name, trades="true", ledgers="true")
    floor.books.close()


@pytest.mark.parametrize("name", sorted(PRIVATE))
def test_a_refusal_is_described_too(spec: dict[str, Any], floor: Floor, name: str) -> None:
    """No argument at all, an unknown name, a key that may not."""
    door = Door(lambda: floor.exchange, floor.gate)
    for body in (b"", b"nonce=1", b"{}", b"["):
        said = json.loads(door.ask(Ask(f"/0/private/{name}", headers={"API-Key": "nobody"}, body=body)).body)
        jsonschema_rs.validate(schema_of(spec, name), said)
        assert said["error"] and "result" not in said


@pytest.mark.parametrize("name", sorted({*PRIVATE} - {"AddOrderBatch", "AddOrder", "CancelAllOrdersAfter"}))
def test_a_request_with_every_described_argument_is_understood(
    spec: dict[str, Any], floor: Floor, name: str
) -> None:
    """The published example of each endpoint is read without a complaint about how it is written."""
    (operation,) = spec["paths"][f"/0/private/{name}"].values() if spec else [{}]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        for example in content.get("examples", {}).values():
            values = {key: str(value) for key, value in example["value"].items() if value not in ([], None)}
            try:
                floor.call(name, **values)
            except Rejected as refusal:
                assert str(refusal).split(":")[0] in ("EOrder", "EQuery", "EGeneral"), refusal


def test_an_order_with_every_spot_argument_is_taken(floor: Floor) -> None:
    every = LIMIT | CLOSE | {
        "trigger": "last", "leverage": "none", "stptype": "cancel-newest", "oflags": "fciq,post",
        "timeinforce": "GTD", "starttm": "0", "expiretm": "+600", "userref": "0", "cl_ord_id": "whole",
        "deadline": "2026-09-21T14:14:00Z", "validate": "false", "reduce_only": "false", "otp": "123456",
    }  # fmt: skip
    txid = floor.call("AddOrder", **every)["txid"][0]
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert row["cl_ord_id"] == "whole"
    assert row["expiretm"] > row["opentm"]
    assert row["descr"]["close"] == "close position @ stop loss 40000.0 -> limit 39000.0"


def test_form_and_json_batches_are_the_same(floor: Floor) -> None:
    form = {f"orders[{n}][{key}]": value for n in range(2) for key, value in LIMIT.items() if key != "pair"}
    for values in (form, {"orders": [LIMIT, LIMIT]}):
        rows = floor.call("AddOrderBatch", pair="XBTUSD", validate="true", **values)["orders"]
        assert [row["descr"]["order"] for row in rows] == ["buy 0.01000000 XBTUSD @ limit 50000.0"] * 2
        assert all("txid" not in row for row in rows)


def test_history_is_cut_by_ids_as_by_moments(floor: Floor, answers: dict[str, Any]) -> None:
    newest = next(iter(answers["TradesHistory"]["result"]["trades"]))
    assert newest not in floor.call("TradesHistory", start=newest)["trades"]
    entry = next(iter(floor.call("Ledgers")["ledger"]))
    assert entry not in floor.call("Ledgers", start=entry)["ledger"]
