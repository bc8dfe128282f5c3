"""What one message carries: a single announcement, or many small ones put together after an outage."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.model.events import Announcement, EventKind, Severity
from core.model.outbox import OutboxRow
from core.model.time_context import from_ms

TOGETHER_FROM = 5  # fewer small messages are sent one by one
LINES_MAX = 30
_ALONE = frozenset(
    {EventKind.MORNING_BRIEF, EventKind.DAILY_SUMMARY, EventKind.WEEKLY_REPORT, EventKind.PRICE_ALERT}
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """Rows of the outbox that leave as one message."""

    rows: tuple[OutboxRow, ...]
    announcement: Announcement

    @property
    def ids(self) -> frozenset[int]:
        return frozenset(row.id for row in self.rows)

    @property
    def rank(self) -> tuple[int, int]:
        """The most severe first, then the oldest."""
        return -self.announcement.severity, self.rows[0].id


def one_by_one(rows: Sequence[OutboxRow]) -> list[Parcel]:
    return [Parcel((row,), row.announcement) for row in rows]


def together(rows: Sequence[OutboxRow], zone: str, alone: Collection[int] = ()) -> list[Parcel]:
    """Warnings and summaries alone, in their order; the many small ones behind them as one message.

    `alone` are the ids of rows that are not put together with others.
    """

    def is_small(row: OutboxRow) -> bool:
        return row.id not in alone and _is_small(row.announcement)

    small = sorted((row for row in rows if is_small(row)), key=lambda row: row.id)
    if len(small) < TOGETHER_FROM:
        return one_by_one(rows)
    rest = [row for row in rows if not is_small(row)]
    chunks = [small[at : at + LINES_MAX] for at in range(0, len(small), LINES_MAX)]
    batches = [
        Parcel(tuple(chunk), _batch([row.announcement for row in chunk], zone, len(small), first=not number))
        for number, chunk in enumerate(chunks)
    ]
    return [*one_by_one(rest), *batches]


def _is_small(announcement: Announcement) -> bool:
    return announcement.severity < Severity.WARNING and announcement.kind not in _ALONE


def _batch(announcements: list[Announcement], zone: str, total: int, *, first: bool) -> Announcement:
    """Several small ones as one message; of a long list only the first part makes a sound."""
    head = [f"Meanwhile, {total} things happened:"] if first else []
    return Announcement(
        key=f"batch:{announcements[0].key}:{len(announcements)}", kind=EventKind.NOTICE,
        severity=max(one.severity for one in announcements) if first else Severity.INFO,
        text="\n".join([*head, *(_line(one, zone) for one in announcements)]),
        time_ms=announcements[-1].time_ms, data={"keys": [one.key for one in announcements]},
    )  # fmt: skip


def _line(announcement: Announcement, zone: str) -> str:
    when = from_ms(announcement.time_ms).astimezone(ZoneInfo(zone))
    return f"{when:%H:%M} {announcement.text}"
