"""One place where fills enter the book: fold, commit together with what jimmy must learn, then tell."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from itertools import groupby

from core.clock import Clock
from core.engine import words
from core.engine.parity import Parity
from core.engine.portfolio import Booking, Portfolio
from core.engine.ports import Herald, Journal
from core.model.account import RoundTrip
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Fact
from core.model.money import ZERO
from core.model.orders import Fill, Leg, Side

_HOW = {
    "stop": "The stop did its work", "target": "Target reached", "signal": "The signal turned",
    "flatten": "Flattened", "owner": "Sold as you asked", "manual": "Sold by hand on the exchange",
}  # fmt: skip
_LATELY = 200


class Bookkeeper:
    """Books own fills exactly once, whoever brings them."""

    def __init__(
        self,
        portfolio: Portfolio,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        on_change: Callable[[], None],
        parity: Parity | None = None,
    ) -> None:
        """`on_change` is called after every booking; it mirrors the state. `parity` keeps paper twins."""
        self._portfolio = portfolio
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._on_change = on_change
        self._parity = parity
        self._lock = asyncio.Lock()
        self._owed: list[Fact] = []
        self.lately: deque[Fill] = deque(maxlen=_LATELY)  # booked, and perhaps in no look at the account yet

    async def book(self, fills: Iterable[Fill], *facts: Fact) -> list[Booking]:
        """Fold in new own fills; `facts` are committed in the same transaction even when there are none.

        What a failing disk does not take is owed: the next booking writes it, so that nothing stays untold.
        """
        async with self._lock:
            triggers = self._portfolio.triggers if self._parity else {}
            bookings = self._portfolio.book(fills)
            self.lately.extend(one.fill for one in bookings)
            news = [self._news(list(group)) for _, group in groupby(bookings, lambda one: one.order.txid)]
            trips = [one.closed for one in bookings if one.closed is not None]
            twins = self._parity.twins(bookings, triggers) if self._parity else []
            self._owed += [*facts, *(one.fill for one in bookings), *trips, *twins, *news]
            if self._owed:
                await self._journal.commit(*self._owed)
                news = [one for one in self._owed if isinstance(one, Announcement)]
                self._owed = []
        if bookings:
            self._on_change()
        self._tell(news)
        return bookings

    def changed(self) -> None:
        """Mirror the state: something changed that no fill brought."""
        self._on_change()

    def owe(self, *facts: Fact) -> None:
        """Facts that a failing disk did not take: written with the next booking."""
        self._owed += facts

    def restore(self, fills: Iterable[Fill]) -> None:
        """Fold in fills that were told before: nothing is written or announced."""
        self._portfolio.book(fills)

    def _tell(self, news: list[Announcement]) -> None:
        for one in news:
            self._herald.announced(one)
        if news:
            for topic in ("trades", "positions", "status"):
                self._herald.changed(topic)

    def _news(self, bookings: list[Booking]) -> Announcement:
        """One announcement for what one order just did."""
        first, last = bookings[0], bookings[-1]
        closed = next((one.closed for one in bookings if one.closed), None)
        text = _closed_text(bookings, closed) if closed else self._fill_text(bookings)
        kind = EventKind.POSITION_CLOSED if closed else EventKind.FILL
        data = {
            "symbol": first.fill.symbol, "side": first.fill.side.value, "leg": first.order.leg.value,
            "order_id": first.order.txid, "origin": first.order.origin.value,
            "trades": [one.fill.id for one in bookings],
        }  # fmt: skip
        key = f"fill:{last.fill.id}"
        return Announcement(key, kind, Severity.TRADE, text, last.fill.time_ms, first.order.cause, data)

    def _fill_text(self, bookings: list[Booking]) -> str:
        order, text = bookings[0].order, _deal(bookings)
        bracket = self._portfolio.brackets(order.symbol)
        if order.leg is Leg.ENTRY and bracket.stop:
            target = f", target {words.price(bracket.target)}" if bracket.target else ""
            text += f" Stop {words.price(bracket.stop)} rests on the exchange{target}."
        return text


def _deal(bookings: list[Booking]) -> str:
    first = bookings[0].fill
    qty = sum((one.fill.qty for one in bookings), ZERO)
    cost = sum((one.fill.cost for one in bookings), ZERO)
    fee = sum((one.fill.fee for one in bookings), ZERO)
    coin, _, currency = first.symbol.partition("/")
    verb = "Bought" if first.side is Side.BUY else "Sold"
    at = words.price(cost / qty)
    return f"{verb} {words.qty(qty)} {coin} at {at} ({words.money(cost, currency)}, fee {fee:,.2f})."


def _closed_text(bookings: list[Booking], trip: RoundTrip) -> str:
    currency = trip.symbol.partition("/")[2]
    how = _HOW.get(trip.reason, "Closed")
    result = words.signed(trip.net_pnl, currency)
    return f"{_deal(bookings)} {how}: {result} after {trip.fees:,.2f} in fees."
