"""The day's profit target: reached or not, on the same equity that the loss limit looks at."""

from __future__ import annotations

from decimal import Decimal

from core.model.money import Money, to_decimal


def target_money(start_equity: Decimal, daily: float) -> Money:
    """What the day's result must come to, in quote units."""
    return Money(start_equity * to_decimal(daily))


def target_reached(start_equity: Decimal, day_pnl: Decimal, daily: float) -> bool:
    """Whether today's result, open positions at their marks, has come to the target."""
    return start_equity > 0 and day_pnl >= target_money(start_equity, daily)
