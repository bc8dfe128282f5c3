"""zyn doctor: is everything in order, and if not, what to do."""

from __future__ import annotations

import argparse
import json
from collections.abc import Coroutine, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bot.checkup import Finding, State, examine, fail
from bot.cli.options import ENV_FILE, add_config_options, config_of
from core.model.errors import ConfigError
from core.trading_config import Config


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="checks everything and says what to do")
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int | Coroutine[Any, Any, int]:
    """0 when nothing fails, 1 when something does, 2 when the configuration cannot be used."""
    try:
        config = config_of(args)
    except ConfigError as error:
        _show(
            [fail("configuration", one, "mend it; zyn config explains") for one in error.problems], args.json
        )
        return 2
    return _report(config, args.env_file or ENV_FILE, args.json)


async def _report(config: Config, env_file: Path, as_json: bool) -> int:
    findings = await examine(config, env_file)
    _show(findings, as_json)
    return int(any(one.state is State.FAIL for one in findings))


def _show(findings: Sequence[Finding], as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(one) for one in findings], indent=1))
        return
    width = max(len(one.name) for one in findings)
    for one in findings:
        todo = f"  -> {one.todo}" if one.todo else ""
        print(f"{one.state.value:<4}  {one.name:<{width}}  {one.said}{todo}")
