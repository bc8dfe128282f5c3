"""JSON in and out of a handler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web

from web.errors import bad
from web.wire import dumps

PLAIN_BYTES = 8 * 1024


def reply(body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer that no cache keeps; a text is JSON already."""
    text = body if isinstance(body, str) else dumps(body)
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return web.Response(text=text, content_type="application/json", headers=kept)


def pack(request: web.Request, response: web.StreamResponse) -> None:
    """Let a long JSON answer travel gzipped to whoever takes that: a phone's line is thin."""
    body = response.body if isinstance(response, web.Response) else None
    long = isinstance(body, bytes) and len(body) > PLAIN_BYTES and response.content_type == "application/json"
    if long and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.enable_compression(web.ContentCoding.gzip)


async def read_object(request: web.Request) -> Mapping[str, Any]:
    """The JSON object of a change; nothing at all counts as an empty one. Raises Refused on anything else."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise bad("The body must be application/json.")
    body = parse(raw)
    if not isinstance(body, dict):
        raise bad("The body must be a JSON object.")
    return body


def parse(raw: bytes | str) -> Any:
    """JSON whose texts can be written back; None for anything else."""
    try:
        value = json.loads(raw)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return value


async def read_form(request: web.Request) -> dict[str, str]:
    """The fields of a plain HTML form; of a field given twice the first counts."""
    if request.content_type == "multipart/form-data":
        return await _read_parts(request)
    if request.content_type != "application/x-www-form-urlencoded":
        raise bad("The form must be sent as application/x-www-form-urlencoded.")
    text = (await request.read()).decode("utf-8", "replace")
    try:
        fields = parse_qs(text, keep_blank_values=True, max_num_fields=20)
    except ValueError:
        raise bad("The form has too many fields.") from None
    return {name: values[0] for name, values in fields.items()}


async def _read_parts(request: web.Request) -> dict[str, str]:
    """The text fields of a form sent in parts."""
    try:
        given = await request.post()
    except ValueError:
        raise bad("The form is not one.") from None
    fields: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, str):
            fields.setdefault(name, value)
    return fields


def text_of(body: Mapping[str, Any], name: str) -> str:
    """A text field. Raises Refused when it is missing or of another kind."""
    value = body.get(name)
    if not isinstance(value, str):
        raise bad(f"{name} must be text.")
    return value
