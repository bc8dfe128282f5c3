"""The words of announcements: numbers as a person reads them, never rounded so far that they mislead."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from core.model.money import percent as in_percent
from core.model.money import plain


def money(value: Decimal, currency: str = "USD") -> str:
    """An amount to the cent, such as 1,234.50 USD."""
    return f"{value:,.2f} {currency}"


def signed(value: Decimal, currency: str = "USD") -> str:
    """A result with its sign, such as +12.30 USD."""
    return f"{value:+,.2f} {currency}"


def price(value: Decimal) -> str:
    """A price with at least the digits that matter at its size."""
    digits = 2 if value >= 100 else 4 if value >= 1 else 8
    shown = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    return f"{Decimal(plain(shown)):,f}" if digits > 2 else f"{shown:,.2f}"


def qty(value: Decimal) -> str:
    return f"{Decimal(plain(value)):,f}"


def share(value: Decimal | float) -> str:
    """A fraction as percent with its sign, such as -1.25 %."""
    return in_percent(Decimal(repr(value)) if isinstance(value, float) else value, sign="+")


def percent(value: Decimal | float, digits: int = 2) -> str:
    """A fraction as percent without a plus, such as 1.25 %."""
    return in_percent(value, digits)


def count(number: int, noun: str) -> str:
    """How many of a thing, such as 1 trade or 2,000 trades."""
    return f"{number:,} {noun}{'s'[: number != 1]}"


def positions_stay(held: int) -> str:
    """What happens to what is open while nothing new is opened; nothing where nothing is open."""
    if not held:
        return ""
    return (
        "Your open position keeps its stop and target."
        if held == 1
        else f"{held} open positions keep their stops and targets."
    )


def gist(reason: str, most: int = 90) -> str:
    """What a long reason says first, for a line that holds several."""
    if len(reason) <= most:
        return reason
    return reason.partition(": ")[0].partition(" (")[0][:most]


def coin(symbol: str) -> str:
    return symbol.partition("/")[0]
