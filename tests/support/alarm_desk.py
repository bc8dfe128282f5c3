"""The alert desks of a test: what they keep without a database, and one that lets everything through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from core.alerts.attention import AttentionDesk
from core.alerts.sms import SegmentBudget
from core.alerts.thread import IncidentThread
from core.clock import Clock, ManualClock, SystemClock
from core.model.alarms import Escalation, PriceAlert
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Fact
from core.model.outbox import Alert
from tests.support.fake_conversation import FakeUpdateLog


@dataclass
class Kept(FakeUpdateLog):
    """Everything the desks read back, in memory; outlives a desk as a database outlives a process."""

    wishes: dict[str, str] = field(default_factory=dict)
    news: list[Announcement] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    opened: dict[str, Escalation] = field(default_factory=dict)
    waited_for: dict[str, PriceAlert] = field(default_factory=dict)

    async def preferences(self) -> dict[str, str]:
        return dict(self.wishes)

    async def set_preference(self, key: str, value: str) -> None:
        self.wishes[key] = value

    async def commit(self, *facts: Fact) -> None:
        for fact in facts:
            self.facts.append(fact)
            if isinstance(fact, Announcement) and fact.key not in {one.key for one in self.news}:
                self.news.append(fact)
            elif isinstance(fact, Escalation):
                self.opened[fact.key] = fact
            elif isinstance(fact, PriceAlert):
                self.waited_for[fact.key] = fact

    async def escalation(self) -> Escalation | None:
        return next((one for one in self.opened.values() if one.ended_ms is None), None)

    async def price_alerts(self) -> list[PriceAlert]:
        return [one for one in self.waited_for.values() if one.ended_ms is None]

    async def announced(self, from_ms: int) -> list[Announcement]:
        return [one for one in self.news if one.time_ms >= from_ms]

    async def grave_after(self, id: int) -> list[Alert]:
        return [
            Alert(number, one)
            for number, one in enumerate(self.news[id:], start=id + 1)
            if one.severity >= Severity.CRITICAL and one.kind is not EventKind.ESCALATION
        ]

    @property
    def outbox(self) -> Kept:
        return self


def all_ears(kept: Kept | None = None, clock: Clock | None = None, zone: str = "UTC") -> AttentionDesk:
    """A desk on which nothing is switched off or quiet."""
    return AttentionDesk(kept or Kept(), clock or SystemClock(), zone, 1_000_000)


def no_incidents(news: Iterable[Announcement] = ()) -> IncidentThread:
    """A thread that knows of these announcements alone."""
    kept = Kept(news=list(news))
    return IncidentThread(kept, kept)


def many_segments(clock: Clock | None = None) -> SegmentBudget:
    return SegmentBudget(FakeUpdateLog(), clock or ManualClock(0), "UTC", 1_000_000)
