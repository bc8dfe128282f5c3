"""The daily-loss kill switch. It trips on Zyn's equity, latches, and no model, limit or restart undoes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.clock import Clock
from core.engine import words
from core.engine.latches import KILL_SWITCH, Latches
from core.engine.ports import Herald
from core.engine.treasury import Treasury
from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import TimeContext
from core.trading_config import RiskConfig


class KillSwitch:
    """Checks today's loss and stops trading when it reached the limit."""

    def __init__(
        self,
        treasury: Treasury,
        latches: Latches,
        herald: Herald,
        clock: Clock,
        risk: RiskConfig,
        zone: str,
        clear: Callable[[str], Awaitable[None]],
    ) -> None:
        """`clear` takes out of the market what the rule says, for a stated reason; called while latched."""
        self._treasury = treasury
        self._latches = latches
        self._herald = herald
        self._clock = clock
        self._risk = risk
        self._zone = zone
        self._clear = clear

    async def check(self) -> None:
        """Trip when today's loss reached the limit; re-arm on a new day where that is the rule.

        While it is latched everything that still opened is got out of the market, whoever was interrupted.
        """
        await self._latches.write_owed()
        await self._treasury.roll_day(self._clock.market_ms())
        await self._rearm_on_a_new_day()
        if KILL_SWITCH not in self._latches and self._treasury.limit_reached:
            await self._trip()
        if KILL_SWITCH in self._latches:
            await self._clear("the daily loss limit")

    async def _rearm_on_a_new_day(self) -> None:
        latch = self._latches.get(KILL_SWITCH)
        if latch is None or self._risk.kill_rearm != "next_day":
            return
        now = self._clock.market_ms()
        if TimeContext(latch.set_ms, self._zone).day_bounds()[1] > now:
            return
        text = "A new day: the kill switch is armed again and I trade."
        news = Announcement(f"rearm:{now}", EventKind.REARMED, Severity.INFO, text, now)
        if await self._latches.lift(KILL_SWITCH, "a new day", news):
            self._tell(news)

    async def _trip(self) -> None:
        loss, start = self._treasury.counted_pnl, self._treasury.counted_equity
        counted = "the result since you unlocked" if self._treasury.unlocked_today else "today's result"
        currency = self._treasury.currency
        ends = "until /unlock" if self._risk.kill_rearm == "manual" else "until midnight"
        reason = (
            f"{counted} fell to {words.signed(loss, currency)}, {self._treasury.limit_in_words()} of "
            f"{words.money(start, currency)}; nothing is opened {ends}"
        )
        flatten = self._risk.kill_action == "flatten"
        then = "I am selling what is open." if flatten else "Open positions keep their stops and targets."
        now = self._clock.market_ms()
        text = f"Kill switch: {reason}. {then}"
        news = Announcement(f"kill:{now}", EventKind.KILL_SWITCH, Severity.CRITICAL, text, now)
        if await self._latches.set(KILL_SWITCH, reason, "", news):
            self._tell(news)

    def _tell(self, news: Announcement) -> None:
        self._herald.announced(news)
        self._herald.changed("status")
