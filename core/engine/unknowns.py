"""Orders without an answer: told, waited out, looked for twice in three ways, and never sent again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from core.clock import Clock, WallSeconds
from core.engine.intents import Intents
from core.engine.latches import Latches, unknown_order
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal, Orders
from core.model.errors import Rejected
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.ids import plain_id
from core.model.orders import Fill, IntentState, OrderIntent, OrderReport

_GRACE_MS = 2_000  # market time past the deadline before an order counts as looked for
_APART_S = 1.0  # wall seconds between two answers that must agree
_EARLIER_MS = 60_000  # how far before its making an order is looked for: clocks differ


class Unknowns:
    """Keeps entries away while an order's outcome is unknown, and finds it out."""

    def __init__(
        self,
        orders: Orders,
        account: Account,
        portfolio: Portfolio,
        journal: Journal,
        latches: Latches,
        herald: Herald,
        clock: Clock,
        intents: Intents,
    ) -> None:
        self._orders = orders
        self._account = account
        self._portfolio = portfolio
        self._journal = journal
        self._latches = latches
        self._herald = herald
        self._clock = clock
        self._intents = intents
        self._shown: dict[str, int] = {}  # orders that executed, counted as their fills were shown
        self._known: dict[str, int] = {}  # how many of these were shown before it left, by intent
        self._missed: dict[str, float] = {}  # wall seconds of the first valid answer without it, by intent

    def shown(self, fills: Iterable[Fill]) -> None:
        """Remember in which order executions are shown: what was shown before an order left is not its."""
        for fill in fills:
            self._shown.setdefault(fill.order_txid, len(self._shown))

    @property
    def shown_count(self) -> int:
        """How many orders have been shown by their fills so far."""
        return len(self._shown)

    async def tell(self, intent: OrderIntent, reason: str, known: int) -> OrderIntent:
        """Write that this order may or may not exist, stop entries, and tell the owner.

        `known` is `shown_count` of when it left: none of those orders can be it.
        """
        self._known[intent.id] = known
        unknown = replace(intent, state=IntentState.AMBIGUOUS, note=reason)
        self._intents.keep(unknown)
        now, one = self._clock.market_ms(), intent.request
        what, why = f"an order ({one.side} {one.qty} {one.symbol})", reason.rstrip(".")
        text = f"I do not know what became of {what}: {why}. I am looking for it and send nothing again."
        news = Announcement(
            f"unknown:{intent.id}", EventKind.ORDER_UNKNOWN, Severity.WARNING, text, now, intent.correlation
        )
        event = SafetyEvent("order_unknown", reason, now, intent.correlation, about(intent))
        why = "an order's outcome is unknown; looking for it"
        await self._latches.set(unknown_order(intent.id), why, intent.correlation, unknown, event, news)
        self._herald.announced(news)
        return unknown

    async def resolve(self, intent: OrderIntent) -> OrderIntent:
        """Wait past its deadline, then look twice: placed, or proven not placed. Raises Transient."""
        deadline = intent.request.deadline_ms or intent.created_ms
        await self._clock.sleep_until_market(deadline + _GRACE_MS)
        found = await self._look_twice(intent)
        if found is not None:
            settled = replace(intent, state=IntentState.PLACED, txid=found.txid)
        else:
            settled = replace(intent, state=IntentState.NOT_PLACED, note="proven never placed")
        if not await self._latches.lift(unknown_order(intent.id), "reconciling", settled):
            await self._journal.commit(settled)
        self._intents.keep(settled)
        self._known.pop(intent.id, None)
        return settled

    async def _look_twice(self, intent: OrderIntent) -> OrderReport | None:
        """Two valid answers at least a second apart must agree that it does not exist.

        The first one stays valid while questions in between get no answer.
        """
        since = intent.created_ms - _EARLIER_MS
        while True:
            found = await self._look(intent, since)
            now = self._clock.monotonic()
            missed = self._missed.setdefault(intent.id, now)
            if found is not None or now - missed >= _APART_S:
                self._missed.pop(intent.id)
                return found
            await self._clock.sleep(WallSeconds(_APART_S))

    async def _look(self, intent: OrderIntent, since_ms: int) -> OrderReport | None:
        return await self._orders.find(intent.id, since_ms) or await self._by_its_fills(intent, since_ms)

    async def _by_its_fills(self, intent: OrderIntent, since_ms: int) -> OrderReport | None:
        """The third way: whether a closed order is listed under our id is not documented, its fills are."""
        for txid in sorted(await self._candidates(intent, since_ms)):
            try:
                report = await self._orders.order(txid)
            except Rejected:
                continue  # the exchange takes its own number for unknown: no order of ours is behind it
            if _is_of(report, intent):
                return report
        return None

    async def _candidates(self, intent: OrderIntent, since_ms: int) -> set[str]:
        """Orders that executed since then and may be this one: known as its, or as nobody's."""
        one, known = intent.request, self._known.get(intent.id, 0)
        found = {
            fill.order_txid
            for fill in await self._account.fills(since_ms)
            if (fill.symbol, fill.side) == (one.symbol, one.side)
            and self._shown.get(fill.order_txid, known) >= known
        }
        owners = {txid: self._portfolio.order(txid) for txid in found}
        return {txid for txid, own in owners.items() if own is None or own.intent_id == intent.id}


def _is_of(report: OrderReport, intent: OrderIntent) -> bool:
    """Whether an order came of this intent: by our id, or where none is told by everything else at once."""
    if report.cl_ord_id:
        return plain_id(report.cl_ord_id) == plain_id(intent.id)
    one, latest = intent.request, intent.request.deadline_ms or intent.created_ms
    in_time = intent.created_ms - _EARLIER_MS <= report.opened_ms <= latest + _GRACE_MS
    same = (report.type, report.qty, report.parent_txid) == (one.type, one.qty, None)
    return same and in_time


def about(intent: OrderIntent) -> dict[str, str]:
    """What a safety event keeps of an intent."""
    request = intent.request
    return {
        "intent": intent.id, "symbol": request.symbol, "side": request.side.value,
        "qty": str(request.qty), "leg": intent.leg.value, "txid": intent.txid or "",
    }  # fmt: skip
