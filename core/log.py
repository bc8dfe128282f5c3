"""The one place where loguru is set up: one redacting sink, a file that rotates, a console for trouble.

No secret reaches a line: each is replaced by value in every form it travels in (raw, URL-encoded, base64),
and bot tokens and API keys by their shape. Tracebacks are shown without the values of their variables.
"""

from __future__ import annotations

import base64
import json
import logging
import re
import sys
from collections.abc import Iterable, Iterator
from logging.handlers import QueueListener, RotatingFileHandler
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self, TextIO
from urllib.parse import quote, quote_plus

from loguru import logger

if TYPE_CHECKING:
    from loguru import Record

HIDDEN = "***"
SHORTEST = 4  # characters; anything shorter would blot out ordinary text
LARGEST = 5_000_000  # bytes of one file
KEPT = 9  # older files beside it
_SHAPES = (r"\d{5,12}:[A-Za-z0-9_-]{30,}", r"\bsk-[A-Za-z0-9_-]{16,}")  # bot tokens, OpenAI keys
_LINE = "{time:YYYY-MM-DD HH:mm:ss.SSSZ} {level: <8} {extra[correlation]} {name}:{line} {message}"
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_CONSOLE = "{level}: {message}\n"


class Redactor:
    """Replaces secrets in text. More may be added while it runs, such as a login link's token."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern = re.compile("|".join(_SHAPES))
        self.add(*secrets)

    def add(self, *secrets: str) -> None:
        for secret in secrets:
            self._forms.update(form for form in _forms(secret) if len(form) >= SHORTEST)
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join([*map(re.escape, longest_first), *_SHAPES]))

    def __call__(self, text: str) -> str:
        return self._pattern.sub(HIDDEN, text)


class Log:
    """The log of one running world. Made by `open_log`; `close` writes what is left."""

    def __init__(self, redact: Redactor, listener: QueueListener) -> None:
        self.redact = redact
        self._listener = listener
        self._closed = False

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        logger.remove()
        self._listener.stop()
        for handler in self._listener.handlers:
            handler.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_log(folder: Path, secrets: Iterable[str], level: str = "INFO", console: TextIO | None = None) -> Log:
    """Send every log line to <folder>/zyn.log, and warnings to the console (standard error by default).

    Called once, by the composition root. The file is written by a thread of its own.
    """
    folder.mkdir(parents=True, exist_ok=True)
    redact, lines = Redactor(secrets), SimpleQueue[logging.LogRecord]()
    file = RotatingFileHandler(folder / "zyn.log", maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8")
    file.setFormatter(logging.Formatter("%(message)s"))
    listener = QueueListener(lines, file)
    listener.start()
    shown = console or sys.stderr
    logger.remove()
    logger.configure(extra={"correlation": "-"})
    safe: dict[str, Any] = {"backtrace": False, "diagnose": False, "colorize": False}
    logger.add(lambda message: lines.put(_as_record(redact(message))), format=_LINE, level=level, **safe)
    logger.add(lambda message: _show(shown, redact(message)), format=_console, level="WARNING", **safe)
    _take_over_stdlib_logging()
    return Log(redact, listener)


def _forms(secret: str) -> Iterator[str]:
    """Every shape in which a secret may stand in a line."""
    if len(secret) < SHORTEST:
        return
    yield from (secret, quote(secret, safe=""), quote(secret), quote_plus(secret))
    yield from (repr(secret)[1:-1], json.dumps(secret)[1:-1])
    raw = secret.encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).decode().rstrip("=")
        yield from _inside_base64(raw, encode)


def _inside_base64(raw: bytes, encode: Any) -> Iterator[str]:
    """What base64 makes of the secret behind 0, 1 or 2 other bytes, as in `Basic user:secret`."""
    for before in range(3):
        text = encode(b"\0" * before + raw).decode().rstrip("=")
        first = (before * 8 + 5) // 6
        last = (before + len(raw)) * 8 // 6
        if last - first >= 8:  # shorter pieces may be anything
            yield text[first:last]


def _console(record: Record) -> str:
    """Without the traceback that a plain format would bring: the file has it."""
    return _CONSOLE


def _as_record(text: str) -> logging.LogRecord:
    return logging.LogRecord("zyn", logging.INFO, "", 0, text.rstrip("\n"), (), None)


def _show(console: TextIO, text: str) -> None:
    try:
        console.write(text)
    except (OSError, ValueError):
        pass  # the terminal went away; the file has it


class _ToLoguru(logging.Handler):
    """Hands the lines of libraries that use logging to loguru."""

    def emit(self, record: logging.LogRecord) -> None:
        def came_from(kept: Record) -> None:
            kept["name"], kept["line"] = record.name, record.lineno

        spoken = logger.patch(came_from).opt(exception=record.exc_info)
        level = record.levelname if record.levelname in _LEVELS else record.levelno
        spoken.log(level, "{}", record.getMessage())


def _take_over_stdlib_logging() -> None:
    """Libraries speak from WARNING on: httpx would print a URL with the bot token for every call."""
    logging.basicConfig(handlers=[_ToLoguru()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
