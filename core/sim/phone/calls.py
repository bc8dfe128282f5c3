"""One call to the Bot API: reading its parameters, and saying no as the real server does."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import BodyPartReader, web

from core.sim.phone.html_entities import EntityError, parse_html, utf16

TEXT_MAX, CAPTION_MAX, DATA_MAX, BUTTONS_MAX = 4096, 1024, 64, 100
_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat", "copy_text", "callback_game", "pay",
)  # fmt: skip


class ApiError(Exception):
    """The server's no."""

    def __init__(self, status: int, description: str, retry_after: int | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.retry_after = retry_after

    def answer(self) -> web.Response:
        body: dict[str, Any] = {"ok": False, "error_code": self.status, "description": self.description}
        if self.retry_after is not None:
            body["parameters"] = {"retry_after": self.retry_after}
        return web.json_response(body, status=self.status)


def bad(description: str) -> ApiError:
    return ApiError(400, f"Bad Request: {description}")


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came: parameters as text or JSON values, uploads by their part's name."""

    method: str
    params: dict[str, Any]
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        value = self.params.get(name, default)
        return value if isinstance(value, str) else json.dumps(value)

    def number(self, name: str, default: int) -> int:
        try:
            return int(self.params.get(name, default))
        except (TypeError, ValueError):
            raise bad(f"invalid {name} specified") from None

    def flag(self, name: str) -> bool:
        return self.text(name).lower() in ("true", "1")

    def value(self, name: str) -> Any:
        """A JSON-serialised parameter, decoded; None when absent."""
        given = self.params.get(name)
        if not isinstance(given, str):
            return given
        try:
            return json.loads(given)
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None

    def upload(self, name: str) -> tuple[str, bytes]:
        """(file name, content) of an InputFile: attached, or under its own part. Raises ApiError."""
        given = self.params.get(name, "")
        part = given.removeprefix("attach://") if isinstance(given, str) and given else name
        if part not in self.files:
            raise bad(f"there is no {name} in the request")
        return self.files[part]

    def formatted(self, name: str, most: int) -> tuple[str, tuple[dict[str, Any], ...]]:
        """A text parameter and its entities, checked as the server checks. Raises ApiError."""
        given, mode = self.text(name), self.text("parse_mode").lower()
        kind = "message" if name == "text" else "message caption"
        if mode == "html":
            text, entities = _parsed(given)
        elif mode:
            raise bad(f"unsupported parse_mode {mode!r} on this phone")
        else:
            listed = "entities" if name == "text" else "caption_entities"
            text, entities = given.strip(), tuple(self.value(listed) or ())
        if not text and name == "text":
            raise bad("message text is empty")
        if utf16(text) > most:
            raise bad(f"{kind} is too long")
        return text, entities


def _parsed(source: str) -> tuple[str, tuple[dict[str, Any], ...]]:
    try:
        return parse_html(source)
    except EntityError as error:
        raise bad(f"can't parse entities: {error}") from None


async def read_call(request: web.Request) -> Call:
    """Parameters from the query, a form, multipart or JSON."""
    params: dict[str, Any] = dict(request.query)
    files: dict[str, tuple[str, bytes]] = {}
    if request.content_type.startswith("multipart/"):
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                continue
            if part.filename:
                files[part.name] = (part.filename, bytes(await part.read()))
            else:
                params[part.name] = await part.text()
    elif request.content_type == "application/json" and request.can_read_body:
        params |= await request.json()
    else:
        params |= {name: str(value) for name, value in (await request.post()).items()}
    return Call(request.match_info["method"].lower(), params, files)


def keyboard(call: Call) -> dict[str, Any] | None:
    """The checked reply_markup, or None. Raises ApiError as the server does."""
    markup = call.value("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        raise bad("object expected as reply markup")
    rows = markup.get("inline_keyboard", [])
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad('can\'t parse inline keyboard: field "inline_keyboard" must be of type Array')
    if sum(map(len, rows)) > BUTTONS_MAX:
        raise bad("reply markup is too long")
    for row in rows:
        for button in row:
            _check_button(button)
    return markup if rows else None


def _check_button(button: Any) -> None:
    if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
        raise bad("can't parse inline keyboard button: text of the button must be non-empty")
    actions = [name for name in _ACTIONS if name in button]
    if len(actions) != 1:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(str(button["callback_data"]).encode()) <= DATA_MAX:
        raise bad("BUTTON_DATA_INVALID")


def rows_of(markup: dict[str, Any] | None) -> tuple[tuple[tuple[str, str], ...], ...]:
    """The keyboard as the screen draws it: rows of (label, data or url)."""
    rows = (markup or {}).get("inline_keyboard", [])
    return tuple(
        tuple((button["text"], button.get("callback_data") or button.get("url", "")) for button in row)
        for row in rows
    )
