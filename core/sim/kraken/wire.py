"""How the exchange's facts look in Kraken's JSON."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zlib import crc32

from core.matching.orders import LIMIT_KINDS, STOPS, TRAILING, Order
from core.model.orders import Fill, OrderStatus, OrderType
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.listing import Listed, Listing

Json = dict[str, Any]


def seconds(ms: int | None) -> float | int:
    return ms / 1000 if ms else 0


def money(value: Decimal, decimals: int) -> str:
    """A decimal with a fixed number of places, rounded towards zero as Kraken shows costs."""
    places = Decimal(1).scaleb(-decimals)
    return f"{value.quantize(places, 'ROUND_DOWN'):f}"


class Wire:
    """Writes orders, trades and ledger rows with each market's own decimals."""

    def __init__(self, listing: Listing) -> None:
        self._listing = listing

    def order(self, order: Order, *, trades: bool = False) -> Json:
        """The canonical order object of OpenOrders, ClosedOrders and QueryOrders."""
        market = self._listing.by_symbol[order.symbol]
        average = order.cost / order.filled if order.filled else Decimal(0)
        body: Json = {
            "refid": order.parent_txid,
            "userref": order.terms.userref,
            "status": order.status.value,
            "opentm": seconds(order.opened_ms),
            "starttm": 0,
            "expiretm": seconds(order.request.expire_ms),
            "descr": self.description(order),
            "vol": money(order.qty, market.lot_decimals),
            "vol_exec": money(order.filled, market.lot_decimals),
            "cost": money(order.cost, market.cost_decimals),
            "fee": money(order.fee, market.cost_decimals),
            "price": money(average, market.cost_decimals),
            "stopprice": _price(market, order.trigger if order.type is not OrderType.LIMIT else None),
            "limitprice": _price(market, order.limit if order.triggered else None),
            "trigger": order.terms.trigger,
            "misc": _misc(order),
            "oflags": ",".join(order.terms.flags),
        }
        if order.request.cl_ord_id:
            body["cl_ord_id"] = order.request.cl_ord_id
        if order.status.final:
            body |= {"reason": order.reason or None, "closetm": seconds(order.closed_ms)}
        if trades and order.fill_ids:
            body["trades"] = list(order.fill_ids)
        return body

    def description(self, order: Order) -> Json:
        market = self._listing.by_symbol[order.symbol]
        first, second = _prices(market, order)
        return {
            "pair": market.altname,
            "aclass": "forex",
            "type": order.side.value,
            "ordertype": order.type.value,
            "price": first,
            "price2": second,
            "leverage": "none",
            "order": self.sentence(order),
            "close": self.close_sentence(order),
        }

    def sentence(self, order: Order) -> str:
        """Such as: sell 1.00000000 XBTUSD @ stop loss 95.0 -> limit 94.0."""
        market = self._listing.by_symbol[order.symbol]
        qty = money(order.qty, market.lot_decimals)
        first, second = _prices(market, order)
        kind = _spoken(order.type)
        text = f"{order.side.value} {qty} {market.altname} @ {kind}"
        if order.type is not OrderType.MARKET:
            text += f" {first}"
        return text + _limit(second)

    def close_sentence(self, order: Order) -> str:
        template = order.close_template()
        if template is None:
            return ""
        market = self._listing.by_symbol[order.symbol]
        text = f"close position @ {_spoken(template.type)} "
        if template.type in TRAILING:
            text += _offset(market, template.price, template.trail_percent)
            return text + _limit(_signed(market, template.limit_price))
        return text + _price(market, template.price) + _limit(_second(market, template.limit_price))

    def trade(self, fill: Fill, order: Order) -> Json:
        market = self._listing.by_symbol[fill.symbol]
        return {
            "ordertxid": fill.order_txid,
            "postxid": "TKH2SE-M7IF5-CFI7LT",
            "pair": market.id,
            "aclass": "forex",
            "time": seconds(fill.time_ms),
            "type": fill.side.value,
            "ordertype": order.type.value,
            "price": _price(market, fill.price),
            "cost": money(fill.cost, market.cost_decimals),
            "fee": money(fill.fee, market.cost_decimals),
            "vol": money(fill.qty, market.lot_decimals),
            "margin": money(Decimal(0), market.cost_decimals),
            "leverage": "0",
            "misc": "",
            "trade_id": crc32(fill.id.encode()),
            "maker": fill.maker,
        }

    def ledger(self, entry: LedgerEntry) -> Json:
        asset = self._listing.assets[entry.asset]
        return {
            "refid": entry.refid,
            "time": seconds(entry.time_ms),
            "type": entry.type,
            "subtype": "",
            "aclass": "currency",
            "asset": asset.code,
            "amount": f"{entry.amount:f}",
            "fee": f"{entry.fee:f}",
            "balance": f"{entry.balance:f}",
        }


def _prices(market: Listed, order: Order) -> tuple[str, str]:
    """The two prices of an order's description."""
    if order.type is OrderType.MARKET:
        return "0", "0"
    if order.type in TRAILING:
        return _offset(market, order.price, order.terms.trail_percent), _signed(market, order.limit_price)
    second = order.limit_price if order.type in LIMIT_KINDS and order.type is not OrderType.LIMIT else None
    return _price(market, order.price), _second(market, second)


def _offset(market: Listed, value: Decimal | None, percent: bool) -> str:
    amount = value or Decimal(0)
    return f"+{amount:.4f}%" if percent else f"+{_price(market, amount)}"


def _signed(market: Listed, offset: Decimal | None) -> str:
    """A second price that is an offset, with its sign."""
    return "0" if offset is None else f"{'+' if offset >= 0 else ''}{_price(market, offset)}"


def _second(market: Listed, price: Decimal | None) -> str:
    return "0" if price is None else _price(market, price)


def _limit(second: str) -> str:
    return f" -> limit {second}" if second != "0" else ""


def _price(market: Listed, value: Decimal | None) -> str:
    return f"{value or Decimal(0):.{market.pair_decimals}f}"


def _spoken(kind: OrderType) -> str:
    """Kraken writes `stop loss` in sentences, and a -limit kind by its second price."""
    return kind.value.removesuffix("-limit").replace("-", " ") if kind is not OrderType.LIMIT else "limit"


def _misc(order: Order) -> str:
    words = []
    if order.triggered:
        words.append("stopped" if order.type in STOPS else "touched")
    if order.filled and order.status is OrderStatus.CANCELED:
        words.append("partial")
    if order.amended:
        words.append("amended")
    return ",".join(words)


def volume_text(value: float, decimals: int) -> str:
    return f"{value:.{max(decimals, 8)}f}"


def rate_text(rate: Decimal) -> str:
    """A fee rate as TradeVolume writes it, in percent with four decimals."""
    return f"{rate * 100:.4f}"
