"""The telegram channel of the outbox pump: what jimmy must learn, as push messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Protocol

from loguru import logger
from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.handlers.outgoing import Outgoing, retry_seconds
from core.agent.replies import Block, Button, Buttons, Picture, Reply, Text
from core.alerts.attention import AttentionDesk, Manner, Verdict
from core.alerts.incidents import Incident, headline, lines_of
from core.model.errors import RateLimited, Rejected, Transient, ZynError
from core.model.events import Announcement, EventKind, Severity
from core.model.views import PictureView

_BY_KIND = {
    EventKind.STARTED: "👋", EventKind.STOPPED: "💤", EventKind.FILL: "💱", EventKind.POSITION_CLOSED: "🏁",
    EventKind.FLATTEN: "🧹", EventKind.PAUSED: "⏸", EventKind.RESUMED: "▶️", EventKind.TRADING: "▶️",
    EventKind.RECOVERED: "✅", EventKind.REARMED: "✅", EventKind.STOP_RESTORED: "✅",
    EventKind.DAILY_SUMMARY: "📊", EventKind.WEEKLY_REPORT: "🗓", EventKind.MORNING_BRIEF: "☀️",
    EventKind.PRICE_ALERT: "🔔", EventKind.INCIDENT_REPORT: "📋",
}  # fmt: skip
_BY_SEVERITY = {Severity.WARNING: "⚠️", Severity.CRITICAL: "🚨"}
_FOR_OTHERS = frozenset({EventKind.ESCALATION, EventKind.SMS_ANSWER})  # told by SMS
_NEVER_LEFT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
_REPEATED = "(Sent again: the first try got no answer.)"


Illustrate = Callable[[Announcement], Awaitable[PictureView]]


class Thread(Protocol):
    """The message of each incident: where it stands and what it says."""

    async def of(self, news: Announcement) -> Incident | None: ...

    async def message(self, incident: Incident, chat_id: int) -> tuple[int, str] | None:
        """(message id, what it says) when one was sent."""
        ...

    async def shown(self, incident: Incident, chat_id: int, message_id: int, text: str) -> None: ...


class TelegramChannel:
    """Delivers to every owner, once. What belongs to one incident is one message: edited in place while it
    only goes on, moved to the bottom with a sound when something critical is new."""

    name = "telegram"

    def __init__(
        self,
        outgoing: Outgoing,
        owners: Callable[[], tuple[int, ...]],
        desk: AttentionDesk,
        thread: Thread,
        illustrate: Illustrate | None = None,
    ) -> None:
        """`illustrate` draws the picture that goes with a report, if there is one."""
        self._outgoing = outgoing
        self._owners = owners
        self._desk = desk
        self._thread = thread
        self._illustrate = illustrate
        self._have: set[tuple[str, int]] = set()  # of announcements that are still on their way
        self._unsure: set[tuple[str, int]] = set()

    async def judge(self, announcement: Announcement) -> Verdict:
        """The owner's wishes; what belongs to a grave incident goes into its message at once, if quietly."""
        if announcement.kind in _FOR_OTHERS:
            return Verdict(Manner.OFF)
        verdict = self._desk.judge(announcement)
        incident = await self._thread.of(announcement)
        if announcement.severity >= Severity.CRITICAL:
            again = incident is not None and incident.rang_before(announcement)
            return Verdict(Manner.SILENT if again else Manner.RING, alone=True)
        if announcement.kind is EventKind.INCIDENT_REPORT and verdict.manner is Manner.WAIT:
            return Verdict(Manner.SILENT, alone=True)  # whoever was woken need not wait for the end of it
        if incident is None:
            return verdict
        return Verdict(Manner.SILENT, alone=True) if incident.grave else replace(verdict, alone=True)

    async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
        """Push it once. Raises Transient, RateLimited or Rejected."""
        owners = self._owners()
        if not owners:
            raise Transient("nobody is paired on Telegram yet")
        incident = await self._thread.of(announcement)
        for chat_id in owners:
            if (announcement.key, chat_id) not in self._have:
                await self._push(announcement, incident, chat_id, verdict)
        self._have -= {(announcement.key, chat_id) for chat_id in owners}

    async def _push(
        self, news: Announcement, incident: Incident | None, chat_id: int, verdict: Verdict
    ) -> None:
        pushed = (news.key, chat_id)
        try:
            if incident is None:
                reply = alert(news, repeated=pushed in self._unsure, since=self._desk.long_ago(news))
                await self._send(await self._pictured(news, reply), chat_id, verdict)
            else:
                await self._tell(incident, chat_id, verdict)
        except RetryAfter as error:
            raise RateLimited("Telegram asks for patience", retry_seconds(error)) from error
        except (BadRequest, Forbidden) as error:
            raise Rejected(f"Telegram refused the alert: {type(error).__name__}") from error
        except TelegramError as error:
            if _may_have_arrived(error):
                self._unsure.add(pushed)
            raise Transient(f"Telegram could not be reached: {type(error).__name__}") from error
        self._unsure.discard(pushed)
        self._have.add(pushed)

    async def _send(self, reply: Reply, chat_id: int, verdict: Verdict) -> int:
        """Every page, one sound for them all; the id of the last message."""
        message_id = 0
        for number, page in enumerate(self._outgoing.drawn(reply)):
            sent = await self._outgoing.page_once(chat_id, page, silent=verdict.silent or number > 0)
            message_id = sent.message_id
        if not verdict.silent:
            await self._desk.rang()
        return message_id

    async def _pictured(self, news: Announcement, reply: Reply) -> Reply:
        """The reply with its picture. Words never wait for one that cannot be drawn."""
        if self._illustrate is None or news.kind is not EventKind.WEEKLY_REPORT:
            return reply
        try:
            picture = await self._illustrate(news)
        except ZynError as error:
            logger.warning("The weekly picture could not be drawn: {}", error)
            return reply
        return Reply((Picture(picture.png, picture.alt), *reply.blocks))

    async def _tell(self, incident: Incident, chat_id: int, verdict: Verdict) -> None:
        """Bring the incident's message up to date, or send its first one."""
        reply = report_of(incident, self._desk.attention.zone)
        before = await self._thread.message(incident, chat_id)
        if before is not None and before[1] == reply.plain:
            return
        room = self._outgoing.edit_wait(chat_id) == 0  # without it the message moves, as one that rings does
        if before is not None and verdict.silent and room:
            await self._outgoing.edit_once(chat_id, before[0], reply)
            await self._thread.shown(incident, chat_id, before[0], reply.plain)
            return
        message_id = await self._send(reply, chat_id, verdict)
        await self._thread.shown(incident, chat_id, message_id, reply.plain)
        if before is not None:
            await self._outgoing.delete(chat_id, before[0])


def report_of(incident: Incident, zone: str) -> Reply:
    """An incident as its one message."""
    if len(incident.news) == 1 and not incident.grave:
        return alert(incident.news[0])
    sign, lines = _BY_SEVERITY.get(incident.severity, "⚠️"), lines_of(incident, zone)
    if len(incident.news) > 1:
        lines.insert(0, headline(incident, zone))
    blocks: list[Block] = [Text(f"{sign} {lines[0]}", strong=True), *(Text(line) for line in lines[1:])]
    if incident.grave:
        blocks.append(
            Buttons((Button("I have seen it", "ask:/alerts ack"), Button("Positions", "ask:/positions")))
        )
    return Reply(tuple(blocks))


def _may_have_arrived(error: TelegramError) -> bool:
    """Whether the request left and only its answer is missing; an HTTP status is an answer."""
    cause = error.__cause__
    return cause is not None and type(cause).__name__ not in _NEVER_LEFT


def alert(announcement: Announcement, *, repeated: bool = False, since: str = "") -> Reply:
    """An announcement as a message: its sign, its line, and the question it invites. `since` is when it
    happened, where it is told late."""
    sign = _BY_SEVERITY.get(announcement.severity) or _BY_KIND.get(announcement.kind, "ℹ️")
    first, _, rest = announcement.text.partition("\n")
    blocks: list[Block] = [Text(f"{sign} {first}", strong=announcement.severity >= Severity.WARNING)]
    late = f"That was at {since}." if since else ""
    blocks += [Text(part) for part in (rest, late, _REPEATED if repeated else "") if part]
    symbol = announcement.data.get("symbol")
    if announcement.kind in (EventKind.FILL, EventKind.POSITION_CLOSED) and isinstance(symbol, str):
        coin = symbol.partition("/")[0]
        closed = announcement.kind is EventKind.POSITION_CLOSED
        picture = (Button("Picture", f"ask:/chart trade {coin}"),) if closed else ()
        ask = (Button("Why?", f"ask:/why {coin}"), *picture, Button("Positions", "ask:/positions"))
        blocks.append(Buttons(ask))
    return Reply(tuple(blocks))
