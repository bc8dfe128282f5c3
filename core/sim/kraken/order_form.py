"""Reads AddOrder and AmendOrder: Kraken's arguments become an order request, or Kraken's refusal."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from core.matching.orders import LIMIT_KINDS, STOPS, STP_KINDS, TRAILING, CloseTemplate, Order, Terms
from core.model.errors import Rejected
from core.model.money import Price, Qty, Rounding, to_grid
from core.model.orders import OrderRequest, OrderType, Side, TimeInForce
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed, places_of
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.public import find_pair

_FLAGS = ("post", "fcib", "fciq", "nompp", "viqc")
_LONGEST_DEADLINE_MS = 60_000
_SHORTEST_LIFE_S = 5  # of an order that expires a number of seconds from now
_END_OF_TIME_MS = 253_402_300_799_000  # the last second that can be written
_USERREFS = range(-(2**31), 2**31)
_AMOUNT = re.compile(r"([+\-#]?)(\d{1,15}(?:\.\d{0,18})?|\.\d{1,18})(%?)", re.ASCII)


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
    flags = _flags(exchange, params, side)
    first = _amount(params, "price") if kind is not OrderType.MARKET else None
    second = _amount(params, "price2") if kind is not OrderType.MARKET else None
    _check_trail(exchange, listed, kind, side, first, "price")
    expire_ms = _expiry_ms(exchange, params)
    request = OrderRequest(
        cl_ord_id=params.text("cl_ord_id"),
        symbol=listed.pair.symbol,
        side=side,
        type=kind,
        qty=_volume(exchange, listed, params, flags),
        price=_first_price(exchange, listed, kind, side, first),
        limit_price=_second_price(exchange, listed, kind, side, second),
        post_only="post" in flags,
        time_in_force=_time_in_force(params, expire_ms),
        expire_ms=expire_ms,
        deadline_ms=_deadline_ms(exchange, params),
        validate_only=_validates(exchange, params),
    )
    terms = Terms(
        userref=_userref(params),
        flags=flags,
        close=_close(exchange, listed, side.opposite, params),
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
    trail_percent: bool | None = None


def read_amendment(exchange: Exchange, params: Params, order: Order) -> Amendment:
    """Kraken names the limit `limit_price` and the trigger `trigger_price`; a trailing one is an offset."""
    listed, kind, side = exchange.listing.by_symbol[order.symbol], order.type, order.side
    deadline = _deadline_ms(exchange, params)
    if deadline is not None and deadline < exchange.now_ms():
        raise Rejected("EService:Deadline elapsed")
    limit, trigger = _amount(params, "limit_price"), _amount(params, "trigger_price")
    qty, post_only = params.number("order_qty"), params.flag("post_only")
    if limit is None and trigger is None and qty is None and not post_only:
        raise Rejected("EGeneral:Invalid arguments")
    if limit is not None and kind not in LIMIT_KINDS:
        raise argument_error("limit_price")
    if trigger is not None and kind is OrderType.LIMIT:
        raise argument_error("trigger_price")
    _check_trail(exchange, listed, kind, side, trigger, "trigger_price")
    wanted = Qty(qty) if qty is not None else None
    if kind is OrderType.LIMIT:
        return Amendment(_first_price(exchange, listed, kind, side, limit), wanted, None, post_only)
    first = _first_price(exchange, listed, kind, side, trigger)
    second = _second_price(exchange, listed, kind, side, limit)
    percent = trigger.percent if trigger is not None and kind in TRAILING else None
    return Amendment(first, wanted, second, post_only, percent)


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


def _userref(params: Params) -> int:
    userref = params.whole("userref")
    if userref not in _USERREFS:
        raise argument_error("userref")
    return userref


def _flags(exchange: Exchange, params: Params, side: Side) -> tuple[str, ...]:
    """The flags that mean something; a fee is paid in money unless fcib asks for coins."""
    flags = params.names("oflags")
    if any(flag not in _FLAGS for flag in flags) or {"fcib", "fciq"} <= set(flags):
        raise argument_error("oflags")
    if side is Side.SELL and exchange.customs.sells_pay_in_coins and not {"fcib", "fciq"} & set(flags):
        flags = ["fcib", *flags]
    return tuple(flag for flag in flags if flag != "nompp") or ("fciq",)


def _amount(params: Params, name: str) -> _Amount | None:
    text = params.text(name).strip()
    if text in ("", "0"):
        return None
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise argument_error(name)
    return _Amount(match[1], Decimal(match[2]), match[3] == "%")


def _first_price(
    exchange: Exchange, listed: Listed, kind: OrderType, side: Side, amount: _Amount | None
) -> Price | None:
    if amount is not None and kind in TRAILING:
        return Price(amount.value)
    return _priced(exchange, listed, amount, adds=(kind in STOPS) is (side is Side.BUY))


def _second_price(
    exchange: Exchange, listed: Listed, kind: OrderType, side: Side, amount: _Amount | None
) -> Price | None:
    """A trailing-stop-limit's second price is an offset from its trigger, with its sign."""
    adds = side is Side.BUY
    if amount is None or kind not in TRAILING:
        return _priced(exchange, listed, amount, adds=adds)
    offset = amount.value
    if amount.percent:
        last = exchange.look(listed.pair.symbol).last
        offset = to_grid(last * offset / 100, listed.pair.tick, Rounding.NEAREST)
    return Price(offset if _goes_up(amount, adds) else -offset)


def _priced(exchange: Exchange, listed: Listed, amount: _Amount | None, *, adds: bool) -> Price | None:
    """A price as a number. `adds` says which way a # goes, by the order's side and kind."""
    if amount is None:
        return None
    if not amount.relative:
        return Price(_with_decimals(listed, amount.value))
    last = exchange.look(listed.pair.symbol).last
    offset = last * amount.value / 100 if amount.percent else amount.value
    price = last + offset if _goes_up(amount, adds) else last - offset
    return Price(to_grid(price, listed.pair.tick))


def _goes_up(amount: _Amount, adds: bool) -> bool:
    return adds if amount.sign == "#" else amount.sign != "-"


def _check_trail(
    exchange: Exchange, listed: Listed, kind: OrderType, side: Side, amount: _Amount | None, argument: str
) -> None:
    """Refuse a trailing stop that could never fire: its trigger would be at nothing or below."""
    if kind not in TRAILING or side is Side.BUY or amount is None:
        return
    whole = 100 if amount.percent else exchange.look(listed.pair.symbol).last
    if amount.value >= whole:
        raise argument_error(argument)


def _with_decimals(listed: Listed, value: Decimal) -> Decimal:
    if places_of(value) > listed.price_places:
        raise Rejected(
            f"EOrder:Invalid price:{listed.altname} price can only be specified up to "
            f"{listed.price_places} decimals."
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
    return listed.pair.qty(exchange.worth(listed.pair.symbol, volume))


def _expiry_ms(exchange: Exchange, params: Params) -> int | None:
    """When it expires; Rejected for a moment that is over, or less than five seconds from now by `+n`."""
    text, now_ms = params.text("expiretm"), exchange.now_ms()
    if text in ("", "0"):
        return None
    if text.startswith("+"):
        seconds = params.whole("expiretm")
        expire_ms = now_ms + seconds * 1000 if seconds >= _SHORTEST_LIFE_S else 0
    else:
        expire_ms = params.moment_ms("expiretm") or 0
    if not now_ms < expire_ms <= _END_OF_TIME_MS:
        raise argument_error("expiretm")
    return expire_ms


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


def _close(exchange: Exchange, listed: Listed, side: Side, params: Params) -> CloseTemplate | None:
    """The conditional close, an order of `side`."""
    text = params.text("close[ordertype]")
    if not text:
        return None
    kind = _kind(text, "close[ordertype]")
    first, second = _amount(params, "close[price]"), _amount(params, "close[price2]")
    if kind is OrderType.MARKET or first is None:
        raise argument_error("close[price]")
    if second is None and kind in LIMIT_KINDS and kind is not OrderType.LIMIT:
        raise argument_error("close[price2]")
    _check_trail(exchange, listed, kind, side, first, "close[price]")
    price = _first_price(exchange, listed, kind, side, first)
    if price is None:
        raise argument_error("close[price]")
    limit = _second_price(exchange, listed, kind, side, second)
    return CloseTemplate(kind, price, limit, kind in TRAILING and first.percent)


def _refuse_what_is_not_offered(params: Params) -> None:
    if params.text("cl_ord_id") and params.text("userref") not in ("", "0"):
        raise argument_error("cl_ord_id")
    if params.text("leverage") not in ("", "none", "0"):
        raise Rejected("EAccount:Invalid permissions:margin trading")
    if params.text("starttm") not in ("", "0"):
        raise argument_error("starttm")
