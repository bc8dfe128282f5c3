"""Incidents: what belongs together is one message, and one report once it is over.

Grouping is a pure function of what was announced, so that a restart groups the same way. An incident begins
with something critical or a lost peer, takes in what follows from it, and ends when market time has been
calm for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import from_ms

CALM_MS = 900_000  # of market time without anything that belongs to it
LINES_MAX = 24
_OPENERS = frozenset({EventKind.TROUBLE, EventKind.ORDER_UNKNOWN})
_FOLLOWERS = frozenset({
    EventKind.STOP_MISSING, EventKind.STOP_RESTORED, EventKind.KILL_SWITCH, EventKind.FLATTEN,
    EventKind.ORDER_UNKNOWN, EventKind.ORDER_REFUSED, EventKind.TROUBLE, EventKind.RECOVERED,
    EventKind.NOT_TRADING, EventKind.TRADING, EventKind.PAUSED,
})  # fmt: skip
_REPLACED = frozenset({EventKind.FLATTEN})
_TRADES = frozenset({EventKind.FILL, EventKind.POSITION_CLOSED})


@dataclass(frozen=True, slots=True)
class Incident:
    """What was announced of one incident, oldest first."""

    news: tuple[Announcement, ...]

    @property
    def key(self) -> str:
        return self.news[0].key

    @property
    def opened_ms(self) -> int:
        return self.news[0].time_ms

    @property
    def last_ms(self) -> int:
        return max(one.time_ms for one in self.news)

    @property
    def severity(self) -> Severity:
        return max(one.severity for one in self.news)

    @property
    def grave(self) -> bool:
        """Whether it was critical: then a report follows."""
        return self.severity >= Severity.CRITICAL

    def rang_before(self, news: Announcement) -> bool:
        """Whether something critical of the same kind came before it: once is enough of a sound."""
        earlier = self.news[: next((n for n, one in enumerate(self.news) if one.key == news.key), 0)]
        return any(one.kind is news.kind and one.severity >= Severity.CRITICAL for one in earlier)

    def over(self, now_market_ms: int) -> bool:
        return now_market_ms - self.last_ms > CALM_MS


def incidents(announced: Iterable[Announcement]) -> list[Incident]:
    """Every incident among these announcements (oldest first)."""
    groups: list[list[Announcement]] = []
    last_ms, grave = 0, False  # of the last group
    for one in announced:
        critical = one.severity >= Severity.CRITICAL
        if groups and one.time_ms - last_ms <= CALM_MS and _belongs(one, grave):
            groups[-1].append(one)
            last_ms, grave = max(last_ms, one.time_ms), grave or critical
        elif _opens(one):
            groups.append([one])
            last_ms, grave = one.time_ms, critical
    return [Incident(tuple(group)) for group in groups]


def may_belong(news: Announcement) -> bool:
    """Whether it is worth looking for its incident at all."""
    return _opens(news) or news.kind in _FOLLOWERS or news.kind in _TRADES


def _opens(one: Announcement) -> bool:
    return one.kind not in _SIDE_NOTES and (one.severity >= Severity.CRITICAL or one.kind in _OPENERS)


def _belongs(one: Announcement, grave: bool) -> bool:
    """Whether it goes on with an incident of the last quarter of an hour."""
    if one.kind in _SIDE_NOTES:
        return False
    return one.severity >= Severity.CRITICAL or one.kind in _FOLLOWERS or (grave and one.kind in _TRADES)


_SIDE_NOTES = frozenset({EventKind.ESCALATION, EventKind.INCIDENT_REPORT, EventKind.SMS_ANSWER})


def lines_of(incident: Incident, zone: str) -> list[str]:
    """The incident as lines with the owner's time. Of too many the first stays, for it says how it began, and
    the latest; what is left out was told when it happened.

    How far a flatten has got is said once: its last word stands for the ones before.
    """
    last = {one.kind: one.key for one in incident.news if one.kind in _REPLACED}
    news = [one for one in incident.news if last.get(one.kind, one.key) == one.key]
    left_out = len(news) - LINES_MAX
    if left_out <= 0:
        return [line_of(one, zone) for one in news]
    between = f"({left_out} more between these two are on the dashboard.)"
    return [line_of(news[0], zone), between, *(line_of(one, zone) for one in news[1 + left_out :])]


def line_of(news: Announcement, zone: str) -> str:
    when = from_ms(news.time_ms).astimezone(ZoneInfo(zone))
    return f"{when:%H:%M} {news.text}"


def headline(incident: Incident, zone: str) -> str:
    when = from_ms(incident.opened_ms).astimezone(ZoneInfo(zone))
    count = len(incident.news)
    return f"Incident since {when:%H:%M}: {count} event{'s'[: count != 1]}."
