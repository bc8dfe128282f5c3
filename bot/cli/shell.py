"""zyn shell: talk with Zyn at a terminal, with the one that runs or with one started for it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine
from typing import Any

from bot.cli.options import add_config_options, config_of
from bot.control import ControlClient, LocalLine, RemoteLine
from bot.run import PROMPT, Line, Shell, TypedLines
from core.store.instance import running_pid
from core.trading_config import Config


def add_parser(commands: Any) -> None:
    add_config_options(commands.add_parser("shell", help="talk with Zyn here: same commands as chat"))


def run(args: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """Serve one terminal. Raises ConfigError, StoreError."""
    config = config_of(args)
    alone = running_pid(config.world_dir) is None
    return _with_a_zyn_of_its_own(config) if alone else _with_the_one_that_runs(config)


async def _with_the_one_that_runs(config: Config) -> int:
    async with ControlClient.connect(config.world_dir) as client:
        await _talk(RemoteLine(client), config)
    return 0


async def _with_a_zyn_of_its_own(config: Config) -> int:
    """The same service without Telegram, web and autopilot."""
    from bot.app import service

    async with service(config, parts=frozenset()) as running:
        await _talk(LocalLine(running.conversation, config.service.owner_name), config)
    return 0


async def _talk(line: Line, config: Config) -> None:
    looking = sys.stdin.isatty() and sys.stdout.isatty()
    if looking:
        print(f"Zyn, {config.mode} world. Type /help for what you can ask, exit to leave.")
    async with TypedLines.of(sys.stdin.fileno()) as lines:
        await Shell(line, lines, _show, PROMPT if looking else "").run()


def _show(text: str) -> None:
    print(text, end="", flush=True)
