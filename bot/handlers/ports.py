"""What the Telegram door needs of the conversation behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from core.agent.replies import Reply
from core.engine.registry import Actor

Partial = Callable[[str], Awaitable[None]]


class Conversation(Protocol):
    """The one mouth and ear of every chat door. A user's mistake is a reply, never an exception."""

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        """Answer a command or free text; `on_partial` gets the growing text of a streamed answer."""
        ...

    async def listen(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        """Answer words that were spoken; they confirm nothing."""
        ...

    async def press(self, action: str, actor: Actor) -> list[Reply]: ...
