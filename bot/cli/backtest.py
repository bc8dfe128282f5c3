"""zyn backtest: the live code path over recorded candles. Opens no socket and sends no order."""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.options import add_config_options, config_of
from core.clock import SystemClock
from core.model.errors import ConfigError, Refused
from core.model.market import Timeframe
from core.model.time_context import to_ms
from core.trading_config import Config, Mode

if TYPE_CHECKING:
    from core.lab.report import Result
    from core.lab.run import BacktestJob

_TITLE = "Zyn backtest"


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's flags."""
    parser = subparsers.add_parser(
        "backtest",
        help="trade recorded candles through the live code",
        description="Trades recorded candles through the live code path. No network, no keys, no real order.",
    )
    add_data_flags(parser)
    parser.add_argument(
        "--engine", default="fast", metavar="fast,road",
        help="fast: compiled (default); road: the live code path; both, to hold one against the other",
    )  # fmt: skip
    parser.add_argument(
        "--generate", type=int, metavar="DAYS", help="first write made-up candles of so many days into --data"
    )
    parser.add_argument(
        "--check-lookahead", action="store_true",
        help="change all later candles: earlier decisions and trades must stay the same",
    )  # fmt: skip
    parser.add_argument(
        "--check-warmup", action="store_true", help="say how many candles the rule needs, and whether 720 do"
    )
    parser.add_argument("--trades-out", type=Path, metavar="FILE.csv", help="write every closed trade")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report page")
    parser.add_argument("--json", action="store_true", help="print the result as one JSON object")


def add_data_flags(parser: argparse.ArgumentParser) -> None:
    """What every command over recorded candles is told of its data and settings."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of candle files")
    parser.add_argument("--symbols", default="", metavar="BTC/USD,...", help="default: every pair there is")
    parser.add_argument("--timeframe", metavar="5m", help="5m, 15m, 1h, 4h or 1d")
    parser.add_argument("--from", dest="from_", metavar="ISO", help="first candle, UTC")
    parser.add_argument("--to", metavar="ISO", help="candles before this, UTC")
    add_config_options(parser)
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="ticks and lots: Kraken's AssetPairs JSON")


def run(args: argparse.Namespace) -> int:
    """Run and show what it came to. Raises ConfigError, DataFault, or Refused for a file it cannot write."""
    from core.lab.run import run_job

    job = read_job(args)
    if args.generate:
        _generate(args.generate, job)
    if args.check_lookahead or args.check_warmup:
        return _check(args, job)
    watched = sys.stderr.isatty()
    with _undisturbed():
        results = run_job(job, SystemClock().monotonic, _tell, _progress if watched else None)
    if watched:
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    try:
        _write_files(args, results)
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written: {error.strerror}") from error
    _print(args, results)
    return 0


def _check(args: argparse.Namespace, job: BacktestJob) -> int:
    """The checks asked for, one line each; 1 when one does not hold."""
    from core.lab.checks import check_lookahead, check_warmup
    from core.lab.run import histories_of, rates
    from core.matching.fees import FlatFees

    histories = histories_of(job, _tell)
    fees = rates(job.config.costs)
    findings = list(check_warmup(job.config, histories)) if args.check_warmup else []
    if args.check_lookahead:
        findings += check_lookahead(job.config, histories, FlatFees(fees.maker, fees.taker))
    for one in findings:
        print(one.fault or one.text)
    return 1 if any(one.fault for one in findings) else 0


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without looking for garbage: a backtest makes many values and hardly a cycle, and then it is over."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _generate(days: int, job: BacktestJob) -> None:
    from core.lab.generated import generate

    wanted, config = job.wanted, job.config
    symbols = wanted.symbols or config.service.symbols
    for path in generate(wanted.folder, symbols, wanted.timeframe, days, config.demo.seed):
        print(f"Made up: {path}", file=sys.stderr)


def read_job(args: argparse.Namespace) -> BacktestJob:
    """Flags and variables as one job. Raises ConfigError with every problem at once."""
    problems: list[str] = []
    engines = _engines(args.engine, problems)
    compare = args.report is not None or not args.json
    return replace(read_data(args, problems), engines=engines, compare=compare)


def read_data(args: argparse.Namespace, problems: Sequence[str] = ()) -> BacktestJob:
    """Which candles under which settings. Raises ConfigError with every problem, those given first."""
    from core.lab.data import Wanted
    from core.lab.run import BacktestJob

    problems = list(problems)
    start, end = moment("--from", args.from_, problems), moment("--to", args.to, problems)
    if start is not None and end is not None and start >= end:
        problems.append("--from must lie before --to")
    config = _config(args, problems)
    if problems or config is None:
        raise ConfigError(problems)
    symbols = tuple(part.strip() for part in args.symbols.split(",") if part.strip())
    wanted = Wanted(args.data, Timeframe(config.autopilot.timeframe), symbols, start, end)
    return BacktestJob(config, wanted, args.pairs)


def _engines(text: str, problems: list[str]) -> tuple[str, ...]:
    from core.lab.engines import ENGINES

    names = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    problems += [f"--engine {name}: must be fast, road or both" for name in names if name not in ENGINES]
    return names


def moment(flag: str, text: str | None, problems: list[str]) -> int | None:
    """Milliseconds of an ISO date or time; UTC unless it says otherwise."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        problems.append(f"{flag} {text}: write a date or time like 2024-07-01 or 2024-07-01T12:00")
        return None
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _config(args: argparse.Namespace, problems: list[str]) -> Config | None:
    timeframe = [f"autopilot.timeframe={args.timeframe}"] if args.timeframe else []
    told = argparse.Namespace(**{**vars(args), "set": [*args.set, *timeframe]})
    try:
        config = config_of(told, Mode.BACKTEST)
    except ConfigError as error:
        problems += error.problems
        return None
    if not config.features.backtest_mode:
        problems.append("backtests are switched off; set features.backtest_mode=true")
    if config.execution.entry == "maker_first":
        problems.append(
            "execution.entry=maker_first: a candle does not say whether its low came while an entry rested, "
            "nor how many waited before it: a backtest would count fills that nobody gets. Leave it at taker "
            "here, /edge shows what resting entries really got (docs/backtest.md)"
        )
    return config


def _tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _progress(done: int, total: int) -> None:
    full = 30 * done // total
    bar = "#" * full + "-" * (30 - full)
    print(f"\r[{bar}] {done / total:4.0%} of the candles", end="", file=sys.stderr, flush=True)


def _write_files(args: argparse.Namespace, results: Sequence[Result]) -> None:
    from core.lab.report import write_trades
    from core.lab.report_html import as_html

    if args.trades_out is not None:
        with args.trades_out.open("w", newline="") as file:
            write_trades(file, results[0])
    if args.report is not None:
        args.report.write_text(as_html(results, _TITLE))


def _print(args: argparse.Namespace, results: Sequence[Result]) -> None:
    from core.lab.report import as_json
    from core.lab.report_text import as_text

    if args.json:
        print(json.dumps(as_json(results[0])))
        return
    print(as_text(results))
    for path in (args.trades_out, args.report):
        if path is not None:
            print(f"Written: {path}")
