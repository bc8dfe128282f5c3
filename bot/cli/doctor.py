"""zyn doctor: is everything in order, and if not, what to do."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.checkup import Finding, State, examine, fail
from bot.cli.options import ENV_FILE, add_config_options, config_of
from core.model.errors import ConfigError


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="checks everything and says what to do")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_config_options(parser)


async def run(args: argparse.Namespace) -> int:
    """0 when nothing fails, 1 when something does, 2 when the configuration cannot be used."""
    try:
        config = config_of(args)
    except ConfigError as error:
        _show(
            [fail("configuration", one, "mend it; zyn config explains") for one in error.problems], args.json
        )
        return 2
    findings = await examine(config, args.env_file or ENV_FILE)
    _show(findings, args.json)
    return int(any(one.state is State.FAIL for one in findings))


def _show(findings: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in findings], indent=1))
        return
    width = max(len(one.name) for one in findings)
    for one in findings:
        todo = f"  -> {one.todo}" if one.todo else ""
        print(f"{one.state.value:<4}  {one.name:<{width}}  {one.said}{todo}")
