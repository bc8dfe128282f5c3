"""Stretches of time in words, resolved by code in the owner's zone: named periods or {from, to} dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

Period = str | dict[str, str]

_DAYS = {
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
_MONTHS = {
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
CALENDAR_WORDS = frozenset(
    {word for word in (*_DAYS, *_MONTHS) if len(word) >= 5}
    | bag("""today yesterday tonight week month year weekend morning afternoon evening night inception""")
)
_LAST = bag("""last past previous prior trailing recent letzte letzten pasada pasado derniere dernier""")
_THIS = bag("this current the esta este diese diesen diesem cette ce so")
_TODAY = bag("today tonight hoy heute hoje morning afternoon evening intraday")
_YESTERDAY = bag("yesterday ayer gestern hier ontem")
_EVER = (
    ("all", "time"), ("all", "history"), ("since", "inception"), ("since", "the", "start"), 
    ("in", "total"), ("since", "start"), ("since", "the", "beginning"), ("since", "launch"),
    ("so", "far", "in", "total"),
    ("lifetime",),
    ("since", "day"), ("from", "the", "start"), ("overall",), ("ever",), ("since", "you", "started"),
    ("altogether",),
    ("since", "we", "started"), ("to", "date"), ("whole", "time"), ("entire", "history"), ("full", "history"),
    ("from", "day"), ("from", "the", "beginning"),
    ("all", "along"), ("since", "forever"), ("whole", "history"),
    ("since", "we", "began"), ("since", "i", "started"), ("cumulative",), ("total",),
)  # fmt: skip


def find_period(tokens: Sequence[Token], today: date) -> Period | None:
    """The period that the tokens name, or None. Dates in {from, to} are the owner's days, both included."""
    texts = [word for token in tokens for word in token.text.split()]
    return (
        _between(tokens, today)
        or _year_to_date(texts)
        or _since(tokens, texts, today)
        or _rolling(tokens, today)
        or _calendar(texts, today)
        or _day_of(tokens, texts, today)
        or _month_of(texts, today)
        or _ever(texts)
        or _simple(texts)
    )


def _has(texts: Sequence[str], *run: str) -> bool:
    if run[0] not in texts:
        return False
    return any(tuple(texts[i : i + len(run)]) == run for i in range(len(texts) - len(run) + 1))


def _year_to_date(texts: Sequence[str]) -> Period | None:
    if (
        "ytd" in texts
        or _has(texts, "year", "to", "date")
        or _has(texts, "this", "year")
        or _has(texts, "of", "the", "year")
    ):
        return "ytd"
    opened = re.search(r"\b(start|beginning) of (the|this) year\b", " ".join(texts))
    if opened:
        return "ytd"
    new_year = _has(texts, "since", "new", "year") or _has(texts, "since", "january")
    return "ytd" if new_year or _has(texts, "este", "ano") or _has(texts, "dieses", "jahr") else None


def _ever(texts: Sequence[str]) -> Period | None:
    return "all" if any(_has(texts, *run) for run in _EVER) else None


def _simple(texts: Sequence[str]) -> Period | None:
    if _has(texts, "last", "night") or _has(texts, "yesterday") or set(texts) & _YESTERDAY:
        return "yesterday"
    if set(texts) & _TODAY or _has(texts, "all", "day") or _has(texts, "so", "far") or "overnight" in texts:
        return "today"
    return {"weekly": "this_week", "monthly": "this_month"}.get(
        next(iter(set(texts) & {"weekly", "monthly"}), "")
    )


def _rolling(tokens: Sequence[Token], today: date) -> Period | None:
    """The last N days, weeks or months; the registry's own lengths by name, others as dates."""
    for at, token in enumerate(tokens):
        if token.kind is Kind.SPAN and token.unit == "h" and token.amount >= 24 and _trails(tokens, at):
            return (
                rolling_days(max(int(token.amount // 24), 2), today)
                if token.amount > 24
                else _day_and_night(today)
            )
        if token.kind is not Kind.SPAN or token.unit not in "dwMy":
            continue
        if at + 1 < len(tokens) and tokens[at + 1].text == "ago":
            day = today - timedelta(days=_in_days(token))
            return {"from": day.isoformat(), "to": day.isoformat()}
        return rolling_days(_in_days(token), today)
    return _rolling_fortnight([token.text for token in tokens], today)


def _trails(tokens: Sequence[Token], at: int) -> bool:
    return at > 0 and tokens[at - 1].text in _LAST


def _day_and_night(today: date) -> Period:
    """The last 24 hours, as the owner's two days that hold them."""
    return {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}


def _rolling_fortnight(texts: Sequence[str], today: date) -> Period | None:
    if "fortnight" in texts:
        return rolling_days(14, today)
    for run, days in (
        (("few", "days"), 3),
        (("couple", "days"), 2),
        (("few", "weeks"), 21),
        (("few", "months"), 90),
    ):
        if _has(texts, *run) or _has(texts, run[0], "of", run[1]):
            return rolling_days(days, today)
    return None


def _in_days(token: Token) -> int:
    return int(token.amount * {"d": 1, "w": 7, "M": 30, "y": 365}[token.unit])


def rolling_days(days: int, today: date) -> Period:
    """A length in days as the registry writes it."""
    if days in (7, 30, 90, 180):
        return f"{days}d"
    if days <= 1:
        return "today"
    return {"from": (today - timedelta(days=days)).isoformat(), "to": today.isoformat()}


def _calendar(texts: Sequence[str], today: date) -> Period | None:
    words = {
        "week": "week",
        "month": "month",
        "semana": "week",
        "woche": "week",
        "semaine": "week",
        "mes": "month",
    }
    words |= {"monat": "month", "mois": "month"}
    for at, text in enumerate(texts):
        before = texts[at - 1] if at else ""
        if text == "weekend":
            return _weekend(today)
        if text == "year" and before in _LAST:
            return _last_year(before, today)
        if text == "quarter" and before in ("this", "last", "the", "current"):
            return _quarter(before == "last", today)
        if text in words and (before in _LAST or _has(texts, "week", "before")):
            return (
                f"last_{words[text]}"
                if before not in ("past", "trailing")
                else rolling_days(_LENGTH[words[text]], today)
            )
        began = _has(texts, "start", "of", "the", text) or _has(texts, "beginning", "of", "the", text)
        if text in words and (
            began
            or before
            in _THIS
            | {"whole", "entire", "full", "my", "our", "for", "per", "on", "good", "bad", "rough", "nice"}
        ):
            return f"this_{words[text]}"
    return None


_LENGTH = {"week": 7, "month": 30}


def one_before(period: Period, today: date) -> Period | None:
    """The stretch of the same kind right before one: of this week last week, of last month the one before."""
    named = {"today": "yesterday", "this_week": "last_week", "this_month": "last_month"}
    if isinstance(period, str) and period in named:
        return named[period]
    monday, first = today - timedelta(days=today.weekday()), today.replace(day=1)
    if period == "yesterday":
        day = (today - timedelta(days=2)).isoformat()
        return {"from": day, "to": day}
    if period == "last_week":
        return {
            "from": (monday - timedelta(days=14)).isoformat(),
            "to": (monday - timedelta(days=8)).isoformat(),
        }
    if period == "last_month":
        end = (first - timedelta(days=1)).replace(day=1) - timedelta(days=1)
        return {"from": end.replace(day=1).isoformat(), "to": end.isoformat()}
    return None


def _weekend(today: date) -> Period:
    saturday = today - timedelta(days=(today.weekday() - 5) % 7)
    return {"from": saturday.isoformat(), "to": min(today, saturday + timedelta(days=1)).isoformat()}


def _last_year(word: str, today: date) -> Period:
    if word == "last":
        return {"from": f"{today.year - 1}-01-01", "to": f"{today.year - 1}-12-31"}
    return rolling_days(365, today)


def _quarter(previous: bool, today: date) -> Period:
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    if not previous:
        return {"from": first.isoformat(), "to": today.isoformat()}
    end = first - timedelta(days=1)
    return {"from": date(end.year, end.month - 2, 1).isoformat(), "to": end.isoformat()}


def _since(tokens: Sequence[Token], texts: Sequence[str], today: date) -> Period | None:
    for at, token in enumerate(tokens):
        if token.text not in ("since", "from", "desde", "seit", "depuis"):
            continue
        day = _date_at(tokens, at + 1, today)
        if day:
            return {"from": day.isoformat(), "to": today.isoformat()}
        rest = texts[texts.index(token.text) + 1 :][:2]
        if set(rest) & _YESTERDAY and token.text != "from":
            return {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
    return None


def _between(tokens: Sequence[Token], today: date) -> Period | None:
    """Between two dates, or from one to another."""
    for at, token in enumerate(tokens):
        if token.text not in ("between", "from"):
            continue
        first = _date_at(tokens, at + 1, today)
        for end in range(at + 2, min(len(tokens), at + 7)):
            if first and tokens[end].text in ("and", "to", "until", "till", "through"):
                second = _date_at(tokens, end + 1, today)
                if second:
                    return {"from": first.isoformat(), "to": second.isoformat()}
    return _date_to_date(tokens, today)


def _date_to_date(tokens: Sequence[Token], today: date) -> Period | None:
    """Nov 2 to nov 8, without a 'from'."""
    for at, token in enumerate(tokens):
        if token.text not in ("to", "until", "till", "through"):
            continue
        started = at >= 2 and _month_day(tokens, at - 2) or at >= 1 and tokens[at - 1].kind is Kind.DATE
        first = _date_at(tokens, at - 2 if at >= 2 and _month_day(tokens, at - 2) else at - 1, today)
        second = _date_at(tokens, at + 1, today) if started and first else None
        if first and second and first <= second:
            return {"from": first.isoformat(), "to": second.isoformat()}
    return None


def _day_of(tokens: Sequence[Token], texts: Sequence[str], today: date) -> Period | None:
    """One day by name or date."""
    for at, token in enumerate(tokens):
        named = token.text in _DAYS and not token.text.endswith("s") and len(token.text) > 3
        if named or token.kind is Kind.DATE or _month_day(tokens, at):
            day = _date_at(tokens, at, today)
            if day and day <= today:
                return {"from": day.isoformat(), "to": day.isoformat()}
    if _has(texts, "day", "before", "yesterday"):
        day = today - timedelta(days=2)
        return {"from": day.isoformat(), "to": day.isoformat()}
    return None


def _month_day(tokens: Sequence[Token], at: int) -> bool:
    """'nov 3', '3 november', '3rd of november'."""
    if at + 1 >= len(tokens):
        return False
    if tokens[at].text in _MONTHS:
        return _ordinal(tokens[at + 1]) is not None
    after = at + 2 if tokens[at + 1].text == "of" else at + 1
    return _ordinal(tokens[at]) is not None and after < len(tokens) and tokens[after].text in _MONTHS


def _date_at(tokens: Sequence[Token], at: int, today: date) -> date | None:
    """The date written at a place: 2026-11-03, nov 3, 3 november, the 3rd, monday, january."""
    while at < len(tokens) and tokens[at].text in ("the", "last", "on", "of", "this"):
        at += 1
    if at >= len(tokens):
        return None
    token, after = tokens[at], tokens[at + 1] if at + 1 < len(tokens) else Token("")
    if token.kind is Kind.DATE:
        return _iso(token.text)
    if token.text in _DAYS:
        return today - timedelta(days=(today.weekday() - _DAYS[token.text]) % 7 or 7)
    if token.text in _MONTHS:
        return _past(today, _MONTHS[token.text], _ordinal(after) or 1)
    if after.text == "of" and at + 2 < len(tokens):
        after = tokens[at + 2]
    if after.text in _MONTHS and (day := _ordinal(token)):
        return _past(today, _MONTHS[after.text], day)
    if token.unit == "th" and (day := _ordinal(token)):
        return _past(today, today.month, day)
    return None


_ORDINALS = {
    name: day
    for day, name in enumerate(
        ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"),
        start=1,
    )
}


def _ordinal(token: Token) -> int | None:
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


def _past(today: date, month: int, day: int) -> date | None:
    """The latest such date that is not in the future."""
    for year in (today.year, today.year - 1):
        try:
            found = date(year, month, day)
        except ValueError:
            return None
        if found <= today:
            return found
    return None


def _month_of(texts: Sequence[str], today: date) -> Period | None:
    """A whole month by name, the latest one that has begun."""
    for at, text in enumerate(texts):
        if (
            text in _MONTHS
            and text not in ("may", "mar", "jan", "sep", "march")
            or (text in _MONTHS and at and texts[at - 1] in ("in", "for", "during", "of", "since"))
        ):
            start = _past(today, _MONTHS[text], 1)
            if start == today.replace(day=1):
                return "this_month"
            if start:
                following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
                return {"from": start.isoformat(), "to": (following - timedelta(days=1)).isoformat()}
    return None
