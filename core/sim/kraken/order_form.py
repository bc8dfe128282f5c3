"""Reads AddOrder and AmendOrder: Kraken's arguments become an order request, or Kraken's refusal."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from core.matching.orders import STP_KINDS, TRAILING, CloseTemplate, Terms
from core.model.errors import Rejected
from core.model.money import Price, Qty, Rounding, to_grid
from core.model.orders import OrderRequest, OrderType, Side, TimeInForce
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.public import find_pair

_FLAGS = ("post", "fcib", "fciq", "nompp", "viqc")
_LONGEST_DEADLINE_MS = 60_000
_AMOUNT = re.compile(r"([+\-#]?)(\d{1,15}(?:\.\d{0,18})?|\.\d{1,18})(%?)")


class _Amount(NamedTuple):
    """A price as it was written: with a sign or a percent it is relative to the last price."""

    sign: str
    value: Decimal
    percent: bool

    @property
    def relative(self) -> bool:
        return bool(self.sign) or self.percent


class OrderForm(NamedTuple):
    """One order ready for the engine."""

    listed: Listed
    request: OrderRequest
    terms: Terms


def read_order(exchange: Exchange, params: Params) -> OrderForm:
    """The order of an AddOrder call; Rejected where Kraken would refuse to read it."""
    listed = find_pair(exchange, params.needed("pair"))
    kind, side = _kind(params.needed("ordertype"), "ordertype"), _side(params)
    flags = _flags(params)
    first = _amount(params, "price") if kind is not OrderType.MARKET else None
    second = _amount(params, "price2") if kind is not OrderType.MARKET else None
    expire_ms = _expiry_ms(exchange, params)
    request = OrderRequest(
        cl_ord_id=params.text("cl_ord_id"),
        symbol=listed.pair.symbol,
        side=side,
        type=kind,
        qty=_volume(exchange, listed, params, flags),
        price=_first_price(exchange, listed, kind, first),
        limit_price=_second_price(exchange, listed, kind, second),
        post_only="post" in flags,
        time_in_force=_time_in_force(params, expire_ms),
        expire_ms=expire_ms,
        deadline_ms=_deadline_ms(exchange, params),
        validate_only=_validates(exchange, params),
    )
    terms = Terms(
        userref=params.whole("userref"),
        flags=flags,
        close=_close(exchange, listed, params),
        trail_percent=kind in TRAILING and first is not None and first.percent,
        trigger=_reference(exchange, params),
        stp=_one_of(params, "stptype", STP_KINDS),
    )
    _refuse_what_is_not_offered(params)
    return OrderForm(listed, request, terms)


class Amendment(NamedTuple):
    """What an AmendOrder call changes; None leaves a thing as it is."""

    price: Price | None
    qty: Qty | None
    limit: Price | None
    post_only: bool


def read_amendment(exchange: Exchange, params: Params, kind: OrderType, symbol: str) -> Amendment:
    """Kraken names the limit `limit_price` and the trigger `trigger_price`."""
    listed = exchange.listing.by_symbol[symbol]
    deadline = _deadline_ms(exchange, params)
    if deadline is not None and deadline < exchange.now_ms():
        raise Rejected("EService:Deadline elapsed")
    limit, trigger = (_priced(exchange, listed, _amount(params, n)) for n in ("limit_price", "trigger_price"))
    qty = params.number("order_qty")
    wanted = Qty(qty) if qty is not None else None
    post_only = params.flag("post_only")
    if kind is OrderType.LIMIT:
        return Amendment(limit, wanted, None, post_only)
    return Amendment(trigger, wanted, limit, post_only)


def _validates(exchange: Exchange, params: Params) -> bool:
    """A dry run; whether Python's True with a capital counts as one is a custom."""
    honoured = exchange.customs.python_true_validates or params.text("validate") != "True"
    return params.flag("validate") and honoured


def _one_of(params: Params, name: str, allowed: tuple[str, ...]) -> str:
    """An argument of a few values; the first when it is absent."""
    text = params.text(name) or allowed[0]
    if text not in allowed:
        raise argument_error(name)
    return text


def _reference(exchange: Exchange, params: Params) -> str:
    """Which price fires a trigger: this exchange's index is its last price."""
    reference = _one_of(params, "trigger", ("last", "index"))
    if reference == "index" and not exchange.customs.index_available:
        raise argument_error("Index unavailable")
    return reference


def _kind(text: str, argument: str) -> OrderType:
    try:
        return OrderType(text)
    except ValueError as unknown:
        raise argument_error(argument) from unknown


def _side(params: Params) -> Side:
    try:
        return Side(params.needed("type"))
    except ValueError as unknown:
        raise argument_error("type") from unknown


def _flags(params: Params) -> tuple[str, ...]:
    """Fees are always booked in the quote currency: fcib is a wish that this exchange does not fulfil."""
    flags = params.names("oflags")
    if any(flag not in _FLAGS for flag in flags):
        raise argument_error("oflags")
    return tuple(flag for flag in flags if flag not in ("fcib", "nompp")) or ("fciq",)


def _amount(params: Params, name: str) -> _Amount | None:
    text = params.text(name).strip()
    if text in ("", "0"):
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise argument_error(name)
    return _Amount(match[1], Decimal(match[2]), match[3] == "%")


def _first_price(exchange: Exchange, listed: Listed, kind: OrderType, amount: _Amount | None) -> Price | None:
    if amount is not None and kind in TRAILING:
        return Price(amount.value)
    return _priced(exchange, listed, amount)


def _second_price(
    exchange: Exchange, listed: Listed, kind: OrderType, amount: _Amount | None
) -> Price | None:
    """A trailing-stop-limit's second price is an offset from its trigger, with its sign."""
    if amount is None or kind not in TRAILING:
        return _priced(exchange, listed, amount)
    offset = amount.value
    if amount.percent:
        last = exchange.look(listed.pair.symbol).last
        offset = to_grid(last * offset / 100, listed.pair.tick, Rounding.NEAREST)
    return Price(-offset if amount.sign == "-" else offset)


def _priced(exchange: Exchange, listed: Listed, amount: _Amount | None) -> Price | None:
    if amount is None:
        return None
    if not amount.relative:
        return Price(_with_decimals(listed, amount.value))
    last = exchange.look(listed.pair.symbol).last
    offset = last * amount.value / 100 if amount.percent else amount.value
    price = last - offset if amount.sign == "-" else last + offset
    return Price(to_grid(price, listed.pair.tick))


def _with_decimals(listed: Listed, value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > listed.pair_decimals:
        raise Rejected(
            f"EOrder:Invalid price:{listed.altname} price can only be specified up to "
            f"{listed.pair_decimals} decimals."
        )
    return value


def _volume(exchange: Exchange, listed: Listed, params: Params, flags: tuple[str, ...]) -> Qty:
    volume = params.number("volume")
    if volume is None:
        raise argument_error("volume")
    if "viqc" not in flags:
        return Qty(volume)
    if params.text("ordertype") != "market" or params.text("type") != "buy":
        raise argument_error("oflags")
    return listed.pair.qty(volume / exchange.look(listed.pair.symbol).ask)


def _expiry_ms(exchange: Exchange, params: Params) -> int | None:
    text = params.text("expiretm")
    if text in ("", "0"):
        return None
    if text.startswith("+"):
        return exchange.now_ms() + Params({"expiretm": text[1:]}).whole("expiretm") * 1000
    return params.moment_ms("expiretm")


def _time_in_force(params: Params, expire_ms: int | None) -> TimeInForce:
    text = params.text("timeinforce").lower()
    if not text:
        return TimeInForce.GTD if expire_ms is not None else TimeInForce.GTC
    try:
        return TimeInForce(text)
    except ValueError as unknown:
        raise argument_error("timeinforce") from unknown


def _deadline_ms(exchange: Exchange, params: Params) -> int | None:
    deadline = params.rfc3339_ms("deadline")
    if deadline is not None and deadline > exchange.now_ms() + _LONGEST_DEADLINE_MS:
        raise argument_error("deadline")
    return deadline


def _close(exchange: Exchange, listed: Listed, params: Params) -> CloseTemplate | None:
    text = params.text("close[ordertype]")
    if not text:
        return None
    kind = _kind(text, "close[ordertype]")
    price = _priced(exchange, listed, _amount(params, "close[price]"))
    limit = _priced(exchange, listed, _amount(params, "close[price2]"))
    if kind is OrderType.MARKET or price is None:
        raise argument_error("close[price]")
    return CloseTemplate(kind, price, limit)


def _refuse_what_is_not_offered(params: Params) -> None:
    if params.text("cl_ord_id") and params.text("userref") not in ("", "0"):
        raise argument_error("cl_ord_id")
    if params.text("leverage") not in ("", "none", "0"):
        raise Rejected("EAccount:Invalid permissions:margin trading")
    if params.text("starttm") not in ("", "0"):
        raise argument_error("starttm")
