"""Bot API objects as JSON: users, chats and messages."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.sim.phone.screen import ZYN, PhoneMessage


@dataclass(frozen=True, slots=True)
class Peer:
    """Someone on the network."""

    id: int
    first_name: str
    username: str = ""
    is_bot: bool = False


def user_json(peer: Peer) -> dict[str, Any]:
    shown = {"id": peer.id, "is_bot": peer.is_bot, "first_name": peer.first_name}
    return {**shown, "username": peer.username} if peer.username else shown


def chat_of(peer: Peer) -> dict[str, Any]:
    """The private chat with someone: it carries their id."""
    return {"id": peer.id, "type": "private", "first_name": peer.first_name}


def message_json(
    message: PhoneMessage, bot: Peer, owner: Peer, files: Mapping[str, tuple[str, bytes]]
) -> dict[str, Any]:
    """A Bot API Message of one bubble in the private chat of `owner`."""
    sender = bot if message.sender == ZYN else owner
    body: dict[str, Any] = {
        "message_id": message.id,
        "date": message.time_ms // 1000,
        "chat": chat_of(owner),
        "from": user_json(sender),
    }
    captioned = bool(message.photo or message.document)
    if message.text:
        body["caption" if captioned else "text"] = message.text
    if message.entities:
        body["caption_entities" if captioned else "entities"] = list(message.entities)
    if message.photo:
        body["photo"] = [_photo_size(message.photo, files[message.photo][1])]
    if message.document:
        body["document"] = _document(message, files[message.document][1])
    if message.markup:
        body["reply_markup"] = message.markup
    return body


def _photo_size(file_id: str, content: bytes) -> dict[str, Any]:
    width, height = png_size(content) or (1, 1)
    size = {"width": width, "height": height, "file_size": len(content)}
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", **size}


def _document(message: PhoneMessage, content: bytes) -> dict[str, Any]:
    names = {"file_id": message.document, "file_unique_id": f"u{message.document}"}
    return {**names, "file_name": message.file_name, "file_size": len(content)}


def png_size(content: bytes) -> tuple[int, int] | None:
    """(width, height) of a PNG, or None for anything else."""
    if len(content) < 24 or not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def commands_in(text: str) -> list[dict[str, Any]]:
    """The bot_command entity of a text that starts with one."""
    if not text.startswith("/"):
        return []
    return [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
