"""What the owner may answer by text: three words, each with the one-time code of what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_WRITTEN = re.compile(r"^\W*(ok|okay|seen|pause|flatten)\W+(\d{4})\W*$", re.IGNORECASE)
_INTENTS: dict[str, tuple[str, dict[str, Any]]] = {
    "pause": ("pause", {}),
    "flatten": ("flatten", {"now": True}),
}


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that the carrier received from the owner's number."""

    id: str
    body: str
    sent_ms: int  # wall time


@dataclass(frozen=True, slots=True)
class Order:
    """One answer. An empty `intent` only acknowledges."""

    word: str
    code: str
    intent: str = ""
    slots: dict[str, Any] = field(default_factory=dict)


def order_of(body: str) -> Order | None:
    """'FLATTEN 4821', 'pause 4821' or 'ok 4821'; None for anything else."""
    found = _WRITTEN.match(body.strip())
    if found is None:
        return None
    word, code = found[1].lower(), found[2]
    intent, slots = _INTENTS.get(word, ("", {}))
    return Order(word.upper(), code, intent, slots)
