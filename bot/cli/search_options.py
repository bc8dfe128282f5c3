"""What the two commands that search have in common: their flags, and how they show how far they are."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.backtest import add_data_flags, read_data
from core.model.errors import ConfigError, Refused

if TYPE_CHECKING:
    from core.lab.search.job import SearchJob


def add_search_flags(parser: argparse.ArgumentParser, trials: int) -> None:
    """Data, size, hands, ranges and output of a search."""
    add_data_flags(parser)
    parser.add_argument(
        "--trials", type=int, default=trials, metavar="N", help=f"settings to try (default {trials})"
    )
    parser.add_argument("--jobs", type=int, metavar="N", help="cores to use (default: all)")
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="play the trials on a running Dask cluster, such as tcp://host:8786",
    )
    parser.add_argument(
        "--search", action="append", default=[], metavar="KEY=LOW:HIGH:STEP",
        help="search only these settings: KEY, KEY=LOW:HIGH:STEP or KEY=A|B (default: the ranges Zyn knows)",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed tries other settings")
    parser.add_argument(
        "--study", type=Path, metavar="FILE", help="keep the trials here (default: the data folder)"
    )
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report page")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def read_search(args: argparse.Namespace) -> SearchJob:
    """Flags and variables as one job. Raises ConfigError with every problem at once."""
    from core.lab.search.job import SearchJob
    from core.lab.search.optimise import Plan
    from core.lab.search.space import read_space

    problems = [
        f"--{name} {value}: must be at least {least}"
        for name, value, least in (("trials", args.trials, 2), ("jobs", args.jobs, 1), ("seed", args.seed, 0))
        if value is not None and value < least
    ]
    try:
        data = read_data(args)
        space = read_space(args.search, data.config)
    except ConfigError as error:
        raise ConfigError(problems + error.problems) from error
    if problems:
        raise ConfigError(problems)
    jobs = args.jobs or len(os.sched_getaffinity(0))
    return SearchJob(data, Plan(space, args.trials, args.seed), jobs, args.scheduler, args.study)


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def watched() -> Callable[[int, int], None]:
    """Shows how far it is, where somebody sits before a screen."""
    return _progress if sys.stderr.isatty() else _nobody


def _progress(done: int, total: int) -> None:
    print(f"\r{done:,} of {total:,} trials", end="\n" if done == total else "", file=sys.stderr, flush=True)


def _nobody(done: int, total: int) -> None:
    """Nobody looks."""


def show(
    args: argparse.Namespace,
    text: Callable[[], str],
    told: Callable[[], dict[str, Any]],
    page: Callable[[], str],
) -> None:
    """Print the result, and write the page that was asked for. Raises Refused when it cannot be written."""
    if args.report is not None:
        try:
            args.report.write_text(page())
        except OSError as error:
            raise Refused(f"{error.filename} cannot be written: {error.strerror}") from error
    print(json.dumps(told()) if args.json else text())
    if args.report is not None and not args.json:
        print(f"Written: {args.report}")
