"""What may wake the owner: criticals that nobody has acknowledged, and conditions the owner waits for."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Escalation:
    """A critical announcement on its way to somebody who has seen it. Times are wall time."""

    key: str  # of the announcement that began it
    opened_ms: int
    code: str  # four digits that an answer by SMS has to name
    next_ms: int  # when the next text is due
    about: str = ""  # what was announced, and is told by the texts
    texts: int = 0  # sent so far
    wrong: int = 0  # answers with a wrong code
    ended_ms: int | None = None
    ended_by: str = ""  # telegram, web, shell, sms


class Condition(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    GREEN = "green"  # the open position is worth more than it cost, fees in
    RED = "red"


@dataclass(frozen=True, slots=True)
class PriceAlert:
    """Something the owner wants to be told once. `level` is a price; None for green and red."""

    key: str
    symbol: str
    condition: Condition
    level: Decimal | None
    set_ms: int  # market time
    ended_ms: int | None = None
    ended_by: str = ""  # fired, removed
