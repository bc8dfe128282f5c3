"""What the owner may answer by text: three words, each with the one-time code of what it answers.

A pause may say how long it lasts, before or behind the code: 'PAUSE 4821 2h', 'pause for 30 min 4821'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

_LENGTH = (
    r"(?:for\W+)?(?P<{0}count>\d{{1,3}})\s*(?P<{0}unit>m|mins?|minutes?|h|hrs?|hours?|d|days?|w|weeks?)\W+"
)
_WRITTEN = re.compile(
    rf"(?P<word>ok|okay|seen|pause|flatten)\W+(?:{_LENGTH.format('a')})?(?P<code>\d{{4}})\W+"
    rf"(?:{_LENGTH.format('b')})?",
    re.IGNORECASE,
)
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
    """'FLATTEN 4821', 'pause 4821', 'PAUSE 4821 2h' or 'ok 4821'; None for anything else."""
    found = _WRITTEN.fullmatch(re.sub(r"^\W+", "", body) + " ")
    if found is None:
        return None
    word, code, length = found["word"].lower(), found["code"], _length(found)
    if length and word != "pause":
        return None
    intent, slots = _INTENTS.get(word, ("", {}))
    return Order(word.upper(), code, intent, {**slots, "duration": length} if length else slots)


def _length(found: re.Match[str]) -> str | None:
    """The length a pause names, as the registry writes it; None without one."""
    count, unit = found["acount"] or found["bcount"], found["aunit"] or found["bunit"]
    return f"{int(count)}{unit[0].lower()}" if count else None
