"""The daily summary: the owner's day in four calm lines, told at their midnight."""

from __future__ import annotations

from typing import Protocol

from core.clock import Clock
from core.engine import words
from core.engine.ports import Herald, Journal
from core.model.account import RoundTrip
from core.model.events import Announcement, EventKind, Severity
from core.model.money import plain
from core.model.time_context import TimeContext, from_ms
from core.model.views import PnlView, PositionsView, StatusView

SETTLE_MS = 60_000  # of market time after midnight, so that the day's last fills are booked
LAST_DAY, LAST_WALL = "digest.last_day", "digest.last_wall_ms"


class DayFigures(Protocol):
    """What the summary reads of the status service."""

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView: ...

    async def positions(self) -> PositionsView: ...

    async def status(self) -> StatusView: ...


class SmallValues(Protocol):
    """Small values that outlive a restart."""

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class Digest:
    """Tells each finished day once. `min_gap_s` of wall time lie between two summaries: the demo's days are
    short, and nobody wants one every few minutes."""

    def __init__(
        self,
        figures: DayFigures,
        journal: Journal,
        herald: Herald,
        values: SmallValues,
        clock: Clock,
        zone: str,
        min_gap_s: float = 0.0,
    ) -> None:
        self._figures = figures
        self._journal = journal
        self._herald = herald
        self._values = values
        self._clock = clock
        self._zone = zone
        self._min_gap_ms = round(min_gap_s * 1000)

    async def run(self) -> None:
        """Sleep from midnight to midnight; a day that ended while Zyn was off is told at the start."""
        await self.begin()
        while True:
            await self.tell()
            midnight = TimeContext(self._clock.market_ms(), self._zone).day_bounds()[1]
            await self._clock.sleep_until_market(midnight + SETTLE_MS)

    async def begin(self) -> None:
        """On the very first start there is no finished day to tell."""
        if await self._values.get_value(LAST_DAY) is None:
            await self._values.set_value(LAST_DAY, self._yesterday()[2])

    async def tell(self) -> bool:
        """Tell yesterday, unless it was told or the last summary is too fresh. Whether it was told."""
        start_ms, end_ms, day = self._yesterday()
        if day <= (await self._values.get_value(LAST_DAY) or ""):
            return False
        last = int(await self._values.get_value(LAST_WALL) or 0)
        if self._clock.wall_ms() - last < self._min_gap_ms:
            return False
        announcement = await self._summary(start_ms, end_ms, day)
        await self._journal.commit(announcement)
        self._herald.announced(announcement)
        await self._values.set_value(LAST_DAY, day)
        await self._values.set_value(LAST_WALL, str(self._clock.wall_ms()))
        return True

    def _yesterday(self) -> tuple[int, int, str]:
        """(start, end, key) of the last finished day in the owner's zone."""
        start_ms, end_ms = TimeContext(self._clock.market_ms(), self._zone).day_bounds(1)
        return start_ms, end_ms, TimeContext(start_ms, self._zone).day_key()

    async def _summary(self, start_ms: int, end_ms: int, day: str) -> Announcement:
        pnl = await self._figures.pnl(start_ms, end_ms, day)
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
    noun = "trade" if pnl.trades == 1 else "trades"
    text = f"{pnl.trades} {noun} closed, {pnl.wins} won."
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
    noun = "position" if len(rows) == 1 else "positions"
    worth = words.money(positions.exposure, currency)
    return f"Open: {len(rows)} {noun} worth {worth}, {unrealised:+,.2f} so far."
