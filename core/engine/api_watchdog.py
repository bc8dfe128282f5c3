"""Watches what entries rest on: exchange, account, candles. Says it once when lost, once when back.

While anything here is not trustworthy nothing is opened; stops stay where they rest, exits still go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.clock import Clock, WallSeconds
from core.engine.account_sync import AccountSync
from core.engine.autopilot import Autopilot
from core.engine.ports import Herald, Journal, Market
from core.model.errors import VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.market import MINUTE_MS, Advisory, ExchangeStatus
from core.model.time_context import from_ms
from core.model.views import Health

ENTRIES = "entries"
_AHEAD_MS = 30 * MINUTE_MS  # entries stop so long before maintenance
_LATE_SYNCS = 3  # intervals without an account state before it is called lost
_LATE_CANDLES = 2  # candle lengths without a round
_LATE_WALL_S = 15.0  # and never sooner than this, for a fast market's minutes are short


@dataclass(slots=True)
class Check:
    """One thing watched: `look` returns what is wrong in words, or nothing."""

    name: str
    look: Callable[[], str]
    back: str
    wrong: str = ""
    since_ms: int = 0


class Watchdog:
    """Runs the checks and blocks entries while one of them fails."""

    def __init__(
        self,
        market: Market,
        sync: AccountSync,
        autopilot: Autopilot,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        sync_interval_s: int,
        candle_ms: int,
        pause: WallSeconds,
    ) -> None:
        """`pause` is the time between looks."""
        self._market = market
        self._sync = sync
        self._autopilot = autopilot
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._sync_ms = sync_interval_s * 1000
        self._candle_ms = candle_ms
        self._pause = pause
        self._status_trouble = self._planned = ""
        self.closed = ""  # why the exchange takes no orders, by its own last word
        self._checks = (
            Check("exchange", lambda: self._status_trouble, "Kraken answers again."),
            Check("maintenance", lambda: self._planned, "Kraken's maintenance is over or off."),
            Check("account", self._account, "The account is in step with Kraken again."),
            Check("candles", self._candles, "Candles arrive again."),
        )

    def blocking(self) -> str:
        """Why nothing may be opened, in one line, or nothing."""
        return next((check.wrong for check in self._checks if check.wrong), "")

    def health(self) -> tuple[Health, ...]:
        """Every check for the screens."""
        return tuple(
            Health(one.name, not one.wrong, one.wrong or "ok", one.since_ms, ENTRIES) for one in self._checks
        )

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            await self._clock.sleep(self._pause)

    async def look(self) -> None:
        """Ask the exchange how it is, and run every check."""
        self._status_trouble = await self._exchange()
        self._planned = await self._maintenance()
        for check in self._checks:
            await self._compare(check)

    async def _exchange(self) -> str:
        try:
            status = await self._market.status()
        except VenueError as error:
            return f"Kraken does not answer ({error})"
        mode = f"Kraken is in {status.value.replace('_', ' ')} mode"
        self.closed = "" if status is ExchangeStatus.ONLINE else mode
        return self.closed

    async def _maintenance(self) -> str:
        """What the exchange announced for the next minutes or has under way; silent, what it said last."""
        try:
            advisories = await self._market.advisories()
        except VenueError:
            return self._planned
        now = self._clock.market_ms()
        return next((_ahead(one, now) for one in advisories if _concerns(one, now)), "")

    def _account(self) -> str:
        as_of = self._sync.state.as_of_ms
        silent = self._clock.market_ms() - as_of
        late = self._clock.monotonic() - self._sync.settled_at > _LATE_WALL_S
        if as_of and (silent <= _LATE_SYNCS * self._sync_ms or not late):
            return ""
        reason = f" ({self._sync.trouble})" if self._sync.trouble else ""
        return (
            f"the account was last settled with Kraken {silent // 1000 if as_of else 'never'} s ago{reason}"
        )

    def _candles(self) -> str:
        last = self._autopilot.last_round
        if not last.close_ms:
            return ""  # the first round is still on its way
        allowed = max((_LATE_CANDLES + 1) * self._candle_ms, _LATE_WALL_S * 1000 * self._clock.speed)
        if self._clock.market_ms() - last.close_ms > allowed:
            return "no candle was judged for two intervals"
        if last.missing and not last.judged:
            return f"no fresh candle of any pair ({len(last.missing)} missing)"
        return ""

    async def _compare(self, check: Check) -> None:
        wrong = check.look()
        if bool(wrong) == bool(check.wrong):
            check.wrong = wrong
            return
        now = self._clock.market_ms()
        kind = EventKind.TROUBLE if wrong else EventKind.RECOVERED
        severity = Severity.WARNING if wrong else Severity.INFO
        lost = f"{wrong[:1].upper()}{wrong[1:]}. I open nothing new; every stop rests on the exchange."
        news = Announcement(f"{check.name}:{now}", kind, severity, lost if wrong else check.back, now)
        await self._journal.commit(news, SafetyEvent(f"watch:{check.name}", wrong or check.back, now))
        check.wrong, check.since_ms = wrong, now
        self._herald.announced(news)
        self._herald.changed("status")


def _concerns(one: Advisory, now_ms: int) -> bool:
    """Whether it is near or under way. A time that was not told may be any moment."""
    near = one.from_ms is None or one.from_ms - _AHEAD_MS <= now_ms
    return near and (one.until_ms is None or now_ms < one.until_ms)


def _ahead(one: Advisory, now_ms: int) -> str:
    if one.emergency:
        return f"Kraken tells of an emergency: {one.text}"
    if one.from_ms is not None and one.from_ms > now_ms:
        return f"Kraken goes into maintenance at {from_ms(one.from_ms):%H:%M} UTC: {one.text}"
    return f"Kraken is under maintenance: {one.text}"
