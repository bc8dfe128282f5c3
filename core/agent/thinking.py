"""What a conversation and a brain with a model say to each other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.agent.gate import Gate
from core.agent.intents import Call, Plan
from core.agent.offline.brain import Moment
from core.engine.registry import Answer

Partial = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Thought:
    """What a model made of a turn. Empty `text`: it said nothing that could be trusted."""

    text: str
    looked: tuple[tuple[Call, Answer], ...] = ()
    proposals: tuple[Call, ...] = ()


Look = Callable[[Call], Awaitable[Answer]]


class Unheard(Exception):
    """A recording could not be turned into words, and why."""


class Ears(Protocol):
    """Whoever turns a recording into words."""

    async def words(self, audio: bytes, name: str) -> str:
        """What is said; `name` ends as its format does. Raises Unheard."""
        ...


class Thinker(Protocol):
    """A brain with a model behind it."""

    def ready(self) -> bool:
        """Whether it is worth asking now."""
        ...

    async def think(
        self, moment: Moment, reading: Plan, gate: Gate, look: Look, on_partial: Partial | None
    ) -> Thought | None:
        """The answer to one turn; None when the model cannot give one.

        `look` answers look-ups and notes, and raises Refused; `gate` says what may be proposed at all.
        """
        ...

    def news(self) -> Sequence[str]:
        """What the owner should know once: a model that went or came back. Empty after it was read."""
        ...
