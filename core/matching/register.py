"""Every order and fill of one account, findable in the ways that a trader asks."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.matching.checks import DUPLICATE
from core.matching.orders import Order
from core.model.errors import Rejected
from core.model.orders import Fill


@dataclass(slots=True)
class ChangeLog:
    """What changed since it was last drained, for whoever keeps books on disk or tells clients."""

    orders: dict[str, Order] = field(default_factory=dict)
    fills: list[Fill] = field(default_factory=list)

    def drain(self) -> tuple[list[Order], list[Fill]]:
        """Changed orders, each once in order of first change, and new fills; forgets them."""
        orders, fills = list(self.orders.values()), self.fills
        self.orders, self.fills = {}, []
        return orders, fills


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
            self._by_client[order.request.cl_ord_id] = order.txid
        self.changed(order)

    def close(self, order: Order) -> None:
        self.working[order.symbol].pop(order.txid, None)
        self.closed[order.txid] = order
        self.changed(order)

    def changed(self, order: Order) -> None:
        if self._changes is not None:
            self._changes.orders[order.txid] = order

    def booked(self, order: Order, fill: Fill) -> None:
        order.fill_ids.append(fill.id)
        self.fills.append(fill)
        if self._changes is not None:
            self._changes.fills.append(fill)

    def open_order(self, txid: str) -> Order | None:
        order = self.orders.get(txid)
        return order if order is not None and not order.status.final else None

    def open_orders(self) -> list[Order]:
        return [order for orders in self.working.values() for order in orders.values()]

    def by_client(self, cl_ord_id: str) -> Order | None:
        """The latest order that carried this client id."""
        txid = self._by_client.get(cl_ord_id)
        return self.orders[txid] if txid is not None else None

    def check_unique(self, cl_ord_id: str) -> None:
        """Refuse a client id that an open order carries; a closed one's may come again."""
        twin = self.by_client(cl_ord_id) if cl_ord_id else None
        if twin is not None and not twin.status.final:
            raise Rejected(DUPLICATE)
