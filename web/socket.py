"""/ws: what an open page says, carried out without holding up its other messages."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiohttp import web
from loguru import logger

from core.model.errors import Refused, ZynError
from web.api import SYMBOL
from web.body import parse
from web.chat import ChatRoom
from web.keys import CHAT, ERRANDS, HUB, SESSION, SESSIONS
from web.live import Client, LiveHub

PATIENCE_S = 0.5


class Errands:
    """Turns under way. They outlive the page that asked: what was ordered is finished."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="web errand")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def finish(self) -> None:
        """Give what is under way a moment, then stop it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE_S)
        for task in self._tasks:
            task.cancel()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        logger.opt(exception=error).error("a chat turn of the web page failed")
        hint = "It is written in Zyn's log. Ask again, or use /status."
        self._hub.publish("refused", _refusal("broken", "Something went wrong inside Zyn.", hint))


async def socket(request: web.Request) -> web.WebSocketResponse:
    """The live view of one page."""
    app = request.app
    hub, room, errands = app[HUB], app[CHAT], app[ERRANDS]

    async def hear(client: Client, text: str) -> None:
        kind, value = read_frame(text)
        if kind == "watch":
            client.symbol = value if SYMBOL.fullmatch(value) else ""
        elif kind in ("say", "press") and not app[SESSIONS].may_change(
            client.session, urgent=kind == "press"
        ):
            hub.tell(client, "refused", _refusal("too_many", "Too much in a minute.", "Wait a minute."))
        elif kind in ("say", "press"):
            errands.run(_carry(hub, room, client, kind, value))
        elif kind != "here":
            hub.tell(
                client, "refused", _refusal("bad_request", "Zyn did not understand this page.", "Reload.")
            )

    return await hub.serve(request, request[SESSION], hear)


def read_frame(text: str) -> tuple[str, str]:
    """(type, value) of `{"type", "value"}`; empty texts when it is nothing of the kind."""
    frame = parse(text)
    if not isinstance(frame, dict):
        return "", ""
    kind, value = frame.get("type"), frame.get("value", "")
    return (kind, value) if isinstance(kind, str) and isinstance(value, str) else ("", "")


async def _carry(hub: LiveHub, room: ChatRoom, client: Client, kind: str, value: str) -> None:
    try:
        await (room.say(value) if kind == "say" else room.press(value))
        hub.changed("positions")  # whatever was said may have changed things
    except Refused as error:
        hub.tell(client, "refused", _refusal(error.code, error.message, error.hint))
    except ZynError as error:
        hub.tell(client, "refused", _refusal("unavailable", str(error), "Try again in a moment."))


def _refusal(code: str, message: str, hint: str) -> dict[str, str]:
    return {"code": code, "message": message, "hint": hint}
