"""A voice note becomes the words the owner said, shown before anything comes of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from telegram.error import TelegramError

from bot.gate import Note
from core.agent.thinking import Ears, Unheard

LONGEST_S, LARGEST = 300, 20 * 1024 * 1024  # the Bot API hands out no larger file
_NO_EARS = "I cannot listen without a key: voice notes need OPENAI_API_KEY. Write it to me, please."
_TOO_LONG = f"That note is too long for me; up to {LONGEST_S // 60} minutes, please, or write it to me."


class NotHeard(Exception):
    """Why a note gave no words, in a line for the owner."""


class Voice:
    """Fetches a note and has it transcribed."""

    def __init__(self, fetch: Callable[[str], Awaitable[bytes]], ears: Ears | None) -> None:
        self._fetch = fetch
        self._ears = ears

    async def words(self, note: Note) -> str:
        """What the owner said. Raises NotHeard."""
        if self._ears is None:
            raise NotHeard(_NO_EARS)
        if note.seconds > LONGEST_S or note.size > LARGEST:
            raise NotHeard(_TOO_LONG)
        try:
            words = await self._ears.words(await self._fetch(note.file_id), note.name)
        except (TelegramError, Unheard) as error:
            raise NotHeard(
                f"I could not understand your voice note ({error}). Nothing was done. Write it to me, please."
            ) from error
        if not words:
            raise NotHeard("I heard no words in that note. Say it again, or write it to me.")
        return words
