"""Stretches of time in words, resolved by code in the owner's zone: named periods or {from, to} dates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from core.agent.offline.dates import DAYS, MONTHS, date_at, latest, month_day, ordinal
from core.agent.offline.lexicon import bag
from core.agent.offline.tokens import Kind, Token

Period = str | dict[str, str]

CALENDAR_WORDS = frozenset(
    {word for word in (*DAYS, *MONTHS) if len(word) >= 5}
    | bag("""today yesterday tonight week month year weekend morning afternoon evening night inception""")
)
_LAST = bag("""last past previous prior trailing recent letzte letzten pasada pasado derniere dernier""")
_THIS = bag("this current the esta este diese diesen diesem cette ce so")
TODAY = bag("today tonight hoy heute hoje oggi morning afternoon evening intraday aujourd")
_YESTERDAY = bag("yesterday ayer gestern hier ontem ieri")
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
        or _days_of_month(tokens, today)
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
    opened = re.search(r"\b(start|beginning|first) of (the |this )?year\b", " ".join(texts))
    if opened:
        return "ytd"
    new_year = _has(texts, "since", "new", "year") or _has(texts, "since", "january")
    return "ytd" if new_year or _has(texts, "este", "ano") or _has(texts, "dieses", "jahr") else None


def _ever(texts: Sequence[str]) -> Period | None:
    return "all" if any(_has(texts, *run) for run in _EVER) else None


def _simple(texts: Sequence[str]) -> Period | None:
    if _has(texts, "last", "night") or _has(texts, "yesterday") or set(texts) & _YESTERDAY:
        return "yesterday"
    if set(texts) & TODAY or _has(texts, "all", "day") or _has(texts, "so", "far") or "overnight" in texts:
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
        if text == "q" and at + 1 < len(texts) and texts[at + 1] in ("1", "2", "3", "4"):
            return _numbered_quarter(int(texts[at + 1]), today)
        if text == "year" and before in _LAST:
            return _last_year(before, today)
        if text == "quarter" and before in _QUARTERS:
            return _numbered_quarter(_QUARTERS[before], today)
        if text == "quarter" and before in ("this", "last", "the", "current"):
            return _quarter(before == "last", today)
        if text in words and (before in _LAST or _has(texts, "week", "before")):
            return (
                f"last_{words[text]}"
                if before not in ("past", "trailing")
                else rolling_days(_LENGTH[words[text]], today)
            )
        if (
            text in words
            and before == "the"
            and at > 1
            and texts[at - 2] in ("of", "on")
            and texts[at + 1 : at + 2] != ["before"]
        ):
            return f"this_{words[text]}"
        if text in words and before == "a" and at > 1 and texts[at - 2] == "what":  # what a week
            return f"this_{words[text]}"
        began = _has(texts, "start", "of", "the", text) or _has(texts, "beginning", "of", "the", text)
        if text in words and (
            began
            or before in _THIS | {"whole", "entire", "full", "my", "our", "for", "per", "on", "all"} | _MOODS
        ):
            return f"this_{words[text]}"
    return None


_MOODS = bag(
    """good bad rough nice long old hard busy tough crazy slow great mad wild heavy weird dull
    quiet"""
)
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
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
    return _dates_before(period) if isinstance(period, dict) else None


def _dates_before(period: Mapping[str, str]) -> Period:
    """Of a whole month the one before; of other dates as many days right before."""
    start, end = date.fromisoformat(period["from"]), date.fromisoformat(period["to"])
    last = start - timedelta(days=1)
    whole = start.day == 1 and (end + timedelta(days=1)).day == 1 and (end - start).days < 31
    first = last.replace(day=1) if whole else last - (end - start)
    return {"from": first.isoformat(), "to": last.isoformat()}


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


def _numbered_quarter(number: int, today: date) -> Period:
    """Q3: the latest that has begun, up to today."""
    first = date(today.year, number * 3 - 2, 1)
    first = first if first <= today else first.replace(year=today.year - 1)
    following = date(first.year + (number == 4), number * 3 % 12 + 1, 1)
    return {"from": first.isoformat(), "to": min(today, following - timedelta(days=1)).isoformat()}


def _since(tokens: Sequence[Token], texts: Sequence[str], today: date) -> Period | None:
    for at, token in enumerate(tokens):
        if token.text not in ("since", "from", "desde", "seit", "depuis"):
            continue
        day = date_at(tokens, at + 1, today)
        if day:
            named = {today - timedelta(days=today.weekday()): "this_week", today.replace(day=1): "this_month"}
            named[date(today.year, 1, 1)] = "ytd"
            return named.get(day) or {"from": day.isoformat(), "to": today.isoformat()}
        rest = texts[texts.index(token.text) + 1 :][:2]
        if set(rest) & _YESTERDAY and token.text != "from":
            return {"from": (today - timedelta(days=1)).isoformat(), "to": today.isoformat()}
    return None


def _between(tokens: Sequence[Token], today: date) -> Period | None:
    """Between two dates, or from one to another."""
    for at, token in enumerate(tokens):
        if token.text not in ("between", "from"):
            continue
        first = date_at(tokens, at + 1, today)
        for end in range(at + 2, min(len(tokens), at + 7)):
            if first and tokens[end].text in ("and", "to", "until", "till", "through"):
                second = date_at(tokens, end + 1, today)
                if second:
                    last = _end_of_month(tokens, end + 1, second, today)
                    return {"from": first.isoformat(), "to": last.isoformat()}
    return _date_to_date(tokens, today)


def _end_of_month(tokens: Sequence[Token], at: int, named: date, today: date) -> date:
    """The last day of a month that is named alone: 'from may to july' ends with July."""
    day_said = at + 1 < len(tokens) and ordinal(tokens[at + 1]) is not None
    if at >= len(tokens) or tokens[at].text not in MONTHS or day_said:
        return named
    following = (named.replace(day=1) + timedelta(days=32)).replace(day=1)
    return min(following - timedelta(days=1), today)


_BESIDE_DAYS = bag("the and to until till through of , - &")


def _days_of_month(tokens: Sequence[Token], today: date) -> Period | None:
    """'2 to 8 november', 'nov 2-8': two days of one month, the second not after today."""
    for at, token in enumerate(tokens):
        if token.text not in MONTHS:
            continue
        for side in (tokens[max(0, at - 6) : at][::-1], tokens[at + 1 : at + 6]):
            days = _days_in_row(side)
            start = latest(today, MONTHS[token.text], min(days)) if len(days) == 2 else None
            if start and start.day != max(days):
                end = min(start + timedelta(days=max(days) - start.day), today)
                return {"from": start.isoformat(), "to": end.isoformat()}
    return None


def _days_in_row(tokens: Sequence[Token]) -> list[int]:
    """The days that stand together at the head of the tokens."""
    days: list[int] = []
    for token in tokens:
        day = ordinal(token)
        if day is None and token.text not in _BESIDE_DAYS:
            return days if token.text not in MONTHS else days[:1]
        days += [day] if day is not None else []
    return days


def _date_to_date(tokens: Sequence[Token], today: date) -> Period | None:
    """Nov 2 to nov 8, without a 'from'."""
    for at, token in enumerate(tokens):
        if token.text not in ("to", "until", "till", "through"):
            continue
        started = at >= 2 and month_day(tokens, at - 2) or at >= 1 and tokens[at - 1].kind is Kind.DATE
        first = date_at(tokens, at - 2 if at >= 2 and month_day(tokens, at - 2) else at - 1, today)
        second = date_at(tokens, at + 1, today) if started and first else None
        if first and second and first <= second:
            return {"from": first.isoformat(), "to": second.isoformat()}
    return None


def _day_of(tokens: Sequence[Token], texts: Sequence[str], today: date) -> Period | None:
    """One day by name or date."""
    for at, token in enumerate(tokens):
        named = token.text in DAYS and not token.text.endswith("s") and len(token.text) > 3
        if named or token.kind is Kind.DATE or month_day(tokens, at):
            day = date_at(tokens, at, today)
            if day and day <= today:
                return {"from": day.isoformat(), "to": day.isoformat()}
    if _has(texts, "day", "before", "yesterday"):
        day = today - timedelta(days=2)
        return {"from": day.isoformat(), "to": day.isoformat()}
    return None


def _month_of(texts: Sequence[str], today: date) -> Period | None:
    """A whole month by name, the latest one that has begun."""
    for at, text in enumerate(texts):
        if (
            text in MONTHS
            and text not in ("may", "mar", "jan", "sep", "march")
            or (text in MONTHS and at and texts[at - 1] in ("in", "for", "during", "of", "since"))
        ):
            start = latest(today, MONTHS[text], 1)
            if start == today.replace(day=1):
                return "this_month"
            if start == (today.replace(day=1) - timedelta(days=1)).replace(day=1):
                return "last_month"
            if start:
                following = (start.replace(day=28) + timedelta(days=4)).replace(day=1)
                return {"from": start.isoformat(), "to": (following - timedelta(days=1)).isoformat()}
    return None
