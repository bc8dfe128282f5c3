"""One redacting log: no secret in any form, on any way in."""

from __future__ import annotations

import asyncio
import base64
import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from loguru import logger

from core.log import HIDDEN, Log, Redactor, open_log

CANARY = "cAn4ry/S3cret+with=signs"
BOT_TOKEN = "123456789:AAExxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"


@pytest.fixture
def console() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def log(tmp_path: Path, console: io.StringIO) -> Iterator[Log]:
    before = logging.root.handlers[:], logging.root.level
    log = open_log(tmp_path / "logs", [CANARY], console=console)
    yield log
    log.close()
    logging.captureWarnings(False)
    logging.root.handlers[:], logging.root.level = before


def lines_of(log: Log, folder: Path) -> str:
    log.close()
    return "".join(path.read_text() for path in sorted((folder / "logs").iterdir()))


def fail_holding_the_secret() -> None:
    key = CANARY
    raise ValueError(f"refused {key}")


@pytest.mark.parametrize(
    "text",
    [
        CANARY,
        quote(CANARY, safe=""),
        base64.b64encode(CANARY.encode()).decode(),
        base64.urlsafe_b64encode(CANARY.encode()).decode(),
        base64.b64encode(f"user:{CANARY}".encode()).decode(),
        base64.b64encode(f"AC12:{CANARY}".encode()).decode(),
        base64.b64encode(f"AC123:{CANARY}:more".encode()).decode(),
        f"https://api.telegram.org/bot{BOT_TOKEN}/getMe",
        "Bearer sk-proj-abcdefghijklmnopqrstuvwxyz",
        repr({"key": CANARY}),
    ],
)
def test_a_secret_is_hidden_in_every_form(text: str) -> None:
    hidden = Redactor([CANARY])(f"before {text} after")
    assert hidden.startswith("before ") and hidden.endswith(" after") and HIDDEN in hidden
    for clear in (CANARY, BOT_TOKEN, "abcdefghijklmnopqrstuvwxyz", quote(CANARY, safe="")):
        assert clear not in hidden
    for piece in re.findall(r"[A-Za-z0-9+/_-]{12,}={0,2}", hidden):
        assert "S3cret" not in base64.urlsafe_b64decode(piece + "==").decode("latin-1")


def test_ordinary_text_stays_as_it_is() -> None:
    line = "Bought 0.0153 ETH at 3,267.12 (order OABCDE-12345-ABCDEF) at 12:30:01"
    assert Redactor([CANARY, "", "abc"])(line) == line


def test_a_secret_learned_later_is_hidden_too() -> None:
    redact = Redactor()
    redact.add("one-time-link-token")
    assert redact("http://127.0.0.1:5000/login?token=one-time-link-token") == (
        f"http://127.0.0.1:5000/login?token={HIDDEN}"
    )


def test_the_canary_reaches_no_line_by_any_way(log: Log, tmp_path: Path, console: io.StringIO) -> None:
    logger.warning("plain {}", CANARY)
    logger.bind(correlation="c-17").info("bound {key}", key=CANARY)
    logging.getLogger("telegram").error("stdlib %s", CANARY)
    logging.getLogger("httpx").info("HTTP Request: POST https://host/bot%s/getMe", BOT_TOKEN)
    try:
        fail_holding_the_secret()
    except ValueError:
        logger.exception("failed")
        logging.getLogger("aiohttp").exception("failed again")
    text = lines_of(log, tmp_path)
    assert CANARY not in text + console.getvalue()
    assert BOT_TOKEN not in text + console.getvalue()
    assert f"plain {HIDDEN}" in text and "c-17" in text and "ValueError: refused ***" in text
    assert "HTTP Request" not in text


def test_every_line_says_when_how_bad_and_which_order(log: Log, tmp_path: Path) -> None:
    with logger.contextualize(correlation="ETH/USD@300"):
        logger.info("order sent: 100% {}", "{braces}")
    text = lines_of(log, tmp_path)
    assert re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\+00:00 INFO +ETH/USD@300 \S*test_log:\d+ order", text
    )
    assert text.endswith("order sent: 100% {braces}\n")


def test_only_trouble_is_shown_on_the_console(log: Log, console: io.StringIO) -> None:
    logger.info("quiet")
    logger.warning("Kraken does not answer")
    assert console.getvalue() == "WARNING: Kraken does not answer\n"


def test_a_terminal_that_went_away_stops_nothing(tmp_path: Path) -> None:
    gone = io.StringIO()
    gone.close()
    before = logging.root.handlers[:], logging.root.level
    with open_log(tmp_path / "logs", [], console=gone) as log:
        logger.error("still running")
        assert "still running" in lines_of(log, tmp_path)
    logging.captureWarnings(False)
    logging.root.handlers[:], logging.root.level = before


async def test_logging_from_the_loop_does_not_wait_for_the_disk(log: Log, tmp_path: Path) -> None:
    for number in range(200):
        logger.info("line {}", number)
    assert (await asyncio.to_thread(lines_of, log, tmp_path)).count("\n") == 200
