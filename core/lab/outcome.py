"""What a run comes to, whichever engine made it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.ledger.performance import EquityPoint
from core.model.account import RoundTrip
from core.model.money import Money

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. `equity` has a point at each close where it may have changed, by candle open."""

    start_equity: Money
    trips: tuple[RoundTrip, ...]
    equity: tuple[EquityPoint, ...]
    refused: dict[str, int]
    candles: int
    filled: int
