"""The Telegram door: python-telegram-bot in Zyn's own loop.

It asks Telegram for updates itself, one long poll after another, so that every kind of trouble has its line
and its patience here: Telegram down, a wrong token, a second reader. None of it touches trading. Each update
goes through the gate; what the gate admits becomes a turn of the conversation.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from loguru import logger
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.ext import AIORateLimiter, Application, ContextTypes, TypeHandler
from telegram.request import BaseRequest, HTTPXRequest

from bot.gate import Gate, Paired
from bot.handlers.connection import Connection
from bot.handlers.outgoing import Outgoing, retry_seconds
from bot.handlers.ports import Conversation
from bot.handlers.turns import Turns
from core.agent.thinking import Ears
from core.clock import Clock, WallSeconds
from core.engine.entries import ALL, HELP
from core.engine.registry import Door, Registry
from core.model.views import Health

POLL_S = 25
KINDS = ["message", "callback_query"]
MENU_MAX = 12
# Calls at once, and the seconds in which as many may follow: 28 in any second, of 30 that Telegram takes.
PACE = (12.0, 0.75)
CONFLICT_WAIT_S, TOKEN_WAIT_S, WAIT_MAX_S = 30.0, 300.0, 30.0


class TelegramDoor:
    """One bot, one conversation. `run` is a supervised task that ends only by being cancelled."""

    def __init__(
        self,
        conversation: Conversation,
        gate: Gate,
        registry: Registry,
        clock: Clock,
        token: str,
        api_base_url: str,
        file_base_url: str,
        mode: str,
        console: Callable[[str], None],
        ears: Ears | None = None,
        request: BaseRequest | None = None,
    ) -> None:
        """`request` carries the calls instead of HTTP, for whoever measures without a network."""
        # The library's own opt-in to the type that its next version returns for waiting times.
        os.environ.setdefault("PTB_TIMEDELTA", "1")
        self._gate = gate
        self._registry = registry
        self._clock = clock
        self._console = console
        self._app = _application(token, api_base_url, file_base_url, request)
        self._app.add_handler(TypeHandler(Update, self._update))
        self._app.add_error_handler(_failed)
        self._connection = Connection(clock)
        self.outgoing = Outgoing(self._app.bot, clock, mode)
        self._turns = Turns(conversation, self.outgoing, clock, ears)
        self._next_update = 0
        self._failures = 0

    @property
    def application(self) -> Application[Any, Any, Any, Any, Any, Any]:
        """The library's own machine behind this door."""
        return self._app

    def health(self) -> Health:
        """Whether Telegram answers, for the status screen."""
        return self._connection.health()

    def when_up(self, callback: Callable[[], None]) -> None:
        """Call back whenever Telegram answers again, and when somebody is paired."""
        self._connection.when_up(callback)

    @property
    def up(self) -> bool:
        return self._connection.up

    def owners(self) -> tuple[int, ...]:
        """The chats that alerts go to; empty until somebody is allowed or paired."""
        return self._gate.owners()

    async def run(self) -> None:
        """Listen until cancelled. Trouble with Telegram is said once and waited out."""
        await self._gate.open()
        try:
            await self._until_done(self._app.initialize)
            await self._app.start()
            await self._welcome()
            while True:
                await self._until_done(self._poll)
        finally:
            await self._close()

    async def _until_done(self, step: Callable[[], Any]) -> None:
        """Try a step until Telegram lets it through."""
        while True:
            try:
                await step()
            except TelegramError as error:
                self._connection.lost(error)
                await self._clock.sleep(WallSeconds(self._patience(error)))
            else:
                self._failures = 0
                self._connection.found()
                return

    def _patience(self, error: TelegramError) -> float:
        """Seconds to wait before the next try."""
        self._failures += 1
        if isinstance(error, InvalidToken):
            return TOKEN_WAIT_S
        if isinstance(error, Conflict):
            return CONFLICT_WAIT_S
        if isinstance(error, RetryAfter):
            return retry_seconds(error) + 0.5
        return float(min(WAIT_MAX_S, 0.5 * 2 ** min(self._failures, 10)))

    async def _welcome(self) -> None:
        """What is said once the line stands: the menu to the phone, the pairing code to the console."""
        logger.info(f"Telegram listens as @{self._app.bot.username}.")
        if self._gate.code:
            link = f"https://t.me/{self._app.bot.username}?start={self._gate.code}"
            self._console(
                f"Telegram: to pair, send {self._gate.code} to @{self._app.bot.username} or open {link}"
            )
        await self.outgoing.drop_webhook()
        await self.outgoing.menu(menu_of(self._registry))

    async def _poll(self) -> None:
        updates = await self._app.bot.get_updates(
            offset=self._next_update or None, timeout=POLL_S, allowed_updates=KINDS
        )
        for update in updates:
            await self._app.process_update(update)
            self._next_update = update.update_id + 1

    async def _update(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        admission = await self._gate.admit(update)
        if isinstance(admission, Paired):
            self._connection.announce()
        self._turns.take(admission)

    async def _close(self) -> None:
        await self._turns.stop()
        if self._app.running:
            await self._app.stop()
        await self._app.shutdown()
        await self._app.bot.shutdown()  # the application leaves it open when it never came up


async def _failed(update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
    """An update that could not be judged is not acted on."""
    logger.opt(exception=context.error).error("An update from Telegram was not served")


def menu_of(registry: Registry) -> list[tuple[str, str]]:
    """The phone's command menu: at most 12 entries that open on this door, questions first, help last."""
    offered = [
        one for one in ALL if one.menu and Door.TELEGRAM in one.doors and one.intent in registry.entries
    ]
    shown = sorted(offered, key=lambda one: one is HELP)
    return [(entry.command, entry.summary) for entry in shown[:MENU_MAX]]


def _application(
    token: str, api_base_url: str, file_base_url: str, given: BaseRequest | None
) -> Application[Any, Any, Any, Any, Any, Any]:
    direct = {"trust_env": not _is_loopback(api_base_url)}
    request = HTTPXRequest(
        connection_pool_size=32, connect_timeout=5, read_timeout=10, write_timeout=10, pool_timeout=5,
        media_write_timeout=30, httpx_kwargs=direct,
    )  # fmt: skip
    polling = HTTPXRequest(connection_pool_size=2, connect_timeout=5, read_timeout=10, httpx_kwargs=direct)
    builder = Application.builder().token(token).base_url(api_base_url).base_file_url(file_base_url)
    builder = builder.request(given or request).get_updates_request(polling).updater(None)
    return builder.rate_limiter(AIORateLimiter(*PACE, max_retries=0)).build()


def _is_loopback(url: str) -> bool:
    """Whether a server on this machine is meant: no proxy of the environment stands in between."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
