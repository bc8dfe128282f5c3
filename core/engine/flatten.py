"""Everything out of the market: entries cancelled first, then every position sold, until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.clock import Clock, WallSeconds
from core.engine import words
from core.engine.executor import Executor
from core.engine.latches import FLATTENING, Latches
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal
from core.engine.protection import Protection
from core.model.account import Position, RoundTrip
from core.model.errors import StoreError, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.money import ZERO
from core.model.orders import Leg, Origin

_LONGEST_PAUSE = 60.0  # wall seconds


@dataclass(frozen=True, slots=True)
class Flattened:
    """What a flatten did. `left` names what is still held and why."""

    sold: tuple[RoundTrip, ...]
    cancelled: int
    left: tuple[str, ...]

    @property
    def flat(self) -> bool:
        return not self.left


class Flatten:
    """Sells what Zyn holds, and only that.

    An order to flatten is latched until it is done: nothing is bought meanwhile, and no restart forgets it.
    """

    def __init__(
        self,
        executor: Executor,
        protection: Protection,
        portfolio: Portfolio,
        latches: Latches,
        account: Account,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        retry_s: float,
        spawn: Callable[..., object],
    ) -> None:
        """`spawn(name, coroutine)` runs what outlives the caller; `retry_s` is the first pause."""
        self._executor = executor
        self._protection = protection
        self._portfolio = portfolio
        self._latches = latches
        self._account = account
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._retry_s = retry_s
        self._spawn = spawn
        self._busy = asyncio.Lock()
        self._running: set[str] = set()  # latches whose flatten is at work
        self._told: tuple[str, ...] = ()

    @property
    def busy(self) -> bool:
        return self._busy.locked()

    async def flatten(self, symbol: str | None, origin: Origin, why: str) -> Flattened:
        """One pass over everything (or one symbol); what is left is retried in the background until flat."""
        name = f"{FLATTENING}{symbol or ''}"
        await self._latches.set(name, f"{symbol or 'everything'} is being sold for {why}")
        with self._at_work(name):
            result = await self._pass(symbol, origin, why)
            if result.flat:
                await self._latches.lift(name, "being flat")
        if not result.flat:
            self._spawn("flatten", self._until_flat(name, symbol, origin, why))
        return result

    def take_up(self) -> None:
        """Go on with what a restart or an error interrupted."""
        for latch in self._latches.all():
            if latch.name.startswith(FLATTENING) and latch.name not in self._running:
                symbol = latch.name.removeprefix(FLATTENING) or None
                self._spawn("flatten", self._until_flat(latch.name, symbol, Origin.CHAT, "you"))

    async def flatten_for_kill(self, why: str) -> None:
        """The kill switch's flatten: all of it, in the background, so that the check returns at once."""
        sellable = any(self._sellable(one) for one in self._portfolio.positions.values())
        if (sellable or self._executor.resting_entries()) and why not in self._running:
            self._spawn("flatten", self._until_flat(why, None, Origin.AUTOPILOT, why))

    async def cancel_for_kill(self, why: str) -> None:
        """The kill switch where positions keep their brackets: only entries go."""
        if self._executor.resting_entries() and why not in self._running:
            self._spawn("cancel-entries", self._without_entries(why))

    def _sellable(self, position: Position) -> bool:
        pair = self._portfolio.pair(position.symbol)
        mark = self._portfolio.mark_of(position.symbol) or position.entry_price
        return pair.too_small(pair.qty(position.qty), mark) is None

    @contextmanager
    def _at_work(self, name: str) -> Iterator[None]:
        self._running.add(name)
        try:
            yield
        finally:
            self._running.discard(name)

    async def _without_entries(self, name: str) -> None:
        with self._at_work(name):
            for intent in self._executor.resting_entries():
                await self._cancel(intent.request.symbol, intent.txid or "")

    async def _until_flat(self, name: str, symbol: str | None, origin: Origin, why: str) -> None:
        if name in self._running:
            return
        with self._at_work(name):
            pause = self._retry_s
            while not await self._is_flat(name, symbol, origin, why):
                await self._clock.sleep(WallSeconds(pause))
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _is_flat(self, name: str, symbol: str | None, origin: Origin, why: str) -> bool:
        """Whether one more pass left nothing; a pass that fails is no reason to give up."""
        try:
            if not (await self._pass(symbol, origin, why)).flat:
                return False
            await self._latches.lift(name, "being flat")
        except (VenueError, StoreError):
            return False
        return True

    async def _pass(self, symbol: str | None, origin: Origin, why: str) -> Flattened:
        async with self._busy:
            before = len(self._portfolio.round_trips)
            entries = await self._entries(symbol)
            unknown = {one.request.symbol for one in self._executor.left_open()}
            symbols = {*self._portfolio.positions, *self._protection.busy_symbols, *entries, *unknown}
            wanted = sorted(one for one in symbols if symbol in (None, one))
            held = any(self._portfolio.holds(one) for one in wanted)
            left = await asyncio.gather(
                *(self._clear(one, entries.get(one, []), origin, why) for one in wanted)
            )
            trips = tuple(self._portfolio.round_trips[before:])
            cancelled = sum(len(txids) for txids in entries.values())
            result = Flattened(trips, cancelled, tuple(line for line in left if line))
            await self._tell(result, why, held or bool(trips))
        return result

    async def _entries(self, symbol: str | None) -> dict[str, list[str]]:
        """Own resting entries by symbol: those we know of, and those the exchange shows besides."""
        found = {one.txid: one.request.symbol for one in self._executor.resting_entries() if one.txid}
        try:
            resting = await self._account.open_orders()
        except VenueError as error:
            await self._note(f"open orders could not be read: {error}")
            resting = []
        for report in resting:
            own = self._portfolio.order(report.txid)
            if own is not None and own.leg is Leg.ENTRY:
                found[report.txid] = own.symbol
        entries: dict[str, list[str]] = {}
        for txid, name in found.items():
            if symbol in (None, name):
                entries.setdefault(name, []).append(txid)
        return entries

    async def _clear(self, symbol: str, entries: list[str], origin: Origin, why: str) -> str:
        """Take one symbol out of the market: its entries first, so that none fills behind our back."""
        lines = [await self._cancel(symbol, txid) for txid in entries]
        lines.append(await self._sell(symbol, origin, why))
        return "; ".join(line for line in lines if line)

    async def _cancel(self, symbol: str, txid: str) -> str:
        """Cancel a resting entry; why it may still rest, or nothing."""
        try:
            report = await self._protection.cancel_entry(symbol, txid)
        except VenueError as error:
            await self._note(f"{symbol}: the entry could not be cancelled: {error}")
            return f"{symbol}: an entry may still rest ({error}); I try again"
        return "" if report.status.final else f"{symbol}: an entry still rests; I try again"

    async def _sell(self, symbol: str, origin: Origin, why: str) -> str:
        """Sell one position; what is left of it and why, or nothing."""
        left = await self._protection.leave(symbol, Leg.FLATTEN, origin, correlation=f"flatten:{why}")
        if not left.qty and self._executor.unsure(symbol):
            return f"{symbol}: an order of it has no answer yet; I am looking for it and try again"
        pair = self._portfolio.pair(symbol)
        if left.qty < pair.lot or left.reason.startswith("too small"):
            return ""
        return f"{words.qty(left.qty)} {pair.base}: {left.reason}; I try again"

    async def _note(self, text: str) -> None:
        await self._journal.commit(SafetyEvent("flatten_step", text, self._clock.market_ms()))

    async def _tell(self, result: Flattened, why: str, held: bool) -> None:
        """Once for every change: a long outage is no reason to repeat oneself."""
        if not held or (result.left and result.left == self._told and not result.sold):
            return
        self._told = result.left
        now = self._clock.market_ms()
        net = sum((trip.net_pnl for trip in result.sold), ZERO)
        done = f"Flattened for {why}: {len(result.sold)} sold, together {net:+,.2f} net."
        text = done if result.flat else f"{done} Still open: {'; '.join(result.left)}."
        severity = Severity.WARNING if result.flat else Severity.CRITICAL
        news = Announcement(f"flatten:{now}", EventKind.FLATTEN, severity, text, now)
        await self._journal.commit(news, SafetyEvent("flatten", text, now))
        self._herald.announced(news)
