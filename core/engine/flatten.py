"""Everything out of the market: entries cancelled first, then every position sold, until it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock, WallSeconds
from core.engine import words
from core.engine.executor import Executor
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal
from core.engine.protection import Protection
from core.model.account import RoundTrip
from core.model.errors import VenueError
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
    """Sells what Zyn holds, and only that."""

    def __init__(
        self,
        executor: Executor,
        protection: Protection,
        portfolio: Portfolio,
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
        self._account = account
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._retry_s = retry_s
        self._spawn = spawn
        self._busy = asyncio.Lock()

    async def flatten(self, symbol: str | None, origin: Origin, why: str) -> Flattened:
        """One pass over everything (or one symbol); what is left is retried in the background until flat."""
        result = await self._pass(symbol, origin, why)
        if not result.flat:
            self._spawn("flatten", self._until_flat(symbol, origin, why))
        return result

    async def flatten_for_kill(self, why: str) -> None:
        """The kill switch's flatten: all of it, in the background, so that the check returns at once."""
        self._spawn("flatten", self._until_flat(None, Origin.AUTOPILOT, why))

    async def _until_flat(self, symbol: str | None, origin: Origin, why: str) -> None:
        pause = self._retry_s
        while not (await self._pass(symbol, origin, why)).flat:
            await self._clock.sleep(WallSeconds(pause))
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def _pass(self, symbol: str | None, origin: Origin, why: str) -> Flattened:
        async with self._busy:
            before = len(self._portfolio.round_trips)
            cancelled = await self._cancel_entries(symbol)
            held = [one for one in self._portfolio.positions if symbol in (None, one)]
            left = await asyncio.gather(*(self._sell(one, origin, why) for one in held))
            trips = tuple(self._portfolio.round_trips[before:])
            result = Flattened(trips, cancelled, tuple(line for line in left if line))
            await self._tell(result, why, bool(held))
        return result

    async def _cancel_entries(self, symbol: str | None) -> int:
        """No entry may fill behind our back."""
        try:
            resting = await self._account.open_orders()
        except VenueError as error:
            await self._note(f"open orders could not be read: {error}")
            return 0
        count = 0
        for report in resting:
            own = self._portfolio.order(report.txid)
            if own is None or own.leg is not Leg.ENTRY or symbol not in (None, own.symbol):
                continue
            try:
                await self._executor.cancel(report.txid)
                count += 1
            except VenueError as error:
                await self._note(f"{report.symbol}: the entry could not be cancelled: {error}")
        return count

    async def _sell(self, symbol: str, origin: Origin, why: str) -> str:
        """Sell one position; what is left of it and why, or nothing."""
        try:
            left = await self._protection.leave(symbol, Leg.FLATTEN, origin, correlation=f"flatten:{why}")
        except VenueError as error:
            await self._note(f"{symbol}: {error}")
            return f"{symbol}: the exchange did not answer ({error}); its stop stays and I try again"
        pair = self._portfolio.pair(symbol)
        if left.qty < pair.lot or left.reason.startswith("too small"):
            return ""
        return f"{words.qty(left.qty)} {pair.base}: {left.reason}; I try again"

    async def _note(self, text: str) -> None:
        await self._journal.commit(SafetyEvent("flatten_step", text, self._clock.market_ms()))

    async def _tell(self, result: Flattened, why: str, held: bool) -> None:
        if not held:
            return
        now = self._clock.market_ms()
        net = sum((trip.net_pnl for trip in result.sold), ZERO)
        done = f"Flattened for {why}: {len(result.sold)} sold, together {net:+,.2f} net."
        text = done if result.flat else f"{done} Still open: {'; '.join(result.left)}."
        severity = Severity.WARNING if result.flat else Severity.CRITICAL
        news = Announcement(f"flatten:{now}", EventKind.FLATTEN, severity, text, now)
        await self._journal.commit(news, SafetyEvent("flatten", text, now))
        self._herald.announced(news)
