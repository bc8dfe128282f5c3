"""zyn ask: one chat turn that shows what would happen and never does it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Awaitable, Coroutine, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.cli.options import add_config_options, config_of
from bot.control import ControlClient, Question
from core.model.errors import ConfigError
from core.store.instance import running_pid
from core.trading_config import Config

BRAINS = ("auto", "offline", "openai")


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("ask", help="one chat turn, dry: shows what would happen")
    parser.add_argument("text", nargs="?", help="what you would type in chat")
    parser.add_argument("--batch", type=Path, metavar="FILE.jsonl", help="one turn a line, one JSON line out")
    parser.add_argument("--json", action="store_true", help="print the whole answer as JSON")
    parser.add_argument("--session", default="ask", metavar="ID", help="the conversation it belongs to")
    parser.add_argument("--now", default="", metavar="ISO", help="the moment that dates are counted from")
    parser.add_argument("--brain", default="auto", choices=BRAINS, help="who reads the text")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int | Coroutine[Any, Any, int]:
    """Answer one text or a file of them. Raises ConfigError, Refused, StoreError."""
    if args.batch is not None:
        return _batch(args.batch)
    if not (args.text or "").strip():
        raise ConfigError(["ask: say something, such as zyn ask 'how are we doing?'"])
    question = Question(args.text, args.session, _moment(args.now), args.brain)
    config = config_of(args)
    found = _ask_stored_data if running_pid(config.world_dir) is None else _ask_the_one_that_runs
    return _print_answer(found(question, config), args.json)


async def _print_answer(asked: Awaitable[Mapping[str, Any]], as_json: bool) -> int:
    answer = await asked
    print(json.dumps(answer, default=str) if as_json else answer["reply"])
    return 0


def _batch(path: Path) -> int:
    """No network, no data folder, no running service: pairs come from a bundled table."""
    if not path.is_file():
        raise ConfigError([f"--batch {path}: there is no such file"])
    from core.agent.batch import run_batch

    return run_batch(path, sys.stdout)


def _moment(text: str) -> str:
    if not text:
        return ""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ConfigError([f"--now {text}: write a moment such as 2026-11-20T15:00:00Z"]) from None
    if moment.tzinfo is None:
        raise ConfigError([f"--now {text}: say which zone, such as 2026-11-20T15:00:00Z"])
    return text


async def _ask_the_one_that_runs(question: Question, config: Config) -> Mapping[str, Any]:
    async with ControlClient.connect(config.world_dir) as client:
        return {**await client.ask("ask", dry=True, **asdict(question)), "source": "running"}


async def _ask_stored_data(question: Question, config: Config) -> Mapping[str, Any]:
    from bot.offline import offline_rehearsal

    print("Zyn is not running: answered from stored data.", file=sys.stderr)
    async with offline_rehearsal(config) as rehearsal:
        return {**await rehearsal.rehearse(question), "source": "stored"}
