"""The local phone: one server on loopback that is Telegram and Twilio at once, and a screen to look at.

Its user reads `screen()`, types, and taps buttons; the bot and the SMS line reach it through their real
clients. It serves the demo's phone page and the end-to-end tests, and shares no code with the bot.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from core.clock import Clock
from core.sim.phone.bot_api import BOT, BotApi
from core.sim.phone.calls import Call
from core.sim.phone.faults import Fault, Limits
from core.sim.phone.screen import ME, ZYN, PhoneMessage, PhoneScreen, PhoneSms, Screen
from core.sim.phone.shapes import Peer, chat_of, commands_in, message_json, user_json
from core.sim.phone.twilio import Twilio
from core.sim.phone.updates import UpdateQueue

OWNER_ID = 700_000_001
UPLOAD_MAX = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PhoneAddresses:
    """What goes into TELEGRAM_API_BASE_URL, TELEGRAM_FILE_BASE_URL and TWILIO_API_BASE_URL."""

    bot_api: str
    bot_files: str
    twilio: str


class LocalPhone:
    """A phone with one chat, the one with Zyn, and an inbox of SMS."""

    def __init__(
        self, clock: Clock, owner_name: str = "jimmy", user_id: int = OWNER_ID, token: str | None = None
    ) -> None:
        self.clock = clock
        self.owner = Peer(user_id, owner_name, owner_name.lower())
        self.token = token or f"{BOT.id}:{secrets.token_urlsafe(26)}"
        self.twilio_sid = f"AC{secrets.token_hex(16)}"
        self.twilio_token = secrets.token_hex(16)
        self.number, self.owner_number = "+15550100", "+15550199"  # numbers that no one can have
        self._screen = Screen(clock)
        self._updates = UpdateQueue(clock)
        self.bot_api = BotApi(clock, self._screen, self._updates, self.token, self.owner)
        self.twilio = Twilio(clock, self._screen, self.twilio_sid, self.twilio_token)
        self._runner: web.AppRunner | None = None
        self._taps = 0

    @property
    def user_id(self) -> int:
        return self.owner.id

    @property
    def calls(self) -> deque[Call]:
        """Every Bot API call as it came, oldest first."""
        return self.bot_api.calls

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> PhoneAddresses:
        """Listen, and say where. Raises OSError when the port is taken."""
        app = web.Application(client_max_size=UPLOAD_MAX)
        app.add_routes([*self.bot_api.routes(), *self.twilio.routes()])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, host, port)
        await site.start()
        bound: tuple[Any, ...] = self._runner.addresses[0]
        root = f"http://{host}:{bound[1]}"
        return PhoneAddresses(f"{root}/bot", f"{root}/file/bot", root)

    async def stop(self) -> None:
        """Hang up: a waiting poll returns, and the port is free again."""
        self._updates.release()
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    def screen(self) -> PhoneScreen:
        return self._screen.view()

    def photo(self, file_id: str) -> bytes:
        """A picture's or document's content. Raises KeyError for an unknown one."""
        return self._screen.files[file_id][1]

    def on_change(self, callback: Callable[[], None]) -> None:
        """Call back after every change of the screen."""
        self._screen.on_change(callback)

    async def type(self, text: str) -> PhoneMessage:
        """Send a text message to Zyn as the owner. Raises ValueError when there is nothing to send."""
        if not text.strip():
            raise ValueError("there is nothing to send")
        message = self._screen.add(sender=ME, text=text, entities=tuple(commands_in(text)))
        self._updates.push({"message": self._json(message)})
        return message

    async def speak(self, audio: bytes, seconds: int) -> PhoneMessage:
        """Send a voice note to Zyn as the owner."""
        file_id = self._screen.keep_file("voice.ogg", audio)
        message = self._screen.add(sender=ME, text="(voice note)")
        update = {name: value for name, value in self._json(message).items() if name != "text"}
        update["voice"] = {
            "file_id": file_id, "file_unique_id": f"u{file_id}", "duration": seconds, "file_size": len(audio),
            "mime_type": "audio/ogg",
        }  # fmt: skip
        self._updates.push({"message": update})
        return message

    def text(self, body: str) -> PhoneSms:
        """Answer Zyn by SMS from the owner's number. Raises ValueError when there is nothing to send."""
        if not body.strip():
            raise ValueError("there is nothing to send")
        return self.twilio.receive(self.owner_number, self.number, body.strip())

    async def tap(self, message_id: int, data: str) -> str:
        """Tap an inline button by its data; returns the query's id. Raises ValueError without that button."""
        message = self._screen.messages.get(message_id)
        if message is None or data not in (value for row in message.buttons for _, value in row):
            raise ValueError(f"message {message_id} has no button {data!r}")
        return self.forge_tap(message_id, data, self.owner)

    def forge_tap(self, message_id: int, data: str, sender: Peer) -> str:
        """A tap that no shown button backs: a replay, a forgery or a stranger's. Returns the query's id."""
        self._taps += 1
        query = f"{self.clock.wall_ms()}{self._taps:04d}"
        self.bot_api.queries.add(query)
        shown = self._screen.messages.get(message_id)
        message = (
            self._json(shown) if shown else {"message_id": message_id, "date": 0, "chat": chat_of(sender)}
        )
        self._updates.push({
            "callback_query": {
                "id": query, "from": user_json(sender), "message": message, "chat_instance": "1", "data": data
            }
        })  # fmt: skip
        return query

    def push(self, update: Mapping[str, Any]) -> int:
        """Hand the bot a raw update: foreign, edited, forwarded, repeated. Returns its number."""
        for kind in ("message", "channel_post"):
            chat = update.get(kind, {}).get("chat", {}).get("id", self.owner.id)
            if chat != self.owner.id:
                self.bot_api.other_chats.setdefault(chat, [])
        return self._updates.push(dict(update))

    def message_from(self, sender: Peer, text: str, **extra: Any) -> dict[str, Any]:
        """A Bot API message of anyone's private chat, for `push`; `extra` overrides or adds fields."""
        now = self.clock.wall_ms() // 1000
        names = {"message_id": 900_000 + self._taps, "date": now, "chat": chat_of(sender)}
        return {**names, "from": user_json(sender), "text": text, "entities": commands_in(text), **extra}

    def fail_next(
        self, method: str, status: int, retry_after: int | None = None, description: str = ""
    ) -> None:
        """The next call of a Bot API method ("*": of any; "Messages": of Twilio) answers with this status."""
        self._faults(method).add(method, Fault(status, retry_after, description=description))

    def lose_answer(self, method: str) -> None:
        """Carry out the next call of a method, but drop the connection before its answer."""
        self._faults(method).add(method, Fault(0, lost=True))

    def go_down(self, status: int = 502) -> None:
        """Answer every Bot API call with this status until `come_back`."""
        self.bot_api.faults.down = Fault(status)
        self._updates.release()

    def come_back(self) -> None:
        self.bot_api.faults.down = None

    def enforce(self, limits: Limits | None) -> None:
        """Enforce Telegram's rate limits from now on; None lifts them."""
        self.bot_api.throttle.limits = limits

    def _faults(self, method: str) -> Any:
        return self.twilio.faults if method.lower() == "messages" else self.bot_api.faults

    def _json(self, message: PhoneMessage) -> dict[str, Any]:
        return message_json(message, BOT, self.owner, self._screen.files)


def zyns(screen: PhoneScreen) -> list[PhoneMessage]:
    """Zyn's own messages, oldest first."""
    return [message for message in screen.messages if message.sender == ZYN]
