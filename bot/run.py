"""The interactive shell: the same commands as in every chat, at a terminal or through a pipe.

Replies are plain text; a reply's buttons are numbered, and their number presses them.
"""

from __future__ import annotations

import asyncio
import os
import stat
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from bot.control import Said

PROMPT = "zyn> "
LEAVING = frozenset({"exit", "quit", "bye", "/exit", "/quit", ":q"})


class Line(Protocol):
    """A conversation as one session of the shell."""

    async def hear(self, text: str) -> Sequence[Said]: ...

    async def press(self, action: str) -> Sequence[Said]: ...


class Lines(Protocol):
    """What is typed, line by line."""

    async def next(self) -> str | None:
        """The next line without its end, or None when there are no more."""
        ...


class Shell:
    """Reads lines, passes them on and shows what comes back."""

    def __init__(self, line: Line, lines: Lines, show: Callable[[str], None], prompt: str = "") -> None:
        """`prompt` is shown before every line; empty where nobody is looking."""
        self._line = line
        self._lines = lines
        self._show = show
        self._prompt = prompt
        self._choices: list[tuple[str, str]] = []

    async def run(self) -> None:
        """Serve until the lines end or the owner leaves."""
        while (typed := await self._typed()) is not None:
            text = typed.strip()
            if text.lower() in LEAVING:
                return
            if text:
                self._tell(await self._answers(text))

    async def _typed(self) -> str | None:
        if self._prompt:
            self._show(self._prompt)
        return await self._lines.next()

    async def _answers(self, text: str) -> Sequence[Said]:
        action = self._chosen(text)
        return await (self._line.hear(text) if action is None else self._line.press(action))

    def _chosen(self, text: str) -> str | None:
        """The action of the button whose number was typed, while there are buttons."""
        if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= len(self._choices):
            return None
        return self._choices[int(text) - 1][1]

    def _tell(self, replies: Sequence[Said]) -> None:
        self._choices = [button for reply in replies for button in reply.buttons]
        number = 0
        for reply in replies:
            self._show(f"{reply.text}\n")
            for label, _ in reply.buttons:
                number += 1
                self._show(f"  {number}) {label}\n")


class TypedLines:
    """Lines from a file descriptor without blocking the loop: a terminal, a pipe or a file."""

    def __init__(self) -> None:
        self._left = b""
        self._lines: deque[str] = deque()
        self._ended = False
        self._news = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def of(cls, descriptor: int) -> AsyncIterator[TypedLines]:
        lines = cls()
        loop = asyncio.get_running_loop()
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            while not lines._ended:  # a file never keeps anybody waiting
                lines._read(descriptor)
            yield lines
            return
        loop.add_reader(descriptor, lines._read, descriptor)
        try:
            yield lines
        finally:
            loop.remove_reader(descriptor)

    def _read(self, descriptor: int) -> None:
        try:
            found = os.read(descriptor, 65_536)
        except OSError:
            found = b""  # the terminal is gone
        *whole, self._left = (self._left + found).split(b"\n")
        if not found:
            self._ended = True
            whole = [*whole, self._left] if self._left else whole
            asyncio.get_running_loop().remove_reader(descriptor)
        self._lines.extend(one.decode(errors="replace").rstrip("\r") for one in whole)
        self._news.set()

    async def next(self) -> str | None:
        while not self._lines and not self._ended:
            self._news.clear()
            await self._news.wait()
        return self._lines.popleft() if self._lines else None
