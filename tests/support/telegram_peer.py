"""npm telegram-test-api, with a shim of ours before it for what it lacks, and jimmy on its client side.

The peer keeps the chat and makes the updates. The shim says what a real Bot API server would say where the
peer is silent or wrong: that the bot is one, dates in seconds, a poll that waits and acknowledges, a tap's
chat_instance, pictures. What the peer does not know at all (drafts, typing, the command menu) stays unknown:
Zyn has to live with a server that is older than its library.
"""

from __future__ import annotations

import asyncio
import html
import json
import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from tests.support.peers import free_port, running
from tests.support.process import eventually

TOKEN = "666:peer-token-of-the-test"
JIMMY = {"id": 700_000_002, "first_name": "jimmy", "username": "jimmy", "is_bot": False}
CHAT = {"id": JIMMY["id"], "first_name": "jimmy", "username": "jimmy", "type": "private"}
BOT = {"id": 666, "is_bot": True, "first_name": "Test First name", "username": "TestNameBot"}
_START = (
    "const Server = require('telegram-test-api');"
    "new Server({port: +process.argv[1], host: '127.0.0.1', storeTimeout: 3600}).start()"
)
_BETWEEN_LOOKS_S = 0.05


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of Zyn's as jimmy sees it; buttons as (label, data)."""

    id: int
    text: str
    buttons: tuple[tuple[str, str], ...]


class Shim:
    """What a Bot API server says where the peer does not."""

    def __init__(self, session: aiohttp.ClientSession, peer: str) -> None:
        self._session = session
        self._peer = peer
        self._unread: list[dict[str, Any]] = []
        self.pictures: list[bytes] = []
        self.calls = 0  # that show jimmy something: messages, edits, pictures, toasts

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 2**20)
        app.router.add_route("*", "/bot{token}/{method}", self._serve)
        return app

    async def _serve(self, request: web.Request) -> web.Response:
        method = request.match_info["method"].lower()
        given: dict[str, Any] = dict(await request.post())
        self.calls += method.startswith(("send", "edit", "answer")) and method != "sendchataction"
        if method == "getupdates":
            return _result(await self._updates(given))
        if method == "sendphoto":
            return _result(await self._picture(given))
        return await self._passed_on(request.match_info["method"], given)

    async def _passed_on(self, method: str, given: dict[str, Any]) -> web.Response:
        status, answer = await self._ask(f"bot{TOKEN}/{method}", given)
        if status != 200:
            return web.json_response({"ok": False, "error_code": 404, "description": "Not Found"}, status=404)
        if not answer["ok"]:
            return web.json_response(answer, status=answer["error_code"])
        if method.lower() == "getme":
            return _result({**answer["result"], **BOT})
        if method.lower() == "sendmessage":
            return _result(_sent(answer["result"]["message_id"], text=given["text"]))
        return _result(answer["result"] or True)

    async def _updates(self, given: dict[str, Any]) -> list[dict[str, Any]]:
        """Wait like a real server: until there is something, or the time is over; what was read is gone."""
        offset, until = int(given.get("offset", 0)), time.monotonic() + float(given.get("timeout", 0))
        while True:
            _, answer = await self._ask(f"bot{TOKEN}/getUpdates", {})
            fresh = [_completed(update) for update in answer["result"]]
            self._unread = [one for one in [*self._unread, *fresh] if one["update_id"] >= offset]
            if self._unread or time.monotonic() >= until:
                return self._unread
            await asyncio.sleep(_BETWEEN_LOOKS_S)

    async def _picture(self, given: dict[str, Any]) -> dict[str, Any]:
        upload = next(value for value in given.values() if isinstance(value, web.FileField))
        self.pictures.append(upload.file.read())
        said = {"chat_id": given["chat_id"], "text": given.get("caption", "")}
        if "reply_markup" in given:
            said["reply_markup"] = given["reply_markup"]
        _, answer = await self._ask(f"bot{TOKEN}/sendMessage", said)
        size = {"file_id": "p", "file_unique_id": "p", "width": 1, "height": 1}
        return _sent(answer["result"]["message_id"], caption=said["text"], photo=[size])

    async def _ask(self, path: str, given: dict[str, Any]) -> tuple[int, Any]:
        async with self._session.post(f"{self._peer}/{path}", json=given) as response:
            return response.status, await response.json()


def _result(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _sent(message_id: int, **content: Any) -> dict[str, Any]:
    return {"message_id": message_id, "date": int(time.time()), "chat": CHAT, "from": BOT, **content}


def _completed(update: dict[str, Any]) -> dict[str, Any]:
    if "callback_query" not in update:
        return update
    return {**update, "callback_query": {**update["callback_query"], "chat_instance": "1"}}


class Jimmy:
    """The peer's client side: what jimmy types, taps and sees."""

    def __init__(self, session: aiohttp.ClientSession, peer: str, shim: Shim, bot_api: str) -> None:
        self._session = session
        self._peer = peer
        self._shim = shim
        self.env = {
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_ALLOWED_USER_IDS": str(JIMMY["id"]),
            "TELEGRAM_API_BASE_URL": bot_api,
            "TELEGRAM_FILE_BASE_URL": bot_api,
        }

    @property
    def pictures(self) -> list[bytes]:
        return self._shim.pictures

    @property
    def calls(self) -> int:
        """How often Zyn showed something, in place or anew."""
        return self._shim.calls

    async def type(self, text: str) -> None:
        said = {"botToken": TOKEN, "from": JIMMY, "chat": CHAT, "date": int(time.time()), "text": text}
        if text.startswith("/"):
            word = {"type": "bot_command", "offset": 0, "length": len(text.split()[0])}
            await self._post("sendCommand", {**said, "entities": [word]})
        else:
            await self._post("sendMessage", said)

    async def tap(self, message: Shown, label: str) -> None:
        data = next(data for name, data in message.buttons if label.lower() in name.lower())
        under = _sent(message.id, text=message.text)
        query = {"botToken": TOKEN, "from": JIMMY, "message": under, "data": data}
        await self._post("sendCallback", query)

    async def screen(self) -> list[Shown]:
        """Zyn's messages to jimmy, oldest first."""
        history = await self._post("getUpdatesHistory", {"token": TOKEN})
        mine = str(JIMMY["id"])
        return [_shown(one) for one in history["result"] if one.get("message", {}).get("chat_id") == mine]

    async def ask(self, text: str, pattern: str, seconds: float = 20) -> Shown:
        """Type it; the first new message of Zyn's that matches."""
        before = {one.id for one in await self.screen()}
        await self.type(text)
        return await self.sees(pattern, before, seconds, f"an answer to {text!r}")

    async def sees(
        self, pattern: str, before: set[int] | None = None, seconds: float = 20, what: str = "a message"
    ) -> Shown:
        """The first message of Zyn's that matches, none of those from `before`."""

        async def found() -> Shown | None:
            for one in await self.screen():
                if one.id not in (before or ()) and re.search(pattern, one.text, re.IGNORECASE):
                    return one
            return None

        try:
            return await eventually(found, seconds, f"{what} matching {pattern!r}")
        except AssertionError as error:
            said = [one.text for one in await self.screen()][-4:]
            raise AssertionError(f"{error}; Zyn said: {said}") from None

    async def stays_silent(self, seconds: float = 1.0) -> list[Shown]:
        """What Zyn says although it should not, after all that jimmy typed was read."""
        await eventually(self._all_read, 20, "a look at what was typed")
        await asyncio.sleep(seconds)
        return await self.screen()

    async def _all_read(self) -> bool:
        history = await self._post("getUpdatesHistory", {"token": TOKEN})
        return all(one["isRead"] for one in history["result"] if "chat_id" not in one.get("message", {}))

    async def _post(self, path: str, given: dict[str, Any]) -> Any:
        async with self._session.post(f"{self._peer}/{path}", json=given) as response:
            assert response.status == 200, await response.text()
            return await response.json()


def _shown(kept: dict[str, Any]) -> Shown:
    message = kept["message"]
    markup = message.get("reply_markup") or {}
    markup = json.loads(markup) if isinstance(markup, str) else markup
    buttons = [
        (one["text"], one["callback_data"]) for row in markup.get("inline_keyboard", []) for one in row
    ]
    return Shown(kept["messageId"], html.unescape(re.sub(r"<[^>]+>", "", message["text"])), tuple(buttons))


@asynccontextmanager
async def telegram_peer(folder: Path) -> AsyncIterator[Jimmy]:
    """The peer with the shim before it; jimmy on its other side."""
    peer = f"http://127.0.0.1:{(port := free_port())}"
    command = ("node", "-e", _START, str(port))
    async with running(command, folder, peer), aiohttp.ClientSession() as session:
        shim = Shim(session, peer)
        runner = web.AppRunner(shim.app(), access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield Jimmy(session, peer, shim, f"http://127.0.0.1:{runner.addresses[0][1]}/bot")
        finally:
            await runner.cleanup()
