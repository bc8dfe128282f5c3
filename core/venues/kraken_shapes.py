"""Kraken's results into our values: exact decimals from raw strings, nothing believed without its shape.

A result that lacks what it must have raises BadShape; the reader calls that no answer and asks again.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from core.model.account import Balance
from core.model.errors import Transient
from core.model.market import (
    Advisory,
    ExchangeStatus,
    FeeRates,
    Pair,
    PairStatus,
    PublicTrade,
    Quote,
    TradePage,
)
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, OrderReport, OrderStatus, OrderType, Side
from core.venues.kraken_names import asset_code, is_tradable_balance, symbol_from

_TEXTS = ("name", "title", "summary", "message", "description", "body", "id")
_BEGINS = ("scheduled_for", "start_time", "starts_at", "start", "begin", "from", "scheduled_start")
_ENDS = ("scheduled_until", "end_time", "ends_at", "end", "until", "to", "scheduled_end")

_NAME = re.compile(r"[A-Z0-9][A-Z0-9-]*")
_PERMISSION = re.compile(r"[a-z][a-z-]{2,}")
LEAST_TOKEN = 16  # letters
_PAIR = re.compile(r"(?=(?:.*[A-Z]){4})[A-Za-z0-9/.]{5,}")
_OFFSET = re.compile(r"[+#-]\d+(\.\d+)?%?|\d+(\.\d+)?%")  # how a trailing stop's distance is written

Named = Callable[[str], str]  # Kraken's name of a pair -> symbol
T = TypeVar("T", bound=StrEnum)
N = TypeVar("N", Decimal, float)


class BadShape(Transient):
    """A well-formed reply without what it must contain."""


def member(result: Mapping[str, Any], name: str, kind: type) -> Any:
    """`result[name]`, which must be of `kind`."""
    value = result.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise BadShape(f"Kraken's answer lacks {name!r}")
    return value


def number(value: object) -> Decimal:
    """A finite number as Kraken wrote it, text or JSON number."""
    return _finite(value, Decimal)


def real(value: object) -> float:
    """The same for what is no money, such as a candle: many thousands are read at a start."""
    return _finite(value, float)


def _finite(value: object, kind: Callable[[str | int | Decimal], N]) -> N:
    if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
        raise BadShape(f"{value!r} is not a number")
    try:
        found = kind(value)
        finite = math.isfinite(found)
    except (ArithmeticError, ValueError):
        finite = False
    if not finite:
        raise BadShape(f"{value!r} is not a number")
    return found


def amount(value: object) -> Decimal:
    """A number that cannot be below zero."""
    found = number(value)
    if found < 0:
        raise BadShape(f"{value!r} is below zero")
    return found


def name_of(value: object) -> str:
    """Kraken's number of an order or a trade, such as OUF4EM-FRGI2-MQMWZD."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise BadShape(f"{value!r} names no order or trade")
    return value


def pair_name(row: Mapping[str, Any]) -> str:
    """Kraken's name of the pair of a row, which need not be in the table any more."""
    found: str = member(row, "pair", str)
    if not _PAIR.fullmatch(found):
        raise BadShape(f"{found!r} names no pair")
    return found


def milliseconds(seconds: object) -> int:
    return int(number(seconds) * 1000)


def word(kind: type[T], value: object) -> T:
    try:
        return kind(str(value))
    except ValueError:
        raise BadShape(f"{value!r} is no {kind.__name__}") from None


def pairs(result: Mapping[str, Any]) -> Iterator[tuple[Pair, tuple[str, ...]]]:
    """Every spot pair with Kraken's names for it; dark pools and rows that cannot be read are left out."""
    for venue_id, row in result.items():
        if not isinstance(row, dict) or venue_id.endswith(".d"):
            continue
        try:
            yield _pair(venue_id, row), (venue_id, str(row.get("altname", "")), str(row.get("wsname", "")))
        except BadShape:
            continue  # one odd row must not cost the whole table


def _pair(venue_id: str, row: Mapping[str, Any]) -> Pair:
    symbol = symbol_from(str(row.get("wsname", "")), member(row, "base", str), member(row, "quote", str))
    base, _, quote = symbol.partition("/")
    # tick_size is the truth; pair_decimals is only how many digits are printed.
    tick = amount(row["tick_size"]) if row.get("tick_size") else _decimals(row, "pair_decimals")
    return Pair(
        symbol, base, quote, tick, _decimals(row, "lot_decimals"), amount(row.get("ordermin", 0)),
        amount(row.get("costmin", 0)), _pair_status(row), venue_id,
    )  # fmt: skip


def _decimals(row: Mapping[str, Any], name: str) -> Decimal:
    digits: int = member(row, name, int)
    return Decimal(1).scaleb(-digits)


def _pair_status(row: Mapping[str, Any]) -> PairStatus:
    """A status Zyn does not know closes the pair for new orders."""
    try:
        return PairStatus(row.get("status", "online"))
    except ValueError:
        return PairStatus.CANCEL_ONLY


def quote(symbol: str, row: Any, time_ms: int) -> Quote | None:
    """A ticker row; None for a market without two sides."""
    try:
        widths = [len(member(row, side, list)) for side in ("b", "a", "c", "v")]
        bid, ask, last = (amount(row[side][0]) for side in ("b", "a", "c"))
        volume, opened = amount(row["v"][1]), amount(row["o"])
    except (LookupError, TypeError, AttributeError):
        raise BadShape(f"no ticker of {symbol}") from None
    if widths != [3, 3, 2, 2]:
        raise BadShape(f"the ticker of {symbol} lacks a figure")
    if not bid or not ask or not last:
        return None
    return Quote(symbol, Price(bid), Price(ask), Price(last), time_ms, Qty(volume), Price(opened))


def trades(result: Mapping[str, Any], name: str) -> TradePage:
    """A page of public trades. Raises BadShape naming the first row that cannot be true."""
    found: list[PublicTrade] = []
    for at, row in enumerate(member(result, name, list), 1):
        if not isinstance(row, list) or len(row) < 7:
            raise BadShape(f"trade row {at} is not a row of price, volume, time and number")
        one = PublicTrade(
            int(number(row[6])), milliseconds(row[2]), float(number(row[0])), float(amount(row[1]))
        )
        if one.price <= 0 or (found and one.time_ms < found[-1].time_ms):
            raise BadShape(f"trade row {at} has no price, or comes before the one above it")
        found.append(one)
    return TradePage(tuple(found), int(number(result.get("last"))))


def status(result: Mapping[str, Any]) -> ExchangeStatus:
    """A word that Zyn does not know is taken for maintenance: open nothing."""
    try:
        return ExchangeStatus(member(result, "status", str))
    except ValueError:
        return ExchangeStatus.MAINTENANCE


def advisories(result: Mapping[str, Any]) -> tuple[Advisory, ...]:
    """Planned maintenance, soonest first, and emergencies that are not over; both may be absent.

    The entries are described nowhere, so their moments are looked for under every usual name; one without a
    readable moment is kept without it, never dropped.
    """
    planned = [_advisory(one, emergency=False) for one in _entries(result, "upcoming_maintenance")]
    planned.sort(key=lambda one: one.from_ms or 0)
    return (*planned, *(_advisory(one, emergency=True) for one in _entries(result, "emergency")))


def _entries(result: Mapping[str, Any], name: str) -> list[object]:
    found = result.get(name)
    return found if isinstance(found, list) else [found] if found else []


def _advisory(entry: object, *, emergency: bool) -> Advisory:
    row = entry if isinstance(entry, dict) else {"name": entry}
    text = next((str(row[name]) for name in _TEXTS if row.get(name)), "no details")
    return Advisory(text[:200], emergency, _moment(row, _BEGINS), _moment(row, _ENDS))


def _moment(row: Mapping[str, Any], names: tuple[str, ...]) -> int | None:
    """Milliseconds of the first of these members that is a moment: RFC 3339, or seconds since 1970."""
    for value in (row[name] for name in names if row.get(name)):
        try:
            if isinstance(value, str) and not value.replace(".", "").isdigit():
                return rfc3339_ms(value)
            return milliseconds(value)
        except BadShape:
            continue
    return None


def rfc3339_ms(text: object) -> int:
    """Milliseconds UTC of a moment such as 2023-10-04T16:25:00.000000000Z."""
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise BadShape(f"{text!r} is not a moment")
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


def balances(result: Mapping[str, Any]) -> dict[str, Balance]:
    found: dict[str, Balance] = {}
    for kraken_id, row in result.items():
        if not isinstance(row, dict):
            raise BadShape(f"the balance of {kraken_id} is not a row")
        total = number(row.get("balance"))
        if total and is_tradable_balance(kraken_id):
            code = asset_code(kraken_id)
            found[code] = Balance(code, total, amount(row.get("hold_trade")))
    return found


def fees(result: Mapping[str, Any], venue_id: str) -> FeeRates:
    """Rates come as percent. A pair without maker fees pays the taker's."""
    rows = member(result, "fees", dict)
    taker = member(rows, venue_id, dict)
    makers = member(result, "fees_maker", dict) if result.get("fees_maker") else rows
    maker = member(makers, venue_id, dict) if venue_id in makers else taker
    volume = Money(amount(result.get("volume")))
    return FeeRates(amount(maker.get("fee")) / 100, amount(taker.get("fee")) / 100, volume)


def order(txid: str, row: Any, named: Named) -> OrderReport:
    """The canonical order object of OpenOrders, ClosedOrders and QueryOrders."""
    if not isinstance(row, dict):
        raise BadShape(f"order {txid} is not a row")
    what = member(row, "descr", dict)
    kind = word(OrderType, what.get("ordertype"))
    filled, cost = Qty(amount(row.get("vol_exec"))), Money(amount(row.get("cost")))
    status = word(OrderStatus, row.get("status"))
    return OrderReport(
        txid=name_of(txid),
        cl_ord_id=row.get("cl_ord_id") or None,
        symbol=named(pair_name(what)),
        side=word(Side, what.get("type")),
        type=kind,
        status=status,
        qty=Qty(amount(row.get("vol"))),
        filled=filled,
        cost=cost,
        fee=Money(amount(row.get("fee"))),
        price=_order_price(kind, what, row),
        average=_average(filled, cost),
        opened_ms=milliseconds(row.get("opentm")),
        closed_ms=milliseconds(row.get("closetm")) if status.final else None,
        parent_txid=_parent(row.get("refid")),
        reason=str(row.get("reason") or ""),
    )


def _order_price(kind: OrderType, what: Mapping[str, Any], row: Mapping[str, Any]) -> Price | None:
    """The limit of a limit order, else the trigger; an amended trigger stands in `stopprice`."""
    if kind is OrderType.MARKET:
        return None
    given = (what.get("price"),) if kind is OrderType.LIMIT else (row.get("stopprice", 0), what.get("price"))
    for value in given:
        if isinstance(value, str) and _OFFSET.fullmatch(value):
            continue  # no price
        if found := amount(value):
            return Price(found)
    return None


def _average(filled: Qty, cost: Money) -> Price | None:
    """Cost by quantity: the average that Kraken writes has too few decimals for coins of tiny price."""
    return Price(cost / filled) if filled else None


def _parent(refid: object) -> str | None:
    return str(refid) if refid and refid != "None" else None


def fill(trade_id: str, row: Any, named: Named) -> Fill:
    """One row of TradesHistory."""
    if not isinstance(row, dict):
        raise BadShape(f"trade {trade_id} is not a row")
    return Fill(
        id=name_of(trade_id),
        order_txid=name_of(row.get("ordertxid")),
        symbol=named(pair_name(row)),
        side=word(Side, row.get("type")),
        price=Price(amount(row.get("price"))),
        qty=Qty(amount(row.get("vol"))),
        cost=Money(amount(row.get("cost"))),
        fee=Money(number(row.get("fee"))),
        time_ms=milliseconds(row.get("time")),
        maker=member(row, "maker", bool) if "maker" in row else False,
    )


def rows(frame: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The data of a socket's frame."""
    found: list[dict[str, Any]] = member(frame, "data", list)
    if not all(isinstance(one, dict) for one in found):
        raise BadShape(f"a row of {frame.get('channel')} is no object")
    return found


def total(result: Mapping[str, Any]) -> int | None:
    """How many rows there are over all pages, where Kraken says so."""
    count = result.get("count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None


def permissions(result: Mapping[str, Any]) -> frozenset[str]:
    """What a key may do, such as withdraw-funds."""
    found = member(result, "permissions", list)
    if not all(isinstance(one, str) and _PERMISSION.fullmatch(one) for one in found):
        raise BadShape("a permission is no word")
    return frozenset(found)


def token(result: Mapping[str, Any]) -> str:
    """Opens the private socket."""
    found: str = member(result, "token", str)
    if len(found) < LEAST_TOKEN:
        raise BadShape("the socket's token is none")
    return found
