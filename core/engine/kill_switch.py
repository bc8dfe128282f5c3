"""The daily-loss kill switch. It trips on Zyn's equity, latches, and no model, limit or restart undoes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from core.clock import Clock
from core.engine import words
from core.engine.latches import KILL_SWITCH, Latches
from core.engine.ports import Herald, Journal
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
        journal: Journal,
        herald: Herald,
        clock: Clock,
        risk: RiskConfig,
        zone: str,
        flatten: Callable[[str], Awaitable[None]],
    ) -> None:
        """`flatten` gets everything out of the market, for a stated reason."""
        self._treasury = treasury
        self._latches = latches
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._risk = risk
        self._zone = zone
        self._flatten = flatten

    async def check(self) -> None:
        """Trip when today's loss reached the limit; re-arm on a new day where that is the rule."""
        await self._rearm_on_a_new_day()
        if KILL_SWITCH not in self._latches and self._treasury.limit_reached:
            await self._trip()

    async def _rearm_on_a_new_day(self) -> None:
        latch = self._latches.get(KILL_SWITCH)
        if latch is None or self._risk.kill_rearm != "next_day":
            return
        now = self._clock.market_ms()
        if TimeContext(latch.set_ms, self._zone).day_bounds()[1] > now:
            return
        await self._latches.lift(KILL_SWITCH, "a new day")
        await self._tell(
            EventKind.REARMED,
            Severity.INFO,
            "A new day: the kill switch is armed again and I trade.",
            f"rearm:{now}",
        )

    async def _trip(self) -> None:
        loss, start = self._treasury.day_pnl, self._treasury.day_start_equity
        currency, limit = self._treasury.currency, words.share(self._risk.daily_loss_limit).lstrip("+")
        ends = "until /unlock" if self._risk.kill_rearm == "manual" else "until midnight"
        reason = (
            f"today's result is {words.signed(loss, currency)}, the limit is {limit} of "
            f"{words.money(start, currency)}; nothing is opened {ends}"
        )
        await self._latches.set(KILL_SWITCH, reason)
        flatten = self._risk.kill_action == "flatten"
        then = "I am selling what is open." if flatten else "Open positions keep their stops and targets."
        text = f"Kill switch: {reason}. {then}"
        await self._tell(EventKind.KILL_SWITCH, Severity.CRITICAL, text, f"kill:{self._clock.market_ms()}")
        if flatten:
            await self._flatten("the daily loss limit")

    async def _tell(self, kind: EventKind, severity: Severity, text: str, key: str) -> None:
        news = Announcement(key, kind, severity, text, self._clock.market_ms())
        await self._journal.commit(news)
        self._herald.announced(news)
        self._herald.changed("status")
