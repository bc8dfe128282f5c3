"""A pause, also one with an end: until when is said at once, and it is over by itself then, told once.

The owner's minutes are minutes of life, so the end is wall time, also where the market runs faster. It is
kept with the latch, so that no restart forgets it, and its end lifts that latch alone: a kill switch or a
lock stays. A pause is only ever made longer; to trade sooner takes /resume and the owner's yes.
"""

from __future__ import annotations

import asyncio
import calendar
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from core.clock import Clock, WallSeconds
from core.engine.latches import PAUSED, Latches
from core.engine.ports import Herald
from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import TimeContext, to_ms

_LOOK_S = WallSeconds(1.0)
_LENGTH = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)([smhdwMy])")
_UNIT_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}
_LONGEST_MS = 366 * 86_400_000
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = tuple(name.lower() for name in calendar.month_name)[1:]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY = re.compile(r"(\d{1,2})(st|nd|rd|th)?")
_NAMED_HOURS = {"morning": 8, "noon": 12, "midday": 12, "lunch": 12, "afternoon": 14, "evening": 18}
_AT = re.compile(r"(\d{1,2}):(\d{2})")


class Pausing:
    """Sets the owner's pause and ends it when its time has come."""

    def __init__(self, latches: Latches, herald: Herald, clock: Clock, zone: str) -> None:
        self._latches = latches
        self._herald = herald
        self._clock = clock
        self._zone = zone
        self._asked = asyncio.Event()  # a pause has come since the last look

    async def pause(self, duration: str | None, until: str | None, correlation: str) -> str:
        """Pause at once and durably; what came of it in one line."""
        end_ms = end_of(duration, until, TimeContext(self._clock.wall_ms(), self._zone))
        reason = f"paused by you {self._until(end_ms)}"
        hint = "; /resume ends it" if end_ms is None else "; /resume ends it sooner"
        fresh = await self._latches.set(PAUSED, reason + hint, correlation, until_ms=end_ms)
        self._asked.set()
        self._herald.changed("status")
        latch = self._latches.get(PAUSED)
        kept = self._until(latch.until_ms if latch else end_ms)
        return f"Paused {kept}: I open nothing new." if fresh else f"I am paused already, {kept}."

    async def run(self) -> None:
        """Look for ever whether a pause that has an end is over."""
        while True:
            self._asked.clear()
            await self.check()
            latch = self._latches.get(PAUSED)
            if latch is not None and latch.until_ms is not None:
                await self._clock.sleep(_LOOK_S)
            else:
                await self._asked.wait()

    async def check(self) -> None:
        """End the pause whose time has come, and tell it once."""
        latch = self._latches.get(PAUSED)
        if latch is None or latch.until_ms is None or self._clock.wall_ms() < latch.until_ms:
            return
        blocking = self._latches.blocking(besides=PAUSED)
        over = f"The pause you asked for is over since {self._clock_words(latch.until_ms)}"
        text = f"{over}, but I open nothing yet: {blocking}." if blocking else f"{over}. I trade again."
        key = f"pause_over:{latch.set_ms}"
        news = Announcement(key, EventKind.RESUMED, Severity.INFO, text, self._clock.market_ms())
        if await self._latches.lift(PAUSED, "its own end", news):
            self._herald.announced(news)
            self._herald.changed("status")

    def _until(self, end_ms: int | None) -> str:
        return "until you say resume" if end_ms is None else f"until {self._clock_words(end_ms)}"

    def _clock_words(self, wall_ms: int) -> str:
        """The time on the owner's clock, with the day where it is not today."""
        local = TimeContext(wall_ms, self._zone).local
        today = TimeContext(self._clock.wall_ms(), self._zone).local.date()
        return f"{local:%H:%M}" if local.date() == today else f"{local:%a} {local.day} {local:%b %H:%M}"


def end_of(duration: str | None, until: str | None, now: TimeContext) -> int | None:
    """When a pause ends, in wall ms, by a length such as 30m or a moment such as 'tomorrow 09:00'.

    None is a pause without an end: where nothing is named, or nothing that a clock or a calendar knows.
    """
    end = _after(duration, now) if duration else _moment(until, now) if until else None
    return end if end is not None and now.now_ms < end <= now.now_ms + _LONGEST_MS else None


def _after(duration: str, now: TimeContext) -> int | None:
    found = _LENGTH.fullmatch(duration.strip())
    return now.now_ms + int(Decimal(found[1]) * _UNIT_S[found[2]] * 1000) if found else None


def _moment(until: str, now: TimeContext) -> int | None:
    """The next moment that the words name: a day, a time of day, or both."""
    words = until.lower().replace(",", " ").split()
    dated, words = _date(words, now.local.date())
    ahead = (dated - now.local.date()).days if dated else _days_ahead(words, now.local)
    at = _time_of(words)
    if ahead is None and at is None:
        return None
    if at is None:
        return _on_day(now, ahead or 0, time())
    if ahead is not None:
        return _on_day(now, ahead, at)
    return _next_time(now, _halves(words, at))


def _date(words: list[str], today: date) -> tuple[date | None, list[str]]:
    """The next day that the words date ('the 14th', '3 december', '2026-12-24'), and the other words."""
    for at, word in enumerate(words):
        if _DATE.fullmatch(word):
            return _real(*map(int, word.split("-"))), words[:at] + words[at + 1 :]
        if not (day := _DAY.fullmatch(word)):
            continue
        beside = [one for one in (*words[max(0, at - 1) : at], *words[at + 1 : at + 3]) if _month(one)]
        if beside or day[2]:
            month = _month(beside[0]) if beside else None
            rest = [one for place, one in enumerate(words) if place != at and one not in beside]
            return _next(today, int(day[1]), month), rest
    return None, words


def _month(word: str) -> int | None:
    """Which month a word names, whole or by its first three letters and more."""
    name = word.rstrip(".")
    named = (at for at, month in enumerate(_MONTHS, 1) if len(name) >= 3 and month.startswith(name))
    return next(named, None)


def _next(today: date, day: int, month: int | None) -> date | None:
    """The next such day after today, within a year; 31 is one of the longer months' days."""
    months = [
        (today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1)
        for ahead in range(13)
    ]
    days = [_real(year, one, day) for year, one in months if month in (None, one)]
    return next((one for one in days if one and one > today), None)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _days_ahead(words: list[str], local: datetime) -> int | None:
    if "tomorrow" in words or "midnight" in words:
        return 1
    named = next((_DAYS.index(word) for word in words if word in _DAYS), None)
    if named is None and words[-2:] == ["next", "week"]:
        named = 0
    return None if named is None else (named - local.weekday()) % 7 or 7


def _time_of(words: list[str]) -> time | None:
    for word in words:
        found = _AT.fullmatch(word)
        hour, minute = (int(found[1]), int(found[2])) if found else (_hour_of(word), 0)
        if hour is not None and hour < 24 and minute < 60:
            return time(hour, minute)
    return None


def _hour_of(word: str) -> int | None:
    return int(word) if word.isdecimal() and len(word) <= 2 else _NAMED_HOURS.get(word)


def _halves(words: list[str], at: time) -> tuple[time, ...]:
    """A bare 6 is the next six o'clock, of the morning or of the evening."""
    bare = str(at.hour) in words and 1 <= at.hour <= 12
    return (at, time((at.hour + 12) % 24)) if bare else (at,)


def _next_time(now: TimeContext, times: tuple[time, ...]) -> int:
    moments = [_on_day(now, days, at) for days in (0, 1) for at in times]
    return min(moment for moment in moments if moment > now.now_ms)


def _on_day(now: TimeContext, days: int, at: time) -> int:
    day = now.local.date() + timedelta(days=days)
    return to_ms(datetime.combine(day, at, now.local.tzinfo))
