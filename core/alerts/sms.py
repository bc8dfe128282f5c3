"""The sms channel of the outbox pump: short plain texts, each sent once however often it is tried."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from loguru import logger

from core.alerts.attention import Manner, Verdict
from core.clock import Clock
from core.model.errors import AuthFailed, Refused, Rejected, Transient
from core.model.events import Announcement, EventKind
from core.model.time_context import TimeContext
from core.model.views import Health

KINDS = frozenset({
    EventKind.FILL, EventKind.POSITION_CLOSED, EventKind.DAILY_SUMMARY, EventKind.WEEKLY_REPORT,
    EventKind.ESCALATION, EventKind.SMS_ANSWER,
})  # fmt: skip
URGENT = frozenset({EventKind.ESCALATION, EventKind.SMS_ANSWER})
SPENT = "sms.segments"
OPTED_OUT = "the owner's phone has answered STOP to our number; START from it lets texts through again"
BODY_MAX = 306  # GSM-7 characters of two segments
_PLAIN = {
    "–": "-", "—": "-", "−": "-", "·": "-", "•": "-", "…": "...", "€": "EUR ", "£": "GBP ", "≈": "about ",
    "×": "x", "→": "->", "“": '"', "”": '"', "‘": "'", "’": "'", "`": "'", "[": "(", "]": ")", "{": "(",
    "}": ")", "|": "/", "\\": "/", "~": "-", "^": " ", "\n": " ",
}  # fmt: skip
_TO_PLAIN = str.maketrans(_PLAIN)


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """Where texts go. `loopback_only`: never beyond this machine, whatever the address says."""

    account_sid: str
    auth_token: str
    sender: str
    to: str
    base_url: str
    loopback_only: bool


class SmsLine(Protocol):
    """A carrier. Both raise Transient, RateLimited, AuthFailed or Rejected."""

    async def send(self, body: str) -> None: ...

    async def recent(self) -> list[str]:
        """The bodies lately accepted for the owner's number."""
        ...


def check_address(settings: SmsSettings) -> None:
    """Raises Refused when texts that must stay on this machine would leave it."""
    if settings.loopback_only and not _is_loopback(settings.base_url):
        raise Refused(
            "The demo sends no SMS beyond this machine, so that it never spends your money; SMS stays off.",
            "sms_not_loopback",
            "Point TWILIO_API_BASE_URL at 127.0.0.1, or run in paper or live to send real ones.",
        )


def _is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class DayCount(Protocol):
    """Small values that outlive a restart."""

    async def get_value(self, key: str) -> str | None: ...

    async def set_value(self, key: str, value: str) -> None: ...


class SegmentBudget:
    """How many segments a day may cost money. What is urgent goes beyond it."""

    def __init__(self, kept: DayCount, clock: Clock, zone: str, a_day: int) -> None:
        self._kept = kept
        self._clock = clock
        self._zone = zone
        self.a_day = a_day

    async def left(self) -> int:
        day, _, spent = (await self._kept.get_value(SPENT) or "").partition("|")
        return self.a_day - (int(spent or 0) if day == self._today() else 0)

    async def take(self, segments: int) -> None:
        spent = self.a_day - await self.left() + segments
        await self._kept.set_value(SPENT, f"{self._today()}|{spent}")

    def tomorrow_ms(self) -> int:
        return TimeContext(self._clock.wall_ms(), self._zone).day_bounds()[1]

    def _today(self) -> str:
        return TimeContext(self._clock.wall_ms(), self._zone).day_key()


class SmsChannel:
    """Texts every fill, the summaries, and what a critical that nobody has seen comes to.

    A text carries a short mark of its announcement. Where an earlier try may have arrived (no answer came, or
    Zyn was restarted), the carrier's own list is read first, and what is there is not sent again.
    """

    name = "sms"

    def __init__(self, line: SmsLine, mode: str, budget: SegmentBudget) -> None:
        self._line = line
        self._mode = mode
        self._budget = budget
        self._unsure: set[str] = set()
        self._restarted = True
        self._said_spent = ""
        self._refused = ""  # why the carrier takes no text from us now

    def health(self) -> Health:
        """Whether texts reach the phone, for the status screen: a STOP from it is easily forgotten."""
        return Health("sms", not self._refused, self._refused or "texts go out")

    async def judge(self, announcement: Announcement) -> Verdict:
        """Whether a text is due. Beyond the day's segments only what is urgent goes out."""
        if announcement.kind not in KINDS:
            return Verdict(Manner.OFF)
        if announcement.kind not in URGENT and await self._budget.left() <= 0:
            self._say_spent()
            return Verdict(Manner.OFF)
        return Verdict(Manner.RING)

    async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
        """Send it, unless it is there already. Raises Transient, RateLimited, AuthFailed or Rejected."""
        body = sms_text(announcement, self._mode)
        doubtful = self._restarted or announcement.key in self._unsure
        if not (doubtful and await self._arrived(body)):
            await self._send(announcement.key, body)
            await self._budget.take(segments_of(body))
        self._restarted = False
        self._unsure.discard(announcement.key)

    def _say_spent(self) -> None:
        day = str(self._budget.tomorrow_ms())
        if self._said_spent != day:
            self._said_spent = day
            logger.warning("Today's {} SMS segments are spent; only urgent texts go out.", self._budget.a_day)

    async def _arrived(self, body: str) -> bool:
        """Whether the carrier lists it already. One that will not show its list does not hold a text back."""
        try:
            return body in await self._line.recent()
        except (AuthFailed, Rejected):
            return False

    async def _send(self, key: str, body: str) -> None:
        try:
            await self._line.send(body)
        except Transient:
            self._unsure.add(key)
            raise
        except (AuthFailed, Rejected) as error:
            self._refused = str(error)
            raise
        self._refused = ""


def segments_of(body: str) -> int:
    """Parts that the carrier charges for a text in the cheap alphabet."""
    return 1 if len(body) <= 160 else -(-len(body) // 153)


def sms_text(announcement: Announcement, mode: str) -> str:
    """At most two segments of plain GSM-7: the world, what happened, and the mark of the announcement."""
    start, mark = f"Zyn {mode}: ", f" #{_mark(announcement.key)}"
    room = BODY_MAX - len(start) - len(mark)
    text = plain_ascii(announcement.text)
    if len(text) > room:
        text = text[: room - 3].rsplit(" ", 1)[0] + "..."
    return start + text + mark


def plain_ascii(text: str) -> str:
    """The text in characters that every phone and the cheap SMS alphabet know."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_TO_PLAIN))
    return " ".join(decomposed.encode("ascii", "ignore").decode().split())


def _mark(key: str) -> str:
    return base64.b32encode(hashlib.sha256(key.encode()).digest())[:5].decode()
