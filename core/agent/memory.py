"""What Zyn keeps of its owner: the turns of each conversation, facts, preferences; and help and hello."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from core.agent import guide
from core.agent.offline.brain import Said
from core.agent.offline.heed import caution
from core.agent.ports import Facts, Offers, Turns, Whom
from core.clock import Clock
from core.engine import entries
from core.engine.registry import (
    Answer,
    Outcome,
    PreferenceSlots,
    QuerySlots,
    Registry,
    Request,
    TextSlots,
)
from core.model.memory import Turn
from core.model.money import plain
from core.model.time_context import TimeContext
from core.model.views import TextView

_KINDS = (
    ("constraint", ("never", "don't", "do not", "must not", "no more", "always", "only")),
    ("schedule", ("every", "monday", "weekend", "on the ", "morning", "night", "payday", "paid")),
    ("preference", ("like", "prefer", "hate", "love", "favourite", "favorite")),
    ("name", ("my name", "call me")),
)


class Memory:
    """The last turns of one conversation, isolated by session and kept across restarts."""

    def __init__(self, turns: Turns, clock: Clock, length: int) -> None:
        """`length` counts exchanges: what the owner said and what was answered."""
        self._turns = turns
        self._clock = clock
        self._rows = length * 2

    async def recent(self, session: str) -> tuple[Said, ...]:
        """What was said, oldest first."""
        return tuple(Said(turn.role, turn.text) for turn in await self._latest(session))

    async def _latest(self, session: str) -> Sequence[Turn]:
        found = await self._turns.turns(session, self._rows)
        return [turn for turn in found if turn.role in ("user", "assistant")]

    async def heard(self, session: str, text: str) -> None:
        await self._turns.add_turn(session, "user", text, self._clock.wall_ms())

    async def said(self, session: str, text: str, data: Mapping[str, Any]) -> None:
        await self._turns.add_turn(session, "assistant", text, self._clock.wall_ms(), data)


class Keeper:
    """The handlers of memory, preferences, help and hello."""

    def __init__(
        self,
        facts: Facts,
        offers: Offers,
        clock: Clock,
        whom: Whom,
        heed: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """`heed` is called when a preference has changed."""
        self._facts = facts
        self._offers = offers
        self._clock = clock
        self._owner, self._mode, self._zone = whom.owner, whom.mode, whom.zone
        self._heed = heed

    def bind(self, registry: Registry) -> None:
        """Offer the entries of memory on every door they open on."""
        for entry, handler in (
            (entries.HELP, self.help),
            (entries.REMEMBER, self.remember),
            (entries.RECALL, self.recall),
            (entries.FORGET, self.forget),
            (entries.PREFERENCE, self.prefer),
        ):
            registry.add(entry, handler)

    def _hello(self, name: str) -> Outcome:
        """Hello, what Zyn is, and the first things to try."""
        greeting = TimeContext(self._clock.wall_ms(), self._zone).greeting()
        return Answer(TextView(guide.hello(greeting, name, self._mode)))

    async def help(self, request: Request) -> Outcome:
        """Every command by topic, or one of them in full, or why there is no such thing here."""
        assert isinstance(request.slots, QuerySlots)
        word = (request.slots.query or "").strip().lstrip("/").lower()
        if word == "start":
            return self._hello(dict(await self._facts.preferences()).get("name", self._owner))
        entry = self._offers.by_word(word) if word else None
        told = guide.about(word, entry, self._offers.entries) if word else None
        return Answer(TextView(told or guide.overview(self._offers.entries)))

    async def remember(self, request: Request) -> Outcome:
        assert isinstance(request.slots, TextSlots)
        text = request.slots.text.strip()
        known = {memory.text.lower() for memory in await self._facts.memories()}
        if text.lower() not in known:
            await self._facts.remember(
                _subject(text), text, kind_of(text), request.actor.session, self._clock.wall_ms()
            )
        more = caution(text)
        told = f"Noted: {text.rstrip('.')}. {more}" if more else f"Noted: {text}"
        return Answer(TextView(told), done=True)

    async def recall(self, request: Request) -> Outcome:
        assert isinstance(request.slots, QuerySlots)
        query = (request.slots.query or "").strip()
        found = await self._facts.memories(query or None)
        unset = {"timezone": self._zone, "language": "en"}
        kept = {key: value for key, value in unset.items() if key == query.lower().replace(" ", "")}
        kept |= await self._facts.preferences()
        fitting = [
            in_words(key, value)
            for key, value in kept.items()
            if not key.startswith(_SWITCH) and _about(query, key, in_words(key, value))
        ]
        if query.lower() in ("name", "my name", "who am i", "who am"):
            fitting = [f"You are {dict(await self._facts.preferences()).get('name', self._owner)}."]
        lines = [*fitting, *(f"- {memory.text}" for memory in found[:20])]
        if not lines:
            return Answer(
                TextView(f"I have nothing noted about {query}." if query else "I have noted nothing yet.")
            )
        return Answer(TextView("\n".join(lines)))

    async def forget(self, request: Request) -> Outcome:
        assert isinstance(request.slots, QuerySlots)
        query = (request.slots.query or "").strip()
        whole = query.lower() in ("all", "everything")
        queries = [memory.text for memory in await self._facts.memories()] if whole else [query]
        count = sum([await self._facts.forget(one) for one in queries if one])
        if not count:
            return Answer(TextView("There was nothing like that to forget. /memory shows what I keep."))
        return Answer(TextView(f"Forgotten: {count} note{'s'[: count != 1]}."), done=True)

    async def prefer(self, request: Request) -> Outcome:
        slots = request.slots
        assert isinstance(slots, PreferenceSlots)
        value = _as_text(slots.value)
        await self._facts.set_preference(slots.key, value)
        if self._heed is not None:
            await self._heed()
        if told := _told(slots.key, value):
            return Answer(TextView(f"Noted. {told}"), done=True)
        more = _ONLY_KEPT.get(slots.key, "")
        if setting := _SETTINGS.get(slots.key):
            more = f" What decides it is {setting} in .env: change it there and start me again."
        return Answer(TextView(f"Noted: {_small(in_words(slots.key, value))}{more}"), done=True)


_WISHES = {
    "name": "I call you {}.",
    "timezone": "Your time zone is {}.",
    "currency": "Money is shown in {}.",
    "language": "You would like answers in {}.",
    "verbosity": "You like {} answers.",
    "daily_summary_time": "The daily summary comes at {}.",
    "weekly_summary_time": "The weekly report comes at {}.",
    "daily_summary": "The daily summary is {}.",
    "weekly_summary": "The weekly report is {}.",
    "quiet_hours": "Quiet hours are {}.",
    "notifications": "Messages: {}.",
    "sms": "Texts: {}.",
}
_TONGUES = {
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "en": "English",
    "pt": "Portuguese",
    "it": "Italian",
}


def _about(query: str, key: str, line: str) -> bool:
    """Whether a preference is what is asked for, by its name or its words."""
    return not query or query.lower() in f"{key.replace('_', ' ')} {line}".lower()


def in_words(key: str, value: str) -> str:
    """A preference as a sentence; one that has no sentence of its own with its name in plain words."""
    said = _TONGUES.get(value, value) if key == "language" else value
    return _WISHES[key].format(said) if key in _WISHES else f"{key.replace('_', ' ').capitalize()}: {said}."


def _small(line: str) -> str:
    """The sentence behind a colon: its first letter small, but for 'I'."""
    return line if line.startswith("I ") else line[:1].lower() + line[1:]


def _told(key: str, value: str) -> str:
    """What a wish about messages changes from now on, in words; nothing for other wishes."""
    if key == "quiet_hours":
        none = value.lower() in ("off", "none", "")
        return "No quiet hours: everything comes at once." if none else (
            f"Quiet hours {value}: what can wait comes together at their end; critical news comes at once."
        )  # fmt: skip
    return _RINGING.get(value, "") if key == "notifications" else _SUMMARIES.get((key, value), "")


_SWITCH = "alert."  # of one kind of message: /alerts shows these
_SILENTLY = "Only critical news rings now; the rest comes in without a sound."
_RINGING = {
    "off": _SILENTLY,
    "critical": _SILENTLY,
    "trades": "Only trades and critical news ring now; the rest comes in without a sound.",
    "on": "Everything that matters rings again, as often a day as /alerts says.",
}
_SUMMARIES = {
    ("daily_summary", "off"): "No more daily summary; /pnl yesterday has the same.",
    ("daily_summary", "on"): "The daily summary comes after each midnight.",
    ("weekly_summary", "off"): "No more weekly report card; /chart week draws it.",
    ("weekly_summary", "on"): "The weekly report card comes on Mondays.",
}
_SETTINGS = {
    "timezone": "ZYN_TIMEZONE",
    "currency": "ZYN_BASE_CURRENCY",
    "daily_summary_time": "ZYN_ALERTS__REPORTS_AT",
    "weekly_summary_time": "ZYN_ALERTS__REPORTS_AT",
}
# What the owner may wish and no switch of mine decides: said at once, so that nobody waits for it.
_ONLY_KEPT = {
    "language": " I write English myself and understand the commands in ten languages; a model, where one is"
    " set up, answers in the language you write in.",
    "verbosity": " My own answers are as short as they can be told whole; a model, where one is set up, keeps"
    " to two or three sentences.",
    "sms": " Texts go out for critical news only, to SMS_TO in .env; /alerts shows and tests them.",
}


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return plain(value) if isinstance(value, Decimal) else str(value)


def kind_of(text: str) -> str:
    """What sort of note this is."""
    low = f"{text.lower()} "
    return next((kind for kind, marks in _KINDS if any(mark in low for mark in marks)), "fact")


def _subject(text: str) -> str:
    long_words = [word.strip(".,!?") for word in text.split() if len(word) > 3]
    return " ".join(long_words[:3]).lower() or text[:30].lower()
