"""zyn init: the few questions, and the .env that comes of them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from getpass import getpass
from pathlib import Path
from typing import Any

from bot.cli.options import ENV_FILE, dotenv_of
from core.model.errors import ConfigError, Refused
from core.trading_config import LIVE_ACK, Mode, load

SHORTEST_PASSWORD = 12
_BARE = re.compile(r"[A-Za-z0-9_./:@,+=-]*")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("init", help="asks the few questions and writes .env")
    parser.add_argument("--env-file", type=Path, metavar="FILE", help="write this instead of .env")


def run(args: argparse.Namespace) -> int:
    """Ask, check everything together, then write. Raises ConfigError, Refused; nothing is half-written."""
    path = args.env_file or ENV_FILE
    problems: list[str] = []
    known = dotenv_of(path, problems) if path.exists() else {}
    if problems:
        raise ConfigError(problems)
    ask = Questions(known, _typed, _typed_unseen)
    answers = asked(ask)
    load({}, {**known, **answers})
    write(path, answers)
    print(f"Wrote {path}; only you can read it. Now: zyn doctor, then zyn.")
    return 0


@dataclass(frozen=True, slots=True)
class Questions:
    """Puts questions; Enter keeps what is known or the default."""

    known: Mapping[str, str]
    typed: Callable[[str], str]
    unseen: Callable[[str], str]

    def plain(self, name: str, words: str, default: str = "") -> str:
        shown = self.known.get(name, default)
        return self.typed(f"{words}{f' [{shown}]' if shown else ''}: ").strip() or shown

    def secret(self, name: str, words: str) -> str:
        known = self.known.get(name, "")
        return self.unseen(f"{words}{' (set; Enter keeps it)' if known else ''}: ").strip() or known


def asked(ask: Questions) -> dict[str, str]:
    """The answers by variable, only those that say something."""
    answers = {"ZYN_MODE": ask.plain("ZYN_MODE", "World: demo, paper, validate or live", "demo")}
    if answers["ZYN_MODE"] in (Mode.VALIDATE, Mode.LIVE):
        answers["KRAKEN_API_KEY"] = ask.secret(
            "KRAKEN_API_KEY", "Kraken API key (it must not be able to withdraw)"
        )
        answers["KRAKEN_API_SECRET"] = ask.secret("KRAKEN_API_SECRET", "Kraken API secret")
    if answers["ZYN_MODE"] == Mode.LIVE:
        question = f"Live trades real money. Type '{LIVE_ACK}' to go on"
        answers["ZYN_LIVE_ACK"] = ask.plain("ZYN_LIVE_ACK", question)
    answers["TELEGRAM_BOT_TOKEN"] = ask.secret("TELEGRAM_BOT_TOKEN", "Telegram bot token (Enter: none)")
    if answers["TELEGRAM_BOT_TOKEN"]:
        words = "Your Telegram user id (Enter: pair by a code at the start)"
        answers["TELEGRAM_ALLOWED_USER_IDS"] = ask.plain("TELEGRAM_ALLOWED_USER_IDS", words)
    answers["OPENAI_API_KEY"] = ask.secret("OPENAI_API_KEY", "OpenAI key (Enter: the offline brain answers)")
    answers["ZYN_OWNER_NAME"] = ask.plain("ZYN_OWNER_NAME", "Your name", "jimmy")
    answers["ZYN_TIMEZONE"] = ask.plain("ZYN_TIMEZONE", "Your time zone, such as Europe/Berlin", "UTC")
    answers["WEB_PASSWORD"] = _password(ask)
    return {name: value for name, value in answers.items() if value}


def _password(ask: Questions) -> str:
    """Hashed with argon2id, so that the file does not tell it."""
    known = ask.known.get("WEB_PASSWORD", "")
    given = ask.secret(
        "WEB_PASSWORD", f"Password for the pages, {SHORTEST_PASSWORD} or more (Enter: login links)"
    )
    if not given or given == known:
        return known
    if len(given) < SHORTEST_PASSWORD:
        raise Refused(
            f"A password needs {SHORTEST_PASSWORD} characters or more.", "password", "Nothing was written."
        )
    from web.password import hash_password

    return hash_password(given)


def write(path: Path, answers: Mapping[str, str]) -> None:
    """Put the answers into the file, keeping its other lines; mode 0600, whole or not at all."""
    lines = path.read_text(encoding="utf-8-sig").splitlines() if path.exists() else []
    kept = [line for line in lines if _name_of(line) not in answers]
    text = "\n".join([*kept, *(f"{name}={_quoted(value)}" for name, value in answers.items())]) + "\n"
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, path)
    except OSError as error:
        raise Refused(f"{path} cannot be written ({error.strerror}).", "unwritable") from error


def _name_of(line: str) -> str:
    return line.partition("=")[0].strip().removeprefix("export ").strip()


def _quoted(value: str) -> str:
    if _BARE.fullmatch(value):
        return value
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _typed(prompt: str) -> str:
    try:
        return input(prompt)
    except EOFError:
        raise Refused("The questions were not all answered.", "no_answers", "Nothing was written.") from None


def _typed_unseen(prompt: str) -> str:
    return getpass(prompt) if sys.stdin.isatty() else _typed(prompt)
