"""What an exchange refuses before it looks at the money, in Kraken's words and in Kraken's order."""

from __future__ import annotations

import re
from decimal import Decimal

from core.matching.customs import Customs
from core.matching.orders import LIMIT_KINDS, TRAILING, CloseTemplate, Terms
from core.model.errors import Rejected
from core.model.market import ExchangeStatus, Pair, PairStatus
from core.model.money import Price
from core.model.orders import OrderRequest, OrderType, TimeInForce

UNKNOWN_PAIR = "EQuery:Unknown asset pair"
BAD_TICK = "EOrder:Tick size check failed"
BELOW_MINIMUM = "EGeneral:Invalid arguments:volume minimum not met"
BELOW_MINIMUM_SHORT = "EOrder:Order minimum not met"
BELOW_COST = "EOrder:Cost minimum not met"
DUPLICATE = "EGeneral:Invalid arguments:cl_ord_id not unique"
DUPLICATE_SHORT = "EOrder:Duplicate cl_ord_id"
LATE = "EService:Deadline elapsed"
UNAVAILABLE = "EService:Unavailable"

_HALTED = frozenset({"maintenance", "cancel_only", "post_only", "delisted"})
# Beyond this no coin is counted or priced, and exact division would run out of digits.
_LARGEST = Decimal("1E15")
_CLIENT_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-fA-F]{32}|[!-~]{1,18}")


def _argument(name: str) -> Rejected:
    return Rejected(f"EGeneral:Invalid arguments:{name}")


def check_mode(kind: str, post_only: bool, pair: Pair, status: ExchangeStatus) -> None:
    """Refuse a new order of a kind that the exchange, or this market, does not take at the moment."""
    check_change(pair, status)
    for mode in (status.value, pair.status.value):
        if mode == "reduce_only":
            raise Rejected("EService:Market in reduce_only mode")
        if mode == "post_only" and not post_only:
            raise Rejected("EService:Market in post_only mode")
        if mode == "limit_only" and kind != OrderType.LIMIT:
            raise Rejected("EService:Market in limit_only mode")


def check_change(pair: Pair, status: ExchangeStatus) -> None:
    """Refuse a new order or a changed one where nothing but cancels is taken, or nothing at all."""
    if status is ExchangeStatus.MAINTENANCE or pair.status is PairStatus.DELISTED:
        raise Rejected(UNAVAILABLE)
    if "cancel_only" in (status.value, pair.status.value):
        raise Rejected("EService:Market in cancel_only mode")


def takes_trades(mode: str) -> bool:
    """Whether anything executes in this mode of an exchange or a market; where nothing does, stops wait."""
    return mode not in _HALTED


def check_arguments(request: OrderRequest) -> None:
    """Refuse an order that does not say everything its kind needs."""
    kind = request.type
    if not 0 < request.qty < _LARGEST:
        raise _argument("volume")
    if kind is not OrderType.MARKET and (request.price is None or not 0 < request.price < _LARGEST):
        raise _argument("price")
    if kind in LIMIT_KINDS and kind is not OrderType.LIMIT and request.limit_price is None:
        raise _argument("price2")
    if request.post_only and kind is not OrderType.LIMIT:
        raise _argument("oflags")
    if request.time_in_force is TimeInForce.GTD and request.expire_ms is None:
        raise _argument("expiretm")


def check_grid(request: OrderRequest, terms: Terms, pair: Pair) -> None:
    """Refuse prices off the tick and quantities off the lot."""
    close = terms.close or _stop_template(request)
    prices = [request.close_stop]
    if close is not None and close.type not in TRAILING:
        prices += [close.price, close.limit_price]
    if request.type not in TRAILING:
        prices += [request.price, request.limit_price]
    for price in prices:
        check_tick(price, pair)
    check_lot(request.qty, pair)


def check_amounts(price: Price | None, qty: Decimal | None) -> None:
    """Refuse a changed price or quantity that no order could have."""
    if price is not None and not 0 < price < _LARGEST:
        raise _argument("price")
    if qty is not None and not 0 < qty < _LARGEST:
        raise _argument("volume")


def check_tick(price: Price | None, pair: Pair) -> None:
    if price is not None and price % pair.tick:
        raise Rejected(BAD_TICK)


def check_lot(qty: Decimal | None, pair: Pair) -> None:
    if qty is not None and qty % pair.lot:
        raise _argument("volume")


def check_minimum(qty: Decimal, price: Price | None, pair: Pair, customs: Customs) -> None:
    """Refuse what is too small for this market; `price` is where it would execute, when known."""
    if qty < pair.min_qty:
        raise Rejected(BELOW_MINIMUM_SHORT if customs.short_minimum_words else BELOW_MINIMUM)
    if price is not None and qty * price < pair.min_cost:
        raise Rejected(BELOW_COST)


def check_client_id(cl_ord_id: str) -> None:
    """A client id is a UUID of 36 characters, 32 hex digits, or at most 18 printable ASCII characters."""
    if cl_ord_id and not _CLIENT_ID.fullmatch(cl_ord_id):
        raise _argument("cl_ord_id")


def _stop_template(request: OrderRequest) -> CloseTemplate | None:
    stop = request.close_stop
    return CloseTemplate(OrderType.STOP_LOSS, stop) if stop is not None else None
