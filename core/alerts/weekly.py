"""The weekly report card: the servant's own school report, every figure derived again from what was kept.

Net result beside buying and holding, what the week cost in fees and model money, how often the rules had to
step in, how long Zyn was up, what it learned, and what comes next.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Protocol

from core.alerts.schedule import Period, at_local
from core.clock import Clock
from core.engine import words
from core.engine.ports import Market
from core.model.errors import VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.market import Timeframe
from core.model.money import ZERO, plain, to_decimal
from core.model.time_context import TimeContext
from core.model.views import PnlView, StatusView

DAY_MS, CANDLE_MS = 86_400_000, 300_000
_STEPPED_IN = {
    "latched:kill_switch": "kill switch", "latched:": "other locks", "refused:": "refused entries",
    "stop_missing": "missing stops put back", "order_unknown": "orders without an answer",
    "order_rejected": "orders the exchange refused", "manual_trade": "trades by your hand",
}  # fmt: skip

# A part of Zyn that has something to say about a span of market time; empty when it has not.
Chapter = Callable[[int, int], Awaitable[str]]


class WeekFigures(Protocol):
    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView: ...

    async def status(self) -> StatusView: ...


class WeekCounts(Protocol):
    """What the store counts."""

    async def lived_candles(self, from_ms: int, to_ms: int) -> int: ...

    async def judged_candles(self, from_ms: int, to_ms: int) -> int: ...

    async def safety_counts(self, from_ms: int, to_ms: int) -> dict[str, int]: ...

    async def equity_at(self, at_ms: int) -> str | None: ...

    async def first_mark_ms(self, from_ms: int) -> int | None: ...

    async def get_value(self, key: str) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """Where the report card takes its figures from."""

    figures: WeekFigures
    counts: WeekCounts
    market: Market
    symbols: Sequence[str]
    chapters: Sequence[Chapter] = ()
    can_wake: bool = True  # whether SMS is configured


class WeeklyReport:
    """Monday to Sunday, told on Monday at the owner's hour."""

    name = "week"

    def __init__(self, sources: Sources, clock: Clock, zone: str, at: time) -> None:
        self._sources = sources
        self._clock = clock
        self._zone = zone
        self._at = at

    def period(self, now_ms: int) -> Period:
        told_ms = self._monday(now_ms)
        if now_ms < told_ms:
            told_ms = self._monday(now_ms - 7 * DAY_MS)
        start, end = (at_local(told_ms, self._zone, time(), days) for days in (-7, 0))
        return Period(TimeContext(start, self._zone).day_key(), start, end)

    def next_ms(self, now_ms: int) -> int:
        monday = self._monday(now_ms)
        return monday if now_ms < monday else self._monday(now_ms + 7 * DAY_MS)

    def _monday(self, now_ms: int) -> int:
        """This week's Monday at the hour, in the owner's zone."""
        back = TimeContext(now_ms, self._zone).local.weekday()
        return at_local(now_ms, self._zone, self._at, -back)

    async def write(self, period: Period) -> Announcement:
        pnl = await self._sources.figures.pnl(period.start_ms, period.end_ms, "week")
        status = await self._sources.figures.status()
        hold = await self._buy_and_hold(period)
        lines = [
            self._head(period, pnl), self._beside(pnl, hold, await self._start_equity(period)), _trades(pnl),
            await self._service(period), await self._rules(period), await self._model(period),
            *[await chapter(period.start_ms, period.end_ms) for chapter in self._sources.chapters],
            _plan(status), "" if self._sources.can_wake else _NOBODY_WAKES,
        ]  # fmt: skip
        data = {
            "from": period.start_ms, "to": period.end_ms, "realised": plain(pnl.realised),
            "fees": plain(pnl.fees), "trades": pnl.trades, "wins": pnl.wins,
            "buy_and_hold": None if hold is None else plain(hold),
        }  # fmt: skip
        return Announcement(
            f"weekly:{period.key}", EventKind.WEEKLY_REPORT, Severity.INFO,
            "\n".join(line for line in lines if line), self._clock.market_ms(), data=data,
        )  # fmt: skip

    def _head(self, period: Period, pnl: PnlView) -> str:
        start = TimeContext(period.start_ms, self._zone).local
        end = start + timedelta(days=6)
        result = words.signed(pnl.realised, pnl.currency)
        return f"Report card, {start:%-d %b} to {end:%-d %b}: {result} after {pnl.fees:,.2f} in fees."

    async def _start_equity(self, period: Period) -> Decimal | None:
        kept = await self._sources.counts.equity_at(period.start_ms)
        return Decimal(kept) if kept else None

    def _beside(self, pnl: PnlView, hold: Decimal | None, equity: Decimal | None) -> str:
        """Zyn's result beside buying the same pairs in equal parts and holding them."""
        if hold is None:
            return ""
        held = f"Buying and holding the same pairs in equal parts: {words.share(hold)}"
        own = f"; mine {words.share(pnl.realised / equity)} of the week's first equity" if equity else ""
        return f"{held}{own}."

    async def _buy_and_hold(self, period: Period) -> Decimal | None:
        """Mean return of the watched pairs over the period, from daily closes; None without prices."""
        returns = []
        for symbol in self._sources.symbols:
            try:
                days = await self._sources.market.candles(symbol, Timeframe.D1, 21)
            except VenueError:
                return None
            closes = [to_decimal(day.close) for day in days if day.time_ms + DAY_MS <= period.start_ms][-1:]
            closes += [
                to_decimal(day.close)
                for day in days
                if period.start_ms < day.time_ms + DAY_MS <= period.end_ms
            ][-1:]
            if len(closes) == 2 and closes[0] > 0:
                returns.append(closes[1] / closes[0] - 1)
        return sum(returns, ZERO) / len(returns) if returns else None

    async def _service(self, period: Period) -> str:
        """How long Zyn was up, and which candles it missed while it was."""
        counts = self._sources.counts
        first = await counts.first_mark_ms(period.start_ms)
        if first is None or first >= period.end_ms:
            return "I was not running this week."
        span = max(1, (period.end_ms - first) // CANDLE_MS)
        lived = min(span, await counts.lived_candles(first, period.end_ms))
        judged = min(lived, await counts.judged_candles(first, period.end_ms))
        up = Decimal(lived) / span
        seen = words.count(judged, "candle")
        return f"Up {words.percent(up, 1)} of the time; {seen} judged, {lived - judged} missed while up."

    async def _rules(self, period: Period) -> str:
        """How often the rules stepped in."""
        counts = await self._sources.counts.safety_counts(period.start_ms, period.end_ms)
        named: Counter[str] = Counter()
        for kind, count in counts.items():
            what = next((words_ for start, words_ in _STEPPED_IN.items() if kind.startswith(start)), "")
            named[what] += count if what else 0
        said = ", ".join(f"{what} {count}" for what, count in sorted(named.items()) if count)
        return f"The rules stepped in: {said}." if said else "No rule had to step in."

    async def _model(self, period: Period) -> str:
        """What the language model cost in the owner's days of the week."""
        spent = ZERO
        for days in range(7):
            day = TimeContext(period.start_ms + days * DAY_MS + DAY_MS // 2, self._zone).day_key()
            spent += Decimal(await self._sources.counts.get_value(f"openai_spent:{day}") or 0)
        return f"The language model cost {spent:,.2f} USD." if spent else ""


_NOBODY_WAKES = (
    "No SMS is set up, so nothing can wake you when Telegram is silent: TWILIO_* and SMS_TO change that."
)


def _trades(pnl: PnlView) -> str:
    if not pnl.trades:
        return "No trade was closed."
    factor = f", profit factor {pnl.profit_factor:.2f}" if pnl.profit_factor is not None else ""
    won = words.percent(pnl.wins / pnl.trades, 0)
    text = f"{words.count(pnl.trades, 'trade')}, {pnl.wins} won ({won}){factor}."
    worst = pnl.worst
    if worst is not None and worst.net_pnl < 0:
        text += f" Worst {words.coin(worst.symbol)} {worst.net_pnl:+,.2f}."
    return text


def _plan(status: StatusView) -> str:
    if not status.trading:
        return f"Plan: I open nothing new for now ({status.why_not})."
    budget = words.money(status.loss_limit, status.currency)
    return (
        f"Plan: the same rules on {words.count(len(status.symbols), 'pair')}, at most {budget} lost in a day."
    )
