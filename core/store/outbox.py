"""What waits to be told: one row a channel, written in the transaction of the fact itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.model.events import Announcement, EventKind, Severity
from core.model.outbox import Alert, OutboxRow
from core.store.shapes import columns_of
from core.store.tables import ANNOUNCEMENTS, Statement
from core.store.writer import StoreRoom

_LISTED = ", ".join(f'announcements."{column.name}"' for column in columns_of(ANNOUNCEMENTS.kind))


class Outbox(StoreRoom):
    """The pump's side of it. At least once: a row stays until its channel has said delivered."""

    async def pending(self, channel: str, now_wall_ms: int, limit: int = 20) -> list[OutboxRow]:
        """What may be tried now: the most severe first, then the oldest."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT outbox.id, outbox.attempts, {_LISTED} FROM outbox "  # noqa: S608
            "JOIN announcements ON announcements.id = outbox.announcement_id "
            "WHERE outbox.channel = ? AND outbox.delivered = 0 AND outbox.retry_at_ms <= ? "
            "ORDER BY outbox.severity DESC, outbox.id LIMIT ?",
            (channel, now_wall_ms, limit),
        )
        return [OutboxRow(row[0], channel, ANNOUNCEMENTS.fact(row[2:]), row[1]) for row in rows]

    async def next_retry_ms(self, channel: str) -> int | None:
        """When, in wall time, the earliest waiting row may be tried; None when nothing waits."""
        rows = await self._database.read(
            "SELECT min(retry_at_ms) FROM outbox WHERE channel = ? AND delivered = 0", (channel,)
        )
        return rows[0][0] if rows else None

    async def delivered(self, id: int) -> None:
        await self._run("UPDATE outbox SET delivered = 1, error = '' WHERE id = ?", id)

    async def failed(self, id: int, error: str, retry_at_wall_ms: int) -> None:
        """Keep the row for a later try."""
        await self._run(
            "UPDATE outbox SET attempts = attempts + 1, error = ?, retry_at_ms = ? "
            "WHERE id = ? AND delivered = 0",
            error, retry_at_wall_ms, id,
        )  # fmt: skip

    async def alerts(self, limit: int = 50, before: int | None = None) -> list[Alert]:
        """Everything announced, newest first; `before` is the id of the last one already shown."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT announcements.id, {_LISTED} FROM announcements "  # noqa: S608
            "WHERE announcements.id < ? ORDER BY announcements.id DESC LIMIT ?",
            (before if before is not None else 2**62, limit),
        )
        return [Alert(row[0], ANNOUNCEMENTS.fact(row[1:])) for row in rows]

    async def announced(self, from_ms: int) -> list[Announcement]:
        """Everything announced since then in market time, oldest first."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT {_LISTED} FROM announcements WHERE time_ms >= ? ORDER BY id",  # noqa: S608
            (from_ms,),
        )
        return [ANNOUNCEMENTS.fact(row) for row in rows]

    async def grave_after(self, id: int) -> list[Alert]:
        """The critical announcements behind this one, oldest first."""
        await self._writer.settled()
        rows = await self._database.read(
            f"SELECT announcements.id, {_LISTED} FROM announcements "  # noqa: S608
            "WHERE id > ? AND severity >= ? AND kind != ? ORDER BY id",
            (id, int(Severity.CRITICAL), EventKind.ESCALATION.value),
        )
        return [Alert(row[0], ANNOUNCEMENTS.fact(row[1:])) for row in rows]

    async def postpone(self, id: int, until_wall_ms: int) -> None:
        """Keep the row until then; nothing went wrong with it."""
        await self._run("UPDATE outbox SET retry_at_ms = ? WHERE id = ? AND delivered = 0", until_wall_ms, id)

    async def serve(self, channels: Sequence[str]) -> None:
        """From now on every announcement gets a row for each of these channels."""
        rows = tuple((name, self.mode) for name in channels)
        await self._writer.commit(
            (
                Statement("DELETE FROM channels WHERE mode = ?", ((self.mode,),)),
                Statement("INSERT INTO channels (name, mode) VALUES (?, ?)", rows),
            )
        )

    async def _run(self, sql: str, *values: Any) -> int:
        return await self._writer.commit((Statement(sql, (values,)),))
