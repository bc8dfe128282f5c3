"""zyn optimize: many settings on the same candles, and what luck alone would have found among so many."""

from __future__ import annotations

import argparse

from bot.cli.search_options import add_search_flags, read_search, show, tell, watched


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's flags."""
    parser = subparsers.add_parser(
        "optimize",
        help="search better settings, and say whether luck would have found them",
        description="Tries many settings on recorded candles. Every trial is kept and counted; a search "
        "that was stopped goes on where it was. Nothing in force is changed.",
    )
    add_search_flags(parser, trials=200)


def run(args: argparse.Namespace) -> int:
    """Search and show. Raises ConfigError, DataFault and Refused."""
    job = read_search(args)
    from core.lab.search.job import run_optimise
    from core.lab.search.showing import finding_json, finding_page, finding_text

    found = run_optimise(job, tell, watched())
    show(args, lambda: finding_text(*found), lambda: finding_json(*found), lambda: finding_page(*found))
    return 0
