"""zyn download: candle files for backtests from Kraken's public data. No key, and no order."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.backtest import moment
from bot.cli.options import add_config_options, config_of
from core.clock import SystemClock
from core.model.errors import ConfigError, Refused
from core.model.market import Timeframe
from core.trading_config import Config, Mode

if TYPE_CHECKING:
    from core.lab.download import Got
    from core.venues.exchange_manager import KrakenVenue

_DAY_MS = 86_400_000


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The command's flags, named as those of backtest."""
    parser = subparsers.add_parser(
        "download",
        help="candle files for backtests, from Kraken's public data",
        description="Writes or continues one candle file a pair. The newest 720 candles are one request; "
        "older ones are folded from Kraken's public trades, 1,000 a second: a day of BTC/USD takes about a "
        "minute. Stop it when you like, the same command goes on from there.",
    )
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="folder of candle files")
    parser.add_argument("--symbols", default="", metavar="BTC/USD,...", help="default: ZYN_SYMBOLS")
    parser.add_argument("--timeframe", metavar="5m", help="5m, 15m, 1h, 4h or 1d")
    parser.add_argument("--days", type=int, metavar="N", help="the last N days")
    parser.add_argument("--from", dest="from_", metavar="ISO", help="first candle, UTC, instead of --days")
    parser.add_argument("--to", metavar="ISO", help="candles before this, UTC; default: until now")
    add_config_options(parser)


def run(args: argparse.Namespace) -> Coroutine[Any, Any, int]:
    """Every pair in turn. Raises ConfigError, DataFault, Refused and VenueError; what came is kept."""
    problems: list[str] = []
    start, end = moment("--from", args.from_, problems), moment("--to", args.to, problems)
    if args.days is not None and (args.days <= 0 or start is not None):
        problems.append("--days must be above 0, and goes without --from")
    if args.days and args.days > 0:
        start = SystemClock().wall_ms() - args.days * _DAY_MS
    if start is not None and end is not None and start >= end:
        problems.append("--from must lie before --to")
    timeframe = [f"autopilot.timeframe={args.timeframe}"] if args.timeframe else []
    try:
        config = config_of(
            argparse.Namespace(**{**vars(args), "set": [*args.set, *timeframe]}), Mode.BACKTEST
        )
    except ConfigError as error:
        raise ConfigError(problems + error.problems) from error
    if problems:
        raise ConfigError(problems)
    return _download(config, args, start, end)


async def _download(config: Config, args: argparse.Namespace, start: int | None, end: int | None) -> int:
    from core.lab.download import Downloader, Order
    from core.venues.exchange_manager import Access, KrakenVenue

    service, clock = config.service, SystemClock()
    wanted = [part.strip() for part in args.symbols.split(",") if part.strip()] or service.symbols
    timeframe = Timeframe(config.autopilot.timeframe)
    venue = KrakenVenue(Access(service.kraken_api_base_url, money=service.base_currency), clock)
    await venue.start()
    try:
        await venue.learn_time()
        for symbol in await _resolved(venue, wanted):
            order = Order(args.data, symbol, timeframe, start, end)
            _show(symbol, timeframe, await Downloader(venue, order, clock, _Progress(symbol)).run())
    except OSError as error:
        raise Refused(f"{error.filename} cannot be written: {error.strerror}.") from error
    finally:
        await venue.close()
    print(f"Next: zyn backtest --data {args.data} --timeframe {timeframe}")
    return 0


async def _resolved(venue: KrakenVenue, texts: list[str] | tuple[str, ...]) -> list[str]:
    """The pairs meant; all are known before the first is fetched."""
    there = await venue.pairs()
    found = {text: text if text in there else venue.resolve(text) for text in texts}
    unknown = [text for text, symbol in found.items() if symbol is None]
    if unknown:
        raise Refused(f"Kraken has no pair {', '.join(unknown)}.", "unknown_pair", "Write it like BTC/USD.")
    return [symbol for symbol in dict.fromkeys(found.values()) if symbol]


class _Progress:
    """How far a pair has come: one line that moves at a terminal, a line for every tenth elsewhere."""

    def __init__(self, symbol: str) -> None:
        self._symbol, self._tenths = symbol, 0

    def __call__(self, start_ms: int, end_ms: int, at_ms: int) -> None:
        from core.lab.candle_file import day

        share = (at_ms - start_ms) / (end_ms - start_ms)
        line = f"{self._symbol}: {share:4.0%}, trades until {day(at_ms)}"
        if sys.stderr.isatty():
            print(f"\r\033[K{line}", end="", file=sys.stderr, flush=True)
        elif int(share * 10) > self._tenths:
            self._tenths = int(share * 10)
            print(line, file=sys.stderr, flush=True)


def _show(symbol: str, timeframe: Timeframe, got: Got) -> None:
    from core.lab.candle_file import day

    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    how = f", folded from {got.trades:,} trades" if got.trades else ""
    holes = f"; {got.filled:,} missing between its rows, which a backtest holds flat" if got.filled else ""
    print(
        f"{symbol} {timeframe}: {got.candles:,} candles, {day(got.first_ms)} to {day(got.end_ms)}, "
        f"{got.added:,} of them new{how}{holes}: {got.path}"
    )
