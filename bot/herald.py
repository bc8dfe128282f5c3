"""Wakes everyone who shows or sends things; what must be known is in the outbox."""

from __future__ import annotations

from collections.abc import Callable

from core.model.events import Announcement


class Fanout:
    """The engine's herald: passes each call on to whoever has joined."""

    def __init__(self) -> None:
        self._announced: list[Callable[[Announcement], None]] = []
        self._changed: list[Callable[[str], None]] = []

    def join(
        self,
        announced: Callable[[Announcement], None] | None = None,
        changed: Callable[[str], None] | None = None,
    ) -> None:
        """Hear announcements and changes from now on; neither may block or raise."""
        if announced is not None:
            self._announced.append(announced)
        if changed is not None:
            self._changed.append(changed)

    def announced(self, announcement: Announcement) -> None:
        for hear in self._announced:
            hear(announcement)

    def changed(self, topic: str) -> None:
        for hear in self._changed:
            hear(topic)
