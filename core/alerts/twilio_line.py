"""Twilio as the SMS line: its own asynchronous client, pointed at TWILIO_API_BASE_URL.

Import this module only where SMS is configured: the library is large.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, encode_basic_auth
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core.alerts.sms import OPTED_OUT, SmsSettings, check_address
from core.alerts.sms_replies import Inbound
from core.model.errors import AuthFailed, RateLimited, Rejected, Transient
from core.model.time_context import to_ms

TIMEOUT_S = 15.0
RECENT = 50
_UNSUBSCRIBED = 21610  # the owner answered STOP to our number
_PATIENCE_S = 30.0  # Twilio's 429 names no time


class _BaseUrlClient(AsyncTwilioHttpClient):  # type: ignore[misc]
    """Sends to another base address than the library would, and logs in by header: the parameter that the
    library uses for it is deprecated in aiohttp."""

    def __init__(self, base_url: str) -> None:
        super().__init__(pool_connections=False)
        self.session = ClientSession(timeout=ClientTimeout(total=TIMEOUT_S))
        self._base_url = base_url.rstrip("/")

    async def request(
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        asked = urlsplit(url)
        target = self._base_url + asked.path + (f"?{asked.query}" if asked.query else "")
        login = {"Authorization": encode_basic_auth(*auth)} if auth else {}
        return await super().request(
            method, target, params, data, {**(headers or {}), **login}, None, timeout, allow_redirects
        )


class TwilioLine:
    """Sends to one number. Built without a loop; the connection opens with the first message."""

    def __init__(self, settings: SmsSettings) -> None:
        """Raises Refused when the settings forbid the address."""
        check_address(settings)
        self._settings = settings
        self._http: _BaseUrlClient | None = None
        self._client: Any = None

    async def send(self, body: str) -> None:
        """Send one text. Raises Transient, RateLimited, AuthFailed or Rejected."""
        numbers = {"to": self._settings.to, "from_": self._settings.sender}
        try:
            await self._messages().create_async(body=body, **numbers)
        except (TwilioException, ClientError, TimeoutError) as error:
            raise _named(error) from error

    async def recent(self) -> list[str]:
        """The bodies of the last texts to this number, newest first. Raises as `send`."""
        try:
            found = await self._messages().list_async(to=self._settings.to, limit=RECENT, page_size=RECENT)
        except (TwilioException, ClientError, TimeoutError) as error:
            raise _named(error) from error
        return [str(message.body) for message in found]

    async def inbox(self) -> list[Inbound]:
        """The last texts from the owner's number, oldest first. Raises as `send`."""
        numbers = {"to": self._settings.sender, "from_": self._settings.to}
        try:
            found = await self._messages().list_async(**numbers, limit=RECENT, page_size=RECENT)
        except (TwilioException, ClientError, TimeoutError) as error:
            raise _named(error) from error
        return [
            Inbound(str(one.sid), str(one.body), _when(one))
            for one in reversed(found)
            if str(one.direction).startswith("inbound")
        ]

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = self._client = None

    def _messages(self) -> Any:
        if self._client is None:
            self._http = _BaseUrlClient(self._settings.base_url)
            login = (self._settings.account_sid, self._settings.auth_token)
            self._client = Client(*login, http_client=self._http)
        return self._client.messages


def _when(message: Any) -> int:
    """When the carrier took it, in whole seconds; rounded up, so that an answer is never too early."""
    moment = message.date_sent or message.date_created
    return int(to_ms(moment)) + 999 if moment is not None else 0


def _named(error: Exception) -> Exception:
    """The error by what the pump does next; never with a number or a secret in its text."""
    status = _status_of(error)
    if not status:
        return Transient(f"Twilio cannot be reached ({type(error).__name__})")
    if status == 429:
        return RateLimited("Twilio asks for patience (429)", _PATIENCE_S)
    if status in (401, 403):
        return AuthFailed("Twilio refuses TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN")
    if status >= 500:
        return Transient(f"Twilio answers {status}")
    code = getattr(error, "code", None) or status
    if code == _UNSUBSCRIBED:
        return Rejected(OPTED_OUT)
    return Rejected(f"Twilio refuses the message (error {code}); check TWILIO_FROM and SMS_TO")


def _status_of(error: Exception) -> int:
    """The HTTP status of Twilio's answer, 0 without one. For a list the library keeps the whole answer."""
    if isinstance(error, TwilioRestException):
        return int(error.status)
    return next((int(one.status_code) for one in error.args if isinstance(one, Response)), 0)
