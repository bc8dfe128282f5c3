"""Positions and round trips as the fold of Zyn's own fills.

A position is the fills of its own entry and exit orders, one a symbol at a time. Average cost inside a
position; realised = proceeds - average cost pro rata - fees as booked. Nothing is rounded here.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from core.model.account import Position, RoundTrip
from core.model.money import ZERO, Money, Price, Qty
from core.model.orders import Fill, Origin, Side


@dataclass(frozen=True, slots=True)
class OwnFill:
    """A fill with what Zyn knows of its order. `reason` names the position's end if this fill ends it."""

    fill: Fill
    origin: Origin
    cause: str
    rule: str
    reason: str

    @property
    def key(self) -> tuple[int, bool, str]:
        return in_order(self.fill)


def in_order(fill: Fill) -> tuple[int, bool, str]:
    """Sort key of fills: at one moment buys come first, for nothing is sold before it is bought."""
    return fill.time_ms, fill.side is Side.SELL, fill.id


LotOf = Callable[[str], Decimal]
IsDust = Callable[[str, Qty, Price], bool]


def _nothing(symbol: str, qty: Qty, price: Price) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Rules:
    """What a market says of quantities."""

    lot_of: LotOf
    is_dust: IsDust


@dataclass(slots=True)
class _Open:
    """A position while it is open; every amount in quote units."""

    first: OwnFill
    latest: OwnFill  # that bought
    held: Decimal = ZERO
    cost: Decimal = ZERO  # of what is held, as booked
    worth: Decimal = ZERO  # of what is held, at the prices it was bought at: costs are booked rounded
    entry_fees: Decimal = ZERO  # of what is held
    bought: Decimal = ZERO
    bought_at: Decimal = ZERO  # price x quantity of all buys
    sold: Decimal = ZERO
    sold_at: Decimal = ZERO  # price x quantity of all sales
    fees: Decimal = ZERO
    realised: Decimal = ZERO
    last: OwnFill | None = None  # the latest sale of a part

    def buy(self, one: OwnFill) -> None:
        fill, self.latest = one.fill, one
        self.held += fill.qty
        self.cost += fill.cost
        self.worth += fill.price * fill.qty
        self.entry_fees += fill.fee
        self.bought += fill.qty
        self.bought_at += fill.price * fill.qty
        self.fees += fill.fee

    def sell(self, fill: Fill) -> Decimal:
        """Take out the average cost of what was sold; the result it realised.

        A sale of more than is held counts for what is held: the rest was never ours.
        """
        ours = min(self.held / fill.qty, Decimal(1))
        share = min(fill.qty / self.held, Decimal(1))
        cost, entry_fees = self.cost * share, self.entry_fees * share
        proceeds, fee = fill.cost * ours, fill.fee * ours
        gain = proceeds - cost - entry_fees - fee
        sold = min(fill.qty, self.held)
        self.held -= sold
        self.cost -= cost
        self.worth -= self.worth * share
        self.entry_fees -= entry_fees
        self.sold += sold
        self.sold_at += fill.price * sold
        self.fees += fee
        self.realised += gain
        return gain

    def position(self) -> Position:
        first = self.first
        return Position(
            first.fill.symbol, Qty(self.held), Price(self.worth / self.held), Money(self.cost),
            Money(self.fees), first.fill.time_ms, first.origin, first.cause, first.rule,
            realised=Money(self.realised),
        )  # fmt: skip

    def round_trip(self, last: OwnFill) -> RoundTrip:
        first = self.first
        return RoundTrip(
            first.fill.symbol, Qty(self.bought), Price(self.bought_at / self.bought),
            Price(self.sold_at / self.sold), first.fill.time_ms, last.fill.time_ms, Money(self.fees),
            Money(self.realised), first.origin, last.reason, first.cause, first.rule,
        )  # fmt: skip


@dataclass(slots=True)
class _Shelf:
    """One symbol's history and what it adds up to."""

    history: list[OwnFill] = field(default_factory=list)
    open: _Open | None = None
    closed: list[RoundTrip] = field(default_factory=list)
    realised: Decimal = ZERO
    unmatched: list[Fill] = field(default_factory=list)  # sells with nothing of ours to sell

    def fold(self, one: OwnFill, rules: Rules) -> RoundTrip | None:
        if one.fill.side is Side.BUY:
            return self._buy(one, rules)
        if self.open is None:
            self.unmatched.append(one.fill)
            return None
        self.realised += self.open.sell(one.fill)
        self.open.last = one
        if self.open.held >= rules.lot_of(one.fill.symbol):
            return None
        return self._close(one)

    def _buy(self, one: OwnFill, rules: Rules) -> RoundTrip | None:
        """A buy adds to what is held, unless only dust of an earlier position is left: then that one ends.

        What the same entry buys on after a part was sold belongs to its position, however small the rest is.
        """
        ended, left = None, self.open
        if (
            left
            and left.last
            and left.latest.cause != one.cause
            and rules.is_dust(one.fill.symbol, Qty(left.held), one.fill.price)
        ):
            ended = self._close(left.last)
        self.open = self.open or _Open(one, one)
        self.open.buy(one)
        return ended

    def _close(self, last: OwnFill) -> RoundTrip:
        assert self.open is not None
        # What is left can never be sold by itself: it leaves the book at its cost.
        self.realised -= self.open.cost + self.open.entry_fees
        self.open.realised -= self.open.cost + self.open.entry_fees
        trip = self.open.round_trip(last)
        self.closed.append(trip)
        self.open = None
        return trip

    def refold(self, rules: Rules) -> RoundTrip | None:
        """Fold the whole history again after a fill arrived out of its order."""
        self.open, self.realised = None, ZERO
        self.closed.clear()
        self.unmatched.clear()
        last = None
        for one in self.history:
            last = self.fold(one, rules)
        return last


class Book:
    """All own fills, each once, and the positions and round trips they make."""

    def __init__(self, lot_of: LotOf, is_dust: IsDust = _nothing) -> None:
        """`lot_of` gives a symbol's smallest quantity step, in base units.

        `is_dust(symbol, qty, price)` says whether the exchange would not take an order that small.
        """
        self._rules = Rules(lot_of, is_dust)
        self._shelves: dict[str, _Shelf] = {}
        self._ids: set[str] = set()

    def __contains__(self, fill_id: str) -> bool:
        return fill_id in self._ids

    def add(self, one: OwnFill) -> RoundTrip | None:
        """Fold in one fill; the round trip it completed, if any. A fill that is known changes nothing."""
        if one.fill.id in self._ids:
            return None
        self._ids.add(one.fill.id)
        shelf = self._shelves.setdefault(one.fill.symbol, _Shelf())
        late = bool(shelf.history) and one.key < shelf.history[-1].key
        insort(shelf.history, one, key=lambda each: each.key)
        return shelf.refold(self._rules) if late else shelf.fold(one, self._rules)

    @property
    def fills(self) -> list[OwnFill]:
        """Everything that was folded in, by symbol and in order."""
        return [one for shelf in self._shelves.values() for one in shelf.history]

    @property
    def positions(self) -> dict[str, Position]:
        """Open positions by symbol."""
        return {name: shelf.open.position() for name, shelf in self._shelves.items() if shelf.open}

    def position(self, symbol: str) -> Position | None:
        shelf = self._shelves.get(symbol)
        return shelf.open.position() if shelf and shelf.open else None

    def holds(self, symbol: str) -> bool:
        shelf = self._shelves.get(symbol)
        return shelf is not None and shelf.open is not None

    def open_result(self, symbol: str, mark: Decimal) -> Decimal:
        """What an open position has made at a price: parts sold and parts held, fees paid so far off."""
        shelf = self._shelves.get(symbol)
        if shelf is None or shelf.open is None:
            return ZERO
        held = shelf.open
        return held.realised + held.held * mark - held.cost - held.entry_fees

    @property
    def round_trips(self) -> list[RoundTrip]:
        """Closed positions of all symbols, oldest first."""
        trips = [trip for shelf in self._shelves.values() for trip in shelf.closed]
        return sorted(trips, key=lambda trip: (trip.closed_ms, trip.symbol))

    def last_exit(self, symbol: str) -> RoundTrip | None:
        shelf = self._shelves.get(symbol)
        return shelf.closed[-1] if shelf and shelf.closed else None

    @property
    def realised(self) -> Money:
        """Result of everything sold so far, fees off."""
        return Money(sum((shelf.realised for shelf in self._shelves.values()), ZERO))

    @property
    def open_fees(self) -> Money:
        """Entry fees of what is still held."""
        return Money(sum((s.open.entry_fees for s in self._shelves.values() if s.open), ZERO))

    @property
    def unmatched(self) -> list[Fill]:
        """Sells by own orders that found nothing of ours to sell."""
        return [fill for shelf in self._shelves.values() for fill in shelf.unmatched]
