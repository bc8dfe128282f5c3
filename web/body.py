"""JSON in and out of a handler."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from web.errors import bad
from web.wire import dumps


def reply(body: Mapping[str, Any] | str, headers: Mapping[str, str] | None = None) -> web.Response:
    """A JSON answer that no cache keeps; a text is JSON already."""
    text = body if isinstance(body, str) else dumps(body)
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return web.Response(text=text, content_type="application/json", headers=kept)


async def read_object(request: web.Request) -> Mapping[str, Any]:
    """The JSON object of a change; nothing at all counts as an empty one. Raises Refused on anything else."""
    raw = await request.read()
    if not raw:
        return {}
    if request.content_type != "application/json":
        raise bad("The body must be application/json.")
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise bad("The body is not JSON.") from None
    if not isinstance(body, dict):
        raise bad("The body must be a JSON object.")
    return body


def text_of(body: Mapping[str, Any], name: str) -> str:
    """A text field. Raises Refused when it is missing or of another kind."""
    value = body.get(name)
    if not isinstance(value, str):
        raise bad(f"{name} must be text.")
    return value
