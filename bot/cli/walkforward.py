"""zyn walkforward: choose on the past, trade the future, again and again; only the unseen candles count."""

from __future__ import annotations

import argparse

from bot.cli.search_options import add_search_flags, read_search, show, tell, watched
from core.model.errors import ConfigError


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's flags."""
    parser = subparsers.add_parser(
        "walkforward",
        help="search on one stretch, trade the next, and so on through time",
        description="Rolling windows: settings are searched on a training stretch and traded on the candles "
        "after it, which had no part in the choice. Nothing in force is changed.",
    )
    add_search_flags(parser, trials=100)
    parser.add_argument("--windows", type=int, default=6, metavar="N", help="how many (default 6)")
    parser.add_argument(
        "--training", type=int, default=3, metavar="N", help="test lengths in a training (default 3)"
    )


def run(args: argparse.Namespace) -> int:
    """Walk and show. Raises ConfigError, DataFault and Refused."""
    wrong = [
        f"--{name} {value}: must be at least 1"
        for name, value in (("windows", args.windows), ("training", args.training))
        if value < 1
    ]
    if wrong:
        raise ConfigError(wrong)
    job = read_search(args)
    from core.lab.search.job import run_walk_forward
    from core.lab.search.showing import walk_json, walk_page, walk_text

    found = run_walk_forward(job, (args.windows, args.training), tell, watched())
    show(args, lambda: walk_text(*found), lambda: walk_json(*found), lambda: walk_page(*found))
    return 0
