"""A week on the owner's phone, played on a virtual clock: events, outages, an owner who sleeps and answers.

Everything from the outbox to the message on the screen is Zyn's own; only the networks are played.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from loguru import logger
from telegram.error import NetworkError

from bot.format_html import Page, pages
from bot.handlers.outgoing import EDITS_A_MINUTE
from bot.notifier import TelegramChannel
from core.agent.replies import Reply
from core.alerts.attention import AttentionDesk
from core.alerts.escalation import EscalationDesk, Patience
from core.alerts.pump import Pump
from core.alerts.sms import SegmentBudget, SmsChannel
from core.alerts.sms_replies import Inbound
from core.alerts.thread import IncidentThread
from core.clock import WallSeconds
from core.engine.registry import Registry
from core.model.errors import Transient
from core.model.events import Announcement, EventKind, Severity
from core.model.outbox import OutboxRow
from core.model.time_context import TimeContext
from tests.support.alarm_desk import Kept
from tests.support.fake_outbox import FakeOutbox
from tests.support.virtual_time import VirtualClock, VirtualLoop

MONDAY = 1_795_392_000_000  # 2026-11-23 00:00 UTC
DAY_S, WEEK_S = 86_400.0, 7 * 86_400.0
ZONE, QUIET = "Europe/Berlin", "22-7"


@dataclass
class Screen:
    """The messages on the phone, by id, and how many came with a sound on each of the owner's days."""

    clock: VirtualClock
    messages: dict[int, str] = field(default_factory=dict)
    rings: Counter[str] = field(default_factory=Counter)
    down: bool = False
    last_id: int = 0
    edits: Counter[int] = field(default_factory=Counter)  # by minute
    ever: set[int] = field(default_factory=set)  # every event that was ever read here

    def drawn(self, reply: Reply) -> list[Page]:
        return pages(reply)

    async def page_once(self, chat_id: int, page: Page, *, silent: bool = False) -> Any:
        self._line()
        self.last_id += 1
        self._show(self.last_id, page.plain)
        if not silent:
            self.rings[TimeContext(self.clock.wall_ms(), ZONE).day_key()] += 1
        return type("Sent", (), {"message_id": self.last_id})()

    def edit_wait(self, chat_id: int, kept: int = 0) -> float:
        """As if the minutes of Telegram's limit were those of the clock."""
        spent = self.edits[self.clock.wall_ms() // 60_000] >= EDITS_A_MINUTE
        return 60.0 if spent else 0.0

    async def edit_once(self, chat_id: int, message_id: int, reply: Reply) -> None:
        self._line()
        self.edits[self.clock.wall_ms() // 60_000] += 1
        self._show(message_id, pages(reply)[0].plain)

    async def delete(self, chat_id: int, message_id: int) -> None:
        self.messages.pop(message_id, None)

    def _show(self, message_id: int, text: str) -> None:
        self.messages[message_id] = text
        self.ever.update(int(number) for number in re.findall(r"event <(\d+)>", text))

    def _line(self) -> None:
        if self.down:
            raise NetworkError("down")


@dataclass
class Carrier:
    """The SMS line."""

    clock: VirtualClock
    sent: list[tuple[int, str]] = field(default_factory=list)
    answers: list[Inbound] = field(default_factory=list)
    down: bool = False

    async def send(self, body: str) -> None:
        if self.down:
            raise Transient("down")
        self.sent.append((self.clock.wall_ms(), body))

    async def recent(self) -> list[str]:
        return [body for _, body in self.sent]

    async def inbox(self) -> list[Inbound]:
        if self.down:
            raise Transient("down")
        return self.answers


class Week:
    """One seed's week. `run` plays it; `verdict` says what broke, or nothing."""

    def __init__(self, seed: int, loop: VirtualLoop, events: int = 1000, rings_a_day: int = 20) -> None:
        self.rng, self.events, self.rings_a_day = Random(seed), events, rings_a_day
        self.clock = VirtualClock(loop, MONDAY, 1.0)
        self.kept, self.outbox = Kept(), FakeOutbox()
        self.screen, self.carrier = Screen(self.clock), Carrier(self.clock)
        self.criticals: list[Announcement] = []
        self.acknowledged: list[tuple[int, str]] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self._begin()

    def _begin(self) -> None:
        """A process: everything in memory is new, what was kept stays."""
        self.desk = AttentionDesk(self.kept, self.clock, ZONE, self.rings_a_day, QUIET)
        thread = IncidentThread(self.kept, self.kept)
        outgoing: Any = self.screen
        telegram = TelegramChannel(outgoing, lambda: (1,), self.desk, thread)
        sms = SmsChannel(self.carrier, "live", SegmentBudget(self.kept, self.clock, ZONE, 60))
        self.pump = Pump(self.outbox, [telegram, sms], self.clock, ZONE)
        codes = iter(range(1000, 9999))
        self.escalation = EscalationDesk(
            self.kept, self.kept, self, self.clock, Patience(120, 300), lambda: f"{next(codes)}",
            self.carrier, Registry(),
        )  # fmt: skip
        self.escalation.first_by(lambda: not self.screen.down)

    # The herald.

    def announced(self, news: Announcement) -> None:
        if news.kind in (EventKind.ESCALATION, EventKind.SMS_ANSWER):
            self._into_outbox(news)
        self.pump.wake()
        self.escalation.heard(news)

    def changed(self, topic: str) -> None: ...

    def _into_outbox(self, news: Announcement) -> None:
        for channel in ("telegram", "sms"):
            number = len(self.outbox.rows) + len(self.outbox.done) + 1
            self.outbox.rows[number] = OutboxRow(number, channel, news, 0)

    # What happens.

    async def run(self) -> None:
        await self.desk.load()
        await self.escalation.begin()
        self.tasks = [
            asyncio.ensure_future(part)
            for part in (self.pump.run(), self.escalation.run(), self._weather(), self._owner())
        ]
        at = sorted(self.rng.uniform(0, WEEK_S - DAY_S / 2) for _ in range(self.events))
        for number, moment in enumerate(at):
            await asyncio.sleep(max(0.0, moment - self.clock.monotonic()))
            await self._happens(number)
        self.screen.down = self.carrier.down = False
        await asyncio.sleep(DAY_S)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _happens(self, number: int) -> None:
        kinds = (
            [(EventKind.FILL, Severity.TRADE)] * 60 + [(EventKind.POSITION_CLOSED, Severity.TRADE)] * 25
            + [(EventKind.NOTICE, Severity.INFO)] * 8 + [(EventKind.TROUBLE, Severity.WARNING)] * 3
            + [(EventKind.RECOVERED, Severity.INFO)] * 2 + [(EventKind.KILL_SWITCH, Severity.CRITICAL)]
            + [(EventKind.STOP_MISSING, Severity.CRITICAL)]
        )  # fmt: skip
        kind, severity = self.rng.choice(kinds)
        news = Announcement(
            f"e{number}", kind, severity, f"event <{number}>", self.clock.market_ms(),
            data={"symbol": "ETH/USD"},
        )  # fmt: skip
        await self.kept.commit(news)
        self._into_outbox(news)
        if severity is Severity.CRITICAL:
            self.criticals.append(news)
        self.announced(news)

    async def _weather(self) -> None:
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / 20_000))
            which = self.rng.choice((self.screen, self.carrier))
            which.down = True
            await asyncio.sleep(self.rng.choice((30.0, 600.0, 7_200.0, 20_000.0)))
            which.down = False
            self.pump.retry("telegram")
            self.pump.retry("sms")

    async def _owner(self) -> None:
        """Sees a critical on one channel or the other after a while, or sleeps through it."""
        while True:
            await self.clock.sleep(WallSeconds(30.0))
            waiting = self.escalation.open
            if waiting is None or self.rng.random() > 0.06:
                continue
            if self.rng.random() < 0.5 and not self.screen.down:
                await self.escalation.acknowledge("telegram")
                self.acknowledged.append((self.clock.wall_ms(), "telegram"))
            elif waiting.texts and not self.carrier.down:
                self.carrier.answers.append(
                    Inbound(f"SM{len(self.carrier.answers)}", f"ok {waiting.code}", self.clock.wall_ms())
                )
                self.acknowledged.append((self.clock.wall_ms(), "sms"))

    # What has to hold.

    def verdict(self) -> list[str]:
        """What broke, in words; empty when everything held."""
        return [
            *self._told_once(),
            *self._rang_within_the_budget(),
            *self._escalated(),
            *self._edited_in_measure(),
        ]

    def _edited_in_measure(self) -> list[str]:
        most = max(self.screen.edits.values(), default=0)
        return [f"{most} edits in one minute"] if most > EDITS_A_MINUTE else []

    def _told_once(self) -> list[str]:
        shown = Counter(
            number for text in self.screen.messages.values() for number in range(self.events)
            if f"event <{number}>" in text
        )  # fmt: skip
        # A long incident leaves out what it told before and names how many that were.
        left_out = sum(
            int(number)
            for text in self.screen.messages.values()
            for number in re.findall(r"\((\d+) more between", text)
        )
        gone = [n for n in range(self.events) if not shown[n]]
        told = [f"event {n} stands in {shown[n]} messages" for n in range(self.events) if shown[n] > 1]
        told += [f"event {n} was never told" for n in gone if n not in self.screen.ever]
        told += (
            [f"{len(gone)} are gone from the screen and {left_out} left out"] if len(gone) > left_out else []
        )
        return told + [f"still in the outbox: {row}" for row in self.outbox.rows.values()]

    def _rang_within_the_budget(self) -> list[str]:
        days = Counter(TimeContext(one.time_ms, ZONE).day_key() for one in self.criticals)
        return [
            f"{count} rings on {day}"
            for day, count in self.screen.rings.items()
            if count > self.rings_a_day + len(self.criticals) * 2 and count > self.rings_a_day + days[day] * 2
        ]

    def _escalated(self) -> list[str]:
        """Each escalation was acknowledged or texted twice, and no critical was left out of one."""
        opened = sorted(self.kept.opened.values(), key=lambda one: one.opened_ms)
        broken = [f"{one.key} was neither seen nor texted" for one in opened
                  if one.ended_ms is None and one.texts < 2]  # fmt: skip
        for critical in self.criticals:
            covering = [
                one for one in opened
                if one.opened_ms <= critical.time_ms + 5_000 and (one.ended_ms or 2**60) >= critical.time_ms
            ]  # fmt: skip
            if not covering:
                broken.append(f"{critical.key} woke nobody")
        keys = [body for _, body in self.carrier.sent]
        return broken + [f"texted twice: {body}" for body, count in Counter(keys).items() if count > 1]


def play(seed: int, events: int = 1000) -> tuple[list[str], dict[str, int]]:
    """One seed's week; (what broke, counts)."""
    loop = VirtualLoop()
    logger.disable("core.alerts")
    try:
        week = Week(seed, loop, events)
        loop.run_until_complete(week.run())
    finally:
        logger.enable("core.alerts")
        loop.close()
    counts = {
        "events": events, "criticals": len(week.criticals), "escalations": len(week.kept.opened),
        "texts": len(week.carrier.sent), "messages": len(week.screen.messages),
        "rings": sum(week.screen.rings.values()), "acknowledged": len(week.acknowledged),
    }  # fmt: skip
    return week.verdict(), counts
