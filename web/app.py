"""The mini-site: puts the rooms of the page together and stands it on a port."""

from __future__ import annotations

import asyncio
import errno
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial

from aiohttp import web
from loguru import logger

from core.engine.supervisor import Supervisor
from core.model.errors import ConfigError
from web import auth, guard, phone, probes
from web.answers import Answers, Envelope
from web.assets import Shelf
from web.chat import ChatRoom
from web.keys import (
    ANSWERS,
    CHAT,
    DEPS,
    ERRANDS,
    HUB,
    LINKS,
    METRICS,
    PASSWORD,
    SESSIONS,
    SHELF,
    TRIES,
    WebDeps,
)  # fmt: skip
from web.live import LiveHub
from web.metrics import WebMetrics
from web.paging import Page
from web.password import Password
from web.routes import API, PICTURES
from web.sessions import LoginLinks, Sessions, Tries
from web.socket import Errands, socket
from web.wire import dumps

__all__ = ["WebDeps", "WebServer", "create_app"]

MOST_BODY = 64 * 1024
LIVE_ROWS, LIVE_CANDLES = 50, 3
STOP_S = 2.0


def create_app(deps: WebDeps, bound: str = "127.0.0.1") -> web.Application:
    """The whole site around `deps`, as it is served on the address `bound`."""
    app = web.Application(middlewares=[guard.explain, guard.admit], client_max_size=MOST_BODY)
    app[DEPS], app[ANSWERS], app[SHELF], app[METRICS] = deps, Answers(deps), Shelf(), WebMetrics()
    app[guard.HOSTS] = guard.HostRule(bound, deps.public_url)
    app[SESSIONS], app[LINKS], app[TRIES] = Sessions(deps.clock), LoginLinks(deps.clock), Tries(deps.clock)
    app[PASSWORD], app[HUB] = Password(deps.password), LiveHub(deps.clock, app[SESSIONS])
    app[ERRANDS] = Errands(app[HUB])
    app[CHAT] = ChatRoom(
        deps.conversation, deps.clock, deps.owner_name, deps.turns, app[HUB].publish, deps.telegram
    )
    _add_routes(app)
    _feed(app[HUB], app[ANSWERS])
    app.on_response_prepare.append(guard.put_headers)
    app.cleanup_ctx.append(_life)
    app.on_shutdown.append(_farewell)
    return app


def _add_routes(app: web.Application) -> None:
    add = app.router.add_get
    for route in (*API, PICTURES):
        adder = add if route.method == "GET" else app.router.add_post
        adder(route.path, route.handler)
    for path, name in (("/", "dashboard"), ("/more", "more"), ("/chat", "chat")):
        add(path, _page(name))
    add("/login", auth.login_page)
    app.router.add_post("/login", auth.login)
    app.router.add_post("/logout", auth.logout)
    for path in ("/static/{file}", "/static/{version}/{file}", "/favicon.ico"):
        add(path, app[SHELF].serve)
    add("/ws", socket)
    for probe in (probes.healthz, probes.readyz, probes.metrics):
        add(f"/{probe.__name__}", probe)
    add("/openapi.json", probes.openapi)
    if (simulated := app[DEPS].phone) is not None:
        add("/phone", _page("phone"))
        phone.join(app, simulated)


def _feed(hub: LiveHub, answers: Answers) -> None:
    """Name who makes what the live view sends."""
    hub.on_change(answers.forget)
    for topic in ("status", "positions", "orders", "balances"):
        hub.builds(topic, partial(answers.text, topic))
    hub.builds("trades", partial(_written, answers.trades, Page(LIVE_ROWS)))
    hub.builds("decisions", partial(_written, answers.decisions, Page(LIVE_ROWS)))
    hub.builds_for_symbol("price", partial(_written, answers.price))
    hub.builds_for_symbol("candles", partial(_newest_candles, answers))


async def _written(build: Callable[..., Awaitable[Envelope]], *asked: Page | str) -> str:
    return dumps(await build(*asked))


async def _newest_candles(answers: Answers, symbol: str) -> str:
    return dumps(await answers.candles(symbol, answers.timeframe, Page(LIVE_CANDLES)))


async def _life(app: web.Application) -> AsyncIterator[None]:
    await asyncio.to_thread(app[SHELF].fill)
    supervisor = Supervisor(app[DEPS].clock, _log_failure)
    supervisor.keep("web live view", app[HUB].run)
    yield
    await supervisor.stop()


async def _log_failure(name: str, error: BaseException) -> None:
    logger.opt(exception=error).error("{} failed and is started again", name)


async def _farewell(app: web.Application) -> None:
    """Before the port closes: finish what is under way, then end every socket."""
    await app[ERRANDS].finish()
    await app[HUB].close()


def _page(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def page(request: web.Request) -> web.Response:
        deps = request.app[DEPS]
        hidden = "" if deps.phone is not None else "hidden"
        return request.app[SHELF].page(name, mode=deps.mode, owner=deps.owner_name, phone_hidden=hidden)

    return page


class WebServer:
    """The site on its port. `hub` is the Herald that the engine tells what changed."""

    def __init__(self, deps: WebDeps, bound: str = "127.0.0.1") -> None:
        self._app = create_app(deps, bound)
        self._runner: web.AppRunner | None = None
        self._bound = bound
        self._address = ""

    @property
    def hub(self) -> LiveHub:
        return self._app[HUB]

    async def start(self, host: str, port: int) -> str:
        """Listen and return the address to open; port 0 takes a free one. Raises ConfigError when taken."""
        runner = web.AppRunner(self._app, access_log=None, shutdown_timeout=STOP_S)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            await runner.cleanup()
            raise ConfigError([_why_not(error, host, port)]) from error
        self._runner = runner
        self._address = f"http://{_shown(host)}:{runner.addresses[0][1]}"
        return self._address

    async def stop(self) -> None:
        """End every socket and free the port."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    @property
    def address(self) -> str:
        """Where it is served, without a way in."""
        return self._address

    def create_link(self) -> str:
        """A sign-in link: good once, for ten minutes."""
        base = self._app[DEPS].public_url.rstrip("/") or self._address
        return f"{base}/login?token={self._app[LINKS].create()}"


def _shown(host: str) -> str:
    """The name to open a bound address by."""
    if host in ("0.0.0.0", "::", ""):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno != errno.EADDRINUSE:
        return f"WEB_HOST={host} WEB_PORT={port}: cannot listen there ({error.strerror}); choose another"
    way_out = "choose another, such as WEB_PORT=5001"
    if sys.platform == "darwin":
        way_out = f"on macOS that is often AirPlay Receiver: switch it off, or {way_out}"
    return f"WEB_PORT={port}: another program uses this port on {host}; {way_out}"
