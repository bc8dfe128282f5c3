"""Whether Telegram can be reached, said once when lost and once when back."""

from __future__ import annotations

from collections.abc import Callable

from loguru import logger
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError, TimedOut

from core.clock import Clock
from core.model.views import Health

NAME = "telegram"


def trouble(error: TelegramError) -> str:
    """One line for the owner: what happened, what Zyn does, what can be done. Never the error's own text,
    for that may carry the token."""
    if isinstance(error, InvalidToken):
        return (
            "Telegram refuses the bot's token. Everything else goes on without it. "
            "Put the token from @BotFather into TELEGRAM_BOT_TOKEN and start Zyn again."
        )
    if isinstance(error, Conflict):
        return (
            "Another program reads this bot's messages (Telegram says 409). Trading goes on, I keep asking. "
            "Stop the other one, or give Zyn a bot of its own."
        )
    if isinstance(error, RetryAfter):
        return "Telegram asks for patience (429). Trading goes on; messages wait and will be delivered."
    what = "does not answer in time" if isinstance(error, TimedOut) else "cannot be reached"
    return (
        f"Telegram {what}. Trading goes on; I keep trying, and messages wait until it is back. "
        "Check the network and TELEGRAM_API_BASE_URL."
    )


class Connection:
    """The state of the line. `up` before the first contact is False without a word."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lost_since: int | None = None
        self._text = "not connected yet"
        self._when_up: list[Callable[[], None]] = []
        self.up = False

    def when_up(self, callback: Callable[[], None]) -> None:
        """Call back whenever Telegram answers again."""
        self._when_up.append(callback)

    def lost(self, error: TelegramError) -> None:
        text = trouble(error)
        if self._lost_since is None:
            self._lost_since = self._clock.wall_ms()
        if text != self._text:
            logger.warning(text)
        self._text, self.up = text, False

    def found(self) -> None:
        if self._lost_since is not None:
            minutes = (self._clock.wall_ms() - self._lost_since) / 60_000
            logger.info(f"Telegram is back after {minutes:.1f} minutes.")
        was_up, self.up = self.up, True
        self._lost_since, self._text = None, "connected"
        if not was_up:
            self.announce()

    def announce(self) -> None:
        """Tell whoever waits for the line that something can be sent now."""
        for callback in self._when_up:
            callback()

    def health(self) -> Health:
        return Health(NAME, self.up, self._text, self._lost_since or 0)
