"""What earlier runs knew of the account for certain, so that a start need not read it from its beginning.

Everything that executed up to the mark is on disk, with the order that it came of. The mark is a moment of
the exchange's own clock, that of its newest execution in a reading that lacked nothing, so no clock of ours
can put it too late; it is committed after what it covers. It says what must be read before anything is
traded, never what is read at all: the rest follows while Zyn trades already.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.clock import Clock
from core.engine.bookkeeper import Bookkeeper
from core.engine.portfolio import Portfolio
from core.engine.ports import Journal
from core.model.errors import StoreError
from core.model.facts import Mark
from core.model.orders import Fill, Leg, OrderIntent, Origin, OwnOrder, Side

OVERLAP_MS = 600_000  # what was read is read again this far back: executions may be late to appear
BY_HAND = "hand:"  # begins the ids of what the owner's own sales took of a position


class KnownPast:
    """What the disk knows of the account, and how far that may be believed."""

    def __init__(
        self, journal: Journal, portfolio: Portfolio, bookkeeper: Bookkeeper, clock: Clock, name: str
    ) -> None:
        """`name` is the account's: a mark of another one is not seen."""
        self._journal = journal
        self._portfolio = portfolio
        self._bookkeeper = bookkeeper
        self._clock = clock
        self._name = name
        self._mark_ms = 0
        self._kept: set[str] = set()  # own orders that are on disk
        self._remembered: list[Fill] = []  # what an earlier run booked, until it is in the book

    async def load(self, intents: Iterable[OrderIntent]) -> int:
        """From when the account must be read before it is known, ms of the exchange; 0: from its beginning.

        Never later than the oldest entry of an open position, nor than an intention without an end. From the
        beginning when nothing is marked for this account, when the mark lies ahead of now (an exchange that
        began anew, or a clock that was set back), and when an older execution on disk has no order to explain
        it.
        """
        self._remembered = await self._journal.fills()
        self._mark_ms = await self._journal.mark(self._name)
        if not 0 < self._mark_ms <= self._clock.market_ms():
            return 0
        for order in await self._journal.own_orders():
            self._portfolio.own(order)
            self._kept.add(order.txid)
        self._fold()
        moments = [self._mark_ms, *(one.opened_ms for one in self._portfolio.positions.values())]
        moments += [one.created_ms for one in intents if not one.state.settled]
        since, names = min(moments) - OVERLAP_MS, self._portfolio.own_txids
        unexplained = (one for one in self._remembered if one.order_txid not in names)
        return 0 if any(one.time_ms < since for one in unexplained) else max(0, since)

    def recall(self) -> list[Fill]:
        """Fold in what was booked and told before, once its orders are known; Zyn's own executions in it."""
        self._fold()
        own = [fill for fill in self._remembered if not _is_by_hand(fill)]
        self._remembered = []
        return own

    def _fold(self) -> None:
        for fill in self._remembered:
            if _is_by_hand(fill):
                self._portfolio.own(by_hand(fill.order_txid, fill.symbol, ""))
        self._bookkeeper.restore(self._remembered)

    async def reached(self, newest_ms: int) -> None:
        """A reading lacked nothing, and all of it is booked: `newest_ms` is when its last execution was.

        What the disk does not take is no loss: more is read at the next start.
        """
        fresh = [one for one in self._portfolio.executed_orders if one.txid not in self._kept]
        if newest_ms <= self._mark_ms and not fresh:
            return
        try:
            await self._journal.commit(*fresh, Mark(self._name, newest_ms))
        except StoreError:
            return
        self._mark_ms = max(self._mark_ms, newest_ms)
        self._kept.update(one.txid for one in fresh)


def _is_by_hand(fill: Fill) -> bool:
    return fill.order_txid.startswith(BY_HAND)


def by_hand(txid: str, symbol: str, cause: str) -> OwnOrder:
    """What the owner's own sale took of a position, as an order that ended it."""
    return OwnOrder(txid, symbol, Side.SELL, Leg.EXIT, Origin.MANUAL, cause)
