"""Kraken's private endpoints: one account's money, orders, trades and ledger."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.matching.orders import Order
from core.matching.txids import kraken_id
from core.model.errors import Rejected
from core.model.money import ZERO
from core.model.time_context import iso
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.order_form import read_amendment, read_order
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.public import Handler, find_pair
from core.sim.kraken.wire import Json, Wire, rate_text

PAGE = 50
_UNKNOWN = "EOrder:Unknown order"
_MOST_TIMEOUT_S = 86_400


# Money.


def balance(exchange: Exchange, params: Params) -> Json:
    assets = exchange.listing.assets
    return {assets[name].code: f"{b.total:f}" for name, b in exchange.engine.balances().items()}


def balance_ex(exchange: Exchange, params: Params) -> Json:
    assets = exchange.listing.assets
    return {
        assets[name].code: {"balance": f"{b.total:f}", "hold_trade": f"{b.held:f}"}
        for name, b in exchange.engine.balances().items()
    }


def trade_balance(exchange: Exchange, params: Params) -> Json:
    total = sum(
        (_in_dollars(exchange, name, b.total) for name, b in exchange.engine.balances().items()), ZERO
    )
    worth, nothing = f"{total:.4f}", "0.0000"
    return {
        "eb": worth,
        "tb": worth,
        "m": nothing,
        "uv": nothing,
        "n": nothing,
        "c": nothing,
        "v": nothing,
        "e": worth,
        "mf": worth,
    }


def _in_dollars(exchange: Exchange, asset: str, amount: Decimal) -> Decimal:
    if asset == "USD" or not amount:
        return amount
    symbol = f"{asset}/USD"
    if symbol in exchange.listing.pairs:
        return amount * exchange.look(symbol).bid
    return amount / exchange.look(f"USDT/{asset}").ask


def trade_volume(exchange: Exchange, params: Params) -> Json:
    now_ms = exchange.now_ms()
    volume = exchange.engine.volume.at(now_ms)
    asked = [find_pair(exchange, name) for name in params.names("pair")]
    return {
        "currency": "ZUSD",
        "volume": f"{volume:.4f}",
        "fees": {listed.id: _tier(exchange, "taker", listed) for listed in asked},
        "fees_maker": {listed.id: _tier(exchange, "maker", listed) for listed in asked},
    }


def _tier(exchange: Exchange, side: str, listed: Listed) -> Json:
    tiers = exchange.fees.tiers
    place = exchange.fees.tier_index(exchange.engine.volume.at(exchange.now_ms()))
    coming = tiers[place + 1] if place + 1 < len(tiers) else None
    rates = [getattr(tier, side) for tier in tiers]
    return {
        "fee": rate_text(rates[place]),
        "minfee": rate_text(rates[-1]),
        "maxfee": rate_text(rates[0]),
        "nextfee": rate_text(rates[place + 1]) if coming else None,
        "nextvolume": f"{coming.volume:.4f}" if coming else None,
        "tiervolume": f"{tiers[place].volume:.4f}",
    }


def ledgers(exchange: Exchange, params: Params) -> Json:
    start, end = _window_ms(params)
    wanted = {exchange.listing.asset_name(code) for code in params.names("asset")}
    kind = params.text("type", "all")
    found = [
        entry
        for entry in reversed(exchange.ledger.entries)
        if start < entry.time_ms <= end
        and (not wanted or entry.asset in wanted)
        and kind in ("all", entry.type)
    ]
    wire = Wire(exchange.listing)
    page = found[_offset(params) :][:PAGE]
    return {"ledger": {entry.id: wire.ledger(entry) for entry in page}, "count": len(found)}


# Orders.


def add_order(exchange: Exchange, params: Params) -> Json:
    form = read_order(exchange, params)
    wire = Wire(exchange.listing)
    if form.request.validate_only:
        return {"descr": _placed(wire, exchange.check(form.request, form.terms))}
    report = exchange.submit(form.request, form.terms)
    order = exchange.engine.register.orders[report.txid]
    return {"descr": _placed(wire, order), "txid": [report.txid]}


def _placed(wire: Wire, order: Order) -> Json:
    close = wire.close_sentence(order)
    return {"order": wire.sentence(order)} | ({"close": close} if close else {})


def amend_order(exchange: Exchange, params: Params) -> Json:
    txid = _txid(exchange, params)
    order = exchange.engine.register.open_order(txid)
    if order is None:
        raise Rejected(_UNKNOWN)
    change = read_amendment(exchange, params, order.type, order.symbol)
    exchange.amend(txid, change.price, change.qty, change.limit)
    return {"amend_id": kraken_id("T", exchange.seed, exchange.now_ms())}


def cancel_order(exchange: Exchange, params: Params) -> Json:
    """By txid, client id, or userref, which may name several."""
    target = params.text("txid")
    if target.lstrip("-").isdigit():
        return {"count": _cancel_by_userref(exchange, int(target))}
    exchange.cancel(_txid(exchange, params))
    return {"count": 1}


def cancel_all(exchange: Exchange, params: Params) -> Json:
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


def _cancel_by_userref(exchange: Exchange, userref: int) -> int:
    matching = [o.txid for o in exchange.engine.register.open_orders() if o.terms.userref == userref]
    if not matching:
        raise Rejected(_UNKNOWN)
    for txid in matching:
        exchange.cancel(txid)
    return len(matching)


def _txid(exchange: Exchange, params: Params) -> str:
    client = params.text("cl_ord_id")
    if not client:
        return params.needed("txid")
    report = exchange.engine.find(client)
    if report is None:
        raise Rejected(_UNKNOWN)
    return report.txid


def open_orders(exchange: Exchange, params: Params) -> Json:
    found = [o for o in exchange.engine.register.open_orders() if _selected(o, params)]
    return {"open": _orders(exchange, params, found)}


def closed_orders(exchange: Exchange, params: Params) -> Json:
    """Closed, cancelled and expired, newest first, fifty a page."""
    start, end = _window_ms(params)
    clock = params.text("closetime", "both")
    found = [
        order
        for order in reversed(exchange.engine.register.closed.values())
        if _selected(order, params) and _in_window(order, start, end, clock)
    ]
    page = found[_offset(params) :][:PAGE]
    return {"closed": _orders(exchange, params, page), "count": len(found)}


def query_orders(exchange: Exchange, params: Params) -> Json:
    ids = params.names("txid")
    if not ids:
        raise argument_error("txid")
    orders = exchange.engine.register.orders
    if len(ids) > PAGE or any(txid not in orders for txid in ids):
        raise Rejected("EOrder:Invalid order")
    return _orders(exchange, params, [orders[txid] for txid in ids])


def _orders(exchange: Exchange, params: Params, orders: list[Order]) -> Json:
    wire, trades = Wire(exchange.listing), params.flag("trades")
    return {order.txid: wire.order(order, trades=trades) for order in orders}


def _selected(order: Order, params: Params) -> bool:
    client, userref = params.text("cl_ord_id"), params.text("userref")
    if client and order.request.cl_ord_id != client:
        return False
    return not userref or str(order.terms.userref) == userref


def _in_window(order: Order, start: int, end: int, clock: str) -> bool:
    """`closetime` says which of an order's two times counts; both means either."""
    times = {"open": (order.opened_ms,), "close": (order.closed_ms or 0,)}.get(
        clock, (order.opened_ms, order.closed_ms or 0)
    )
    return any(start < time <= end for time in times)


# Trades.


def trades_history(exchange: Exchange, params: Params) -> Json:
    start, end = _window_ms(params)
    found = [fill for fill in reversed(exchange.engine.register.fills) if start < fill.time_ms <= end]
    orders, wire = exchange.engine.register.orders, Wire(exchange.listing)
    page = found[_offset(params) :][:PAGE]
    body: Json = {"trades": {fill.id: wire.trade(fill, orders[fill.order_txid]) for fill in page}}
    return body if params.flag("without_count") else body | {"count": len(found)}


def query_trades(exchange: Exchange, params: Params) -> Json:
    wanted = params.names("txid")
    if not wanted or len(wanted) > 20:
        raise argument_error("txid")
    orders, wire = exchange.engine.register.orders, Wire(exchange.listing)
    found = {fill.id: fill for fill in exchange.engine.register.fills if fill.id in set(wanted)}
    if len(found) < len(set(wanted)):
        raise Rejected("EOrder:Invalid order")
    return {txid: wire.trade(found[txid], orders[found[txid].order_txid]) for txid in wanted}


def _offset(params: Params) -> int:
    return max(params.whole("ofs"), 0)


def _window_ms(params: Params) -> tuple[int, int]:
    """(start, end] in ms; an open end is the end of time."""
    start, end = params.moment_ms("start"), params.moment_ms("end")
    return (start if start is not None else -1, end if end is not None else 2**62)


# Tokens and keys.


def websockets_token(exchange: Exchange, params: Params) -> Json:
    return {"token": secrets.token_urlsafe(32), "expires": 900}


PRIVATE: Mapping[str, tuple[Handler, tuple[str, ...]]] = {
    "Balance": (balance, ("query-funds",)),
    "BalanceEx": (balance_ex, ("query-funds",)),
    "TradeBalance": (trade_balance, ("query-funds",)),
    "TradeVolume": (trade_volume, ("query-funds",)),
    "Ledgers": (ledgers, ("query-ledger",)),
    "OpenOrders": (open_orders, ("query-open-trades",)),
    "ClosedOrders": (closed_orders, ("query-closed-trades",)),
    "QueryOrders": (query_orders, ("query-open-trades", "query-closed-trades")),
    "TradesHistory": (trades_history, ("query-closed-trades",)),
    "QueryTrades": (query_trades, ("query-closed-trades",)),
    "AddOrder": (add_order, ("modify-trades",)),
    "AmendOrder": (amend_order, ("modify-trades",)),
    "CancelOrder": (cancel_order, ("modify-trades", "close-trades")),
    "CancelAll": (cancel_all, ("modify-trades", "close-trades")),
    "CancelAllOrdersAfter": (cancel_all_after, ("modify-trades", "close-trades")),
    "GetWebSocketsToken": (websockets_token, ("create-ws-token",)),
}


def key_info(key: str, permissions: tuple[str, ...], nonce: int, now_ms: int) -> dict[str, Any]:
    """What GetApiKeyInfo says of the calling key."""
    return {
        "api_key_name": "local",
        "api_key": key,
        "nonce": str(nonce),
        "nonce_window": "0",
        "permissions": list(permissions),
        "iban": "",
        "valid_until": "0",
        "query_from": "0",
        "query_to": "0",
        "created_time": "0",
        "modified_time": "0",
        "ip_allowlist": [],
        "last_used": str(now_ms // 1000),
    }
