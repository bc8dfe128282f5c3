"""Zyn's own book in memory: which orders are its own, what their fills add up to, and what they are worth.

Coins, cash and orders of the owner are never in it. Everything here can be rebuilt from the exchange's
orders and executions; the journal and state.json only add intentions (targets, rules, whose idea it was).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.ledger.book import Book, OwnFill, in_order
from core.model.account import Position, RoundTrip
from core.model.market import Pair
from core.model.money import NO_QTY, ZERO, Money, Price, Qty
from core.model.orders import Fill, Leg, OrderReport, Origin, Side


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order that Zyn placed, or that the exchange placed for it as a conditional close."""

    txid: str
    symbol: str
    side: Side
    leg: Leg
    origin: Origin
    cause: str
    rule: str = ""
    intent_id: str = ""


@dataclass(frozen=True, slots=True)
class Brackets:
    """What guards a position: the stops resting on the exchange, and Zyn's own target."""

    stop: Price | None = None
    stop_txids: tuple[str, ...] = ()
    stopped_qty: Qty = NO_QTY
    target: Price | None = None


@dataclass(frozen=True, slots=True)
class Booking:
    """One own fill as it entered the book; `closed` when it ended a position."""

    fill: Fill
    order: OwnOrder
    closed: RoundTrip | None


def _covered(old: Brackets, stops: list[OrderReport]) -> Brackets:
    """The brackets with what really rests now; without a resting stop the wanted price is kept."""
    prices = [stop.price for stop in stops if stop.price is not None]
    return replace(
        old,
        stop=min(prices) if prices else old.stop,
        stop_txids=tuple(stop.txid for stop in stops),
        stopped_qty=Qty(sum((stop.left for stop in stops), ZERO)),
    )


# How a position's end is named by the leg that ended it.
EXIT_REASONS = {
    Leg.STOP: "stop", Leg.TARGET: "target", Leg.EXIT: "signal", Leg.FLATTEN: "flatten", Leg.ENTRY: "entry",
}  # fmt: skip


class Portfolio:
    """Own orders, positions, round trips and marks. No I/O: callers commit what it returns."""

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        self._pairs = pairs
        self._orders: dict[str, OwnOrder] = {}
        self._book = Book(lot_of=lambda symbol: pairs[symbol].lot)
        self._brackets: dict[str, Brackets] = {}
        self._marks: dict[str, Price] = {}

    def pair(self, symbol: str) -> Pair:
        return self._pairs[symbol]

    def own(self, order: OwnOrder) -> None:
        """Count an order as Zyn's; what is known of it already is kept."""
        self._orders.setdefault(order.txid, order)

    def order(self, txid: str) -> OwnOrder | None:
        return self._orders.get(txid)

    @property
    def own_txids(self) -> frozenset[str]:
        return frozenset(self._orders)

    def book(self, fills: Iterable[Fill]) -> list[Booking]:
        """Fold in the fills of own orders that are not in the book yet; others are ignored."""
        fresh = [fill for fill in fills if fill.order_txid in self._orders and fill.id not in self._book]
        bookings = []
        for fill in sorted(fresh, key=in_order):
            order = self._orders[fill.order_txid]
            closed = self._book.add(self._own_fill(fill, order))
            bookings.append(Booking(fill, order, closed))
            if closed is not None:
                self._brackets.pop(fill.symbol, None)
                self._marks.pop(fill.symbol, None)
        return bookings

    def _own_fill(self, fill: Fill, order: OwnOrder) -> OwnFill:
        reason = EXIT_REASONS[order.leg]
        if order.leg is Leg.EXIT and order.origin is not Origin.AUTOPILOT:
            reason = "owner" if order.origin is Origin.CHAT else "manual"
        return OwnFill(fill, order.origin, order.cause, order.rule, reason)

    @property
    def round_trips(self) -> list[RoundTrip]:
        """Closed positions, oldest first."""
        return self._book.round_trips

    @property
    def positions(self) -> dict[str, Position]:
        """Open positions by symbol, with their brackets."""
        return {symbol: self._guarded(position) for symbol, position in self._book.positions.items()}

    def position(self, symbol: str) -> Position | None:
        position = self._book.position(symbol)
        return self._guarded(position) if position else None

    def holds(self, symbol: str) -> bool:
        return self._book.holds(symbol)

    @property
    def open_count(self) -> int:
        return len(self._book.positions)

    def _guarded(self, position: Position) -> Position:
        bracket = self._brackets.get(position.symbol, Brackets())
        return replace(
            position, stop=bracket.stop, stop_txids=bracket.stop_txids,
            stopped_qty=bracket.stopped_qty, target=bracket.target,
        )  # fmt: skip

    def adopt_stops(self, open_orders: Iterable[OrderReport]) -> None:
        """Count resting conditional closes of own orders as own stops, and note what they cover."""
        resting: dict[str, list[OrderReport]] = {}
        for report in open_orders:
            parent = self._orders.get(report.parent_txid or "")
            if parent is not None and report.txid not in self._orders:
                self.own(replace(parent, txid=report.txid, side=report.side, leg=Leg.STOP, intent_id=""))
            own = self._orders.get(report.txid)
            if own is not None and own.leg is Leg.STOP:
                resting.setdefault(report.symbol, []).append(report)
        for symbol in {*resting, *self._brackets}:
            self._brackets[symbol] = _covered(self.brackets(symbol), resting.get(symbol, []))

    @property
    def bracketed(self) -> list[str]:
        """Symbols with a position or with resting stops."""
        resting = {symbol for symbol, one in self._brackets.items() if one.stop_txids}
        return sorted(resting | set(self._book.positions))

    def brackets(self, symbol: str) -> Brackets:
        return self._brackets.get(symbol, Brackets())

    def set_brackets(self, symbol: str, brackets: Brackets) -> None:
        self._brackets[symbol] = brackets

    def set_target(self, symbol: str, target: Price | None) -> None:
        """Zyn's own target of a position; nothing rests on the exchange for it."""
        self._brackets[symbol] = replace(self.brackets(symbol), target=target)

    def mark(self, symbol: str, price: Price) -> None:
        """Remember the price a position is worth now."""
        self._marks[symbol] = price

    def mark_of(self, symbol: str) -> Price | None:
        return self._marks.get(symbol)

    @property
    def exposure(self) -> Money:
        """All positions together at their marks (their cost while there is no mark)."""
        return Money(sum((self._value(one) for one in self._book.positions.values()), ZERO))

    def _value(self, position: Position) -> Decimal:
        mark = self._marks.get(position.symbol)
        return position.qty * mark if mark is not None else position.entry_cost

    @property
    def realised(self) -> Money:
        """All-time result of what was sold, fees off."""
        return self._book.realised

    @property
    def open_cost(self) -> Money:
        """What the open positions cost, without fees."""
        return Money(sum((one.entry_cost for one in self._book.positions.values()), ZERO))

    @property
    def open_fees(self) -> Money:
        """Entry fees of what is still held."""
        return self._book.open_fees

    @property
    def unrealised(self) -> Money:
        """Open positions at their marks against their cost, entry fees off, exit fees not yet."""
        return Money(self.exposure - self.open_cost - self._book.open_fees)

    @property
    def pnl(self) -> Money:
        """All-time result, open positions at their marks."""
        return Money(self.realised + self.unrealised)

    def last_exit(self, symbol: str) -> RoundTrip | None:
        """The latest round trip of a symbol."""
        return self._book.last_exit(symbol)
