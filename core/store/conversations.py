"""What Zyn remembers of its owner: turns, memories, preferences and small values of its own."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.model.mandate import PolicyRow
from core.model.memory import Memory, Turn
from core.store.shapes import to_json
from core.store.tables import Statement
from core.store.writer import StoreRoom


class Conversations(StoreRoom):
    """The rooms of memory that any door may read and write; every write is durable."""

    async def add_turn(
        self, session: str, role: str, text: str, time_ms: int, data: Mapping[str, Any] | None = None
    ) -> None:
        """Keep one turn. It is written a moment later: an answer does not wait for the disk."""
        values = (session, role, text, time_ms, to_json(dict(data or {})), self.mode)
        sql = "INSERT INTO conversations (session, role, text, time_ms, data, mode) VALUES (?, ?, ?, ?, ?, ?)"
        self._writer.note(((sql, values),))

    async def turns(self, session: str, limit: int = 20) -> list[Turn]:
        """The last `limit` turns of a conversation, oldest first."""
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT session, role, text, time_ms, data FROM conversations WHERE session = ? "
            "ORDER BY rowid DESC LIMIT ?",
            (session, limit),
        )
        return [_turn(*row) for row in reversed(rows)]

    async def remember(self, subject: str, text: str, kind: str, session: str, time_ms: int) -> None:
        await self._run(
            "INSERT INTO memories (subject, text, kind, session, time_ms, mode) VALUES (?, ?, ?, ?, ?, ?)",
            subject, text, kind, session, time_ms, self.mode,
        )  # fmt: skip

    async def memories(self, query: str | None = None) -> list[Memory]:
        """What is remembered, newest first; with a query, what holds each of its words."""
        where, values = _holding(query or "")
        rows = await self._database.read(
            f"SELECT id, subject, text, kind, session, time_ms FROM memories {where} "  # noqa: S608
            "ORDER BY id DESC",
            values,
        )
        return [Memory(*row) for row in rows]

    async def forget(self, query: str) -> int:
        """Delete what holds each word of the query; how many. An empty query deletes nothing."""
        where, values = _holding(query)
        if not where:
            return 0
        return await self._run(f"DELETE FROM memories {where}", *values)  # noqa: S608

    async def preferences(self) -> dict[str, str]:
        return dict(await self._database.read("SELECT name, value FROM preferences"))

    async def set_preference(self, key: str, value: str) -> None:
        await self._put("preferences", key, value)

    async def get_value(self, key: str) -> str | None:
        """A small value of Zyn's own, such as who is paired."""
        rows = await self._database.read("SELECT value FROM key_values WHERE name = ?", (key,))
        return str(rows[0][0]) if rows else None

    async def set_value(self, key: str, value: str) -> None:
        await self._put("key_values", key, value)

    async def policies(self) -> list[PolicyRow]:
        """The owner's mandate, by name."""
        return [
            PolicyRow(*row)
            for row in await self._database.read(
                "SELECT name, value, said, time_ms FROM mandate ORDER BY name"
            )
        ]

    async def keep_policies(self, rows: Sequence[PolicyRow], dropped: Sequence[str] = ()) -> None:
        """Put these rows in force and end the dropped ones, all or nothing."""
        put = Statement(
            "INSERT INTO mandate (name, value, said, time_ms, mode) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value, said = excluded.said, "
            "time_ms = excluded.time_ms",
            tuple((row.name, row.value, row.said, row.time_ms, self.mode) for row in rows),
        )
        drop = Statement("DELETE FROM mandate WHERE name = ?", tuple((name,) for name in dropped))
        await self._writer.commit(tuple(one for one in (drop, put) if one.rows))

    async def first_time(self, source: str, update_id: str) -> bool:
        """Whether this update was never seen before; it is from now on, across restarts."""
        return bool(
            await self._run(
                "INSERT OR IGNORE INTO processed_updates (source, update_id, mode) VALUES (?, ?, ?)",
                source, update_id, self.mode,
            )
        )  # fmt: skip

    def saw(self, source: str, update_id: str) -> None:
        """Keep that an update was seen, a moment later: for those that only ask."""
        sql = "INSERT OR IGNORE INTO processed_updates (source, update_id, mode) VALUES (?, ?, ?)"
        self._writer.note(((sql, (source, update_id, self.mode)),))

    async def seen_lately(self, source: str, limit: int = 1000) -> list[str]:
        """The updates seen last, newest first."""
        await self._writer.settled()
        rows = await self._database.read(
            "SELECT update_id FROM processed_updates WHERE source = ? "
            "ORDER BY CAST(update_id AS INTEGER) DESC LIMIT ?",
            (source, limit),
        )
        return [str(row[0]) for row in rows]

    async def _put(self, table: str, key: str, value: str) -> None:
        await self._run(
            f"INSERT INTO {table} (name, value, mode) VALUES (?, ?, ?) "  # noqa: S608
            "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            key, value, self.mode,
        )  # fmt: skip

    async def _run(self, sql: str, *values: Any) -> int:
        return await self._writer.commit((Statement(sql, (values,)),))


def _turn(session: str, role: str, text: str, time_ms: int, data: str) -> Turn:
    return Turn(session, role, text, time_ms, json.loads(data))


def _holding(query: str) -> tuple[str, list[str]]:
    """A WHERE clause for rows whose words hold every word of the query."""
    words = [_escaped(word) for word in query.split()]
    if not words:
        return "", []
    held = " AND ".join("(subject || ' ' || kind || ' ' || text) LIKE ? ESCAPE '\\'" for _ in words)
    return f"WHERE {held}", [f"%{word}%" for word in words]


def _escaped(word: str) -> str:
    for special in "\\%_":
        word = word.replace(special, f"\\{special}")
    return word
