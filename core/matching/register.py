"""Every order and fill of one account, findable in the ways that a trader asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from core.matching.checks import DUPLICATE, DUPLICATE_SHORT
from core.matching.customs import Customs
from core.matching.orders import Order, client_key
from core.model.errors import Rejected
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, OrderStatus


class Event(NamedTuple):
    """One step in an order's life, and how it stood then; the order itself goes on living.

    `kind` is pending_new, new, trade, filled, canceled, expired, amended, restated or status.
    """

    kind: str
    order: Order
    time_ms: int
    filled: Qty
    cost: Money
    fee: Money
    trigger: Price | None
    fill: Fill | None = None


@dataclass(slots=True)
class ChangeLog:
    """What changed since it was last drained, for whoever keeps books on disk or tells clients."""

    orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def drain(self) -> tuple[list[Order], list[Fill], list[Event]]:
        """Changed orders, each once in order of first change, new fills, and all events; forgets them."""
        orders, fills, events = list(self.orders.values()), self.fills, self.events
        self.orders, self.fills, self.events = {}, [], []
        return orders, fills, events


_ENDINGS = {
    OrderStatus.CLOSED: "filled",
    OrderStatus.CANCELED: "canceled",
    OrderStatus.EXPIRED: "expired",
}


class OrderRegister:
    """Open orders by market, and the history of all."""

    def __init__(self, changes: ChangeLog | None = None) -> None:
        self.orders: dict[str, Order] = {}
        self.working: dict[str, dict[str, Order]] = {}  # symbol -> txid -> open order, oldest first
        self.closed: dict[str, Order] = {}  # in order of closing
        self.fills: list[Fill] = []
        self._by_client: dict[str, str] = {}  # the latest order of each client id
        self._changes = changes

    def log_to(self, changes: ChangeLog | None) -> None:
        """Note changes there from now on."""
        self._changes = changes

    def add(self, order: Order) -> None:
        self.orders[order.txid] = order
        self.working.setdefault(order.symbol, {})[order.txid] = order
        if order.request.cl_ord_id:
            self._by_client[client_key(order.request.cl_ord_id)] = order.txid
        self.happened("pending_new", order, order.opened_ms)

    def close(self, order: Order) -> None:
        self.working[order.symbol].pop(order.txid, None)
        self.closed[order.txid] = order
        self.happened(_ENDINGS[order.status], order, order.closed_ms or order.opened_ms)

    def happened(self, kind: str, order: Order, time_ms: int, fill: Fill | None = None) -> None:
        """Note a step in an order's life, as the order stands now."""
        if self._changes is not None:
            self._changes.orders[order.txid] = order
            stands = (order.filled, order.cost, order.fee, order.trigger)
            self._changes.events.append(Event(kind, order, time_ms, *stands, fill))

    def booked(self, order: Order, fill: Fill) -> None:
        order.fill_ids.append(fill.id)
        self.fills.append(fill)
        if self._changes is not None:
            self._changes.fills.append(fill)
        self.happened("trade", order, fill.time_ms, fill)

    def open_order(self, txid: str) -> Order | None:
        order = self.orders.get(txid)
        return order if order is not None and not order.status.final else None

    def open_orders(self) -> list[Order]:
        return [order for orders in self.working.values() for order in orders.values()]

    def by_client(self, cl_ord_id: str) -> Order | None:
        """The latest order that carried this client id."""
        txid = self._by_client.get(client_key(cl_ord_id))
        return self.orders[txid] if txid is not None else None

    def check_unique(self, cl_ord_id: str, customs: Customs) -> None:
        """Refuse a client id that an open order carries; a closed one's may come again."""
        twin = self.by_client(cl_ord_id) if cl_ord_id else None
        if twin is not None and not twin.status.final:
            raise Rejected(duplicate_words(customs))


def duplicate_words(customs: Customs) -> str:
    """How a client id that is taken is refused."""
    return DUPLICATE_SHORT if customs.short_duplicate_words else DUPLICATE
