"""Updates on their way to the bot: numbered, kept until confirmed, handed out by long polling."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from core.clock import Clock

_DEFAULT_KINDS = ("message", "edited_message", "channel_post", "edited_channel_post", "callback_query")


class PollTaken(Exception):
    """Another getUpdates began while this one waited."""


@dataclass(slots=True)
class UpdateQueue:
    """The server's side of getUpdates."""

    clock: Clock
    waiting: list[dict[str, Any]] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    _last_id: int = 0
    _poll: asyncio.Future[None] | None = None

    def push(self, update: dict[str, Any]) -> int:
        """Queue an update and return its number; one that brings its own number keeps it."""
        # Numbers grow over restarts of the phone, or the bot would take a new message for an old one.
        number: int = update.get("update_id", max(self._last_id + 1, self.clock.wall_ms()))
        self._last_id = max(self._last_id, number)
        self.waiting.append({"update_id": number, **update})
        if self._poll and not self._poll.done():
            self._poll.set_result(None)
        return number

    async def poll(self, offset: int, limit: int, timeout_s: float) -> list[dict[str, Any]]:
        """Updates from `offset` on; everything before it is confirmed and forgotten. Raises PollTaken."""
        self._confirm(offset)
        if self._poll and not self._poll.done():
            self._poll.set_exception(PollTaken())
        if not self._ready() and timeout_s > 0:
            await self._wait(timeout_s)
        return self._ready()[:limit]

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.waiting = self.waiting[offset:]
        else:
            self.waiting = [update for update in self.waiting if update["update_id"] >= offset]

    def _ready(self) -> list[dict[str, Any]]:
        kinds: Sequence[str] = self.kinds or _DEFAULT_KINDS
        return [update for update in self.waiting if any(kind in update for kind in kinds)]

    async def _wait(self, timeout_s: float) -> None:
        poll = self._poll = asyncio.get_running_loop().create_future()
        try:
            await asyncio.wait_for(poll, timeout_s)
        except TimeoutError:
            pass

    def release(self) -> None:
        """Let a waiting poll return empty, for the server is going down."""
        if self._poll and not self._poll.done():
            self._poll.set_result(None)
