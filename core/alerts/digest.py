"""The daily summary: the owner's day in four calm lines, told at their midnight."""

from __future__ import annotations

from typing import Protocol

from core.alerts.schedule import Period
from core.clock import Clock
from core.engine import words
from core.model.account import RoundTrip
from core.model.events import Announcement, EventKind, Severity
from core.model.money import plain
from core.model.time_context import TimeContext, from_ms
from core.model.views import PnlView, PositionsView, StatusView

SETTLE_MS = 60_000  # of market time after midnight, so that the day's last fills are booked


class DayFigures(Protocol):
    """What the summary reads of the status service."""

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView: ...

    async def positions(self) -> PositionsView: ...

    async def status(self) -> StatusView: ...


class DailySummary:
    """Yesterday, told shortly after the owner's midnight."""

    name = "day"

    def __init__(self, figures: DayFigures, clock: Clock, zone: str) -> None:
        self._figures = figures
        self._clock = clock
        self._zone = zone

    def period(self, now_ms: int) -> Period:
        start_ms, end_ms = TimeContext(now_ms, self._zone).day_bounds(1)
        return Period(TimeContext(start_ms, self._zone).day_key(), start_ms, end_ms)

    def next_ms(self, now_ms: int) -> int:
        return TimeContext(now_ms, self._zone).day_bounds()[1] + SETTLE_MS

    async def write(self, period: Period) -> Announcement:
        start_ms, day = period.start_ms, period.key
        pnl = await self._figures.pnl(start_ms, period.end_ms, day)
        status, positions = await self._figures.status(), await self._figures.positions()
        name = f"{TimeContext(start_ms, self._zone).local:%A %-d %B}"
        data = {
            "day": day, "realised": plain(pnl.realised), "fees": plain(pnl.fees), "trades": pnl.trades,
            "wins": pnl.wins, "equity": plain(status.equity), "from": from_ms(start_ms).isoformat(),
        }  # fmt: skip
        return Announcement(
            f"daily:{day}", EventKind.DAILY_SUMMARY, Severity.INFO, day_text(name, pnl, positions, status),
            self._clock.market_ms(), data=data,
        )  # fmt: skip


def day_text(name: str, pnl: PnlView, positions: PositionsView, status: StatusView) -> str:
    """The day's result net of fees, its trades, what is open, and what it all comes to."""
    result = words.signed(pnl.realised, pnl.currency)
    lines = [f"{name}: {result} after {pnl.fees:,.2f} in fees.", _trades(pnl), _open(positions, pnl.currency)]
    lines.append(f"Equity {words.money(status.equity, status.currency)}.")
    if not status.trading:
        lines.append(f"Not opening anything new: {status.why_not}")
    return "\n".join(lines)


def _trades(pnl: PnlView) -> str:
    if not pnl.trades:
        return "No trade was closed."
    text = f"{words.count(pnl.trades, 'trade')} closed, {pnl.wins} won."
    if pnl.best and pnl.worst and pnl.best != pnl.worst:
        text += f" Best {_trip(pnl.best)}, worst {_trip(pnl.worst)}."
    return text


def _trip(trip: RoundTrip) -> str:
    return f"{words.coin(trip.symbol)} {trip.net_pnl:+,.2f}"


def _open(positions: PositionsView, currency: str) -> str:
    rows = positions.rows
    if not rows:
        return "Nothing is open."
    unrealised = sum((row.unrealised for row in rows), start=rows[0].unrealised * 0)
    worth = words.money(positions.exposure, currency)
    return f"Open: {words.count(len(rows), 'position')} worth {worth}, {unrealised:+,.2f} so far."
