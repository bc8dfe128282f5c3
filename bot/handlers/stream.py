"""Signs of life while an answer is made: typing after a moment, then the growing text itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from bot.format_html import PAGE_MAX
from bot.handlers.outgoing import Outgoing
from core.agent.replies import Reply, say
from core.clock import Clock, WallSeconds

TYPING_AFTER = WallSeconds(0.6)  # a quick answer needs no typing sign
TYPING_EVERY = WallSeconds(4.5)  # the sign fades after five seconds
DRAFT_EVERY_S = 1.5
KEPT_FOR_ANSWERS = 6  # edits a minute that progress leaves for what the owner taps
Spawn = Callable[[Coroutine[Any, Any, None]], None]


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


class Progress:
    """One message that says how a long errand goes, edited in place at most once in 1.5 s.

    A call only takes the words down; the message follows. It goes on after the turn's answer, for an errand
    that is not over yet.
    """

    def __init__(
        self, outgoing: Outgoing, clock: Clock, chat_id: int, spawn: Spawn, message_id: int | None = None
    ) -> None:
        """`message_id` is the message to edit; without one the first words are a message of their own."""
        self._outgoing = outgoing
        self._clock = clock
        self._chat_id = chat_id
        self._spawn = spawn
        self._message_id = message_id
        self._wanted: Reply | None = None
        self._shown: Reply | None = None
        self._shown_at = -DRAFT_EVERY_S
        self._showing = asyncio.Lock()
        self._ended = False

    def __call__(self, text: str) -> None:
        self._wanted, self._ended = say(text), False
        if not self._showing.locked():
            self._spawn(self._follow())

    async def end(self, reply: Reply) -> bool:
        """The turn's answer takes the place of the last words; False when there was nothing in its way."""
        if self._wanted is None:
            return False
        self._wanted, self._ended = reply, True
        await self._follow()
        return True

    async def _follow(self) -> None:
        async with self._showing:
            while (reply := self._wanted) is not None and reply != self._shown:
                early = self._shown_at + DRAFT_EVERY_S - self._clock.monotonic()
                early = max(early, self._outgoing.edit_wait(self._chat_id, KEPT_FOR_ANSWERS))
                if early > 0 and not self._ended:
                    await self._clock.sleep(WallSeconds(min(early, DRAFT_EVERY_S)))
                    continue
                self._shown, self._shown_at = reply, self._clock.monotonic()
                await self._show(reply)

    async def _show(self, reply: Reply) -> None:
        if self._message_id is None:
            self._message_id = await self._outgoing.reply(self._chat_id, reply)
        else:
            await self._outgoing.edit(self._chat_id, self._message_id, reply)


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
