"""Private calls about what was: orders open and closed, and trades. What lags is shown as it stood then."""

from __future__ import annotations

from core.matching.orders import Order, client_key
from core.model.errors import Rejected
from core.model.orders import Fill
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.windows import PAGE, cut, window
from core.sim.kraken.wire import Json, Wire

_MOST_TRADES = 20
_CLOCKS = ("open", "close", "both")
_POSITIONS = ("all", "any position", "closed position", "closing position", "no position")


def open_orders(exchange: Exchange, params: Params) -> Json:
    return {"open": _orders(exchange, params, [o for o in _open_then(exchange) if _selected(o, params)])}


def _open_then(exchange: Exchange) -> list[Order]:
    """The open orders of a moment ago, as far back as orders lag."""
    register, lag = exchange.engine.register, exchange.lag.orders_ms
    if not lag:
        return register.open_orders()
    then = exchange.now_ms() - lag
    just_closed = []
    for order in reversed(register.closed.values()):
        if (order.closed_ms or 0) <= then:
            break
        just_closed.append(order)
    return [order for order in register.open_orders() + just_closed if order.opened_ms <= then]


def closed_orders(exchange: Exchange, params: Params) -> Json:
    """Closed, cancelled and expired, newest first, fifty a page."""
    orders = exchange.engine.register.orders
    start, end = window(params, lambda txid: orders[txid].opened_ms if txid in orders else None)
    clock = params.text("closetime") or "both"
    if clock not in _CLOCKS:
        raise argument_error("closetime")
    then = exchange.now_ms() - exchange.lag.orders_ms
    blind = bool(params.text("cl_ord_id")) and not exchange.customs.closed_by_client_id
    found = [
        order
        for order in reversed(exchange.engine.register.closed.values())
        if not blind
        and (order.closed_ms or 0) <= then
        and _selected(order, params)
        and _in_window(order, start, end, clock)
    ]
    body: Json = {"closed": _orders(exchange, params, cut(params, found))}
    return body if params.flag("without_count") else body | {"count": len(found)}


def query_orders(exchange: Exchange, params: Params) -> Json:
    ids = params.names("txid")
    if not ids:
        raise argument_error("txid")
    orders, then = exchange.engine.register.orders, exchange.now_ms() - exchange.lag.orders_ms
    userref = params.text("userref")
    known = [orders[txid] for txid in ids if txid in orders and orders[txid].opened_ms <= then]
    if len(ids) > PAGE or len(known) < len(ids):
        raise Rejected("EOrder:Invalid order")
    return _orders(exchange, params, [o for o in known if not userref or str(o.terms.userref) == userref])


def _orders(exchange: Exchange, params: Params, orders: list[Order]) -> Json:
    wire, trades = Wire(exchange.listing), params.flag("trades")
    return {order.txid: wire.order(order, trades=trades) for order in orders}


def _selected(order: Order, params: Params) -> bool:
    client, userref = params.text("cl_ord_id"), params.text("userref")
    if client and client_key(order.request.cl_ord_id) != client_key(client):
        return False
    return not userref or str(order.terms.userref) == userref


def _in_window(order: Order, start: int, end: int, clock: str) -> bool:
    """`closetime` says which of an order's two times counts; both means either."""
    closed_ms = order.closed_ms or 0
    times = {"open": (order.opened_ms,), "close": (closed_ms,)}.get(clock, (order.opened_ms, closed_ms))
    return any(start < time <= end for time in times)


def trades_history(exchange: Exchange, params: Params) -> Json:
    start, end = window(params, lambda txid: _time_of(exchange, txid))
    end = min(end, exchange.now_ms() - exchange.lag.trades_ms)
    fills = reversed(exchange.engine.register.fills)
    kind = params.text("type") or "all"
    if kind not in _POSITIONS:
        raise argument_error("type")
    spot = kind in ("all", "no position")  # there are no margin positions here
    found = [fill for fill in fills if spot and start < fill.time_ms <= end]
    rows = _trades(exchange, cut(params, found))
    if params.flag("ledgers"):
        for txid, row in rows.items():
            row["ledgers"] = exchange.ledger.of(txid)
    body: Json = {"trades": rows}
    return body if params.flag("without_count") else body | {"count": len(found)}


def query_trades(exchange: Exchange, params: Params) -> Json:
    wanted = params.names("txid")
    if not wanted or len(wanted) > _MOST_TRADES:
        raise argument_error("txid")
    asked, then = set(wanted), exchange.now_ms() - exchange.lag.trades_ms
    found = {f.id: f for f in exchange.engine.register.fills if f.id in asked and f.time_ms <= then}
    if len(found) < len(asked):
        raise Rejected("EOrder:Invalid order")
    return _trades(exchange, [found[txid] for txid in wanted])


def _trades(exchange: Exchange, fills: list[Fill]) -> Json:
    orders, wire = exchange.engine.register.orders, Wire(exchange.listing)
    return {fill.id: wire.trade(fill, orders[fill.order_txid]) for fill in fills}


def _time_of(exchange: Exchange, txid: str) -> int | None:
    return next((fill.time_ms for fill in exchange.engine.register.fills if fill.id == txid), None)
