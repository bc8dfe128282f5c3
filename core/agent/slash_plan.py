"""What a typed command comes to, told without carrying it out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from core.agent.intents import Outcome, Plan, checked
from core.agent.paging import split_page
from core.agent.slash import slots_of, split_command, unknown
from core.engine.entries import ALL
from core.engine.registry import Effect, Entry
from core.model.errors import Refused


def plan_of(text: str, today: date, quote: str = "USD") -> Plan:
    """The plan of a slash command, as a chat would carry it out."""
    word, rest = split_command(text)
    entry = _entries().get(word)
    if entry is None:
        line, near = unknown(word, {known: one.intent for known, one in _entries().items()})
        return Plan(Outcome.CLARIFY, say=" ".join((line, *near)), suggestions=near)
    try:
        call = checked(entry.intent, slots_of(entry, word, split_page(rest)[0], today, quote))
    except Refused as error:
        return Plan(Outcome.CLARIFY, say=error.message)
    except ValueError:
        return Plan(Outcome.CLARIFY, say=f"Write it like this: {entry.usage or f'/{entry.command}'}")
    outcome = outcome_of(entry, call.slots)
    return Plan(outcome, (call,), at_once=outcome is Outcome.EXECUTE)


def outcome_of(entry: Entry, slots: Mapping[str, Any]) -> Outcome:
    """Look-ups and notes are done, what lowers risk acts at once, the rest is previewed.

    Flattening without `now` is one tap away, for it costs money.
    """
    if entry.effect in (Effect.READ, Effect.MEMORY) or only_shows(entry.intent, slots):
        return Outcome.CALL
    if entry.effect is Effect.REDUCES and (entry.intent != "flatten" or slots.get("now")):
        return Outcome.EXECUTE
    return Outcome.CONFIRM


def only_shows(intent: str, slots: Mapping[str, Any]) -> bool:
    """Whether a call to something that can change what is in force only asks for it."""
    given = {name for name, value in slots.items() if value not in (None, "list")}
    return intent in ("set_risk", "mandate", "universe", "learning") and given <= {"symbol"}


@cache
def _entries() -> Mapping[str, Entry]:
    return {word: entry for entry in ALL for word in (entry.command, *entry.aliases)}
