"""An outbox in memory and a channel that fails on order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.alerts.attention import Manner, Verdict
from core.clock import ManualClock
from core.model.errors import StoreError, ZynError
from core.model.events import Announcement, EventKind, Severity
from core.model.outbox import OutboxRow


def news(
    key: str,
    severity: Severity = Severity.TRADE,
    kind: EventKind = EventKind.FILL,
    text: str = "",
    at: int = 0,
) -> Announcement:
    return Announcement(key, kind, severity, text or f"text of {key}", at, data={"symbol": "ETH/USD"})


@dataclass
class FakeOutbox:
    """Rows of one or more channels, with their next try."""

    rows: dict[int, OutboxRow] = field(default_factory=dict)
    retry_at: dict[int, int] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    broken: bool = False

    def put(self, announcement: Announcement, channel: str = "telegram") -> None:
        number = len(self.rows) + len(self.done) + 1
        self.rows[number] = OutboxRow(number, channel, announcement, 0)

    async def pending(self, channel: str, now_wall_ms: int, limit: int = 20) -> list[OutboxRow]:
        self._check()
        due = [
            row
            for row in self.rows.values()
            if row.channel == channel and self.retry_at.get(row.id, 0) <= now_wall_ms
        ]
        return sorted(due, key=lambda row: (-row.announcement.severity, row.id))[:limit]

    async def next_retry_ms(self, channel: str) -> int | None:
        self._check()
        return min(
            (self.retry_at.get(row.id, 0) for row in self.rows.values() if row.channel == channel),
            default=None,
        )

    async def delivered(self, id: int) -> None:
        self._check()
        self.done.append(self.rows.pop(id).announcement.key)

    async def failed(self, id: int, error: str, retry_at_wall_ms: int) -> None:
        self._check()
        self.rows[id] = replace(self.rows[id], attempts=self.rows[id].attempts + 1)
        self.retry_at[id] = retry_at_wall_ms

    async def postpone(self, id: int, until_wall_ms: int) -> None:
        self._check()
        self.retry_at[id] = until_wall_ms

    def _check(self) -> None:
        if self.broken:
            raise StoreError("the disk is full")


@dataclass
class FakeChannel:
    """Keeps what it delivered; raises what is queued, one an attempt."""

    name: str = "telegram"
    errors: list[ZynError | ValueError] = field(default_factory=list)
    delivered: list[Announcement] = field(default_factory=list)
    tries: int = 0
    clock: ManualClock | None = None
    delivered_at: list[int] = field(default_factory=list)

    async def judge(self, announcement: Announcement) -> Verdict:
        wanted = announcement.kind is not EventKind.NOTICE or announcement.key.startswith("batch:")
        return Verdict(Manner.RING if wanted else Manner.OFF)

    async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
        self.tries += 1
        if self.errors:
            raise self.errors.pop(0)
        self.delivered.append(announcement)
        if self.clock:
            self.delivered_at.append(self.clock.now_ms)

    @property
    def keys(self) -> list[str]:
        return [announcement.key for announcement in self.delivered]
