"""Zyn's own book in memory: which orders are its own, what their fills add up to, and what they are worth.

Coins, cash and orders of the owner are never in it. Everything here can be rebuilt from the exchange's
orders and executions; the journal and state.json only add intentions (targets, rules, whose idea it was).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.ledger.book import Book, OwnFill, in_order
from core.model.account import Position, RoundTrip
from core.model.market import Pair
from core.model.money import ZERO, Money, Price, Qty
from core.model.orders import Fill, Leg, OrderReport, Origin, OwnOrder, Side
from core.risk.caps import Exposed, exposed_by

_DAY_MS = 86_400_000  # turnover is counted over so long


@dataclass(frozen=True, slots=True)
class RestingStop:
    """One own stop as it rests on the exchange."""

    txid: str
    qty: Qty  # not filled yet
    price: Price | None

    @classmethod
    def of(cls, report: OrderReport) -> RestingStop:
        return cls(report.txid, report.left, report.price)


@dataclass(frozen=True, slots=True)
class Brackets:
    """What guards a position: the stops resting on the exchange, and Zyn's own target."""

    stop: Price | None = None  # the lowest that rests; while none rests, where it should
    resting: tuple[RestingStop, ...] = ()
    target: Price | None = None

    @property
    def stop_txids(self) -> tuple[str, ...]:
        return tuple(one.txid for one in self.resting)

    @property
    def stopped_qty(self) -> Qty:
        return Qty(sum((one.qty for one in self.resting), ZERO))

    def with_stops(self, resting: Iterable[RestingStop]) -> Brackets:
        """The brackets with what really rests; without a resting stop the wanted price is kept."""
        stops = tuple(resting)
        prices = [one.price for one in stops if one.price is not None]
        return replace(self, stop=min(prices) if prices else self.stop, resting=stops)


@dataclass(frozen=True, slots=True)
class Booking:
    """One own fill as it entered the book; `closed` when it ended a position."""

    fill: Fill
    order: OwnOrder
    closed: RoundTrip | None


# How a position's end is named by the leg that ended it.
EXIT_REASONS = {
    Leg.STOP: "stop", Leg.TARGET: "target", Leg.EXIT: "signal", Leg.FLATTEN: "flatten", Leg.ENTRY: "entry",
}  # fmt: skip


class Portfolio:
    """Own orders, positions, round trips and marks. No I/O: callers commit what it returns."""

    def __init__(self, pairs: Mapping[str, Pair]) -> None:
        self._pairs = pairs
        self._orders: dict[str, OwnOrder] = {}
        self._book = self.empty_book()
        self._brackets: dict[str, Brackets] = {}
        self._marks: dict[str, Price] = {}
        self._booked: dict[str, Decimal] = {}  # by own order, in base units
        self._late: dict[str, OrderReport] = {}  # of orders that executed more than their fills have shown
        self._ended: set[str] = set()  # own orders that can fill no more
        self._bought: deque[tuple[int, Decimal]] = deque()  # when and for how much, of the latest buys

    def empty_book(self) -> Book:
        """A book by the rules of these markets."""
        return Book(lambda symbol: self._pairs[symbol].lot, self._too_small)

    def _too_small(self, symbol: str, qty: Qty, price: Price) -> bool:
        pair = self._pairs[symbol]
        return pair.too_small(pair.qty(qty), price) is not None

    def is_dust(self, symbol: str) -> bool:
        """Whether what is left of a position is too little for any order: it is no position any more."""
        position = self._book.position(symbol)
        if position is None:
            return False
        return self._too_small(symbol, position.qty, self._marks.get(symbol, position.entry_price))

    def pair(self, symbol: str) -> Pair:
        return self._pairs[symbol]

    def own(self, order: OwnOrder) -> None:
        """Count an order as Zyn's; what is known of it already is kept."""
        self._orders.setdefault(order.txid, order)

    def order(self, txid: str) -> OwnOrder | None:
        return self._orders.get(txid)

    def is_booked(self, fill_id: str) -> bool:
        return fill_id in self._book

    @property
    def executed_orders(self) -> list[OwnOrder]:
        """Own orders with executions in the book."""
        return [self._orders[txid] for txid in self._booked]

    def bought_for(self, symbol: str, cause: str) -> bool:
        """Whether an order of this cause bought something."""
        bought = (order for order in self.executed_orders if order.side is Side.BUY)
        return any((order.symbol, order.cause) == (symbol, cause) for order in bought)

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
            self._note_booked(fill)
            bookings.append(Booking(fill, order, closed))
            if closed is not None:
                self._end_brackets(fill.symbol)
                self._marks.pop(fill.symbol, None)
        return bookings

    def _end_brackets(self, symbol: str) -> None:
        """Forget what guarded a position that ended, but not what already guards the next one."""
        brackets = self.brackets(symbol)
        unfired = (
            one for one in brackets.resting if one.txid not in self._booked and one.txid not in self._ended
        )
        next_one = brackets if self.coming(symbol, Side.BUY) else Brackets()
        self._brackets[symbol] = next_one.with_stops(unfired)
        if self._brackets[symbol] == Brackets():
            del self._brackets[symbol]

    def bought_since(self, since_ms: int) -> Money:
        """What own buys cost since then, without fees."""
        return Money(sum((cost for at, cost in self._bought if at >= since_ms), ZERO))

    def _note_booked(self, fill: Fill) -> None:
        if fill.side is Side.BUY:
            self._bought.append((fill.time_ms, fill.cost))
            while self._bought[0][0] < fill.time_ms - _DAY_MS:
                self._bought.popleft()
        booked = self._booked.get(fill.order_txid, ZERO) + fill.qty
        self._booked[fill.order_txid] = booked
        late = self._late.get(fill.order_txid)
        if late is not None and late.filled <= booked:
            del self._late[fill.order_txid]

    def booked(self, txid: str) -> Qty:
        """How much of an order its fills in the book make."""
        return Qty(self._booked.get(txid, ZERO))

    def report(self, report: OrderReport) -> None:
        """Remember how far an own order is by its report: its fills may be shown later than that."""
        if report.txid not in self._orders:
            return
        late = self._late.get(report.txid)
        if report.filled > max(self._booked.get(report.txid, ZERO), late.filled if late else ZERO):
            self._late[report.txid] = report
        if report.status.final:
            self._ended.add(report.txid)

    @property
    def awaits_fills(self) -> bool:
        """Whether an own order executed more than its fills have shown."""
        return bool(self._late)

    @property
    def awaits_since_ms(self) -> int | None:
        """When the oldest order opened of which a fill is awaited; its fills cannot be older."""
        return min((one.opened_ms for one in self._late.values()), default=None)

    def coming(self, symbol: str, side: Side) -> Qty:
        """What own orders of a pair executed and no fill has shown yet."""
        late = (
            report.filled - self._booked.get(txid, ZERO)
            for txid, report in self._late.items()
            if self._orders[txid].symbol == symbol and self._orders[txid].side is side
        )
        return Qty(sum(late, ZERO))

    def on_hand(self, symbol: str) -> Qty:
        """What of a position is surely still there to be sold or guarded."""
        position = self._book.position(symbol)
        held = position.qty if position else ZERO
        return Qty(max(ZERO, held - self.coming(symbol, Side.SELL)) if self._late else held)

    def _own_fill(self, fill: Fill, order: OwnOrder) -> OwnFill:
        reason = EXIT_REASONS[order.leg]
        if order.leg is Leg.EXIT and order.origin is not Origin.AUTOPILOT:
            reason = "owner" if order.origin is Origin.CHAT else "manual"
        return OwnFill(fill, order.origin, order.cause, order.rule, reason)

    @property
    def own_fills(self) -> list[OwnFill]:
        """Every own execution in the book."""
        return self._book.fills

    @property
    def taken_by_hand(self) -> list[OwnFill]:
        """What the owner's own sales took of positions."""
        return [one for one in self._book.fills if one.origin is Origin.MANUAL]

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

    def invested(self, symbol: str) -> bool:
        """Whether a position is held that is more than dust."""
        return self._book.holds(symbol) and not self.is_dust(symbol)

    @property
    def worth_selling(self) -> list[Position]:
        """Positions that are more than dust, which stands among the balances alone."""
        return [one for one in self.positions.values() if not self.is_dust(one.symbol)]

    @property
    def open_count(self) -> int:
        """Positions that are more than dust."""
        return sum(1 for symbol in self._book.positions if not self.is_dust(symbol))

    def _guarded(self, position: Position) -> Position:
        bracket = self._brackets.get(position.symbol, Brackets())
        return replace(
            position, stop=bracket.stop, stop_txids=bracket.stop_txids,
            stopped_qty=bracket.stopped_qty, target=bracket.target,
        )  # fmt: skip

    def own_stops(self, open_orders: Iterable[OrderReport]) -> dict[str, list[OrderReport]]:
        """Resting own stops by symbol; conditional closes of own orders become own stops here.

        What a list tells of executions counts at once: a stop that sold is still listed for a moment.
        """
        resting: dict[str, list[OrderReport]] = {}
        for report in open_orders:
            parent = self._orders.get(report.parent_txid or "")
            if parent is not None and report.txid not in self._orders:
                self.own(replace(parent, txid=report.txid, side=report.side, leg=Leg.STOP, intent_id=""))
            self.report(report)
            own = self._orders.get(report.txid)
            if own is not None and own.leg is Leg.STOP and report.txid not in self._ended:
                resting.setdefault(report.symbol, []).append(report)
        return resting

    def adopt_stops(self, symbol: str, resting: Iterable[OrderReport]) -> None:
        """Note what really guards a symbol; a bracket that guards nothing any more is forgotten."""
        stops = [RestingStop.of(one) for one in resting if one.txid not in self._ended]
        if stops or self.holds(symbol) or self.coming(symbol, Side.BUY):
            self._brackets[symbol] = self.brackets(symbol).with_stops(stops)
        else:
            self._brackets.pop(symbol, None)

    def add_stop(self, symbol: str, stop: RestingStop) -> None:
        """A stop was placed and rests, whether the exchange lists it already or not."""
        if stop.txid not in self._ended:
            brackets = self.brackets(symbol)
            others = (one for one in brackets.resting if one.txid != stop.txid)
            self._brackets[symbol] = brackets.with_stops((*others, stop))

    @property
    def triggers(self) -> dict[str, Price]:
        """Where every own stop that rests is triggered, by order."""
        stops = (one for brackets in self._brackets.values() for one in brackets.resting)
        return {one.txid: one.price for one in stops if one.price is not None}

    def has_ended(self, txid: str) -> bool:
        """Whether an own order is known to fill no more."""
        return txid in self._ended

    @property
    def bracketed(self) -> list[str]:
        """Symbols with a position or with resting stops."""
        resting = {symbol for symbol, one in self._brackets.items() if one.resting}
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
    def unmarked(self) -> bool:
        """Whether a position has no price to be worth yet."""
        return any(symbol not in self._marks for symbol in self._book.positions)

    @property
    def exposed(self) -> tuple[Exposed, ...]:
        """Positions as the caps count them: at their marks (their entry price while there is none)."""
        return exposed_by(self.positions.values(), self._marks)

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
    def flow(self) -> Money:
        """Quote money that all trades together brought, fees off; below 0 while more is spent than earned."""
        return Money(self.realised - self.open_cost - self.open_fees)

    @property
    def unrealised(self) -> Money:
        """Open positions at their marks against their cost, entry fees off, exit fees not yet."""
        return Money(self.exposure - self.open_cost - self._book.open_fees)

    def open_result(self, symbol: str | None = None) -> Money:
        """Result of the open positions, or of one: parts sold included, exit fees of the rest not yet."""
        open_ones = [one for one in self._book.positions.values() if symbol in (None, one.symbol)]
        marks = [(one, self._marks.get(one.symbol, one.entry_price)) for one in open_ones]
        return Money(sum((self._book.open_result(one.symbol, mark) for one, mark in marks), ZERO))

    @property
    def pnl(self) -> Money:
        """All-time result, open positions at their marks."""
        return Money(self.realised + self.unrealised)

    def last_exit(self, symbol: str) -> RoundTrip | None:
        """The latest round trip of a symbol."""
        return self._book.last_exit(symbol)
