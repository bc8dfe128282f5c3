"""An entry's fills get their stop and target, once the exchange shows the stops that came with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from core.clock import Clock, WallSeconds
from core.engine.intents import Intents
from core.engine.portfolio import Portfolio, RestingStop
from core.engine.ports import Account, Journal, Orders
from core.model.errors import Rejected, VenueError
from core.model.facts import SafetyEvent
from core.model.money import ZERO, Price
from core.model.orders import OrderIntent, OrderReport

_LOOKS = (0.0, 0.05, 0.15, 0.4, 1.0, 2.0)  # wall seconds between looks for stops that must be there
_GIVEN_UP_S = 12.0  # wall seconds after which stops that nobody sees are taken as missing
_UNCLEAR_S = 60.0  # wall seconds after a move without an answer: its deadline, then a look at where it rests


class Bracketing:
    """Knows how much of each entry has its bracket."""

    def __init__(
        self,
        orders: Orders,
        account: Account,
        portfolio: Portfolio,
        journal: Journal,
        clock: Clock,
        intents: Intents,
    ) -> None:
        self._orders = orders
        self._account = account
        self._portfolio = portfolio
        self._journal = journal
        self._clock = clock
        self._intents = intents
        self._done: dict[str, Decimal] = {}  # base units, by txid
        self._waiting: dict[str, float] = {}  # since when stops are not shown, by txid
        self._unclear: dict[str, float] = {}  # when a stop was moved last without an answer, by txid

    def lacks(self, intent: OrderIntent) -> bool:
        """Whether fills of this entry are in the book whose stops were not seen yet."""
        return self._portfolio.booked(intent.txid or "") > self._done.get(intent.txid or "", ZERO)

    def wants(self, report: OrderReport) -> bool:
        """Whether an entry did something since its last bracket."""
        return report.filled > self._done.get(report.txid, ZERO)

    async def attach(self, intent: OrderIntent, report: OrderReport) -> bool:
        """Note stop and target, and raise the stops that came with the fills to fill - distance.

        False while not all of those stops are shown: then look again before anything else is placed.
        """
        symbol, pair = report.symbol, self._portfolio.pair(report.symbol)
        average = report.average or Price(report.cost / report.filled)
        wanted = pair.price(average - intent.stop_distance) if intent.stop_distance else None
        brackets = self._portfolio.brackets(symbol)
        target = pair.price(average + intent.target_distance) if intent.target_distance else brackets.target
        self._portfolio.set_brackets(symbol, replace(brackets, stop=brackets.stop or wanted, target=target))
        stops = await self._stops_of(intent, report)
        resting = [one for one in stops if not one.status.final]
        for stop in resting:  # each guards already, before the first of them is raised
            self._portfolio.add_stop(symbol, RestingStop.of(stop))
        for stop in resting:
            await self._lift(symbol, RestingStop.of(stop), wanted)
        if _qty(stops) < report.filled and self._still_waits(intent, report.txid):
            return False
        self._waiting.pop(report.txid, None)
        self._done[report.txid] = report.filled
        return True

    def _still_waits(self, intent: OrderIntent, txid: str) -> bool:
        if intent.request.close_stop is None:
            return False
        now = self._clock.monotonic()
        return now - self._waiting.setdefault(txid, now) < _GIVEN_UP_S

    async def _stops_of(self, intent: OrderIntent, report: OrderReport) -> list[OrderReport]:
        """The stops that came with an entry, those that fired already among them."""
        shown: dict[str, OrderReport] = {}
        for pause in _LOOKS:
            if pause:
                await self._clock.sleep(WallSeconds(pause))
            listed = await self._account.open_orders()
            if _qty(one for one in listed if one.parent_txid == report.txid) < report.filled:
                listed += await self._account.closed_orders(report.opened_ms - 1_000)
            shown = {one.txid: one for one in listed if one.parent_txid == report.txid}
            if intent.request.close_stop is None or _qty(shown.values()) >= report.filled:
                break
        self._portfolio.own_stops(shown.values())
        for one in shown.values():
            self._portfolio.report(one)
        return list(shown.values())

    async def raise_to(self, symbol: str, price: Price, correlation: str) -> bool:
        """Move every resting stop of a pair up to a price; False when one stayed where it was."""
        before = self._portfolio.brackets(symbol)
        text = f"{symbol}: the owner moves the stop from {before.stop} to {price}"
        await self._journal.commit(SafetyEvent("stop_moved", text, self._clock.market_ms(), correlation))
        lifted = [await self._lift(symbol, stop, price) for stop in before.resting]
        return bool(lifted) and all(lifted)

    async def _lift(self, symbol: str, stop: RestingStop, wanted: Price | None) -> bool:
        """Move a stop up to a price; one that is high enough stays. False when it could not be moved."""
        if wanted is None or stop.price is None or stop.price >= wanted:
            return True
        if self._clock.monotonic() - self._unclear.get(stop.txid, -_UNCLEAR_S) < _UNCLEAR_S:
            return False  # it may rest higher by now, and a stop never goes down
        if not await self._raise(stop.txid, wanted):
            return False
        self._portfolio.add_stop(symbol, replace(stop, price=wanted))
        return True

    async def _raise(self, txid: str, price: Price) -> bool:
        """Move a resting stop up; False when the exchange refused or did not answer (the old one rests)."""
        try:
            await self._orders.raise_stop(txid, price, self._intents.deadline_ms())
        except VenueError as error:
            if not isinstance(error, Rejected):
                self._unclear[txid] = self._clock.monotonic()
            now = self._clock.market_ms()
            await self._journal.commit(SafetyEvent("stop_not_raised", str(error), now, data={"txid": txid}))
            return False
        return True


def _qty(orders: Iterable[OrderReport]) -> Decimal:
    return sum((one.qty for one in orders), ZERO)
