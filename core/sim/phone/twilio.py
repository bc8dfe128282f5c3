"""A local Twilio: the Messages resource of its REST API, delivering to the phone's screen."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections import deque
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from aiohttp import web

from core.clock import Clock
from core.sim.phone.faults import Faults
from core.sim.phone.screen import PhoneSms, Screen

_BODY_MAX = 1600
_NUMBER = re.compile(r"^\+[1-9][0-9]{6,14}$")
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}\\[~]|€")


def segments(text: str) -> int:
    """How many parts the carrier cuts a text into: 160/153 GSM-7 characters, or 70/67 in UCS-2."""
    if all(char in _GSM or char in _GSM_EXTENDED for char in text):
        size, single, part = sum(2 if char in _GSM_EXTENDED else 1 for char in text), 160, 153
    else:
        size, single, part = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= single else -(-size // part)


class TwilioError(Exception):
    """A refusal with Twilio's own error code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code

    def answer(self) -> web.Response:
        info = f"https://www.twilio.com/docs/errors/{self.code}"
        body = {"code": self.code, "message": str(self), "more_info": info, "status": self.status}
        return web.json_response(body, status=self.status)


@dataclass(slots=True)
class Twilio:
    """POST and GET of an account's messages, with HTTP basic authentication."""

    clock: Clock
    screen: Screen
    sid: str
    token: str
    faults: Faults = field(default_factory=Faults)
    calls: deque[tuple[str, dict[str, str]]] = field(default_factory=lambda: deque(maxlen=5_000))
    _sent: int = 0

    def routes(self) -> list[web.RouteDef]:
        path = "/2010-04-01/Accounts/{sid}/Messages"
        return [
            web.post(path + ".json", self.create),
            web.get(path + ".json", self.listing),
            web.get(path + "/{message}.json", self.fetch),
        ]

    async def create(self, request: web.Request) -> web.StreamResponse:
        """Accept one message and deliver it at once."""
        fault = self.faults.take("messages")
        try:
            if fault and not fault.lost:
                raise TwilioError(fault.status, 20429 if fault.status == 429 else 20500, "made to fail")
            self._check_account(request)
            form = {name: str(value) for name, value in (await request.post()).items()}
            self.calls.append(("POST", form))
            sms = self._delivered(form)
        except TwilioError as error:
            return error.answer()
        if fault:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(self._json(sms), status=201)

    def _delivered(self, form: dict[str, str]) -> PhoneSms:
        _check_message(form)
        sms = self._kept(form.get("From", ""), form["To"], form["Body"], "outbound-api")
        self.screen.add_sms(sms)
        return sms

    def _kept(self, sender: str, to: str, text: str, direction: str) -> PhoneSms:
        self._sent += 1
        mark = f"{self.sid}|{self._sent}|{self.clock.wall_ms()}".encode()
        digest = hashlib.md5(mark, usedforsecurity=False).hexdigest()
        return PhoneSms(f"SM{digest}", sender, to, text, self.clock.wall_ms(), segments(text), direction)

    def receive(self, sender: str, to: str, text: str) -> PhoneSms:
        """A text that the carrier takes in from a phone; the account's list shows it as inbound."""
        sms = self._kept(sender, to, text, "inbound")
        self.screen.add_sms(sms)
        return sms

    async def listing(self, request: web.Request) -> web.StreamResponse:
        """The account's messages, newest first, filtered by To and From."""
        try:
            self._check_account(request)
        except TwilioError as error:
            return error.answer()
        self.calls.append(("GET", dict(request.query)))
        size = int(request.query.get("PageSize", 50))
        page = int(request.query.get("Page", 0))
        found = [sms for sms in reversed(self.screen.sms) if _matches(sms, dict(request.query))]
        return web.json_response(self._page(found, page, size))

    def _page(self, found: list[PhoneSms], page: int, size: int) -> dict[str, Any]:
        base = f"/2010-04-01/Accounts/{self.sid}/Messages.json?PageSize={size}&Page="
        start = page * size
        rows = found[start : start + size]
        more = start + size < len(found)
        return {
            "messages": [self._json(sms) for sms in rows],
            "page": page, "page_size": size, "start": start, "end": start + max(len(rows) - 1, 0),
            "uri": f"{base}{page}", "first_page_uri": f"{base}0",
            "next_page_uri": f"{base}{page + 1}" if more else None,
            "previous_page_uri": f"{base}{page - 1}" if page else None,
        }  # fmt: skip

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check_account(request)
            sid = request.match_info["message"]
            for sms in self.screen.sms:
                if sms.sid == sid:
                    return web.json_response(self._json(sms))
            raise TwilioError(404, 20404, f"The requested resource {request.path} was not found")
        except TwilioError as error:
            return error.answer()

    def _check_account(self, request: web.Request) -> None:
        pair = base64.b64encode(f"{self.sid}:{self.token}".encode()).decode()
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given, f"Basic {pair}"):
            raise TwilioError(401, 20003, "Authenticate")
        if request.match_info["sid"] != self.sid:
            raise TwilioError(404, 20404, f"The requested resource {request.path} was not found")

    def _json(self, sms: PhoneSms) -> dict[str, Any]:
        when = formatdate(sms.time_ms / 1000).replace("-0000", "+0000")
        uri = f"/2010-04-01/Accounts/{self.sid}/Messages/{sms.sid}.json"
        status = "received" if sms.direction == "inbound" else "delivered"
        return {
            "account_sid": self.sid, "api_version": "2010-04-01", "body": sms.text, "date_created": when,
            "date_sent": when, "date_updated": when, "direction": sms.direction, "error_code": None,
            "error_message": None, "from": sms.sender, "messaging_service_sid": None, "num_media": "0",
            "num_segments": str(sms.segments), "price": None, "price_unit": "USD", "sid": sms.sid,
            "status": status, "subresource_uris": {"media": uri.replace(".json", "/Media.json")},
            "to": sms.to, "uri": uri,
        }  # fmt: skip


def _check_message(form: dict[str, str]) -> None:
    if not form.get("To"):
        raise TwilioError(400, 21604, "A 'To' phone number is required.")
    if not _NUMBER.match(form["To"]):
        raise TwilioError(400, 21211, f"The 'To' number {form['To']} is not a valid phone number.")
    if not form.get("From") and not form.get("MessagingServiceSid"):
        raise TwilioError(400, 21603, "A 'From' phone number is required.")
    if not form.get("Body"):
        raise TwilioError(400, 21602, "Message body is required.")
    if len(form["Body"]) > _BODY_MAX:
        raise TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit")


def _matches(sms: PhoneSms, query: dict[str, str]) -> bool:
    return query.get("To", sms.to) == sms.to and query.get("From", sms.sender) == sms.sender
