"""Where each incident's message stands, over restarts."""

from __future__ import annotations

import json
from typing import Protocol

from core.alerts.incidents import Incident, incidents, may_belong
from core.model.events import Announcement

LOOK_BACK_MS = 86_400_000  # of market time


class Kept(Protocol):
    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class Announced(Protocol):
    async def announced(self, from_ms: int) -> list[Announcement]: ...


class IncidentThread:
    """Finds an announcement's incident, as it stands now, and remembers its message in each chat."""

    def __init__(self, announced: Announced, kept: Kept) -> None:
        self._announced = announced
        self._kept = kept

    async def of(self, news: Announcement) -> Incident | None:
        """The incident it belongs to, with everything that has come since."""
        if not may_belong(news):
            return None
        announced = await self._announced.announced(news.time_ms - LOOK_BACK_MS)
        for incident in reversed(incidents(announced)):
            if any(one.key == news.key for one in incident.news):
                return incident
        return None

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
