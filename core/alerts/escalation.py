"""Until somebody has seen it: Telegram first, then a text, then one more.

One escalation is open at a time; further criticals belong to it until it is acknowledged, on any channel.
One that comes after both texts begins two more, under the same code: whoever slept through the first may
not sleep through the next.
Every step is one transaction with its message, and what was announced while Zyn was off is found at the
start, so that a crash neither loses a step nor doubles it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from core.alerts.naps import nap
from core.alerts.sms_replies import Inbound, Order, order_of
from core.clock import Clock
from core.engine.ports import Herald
from core.engine.registry import Actor, Answer, Door, Outcome, Registry, Request
from core.model.alarms import Escalation
from core.model.errors import Refused, VenueError, ZynError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Fact, SafetyEvent
from core.model.outbox import Alert
from core.model.views import TextView

SEEN, SMS = "escalation.seen", "sms"
TEXTS_MAX = 2
WRONG_MAX = 5
ABOUT_MAX = 180
SOON_S, LISTEN_S, IDLE_S = 0.05, 20.0, 30.0
NEVER_MS = 2**53


class Kept(Protocol):
    """What the escalation keeps and reads back."""

    async def commit(self, *facts: Fact) -> None: ...

    async def escalation(self) -> Escalation | None: ...

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...

    async def first_time(self, source: str, update_id: str) -> bool: ...


class Announced(Protocol):
    async def grave_after(self, id: int) -> list[Alert]: ...


class Inbox(Protocol):
    """Texts from the owner's number. Raises Transient, RateLimited, AuthFailed or Rejected."""

    async def inbox(self) -> Sequence[Inbound]: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """Wall seconds until the first text and from it to the second."""

    first_s: float
    again_s: float


class EscalationDesk:
    """Opens, carries and ends escalations. `run` is a supervised task."""

    def __init__(
        self,
        kept: Kept,
        announced: Announced,
        herald: Herald,
        clock: Clock,
        patience: Patience,
        new_code: Callable[[], str],
        inbox: Inbox | None,
        registry: Registry,
    ) -> None:
        """`inbox` is None without SMS: only Telegram can reach the owner. `new_code` makes four digits."""
        self._kept = kept
        self._announced = announced
        self._herald = herald
        self._clock = clock
        self._patience = patience
        self._new_code = new_code
        self._inbox = inbox
        self._registry = registry
        self._telegram_up: Callable[[], bool] = lambda: False
        self._open: Escalation | None = None
        self._listened = -LISTEN_S
        self._bell = asyncio.Event()

    @property
    def open(self) -> Escalation | None:
        """What nobody has acknowledged yet."""
        return self._open

    def first_by(self, telegram_up: Callable[[], bool]) -> None:
        """From now on Telegram is tried first, while it is up; otherwise the text goes out at once."""
        self._telegram_up = telegram_up

    def heard(self, news: Announcement) -> None:
        """Something was announced; losing a call loses nothing."""
        if news.severity >= Severity.CRITICAL:
            self._bell.set()

    async def run(self) -> None:
        """Look for new criticals, send what is due, listen for answers."""
        await self.begin()
        while True:
            await self.step()
            if self._open is None:
                await nap(self._clock, self._bell, IDLE_S)
                self._bell.set()  # a lost wake-up costs at most this nap
            else:
                await nap(self._clock, self._bell, self._until_due(self._open))

    def _until_due(self, waiting: Escalation) -> float:
        """Wall seconds until the next text or the next look for an answer."""
        text_s = (waiting.next_ms - self._clock.wall_ms()) / 1000
        answer_s = LISTEN_S - (self._clock.monotonic() - self._listened)
        return max(SOON_S, min(IDLE_S, text_s, answer_s if self._inbox is not None else IDLE_S))

    async def begin(self) -> None:
        """Take up what was open; a database without a mark has nothing behind it to wake anybody for."""
        self._open = await self._kept.escalation()
        self._bell.set()

    async def step(self) -> None:
        """Whatever is due now."""
        if self._bell.is_set():
            self._bell.clear()
            await self._look()
        if self._open is None:
            return
        if self._inbox is not None and self._clock.monotonic() - self._listened >= LISTEN_S:
            self._listened = self._clock.monotonic()
            await self._listen(self._inbox)
        if self._open is not None and self._clock.wall_ms() >= self._open.next_ms:
            await self._send(self._open)

    async def acknowledge(self, by: str) -> bool:
        """Somebody has seen it; whether there was anything to see."""
        if self._open is None:
            return False
        ended = replace(self._open, ended_ms=self._clock.wall_ms(), ended_by=by)
        text = f"critical {ended.key} acknowledged by {by}"
        await self._kept.commit(ended, SafetyEvent("acknowledged", text, self._clock.market_ms()))
        self._open = None
        return True

    async def _look(self) -> None:
        """What became critical since the last look: an escalation, unless one is open."""
        grave = await self._announced.grave_after(int(await self._kept.get_value(SEEN) or 0))
        if not grave:
            return
        now = self._clock.wall_ms()
        due_ms = now + round(1000 * (self._patience.first_s if self._telegram_up() else 0.0))
        first = grave[-1].announcement
        if self._open is None:
            await self._kept.commit(Escalation(first.key, now, self._new_code(), due_ms, first.text))
            self._open = await self._kept.escalation()
        elif self._open.next_ms == NEVER_MS:
            self._open = replace(self._open, next_ms=due_ms, about=first.text)
            await self._kept.commit(self._open)
        await self._kept.set_value(SEEN, str(grave[-1].id))

    async def _send(self, waiting: Escalation) -> None:
        """The next text and the step itself, in one transaction."""
        number = waiting.texts + 1
        last = number % TEXTS_MAX == 0
        next_ms = NEVER_MS if last else self._clock.wall_ms() + round(self._patience.again_s * 1000)
        sent = replace(waiting, texts=number, next_ms=next_ms)
        if self._inbox is None:
            await self._kept.commit(replace(sent, next_ms=NEVER_MS))
            self._open = replace(sent, next_ms=NEVER_MS)
            return
        news = self._text(waiting, number)
        await self._kept.commit(sent, news)
        self._open = sent
        self._herald.announced(news)

    def _text(self, waiting: Escalation, number: int) -> Announcement:
        code = waiting.code
        answers = f"Reply OK {code}, PAUSE {code} or FLATTEN {code}."
        if waiting.wrong >= WRONG_MAX:
            answers = f"After {WRONG_MAX} wrong codes I take no answer by text: open Telegram or the web."
        text = f"URGENT. {_shortened(waiting.about)} {answers}"
        key = f"escalation:{waiting.key}:{number}"
        return Announcement(key, EventKind.ESCALATION, Severity.CRITICAL, text, self._clock.market_ms())

    async def _listen(self, inbox: Inbox) -> None:
        """Read the owner's answers; a line in trouble is asked again later."""
        try:
            texts = await inbox.inbox()
        except VenueError:
            return
        for text in texts:
            await self._answer(text)

    async def _answer(self, text: Inbound) -> None:
        """Act on one text, once, when it carries the code and came after it was sent."""
        waiting = self._open
        if waiting is None or text.sent_ms < waiting.opened_ms:
            return
        order = order_of(text.body)
        if order is None or not await self._kept.first_time(SMS, text.id):
            return
        if waiting.wrong >= WRONG_MAX or order.code != waiting.code:
            self._open = replace(waiting, wrong=waiting.wrong + 1)
            await self._kept.commit(
                self._open,
                SafetyEvent("sms_wrong_code", "a text named a wrong code", self._clock.market_ms()),
            )
            return
        await self._obey(order, text)
        await self.acknowledge(SMS)

    async def _obey(self, order: Order, text: Inbound) -> None:
        """Pause or flatten, and say what came of it by text."""
        said = "Seen, thank you. I stop texting about it."
        if order.intent:
            said = await self._carry_out(order, text)
        news = Announcement(
            f"sms_answer:{text.id}", EventKind.SMS_ANSWER, Severity.TRADE, said, self._clock.market_ms()
        )
        await self._kept.commit(news)
        self._herald.announced(news)

    async def _carry_out(self, order: Order, text: Inbound) -> str:
        actor = Actor("owner", Door.SMS, "sms")
        try:
            request: Request = self._registry.request(order.intent, order.slots, actor, f"sms:{text.id}")
            outcome: Outcome = await self._registry.carry_out(request)
        except Refused as no:
            return f"{order.word}: {no.message}"
        except ZynError as error:
            return f"{order.word} did not work: {error}. I keep your stops; try again or open Telegram."
        if isinstance(outcome, Answer) and isinstance(outcome.view, TextView):
            return outcome.view.text
        return f"{order.word} is done."


def _shortened(text: str) -> str:
    """Its first words: the answers behind it must fit into the same text."""
    first = text.partition("\n")[0]
    return first if len(first) <= ABOUT_MAX else first[: ABOUT_MAX - 3].rsplit(" ", 1)[0] + "..."
