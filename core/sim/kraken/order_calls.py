"""Private calls that place, change and cancel orders. Each is counted before it is looked at."""

from __future__ import annotations

import re

from core.matching.orders import Order, client_key
from core.matching.register import duplicate_words
from core.matching.txids import kraken_id
from core.model.errors import Rejected
from core.model.time_context import iso
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.order_form import OrderForm, read_amendment, read_order
from core.sim.kraken.params import Params, argument_error, as_text
from core.sim.kraken.public import find_pair
from core.sim.kraken.wire import Json, Wire

_UNKNOWN = "EOrder:Unknown order"
_MOST_TIMEOUT_S = 86_400
_BATCH = range(2, 16)
_MOST_CANCELS = 50
_USERREF = re.compile(r"-?\d{1,10}", re.ASCII)


def add_order(exchange: Exchange, params: Params) -> Json:
    symbol = find_pair(exchange, params.needed("pair")).pair.symbol
    exchange.limits.add(params.key, symbol, exchange.now_ms())
    _check_mode(exchange, symbol, params)
    exchange.check_room(symbol)
    form = read_order(exchange, params)
    wire = Wire(exchange.listing)
    if form.request.validate_only:
        return {"descr": _placed(wire, exchange.check(form.request, form.terms))}
    return _place(exchange, wire, form)


def add_order_batch(exchange: Exchange, params: Params) -> Json:
    """Two to fifteen orders of one market. A wrong one spoils all; funds are each one's own affair."""
    symbol = find_pair(exchange, params.needed("pair")).pair.symbol
    rows = params.rows("orders", shared=("pair", "deadline", "validate"))
    exchange.limits.add(params.key, symbol, exchange.now_ms(), max(len(rows), 1))
    if len(rows) not in _BATCH:
        raise argument_error("orders")
    for row in rows:
        _check_mode(exchange, symbol, row)
    forms = [read_order(exchange, row) for row in rows]
    for form in forms:
        exchange.check(form.request, form.terms, funded=False)
    names = [client_key(form.request.cl_ord_id) for form in forms if form.request.cl_ord_id]
    if len(set(names)) < len(names):
        raise Rejected(duplicate_words(exchange.customs))
    wire = Wire(exchange.listing)
    return {"orders": [_one_of_batch(exchange, wire, form) for form in forms]}


def _check_mode(exchange: Exchange, symbol: str, params: Params) -> None:
    exchange.engine.check_mode(symbol, params.text("ordertype"), "post" in params.names("oflags"))


def _one_of_batch(exchange: Exchange, wire: Wire, form: OrderForm) -> Json:
    try:
        exchange.check_room(form.request.symbol)
        if form.request.validate_only:
            descr = _placed(wire, exchange.check(form.request, form.terms))
            return {"descr": {"order": descr["order"]}}
        placed = _place(exchange, wire, form)
    except Rejected as refusal:
        return {"error": str(refusal)}
    row: Json = {"txid": placed["txid"][0], "descr": {"order": placed["descr"]["order"]}}
    return row | ({"close": placed["descr"]["close"]} if "close" in placed["descr"] else {})


def _place(exchange: Exchange, wire: Wire, form: OrderForm) -> Json:
    report = exchange.submit(form.request, form.terms)
    order = exchange.engine.register.orders[report.txid]
    return {"descr": _placed(wire, order), "txid": [report.txid]}


def _placed(wire: Wire, order: Order) -> Json:
    close = wire.close_sentence(order)
    return {"order": wire.sentence(order)} | ({"close": close} if close else {})


def amend_order(exchange: Exchange, params: Params) -> Json:
    order = open_order(exchange, params.text("cl_ord_id"), params.text("txid"))
    now_ms = exchange.now_ms()
    exchange.limits.amend(params.key, order.symbol, now_ms - order.opened_ms, now_ms)
    exchange.engine.check_changes(order.symbol)
    change = read_amendment(exchange, params, order)
    exchange.amend(order.txid, change.price, change.qty, change.limit, change.post_only, change.trail_percent)
    return {"amend_id": kraken_id("T", exchange.seed, now_ms + exchange.counted_amends())}


def cancel_order(exchange: Exchange, params: Params) -> Json:
    """By txid, client id, or userref, which may name several."""
    client, target = params.text("cl_ord_id"), params.text("txid")
    if not client and not target:
        raise argument_error("txid")
    exchange.engine.check_cancels()
    return {"count": len(_cancel_named(exchange, params.key, client, target))}


def cancel_order_batch(exchange: Exchange, params: Params) -> Json:
    """Up to fifty, by txid, userref or client id; those that are gone are not counted."""
    targets = [("", as_text(name)) for name in params.items("orders")]
    targets += [(as_text(name), "") for name in params.items("cl_ord_ids")]
    if not targets or len(targets) > _MOST_CANCELS:
        raise argument_error("orders")
    exchange.engine.check_cancels()
    count = 0
    for client, target in targets:
        try:
            count += len(_cancel_named(exchange, params.key, client, target))
        except Rejected as refusal:
            if str(refusal) != _UNKNOWN:
                raise
    return {"count": count}


def _cancel_named(exchange: Exchange, key: str, client: str, target: str) -> list[str]:
    """Cancel what is meant; the ids that were cancelled."""
    if not client and _USERREF.fullmatch(target):
        every = exchange.engine.register.open_orders()
        meant = [order for order in every if order.terms.userref == int(target)]
    else:
        meant = [open_order(exchange, client, target)]
    if not meant:
        raise Rejected(_UNKNOWN)
    now_ms = exchange.now_ms()
    for order in meant:
        binding = exchange.customs.limits_bind_cancels
        exchange.limits.cancel(key, order.symbol, now_ms - order.opened_ms, now_ms, binding=binding)
        exchange.cancel(order.txid)
    return [order.txid for order in meant]


def cancel_all(exchange: Exchange, params: Params) -> Json:
    exchange.engine.check_cancels()
    return {"count": exchange.cancel_all()}


def cancel_all_after(exchange: Exchange, params: Params) -> Json:
    timeout = params.whole("timeout", -1)
    if not 0 <= timeout <= _MOST_TIMEOUT_S:
        raise argument_error("timeout")
    now_ms = exchange.now_ms()
    trigger_ms = now_ms + timeout * 1000 if timeout else None
    exchange.arm_dead_man(trigger_ms)
    whole = now_ms // 1000 * 1000
    return {"currentTime": iso(whole), "triggerTime": iso(whole + timeout * 1000) if timeout else "0"}


def open_order(exchange: Exchange, client: str, txid: str) -> Order:
    """The open order of a client id, or of a txid; Rejected when there is none."""
    if not client and not txid:
        raise argument_error("txid")
    report = exchange.engine.find(client) if client else None
    order = exchange.engine.register.open_order(report.txid if report is not None else txid)
    if order is None:
        raise Rejected(_UNKNOWN)
    return order
