"""A row of the owner's mandate: one standing order in force, as it is stored and shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """`name` is a limit of the settings, never_buy:COIN, loss_a_day, hours or ask_above."""

    name: str
    value: str
    said: str = ""
    time_ms: int = 0  # wall
