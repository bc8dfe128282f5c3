"""zyn run: the service."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from typing import Any

from bot.cli.options import add_config_options, config_of


def add_parser(commands: Any) -> None:
    add_config_options(commands.add_parser("run", help="the service: Telegram, autopilot and web"))


def run(args: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """Serve until SIGINT or SIGTERM. Raises ConfigError, StoreError."""
    config = config_of(args)
    from bot.app import run as serve

    return serve(config)
