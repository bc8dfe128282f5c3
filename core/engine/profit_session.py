"""The day's session: once its profit target is reached nothing new is opened until the next day.

Open positions keep their stops and targets. The latch is durable, so that no restart forgets a target that
was reached; `/resume` ends it for the rest of the day.
"""

from __future__ import annotations

from decimal import Decimal

from core.clock import Clock
from core.engine import words
from core.engine.latches import PROFIT_TARGET, Latches
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Journal
from core.engine.treasury import Treasury
from core.ledger.performance import tally
from core.model.events import Announcement, EventKind, Severity
from core.model.money import ZERO
from core.model.time_context import TimeContext
from core.risk.profit_target import target_money, target_reached
from core.trading_config import ProfitTargetConfig


class ProfitSession:
    """Looks whether today's result has come to the target, and tells it once."""

    def __init__(
        self,
        treasury: Treasury,
        portfolio: Portfolio,
        latches: Latches,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        config: ProfitTargetConfig,
        zone: str,
        wanted: bool,
    ) -> None:
        """`wanted` is the feature's flag."""
        self._treasury = treasury
        self._portfolio = portfolio
        self._latches = latches
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._config = config
        self._zone = zone
        self._wanted = wanted
        self._told_day = ""

    @property
    def goal(self) -> Decimal | None:
        """Today's target in money, where there is one."""
        return target_money(self._treasury.day_start_equity, self._config.daily) if self._wanted else None

    async def check(self) -> None:
        """End yesterday's stop; stop for today when the target is reached."""
        await self._end_on_a_new_day()
        today = TimeContext(self._clock.market_ms(), self._zone).day_key()
        if not self._wanted or self._told_day == today:
            return
        if PROFIT_TARGET in self._latches:
            self._told_day = today  # reached before a restart
        elif target_reached(self._treasury.day_start_equity, self._treasury.day_pnl, self._config.daily):
            self._told_day = today
            await self._reached(today)

    async def _end_on_a_new_day(self) -> None:
        latch = self._latches.get(PROFIT_TARGET)
        if latch is None:
            return
        now = self._clock.market_ms()
        if self._wanted and TimeContext(latch.set_ms, self._zone).day_bounds()[1] > now:
            return
        text = "A new day: yesterday's target was reached, and I trade again."
        news = Announcement(f"target_over:{now}", EventKind.TRADING, Severity.INFO, text, now)
        if await self._latches.lift(PROFIT_TARGET, "a new day", news):
            self._tell(news)

    async def _reached(self, day: str) -> None:
        now, stops = self._clock.market_ms(), self._config.action == "stop_entries"
        text = f"{self._summary()} {self._consequence(stops)}"
        kind = EventKind.NOT_TRADING if stops else EventKind.NOTICE
        news = Announcement(f"target:{day}", kind, Severity.INFO, text, now)
        if not stops:
            await self._journal.commit(news)
            self._tell(news)
        elif await self._latches.set(PROFIT_TARGET, _REASON, "", news):
            self._tell(news)

    def _summary(self) -> str:
        """The session in one line."""
        treasury, start = self._treasury, TimeContext(self._clock.market_ms(), self._zone).day_bounds()[0]
        closed = tally([one for one in self._portfolio.round_trips if one.closed_ms >= start])
        goal = words.money(self.goal or ZERO, treasury.currency)
        result = words.signed(treasury.day_pnl, treasury.currency)
        return (
            f"Today's target of {goal} is reached: {result}. {words.count(closed.trades, 'trade')} closed, "
            f"{closed.wins} won, {closed.fees:,.2f} in fees."
        )

    def _consequence(self, stops: bool) -> str:
        if not stops:
            return "I trade on."
        stay = words.positions_stay(self._portfolio.open_count)
        said = ("I open nothing new until midnight.", stay, "/resume lets me trade on today.")
        return " ".join(filter(None, said))

    def _tell(self, news: Announcement) -> None:
        self._herald.announced(news)
        self._herald.changed("status")


_REASON = "today's profit target is reached; nothing new is opened until midnight (/resume trades on)"
