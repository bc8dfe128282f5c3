"""The only hands that touch orders. Write first, then send once, then book what is known.

An intent is committed before anything leaves. An answer is taken as it is; no answer makes the intent
ambiguous, and an ambiguous one is looked for at the exchange, never sent again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core.clock import Clock, WallSeconds
from core.engine.bookkeeper import Bookkeeper
from core.engine.latches import Latches, unknown_order
from core.engine.portfolio import OwnOrder, Portfolio
from core.engine.ports import Account, Herald, Journal, Orders
from core.model.errors import NotSent, Rejected, Transient, UnknownOutcome, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.ids import client_order_id
from core.model.money import ZERO, Price, Qty
from core.model.orders import (
    Fill,
    IntentState,
    Leg,
    OrderIntent,
    OrderReport,
    OrderRequest,
    OrderType,
    Origin,
    Side,
    TimeInForce,
)

_RESENDS = 3  # only after proof that nothing arrived
_PATIENCE = (0.0, 0.05, 0.15, 0.4, 1.0, 2.0)  # wall seconds between looks at an order that should be done
_GRACE_MS = 2_000  # market time past the deadline before an order counts as looked for


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is wanted, before it has an id: one leg of one cause."""

    symbol: str
    side: Side
    qty: Qty
    leg: Leg
    origin: Origin
    cause: str
    type: OrderType = OrderType.MARKET
    price: Price | None = None  # limit, or trigger of a stop
    close_stop: Price | None = None
    stop_distance: Price | None = None
    target_distance: Price | None = None
    expire_ms: int | None = None
    correlation: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Done:
    """How an order ended, or that it rests. `report` is None when it never came to be."""

    intent: OrderIntent
    report: OrderReport | None
    reason: str = ""

    @property
    def filled(self) -> Qty:
        return self.report.filled if self.report else Qty(ZERO)


class Executor:
    """Sends intents and settles them."""

    def __init__(
        self,
        orders: Orders,
        account: Account,
        journal: Journal,
        bookkeeper: Bookkeeper,
        portfolio: Portfolio,
        latches: Latches,
        herald: Herald,
        clock: Clock,
        namespace: uuid.UUID,
        deadline_s: float,
    ) -> None:
        """`namespace` is the account's, of `core.model.ids`; `deadline_s` is in seconds at speed 1."""
        self._orders = orders
        self._account = account
        self._journal = journal
        self._bookkeeper = bookkeeper
        self._portfolio = portfolio
        self._latches = latches
        self._herald = herald
        self._clock = clock
        self._namespace = namespace
        self._deadline_s = deadline_s
        self._attempts: dict[tuple[str, Leg], int] = {}
        self._known: dict[str, OrderIntent] = {}
        self._resting: dict[str, OrderIntent] = {}  # entries that wait at their limit

    def load(self, intents: list[OrderIntent]) -> None:
        """Take over earlier intents: their orders are own, and their attempts are used up."""
        for intent in intents:
            key = intent.cause, intent.leg
            self._known[intent.id] = intent
            self._attempts[key] = max(self._attempts.get(key, 0), intent.attempt + 1)
            if intent.txid:
                self._adopt(intent, intent.txid)

    def recognise(self, report: OrderReport) -> bool:
        """Count an order as own when its intent is known, answered or not; False when it is not."""
        intent = self._known.get(report.cl_ord_id or "")
        if intent is not None:
            self._adopt(intent, report.txid)
        return intent is not None

    def was_tried(self, cause: str, leg: Leg) -> bool:
        """Whether this leg of this cause was ever sent: one entry a symbol and candle."""
        return (cause, leg) in self._attempts

    async def carry_out(self, ticket: Ticket) -> Done:
        """Commit, send once, and follow the order until it is done or rests."""
        intent = await self._send(self._intent(ticket))
        if intent.state is IntentState.AMBIGUOUS:
            intent = await self.resolve(intent)
        if intent.state is not IntentState.PLACED:
            return Done(intent, None, intent.note)
        return await self.settle(intent)

    def _intent(self, ticket: Ticket) -> OrderIntent:
        key = ticket.cause, ticket.leg
        attempt = self._attempts.get(key, 0)
        self._attempts[key] = attempt + 1
        now = self._clock.market_ms()
        cl_ord_id = client_order_id(self._namespace, ticket.cause, ticket.leg, attempt)
        request = OrderRequest(
            cl_ord_id, ticket.symbol, ticket.side, ticket.type, ticket.qty, ticket.price,
            close_stop=ticket.close_stop, expire_ms=ticket.expire_ms,
            time_in_force=TimeInForce.GTD if ticket.expire_ms else TimeInForce.GTC,
            deadline_ms=now + self._deadline_ms(),
        )  # fmt: skip
        return OrderIntent(
            cl_ord_id, ticket.cause, ticket.leg, attempt, ticket.origin, request, now,
            stop_distance=ticket.stop_distance, target_distance=ticket.target_distance,
            correlation=ticket.correlation or ticket.cause, rule=ticket.rule,
        )  # fmt: skip

    def _deadline_ms(self) -> int:
        return round(min(60.0, self._deadline_s * self._clock.speed) * 1000)

    async def _send(self, intent: OrderIntent) -> OrderIntent:
        self._known[intent.id] = intent
        await self._journal.commit(intent)
        try:
            txid = await self._place(intent.request)
        except Rejected as no:
            return await self._rejected(intent, str(no))
        except VenueError as lost:
            return await self._ambiguous(intent, str(lost))
        return await self._placed(intent, txid)

    async def _place(self, request: OrderRequest) -> str:
        for _ in range(_RESENDS):
            try:
                return await self._orders.place(request)
            except NotSent:
                continue
        return await self._orders.place(request)

    async def _placed(self, intent: OrderIntent, txid: str) -> OrderIntent:
        placed = replace(intent, state=IntentState.PLACED, txid=txid)
        self._adopt(placed, txid)
        await self._journal.commit(placed)
        return placed

    def _adopt(self, intent: OrderIntent, txid: str) -> None:
        request = intent.request
        self._portfolio.own(
            OwnOrder(
                txid,
                request.symbol,
                request.side,
                intent.leg,
                intent.origin,
                intent.cause,
                intent.rule,
                intent.id,
            )
        )

    async def _rejected(self, intent: OrderIntent, reason: str) -> OrderIntent:
        rejected = replace(intent, state=IntentState.REJECTED, note=reason)
        now = self._clock.market_ms()
        event = SafetyEvent("order_rejected", reason, now, intent.correlation, _about(intent))
        await self._journal.commit(rejected, event)
        return rejected

    async def _ambiguous(self, intent: OrderIntent, reason: str) -> OrderIntent:
        unknown = replace(intent, state=IntentState.AMBIGUOUS, note=reason)
        now = self._clock.market_ms()
        what = f"{intent.request.side} {intent.request.qty} {intent.request.symbol}"
        text = (
            f"The exchange did not answer for an order ({what}). I am looking for it and send nothing again."
        )
        news = Announcement(
            f"unknown:{intent.id}", EventKind.ORDER_UNKNOWN, Severity.WARNING, text, now, intent.correlation
        )
        event = SafetyEvent("order_unknown", reason, now, intent.correlation, _about(intent))
        await self._journal.commit(unknown, event, news)
        await self._latches.set(unknown_order(intent.id), "an order's outcome is unknown; looking for it")
        self._herald.announced(news)
        return unknown

    async def resolve(self, intent: OrderIntent) -> OrderIntent:
        """Find out what became of an order without an answer: wait past its deadline, then look twice."""
        deadline = intent.request.deadline_ms or intent.created_ms
        await self._clock.sleep_until_market(deadline + _GRACE_MS)
        found = await self._look_twice(intent)
        if found is not None:
            settled = await self._placed(intent, found.txid)
        else:
            settled = replace(intent, state=IntentState.NOT_PLACED, note="proven never placed")
            await self._journal.commit(settled)
        await self._latches.lift(unknown_order(intent.id), "reconciling")
        return settled

    async def _look_twice(self, intent: OrderIntent) -> OrderReport | None:
        """Two valid answers at least a second apart must agree that it does not exist."""
        misses, pause = 0, 1.0
        while misses < 2:
            try:
                found = await self._orders.find(intent.id, intent.created_ms - 60_000)
            except Transient:
                pause = min(pause * 2, 30.0)
            else:
                if found is not None:
                    return found
                misses += 1
            if misses < 2:
                await self._clock.sleep(WallSeconds(pause))
        return None

    async def settle(self, intent: OrderIntent) -> Done:
        """Wait until a placed order is done (or plainly rests) and book its fills."""
        assert intent.txid is not None
        report = await self._final_report(intent.txid, intent.request.type)
        if intent.leg is Leg.ENTRY and report.filled:
            await self._bracket(intent, report)
        await self.book_order(report, intent)
        if intent.leg is Leg.ENTRY:
            self._remember_resting(intent, report)
        return Done(intent, report, report.reason)

    def _remember_resting(self, intent: OrderIntent, report: OrderReport) -> None:
        if report.status.final:
            self._resting.pop(report.txid, None)
        else:
            self._resting[report.txid] = intent

    async def follow_up(self, txids: Iterable[str]) -> None:
        """Resting entries that just filled get their bracket."""
        for txid in set(txids) & self._resting.keys():
            await self.settle(self._resting[txid])

    async def _bracket(self, intent: OrderIntent, report: OrderReport) -> None:
        """Raise the stops that came with the fills to fill - distance, and note stop and target."""
        pair, average = (
            self._portfolio.pair(report.symbol),
            report.average or Price(report.cost / report.filled),
        )
        wanted = pair.price(average - intent.stop_distance) if intent.stop_distance else None
        resting = await self._account.open_orders()
        for stop in resting:
            if stop.parent_txid == report.txid and wanted and stop.price and stop.price < wanted:
                await self.raise_stop(stop.txid, wanted)
        brackets = self._portfolio.brackets(report.symbol)
        target = pair.price(average + intent.target_distance) if intent.target_distance else brackets.target
        self._portfolio.set_brackets(
            report.symbol, replace(brackets, stop=brackets.stop or wanted, target=target)
        )
        self._portfolio.adopt_stops(await self._account.open_orders())

    async def _final_report(self, txid: str, kind: OrderType) -> OrderReport:
        for pause in _PATIENCE:
            if pause:
                await self._clock.sleep(WallSeconds(pause))
            report = await self._orders.order(txid)
            if report.status.final or kind is not OrderType.MARKET:
                return report
        return report

    async def book_order(self, report: OrderReport, intent: OrderIntent | None = None) -> None:
        """Bring every fill of this order into the book, and close its intent when it is final."""
        fills = await self._fills_of(report)
        facts = [replace(intent, state=IntentState.DONE)] if intent and report.status.final else []
        await self._bookkeeper.book(fills, *facts)

    async def _fills_of(self, report: OrderReport) -> list[Fill]:
        if not report.filled:
            return []
        fills: list[Fill] = []
        for pause in _PATIENCE:
            if pause:
                await self._clock.sleep(WallSeconds(pause))
            everything = await self._account.fills(report.opened_ms - 1_000)
            fills = [fill for fill in everything if fill.order_txid == report.txid]
            if sum((fill.qty for fill in fills), ZERO) >= report.filled:
                break
        return fills  # whatever is not visible yet is booked by the next sync

    async def cancel(self, txid: str) -> OrderReport:
        """Cancel and wait for the truth: the order's final report, whose fills are booked."""
        try:
            await self._orders.cancel(txid)
        except Rejected:
            pass  # not open any more: its report says why
        except UnknownOutcome:
            pass  # cancelling twice is harmless: its report says whether it worked
        report = await self._orders.order(txid)
        for pause in _PATIENCE[1:]:
            if report.status.final:
                break
            await self._clock.sleep(WallSeconds(pause))
            report = await self._orders.order(txid)
        await self.book_order(report)
        return report

    async def raise_stop(self, txid: str, price: Price) -> bool:
        """Move a resting stop up; False when the exchange refused or did not answer (the old one rests)."""
        try:
            await self._orders.raise_stop(txid, price)
        except (Rejected, UnknownOutcome, Transient) as error:
            now = self._clock.market_ms()
            await self._journal.commit(SafetyEvent("stop_not_raised", str(error), now, data={"txid": txid}))
            return False
        return True


def _about(intent: OrderIntent) -> dict[str, str]:
    request = intent.request
    return {
        "intent": intent.id, "symbol": request.symbol, "side": request.side.value,
        "qty": str(request.qty), "leg": intent.leg.value, "txid": intent.txid or "",
    }  # fmt: skip
