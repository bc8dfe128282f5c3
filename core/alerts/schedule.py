"""Reports told unasked: each finished period once, however often Zyn was restarted in between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.engine.ports import Herald, Journal
from core.model.events import Announcement
from core.model.time_context import from_ms, to_ms

LAST, LAST_WALL = "digest.last_", "digest.last_wall_ms"


@dataclass(frozen=True, slots=True)
class Period:
    """What a report is about: [start, end) in ms; `key` names it and grows with time."""

    key: str
    start_ms: int
    end_ms: int


class Report(Protocol):
    """One kind of report."""

    @property
    def name(self) -> str: ...

    def period(self, now_ms: int) -> Period:
        """The last one that may be told by now."""
        ...

    def next_ms(self, now_ms: int) -> int:
        """When the next one may be told."""
        ...

    async def write(self, period: Period) -> Announcement: ...


class SmallValues(Protocol):
    """Small values that outlive a restart."""

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class Schedule:
    """Tells every report in its time. `min_gap_s` of wall time lie between two of any kind: the demo's days
    are short, and nobody wants one every few minutes."""

    def __init__(
        self,
        reports: Sequence[Report],
        journal: Journal,
        herald: Herald,
        values: SmallValues,
        clock: Clock,
        min_gap_s: float = 0.0,
    ) -> None:
        self._reports = reports
        self._journal = journal
        self._herald = herald
        self._values = values
        self._clock = clock
        self._min_gap_ms = round(min_gap_s * 1000)

    async def run(self) -> None:
        """Sleep from report to report; what became due while Zyn was off is told at the start."""
        await self.begin()
        while True:
            for report in self._reports:
                await self.tell(report)
            now = self._clock.market_ms()
            await self._clock.sleep_until_market(min(report.next_ms(now) for report in self._reports))

    async def begin(self) -> None:
        """On the very first start there is nothing finished to tell."""
        for report in self._reports:
            if await self._values.get_value(LAST + report.name) is None:
                await self._told(report, report.period(self._clock.market_ms()))

    async def tell(self, report: Report) -> bool:
        """Tell a report's last period, unless it was told or the last report is too fresh; whether it was."""
        period = report.period(self._clock.market_ms())
        if period.key <= (await self._values.get_value(LAST + report.name) or ""):
            return False
        last = int(await self._values.get_value(LAST_WALL) or 0)
        if self._clock.wall_ms() - last < self._min_gap_ms:
            return False
        news = await report.write(period)
        await self._journal.commit(news)
        self._herald.announced(news)
        await self._told(report, period)
        await self._values.set_value(LAST_WALL, str(self._clock.wall_ms()))
        return True

    async def _told(self, report: Report, period: Period) -> None:
        await self._values.set_value(LAST + report.name, period.key)


def at_local(now_ms: int, zone: str, at: time, days: int = 0) -> int:
    """A time of day in the owner's zone, `days` from the day of `now_ms`, in ms."""
    day = from_ms(now_ms).astimezone(ZoneInfo(zone)).date() + timedelta(days=days)
    return to_ms(datetime.combine(day, at, ZoneInfo(zone)))
