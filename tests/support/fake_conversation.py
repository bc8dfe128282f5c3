"""A conversation that answers from a script, and a gate's memory without a database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from core.agent.replies import Reply, say
from core.engine.registry import Actor

Partial = Callable[[str], Awaitable[None]]


@dataclass
class FakeConversation:
    """Answers by a table of texts and actions; echoes what it does not know."""

    answers: dict[str, list[Reply]] = field(default_factory=dict)
    partials: tuple[str, ...] = ()
    heard: list[tuple[str, Actor]] = field(default_factory=list)
    pressed: list[tuple[str, Actor]] = field(default_factory=list)
    before: Callable[[str], Awaitable[None]] | None = None

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        self.heard.append((text, actor))
        if self.before:
            await self.before(text)
        for partial in self.partials if on_partial else ():
            assert on_partial is not None
            await on_partial(partial)
        return self.answers.get(text, [say(f"heard {text}")])

    async def listen(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        return await self.hear(text, actor, on_partial)

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        self.pressed.append((action, actor))
        return self.answers.get(action, [say(f"pressed {action}")])


@dataclass
class FakeUpdateLog:
    """What the gate remembers."""

    seen: set[tuple[str, str]] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)

    async def first_time(self, source: str, update_id: str) -> bool:
        new = (source, update_id) not in self.seen
        self.seen.add((source, update_id))
        return new

    def saw(self, source: str, update_id: str) -> None:
        self.seen.add((source, update_id))

    async def seen_lately(self, source: str) -> list[str]:
        return [number for kept, number in self.seen if kept == source]

    async def get_value(self, key: str) -> str | None:
        return self.values.get(key)

    async def set_value(self, key: str, value: str) -> None:
        self.values[key] = value
