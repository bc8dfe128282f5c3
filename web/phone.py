"""The demo's phone on a page: what its screen shows, and the thumb that types and taps."""

from __future__ import annotations

from functools import partial
from typing import Any

from aiohttp import web

from core.model.errors import Refused
from core.model.time_context import iso
from web.body import read_object, reply, text_of
from web.errors import bad
from web.keys import ANSWERS, DEPS, HUB
from web.ports import Phone, PhoneMessage, PhoneScreen, PhoneSms
from web.wire import dumps, envelope

LONGEST_TEXT, LONGEST_SMS = 4096, 480
SHOWN_MESSAGES = 200
PNG = b"\x89PNG\r\n\x1a\n"


def screen_json(screen: PhoneScreen) -> dict[str, Any]:
    """The screen as plain JSON; texts stay texts, styles are ranges."""
    return {
        "messages": [_message(one) for one in screen.messages[-SHOWN_MESSAGES:]],
        "typing": screen.typing,
        "draft": screen.draft,
        "toast": screen.toast,
        "menu": [{"command": command, "description": text} for command, text in screen.menu],
        "sms": [_sms(one) for one in screen.sms[-SHOWN_MESSAGES:]],
    }


def _message(one: PhoneMessage) -> dict[str, Any]:
    rows = [[{"label": label, "data": data} for label, data in row] for row in one.buttons]
    return {
        "id": one.id,
        "sender": one.sender,
        "text": one.text,
        "time": iso(one.time_ms),
        "entities": [dict(entity) for entity in one.entities],
        "buttons": rows,
        "photo": one.photo,
        "document": one.document,
        "file_name": one.file_name,
        "edited": one.edited,
        "silent": one.silent,
        "reaction": one.reaction,
    }


def _sms(one: PhoneSms) -> dict[str, Any]:
    return {
        "from": one.sender, "to": one.to, "body": one.text, "time": iso(one.time_ms),
        "mine": one.direction == "inbound",
    }  # fmt: skip


async def screen(request: web.Request) -> web.Response:
    """What the phone shows now."""
    return reply(envelope(request.app[ANSWERS].now, screen_json(_phone(request).screen())))


async def type_text(request: web.Request) -> web.Response:
    """`{"text"}`: type and send a message."""
    text = text_of(await read_object(request), "text")
    if not 0 < len(text.strip()) <= LONGEST_TEXT:
        raise bad(f"text must have between 1 and {LONGEST_TEXT} characters.")
    await _phone(request).type(text)
    return reply(envelope(request.app[ANSWERS].now, {"sent": True}))


async def send_sms(request: web.Request) -> web.Response:
    """`{"text"}`: answer Zyn by SMS."""
    text = text_of(await read_object(request), "text")
    if not 0 < len(text.strip()) <= LONGEST_SMS:
        raise bad(f"text must have between 1 and {LONGEST_SMS} characters.")
    _phone(request).text(text)
    return reply(envelope(request.app[ANSWERS].now, {"sent": True}))


async def tap(request: web.Request) -> web.Response:
    """`{"message_id", "data"}`: tap an inline button."""
    body = await read_object(request)
    message_id = body.get("message_id")
    if not isinstance(message_id, int):
        raise bad("message_id must be a whole number.")
    try:
        await _phone(request).tap(message_id, text_of(body, "data"))
    except ValueError:
        raise Refused("That button is gone.", "gone", "Look at the newest message.") from None
    return reply(envelope(request.app[ANSWERS].now, {"tapped": True}))


async def photo(request: web.Request) -> web.Response:
    """A picture or document that was sent to the phone. Only pictures are shown; the rest is a download."""
    try:
        content = _phone(request).photo(request.match_info["file_id"])
    except KeyError:
        raise web.HTTPNotFound from None
    headers = {"Cache-Control": "private, max-age=3600"}
    if content.startswith(PNG):
        return web.Response(body=content, content_type="image/png", headers=headers)
    headers["Content-Disposition"] = "attachment"
    return web.Response(body=content, content_type="application/octet-stream", headers=headers)


def join(app: web.Application, phone: Phone) -> None:
    """Serve the phone and push its screen to every page."""
    app.router.add_get("/api/v1/phone", screen)
    app.router.add_post("/api/v1/phone/type", type_text)
    app.router.add_post("/api/v1/phone/sms", send_sms)
    app.router.add_post("/api/v1/phone/tap", tap)
    app.router.add_get("/api/v1/phone/files/{file_id}", photo)
    hub = app[HUB]
    hub.builds("phone", partial(_written, phone))
    phone.on_change(lambda: hub.changed("phone"))


async def _written(phone: Phone) -> str:
    return dumps(screen_json(phone.screen()))


def _phone(request: web.Request) -> Phone:
    phone = request.app[DEPS].phone
    if phone is None:
        raise web.HTTPNotFound
    return phone
