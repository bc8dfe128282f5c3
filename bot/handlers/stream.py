"""Signs of life while an answer is made: typing after a moment, then the growing text itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.format_html import PAGE_MAX
from bot.handlers.outgoing import Outgoing
from core.clock import Clock, WallSeconds

TYPING_AFTER = WallSeconds(0.6)  # a quick answer needs no typing sign
TYPING_EVERY = WallSeconds(4.5)  # the sign fades after five seconds
DRAFT_EVERY_S = 1.5


class Stream:
    """Takes the growing text of one answer and shows it as a draft, at most once in 1.5 s."""

    def __init__(self, outgoing: Outgoing, clock: Clock, chat_id: int, draft_id: int) -> None:
        self._outgoing = outgoing
        self._clock = clock
        self._chat_id = chat_id
        self._draft_id = draft_id
        self._shown_at: float | None = None
        self._known = True  # until the server says that it does not know drafts

    async def __call__(self, text: str) -> None:
        now = self._clock.monotonic()
        early = self._shown_at is not None and now - self._shown_at < DRAFT_EVERY_S
        if early or not self._known or not text.strip():
            return
        self._shown_at = now
        self._known = await self._outgoing.draft(self._chat_id, self._draft_id, text[-PAGE_MAX // 2 :])


@asynccontextmanager
async def typing(outgoing: Outgoing, clock: Clock, chat_id: int) -> AsyncIterator[None]:
    """Show that Zyn is typing for as long as the block runs."""
    task = asyncio.create_task(_keep_typing(outgoing, clock, chat_id))
    try:
        yield
    finally:
        task.cancel()


async def _keep_typing(outgoing: Outgoing, clock: Clock, chat_id: int) -> None:
    await clock.sleep(TYPING_AFTER)
    while True:
        await outgoing.typing(chat_id)
        await clock.sleep(TYPING_EVERY)
