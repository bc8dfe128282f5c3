"""zyn config: every setting with its value in force, where that came from, and what it means."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bot.cli.options import add_config_options, config_of
from core.trading_config import Setting, describe


def add_parser(commands: Any) -> None:
    parser = commands.add_parser("config", help="every setting, its value and its meaning")
    parser.add_argument(
        "word", nargs="?", default="", help="only settings whose name or meaning has this word"
    )
    parser.add_argument("--json", action="store_true", help="as JSON")
    add_config_options(parser)


def run(args: argparse.Namespace) -> int:
    """Print the settings. Raises ConfigError."""
    word = args.word.lower()
    rows = [one for one in describe(config_of(args)) if word in f"{one.key} {one.env} {one.meaning}".lower()]
    if args.json:
        print(json.dumps([_as_json(one) for one in rows], indent=1))
    else:
        print(_as_table(rows))
    return 0


def _as_json(one: Setting) -> dict[str, Any]:
    row = asdict(one)
    return {"name": row.pop("key"), **row, "choices": list(one.choices)}


def _as_table(rows: Sequence[Setting]) -> str:
    head = ("NAME", "VARIABLE", "VALUE", "DEFAULT", "UNIT", "FROM", "MEANING")
    cells = [head] + [
        (one.key, one.env, one.value, one.default, one.unit, one.source, _meaning(one)) for one in rows
    ]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[-1]])
        for row in cells
    )


def _meaning(one: Setting) -> str:
    return f"{one.meaning} ({', '.join(one.choices)})" if one.choices else one.meaning
