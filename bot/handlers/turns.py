"""From an admitted update to the conversation and back: what was typed, what was tapped."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from loguru import logger

from bot.gate import Admission, GroupRefused, Late, Note, Paired, Pressed, Typed
from bot.handlers.outgoing import Outgoing
from bot.handlers.ports import Conversation
from bot.handlers.stream import Progress, Stream, typing
from bot.handlers.voice import NotHeard, Voice
from core.agent.replies import Reply, say
from core.agent.thinking import Ears
from core.clock import Clock
from core.engine.progress import heard_by
from core.engine.registry import Actor, Door

_SEEN = "👌"
SPENT_MAX = 1_000  # remembered messages whose yes or no was tapped
_NO_TEXT = "I can only read text here. Write it to me, or type /help."
_PRIVATE = "I serve one person, and only in private. Write to me there."
_BROKEN = (
    "Something went wrong on my side while answering; nothing more was done. Trading goes on. Try again."
)


class Turns:
    """Runs every turn in a task of its own. Typed words keep their order; commands and buttons overtake
    them, so that what reduces risk never waits for a model."""

    def __init__(
        self, conversation: Conversation, outgoing: Outgoing, clock: Clock, ears: Ears | None = None
    ) -> None:
        self._conversation = conversation
        self._outgoing = outgoing
        self._clock = clock
        self._voice = Voice(outgoing.fetch, ears)
        self._words = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._spent: dict[tuple[int, int], None] = {}

    def take(self, admission: Admission) -> None:
        """Begin whatever an admitted update asks for; returns at once."""
        if isinstance(admission, Typed):
            self._begin(self._typed(admission), admission.chat_id)
        elif isinstance(admission, Pressed):
            self._begin(self._pressed(admission), admission.chat_id)
        elif isinstance(admission, Paired):
            self._begin(self._paired(admission), admission.chat_id)
        elif isinstance(admission, Late):
            self._begin(self._send(admission.chat_id, [late(admission)]), admission.chat_id)
        elif isinstance(admission, GroupRefused):
            self._begin(self._send(admission.chat_id, [say(_PRIVATE)]))

    async def stop(self) -> None:
        """End the turns that still run."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _typed(self, typed: Typed) -> None:
        if typed.note is not None:
            async with self._words:
                await self._listen(typed, typed.note)
        elif not typed.text:
            await self._outgoing.reply(typed.chat_id, say(_NO_TEXT))
        elif typed.text.startswith("/"):
            await self._command(typed)
        else:
            async with self._words:
                await self._hear(typed)

    async def _hear(self, typed: Typed) -> None:
        stream = Stream(self._outgoing, self._clock, typed.chat_id, draft_id=typed.message_id)
        actor = actor_of(typed.user_id, typed.chat_id)
        async with typing(self._outgoing, self._clock, typed.chat_id):
            replies = await self._conversation.hear(typed.text, actor, stream)
        await self._send(typed.chat_id, replies)

    async def _listen(self, typed: Typed, note: Note) -> None:
        """The words of a voice note first, as they were understood, and then what comes of them."""
        async with typing(self._outgoing, self._clock, typed.chat_id):
            try:
                words = await self._voice.words(note)
            except NotHeard as why:
                await self._outgoing.reply(typed.chat_id, say(str(why)))
                return
            await self._outgoing.reply(typed.chat_id, say(f"I heard: “{words}”"))
            actor = actor_of(typed.user_id, typed.chat_id)
            replies = await self._conversation.listen(words, actor)
        await self._send(typed.chat_id, replies)

    async def _command(self, typed: Typed) -> None:
        """A command may be a long errand: how it goes is one message that ends with the answer."""
        progress = Progress(self._outgoing, self._clock, typed.chat_id, self._later)
        actor = actor_of(typed.user_id, typed.chat_id)
        async with typing(self._outgoing, self._clock, typed.chat_id):
            with heard_by(progress):
                replies = await self._conversation.hear(typed.text, actor)
        if any(reply.done for reply in replies):
            self._later(self._outgoing.react(typed.chat_id, typed.message_id, _SEEN))
        await self._conclude(progress, typed.chat_id, replies)

    async def _conclude(self, progress: Progress, chat_id: int, replies: list[Reply]) -> None:
        if replies and await progress.end(replies[0]):
            replies = replies[1:]
        await self._send(chat_id, replies)

    def _later(self, turn: Coroutine[Any, Any, None]) -> None:
        self._begin(turn)

    async def _pressed(self, pressed: Pressed) -> None:
        kind, _, wanted = pressed.action.partition(":")
        if kind in ("yes", "no") and wanted:
            await self._decided(pressed)
        elif kind == "ref" and wanted:
            await self._refreshed(pressed, f"ask:{wanted}", "Up to date.")
        elif kind == "go" and wanted:
            await self._refreshed(pressed, pressed.action)
        elif kind == "ask" and wanted:
            await self._outgoing.toast(pressed.query_id)
            await self._send(pressed.chat_id, await self._press(pressed, pressed.action))
        else:
            await self._outgoing.toast(pressed.query_id, "This button is no longer good.")

    async def _decided(self, pressed: Pressed) -> None:
        """A yes or a no counts once; its buttons go away with it."""
        message = (pressed.chat_id, pressed.message_id)
        if message in self._spent:
            await self._outgoing.toast(pressed.query_id, "Already on it.")
            return
        self._spent[message] = None
        if len(self._spent) > SPENT_MAX:
            del self._spent[next(iter(self._spent))]
        progress = Progress(self._outgoing, self._clock, pressed.chat_id, self._later, pressed.message_id)
        with heard_by(progress):
            replies, *_ = await asyncio.gather(
                self._press(pressed, pressed.action),
                self._outgoing.toast(pressed.query_id),
                self._outgoing.strip_buttons(*message),
            )
        await self._conclude(progress, pressed.chat_id, replies)

    async def _refreshed(self, pressed: Pressed, action: str, toast: str = "") -> None:
        """The answer takes the place of the message: a refresh, a choice, another page."""
        replies = await self._press(pressed, action)
        await self._outgoing.toast(pressed.query_id, toast)
        if len(replies) == 1:
            await self._outgoing.edit(pressed.chat_id, pressed.message_id, replies[0])
        else:
            await self._send(pressed.chat_id, replies)

    async def _press(self, pressed: Pressed, action: str) -> list[Reply]:
        actor = actor_of(pressed.user_id, pressed.chat_id)
        async with typing(self._outgoing, self._clock, pressed.chat_id):
            return await self._conversation.press(action, actor)

    async def _paired(self, paired: Paired) -> None:
        logger.info("Telegram is paired; the code is spent.")
        await self._outgoing.reply(paired.chat_id, say("Paired. From now on I listen to you alone."))
        actor = actor_of(paired.user_id, paired.chat_id)
        await self._send(paired.chat_id, await self._conversation.hear("/start", actor))

    async def _send(self, chat_id: int, replies: list[Reply]) -> None:
        for reply in replies:
            await self._outgoing.reply(chat_id, reply)

    def _begin(self, turn: Coroutine[Any, Any, None], chat_id: int | None = None) -> None:
        task = asyncio.create_task(turn)
        self._tasks.add(task)
        task.add_done_callback(lambda done: self._ended(done, chat_id))

    def _ended(self, task: asyncio.Task[None], chat_id: int | None) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        logger.opt(exception=error).error("A turn on Telegram failed")
        if chat_id is not None:
            # Without a chat to answer, a failing apology is the end of it.
            self._begin(self._send(chat_id, [say(_BROKEN)]))


def actor_of(user_id: int, chat_id: int) -> Actor:
    return Actor(str(user_id), Door.TELEGRAM, f"telegram:{chat_id}")


def late(message: Late) -> Reply:
    """Why something that acts was not done."""
    minutes = max(2, round(message.age_s / 60))
    shown = message.text if len(message.text) <= 60 else message.text[:59] + "…"
    return say(
        f"“{shown}” reached me {minutes} minutes late, so I did nothing. Send it again if you still want it."
    )
