"""What the conversation needs of the rest of Zyn, shaped by the conversation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from core.engine.registry import Actor, Answer, Entry, Outcome, Proposal, Request
from core.model.memory import Memory, Turn
from core.model.views import OrdersView, PositionsView


class Offers(Protocol):
    """Everything that can be asked for, and its carrying out. Raises Refused."""

    @property
    def entries(self) -> Mapping[str, Entry]: ...

    def by_word(self, word: str) -> Entry | None: ...

    def words(self) -> Mapping[str, str]: ...

    def request(self, intent: str, slots: Mapping[str, Any], actor: Actor, id: str) -> Request: ...

    async def carry_out(self, request: Request) -> Outcome: ...


class Approvals(Protocol):
    """The previews that wait for a yes. Confirming raises Refused, or its kind Requoted with a new one."""

    def open_for(self, session: str) -> Proposal | None: ...

    def withdraw(self, session: str) -> None: ...

    async def confirm(self, token: str, actor: Actor) -> Answer: ...

    async def decline(self, token: str, actor: Actor) -> None: ...


class Turns(Protocol):
    """What was said, per conversation; kept across restarts."""

    async def add_turn(
        self, session: str, role: str, text: str, time_ms: int, data: Mapping[str, Any] | None = None
    ) -> None: ...

    async def turns(self, session: str, limit: int = 20) -> Sequence[Turn]:
        """The latest, oldest first."""
        ...


class Facts(Protocol):
    """What is remembered of the owner."""

    async def remember(self, subject: str, text: str, kind: str, session: str, time_ms: int) -> None: ...

    async def memories(self, query: str | None = None) -> Sequence[Memory]: ...

    async def forget(self, query: str) -> int: ...

    async def preferences(self) -> Mapping[str, str]: ...

    async def set_preference(self, key: str, value: str) -> None: ...


class SmallValues(Protocol):
    """A few values of Zyn's own that outlive a restart."""

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class Holdings(Protocol):
    """What is held and resting now: what 'it' and 'my position' can mean."""

    async def positions(self) -> PositionsView: ...

    async def orders(self, symbol: str | None = None) -> OrdersView: ...


class Whom(Protocol):
    """Who is talked to, and in which world."""

    @property
    def owner(self) -> str: ...

    @property
    def mode(self) -> str: ...

    @property
    def zone(self) -> str: ...
