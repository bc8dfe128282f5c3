"""What machines ask: alive, ready, metrics, and the description of the API."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from core.model.errors import ZynError
from core.model.views import Health, StatusView
from web.body import reply
from web.keys import DEPS, HUB, METRICS
from web.openapi import describe_api
from web.routes import API, PICTURES


async def healthz(request: web.Request) -> web.Response:
    """The process is alive."""
    return _probe(request.app[DEPS].healthy(), "alive", "not well")


async def readyz(request: web.Request) -> web.Response:
    """The trading loop is fresh and the exchange reconciled."""
    return _probe(request.app[DEPS].ready(), "ready", "not ready")


async def metrics(request: web.Request) -> web.Response:
    """Prometheus text; without an exchange only what the pages and the gauges know."""
    app = request.app
    view: StatusView | None = None
    gauges: Sequence[Health] = ()
    with suppress(ZynError):
        gauges = await app[DEPS].gauges()
        view = await app[DEPS].status.status()
    body = app[METRICS].render(view, gauges, app[HUB].sockets)
    return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


async def openapi(request: web.Request) -> web.Response:
    """The OpenAPI 3.1 document of this process."""
    return reply(describe_api((*API, PICTURES), request.app[DEPS].registry, _version()))


def _version() -> str:
    try:
        return version("zyn")
    except PackageNotFoundError:
        return "0"  # run straight from a clone


def _probe(good: bool, yes: str, no: str) -> web.Response:
    return web.json_response({"status": yes if good else no}, status=200 if good else 503)
