"""The route table: what is served where, and the shape of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from core.model.market import Timeframe
from core.trading_config import Setting
from web import api, wire

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query or path parameter with its JSON schema."""

    name: str
    meaning: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    place: str = "query"


@dataclass(frozen=True, slots=True)
class Route:
    """One operation. `row` is the class of `data`, or of its items when `many`."""

    method: str
    path: str
    handler: Handler
    summary: str
    row: Any = None
    many: bool = False
    parameters: tuple[Parameter, ...] = ()
    body: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.path.removeprefix("/api/v1/").replace("/", "_").replace("{", "").replace("}", "")


def _limit(most: int) -> Parameter:
    return Parameter("limit", "rows at most", {"type": "integer", "minimum": 1, "maximum": most})


SYMBOL = Parameter("symbol", "a pair such as BTC/USD")
ONE_SYMBOL = Parameter("symbol", "a pair such as BTC/USD; without it the first of ZYN_SYMBOLS")
BEFORE = Parameter("before", "a `next` of an earlier answer, an ISO time or ms UTC")
BEFORE_ID = Parameter("before", "a `next` of an earlier answer", {"type": "integer", "minimum": 0})
CLOSED = Parameter("closed", "the round trips instead", {"type": "boolean"})
PERIOD = Parameter("period", "in the owner's zone", {"enum": list(api.PERIODS)})
FROM, TO = Parameter("from", "ISO time or ms UTC"), Parameter("to", "ISO time or ms UTC")
TIMEFRAME = Parameter("timeframe", "length of a candle", {"enum": [one.value for one in Timeframe]})
NAME = Parameter("name", "as a reply named it", required=True, place="path")

API: tuple[Route, ...] = (
    Route("GET", "/api/v1/status", api.status, "How things stand", wire.StatusOut),
    Route("GET", "/api/v1/balances", api.balances, "What the account holds", wire.BalanceOut, True),
    Route(
        "GET", "/api/v1/positions", api.positions, "Open positions, or closed ones",
        wire.PositionOut | wire.RoundTripOut, True, (CLOSED, _limit(500), BEFORE),
    ),
    Route("GET", "/api/v1/orders", api.orders, "Orders resting on the exchange", wire.OrderOut, True),
    Route(
        "GET", "/api/v1/trades", api.trades, "Executions as the exchange booked them",
        wire.TradeOut, True, (SYMBOL, _limit(500), BEFORE),
    ),
    Route("GET", "/api/v1/pnl", api.pnl, "Profit and loss", wire.PnlOut, False, (PERIOD, FROM, TO, SYMBOL)),
    Route(
        "GET", "/api/v1/equity", api.equity, "The equity curve", wire.EquityPointOut, True, (_limit(10_000),)
    ),
    Route(
        "GET", "/api/v1/candles", api.candles, "Closed candles of a pair",
        wire.CandleOut, True, (ONE_SYMBOL, TIMEFRAME, _limit(720), BEFORE),
    ),
    Route("GET", "/api/v1/price", api.price, "Best prices of a pair", wire.PriceOut, False, (ONE_SYMBOL,)),
    Route(
        "GET", "/api/v1/decisions", api.decisions, "What was judged and why",
        wire.DecisionOut, True, (SYMBOL, _limit(500), BEFORE),
    ),
    Route("GET", "/api/v1/insights", api.said, "What the trades so far show", wire.SaidOut),
    Route("GET", "/api/v1/learning", api.said, "Claims, open questions and what acts", wire.SaidOut),
    Route("GET", "/api/v1/universe", api.said, "Every pair, ranked, and why it is out", wire.SaidOut),
    Route("GET", "/api/v1/attention", api.said, "What may ring, and what is waited for", wire.SaidOut),
    Route("GET", "/api/v1/mandate", api.said, "The owner's standing orders", wire.SaidOut),
    Route("GET", "/api/v1/risk", api.said, "The limits in force", wire.SaidOut),
    Route(
        "GET", "/api/v1/parity", api.parity, "Real executions beside their paper twins",
        wire.TwinOut, True, (_limit(500),),
    ),
    Route("GET", "/api/v1/health", api.health, "Checks and gauges", wire.HealthOut, True),
    Route(
        "GET", "/api/v1/alerts", api.alerts, "What was told", wire.AlertOut, True, (_limit(500), BEFORE_ID)
    ),
    Route(
        "GET", "/api/v1/commands", api.commands, "What can be typed with a slash", wire.CommandOut, True
    ),
    Route("GET", "/api/v1/settings", api.settings, "Every setting in force", Setting, True),
    Route(
        "GET", "/api/v1/chat", api.chat_history, "The conversation", None, True, (_limit(400), BEFORE_ID)
    ),
    Route("POST", "/api/v1/chat", api.say, "One chat turn", None, True, body=("text",)),
    Route(
        "POST", "/api/v1/chat/session", api.join, "Go on with web's or Telegram's turns", None, True,
        body=("session",),
    ),
    Route("POST", "/api/v1/press", api.press, "Press a button of a reply", None, True, body=("action",)),
    *(
        Route("POST", f"/api/v1/{word}", api.carry_out, f"The command /{word}")
        for word in api.SHORTHANDS
    ),
    Route("POST", "/api/v1/do/{intent}", api.carry_out, "Any intent of the registry"),
)  # fmt: skip
PICTURES = Route("GET", "/api/v1/pictures/{name}", api.picture, "A picture of a reply", None, False, (NAME,))
