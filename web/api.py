"""`/api/v1/`: the JSON that pages and scripts read and change things by."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from core.engine.registry import Answer, Door, Outcome
from core.model.errors import Refused
from core.model.market import Timeframe
from core.model.pair_table import symbol_of
from core.model.time_context import TimeContext, period_bounds
from core.model.views import TextView
from web.answers import MOST_CANDLES, Answers
from web.body import read_object, reply, text_of
from web.errors import bad
from web.keys import ANSWERS, CHAT, DEPS, SESSION
from web.paging import LATEST_MS, read_int, read_moment, read_page
from web.readings import pnl_out, preview_out
from web.wire import CommandOut, SaidOut, envelope

SYMBOL = re.compile(r"[A-Z0-9.]{1,12}/[A-Z0-9]{2,6}", re.ASCII)
COMMAND_ID = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)
PERIODS = (
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month",
    "7d", "30d", "90d", "180d", "ytd", "all",
)  # fmt: skip
# What is shown of entries that answer in words and data, and the intent that says it.
SAYS = {
    "insights": "get_insights", "learning": "learning", "universe": "universe", "attention": "alerts",
    "mandate": "mandate", "risk": "set_risk",
}  # fmt: skip
SHORTHANDS = ("flatten", "pause", "resume", "panic", "unlock")


def _answers(request: web.Request) -> Answers:
    return request.app[ANSWERS]


def _symbol(request: web.Request) -> str | None:
    """The pair asked for, also where it is written XBTUSD; None for every pair."""
    text = request.query.get("symbol", "")
    if not text:
        return None
    symbol = symbol_of(text)
    if symbol is None or not SYMBOL.fullmatch(symbol):
        raise bad("symbol must be a pair like BTC/USD.")
    return symbol


def _one_symbol(request: web.Request) -> str:
    """The pair asked for, else the owner's first."""
    return _symbol(request) or request.app[DEPS].first_symbol


async def status(request: web.Request) -> web.Response:
    """How things stand. Its X-CSRF-Token header is what changing calls send back."""
    return reply(await _answers(request).text("status"), {"X-CSRF-Token": request[SESSION].csrf})


async def balances(request: web.Request) -> web.Response:
    """What the account holds."""
    return reply(await _answers(request).text("balances"))


async def positions(request: web.Request) -> web.Response:
    """Open positions, or with `closed=true` the round trips."""
    if request.query.get("closed", "").lower() in ("true", "1"):
        return reply(await _answers(request).round_trips(read_page(request)))
    return reply(await _answers(request).text("positions"))


async def orders(request: web.Request) -> web.Response:
    """Orders resting on the exchange."""
    return reply(await _answers(request).text("orders"))


async def trades(request: web.Request) -> web.Response:
    """Executions as the exchange booked them."""
    return reply(await _answers(request).trades(read_page(request), _symbol(request)))


async def pnl(request: web.Request) -> web.Response:
    """Profit and loss of a named period in the owner's zone, or of `from` to `to`."""
    deps, now_ms = request.app[DEPS], request.app[DEPS].clock.market_ms()
    period = request.query.get("period", "today")
    if "from" in request.query or "to" in request.query:
        start = read_moment(request.query.get("from", "0"), "from")
        end = read_moment(request.query.get("to", str(LATEST_MS)), "to")
        period = "custom"
    elif period in PERIODS:
        start, end = period_bounds(period, TimeContext(now_ms, deps.timezone))
    else:
        raise bad(f"period must be one of {', '.join(PERIODS)}.")
    view = await deps.status.pnl(start, end, period, _symbol(request))
    return reply(envelope(view.stamp, pnl_out(view)))


async def equity(request: web.Request) -> web.Response:
    """The equity curve."""
    return reply(await _answers(request).equity(read_int(request, "limit", 2000, 1, 10_000)))


async def candles(request: web.Request) -> web.Response:
    """Closed candles of one pair."""
    symbol = _one_symbol(request)
    timeframe = request.query.get("timeframe", request.app[DEPS].timeframe)
    if timeframe not in set(Timeframe):
        raise bad(f"timeframe must be one of {', '.join(Timeframe)}.")
    page = read_page(request, default=288, most=MOST_CANDLES)
    return reply(await _answers(request).candles(symbol, timeframe, page))


async def price(request: web.Request) -> web.Response:
    """The best prices of one pair now."""
    return reply(await _answers(request).price(_one_symbol(request)))


async def decisions(request: web.Request) -> web.Response:
    """What was judged, with every filter's verdict."""
    return reply(await _answers(request).decisions(read_page(request), _symbol(request)))


async def said(request: web.Request) -> web.Response:
    """What an entry of the registry says of itself, in words and as data."""
    outcome = await _carry_out(request, SAYS[request.path.rpartition("/")[2]], {})
    view = outcome.view if isinstance(outcome, Answer) else None
    text = SaidOut(view.text, view.data) if isinstance(view, TextView) else SaidOut("", {})
    return reply(envelope(_answers(request).now, text))


async def parity(request: web.Request) -> web.Response:
    """Real executions beside their paper twins."""
    return reply(await _answers(request).parity(read_int(request, "limit", 50, 1, 500)))


async def health(request: web.Request) -> web.Response:
    """Every check, and what is measured beside them."""
    return reply(await _answers(request).health())


async def alerts(request: web.Request) -> web.Response:
    """What was told, whatever the channel."""
    before = read_int(request, "before", 0, 0, 2**62)
    limit = read_int(request, "limit", 50, 1, 500)
    return reply(await _answers(request).alerts(limit, before or None))


async def settings(request: web.Request) -> web.Response:
    """Every setting in force; secrets only as set or empty."""
    return reply(envelope(_answers(request).now, list(request.app[DEPS].settings()), next=None))


async def commands(request: web.Request) -> web.Response:
    """What this door understands with a slash."""
    rows = [
        CommandOut(f"/{one.command}", one.summary, one.usage or f"/{one.command}")
        for one in request.app[DEPS].registry.entries.values()
        if Door.WEB in one.doors
    ]
    return reply(envelope(_answers(request).now, rows, next=None))


async def chat_history(request: web.Request) -> web.Response:
    """The conversation of this door."""
    limit, before = read_int(request, "limit", 50, 1, 400), read_int(request, "before", 0, 0, 2**62)
    rows = await request.app[CHAT].history(limit + 1, before or None)
    following = rows[limit - 1]["id"] if len(rows) > limit else None
    room = request.app[CHAT]
    more = {"session": room.session, "sessions": room.sessions, "next": following}
    return reply(envelope(_answers(request).now, rows[:limit], **more))


async def join(request: web.Request) -> web.Response:
    """Go on with another conversation: `{"session"}` is web or telegram."""
    await request.app[CHAT].join(text_of(await read_object(request), "session"))
    return await chat_history(request)


async def say(request: web.Request) -> web.Response:
    """One chat turn: `{"text"}` in, the replies out."""
    said = await request.app[CHAT].say(text_of(await read_object(request), "text"))
    return reply(envelope(_answers(request).now, said))


async def press(request: web.Request) -> web.Response:
    """A button of a reply: `{"action"}` in, the replies out."""
    said = await request.app[CHAT].press(text_of(await read_object(request), "action"))
    return reply(envelope(_answers(request).now, said))


async def picture(request: web.Request) -> web.Response:
    """A picture that a reply showed."""
    png = request.app[CHAT].picture(request.match_info["name"])
    if png is None:
        raise Refused("That picture is no longer kept.", "not_found", "Ask for it again.")
    return web.Response(
        body=png, content_type="image/png", headers={"Cache-Control": "private, max-age=3600"}
    )


async def carry_out(request: web.Request) -> web.Response:
    """Carry out an intent of the registry; the body holds its slots. What needs a yes answers a proposal."""
    intent = request.match_info.get("intent") or request.path.rpartition("/")[2]
    return reply(_told(request, await _carry_out(request, intent, await read_object(request))))


async def _carry_out(request: web.Request, intent: str, slots: Mapping[str, Any]) -> Outcome:
    registry, actor = request.app[DEPS].registry, request.app[CHAT].actor
    return await registry.carry_out(registry.request(intent, slots, actor, _command_id(request)))


def _command_id(request: web.Request) -> str:
    """The caller's Idempotency-Key, so that a repeated click is the same command; else a fresh one."""
    given = request.headers.get("Idempotency-Key", "")
    return f"web:{given}" if COMMAND_ID.fullmatch(given) else f"web:{secrets.token_hex(12)}"


def _told(request: web.Request, outcome: Outcome) -> dict[str, Any]:
    now = _answers(request).now
    if isinstance(outcome, Answer):
        view = outcome.view
        text, data = (view.text, view.data) if isinstance(view, TextView) else ("", {})
        return envelope(now, {"done": outcome.done, "text": text, "details": data, "proposal": None})
    shown = preview_out(outcome.token, outcome.preview, outcome.expires_wall_ms, outcome.one_button)
    return envelope(now, {"done": False, "text": shown.summary, "details": {}, "proposal": shown})
