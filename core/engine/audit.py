"""Re-derives every stored result from the exchange's executions and names what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from core.engine.portfolio import Portfolio
from core.engine.ports import Account
from core.ledger.book import OwnFill, in_order
from core.model.account import RoundTrip

_EVERYTHING = 10**9


class StoredTrips(Protocol):
    async def round_trips(self, limit: int = 50) -> list[RoundTrip]: ...


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many results were compared, and one line for each that differs."""

    checked: int
    differences: tuple[str, ...]


class Audit:
    """Asks the exchange for every execution anew; nothing that Zyn keeps in memory is believed."""

    def __init__(self, account: Account, portfolio: Portfolio, stored: StoredTrips) -> None:
        self._account = account
        self._portfolio = portfolio
        self._stored = stored

    async def run(self) -> AuditReport:
        """Compare the stored round trips with those that the exchange's executions make."""
        derived = await self._derived()
        stored = await self._stored.round_trips(_EVERYTHING)
        return AuditReport(len(stored), tuple(differences(stored, derived)))

    async def _derived(self) -> list[RoundTrip]:
        book = self._portfolio.empty_book()
        for fill in sorted(await self._account.fills(0), key=in_order):
            order = self._portfolio.order(fill.order_txid)
            if order is not None:
                book.add(OwnFill(fill, order.origin, order.cause, order.rule, order.leg.value))
        for taken in self._portfolio.taken_by_hand:
            book.add(taken)
        return book.round_trips


def differences(stored: Sequence[RoundTrip], derived: Sequence[RoundTrip]) -> list[str]:
    """One line for each round trip that is missing, unknown or adds up to another result."""
    known = {_key(trip): trip for trip in derived}
    lines = []
    for trip in stored:
        found = known.pop(_key(trip), None)
        name = f"{trip.symbol} {trip.cause}"
        if found is None:
            lines.append(f"{name}: stored {trip.net_pnl:+f}, the exchange knows no such round trip")
        elif (found.net_pnl, found.fees) != (trip.net_pnl, trip.fees):
            lines.append(f"{name}: stored {trip.net_pnl:+f}, its executions make {found.net_pnl:+f}")
    missing = [f"{t.symbol} {t.cause}: {t.net_pnl:+f} at the exchange, not stored" for t in known.values()]
    return [*lines, *missing]


def _key(trip: RoundTrip) -> tuple[str, int, Decimal]:
    return trip.symbol, trip.closed_ms, trip.qty
