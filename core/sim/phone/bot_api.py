"""A local Bot API server for one bot and one private chat, with the real server's checks and refusals."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from core.clock import Clock
from core.sim.phone.calls import CAPTION_MAX, TEXT_MAX, ApiError, Call, bad, keyboard, read_call, rows_of
from core.sim.phone.faults import Faults, Throttle
from core.sim.phone.screen import ZYN, PhoneMessage, Screen
from core.sim.phone.shapes import Peer, message_json, png_size, user_json
from core.sim.phone.updates import PollTaken, UpdateQueue

BOT = Peer(4_000_000_001, "Zyn", "zyn_demo_bot", is_bot=True)
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
_CONFLICT = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)

Method = Callable[[Call], Awaitable[Any]]


@dataclass(slots=True)
class BotApi:
    """Answers the bot's calls and draws their effects on the screen. Only the owner's chat exists."""

    clock: Clock
    screen: Screen
    updates: UpdateQueue
    token: str
    owner: Peer
    faults: Faults = field(default_factory=Faults)
    calls: deque[Call] = field(default_factory=lambda: deque(maxlen=5_000))
    other_chats: dict[int, list[str]] = field(default_factory=dict)  # texts sent to chats beside the owner's
    queries: set[str] = field(default_factory=set)  # taps still waiting for an answer
    throttle: Throttle = field(init=False)
    _methods: dict[str, Method] = field(init=False)

    def __post_init__(self) -> None:
        self.throttle = Throttle(self.clock)
        methods: list[Method] = [
            self.get_me, self.get_updates, self.send_message, self.edit_message_text,
            self.edit_message_caption, self.edit_message_reply_markup, self.answer_callback_query,
            self.send_chat_action, self.send_photo, self.send_document, self.set_my_commands,
            self.get_my_commands, self.delete_my_commands, self.delete_webhook, self.get_webhook_info,
            self.set_message_reaction, self.delete_message, self.get_file, self.set_chat_menu_button,
            self.send_message_draft,
        ]  # fmt: skip
        self._methods = {method.__name__.replace("_", ""): method for method in methods}

    def routes(self) -> list[web.RouteDef]:
        path = "/bot{token}/{method}"
        files = web.get("/file/bot{token}/{path:.+}", self.download)
        return [web.get(path, self.answer, allow_head=False), web.post(path, self.answer), files]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One call, from the token's check to its result."""
        try:
            self._check_token(request)
            call = await read_call(request)
            self.calls.append(call)
            return await self._carry_out(call, request)
        except ApiError as error:
            return error.answer()

    async def _carry_out(self, call: Call, request: web.Request) -> web.StreamResponse:
        fault = self.faults.take(call.method)
        if fault and not fault.lost:
            raise _failure(fault.status, fault.retry_after, fault.description)
        wait = self.throttle.retry_after(call.method, call.text("chat_id"))
        if wait is not None:
            raise _failure(429, wait)
        method = self._methods.get(call.method)
        if method is None:
            raise ApiError(404, "Not Found")
        result = await method(call)
        if fault:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"ok": True, "result": result})

    def _check_token(self, request: web.Request) -> None:
        given = request.match_info["token"]
        if given == self.token:
            return
        if ":" not in given:
            raise ApiError(404, "Not Found")
        raise ApiError(401, "Unauthorized")

    async def download(self, request: web.Request) -> web.StreamResponse:
        """A file's content by the path that getFile gave."""
        file_id = request.match_info["path"].partition("/")[2]
        if request.match_info["token"] != self.token or file_id not in self.screen.files:
            return ApiError(404, "Not Found").answer()
        return web.Response(body=self.screen.files[file_id][1], content_type="application/octet-stream")

    async def get_me(self, call: Call) -> Any:
        rights = {"can_join_groups": True, "can_read_all_group_messages": False}
        return {**user_json(BOT), **rights, "supports_inline_queries": False, "has_main_web_app": False}

    async def get_updates(self, call: Call) -> Any:
        kinds = call.value("allowed_updates")
        if kinds is not None:
            self.updates.kinds = tuple(kinds)
        limit = min(100, max(1, call.number("limit", 100)))
        try:
            return await self.updates.poll(call.number("offset", 0), limit, call.number("timeout", 0))
        except PollTaken:
            raise ApiError(409, _CONFLICT) from None

    async def send_message(self, call: Call) -> Any:
        text, entities = call.formatted("text", TEXT_MAX)
        markup = keyboard(call)
        if call.number("chat_id", 0) in self.other_chats:
            return self._elsewhere(call, text)
        return self._posted(call, text=text, entities=entities, markup=markup, buttons=rows_of(markup))

    async def send_photo(self, call: Call) -> Any:
        self._chat(call)
        name, content = call.upload("photo")
        if png_size(content) is None:
            raise bad("IMAGE_PROCESS_FAILED")
        text, entities = call.formatted("caption", CAPTION_MAX)
        markup = keyboard(call)
        file_id = self.screen.keep_file(name, content)
        return self._posted(
            call, text=text, entities=entities, photo=file_id, markup=markup, buttons=rows_of(markup)
        )

    async def send_document(self, call: Call) -> Any:
        self._chat(call)
        name, content = call.upload("document")
        text, entities = call.formatted("caption", CAPTION_MAX)
        file_id = self.screen.keep_file(name, content)
        return self._posted(call, text=text, entities=entities, document=file_id, file_name=name)

    def _posted(self, call: Call, **parts: Any) -> Any:
        self._chat(call)
        message = self.screen.add(sender=ZYN, silent=call.flag("disable_notification"), **parts)
        return self._json(message)

    async def edit_message_text(self, call: Call) -> Any:
        message = self._own(call)
        text, entities = call.formatted("text", TEXT_MAX)
        if message.photo or message.document:
            raise bad("there is no text in the message to edit")
        return self._edited(message, text, entities, keyboard(call))

    async def edit_message_caption(self, call: Call) -> Any:
        message = self._own(call)
        text, entities = call.formatted("caption", CAPTION_MAX)
        return self._edited(message, text, entities, keyboard(call))

    async def edit_message_reply_markup(self, call: Call) -> Any:
        message = self._own(call)
        return self._edited(message, message.text, message.entities, keyboard(call))

    def _edited(
        self,
        message: PhoneMessage,
        text: str,
        entities: tuple[dict[str, Any], ...],
        markup: dict[str, Any] | None,
    ) -> Any:
        if (message.text, message.entities, message.markup) == (text, entities, markup):
            raise bad(_NOT_MODIFIED)
        changed = self.screen.edit(
            message.id, text=text, entities=entities, markup=markup, buttons=rows_of(markup),
            edited=message.edited or text != message.text,
        )  # fmt: skip
        return {**self._json(changed), "edit_date": self.clock.wall_ms() // 1000}

    async def answer_callback_query(self, call: Call) -> Any:
        query = call.text("callback_query_id")
        if query not in self.queries:
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self.queries.discard(query)
        if len(call.text("text")) > 200:
            raise bad("MESSAGE_TOO_LONG")
        if call.text("text"):
            self.screen.show_toast(call.text("text"))
        return True

    async def send_chat_action(self, call: Call) -> Any:
        self._chat(call)
        if call.text("action") not in ("typing", "upload_photo", "upload_document"):
            raise bad("wrong parameter action in request")
        self.screen.show_typing()
        return True

    async def send_message_draft(self, call: Call) -> Any:
        self._chat(call)
        if call.number("draft_id", 0) == 0:
            raise bad("draft_id must be non-zero")
        text, _ = call.formatted("text", TEXT_MAX)
        self.screen.show_draft(text)
        return True

    async def set_my_commands(self, call: Call) -> Any:
        commands = call.value("commands") or []
        if len(commands) > 100:
            raise bad("too many commands specified")
        for one in commands:
            name = one["command"]
            if not (1 <= len(name) <= 32 and name.replace("_", "").isalnum() and name == name.lower()):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(one["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        self.screen.show_menu(tuple((one["command"], one["description"]) for one in commands))
        return True

    async def get_my_commands(self, call: Call) -> Any:
        return [{"command": name, "description": text} for name, text in self.screen.menu]

    async def delete_my_commands(self, call: Call) -> Any:
        self.screen.show_menu(())
        return True

    async def delete_webhook(self, call: Call) -> Any:
        return True

    async def get_webhook_info(self, call: Call) -> Any:
        pending = len(self.updates.waiting)
        return {"url": "", "has_custom_certificate": False, "pending_update_count": pending}

    async def set_chat_menu_button(self, call: Call) -> Any:
        return True

    async def set_message_reaction(self, call: Call) -> Any:
        message = self._message(call, "message to react not found")
        chosen = call.value("reaction") or []
        self.screen.edit(message.id, reaction=chosen[0].get("emoji", "") if chosen else "")
        return True

    async def delete_message(self, call: Call) -> Any:
        self.screen.remove(self._message(call, "message to delete not found").id)
        return True

    async def get_file(self, call: Call) -> Any:
        file_id = call.text("file_id")
        if file_id not in self.screen.files:
            raise bad("invalid file_id")
        size = len(self.screen.files[file_id][1])
        unique = f"u{file_id}"
        return {
            "file_id": file_id, "file_unique_id": unique, "file_size": size, "file_path": f"files/{file_id}"
        }  # fmt: skip

    def _chat(self, call: Call) -> None:
        if call.text("chat_id") != str(self.owner.id):
            raise bad("chat not found")

    def _elsewhere(self, call: Call, text: str) -> Any:
        """A message to a chat that wrote to the bot, beside the owner's: kept off the screen."""
        chat_id = call.number("chat_id", 0)
        texts = self.other_chats[chat_id]
        texts.append(text)
        chat = {"id": chat_id, "type": "group" if chat_id < 0 else "private"}
        return {"message_id": len(texts), "date": self.clock.wall_ms() // 1000, "chat": chat, "text": text}

    def _message(self, call: Call, missing: str) -> PhoneMessage:
        self._chat(call)
        message = self.screen.messages.get(call.number("message_id", 0))
        if message is None:
            raise bad(missing)
        return message

    def _own(self, call: Call) -> PhoneMessage:
        message = self._message(call, "message to edit not found")
        if message.sender != ZYN:
            raise bad("message can't be edited")
        return message

    def _json(self, message: PhoneMessage) -> dict[str, Any]:
        return message_json(message, BOT, self.owner, self.screen.files)


def _failure(status: int, retry_after: int | None, description: str = "") -> ApiError:
    texts = {
        401: "Unauthorized", 403: "Forbidden: bot was blocked by the user", 404: "Not Found",
        409: _CONFLICT, 429: f"Too Many Requests: retry after {retry_after}", 502: "Bad Gateway",
    }  # fmt: skip
    wait = retry_after if status == 429 else None
    usual = texts.get(status, "Internal Server Error" if status >= 500 else "Bad Request")
    return ApiError(status, description or usual, wait)
