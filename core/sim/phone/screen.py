"""What the phone shows: the chat with Zyn, its pictures, whether Zyn is typing, and the SMS that came in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from core.clock import Clock

TYPING_MS = 5_000  # a chat action fades after five seconds, as on a real phone
DRAFT_MS = 30_000
MESSAGES_MAX, SMS_MAX = 1_000, 500  # older ones are scrolled away for good
ZYN, ME = "zyn", "me"


@dataclass(frozen=True, slots=True)
class PhoneMessage:
    """One bubble of the chat. `entities` are Bot API entities in UTF-16 units; times are wall ms."""

    id: int
    sender: str  # zyn or me
    text: str
    time_ms: int
    entities: tuple[dict[str, Any], ...] = ()
    buttons: tuple[tuple[tuple[str, str], ...], ...] = ()  # rows of (label, callback data or url)
    photo: str = ""  # file id of a picture, with `text` as its caption
    document: str = ""  # file id of a document
    file_name: str = ""
    edited: bool = False
    silent: bool = False  # arrived without a sound
    reaction: str = ""  # Zyn's emoji on one of my messages
    markup: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class PhoneSms:
    """One text message as the carrier delivered it."""

    sid: str
    sender: str
    to: str
    text: str
    time_ms: int
    segments: int
    direction: str = "outbound-api"


@dataclass(frozen=True, slots=True)
class PhoneScreen:
    """Everything on the phone at one moment, oldest first."""

    messages: tuple[PhoneMessage, ...]
    typing: bool
    sms: tuple[PhoneSms, ...]
    draft: str = ""  # a streamed reply that is still growing
    toast: str = ""  # the last short note that answered a tap
    menu: tuple[tuple[str, str], ...] = ()  # (command, description)


@dataclass(slots=True)
class Screen:
    """The phone's memory. Every change calls the listeners."""

    clock: Clock
    messages: dict[int, PhoneMessage] = field(default_factory=dict)
    sms: list[PhoneSms] = field(default_factory=list)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)  # file id -> (name, content)
    menu: tuple[tuple[str, str], ...] = ()
    _last_id: int = 0
    _last_file: int = 0
    _typing_until: int = 0
    _draft: tuple[str, int] = ("", 0)
    _toast: str = ""
    _listeners: list[Callable[[], None]] = field(default_factory=list)

    def on_change(self, listener: Callable[[], None]) -> None:
        self._listeners.append(listener)

    def changed(self) -> None:
        for listener in self._listeners:
            listener()

    def view(self) -> PhoneScreen:
        now = self.clock.wall_ms()
        text, until = self._draft
        return PhoneScreen(
            messages=tuple(self.messages.values()), typing=now < self._typing_until, sms=tuple(self.sms),
            draft=text if now < until else "", toast=self._toast, menu=self.menu,
        )  # fmt: skip

    def add(self, **parts: Any) -> PhoneMessage:
        """Put a new bubble under the others; one of Zyn's ends its typing and its draft."""
        self._last_id += 1
        message = PhoneMessage(id=self._last_id, time_ms=self.clock.wall_ms(), **parts)
        self.messages[message.id] = message
        if message.sender == ZYN:
            self._typing_until, self._draft = 0, ("", 0)
        if len(self.messages) > MESSAGES_MAX:
            self._forget(next(iter(self.messages)))
        self.changed()
        return message

    def edit(self, message_id: int, **parts: Any) -> PhoneMessage:
        message = replace(self.messages[message_id], **parts)
        self.messages[message_id] = message
        self.changed()
        return message

    def remove(self, message_id: int) -> None:
        self._forget(message_id)
        self.changed()

    def _forget(self, message_id: int) -> None:
        gone = self.messages.pop(message_id)
        for file_id in (gone.photo, gone.document):
            self.files.pop(file_id, None)

    def show_typing(self) -> None:
        self._typing_until = self.clock.wall_ms() + TYPING_MS
        self.changed()

    def show_draft(self, text: str) -> None:
        self._draft = (text, self.clock.wall_ms() + DRAFT_MS)
        self.changed()

    def show_toast(self, text: str) -> None:
        self._toast = text
        self.changed()

    def show_menu(self, menu: tuple[tuple[str, str], ...]) -> None:
        self.menu = menu
        self.changed()

    def add_sms(self, sms: PhoneSms) -> None:
        self.sms.append(sms)
        del self.sms[:-SMS_MAX]
        self.changed()

    def keep_file(self, name: str, content: bytes) -> str:
        """Store a file and return its id."""
        self._last_file += 1
        file_id = f"file-{self._last_file:06d}"
        self.files[file_id] = (name, content)
        return file_id
