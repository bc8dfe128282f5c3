"""Signing in and out: the password form, the one-time link's one click, and the session cookie."""

from __future__ import annotations

from aiohttp import web

from web import errors
from web.body import read_form
from web.guard import COOKIE, HOSTS, PAGES, cookie_of
from web.keys import DEPS, HUB, LINKS, PASSWORD, SESSION, SESSIONS, SHELF, TRIES
from web.sessions import ABSOLUTE_MS

NO_PASSWORD = "No password is set, so a link lets you in."
SPENT = "This link was used or has expired. Get a fresh one."
WRONG = "That is not the password."


async def login_page(request: web.Request) -> web.Response:
    """The form, or for a link its one button: a preview that only reads the page cannot spend the link."""
    return _page(request, token=request.query.get("token", ""))


async def login(request: web.Request) -> web.Response:
    """`password` or `token` as form fields. 303 to the page on success, 401 or 429 otherwise.

    A link that is posted to, rather than opened, is a click as well.
    """
    link = request.query.get("token")
    form = await read_form(request) if not link else {}
    token, guess = link or form.get("token"), form.get("password")
    if token:
        return _by_link(request, token)
    if guess is None:
        return _refuse(request, 400, "bad_request", "Give the password.")
    return await _by_password(request, guess)


async def logout(request: web.Request) -> web.Response:
    """End this session; with `everywhere` in the query, every session."""
    sessions, session = request.app[SESSIONS], request[SESSION]
    if "everywhere" in request.query:
        sessions.close_all()
    else:
        sessions.close(session)
    request.app[HUB].drop_signed_out()
    response = web.json_response({"signed_out": True})
    response.del_cookie(COOKIE, path="/", httponly=True, samesite="Strict")
    return response


def _by_link(request: web.Request, token: str) -> web.Response:
    if not request.app[LINKS].redeem(token):
        return _refuse(request, 401, "spent_link", SPENT)
    return _let_in(request)


async def _by_password(request: web.Request, guess: str) -> web.Response:
    tries, address = request.app[TRIES], request.remote or "unknown"
    if wait := tries.wait_s(address):
        message = f"Too many tries. The next one is possible in {-(-wait // 60)} min."
        return _refuse(request, 429, "too_many", message, retry_after=wait)
    tries.count(address)
    if not await request.app[PASSWORD].matches(guess):
        message = WRONG if request.app[PASSWORD].given else NO_PASSWORD
        return _refuse(request, 401, "wrong_password", message)
    tries.forgive(address)
    return _let_in(request)


def _let_in(request: web.Request) -> web.Response:
    """A fresh session; the one that the browser may have brought along ends."""
    sessions = request.app[SESSIONS]
    if (old := sessions.find(cookie_of(request))) is not None:
        sessions.close(old)
    target = request.query.get("next", "/")
    response = web.Response(status=303, headers={"Location": target if target in PAGES else "/"})
    response.set_cookie(
        COOKIE, sessions.open(), httponly=True, samesite="Strict", path="/",
        max_age=ABSOLUTE_MS // 1000, secure=request.app[HOSTS].over_tls(request.host),
    )  # fmt: skip
    return response


def _refuse(request: web.Request, status: int, code: str, message: str, retry_after: int = 0) -> web.Response:
    if "text/html" in request.headers.get("Accept", ""):
        response = _page(request, message, status)
    else:
        response = errors.fault(status, code, message, "")
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def _page(request: web.Request, message: str = "", status: int = 200, token: str = "") -> web.Response:
    """One of three faces: a link's button, the password form, or where to get a link."""
    deps, by_password = request.app[DEPS], request.app[PASSWORD].given
    target = request.query.get("next", "/")
    if not message and not token and not by_password:
        message = NO_PASSWORD
    return request.app[SHELF].page(
        "login",
        status,
        mode=deps.mode,
        message=message,
        message_hidden="" if message else "hidden",
        token=token,
        link_hidden="" if token else "hidden",
        form_hidden="hidden" if token or not by_password else "",
        target=target if target in PAGES else "/",
    )
