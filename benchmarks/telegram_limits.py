"""Busy spells on the phone before a server that enforces Telegram's limits."""

from __future__ import annotations

from tests.support.telegram_use import play as spell

SUMMARY = "busy spells under Telegram's enforced limits: no 429, every answer delivered"
ROUNDS = 30


async def play(round: int) -> dict[str, int]:
    """One spell. Raises when the server refused a call or an answer is missing."""
    held = await spell(round)
    assert held["refused"] == 0, held
    return {**held, "spells": 1}
