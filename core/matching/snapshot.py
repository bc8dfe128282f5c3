"""Orders and fills as JSON values and back, decimals as strings: for state files and exchange books."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal
from typing import Any

from core.matching.orders import CloseTemplate, CoinFeeFill, Order, Terms
from core.model.market import FeeRates, Pair, PairStatus
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, OrderRequest, OrderStatus, OrderType, Side, TimeInForce

Json = dict[str, Any]
_PRICES = ("price", "limit_price", "close_stop")


def order_to_json(order: Order) -> Json:
    """Every field of an order but its pair, which is looked up again by symbol."""
    row = {f.name: _plain(getattr(order, f.name)) for f in fields(order) if f.name not in _COMPOUND}
    row["request"] = {f.name: _plain(getattr(order.request, f.name)) for f in fields(order.request)}
    row["terms"] = _terms_to_json(order.terms)
    row["rates"] = [str(order.rates.maker), str(order.rates.taker)]
    return row


_COMPOUND = ("request", "terms", "pair", "rates")


def order_from_json(row: Json, pair: Pair) -> Order:
    numbers = {
        k: _decimal(row[k])
        for k in ("qty", "price", "limit_price", "filled", "cost", "fee", "held", "trigger")
    }
    kept = ("txid", "opened_ms", "triggered", "amended", "closed_ms", "parent_txid", "reason")
    maker, taker = row["rates"]
    return Order(
        request=_request_from_json(row["request"]),
        terms=_terms_from_json(row["terms"]),
        pair=pair,
        rates=FeeRates(Decimal(maker), Decimal(taker)),
        status=OrderStatus(row["status"]),
        fill_ids=list(row["fill_ids"]),
        **numbers,
        arrives_ms=row.get("arrives_ms"),
        **{k: row[k] for k in kept},
    )


def fill_to_json(fill: Fill) -> Json:
    return {f.name: _plain(getattr(fill, f.name)) for f in fields(fill)}


def fill_from_json(row: Json) -> Fill:
    if "coin_fee" in row:
        plain = {name: value for name, value in row.items() if name != "coin_fee"}
        fill = fill_from_json(plain)
        values = {f.name: getattr(fill, f.name) for f in fields(fill)}
        return CoinFeeFill(**values, coin_fee=Qty(Decimal(row["coin_fee"])))
    return Fill(
        id=row["id"],
        order_txid=row["order_txid"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        price=Price(Decimal(row["price"])),
        qty=Qty(Decimal(row["qty"])),
        cost=Money(Decimal(row["cost"])),
        fee=Money(Decimal(row["fee"])),
        time_ms=row["time_ms"],
        maker=row["maker"],
    )


def departed_pair(symbol: str) -> Pair:
    """A stand-in for a market that the exchange no longer lists, so that its history stays readable."""
    base, _, quote = symbol.partition("/")
    finest = Decimal("1E-10")
    return Pair(symbol, base, quote, tick=finest, lot=finest, status=PairStatus.DELISTED)


def _request_from_json(row: Json) -> OrderRequest:
    return OrderRequest(
        cl_ord_id=row["cl_ord_id"],
        symbol=row["symbol"],
        side=Side(row["side"]),
        type=OrderType(row["type"]),
        qty=Qty(Decimal(row["qty"])),
        time_in_force=TimeInForce(row["time_in_force"]),
        **{k: _decimal(row[k]) for k in _PRICES},
        **{k: row[k] for k in ("post_only", "expire_ms", "deadline_ms", "validate_only")},
    )


def _terms_to_json(terms: Terms) -> Json:
    close = terms.close
    template = None
    if close is not None:
        template = [str(close.type), str(close.price), _plain(close.limit_price), close.trail_percent]
    return {
        "userref": terms.userref,
        "flags": list(terms.flags),
        "close": template,
        "trail_percent": terms.trail_percent,
        "trigger": terms.trigger,
        "stp": terms.stp,
    }


def _terms_from_json(row: Json) -> Terms:
    template = None
    if row["close"] is not None:
        kind, price, limit, *percent = row["close"]  # older books say nothing of percent
        template = CloseTemplate(OrderType(kind), Price(Decimal(price)), _decimal(limit), *percent)
    return Terms(
        row["userref"],
        tuple(row["flags"]),
        template,
        row["trail_percent"],
        row.get("trigger", "last"),
        row.get("stp", "cancel-newest"),
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return list(value) if isinstance(value, list) else value


def _decimal(text: str | None) -> Any:
    return Decimal(text) if text is not None else None
