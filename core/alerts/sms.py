"""The sms channel of the outbox pump: short plain texts, each sent once however often it is tried."""

from __future__ import annotations

import base64
import hashlib
import unicodedata
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Protocol
from urllib.parse import urlsplit

from core.model.errors import AuthFailed, Refused, Rejected, Transient
from core.model.events import Announcement, EventKind, Severity

KINDS = frozenset({EventKind.FILL, EventKind.POSITION_CLOSED, EventKind.DAILY_SUMMARY})
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


class SmsChannel:
    """Texts every fill, the daily summary and whatever is critical.

    A text carries a short mark of its announcement. Where an earlier try may have arrived (no answer came, or
    Zyn was restarted), the carrier's own list is read first, and what is there is not sent again.
    """

    name = "sms"

    def __init__(self, line: SmsLine, mode: str) -> None:
        self._line = line
        self._mode = mode
        self._unsure: set[str] = set()
        self._restarted = True

    def wants(self, announcement: Announcement) -> bool:
        return announcement.kind in KINDS or announcement.severity >= Severity.CRITICAL

    async def deliver(self, announcement: Announcement) -> None:
        """Send it, unless it is there already. Raises Transient, RateLimited, AuthFailed or Rejected."""
        body = sms_text(announcement, self._mode)
        doubtful = self._restarted or announcement.key in self._unsure
        if not (doubtful and await self._arrived(body)):
            await self._send(announcement.key, body)
        self._restarted = False
        self._unsure.discard(announcement.key)

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
