"""The morning brief: what the night brought, what is open, and what today may cost at most."""

from __future__ import annotations

from datetime import time
from typing import Protocol

from core.alerts.schedule import Period, at_local
from core.clock import Clock
from core.engine import words
from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import TimeContext
from core.model.views import PnlView, PositionRow, PositionsView, StatusView

EVENING = time(20)  # the night begins with it


class NightFigures(Protocol):
    """What the brief reads of the status service."""

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView: ...

    async def positions(self) -> PositionsView: ...

    async def status(self) -> StatusView: ...


class MorningBrief:
    """Told at the owner's hour, about the night since the evening before."""

    name = "morning"

    def __init__(self, figures: NightFigures, clock: Clock, zone: str, at: time) -> None:
        self._figures = figures
        self._clock = clock
        self._zone = zone
        self._at = at

    def period(self, now_ms: int) -> Period:
        back = 0 if now_ms >= at_local(now_ms, self._zone, self._at) else -1
        end_ms = at_local(now_ms, self._zone, self._at, back)
        return Period(
            TimeContext(end_ms, self._zone).day_key(), at_local(end_ms, self._zone, EVENING, -1), end_ms
        )

    def next_ms(self, now_ms: int) -> int:
        today = at_local(now_ms, self._zone, self._at)
        return today if now_ms < today else at_local(now_ms, self._zone, self._at, 1)

    async def write(self, period: Period) -> Announcement:
        night = await self._figures.pnl(period.start_ms, period.end_ms, "night")
        status, positions = await self._figures.status(), await self._figures.positions()
        text = "\n".join(line for line in (_hello(status, night), *_open(positions), _today(status)) if line)
        return Announcement(
            f"morning:{period.key}", EventKind.MORNING_BRIEF, Severity.INFO, text, self._clock.market_ms(),
            data={"day": period.key},
        )  # fmt: skip


def _hello(status: StatusView, night: PnlView) -> str:
    hello = f"Good morning, {status.owner}."
    if not night.trades:
        return f"{hello} No trade was closed overnight. Equity {words.money(status.equity, status.currency)}."
    result = words.signed(night.realised, night.currency)
    return (
        f"{hello} Overnight {words.count(night.trades, 'trade')} closed, {night.wins} won: {result} after "
        f"{night.fees:,.2f} in fees. Equity {words.money(status.equity, status.currency)}."
    )


def _open(positions: PositionsView) -> list[str]:
    if not positions.rows:
        return ["Nothing is open."]
    lines = [_position(row) for row in positions.rows[:8]]
    if len(positions.rows) > 8:
        lines.append(f"and {len(positions.rows) - 8} more, see /positions.")
    return ["Open:", *lines]


def _position(row: PositionRow) -> str:
    stop = f", stop {words.price(row.position.stop)}" if row.position.stop else ""
    guarded = "" if row.protected else ", NOT fully protected"
    return f"- {words.coin(row.position.symbol)} {row.unrealised:+,.2f}{stop}{guarded}"


def _today(status: StatusView) -> str:
    budget = words.money(status.loss_budget_left, status.currency)
    if not status.trading:
        return f"I open nothing new: {status.why_not}"
    return f"Today I stop trading after losing {budget}. I watch {words.count(len(status.symbols), 'pair')}."
