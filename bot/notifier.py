"""The telegram channel of the outbox pump: what jimmy must learn, as push messages."""

from __future__ import annotations

from collections.abc import Callable

from telegram.error import BadRequest, Forbidden, RetryAfter, TelegramError

from bot.handlers.outgoing import Outgoing, retry_seconds
from core.agent.replies import Block, Button, Buttons, Reply, Text
from core.model.errors import RateLimited, Rejected, Transient
from core.model.events import Announcement, EventKind, Severity

_BY_KIND = {
    EventKind.STARTED: "👋", EventKind.STOPPED: "💤", EventKind.FILL: "💱", EventKind.POSITION_CLOSED: "🏁",
    EventKind.FLATTEN: "🧹", EventKind.PAUSED: "⏸", EventKind.RESUMED: "▶️", EventKind.TRADING: "▶️",
    EventKind.RECOVERED: "✅", EventKind.REARMED: "✅", EventKind.STOP_RESTORED: "✅",
    EventKind.DAILY_SUMMARY: "📊",
}  # fmt: skip
_BY_SEVERITY = {Severity.WARNING: "⚠️", Severity.CRITICAL: "🚨"}
_NEVER_LEFT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError")
_REPEATED = "(Sent again: the first try got no answer.)"


class TelegramChannel:
    """Delivers one announcement to every owner; what one of them already has is not sent to them twice."""

    name = "telegram"

    def __init__(self, outgoing: Outgoing, owners: Callable[[], tuple[int, ...]]) -> None:
        self._outgoing = outgoing
        self._owners = owners
        self._have: set[tuple[str, int]] = set()  # of announcements that are still on their way
        self._unsure: set[tuple[str, int]] = set()

    def wants(self, announcement: Announcement) -> bool:
        return announcement.severity > Severity.DEBUG

    async def deliver(self, announcement: Announcement) -> None:
        """Push it once. Raises Transient, RateLimited or Rejected."""
        owners = self._owners()
        if not owners:
            raise Transient("nobody is paired on Telegram yet")
        for chat_id in owners:
            if (announcement.key, chat_id) not in self._have:
                await self._push(announcement, chat_id)
        self._have -= {(announcement.key, chat_id) for chat_id in owners}

    async def _push(self, announcement: Announcement, chat_id: int) -> None:
        pushed = (announcement.key, chat_id)
        silent = announcement.severity < Severity.TRADE
        try:
            for page in self._outgoing.drawn(alert(announcement, repeated=pushed in self._unsure)):
                await self._outgoing.page_once(chat_id, page, silent=silent)
        except RetryAfter as error:
            raise RateLimited("Telegram asks for patience", retry_seconds(error)) from error
        except (BadRequest, Forbidden) as error:
            raise Rejected(f"Telegram refused the alert: {type(error).__name__}") from error
        except TelegramError as error:
            if _may_have_arrived(error):
                self._unsure.add(pushed)
            raise Transient(f"Telegram could not be reached: {type(error).__name__}") from error
        self._unsure.discard(pushed)
        self._have.add(pushed)


def _may_have_arrived(error: TelegramError) -> bool:
    """Whether the request left and only its answer is missing; an HTTP status is an answer."""
    cause = error.__cause__
    return cause is not None and type(cause).__name__ not in _NEVER_LEFT


def alert(announcement: Announcement, *, repeated: bool = False) -> Reply:
    """An announcement as a message: its sign, its line, and the question it invites."""
    sign = _BY_SEVERITY.get(announcement.severity) or _BY_KIND.get(announcement.kind, "ℹ️")
    first, _, rest = announcement.text.partition("\n")
    blocks: list[Block] = [Text(f"{sign} {first}", strong=announcement.severity >= Severity.WARNING)]
    blocks += [Text(part) for part in (rest, _REPEATED if repeated else "") if part]
    symbol = announcement.data.get("symbol")
    if announcement.kind in (EventKind.FILL, EventKind.POSITION_CLOSED) and isinstance(symbol, str):
        coin = symbol.partition("/")[0]
        blocks.append(Buttons((Button("Why?", f"ask:/why {coin}"), Button("Positions", "ask:/positions"))))
    return Reply(tuple(blocks))
