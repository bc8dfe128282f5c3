"""The only hands that touch orders. Write first, then send once, then book what is known.

An intent is committed before anything leaves. An answer is taken as it is; no answer makes the intent
ambiguous, and an ambiguous one is looked for at the exchange, never sent again. What is interrupted, by an
error or a restart, stays open and is brought to its end by the next look at the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from core.clock import Clock, WallSeconds
from core.engine.bookkeeper import Bookkeeper
from core.engine.bracketing import Bracketing
from core.engine.intents import Intents, Ticket
from core.engine.latches import Latches, unknown_order
from core.engine.portfolio import Portfolio, RestingStop
from core.engine.ports import Account, Herald, Journal, Orders
from core.engine.unknowns import Unknowns, about
from core.model.errors import (
    NONCE_RESENDS,
    NonceRefused,
    Rejected,
    StoreError,
    Transient,
    UnknownOutcome,
    VenueError,
)
from core.model.facts import SafetyEvent
from core.model.money import ZERO, Price, Qty
from core.model.orders import (
    Fill,
    IntentState,
    Leg,
    OrderIntent,
    OrderReport,
    OrderRequest,
    OwnOrder,
)
from core.risk.limits import entries_within_hour

_PATIENCE = (0.0, 0.05, 0.15, 0.4, 1.0, 2.0)  # wall seconds between looks at an order that should be done
_LONGEST_PAUSE = 5.0  # wall seconds between looks for an order while the exchange does not answer
_FORGOTTEN_MS = 600_000  # market time after which an order that the exchange does not know is given up


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
        intents: Intents,
        sending: Callable[[OrderRequest], None] | None = None,
    ) -> None:
        """`sending` hears of every order in the moment before it leaves."""
        self._sending = sending
        self._orders = orders
        self._account = account
        self._journal = journal
        self._bookkeeper = bookkeeper
        self._portfolio = portfolio
        self._latches = latches
        self._herald = herald
        self._clock = clock
        self._intents = intents
        self._unknowns = Unknowns(orders, account, portfolio, journal, latches, herald, clock, intents)
        self._bracketing = Bracketing(orders, account, portfolio, journal, clock, intents)

    def load(self, intents: list[OrderIntent]) -> None:
        """Take over earlier intents: their orders are own, and their attempts are used up."""
        self._intents.load(intents)
        for intent in intents:
            if intent.txid:
                self._adopt(intent, intent.txid)

    def recognise(self, report: OrderReport) -> bool:
        """Count an order as own when its intent is known, answered or not; False when it is not.

        One that had been given up and came to be after all is taken up again.
        """
        intent = self._intents.get(report.cl_ord_id or "")
        if intent is None:
            return False
        self._adopt(intent, report.txid)
        if intent.state in (IntentState.REJECTED, IntentState.NOT_PLACED):
            self._intents.keep(replace(intent, state=IntentState.PLACED, txid=report.txid))
        return True

    def shown(self, fills: Iterable[Fill]) -> None:
        """Executions of any order that the account showed."""
        self._unknowns.shown(fills)

    def was_tried(self, cause: str, leg: Leg) -> bool:
        """Whether this leg of this cause was ever sent: one entry a symbol and candle."""
        return self._intents.was_tried(cause, leg)

    def entries_within_hour(self) -> int:
        """Entries made in the last hour, whoever asked for them, restarts or not."""
        return entries_within_hour(self._intents.entries_ms, self._clock.market_ms())

    async def carry_out(self, ticket: Ticket) -> Done:
        """Commit, send, and follow the order until it is done or rests.

        Raises VenueError when the exchange stops answering for it: then it is left open and finished later.
        """
        intent = self._intents.make(ticket)
        with self._intents.in_hand(intent):
            intent = await self._send(intent)
            if intent.state is IntentState.AMBIGUOUS:
                intent = await self._resolved_patiently(intent)
            if intent.state is not IntentState.PLACED:
                return Done(intent, None, intent.note)
            return await self._absorb(intent, await self._final_report(intent))

    async def _send(self, intent: OrderIntent) -> OrderIntent:
        await self._commit_first(intent)
        known = self._unknowns.shown_count
        try:
            txid = await self._place(intent)
        except Rejected as no:
            return await self._rejected(intent, str(no))
        except VenueError as lost:
            return await self._unknowns.tell(intent, str(lost), known)
        return await self._placed(intent, txid)

    async def _commit_first(self, intent: OrderIntent) -> None:
        self._intents.keep(intent)
        try:
            await self._journal.commit(intent)
        except StoreError as error:  # whether it was written or not: nothing was sent
            unsent = replace(intent, state=IntentState.NOT_PLACED, note=str(error))
            self._intents.keep(unsent)
            self._bookkeeper.owe(unsent)
            raise

    async def _place(self, intent: OrderIntent) -> str:
        """Send it; again at once, if it still may go, only on the proof that nobody looked at it."""
        for _ in range(NONCE_RESENDS):
            try:
                return await self._place_once(intent)
            except NonceRefused:
                continue
        return await self._place_once(intent)

    async def _place_once(self, intent: OrderIntent) -> str:
        if intent.leg is Leg.ENTRY and (blocking := self._latches.blocking()):
            raise Rejected(f"not sent: {blocking}")
        if self._sending is not None:
            self._sending(intent.request)
        return await self._orders.place(intent.request)

    async def _placed(self, intent: OrderIntent, txid: str) -> OrderIntent:
        placed = replace(intent, state=IntentState.PLACED, txid=txid)
        self._adopt(placed, txid)
        self._intents.keep(placed)
        try:
            await self._journal.commit(placed)
        except StoreError:  # it is placed all the same, and has to be followed
            self._bookkeeper.owe(placed)
        return placed

    def _adopt(self, intent: OrderIntent, txid: str) -> None:
        one = intent.request
        self._portfolio.own(
            OwnOrder(
                txid, one.symbol, one.side, intent.leg, intent.origin, intent.cause, intent.rule, intent.id
            )
        )
        if intent.leg is Leg.STOP and intent.state is IntentState.PLACED:
            self._portfolio.add_stop(one.symbol, RestingStop(txid, one.qty, one.price))

    async def _rejected(self, intent: OrderIntent, reason: str) -> OrderIntent:
        rejected = replace(intent, state=IntentState.REJECTED, note=reason)
        self._intents.keep(rejected)
        now = self._clock.market_ms()
        event = SafetyEvent("order_rejected", reason, now, intent.correlation, about(intent))
        try:
            await self._journal.commit(rejected, event)
        except StoreError:
            self._bookkeeper.owe(rejected, event)
            raise
        return rejected

    async def _resolved(self, intent: OrderIntent) -> OrderIntent:
        """An ambiguous intent with its end; an order that was found is own."""
        settled = await self._unknowns.resolve(intent)
        if settled.txid:
            self._adopt(settled, settled.txid)
        return settled

    async def _resolved_patiently(self, intent: OrderIntent) -> OrderIntent:
        pause = 0.5
        while True:
            try:
                return await self._resolved(intent)
            except Transient:
                await self._clock.sleep(WallSeconds(pause))
                pause = min(pause * 2, _LONGEST_PAUSE)

    def left_open(self) -> list[OrderIntent]:
        """Intents without an end that nobody follows just now, oldest first."""
        return self._intents.left_open()

    def unsure(self, symbol: str) -> bool:
        """Whether an order of a pair was left whose outcome, or whose own stops, are not known."""
        return self._intents.unsure(symbol) or any(
            one.request.symbol == symbol and self._bracketing.lacks(one)
            for one in self._intents.resting_entries()
        )

    def open_entries(self) -> list[OrderIntent]:
        """Entries without an end, whatever their kind."""
        return self._intents.open_entries()

    async def raise_stops(self, symbol: str, price: Price, correlation: str) -> bool:
        """Move the resting stops of a pair up to a price; False when one stayed where it was."""
        return await self._bracketing.raise_to(symbol, price, correlation)

    def resting_entries(self) -> list[OrderIntent]:
        """Entries that wait at their limit."""
        return self._intents.resting_entries()

    async def finish(self, intent: OrderIntent, report: OrderReport | None) -> None:
        """Bring an open intent as far as it goes now; the caller holds its symbol.

        `report` is what the exchange said of its order last. Raises VenueError: then try again later.
        """
        with self._intents.in_hand(intent):
            if intent.state is not IntentState.PLACED:
                intent = await self._resolved(intent)
            if intent.state is IntentState.PLACED and intent.txid is not None:
                await self._follow(intent, intent.txid, report)

    async def _follow(self, intent: OrderIntent, txid: str, report: OrderReport | None) -> None:
        try:
            if report is None or report.filled < self._portfolio.booked(txid):
                report = await self._orders.order(txid)  # what was listed is older than its fills
        except Rejected as unknown:
            if self._clock.market_ms() - intent.created_ms < _FORGOTTEN_MS:
                raise
            await self._close(replace(intent, note=str(unknown)))
        else:
            await self._absorb(intent, report)

    async def _close(self, intent: OrderIntent) -> None:
        done = replace(intent, state=IntentState.DONE)
        await self._journal.commit(done)
        self._intents.keep(done)

    async def lift_settled(self) -> None:
        """Lift the latches of orders that were found out about before an interruption."""
        for name in self._latches.unknown_orders():
            intent = self._intents.get(name)
            if intent is None or intent.state.settled or intent.state is IntentState.PLACED:
                await self._latches.lift(unknown_order(name), "reconciling")

    async def _absorb(self, intent: OrderIntent, report: OrderReport) -> Done:
        """Take in what an order did so far: bracket what an entry bought, book fills, close the intent."""
        self._portfolio.report(report)
        whole = True
        if intent.leg is Leg.ENTRY and self._bracketing.wants(report):
            whole = await self._bracketing.attach(intent, report)
            self._bookkeeper.changed()
        done = [replace(intent, state=IntentState.DONE)] if report.status.final and whole else []
        await self._bookkeeper.book(await self._fills_of(report), *done)
        for one in done:
            self._intents.keep(one)
        return Done(intent, report, report.reason)

    async def _final_report(self, intent: OrderIntent) -> OrderReport:
        """The order's report, once it is final or plainly rests. Raises VenueError when none comes."""
        assert intent.txid is not None
        trouble: VenueError | None = None
        report = None
        for pause in _PATIENCE:
            if pause:
                await self._clock.sleep(WallSeconds(pause))
            try:
                report = await self._orders.order(intent.txid)
            except (Transient, Rejected) as error:  # it may not be shown yet
                trouble = error
                continue
            if report.status.final or not intent.request.ends_at_once:
                return report
        if report is None:
            raise Transient(f"no report of order {intent.txid} came: {trouble}")
        return report

    async def report(self, txid: str) -> OrderReport:
        """What the exchange says of one order now."""
        return await self._orders.order(txid)

    async def look(self, txid: str) -> OrderReport:
        """What the exchange says of one own order now, its fills booked."""
        report = await self._orders.order(txid)
        await self._take_in(report)
        return report

    async def _take_in(self, report: OrderReport) -> None:
        own = self._portfolio.order(report.txid)
        intent = self._intents.get(own.intent_id) if own else None
        if intent is not None and not intent.state.settled:
            await self._absorb(replace(intent, state=IntentState.PLACED, txid=report.txid), report)
            return
        self._portfolio.report(report)
        await self._bookkeeper.book(await self._fills_of(report))

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
        """Cancel and wait for the truth: the order's report, whose fills are booked.

        Raises VenueError when its report does not come: then it may rest or not.
        """
        try:
            await self._orders.cancel(txid)
        except (Rejected, UnknownOutcome):
            pass  # not open any more, or no answer; cancelling twice is harmless: its report tells
        report = await self._report_of_cancelled(txid)
        await self._take_in(report)
        return report

    async def _report_of_cancelled(self, txid: str) -> OrderReport:
        report, trouble = None, VenueError(f"no report of order {txid} came")
        for pause in _PATIENCE:
            if pause:
                await self._clock.sleep(WallSeconds(pause))
            try:
                report = await self._orders.order(txid)
            except Transient as error:
                trouble = error
                continue
            if report.status.final:
                return report
        if report is None:
            raise trouble
        return report
