"""Dates as they are written: 2026-11-03, nov 3, 3rd of november, the 3rd, monday; never in the future."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from core.agent.offline.tokens import Kind, Token

DAYS = {
    day: index
    for index, names in enumerate(
        (
            "monday mondays mon lunes montag lundi", "tuesday tuesdays tue tues martes dienstag mardi",
            "wednesday wednesdays wed miercoles mittwoch mercredi",
            "thursday thursdays thu thur thurs jueves donnerstag jeudi",
            "friday fridays fri viernes freitag vendredi", "saturday saturdays sat sabado samstag samedi",
            "sunday sundays sun domingo sonntag dimanche",
        )
    )
    for day in names.split()
}  # fmt: skip
MONTHS = {
    name: index
    for index, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul",
            "august aug", "september sep sept", "october oct", "november nov", "december dec",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip


_FEASTS = {
    "halloween": (10, 31),
    "christmas": (12, 25),
    "xmas": (12, 25),
    "silvester": (12, 31),
    "valentine": (2, 14),
}


def month_day(tokens: Sequence[Token], at: int) -> bool:
    """'nov 3', '3 november', '3rd of november'."""
    if at + 1 >= len(tokens):
        return False
    if tokens[at].text in MONTHS:
        return ordinal(tokens[at + 1]) is not None
    after = at + 2 if tokens[at + 1].text == "of" else at + 1
    return ordinal(tokens[at]) is not None and after < len(tokens) and tokens[after].text in MONTHS


def date_at(tokens: Sequence[Token], at: int, today: date) -> date | None:
    """The date written at a place: 2026-11-03, nov 3, 3 november, the 3rd, monday, january."""
    while at < len(tokens) and tokens[at].text in ("the", "last", "on", "of", "this"):
        at += 1
    if at >= len(tokens):
        return None
    token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else Token("")
    if token.text in _FEASTS:
        return latest(today, *_FEASTS[token.text])
    if token.kind is Kind.DATE:
        return _iso(token.text)
    if token.text in DAYS:
        return today - timedelta(days=(today.weekday() - DAYS[token.text]) % 7 or 7)
    if token.text in MONTHS:
        return latest(today, MONTHS[token.text], ordinal(after) or 1)
    if after.text == "of" and at + 2 < len(tokens):
        after = tokens[at + 2]
    if after.text in MONTHS and (day := ordinal(token)):
        return latest(today, MONTHS[after.text], day)
    if token.unit == "th" and (day := ordinal(token)):
        return latest(today, today.month, day)
    return None


_ORDINALS = {
    name: day
    for day, name in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
        start=1,
    )
}


def ordinal(token: Token) -> int | None:
    if token.text in _ORDINALS:
        return _ORDINALS[token.text]
    if token.kind is not Kind.NUMBER or token.value is None or token.unit not in ("", "th"):
        return None
    return int(token.value) if token.value in map(Decimal, range(1, 32)) else None


def _iso(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def latest(today: date, month: int, day: int) -> date | None:
    """The latest such date that is not in the future."""
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found <= today:
            return found
    return None
