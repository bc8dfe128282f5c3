"""The account as the exchange tells it: fetched once for any number of readers, and folded into the book.

Start-up is recovery: the same refresh that runs every minute adopts own orders, books fills that nobody
saw, settles intents without an answer and covers every position again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.clock import Clock, WallSeconds
from core.engine.account_state import AccountState
from core.engine.bookkeeper import Bookkeeper
from core.engine.executor import Executor
from core.engine.known_past import OVERLAP_MS, KnownPast
from core.engine.owners_hands import AGREE_S, OwnersHands
from core.engine.portfolio import Portfolio, RestingStop
from core.engine.ports import Account, Herald, Journal
from core.engine.protection import Protection
from core.engine.treasury import Treasury
from core.ledger.book import in_order
from core.model.errors import StoreError, VenueError
from core.model.facts import ErrorFact
from core.model.ids import is_ours
from core.model.orders import Fill, Leg, OrderIntent, OrderReport, OrderType, Origin, OwnOrder, Side

_PATIENCE_S, _BRIEF_S = 2.0, 0.3  # wall seconds that a question waits for a look; when silence is known
_PAST_PAUSE_S = 60.0  # wall seconds until the past is asked for again that was not answered
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 2.5, 15.0  # wall seconds between looks while something is not right


class AccountSync:
    """Keeps the account state fresh and the book true to it."""

    def __init__(
        self,
        account: Account,
        at_once: Account,
        journal: Journal,
        portfolio: Portfolio,
        bookkeeper: Bookkeeper,
        executor: Executor,
        protection: Protection,
        treasury: Treasury,
        herald: Herald,
        clock: Clock,
        interval_s: int,
        past: KnownPast,
    ) -> None:
        """`interval_s` is in seconds of market time; nothing older is ever shown as fresh.

        `at_once` is the same account without waiting for the request budget.
        """
        self._account = account
        self._at_once = at_once
        self._journal = journal
        self._portfolio = portfolio
        self._bookkeeper = bookkeeper
        self._executor = executor
        self._protection = protection
        self._hands = OwnersHands(portfolio, bookkeeper, executor, protection, clock)
        self._treasury = treasury
        self._herald = herald
        self._clock = clock
        self._interval_ms = interval_s * 1000
        self._fills: dict[str, Fill] = {}
        self._seen: set[str] = set()  # every order that was ever listed, ours or not
        self._read_to_ms = 0
        self._past = past
        self._begins_ms = 0  # what is older was known when this run began; 0: all has been read
        self._flight: asyncio.Task[AccountState] | None = None
        self._wanted = asyncio.Event()
        self._happened = self._looked_at = 0  # what was told by `soon`, and how much of it the state shows
        self.state = AccountState()
        self.settled_at = clock.monotonic()  # wall seconds of the last good read
        self.trouble = ""  # why the last refresh failed, in words

    async def current(self) -> AccountState:
        """The state for readers: one fetch under any number of them, at most one interval old.

        From after Zyn's own last fill, unless the key's budget is spent: nobody waits longer than a moment
        for an answer. Then, and while the exchange does not answer, it is the last one, whose age every
        screen shows; before there is any, the failure is raised.
        """
        if self._fresh:
            return self.state
        try:
            patience = (_BRIEF_S if self.trouble else _PATIENCE_S) if self.state.as_of_ms else None
            return await asyncio.wait_for(self._looked_after_the_last_fill(), patience)
        except TimeoutError:
            return self._with_own_since()
        except VenueError as error:
            self.trouble = str(error)
            if not self.state.as_of_ms:
                raise
            return self._with_own_since()

    def _with_own_since(self) -> AccountState:
        """The last look, and Zyn's own fills and resting entries that it knows of since."""
        return self.state.with_own(self._bookkeeper.lately, self._executor.resting_entries())

    async def _looked_after_the_last_fill(self) -> AccountState:
        await self.refresh()
        return self.state if self._fresh else await self.refresh()

    @property
    def _fresh(self) -> bool:
        young = self._clock.market_ms() - self.state.as_of_ms < self._interval_ms
        return young and self._looked_at == self._happened

    async def refresh(self) -> AccountState:
        """Fetch now; callers during a fetch share it."""
        if self._flight is None or self._flight.done():
            self._wanted.clear()
            self._flight = asyncio.create_task(self._look(self._account), name="account-fetch")
        return await asyncio.shield(self._flight)

    def soon(self) -> None:
        """Something happened: refresh without waiting for the next minute."""
        self._happened += 1
        self._wanted.set()

    async def run(self) -> None:
        """Refresh every interval, at once when asked, and soon while something waits to be put right.

        Failures are kept as `trouble` and tried again.
        """
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self.refresh()
                self.trouble = ""
            except VenueError as error:
                self.trouble = str(error)
            restless = self.trouble or self._protection.restless or self._hands.short or self._unfinished()
            pause = min(pause * 2, _LONGEST_PAUSE_S) if restless else _FIRST_PAUSE_S
            await self._wait(pause if restless else None)

    async def _wait(self, at_most: float | None) -> None:
        """Until the next interval, a wish, or so many wall seconds."""
        waits = [
            asyncio.ensure_future(
                self._clock.sleep_until_market(self._clock.market_ms() + self._interval_ms)
            ),
            asyncio.ensure_future(self._wanted.wait()),
        ]
        if at_most is not None:
            waits.append(asyncio.ensure_future(self._clock.sleep(WallSeconds(at_most))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()

    def _unfinished(self) -> bool:
        return any(self._executor.unsure(one.request.symbol) for one in self._executor.left_open())

    async def recover(self) -> None:
        """Make the book equal to the exchange before anything is traded. Idempotent.

        What earlier runs knew for certain is not read again, unless coins lack that should be there.
        The second, short look waits for no budget: a position may want its stop.

        Raises VenueError when the exchange does not answer for everything that was left open.
        """
        intents = await self._journal.intents()
        self._executor.load(intents)
        self._begins_ms = await self._past.load(intents)
        began = self._clock.monotonic()
        reports = await self._read(self._account)  # perhaps all pages of the past: too many to take at once
        if self._begins_ms and self._hands.any_lack(self.state.balances):
            self._begins_ms = self._read_to_ms = 0
            reports |= await self._read(self._account)
        for symbol, stops in self._portfolio.own_stops(self.state.open_orders).items():
            for stop in stops:
                self._portfolio.add_stop(symbol, RestingStop.of(stop))
        for intent in self._executor.left_open():
            await self._executor.finish(intent, reports.get(intent.txid or ""))
        await self._executor.lift_settled()
        self._restore_targets(intents)
        if self._protection.restless:  # a stop that did its work just before may not have been shown yet
            await self._clock.sleep(WallSeconds(max(0.0, began + AGREE_S - self._clock.monotonic())))
        await self._look(self._at_once)

    async def read_the_past(self) -> None:
        """Read what lies before the known past, while Zyn trades: the owner's own trades for the screens, and
        whatever an earlier run may have missed."""
        while self._begins_ms:
            try:
                closed = await self._account.closed_orders(0)
                await self._take_in(closed, await self._account.fills(0))
                self._begins_ms = 0
                self.state = replace(self.state, fills=self._every_fill(), begins_ms=0)
            except (VenueError, StoreError) as error:
                self._journal.note(ErrorFact("past", str(error), self._clock.market_ms()))
                await self._clock.sleep(WallSeconds(_PAST_PAUSE_S))

    async def resting(self) -> list[OrderReport]:
        """The open orders now: to take one back waits for no budget."""
        return await self._at_once.open_orders()

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

    async def _look(self, account: Account) -> AccountState:
        reports = await self._read(account)
        await self._finish(reports)
        await self._hands.notice(self.state.balances, self._fills.values())
        self._protection.looked_at(self._hands.short, self.state.balances)
        await self._protection.cover_all()
        for topic in ("status", "orders", "positions"):
            self._herald.changed(topic)
        return self.state

    async def _read(self, account: Account) -> dict[str, OrderReport]:
        """Fetch everything since the last time and book it; nothing is repaired here. Own orders by txid.

        While a fill is missing that its order or the wallet tells of, nothing said before is believed, and
        every look begins where that order or position did, however long ago.
        """
        started, happened = self._clock.market_ms(), self._happened
        since = max(0, self._read_to_ms - OVERLAP_MS) if self._read_to_ms else self._begins_ms
        awaited = [self._portfolio.awaits_since_ms, self._hands.awaits_since_ms]
        if moments := [one for one in awaited if one is not None]:
            account.forget()
            since = min(since, *moments)
        orders = await account.open_orders()
        closed = await account.closed_orders(since)
        fills = await account.fills(since)
        balances = await account.balances()
        reports = await self._take_in([*orders, *closed], fills)
        every = self._every_fill()
        if not self._portfolio.awaits_fills:
            self._read_to_ms = started
            await self._past.reached(every[-1].time_ms if every else 0)
        self.state = AccountState(balances, tuple(orders), every, started, self._begins_ms)
        self._looked_at = happened
        self._treasury.settle(balances)
        self.settled_at = self._clock.monotonic()
        return {one.txid: one for one in reports}

    def _every_fill(self) -> tuple[Fill, ...]:
        return tuple(sorted(self._fills.values(), key=in_order))

    async def _take_in(self, listed: Iterable[OrderReport], fills: Sequence[Fill]) -> list[OrderReport]:
        """Recognise, remember and book what was read; every report there is of it."""
        reports = list(listed)
        self._adopt(reports)
        self._executor.shown(fills)
        reports += await self._behind(fills)
        self._fills.update((fill.id, fill) for fill in (*self._past.recall(), *fills))
        for report in reports:
            self._portfolio.report(report)
        await self._bookkeeper.book(fills)
        return reports

    async def _behind(self, fills: Iterable[Fill]) -> list[OrderReport]:
        """Orders that no list shows yet though they executed: asked for by name, for a stop may be ours."""
        own = self._portfolio.own_txids
        names = sorted({fill.order_txid for fill in fills} - own - self._seen)
        reports = [await self._executor.report(name) for name in names]
        self._adopt(reports)
        return reports

    async def _finish(self, reports: Mapping[str, OrderReport]) -> None:
        """Go on with what was interrupted, and note what resting orders did."""
        for intent in self._executor.left_open():
            symbol = intent.request.symbol
            if self._protection.busy(symbol):
                continue
            async with self._protection.at_work(symbol):
                try:
                    await self._executor.finish(intent, reports.get(intent.txid or ""))
                except VenueError as error:
                    now = self._clock.market_ms()
                    self._journal.note(ErrorFact("finish", f"{symbol}: {error}", now, intent.correlation))
        await self._executor.lift_settled()

    def _adopt(self, reports: Iterable[OrderReport]) -> None:
        """Recognise own orders by their ids, and the stops that came with them by their parent."""
        reports = list(reports)
        self._seen.update(one.txid for one in reports)
        for report in sorted(reports, key=lambda one: (one.opened_ms, one.parent_txid is not None)):
            parent = self._portfolio.order(report.parent_txid or "")
            if parent is not None:
                self._portfolio.own(_own(report, Leg.STOP, parent.cause, parent.origin, parent.rule))
            elif is_ours(report.cl_ord_id) and not self._executor.recognise(report):
                self._portfolio.own(_own(report, _leg_of(report), report.cl_ord_id or "", Origin.AUTOPILOT))


def _own(report: OrderReport, leg: Leg, cause: str, origin: Origin, rule: str = "") -> OwnOrder:
    return OwnOrder(report.txid, report.symbol, report.side, leg, origin, cause, rule)


def _leg_of(report: OrderReport) -> Leg:
    """What an own order was for, when only the exchange remembers it."""
    if report.side is Side.BUY:
        return Leg.ENTRY
    return Leg.STOP if report.type is OrderType.STOP_LOSS else Leg.EXIT
