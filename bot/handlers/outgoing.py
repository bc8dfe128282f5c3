"""Everything Zyn sends on Telegram: replies in pages, edits in place, small signs of life.

Answers are sent until they arrive: passing network trouble and 429 are waited out. Signs of life (typing,
drafts, toasts, a removed keyboard) are best effort, for a server that does not know them answers 404, which
the library reads as a wrong token.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from loguru import logger
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, InputFile, Message
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, NetworkError, RetryAfter, TelegramError
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from bot.format_html import Page, pages
from core.agent.replies import Button, Reply, Style
from core.clock import Clock, WallSeconds

ATTEMPTS = 6
EDITS_A_MINUTE, _MINUTE_S = 20, 60.5
Sent = TypeVar("Sent")
_STYLES = {Style.CONFIRM: "success", Style.DANGER: "danger"}
_UNCHANGED, _UNPARSED = "message is not modified", "can't parse entities"


def retry_seconds(error: RetryAfter) -> float:
    """How long the server asks to wait."""
    wait = error.retry_after
    return float(wait) if isinstance(wait, int) else wait.total_seconds()


class Outgoing:
    """The bot's hands. `mode` is said under a reply that does not say it itself."""

    def __init__(self, bot: Bot, clock: Clock, mode: str) -> None:
        self._bot = bot
        self._clock = clock
        self._mode = mode
        self._edits: defaultdict[int, deque[float]] = defaultdict(deque)  # by chat: so Telegram counts them

    def edit_wait(self, chat_id: int, kept: int = 0) -> float:
        """Seconds until Telegram's limit of edits a minute in this chat lets one more through, `kept` held
        back. What all chats together may have in a second is the rate limiter's of the library."""
        edits, now = self._edits[chat_id], self._clock.monotonic()
        while edits and edits[0] <= now - _MINUTE_S:
            edits.popleft()
        over = len(edits) - (EDITS_A_MINUTE - 1 - kept)
        return max(0.0, edits[over] + _MINUTE_S - now) if over >= 0 else 0.0

    def _edited(self, chat_id: int) -> None:
        self._edits[chat_id].append(self._clock.monotonic())

    async def reply(self, chat_id: int, reply: Reply) -> int:
        """Send every page of a reply; the last one's message. Raises TelegramError when it did not arrive."""
        message_id = 0
        for page in self.drawn(reply):
            message_id = (await self.page(chat_id, page)).message_id
        return message_id

    async def page(self, chat_id: int, page: Page, *, silent: bool = False) -> Message:
        """Send one page until it arrives; as plain text when the markup is refused."""
        return await self._patiently(lambda: self.page_once(chat_id, page, silent=silent))

    async def page_once(self, chat_id: int, page: Page, *, silent: bool = False) -> Message:
        """Send one page, trying the network once."""
        try:
            return await self._send(chat_id, page, page.html, ParseMode.HTML, silent)
        except BadRequest as error:
            if _UNPARSED not in str(error).lower():
                raise
            logger.error(f"Telegram could not read our markup, sent as plain text: {error}")
            return await self._send(chat_id, page, page.plain, None, silent)

    async def fetch(self, file_id: str) -> bytes:
        """A file that the owner sent. Raises TelegramError."""
        file = await self._bot.get_file(file_id)
        return bytes(await file.download_as_bytearray())

    async def edit(self, chat_id: int, message_id: int, reply: Reply) -> None:
        """Bring a message up to date in place; what does not fit in one page is sent anew."""
        shown = self.drawn(reply)
        if len(shown) > 1 or shown[0].picture or self.edit_wait(chat_id) > 0:
            await self.reply(chat_id, reply)
            return
        try:
            await self._patiently(lambda: self._edit(chat_id, message_id, shown[0]))
        except BadRequest as error:
            if _UNCHANGED not in str(error).lower():
                await self.reply(chat_id, reply)

    async def edit_once(self, chat_id: int, message_id: int, reply: Reply) -> None:
        """Bring a message up to date, trying the network once. A message that is gone is sent anew."""
        page = self.drawn(reply)[0]
        try:
            await self._edit(chat_id, message_id, page)
        except BadRequest as error:
            if _UNCHANGED not in str(error).lower():
                await self.page_once(chat_id, page, silent=True)

    async def react(self, chat_id: int, message_id: int, emoji: str) -> None:
        """Nod at the owner's own words, where the server knows how."""
        await self._lightly(self._bot.set_message_reaction(chat_id, message_id, emoji))

    async def delete(self, chat_id: int, message_id: int) -> None:
        await self._lightly(self._bot.delete_message(chat_id, message_id))

    async def typing(self, chat_id: int) -> None:
        await self._lightly(self._bot.send_chat_action(chat_id, ChatAction.TYPING))

    async def draft(self, chat_id: int, draft_id: int, text: str) -> bool:
        """Show a growing answer; False when the server does not know drafts."""
        return await self._lightly(self._bot.send_message_draft(chat_id, draft_id, text))

    async def toast(self, query_id: str, text: str = "") -> None:
        """End a button's waiting, with a short note when there is one."""
        await self._lightly(self._bot.answer_callback_query(query_id, text=text or None))

    async def strip_buttons(self, chat_id: int, message_id: int) -> None:
        if self.edit_wait(chat_id) > 0:
            return  # a second tap on them does nothing anyway
        self._edited(chat_id)
        await self._lightly(self._bot.edit_message_reply_markup(chat_id, message_id, reply_markup=None))

    async def drop_webhook(self) -> None:
        """Make long polling possible for a bot that once had a webhook; waiting updates are kept."""
        await self._lightly(self._bot.delete_webhook(drop_pending_updates=False))

    async def menu(self, commands: list[tuple[str, str]]) -> None:
        """Fill the command menu, best effort."""
        await self._lightly(self._bot.set_my_commands([BotCommand(name, text) for name, text in commands]))

    def drawn(self, reply: Reply) -> list[Page]:
        """The pages of a reply, the world named under the last one."""
        drawn, world = pages(reply), f"[{self._mode}]"
        if any(world in page.plain for page in drawn):
            return drawn
        last = drawn[-1]
        html, plain = f"{last.html}\n<i>{world}</i>", f"{last.plain}\n{world}"
        return [*drawn[:-1], Page(html, plain, last.buttons, last.picture)]

    async def _send(self, chat_id: int, page: Page, text: str, mode: str | None, silent: bool) -> Message:
        look: dict[str, Any] = {
            "parse_mode": mode, "reply_markup": _markup(page), "disable_notification": silent or None,
        }  # fmt: skip
        if page.picture is None:
            return await self._bot.send_message(chat_id, text, **look)
        photo = InputFile(page.picture.png, filename="chart.png")
        return await self._bot.send_photo(chat_id, photo, caption=text, **look)

    async def _edit(self, chat_id: int, message_id: int, page: Page) -> Message | bool:
        markup = _markup(page)
        self._edited(chat_id)
        try:
            return await self._bot.edit_message_text(
                page.html, chat_id, message_id, parse_mode=ParseMode.HTML, reply_markup=markup
            )
        except BadRequest as error:
            if _UNPARSED not in str(error).lower():
                raise
            self._edited(chat_id)
            return await self._bot.edit_message_text(page.plain, chat_id, message_id, reply_markup=markup)

    async def _patiently(self, send: Callable[[], Awaitable[Sent]]) -> Sent:
        """Once as it is, which is nearly always enough; else again and again with patience."""
        try:
            return await send()
        except TelegramError as error:
            if not _passing(error):
                raise
            await self._sleep(_wait_for(error, 1))
        retrying = AsyncRetrying(
            stop=stop_after_attempt(ATTEMPTS - 1), wait=_wait, retry=retry_if_exception(_passing),
            sleep=self._sleep, reraise=True,
        )  # fmt: skip
        async for attempt in retrying:
            with attempt:
                return await send()
        raise AssertionError("the last attempt raises or returns")

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep(WallSeconds(seconds))

    async def _lightly(self, call: Awaitable[object]) -> bool:
        try:
            await call
        except TelegramError as error:
            logger.debug(f"Telegram would not: {type(error).__name__}")
            return False
        return True


def _passing(error: BaseException) -> bool:
    """Whether another try may help: BadRequest is a NetworkError to the library, but no network trouble."""
    return isinstance(error, (NetworkError, RetryAfter)) and not isinstance(error, BadRequest)


def _wait(state: RetryCallState) -> float:
    return _wait_for(state.outcome.exception() if state.outcome else None, state.attempt_number + 1)


def _wait_for(error: BaseException | None, tries: int) -> float:
    """Seconds to wait after so many tries."""
    if isinstance(error, RetryAfter):
        return retry_seconds(error) + 0.1
    return float(min(8.0, 0.25 * 2**tries))


def _markup(page: Page) -> InlineKeyboardMarkup | None:
    rows = [[_button(button) for button in row] for row in page.buttons]
    return InlineKeyboardMarkup(rows) if rows else None


def _button(button: Button) -> InlineKeyboardButton:
    return InlineKeyboardButton(button.label, callback_data=button.action, style=_STYLES.get(button.style))
