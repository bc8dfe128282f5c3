"""The account as the exchange tells it: fetched once for any number of readers, and folded into the book.

Start-up is recovery: the same refresh that runs every minute adopts own orders, books fills that nobody
saw, settles intents without an answer and covers every position again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.clock import Clock
from core.engine.bookkeeper import Bookkeeper
from core.engine.executor import Executor
from core.engine.portfolio import OwnOrder, Portfolio
from core.engine.ports import Account, Herald, Journal
from core.engine.protection import Protection
from core.engine.treasury import Treasury
from core.ledger.book import in_order
from core.model.account import Balance, Position
from core.model.errors import VenueError
from core.model.facts import SafetyEvent
from core.model.ids import is_ours
from core.model.money import ZERO
from core.model.orders import Fill, IntentState, Leg, OrderIntent, OrderReport, OrderType, Origin, Side

_OVERLAP_MS = 600_000  # what was read is read again this far back: executions may be late to appear


@dataclass(frozen=True, slots=True)
class AccountState:
    """One consistent look at the account. Fills and closed orders are complete, oldest first."""

    balances: Mapping[str, Balance] = field(default_factory=dict)
    open_orders: tuple[OrderReport, ...] = ()
    fills: tuple[Fill, ...] = ()
    as_of_ms: int = 0


class AccountSync:
    """Keeps the account state fresh and the book true to it."""

    def __init__(
        self,
        account: Account,
        journal: Journal,
        portfolio: Portfolio,
        bookkeeper: Bookkeeper,
        executor: Executor,
        protection: Protection,
        treasury: Treasury,
        herald: Herald,
        clock: Clock,
        interval_s: int,
    ) -> None:
        """`interval_s` is in seconds of market time; nothing older is ever shown as fresh."""
        self._account = account
        self._journal = journal
        self._portfolio = portfolio
        self._bookkeeper = bookkeeper
        self._executor = executor
        self._protection = protection
        self._treasury = treasury
        self._herald = herald
        self._clock = clock
        self._interval_ms = interval_s * 1000
        self._fills: dict[str, Fill] = {}
        self._read_to_ms = 0
        self._short: dict[str, str] = {}
        self._flight: asyncio.Task[AccountState] | None = None
        self._wanted = asyncio.Event()
        self.state = AccountState()
        self.settled_at = clock.monotonic()  # wall seconds of the last good read
        self.trouble = ""  # why the last refresh failed, in words

    async def current(self) -> AccountState:
        """The state for readers: one fetch under any number of them, at most one interval old.

        Never from before Zyn's own last fill. While the exchange does not answer it is the last one, whose
        age every screen shows; before there is any, the failure is raised.
        """
        if self._fresh:
            return self.state
        try:
            await self.refresh()
            return self.state if self._fresh else await self.refresh()
        except VenueError as error:
            self.trouble = str(error)
            if not self.state.as_of_ms:
                raise
            return self.state

    @property
    def _fresh(self) -> bool:
        young = self._clock.market_ms() - self.state.as_of_ms < self._interval_ms
        return young and not self._wanted.is_set()

    async def refresh(self) -> AccountState:
        """Fetch now; callers during a fetch share it."""
        if self._flight is None or self._flight.done():
            self._wanted.clear()
            self._flight = asyncio.create_task(self._fetch(), name="account-fetch")
        return await asyncio.shield(self._flight)

    def soon(self) -> None:
        """Something happened: refresh without waiting for the next minute."""
        self._wanted.set()

    async def run(self) -> None:
        """Refresh every interval, and at once when asked; failures are kept as `trouble` and tried again."""
        while True:
            try:
                await self.refresh()
                self.trouble = ""
            except VenueError as error:
                self.trouble = str(error)
            due = asyncio.create_task(
                self._clock.sleep_until_market(self._clock.market_ms() + self._interval_ms)
            )
            asked = asyncio.create_task(self._wanted.wait())
            await asyncio.wait({due, asked}, return_when=asyncio.FIRST_COMPLETED)
            due.cancel()
            asked.cancel()

    async def recover(self) -> None:
        """Make the book equal to the exchange before anything is traded. Idempotent."""
        intents = await self._journal.intents()
        self._executor.load(intents)
        self._bookkeeper.restore(await self._journal.fills())
        await self._read()
        for intent in intents:
            if intent.state is IntentState.PLACED:
                await self._executor.settle(intent)
            elif not intent.state.settled:
                settled = await self._executor.resolve(intent)
                if settled.state is IntentState.PLACED:
                    await self._executor.settle(settled)
        self._restore_targets(intents)
        await self._fetch()

    def _restore_targets(self, intents: Iterable[OrderIntent]) -> None:
        """Nothing rests for a target: it is known from the entry's intent."""
        entries = {one.cause: one for one in intents if one.leg is Leg.ENTRY}
        for symbol, position in self._portfolio.positions.items():
            entry = entries.get(position.cause)
            if entry is None or entry.stop_distance is None or position.target is not None:
                continue
            pair, brackets = self._portfolio.pair(symbol), self._portfolio.brackets(symbol)
            stop = brackets.stop or pair.price(position.entry_price - entry.stop_distance)
            away = entry.target_distance
            target = pair.price(position.entry_price + away) if away is not None else None
            self._portfolio.set_brackets(symbol, replace(brackets, stop=stop, target=target))

    async def _fetch(self) -> AccountState:
        state = await self._read()
        await self._notice_hands(state.balances)
        await self._protection.cover_all()
        for topic in ("status", "orders", "positions"):
            self._herald.changed(topic)
        return state

    async def _read(self) -> AccountState:
        """Fetch everything since the last time and book it; nothing is repaired here."""
        started = self._clock.market_ms()
        since = max(0, self._read_to_ms - _OVERLAP_MS)
        orders = await self._account.open_orders()
        closed = await self._account.closed_orders(since)
        fills = await self._account.fills(since)
        balances = await self._account.balances()
        self._fills.update((fill.id, fill) for fill in fills)
        self._adopt((*orders, *closed))
        bookings = await self._bookkeeper.book(fills)
        await self._executor.follow_up(one.order.txid for one in bookings)
        self._read_to_ms = started
        every = tuple(sorted(self._fills.values(), key=in_order))
        self.state = AccountState(balances, tuple(orders), every, started)
        self._treasury.settle(balances.get(self._treasury.currency))
        self.settled_at = self._clock.monotonic()
        return self.state

    def _adopt(self, reports: Iterable[OrderReport]) -> None:
        """Recognise own orders by their ids, and the stops that came with them by their parent."""
        for report in sorted(reports, key=lambda one: one.opened_ms):
            parent = self._portfolio.order(report.parent_txid or "")
            if parent is not None:
                self._portfolio.own(_own(report, Leg.STOP, parent.cause, parent.origin, parent.rule))
            elif is_ours(report.cl_ord_id) and not self._executor.recognise(report):
                self._portfolio.own(_own(report, _leg_of(report), report.cl_ord_id or "", Origin.AUTOPILOT))

    async def _notice_hands(self, balances: Mapping[str, Balance]) -> None:
        """The owner sold Zyn's coins by hand: the position ends at that trade. Two looks must agree."""
        for symbol, position in self._portfolio.positions.items():
            if self._protection.lock(symbol).locked():
                continue
            wallet = balances.get(self._portfolio.pair(symbol).base)
            lacking = position.qty - (wallet.total if wallet else ZERO)
            if lacking < self._portfolio.pair(symbol).lot:
                self._short.pop(symbol, None)
            elif self._short.get(symbol) != str(lacking):
                self._short[symbol] = str(lacking)
            else:
                await self._book_hand(position)

    async def _book_hand(self, position: Position) -> None:
        foreign = [
            fill
            for fill in self._fills.values()
            if fill.symbol == position.symbol
            and fill.side is Side.SELL
            and fill.time_ms >= position.opened_ms
            and self._portfolio.order(fill.order_txid) is None
        ]
        for fill in foreign:
            by_hand = OwnOrder(
                fill.order_txid,
                fill.symbol,
                Side.SELL,
                Leg.EXIT,
                Origin.MANUAL,
                position.cause,
                position.rule,
            )
            self._portfolio.own(by_hand)
        now = self._clock.market_ms()
        text = f"{position.symbol}: coins of this position were sold by hand"
        await self._bookkeeper.book(foreign, SafetyEvent("manual_trade", text, now, position.cause))


def _own(report: OrderReport, leg: Leg, cause: str, origin: Origin, rule: str = "") -> OwnOrder:
    return OwnOrder(report.txid, report.symbol, report.side, leg, origin, cause, rule)


def _leg_of(report: OrderReport) -> Leg:
    """What an own order was for, when only the exchange remembers it."""
    if report.side is Side.BUY:
        return Leg.ENTRY
    return Leg.STOP if report.type is OrderType.STOP_LOSS else Leg.EXIT
