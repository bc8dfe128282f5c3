"""The gate of the Telegram door: who is served, and which updates count. Deny by default.

Served are allowed or paired user ids, in a private chat, by messages and buttons of their own. Edited,
forwarded, automatic and foreign updates change nothing but a count. An update counts once, over restarts too.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType

from core.clock import Clock
from core.engine.registry import Effect, Entry, Registry

LATE_MS = 120_000
GROUPS_MAX = 100  # groups told once; beyond this Zyn is silent in new ones
COUNT_EVERY_MS = 60_000
SEEN_MAX = 2_000  # updates remembered here; the database remembers all
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # nothing that reads like something else
_CODE_SIZE = 8
_PAIRED, _STRANGERS, _GROUPS = "telegram.paired", "telegram.strangers", "telegram.groups"


class UpdateLog(Protocol):
    """What the gate keeps: processed updates and a few values, over restarts."""

    async def first_time(self, source: str, update_id: str) -> bool: ...

    def saw(self, source: str, update_id: str) -> None:
        """Keep it without waiting."""
        ...

    async def seen_lately(self, source: str) -> list[str]: ...

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Note:
    """A voice note that waits to be fetched."""

    file_id: str
    seconds: int
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The owner wrote or said something. Neither text nor note: what Zyn cannot read, such as a sticker."""

    user_id: int
    chat_id: int
    message_id: int
    text: str
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Pressed:
    """The owner tapped a button under message `message_id`."""

    user_id: int
    chat_id: int
    message_id: int
    query_id: str
    action: str


@dataclass(frozen=True, slots=True)
class Late:
    """The owner wrote it too long ago for something that acts."""

    chat_id: int
    text: str
    age_s: int


@dataclass(frozen=True, slots=True)
class Paired:
    """Someone gave the code from the console and is the owner now."""

    user_id: int
    chat_id: int


@dataclass(frozen=True, slots=True)
class GroupRefused:
    """First word in a group: said no once."""

    chat_id: int


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing happens; `reason` is for tests and the log."""

    reason: str


Admission = Typed | Pressed | Late | Paired | GroupRefused | Ignored


class Gate:
    """Decides for every update. `allowed` are the configured user ids; without any, pairing by code."""

    def __init__(
        self, log: UpdateLog, registry: Registry, clock: Clock, allowed: tuple[int, ...], bot_id: str = ""
    ) -> None:
        self._log = log
        self._registry = registry
        self._clock = clock
        self._allowed = frozenset(allowed)
        self._source = f"telegram:{bot_id}"
        self._paired: frozenset[int] = frozenset()
        self._groups: tuple[str, ...] = ()
        self._seen: dict[str, None] = {}
        self._counted_ms = 0
        self.code = ""  # the one-time pairing code; empty when somebody is served
        self.strangers = 0

    async def open(self) -> None:
        """Read who was paired before; with nobody to serve, make a one-time code."""
        self._paired = frozenset(int(one) for one in await self._listed(_PAIRED))
        self._groups = await self._listed(_GROUPS)
        self.strangers = int(await self._log.get_value(_STRANGERS) or 0)
        self._seen = dict.fromkeys(reversed(await self._log.seen_lately(self._source)))
        if not self.owners():
            self.code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_SIZE))

    def owners(self) -> tuple[int, ...]:
        """The user ids that are served; in a private chat they are the chat ids too."""
        return tuple(sorted(self._allowed or self._paired))

    async def admit(self, update: Update) -> Admission:
        """What to do with one update."""
        if update.message is not None:
            return await self._message(update.update_id, update.message)
        if update.callback_query is not None:
            return await self._press(update.update_id, update.callback_query)
        return Ignored("neither a message nor a button")

    async def _message(self, update_id: int, message: Message) -> Admission:
        if message.chat.type in (ChatType.GROUP, ChatType.SUPERGROUP):
            return await self._group(message.chat.id)
        reason = _not_their_own(message)
        if reason or message.from_user is None:
            return await self._stranger(reason or "nobody sent it")
        user_id = message.from_user.id
        if user_id not in self.owners():
            return await self._newcomer(update_id, user_id, message)
        text = (message.text or "").strip()
        if not await self._first_time(update_id, text):
            return Ignored("seen before")
        age_ms = self._clock.wall_ms() - round(message.date.timestamp() * 1000)
        note = _note_of(message)
        if age_ms > LATE_MS and (note or not self._harmless(text)):
            return Late(message.chat.id, text or "your voice note", age_ms // 1000)
        return Typed(user_id, message.chat.id, message.message_id, text, note)

    async def _press(self, update_id: int, query: CallbackQuery) -> Admission:
        message = query.message
        if query.from_user.id not in self.owners():
            return await self._stranger("a stranger's tap")
        if message is None or query.data is None:
            return Ignored("a tap without message or data")
        if message.chat.type != ChatType.PRIVATE or message.chat.id != query.from_user.id:
            return Ignored("a tap outside the private chat")
        if not await self._first_time(update_id):
            return Ignored("seen before")
        return Pressed(query.from_user.id, message.chat.id, message.message_id, query.id, query.data)

    async def _newcomer(self, update_id: int, user_id: int, message: Message) -> Admission:
        """Somebody who is not served: with the code in hand the owner, else a stranger."""
        given = (message.text or "").removeprefix("/start").replace("-", "").replace(" ", "").upper()
        if not self.code or not secrets.compare_digest(given.encode(), self.code.encode()):
            return await self._stranger("a stranger")
        if not await self._first_time(update_id):
            return Ignored("seen before")
        self.code, self._paired = "", frozenset({user_id})
        await self._log.set_value(_PAIRED, str(user_id))
        return Paired(user_id, message.chat.id)

    async def _group(self, chat_id: int) -> Admission:
        if str(chat_id) in self._groups or len(self._groups) >= GROUPS_MAX:
            return Ignored("a group that was told")
        self._groups = (*self._groups, str(chat_id))
        await self._log.set_value(_GROUPS, ",".join(self._groups))
        return GroupRefused(chat_id)

    async def _first_time(self, update_id: int, text: str = "") -> bool:
        """Whether it was never seen. What may act is written down before it does; a question is answered
        first, for a crash in between costs one answer too many and nothing else."""
        key = str(update_id)
        if key in self._seen:
            return False
        self._seen[key] = None
        if len(self._seen) > SEEN_MAX:
            del self._seen[next(iter(self._seen))]
        if self._only_asks(text):
            self._log.saw(self._source, key)
            return True
        return await self._log.first_time(self._source, key)

    async def _stranger(self, reason: str) -> Ignored:
        """Count it; written at most once a minute, so that a flood costs nothing."""
        self.strangers += 1
        if self._clock.wall_ms() - self._counted_ms >= COUNT_EVERY_MS:
            self._counted_ms = self._clock.wall_ms()
            await self._log.set_value(_STRANGERS, str(self.strangers))
        return Ignored(reason)

    def _harmless(self, text: str) -> bool:
        """Whether it may act late: a question, a memory, or a pause, which can only make things safer."""
        if not text.startswith("/"):
            return False
        entry = self._entry(text)
        known = entry is None or entry.effect is Effect.MEMORY or entry.intent == "pause"
        return known or self._only_asks(text)

    def _only_asks(self, text: str) -> bool:
        """Whether a typed command can change nothing at all."""
        entry = self._entry(text)
        if entry is None:
            return False
        bare = text[1:].split("@")[0].strip().lower() == entry.command
        return entry.effect is Effect.READ or (entry.shows and bare)

    def _entry(self, text: str) -> Entry | None:
        """What a typed command asks for; None for anything else."""
        if not text.startswith("/") or not text[1:].strip():
            return None
        return self._registry.by_word(text[1:].split("@")[0].split()[0])

    async def _listed(self, key: str) -> tuple[str, ...]:
        return tuple(part for part in (await self._log.get_value(key) or "").split(",") if part)


def _not_their_own(message: Message) -> str:
    """Why a message is not the sender's own word to Zyn in private, or empty."""
    if message.chat.type != ChatType.PRIVATE:
        return "not a private chat"
    if message.forward_origin is not None or message.is_automatic_forward:
        return "forwarded"
    if message.via_bot is not None or message.sender_business_bot is not None:
        return "written by a bot"
    if message.sender_chat is not None or message.business_connection_id is not None:
        return "sent in another's name"
    if message.from_user is None or message.from_user.is_bot or message.from_user.id != message.chat.id:
        return "not from a person in their own chat"
    return ""


def _note_of(message: Message) -> Note | None:
    """The recording in a message, if there is one."""
    if message.voice is not None:
        voice = message.voice
        seconds = round(_seconds(voice.duration))
        return Note(voice.file_id, seconds, voice.file_size or 0, "voice.ogg")
    if message.audio is not None:
        audio = message.audio
        name = audio.file_name or "audio.mp3"
        return Note(audio.file_id, round(_seconds(audio.duration)), audio.file_size or 0, name)
    return None


def _seconds(duration: object) -> float:
    """A length as the library of today or of its next version gives it."""
    return duration.total_seconds() if isinstance(duration, timedelta) else float(str(duration))
