"""The gate before every handler: right host, a session, and for changes the right origin and token."""

from __future__ import annotations

import hmac
import ipaddress
import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import web
from multidict import CIMultiDict

from core.engine.registry import Effect
from core.model.errors import ZynError
from web import errors
from web.body import pack
from web.keys import ANSWERS, DEPS, METRICS, SESSION, SESSIONS, SHELF
from web.sessions import Session

COOKIE = "zyn_session"
COOKIE_VALUE = re.compile(r"(?:^|;\s*)zyn_session=\"?([A-Za-z0-9_-]{43})\"?(?:;|$)", re.ASCII)
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
HEADERS = CIMultiDict(
    {
        "Content-Security-Policy": CSP,
        "Server": "Zyn",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)
OPEN_TO_ALL = frozenset({"/login", "/healthz", "/readyz"})
ASSETS = ("/static/", "/favicon.ico")
PAGES = frozenset({"/", "/more", "/chat", "/phone"})
SAFE_METHODS = frozenset({"GET", "HEAD"})
LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


MOST_HOSTS = 64


class HostRule:
    """Which names this server answers to; another name in front of it is DNS rebinding.

    `bound` is the address it listens on. Verdicts are remembered, for a browser repeats its host every time.
    """

    def __init__(self, bound: str, public_url: str = "") -> None:
        self._bound = bound.lower()
        self._public = urlsplit(public_url.lower())
        self._known: dict[str, bool] = {}

    def allows(self, host: str) -> bool:
        """`host` is the Host header. A number cannot be rebound, so beyond loopback any address will do."""
        verdict = self._known.get(host)
        if verdict is None:
            if len(self._known) >= MOST_HOSTS:
                self._known.clear()
            verdict = self._known[host] = self._judge(host.lower())
        return verdict

    def _judge(self, host: str) -> bool:
        name = _name(host)
        if name in LOOPBACK_NAMES or name == self._bound:
            return True
        if self._public.netloc and host == self._public.netloc:
            return True
        return self._bound not in LOOPBACK_NAMES and _is_address(name)

    def same_origin(self, origin: str, host: str) -> bool:
        """Whether a page of `origin` may change things by `host`; over TLS only at the owner's address."""
        scheme = "https" if self.over_tls(host) else "http"
        return origin.lower() == f"{scheme}://{host.lower()}"

    def over_tls(self, host: str) -> bool:
        """Whether the browser came through the owner's https address."""
        return self._public.scheme == "https" and self._public.netloc == host.lower()


HOSTS = web.AppKey("hosts", HostRule)


def cookie_of(request: web.Request) -> str | None:
    """The session's secret as the browser sent it; read without parsing every other cookie."""
    found = COOKIE_VALUE.search(request.headers.get("Cookie", ""))
    return found[1] if found else None


def _name(host: str) -> str:
    try:
        return (urlsplit(f"//{host}").hostname or "").lower()
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


async def put_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal: the security headers on every answer, errors and upgrades included."""
    response.headers.update(HEADERS)
    if request.app[HOSTS].over_tls(request.host):
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn errors raised on purpose into the one error shape, and count the request."""
    try:
        response = await handler(request)
    except ZynError as error:
        response = errors.of_zyn(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _fault_page(request, error) if _is_a_visit(request) else errors.of_http(error)
    request.app[METRICS].count(request.method, response.status)
    pack(request, response)
    return response


@web.middleware
async def admit(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let through what may pass; everything else is refused before a handler sees it."""
    if not request.app[HOSTS].allows(request.host):
        return _refuse_host(request)
    if not _right_origin(request):
        return errors.fault(403, "bad_origin", "This came from another site.", BAD_ORIGIN)
    if _open_to_all(request):
        return await handler(request)
    session = request.app[SESSIONS].find(cookie_of(request))
    if session is None:
        return _sign_in_first(request)
    if request.method not in SAFE_METHODS and (refusal := _refuse_change(request, session)):
        return refusal
    request[SESSION] = session
    response = await handler(request)
    if request.method not in SAFE_METHODS:
        request.app[ANSWERS].forget()
    return response


BAD_HOST = "Use the address Zyn printed at its start, or set WEB_PUBLIC_URL."
BAD_ORIGIN = "Open Zyn's own page; behind https, set WEB_PUBLIC_URL to the address in the browser."
FAULTS = {404: ("Nothing is here.", "This address is none of Zyn's pages.")}


def _is_a_visit(request: web.Request) -> bool:
    """A person's browser going somewhere, and not a script that wants data."""
    asks_for_page = request.method in SAFE_METHODS and "text/html" in request.headers.get("Accept", "")
    return asks_for_page and not request.path.startswith("/api/")


def _fault_page(request: web.Request, error: web.HTTPException) -> web.Response:
    title, message = FAULTS.get(error.status, ("That did not work.", error.text or error.reason))
    return _fault(request, error.status, title, message)


def _fault(request: web.Request, status: int, title: str, message: str, home: bool = True) -> web.Response:
    words = {"title": title, "message": message, "home_hidden": "" if home else "hidden"}
    return request.app[SHELF].page("fault", status, mode=request.app[DEPS].mode, **words)


def _refuse_host(request: web.Request) -> web.Response:
    message = f"Zyn does not answer to the name {request.host!r}."
    if _is_a_visit(request):
        return _fault(request, 403, "Not by this name.", f"{message} {BAD_HOST}", home=False)
    return errors.fault(403, "bad_host", message, BAD_HOST)


def _right_origin(request: web.Request) -> bool:
    """Browsers name the origin of every change and socket; scripts name none, and hold no foreign cookie."""
    if request.method in SAFE_METHODS and request.path != "/ws":
        return True
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or request.app[HOSTS].same_origin(origin, request.host)


def _open_to_all(request: web.Request) -> bool:
    path = request.path
    if path == "/metrics":
        return request.app[DEPS].metrics
    asset = path.startswith(ASSETS) and request.app[SHELF].open_to_all(path)
    return asset or path in OPEN_TO_ALL


def _sign_in_first(request: web.Request) -> web.Response:
    if request.method in SAFE_METHODS and (request.path in PAGES or _is_a_visit(request)):
        target = f"/login?next={request.path}" if request.path in PAGES - {"/"} else "/login"
        return web.Response(status=303, headers={"Location": target, "Cache-Control": "no-store"})
    return errors.fault(401, "signed_out", "Sign in first.", "Open /login, or run `zyn link` for a link.")


def _is_urgent(request: web.Request) -> bool:
    """What lowers risk, answers a question or shuts the door: no flood of others keeps it waiting."""
    if request.path in ("/logout", "/api/v1/press"):
        return True
    entry = request.app[DEPS].registry.entries.get(request.path.rpartition("/")[2])
    return entry is not None and entry.effect is Effect.REDUCES


def _refuse_change(request: web.Request, session: Session) -> web.Response | None:
    given = request.headers.get("X-CSRF-Token", "")
    if not hmac.compare_digest(given.encode(errors="replace"), session.csrf.encode()):
        hint = "Send back the X-CSRF-Token header of GET /api/v1/status."
        return errors.fault(403, "bad_csrf", "The token of this session is missing or wrong.", hint)
    if not request.app[SESSIONS].may_change(session, urgent=_is_urgent(request)):
        return errors.fault(429, "too_many", "Too many changes in a minute.", "Wait a minute.")
    return None
