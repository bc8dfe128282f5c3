"""What the handlers find on the application, by typed key, and what the composition root hands in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aiohttp import web

from core.clock import Clock
from core.engine.registry import Registry
from core.model.views import Health
from core.trading_config import Setting
from web.assets import Shelf
from web.chat import ChatRoom
from web.live import LiveHub
from web.metrics import WebMetrics
from web.password import Password
from web.ports import Alerts, Conversation, Phone, StatusService, Turns
from web.sessions import LoginLinks, Session, Sessions, Tries


async def nothing_measured() -> Sequence[Health]:
    """Gauges of a site without any."""
    return ()


@dataclass(frozen=True, slots=True)
class WebDeps:
    """Everything the pages are made of. `ready` and `healthy` answer at once and never raise."""

    status: StatusService
    registry: Registry
    conversation: Conversation
    alerts: Alerts
    settings: Callable[[], Sequence[Setting]]
    clock: Clock
    mode: str
    owner_name: str
    healthy: Callable[[], bool]
    ready: Callable[[], bool]
    gauges: Callable[[], Awaitable[Sequence[Health]]] = nothing_measured
    timezone: str = "UTC"
    timeframe: str = "5m"  # that the autopilot judges
    first_symbol: str = "BTC/USD"  # meant where none is named
    phone: Phone | None = None
    turns: Turns | None = None  # what was said before this start
    telegram: Callable[[], str] = lambda: ""  # the session of the owner's chat there
    password: str = ""
    public_url: str = ""
    metrics: bool = False  # /metrics without a session


if TYPE_CHECKING:  # answers and socket build on what is declared here
    from web.answers import Answers
    from web.socket import Errands

DEPS = web.AppKey("deps", WebDeps)
ANSWERS: web.AppKey[Answers] = web.AppKey("answers")
ERRANDS: web.AppKey[Errands] = web.AppKey("errands")
SESSIONS = web.AppKey("sessions", Sessions)
LINKS = web.AppKey("links", LoginLinks)
TRIES = web.AppKey("tries", Tries)
PASSWORD = web.AppKey("password", Password)
HUB = web.AppKey("hub", LiveHub)
CHAT = web.AppKey("chat", ChatRoom)
SHELF = web.AppKey("shelf", Shelf)
METRICS = web.AppKey("metrics", WebMetrics)
SESSION = web.RequestKey("session", Session)
