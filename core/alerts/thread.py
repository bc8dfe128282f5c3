"""Where each incident's message stands, over restarts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from core.alerts.incidents import Incident, incidents, may_belong
from core.model.events import Announcement

LOOK_BACK_MS = 86_400_000  # of market time


class Kept(Protocol):
    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class Announced(Protocol):
    async def announced(self, from_ms: int) -> list[Announcement]: ...


@dataclass(frozen=True, slots=True)
class _Reading:
    """What was announced since `from_ms`, and the incident of each that belongs to one."""

    from_ms: int
    incident: Mapping[str, Incident | None]

    def knows(self, news: Announcement) -> bool:
        return news.key in self.incident and self.from_ms <= news.time_ms - LOOK_BACK_MS


class IncidentThread:
    """Finds an announcement's incident, and remembers its message in each chat.

    One reading serves everything announced before it: after an outage hundreds of rows ask again and again.
    What came since reads anew when its own turn comes, and brings the message up to date.
    """

    def __init__(self, announced: Announced, kept: Kept) -> None:
        self._announced = announced
        self._kept = kept
        self._read = _Reading(0, {})

    async def of(self, news: Announcement) -> Incident | None:
        """The incident it belongs to, with whatever else was announced when it was first asked for."""
        if not may_belong(news):
            return None
        if not self._read.knows(news):
            await self._read_since(news.time_ms - LOOK_BACK_MS)
        return self._read.incident.get(news.key)

    async def _read_since(self, from_ms: int) -> None:
        announced = await self._announced.announced(from_ms)
        found: dict[str, Incident | None] = dict.fromkeys(one.key for one in announced)
        for incident in incidents(announced):
            found |= dict.fromkeys((one.key for one in incident.news), incident)
        self._read = _Reading(from_ms, found)

    async def message(self, incident: Incident, chat_id: int) -> tuple[int, str] | None:
        """(message id, what it says) when one was sent."""
        kept = await self._kept.get_value(_name(incident, chat_id))
        if kept is None:
            return None
        number, text = json.loads(kept)
        return int(number), str(text)

    async def shown(self, incident: Incident, chat_id: int, message_id: int, text: str) -> None:
        await self._kept.set_value(_name(incident, chat_id), json.dumps([message_id, text]))


def _name(incident: Incident, chat_id: int) -> str:
    return f"incident:{chat_id}:{incident.key}"
