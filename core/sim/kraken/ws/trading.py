"""Orders over a WebSocket: its argument names become REST's, and the same forms and checks read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from core.model.errors import Rejected
from core.sim.kraken import private
from core.sim.kraken.params import Params, argument_error, as_text
from core.sim.kraken.ws.frames import Json
from core.sim.kraken.ws.host import Host

KeyOf = Callable[[str], str]

_PLAIN = {
    "cl_ord_id": "cl_ord_id",
    "order_userref": "userref",
    "deadline": "deadline",
    "validate": "validate",
    "stp_type": "stptype",
    "time_in_force": "timeinforce",
    "side": "type",
    "order_type": "ordertype",
    "symbol": "pair",
}
# Arguments of add_order that are read elsewhere or have no meaning on a spot account.
_OTHERS = {
    "order_qty", "cash_order_qty", "limit_price", "limit_price_type", "triggers", "conditional", "post_only",
    "fee_preference", "reduce_only", "margin", "no_mpp", "token", "display_qty", "sender_sub_id",
    "effective_time", "expire_time",
}  # fmt: skip


def trade(hub: Host, method: str, params: Json, key_of: KeyOf) -> Iterator[Json]:
    """The answers to one trading message: one, or one for each order that it names."""
    fault = hub.exchange.faults.strike(method, "before")
    if fault is not None:
        yield {"success": False, "error": fault.value or "EService:Busy"}
        return
    try:
        key = key_of(str(params.get("token", "")))
        answers = list(METHODS[method](hub, params, key))
    except Rejected as refusal:
        answers = [{"success": False, "error": str(refusal)}]
    fault = hub.exchange.faults.strike(method, "after")
    if fault is None or fault.kind == "error":
        yield from answers if fault is None else [{"success": False, "error": fault.value or "EService:Busy"}]


def _call(hub: Host, method: str, key: str, values: Json) -> Any:
    return private.call(hub.exchange, hub.gate, method, Params(values, key))


def _add(hub: Host, params: Json, key: str) -> Iterator[Json]:
    added = _call(hub, "AddOrder", key, _form(hub, params))
    yield {"success": True, "result": _named(params, added.get("txid", [None])[0])}


def _batch_add(hub: Host, params: Json, key: str) -> Iterator[Json]:
    orders = params.get("orders")
    if not isinstance(orders, list) or not all(isinstance(one, dict) for one in orders):
        raise argument_error("orders")
    symbol = params.get("symbol")
    values: Json = {"orders": [_form(hub, one | {"symbol": symbol}) for one in orders]}
    values |= {"pair": values["orders"][0].get("pair") if orders else symbol}
    values |= {name: params[name] for name in ("deadline", "validate") if name in params}
    added = _call(hub, "AddOrderBatch", key, values)["orders"]
    rows = [
        {"success": True} | _named(one, row.get("txid"))
        if "error" not in row
        else _named(one, None) | {"success": False, "error": row["error"]}
        for one, row in zip(orders, added, strict=True)
    ]
    yield {"success": True, "result": rows}


def _named(params: Json, txid: str | None) -> Json:
    result: Json = {"order_id": txid} if txid else {}
    return result | {name: params[name] for name in ("cl_ord_id", "order_userref") if name in params}


def _amend(hub: Host, params: Json, key: str) -> Iterator[Json]:
    names = {
        "order_id": "txid",
        "cl_ord_id": "cl_ord_id",
        "order_qty": "order_qty",
        "post_only": "post_only",
        "deadline": "deadline",
    }
    values = {rest: params[name] for name, rest in names.items() if name in params}
    for name in ("limit_price", "trigger_price"):
        if params.get(name) is not None:
            values[name] = _relative(params[name], str(params.get(f"{name}_type", "static")))
    amended = _call(hub, "AmendOrder", key, values)
    kept = {name: params[name] for name in ("order_id", "cl_ord_id") if name in params}
    yield {"success": True, "result": amended | kept}


def _cancel(hub: Host, params: Json, key: str) -> Iterator[Json]:
    """Each order is answered for itself."""
    found = False
    for name, rest in (("order_id", "txid"), ("cl_ord_id", "cl_ord_id"), ("order_userref", "txid")):
        values = params.get(name, [])
        for value in values if isinstance(values, list) else [values]:
            found = True
            yield _cancel_one(hub, key, name, rest, value)
    if not found:
        raise argument_error("order_id")


def _cancel_one(hub: Host, key: str, name: str, rest: str, value: Any) -> Json:
    try:
        _call(hub, "CancelOrder", key, {rest: value})
    except Rejected as refusal:
        return {"success": False, "error": str(refusal), name: value}
    return {"success": True, "result": {name: value}}


def _batch_cancel(hub: Host, params: Json, key: str) -> Iterator[Json]:
    values = {"orders": params.get("orders", []), "cl_ord_ids": params.get("cl_ord_id", [])}
    result = _call(hub, "CancelOrderBatch", key, values)
    yield {"success": True, "orders_cancelled": result["count"]}


def _cancel_all(hub: Host, params: Json, key: str) -> Iterator[Json]:
    yield {"success": True, "result": _call(hub, "CancelAll", key, {})}


def _cancel_after(hub: Host, params: Json, key: str) -> Iterator[Json]:
    timeout = {"timeout": params.get("timeout", "")}
    yield {"success": True, "result": _call(hub, "CancelAllOrdersAfter", key, timeout)}


METHODS: dict[str, Callable[[Host, Json, str], Iterator[Json]]] = {
    "add_order": _add,
    "amend_order": _amend,
    "cancel_order": _cancel,
    "cancel_all": _cancel_all,
    "cancel_all_orders_after": _cancel_after,
    "batch_add": _batch_add,
    "batch_cancel": _batch_cancel,
}


def _form(hub: Host, params: Json) -> Json:
    """AddOrder's arguments; Rejected for a field that the message does not know."""
    for name in params:
        if name not in _PLAIN and name not in _OTHERS:
            raise Rejected(f"Unsupported field: '{name}' for the given msg type: add order")
    if params.get("margin") is True:
        raise Rejected("EAccount:Invalid permissions:margin trading")
    values = {rest: params[name] for name, rest in _PLAIN.items() if name in params}
    symbol = str(params.get("symbol", ""))
    if symbol not in hub.exchange.listing.by_symbol:
        raise Rejected(f"Currency pair not supported {symbol}")
    values["pair"] = hub.exchange.listing.by_symbol[symbol].id
    expire_ms = Params(params).rfc3339_ms("expire_time")
    if expire_ms is not None:
        values["expiretm"] = str(Decimal(expire_ms) / 1000)
    values |= _amount(params) | _prices(params)
    if isinstance(params.get("conditional"), dict):
        values |= _conditional(params["conditional"])
    return values


def _amount(params: Json) -> Json:
    flags = [flag for flag, set_ in (("post", params.get("post_only") is True),) if set_]
    flags += [str(params["fee_preference"])] if "fee_preference" in params else []
    if "cash_order_qty" in params:
        return {"volume": params["cash_order_qty"], "oflags": ",".join([*flags, "viqc"])}
    return {"volume": params.get("order_qty")} | ({"oflags": ",".join(flags)} if flags else {})


def _prices(params: Json) -> Json:
    """`limit_price` is the first price of a limit order and the second of a triggered one."""
    triggers = params.get("triggers")
    limit = params.get("limit_price")
    written = _relative(limit, str(params.get("limit_price_type", "static"))) if limit is not None else None
    if not isinstance(triggers, dict):
        return {"price": written} if written is not None else {}
    prices: Json = {"trigger": triggers.get("reference", "last")}
    usual = "quote" if str(params.get("order_type", "")).startswith("trailing") else "static"
    if "price" in triggers:
        prices["price"] = _relative(triggers["price"], str(triggers.get("price_type", usual)))
    return prices | ({"price2": written} if written is not None else {})


def _conditional(template: Json) -> Json:
    kind = str(template.get("order_type", ""))
    usual = "quote" if kind.startswith("trailing") else "static"
    prices = {
        name: _relative(template[name], str(template.get(f"{name}_type", usual)))
        for name in ("trigger_price", "limit_price")
        if template.get(name) is not None
    }
    first = prices.pop("trigger_price", None) or prices.pop("limit_price", "")
    second = {"close[price2]": prices["limit_price"]} if "limit_price" in prices else {}
    return {"close[ordertype]": kind, "close[price]": first} | second


def _relative(value: Any, kind: str) -> str:
    """A price as REST writes it: +5% or -10 beside the last price, or plain."""
    text = as_text(value)
    if kind == "static":
        return text
    signed = text if text[:1] in "+-" else f"+{text}"
    return f"{signed}%" if kind == "pct" else signed
