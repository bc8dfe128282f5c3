"""What is committed, read by a stranger: the auditor's own look into the database of the service."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from core.engine.latches import KILL_SWITCH
from core.model.orders import OrderIntent
from core.store.tables import INTENTS

_OPEN_LATCHES = "SELECT name FROM latches WHERE lifted_ms IS NULL"


class Evidence:
    """A connection that only reads; it sees what is on disk and nothing of what is on its way."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA query_only = ON")

    def close(self) -> None:
        self._db.close()

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, values).fetchall()

    def intent(self, id: str) -> OrderIntent | None:
        rows = self._rows(f"{INTENTS.select} WHERE id = ?", id)
        return INTENTS.fact(rows[0]) if rows else None

    def unsettled(self) -> list[OrderIntent]:
        return [INTENTS.fact(row) for row in self._rows(f"{INTENTS.select} WHERE progress < 2")]

    def latches(self) -> set[str]:
        return {row[0] for row in self._rows(_OPEN_LATCHES)}

    @property
    def killed(self) -> bool:
        return KILL_SWITCH in self.latches()

    def told_trades(self) -> list[str]:
        """The executions named by announcements of fills and closed positions, one entry a mention."""
        sql = "SELECT data FROM announcements WHERE kind IN ('fill', 'position_closed')"
        return [trade for row in self._rows(sql) for trade in json.loads(row[0])["trades"]]

    def most_told(self) -> tuple[str, int]:
        """The message that was told most often, and how often."""
        sql = "SELECT text, count(*) FROM announcements GROUP BY kind, text ORDER BY 2 DESC LIMIT 1"
        rows = self._rows(sql)
        return (str(rows[0][0]), int(rows[0][1])) if rows else ("", 0)

    def booked_trades(self) -> list[str]:
        """The executions in the service's own book; what hands took of a position is not one."""
        return [row[0] for row in self._rows("SELECT id FROM fills WHERE id NOT LIKE 'hand:%'")]

    def waiting(self) -> int:
        """Messages that have not reached the owner."""
        return int(self._rows("SELECT count(*) FROM outbox WHERE delivered = 0")[0][0])

    def baselines(self) -> int:
        return int(self._rows("SELECT count(*) FROM day_baselines WHERE day NOT LIKE '% %'")[0][0])
