"""What waits to be told, one row a channel."""

from __future__ import annotations

from dataclasses import dataclass

from core.model.events import Announcement


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One announcement on its way through one channel. `attempts` counts the failed ones."""

    id: int
    channel: str
    announcement: Announcement
    attempts: int


@dataclass(frozen=True, slots=True)
class Alert:
    """An announcement as the web page lists it; `id` grows with every new one and is the page's cursor."""

    id: int
    announcement: Announcement
