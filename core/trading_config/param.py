"""What a setting is: a dataclass field with its unit, meaning and bounds; and the worlds there are."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Any

LIVE_ACK = "I understand"


class Mode(StrEnum):
    """The worlds. Backtest is never chosen by ZYN_MODE; its command composes it."""

    DEMO = "demo"
    PAPER = "paper"
    VALIDATE = "validate"
    LIVE = "live"
    BACKTEST = "backtest"


def param(
    default: Any,
    meaning: str,
    unit: str = "",
    *,
    env: str = "",
    choices: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    secret: bool = False,
) -> Any:
    """A setting's field: `low` and `high` are inclusive bounds of a number."""
    notes = {"meaning": meaning, "unit": unit, "env": env, "choices": choices}
    return field(default=default, metadata={**notes, "low": low, "high": high, "secret": secret})
