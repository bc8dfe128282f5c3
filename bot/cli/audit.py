"""zyn audit: every stored result derived again from the exchange's executions, and what differs."""

from __future__ import annotations

import argparse
from typing import Any

from bot.cli.options import add_config_options, config_of
from bot.control import ControlClient
from core.store.instance import running_pid


def add_parser(commands: Any) -> None:
    add_config_options(commands.add_parser("audit", help="derive every stored result again from Kraken"))


async def run(args: argparse.Namespace) -> int:
    """Print the differences; 1 when there are any. Raises ConfigError, StoreError, VenueError."""
    config = config_of(args)
    if running_pid(config.world_dir) is not None:
        async with ControlClient.connect(config.world_dir) as client:
            report = await client.ask("audit")
    else:
        from bot.app import service

        async with service(config, parts=frozenset()) as running:
            report = await running.core.audit()
    for line in report["differences"]:
        print(line)
    print(f"{report['checked']} stored results checked against Kraken, {len(report['differences'])} differ.")
    return 1 if report["differences"] else 0
