"""One shape for everything that goes wrong: `{"error": {"code", "message", "hint"}}`."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from core.model.errors import AuthFailed, RateLimited, Refused, ZynError
from web.wire import dumps

STATUS_OF = {
    "missing_price": 400,
    "unknown_intent": 404,
    "closed_door": 403,
    "not_yours": 403,
    "forbidden": 403,
    "not_found": 404,
    "unknown_pair": 404,
    "too_many": 429,
    "rate_limited": 429,
}
CODE_OF = {400: "bad_request", 401: "signed_out", 403: "forbidden", 404: "not_found", 405: "not_allowed"}


def fault(status: int, code: str, message: str, hint: str = "", **headers: str) -> web.Response:
    """An error answer."""
    body: dict[str, Any] = {"error": {"code": code, "message": message, "hint": hint}}
    return web.json_response(
        body, status=status, dumps=dumps, headers={"Cache-Control": "no-store", **headers}
    )


def of_zyn(error: ZynError) -> web.Response:
    """What a page is told of an error raised on purpose."""
    if isinstance(error, Refused):
        usual = 400 if error.code.startswith("bad_") else 409
        return fault(STATUS_OF.get(error.code, usual), error.code, error.message, error.hint)
    if isinstance(error, RateLimited):
        wait = str(max(1, round(error.after_s)))
        hint = "Zyn asks again by itself; try again shortly."
        return fault(429, "rate_limited", str(error), hint, **{"Retry-After": wait})
    if isinstance(error, AuthFailed):
        return fault(503, "exchange_refused_key", str(error), "Run `zyn doctor` to see what the key lacks.")
    hint = "Zyn keeps trying; protective stops rest on the exchange."
    return fault(503, "unavailable", str(error) or "The answer is not available.", hint)


def of_http(error: web.HTTPException) -> web.Response:
    """What a script is told of an error of the protocol."""
    code = CODE_OF.get(error.status, "bad_request")
    return fault(error.status, code, error.text or error.reason, "See /openapi.json for what is served.")


def bad(message: str, hint: str = "") -> Refused:
    """A request that was not understood."""
    return Refused(message, "bad_request", hint)
