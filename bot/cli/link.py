"""zyn link: a fresh login link to the pages of the Zyn that runs."""

from __future__ import annotations

import argparse
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from bot.cli.options import add_config_options, config_of
from bot.control import ControlClient
from core.model.errors import Refused
from core.store.instance import running_pid


def add_parser(commands: Any) -> None:
    add_config_options(commands.add_parser("link", help="a fresh login link to the pages"))


def run(args: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """Print the link. Raises Refused when no Zyn runs here."""
    folder = config_of(args).world_dir
    if running_pid(folder) is None:
        raise Refused(
            f"Zyn is not running on {folder}.", "not_running", "Start it with zyn: it prints a link."
        )
    return _print_link(folder)


async def _print_link(folder: Path) -> int:
    async with ControlClient.connect(folder) as client:
        print((await client.ask("link"))["link"])
    return 0
