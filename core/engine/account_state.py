"""One look at the account, and what Zyn's own orders told since where no newer look may be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.model.account import Balance
from core.model.orders import Fill, IntentState, OrderIntent, OrderReport, OrderStatus

_SEEN = 1_000  # of the latest fills, among which a booked one is looked for


@dataclass(frozen=True, slots=True)
class AccountState:
    """One consistent look at the account. Fills are oldest first.

    They are complete from `begins_ms` on, and hold all own ones: what the owner traded before is still read.
    """

    balances: Mapping[str, Balance] = field(default_factory=dict)
    open_orders: tuple[OrderReport, ...] = ()
    fills: tuple[Fill, ...] = ()
    as_of_ms: int = 0
    begins_ms: int = 0

    def with_own(self, booked: Iterable[Fill], resting: Iterable[OrderIntent]) -> AccountState:
        """The look with the fills booked since and the own entries that the exchange took since."""
        known = {fill.id for fill in self.fills[-_SEEN:]}
        listed = {order.txid for order in self.open_orders}
        fills = tuple(fill for fill in booked if fill.id not in known)
        placed = tuple(
            _as_resting(one, one.txid)
            for one in resting
            if one.state is IntentState.PLACED and one.txid and one.txid not in listed
            if one.created_ms >= self.as_of_ms
        )
        return replace(self, fills=(*self.fills, *fills), open_orders=(*self.open_orders, *placed))


def _as_resting(intent: OrderIntent, txid: str) -> OrderReport:
    """An order as it was sent and taken: what it has filled meanwhile stands among the fills."""
    sent = intent.request
    return OrderReport(
        txid, sent.cl_ord_id, sent.symbol, sent.side, sent.type, OrderStatus.OPEN, sent.qty,
        price=sent.price, opened_ms=intent.created_ms,
    )  # fmt: skip
