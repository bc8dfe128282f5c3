"""What is remembered of the owner: the turns of a conversation and the facts worth keeping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing said in a conversation, by either side."""

    session: str
    role: str  # user, assistant or tool
    text: str
    time_ms: int
    data: dict[str, Any] = field(default_factory=dict)  # JSON values only


@dataclass(frozen=True, slots=True)
class Memory:
    """One fact the owner asked Zyn to keep."""

    id: int
    subject: str
    text: str
    kind: str  # preference, name, constraint, schedule, fact ...
    session: str
    time_ms: int
