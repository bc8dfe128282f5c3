"""What a brain understood: a neutral plan that both brains produce and code then judges.

A plan never acts. It names registry intents with slots checked by the registry's own models, says how sure
the brain is of what the owner wants (`outcome`), and carries the question when something is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from core.engine.entries import ALL
from core.engine.registry import Effect, Entry


class Outcome(StrEnum):
    """What a turn comes to, if policy lets it."""

    CALL = "call"  # look up or remember: do it
    CONFIRM = "confirm"  # touches money: show a preview, execute nothing
    EXECUTE = "execute"  # a confirmed proposal, or a pause: now
    CLARIFY = "clarify"  # ask for what is missing
    REFUSE = "refuse"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Call:
    """One registry intent with its slots as plain values."""

    intent: str
    slots: Mapping[str, Any]

    @property
    def effect(self) -> Effect:
        return entry_of(self.intent).effect

    def with_slots(self, **changes: Any) -> Call:
        return Call(self.intent, {**self.slots, **changes})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with one turn. `draft` is an unfinished call that the next turn may complete."""

    outcome: Outcome
    calls: tuple[Call, ...] = ()
    missing: tuple[str, ...] = ()
    say: str = ""
    suggestions: tuple[str, ...] = ()
    draft: Call | None = None
    answers_pending: bool = False  # the owner said yes to what is open
    declines_pending: bool = False
    at_once: bool = False  # typed as a command that waits for no yes


@cache
def entries_by_intent() -> Mapping[str, Entry]:
    """Every entry that can be asked for, bound or not."""
    return {entry.intent: entry for entry in ALL}


def entry_of(intent: str) -> Entry:
    """The entry of an intent. Raises KeyError for one that does not exist."""
    return entries_by_intent()[intent]


def recalled(intent: str, slots: Mapping[str, Any]) -> Call:
    """A call as a preview keeps it, in JSON values; as values of the registry's model where they fit it."""
    try:
        return checked(intent, slots)
    except ValueError:
        return Call(intent, slots)


def checked(intent: str, slots: Mapping[str, Any]) -> Call:
    """A call whose slots the registry's model accepts; empty ones are dropped. Raises ValueError."""
    given = {name: value for name, value in slots.items() if value is not None}
    model = entry_of(intent).slots.model_validate(given)
    return Call(intent, {name: getattr(model, name) for name in given})
