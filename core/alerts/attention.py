"""The attention budget: what makes the phone ring, what comes in quietly, what waits, what stays away.

Critical news rings at any hour and cannot be switched off. Everything else is on, silent or off by its
event type, waits for the end of the quiet hours, and rings only as often a day as the owner allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Protocol
from zoneinfo import ZoneInfo

from core.clock import Clock
from core.model.errors import Refused
from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import TimeContext, from_ms, to_ms

QUIET, SWITCH, RUNG = "quiet_hours", "alert.", "alerts.rung"
RINGING = "notifications"
LATE_MS = 120_000  # of the owner's time, after which a message says when it happened
_TOLD_AT_ONCE = frozenset(
    {EventKind.FILL, EventKind.POSITION_CLOSED, EventKind.PRICE_ALERT, EventKind.ORDER_REFUSED}
)
# What still rings when the owner wants fewer sounds; the rest comes in silently, and critical news rings.
_RINGS: Mapping[str, frozenset[EventKind]] = {
    "off": frozenset(),
    "critical": frozenset(),
    "trades": frozenset({EventKind.FILL, EventKind.POSITION_CLOSED}),
}

# Summaries that the owner may also switch by plain words, kept as preferences.
_SUMMARIES = {"daily_summary": EventKind.DAILY_SUMMARY, "weekly_summary": EventKind.WEEKLY_REPORT}


class Switch(StrEnum):
    ON = "on"
    SILENT = "silent"
    OFF = "off"


class Manner(StrEnum):
    RING = "ring"
    SILENT = "silent"
    WAIT = "wait"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one announcement may reach the owner; `until_ms` of the wall clock when it has to wait.

    `alone`: never put together with others, for it has a message of its own to go into.
    """

    manner: Manner
    until_ms: int = 0
    alone: bool = False

    @property
    def silent(self) -> bool:
        return self.manner is not Manner.RING


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From one time of day to another in the owner's zone, over midnight or not."""

    start: time
    end: time

    def until(self, now_wall_ms: int, zone: str) -> int | None:
        """When the quiet hours end that hold now, in ms; None outside them."""
        local = from_ms(now_wall_ms).astimezone(ZoneInfo(zone))
        for back in (1, 0):
            day = local.date() - timedelta(days=back)
            over = self.end <= self.start
            start = datetime.combine(day, self.start, ZoneInfo(zone))
            end = datetime.combine(day + timedelta(days=over), self.end, ZoneInfo(zone))
            if to_ms(start) <= now_wall_ms < to_ms(end):
                return to_ms(end)
        return None

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"


def quiet_hours(text: str) -> QuietHours | None:
    """'22-7' or '22:30-07:00'; empty or 'off' is none. Raises Refused for anything else."""
    if text.strip().lower() in ("", "off", "none"):
        return None
    try:
        start, end = (_time_of_day(part) for part in text.replace("–", "-").split("-"))
    except ValueError as error:
        usage = "Write them like this: /alerts quiet 22-7, or /alerts quiet off."
        raise Refused(f"I do not understand the quiet hours {text!r}.", "quiet_hours", usage) from error
    return QuietHours(start, end) if start != end else None


def _time_of_day(text: str) -> time:
    hour, _, minute = text.strip().lower().removesuffix("h").partition(":")
    return time(int(hour) % 24 if int(hour) <= 24 else int(hour), int(minute or 0))


@dataclass(frozen=True, slots=True)
class Attention:
    """What the owner wants to hear of, and how often a day it may ring."""

    zone: str
    rings_a_day: int
    quiet: QuietHours | None = None
    switches: Mapping[str, Switch] = field(default_factory=dict)
    ringing: str = "on"  # or off, critical, trades

    def verdict(self, news: Announcement, now_wall_ms: int, rung_today: int) -> Verdict:
        """How this may reach the owner now."""
        if news.severity >= Severity.CRITICAL:
            return Verdict(Manner.RING)
        switch = self.switch_of(news.kind)
        if news.severity <= Severity.DEBUG or switch is Switch.OFF:
            return Verdict(Manner.OFF)
        until = self.quiet.until(now_wall_ms, self.zone) if self.quiet else None
        if until is not None and news.kind is EventKind.PRICE_ALERT:
            return Verdict(
                Manner.SILENT
            )  # asked for: it is there at once for whoever looks, and wakes nobody
        if until is not None:
            return Verdict(Manner.WAIT, until)
        unwanted = self.ringing in _RINGS and news.kind not in _RINGS[self.ringing]
        quietly = unwanted or switch is Switch.SILENT or news.severity < Severity.TRADE
        return Verdict(Manner.SILENT if quietly or rung_today >= self.rings_a_day else Manner.RING)

    def switch_of(self, kind: EventKind) -> Switch:
        return self.switches.get(kind.value, Switch.ON)


class Preferences(Protocol):
    """Where the owner's wishes outlive a restart."""

    async def preferences(self) -> dict[str, str]: ...

    async def set_preference(self, key: str, value: str) -> None: ...

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class AttentionDesk:
    """Keeps the owner's wishes and counts today's rings, both over restarts."""

    def __init__(self, kept: Preferences, clock: Clock, zone: str, rings_a_day: int, quiet: str = "") -> None:
        """`quiet` are the quiet hours until the owner says others."""
        self._kept = kept
        self._clock = clock
        self.attention = Attention(zone, rings_a_day, quiet_hours(quiet))
        self._day, self._rung = "", 0

    async def load(self) -> None:
        """Take up what was wished and counted before; call once before judging."""
        await self.heed()
        self._day, _, rung = (await self._kept.get_value(RUNG) or "").partition("|")
        self._rung = int(rung or 0)

    async def heed(self) -> None:
        """Take up the owner's wishes as they are kept now; call when one has changed."""
        wishes = await self._kept.preferences()
        switches = {
            key.removeprefix(SWITCH): Switch(value)
            for key, value in wishes.items()
            if key.startswith(SWITCH) and value in tuple(Switch)
        }
        for key, kind in _SUMMARIES.items():
            if wishes.get(key) == "off":
                switches[kind.value] = Switch.OFF
            elif key in wishes and switches.get(kind.value) is Switch.OFF:
                switches[kind.value] = Switch.ON
        ringing = wishes.get(RINGING, "on")
        self.attention = replace(self.attention, switches=switches, ringing=ringing)
        if QUIET in wishes:
            self.attention = replace(self.attention, quiet=_lenient(wishes[QUIET], self.attention.quiet))

    @property
    def rung_today(self) -> int:
        return self._rung if self._day == self._today() else 0

    def judge(self, news: Announcement) -> Verdict:
        return self.attention.verdict(news, self._clock.wall_ms(), self.rung_today)

    def long_ago(self, news: Announcement) -> str:
        """When it happened, on the owner's clock, where that was a while ago; reports tell their own time."""
        now = self._clock.market_ms()
        if now - news.time_ms <= LATE_MS * max(1.0, self._clock.speed) or news.kind not in _TOLD_AT_ONCE:
            return ""
        local = TimeContext(news.time_ms, self.attention.zone).local
        today = TimeContext(now, self.attention.zone).local.date() == local.date()
        return f"{local:%H:%M}" if today else f"{local:%-d %b, %H:%M}"

    async def rang(self) -> None:
        """Something reached the owner with a sound."""
        self._rung, self._day = self.rung_today + 1, self._today()
        await self._kept.set_value(RUNG, f"{self._day}|{self._rung}")

    async def switch(self, kind: EventKind, switch: Switch) -> None:
        await self._kept.set_preference(f"{SWITCH}{kind.value}", switch.value)
        for key in (name for name, one in _SUMMARIES.items() if one is kind):
            await self._kept.set_preference(key, "off" if switch is Switch.OFF else "on")
        self.attention = replace(self.attention, switches={**self.attention.switches, kind.value: switch})

    async def be_quiet(self, text: str) -> None:
        """Set the quiet hours. Raises Refused when they cannot be read."""
        quiet = quiet_hours(text)
        await self._kept.set_preference(QUIET, str(quiet) if quiet else "off")
        self.attention = replace(self.attention, quiet=quiet)

    def _today(self) -> str:
        return TimeContext(self._clock.wall_ms(), self.attention.zone).day_key()


def _lenient(text: str, otherwise: QuietHours | None) -> QuietHours | None:
    """Quiet hours as a preference in free words may have left them."""
    try:
        return quiet_hours(text)
    except Refused:
        return otherwise
