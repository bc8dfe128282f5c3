"""Time as the owner lives it: the zone's day, its bounds across daylight saving, sessions and features."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def from_ms(ms: int) -> datetime:
    """An aware UTC datetime of milliseconds since the epoch."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime; a naive one is refused."""
    if moment.tzinfo is None:
        raise ValueError("a datetime without a zone means nothing here")
    return round(moment.timestamp() * 1000)


def iso(ms: int) -> str:
    """ISO 8601 in UTC with a Z, to the millisecond when there is one."""
    return from_ms(ms).isoformat(timespec="milliseconds" if ms % 1000 else "seconds").replace("+00:00", "Z")


SESSIONS = ("00-04", "04-08", "08-12", "12-16", "16-20", "20-24")


@dataclass(frozen=True, slots=True)
class TimeContext:
    """One moment in the owner's zone."""

    now_ms: int
    zone: str

    @property
    def local(self) -> datetime:
        return from_ms(self.now_ms).astimezone(ZoneInfo(self.zone))

    @property
    def weekday(self) -> str:
        return self.local.strftime("%A")

    @property
    def is_weekend(self) -> bool:
        return from_ms(self.now_ms).weekday() >= 5

    @property
    def session(self) -> str:
        """The four-hour UTC session, a feature of the learner. Crypto spot never closes."""
        return SESSIONS[from_ms(self.now_ms).hour // 4]

    def day_bounds(self, days_back: int = 0) -> tuple[int, int]:
        """[start, end) in ms UTC of a local day: 23, 24 or 25 hours long."""
        zone = ZoneInfo(self.zone)
        day = self.local.date() - timedelta(days=days_back)
        start = datetime.combine(day, time(), zone)
        end = datetime.combine(day + timedelta(days=1), time(), zone)
        return to_ms(start), to_ms(end)

    def day_key(self) -> str:
        """The local date, such as 2026-11-23: names a trading day."""
        return self.local.date().isoformat()

    def greeting(self) -> str:
        hour = self.local.hour
        return "Good morning" if 5 <= hour < 12 else "Good afternoon" if 12 <= hour < 18 else "Good evening"


def period_bounds(period: str, context: TimeContext) -> tuple[int, int]:
    """[start, end) in ms UTC of a named period in the owner's zone.

    `period`: today, yesterday, this_week, last_week, this_month, last_month, 7d, 30d, 90d, 180d, ytd or all.
    Weeks start on Monday. A period that is still running ends with today, so that it holds what happens
    while it is being looked at. Raises ValueError on another name.
    """
    zone = ZoneInfo(context.zone)
    today = context.local.date()

    def at(year: int, month: int, day: int) -> int:
        return to_ms(datetime(year, month, day, tzinfo=zone))

    def day_start(back: int) -> int:
        return context.day_bounds(back)[0]

    end = context.day_bounds()[1]
    if period == "today":
        return day_start(0), end
    if period == "yesterday":
        return day_start(1), day_start(0)
    if period == "this_week":
        return day_start(today.weekday()), end
    if period == "last_week":
        return day_start(today.weekday() + 7), day_start(today.weekday())
    if period == "this_month":
        return at(today.year, today.month, 1), end
    if period == "last_month":
        last = today.replace(day=1) - timedelta(days=1)
        return at(last.year, last.month, 1), at(today.year, today.month, 1)
    if period == "ytd":
        return at(today.year, 1, 1), end
    if period == "all":
        return 0, end
    if period.endswith("d") and period[:-1].isdigit():
        return context.now_ms - int(period[:-1]) * 86_400_000, end
    raise ValueError(f"unknown period {period!r}")
