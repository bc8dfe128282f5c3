"""`zyn sim`: the local Kraken as a stand-alone exchange, for anybody's client."""

from __future__ import annotations

import argparse
import asyncio
import base64
import binascii
import os
import signal
import sys
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from core.clock import ScaledClock, SystemClock
from core.model.errors import ConfigError

if TYPE_CHECKING:
    from core.sim.kraken.server import LocalKraken

DEFAULT_PORT = 5080


class Key(NamedTuple):
    """An API key of the exchange; without permissions it is a trader that cannot withdraw."""

    name: str
    secret: str
    permissions: tuple[str, ...]


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its options."""
    parser = subparsers.add_parser("sim", help="run the local Kraken, a stand-alone simulated exchange")
    parser.add_argument("--port", type=_port, default=DEFAULT_PORT, help=f"port on loopback ({DEFAULT_PORT})")
    parser.add_argument("--seed", type=int, default=1, help="seed of the market (1)")
    parser.add_argument("--speed", type=_speed, default=1.0, help="market seconds a wall second (1)")
    parser.add_argument("--tape", type=Path, help="folder of <PAIR>_5m.csv.gz candles to play instead")
    parser.add_argument(
        "--books", type=Path, help="file of its books (in ZYN_DATA_DIR/sim, one a port and seed)"
    )
    parser.add_argument(
        "--tier",
        choices=("starter", "intermediate", "pro", "none"),
        default="intermediate",
        help="whose request limits hold; none: calls are counted and none is refused (intermediate)",
    )
    parser.add_argument("--cash", type=_cash, default=Decimal(10_000), help="dollars to begin with (10000)")
    parser.add_argument(
        "--key",
        type=_key,
        action="append",
        default=[],
        metavar="KEY:SECRET[:PERMISSION+...]",
        help="an API key with a base64 secret, and what it may do; may be repeated",
    )
    parser.add_argument("--fresh", action="store_true", help="forget the books and begin anew")
    parser.set_defaults(run=run)


async def run(args: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; 1 when the port is taken, 2 when books or tape cannot be used."""
    from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken

    books = args.books or _usual_books(args)
    if args.fresh:
        _forget(books)
    clock = ScaledClock(SystemClock().market_ms(), args.speed)
    kraken = LocalKraken(
        clock,
        seed=args.seed,
        books=books,
        keys={DEMO_KEY: DEMO_SECRET} | {key.name: key.secret for key in args.key},
        permissions={key.name: key.permissions for key in args.key if key.permissions},
        start_cash=args.cash,
        tape=args.tape,
        tier="" if args.tier == "none" else args.tier,
    )
    try:
        url = await kraken.start(port=args.port)
    except OSError as taken:
        print(_port_line(args.port, taken), file=sys.stderr)
        return 1
    except ConfigError as wrong:
        print(f"zyn sim: {wrong}", file=sys.stderr)
        return 2
    await _serve(kraken, url)
    return 0


async def _serve(kraken: LocalKraken, url: str) -> None:
    from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET

    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopped.set)
    print(f"local Kraken on {url} key {DEMO_KEY} secret {DEMO_SECRET}", flush=True)
    await stopped.wait()
    await kraken.stop()


def _usual_books(args: argparse.Namespace) -> Path:
    """One file for each port and market, so that a killed exchange is met again under the same command."""
    played = f"tape-{args.tape.resolve().name}" if args.tape else f"seed-{args.seed}"
    return Path(os.environ.get("ZYN_DATA_DIR") or "data") / "sim" / f"kraken-{args.port}-{played}.db"


def _forget(books: Path) -> None:
    for end in ("", "-wal", "-shm"):
        books.with_name(books.name + end).unlink(missing_ok=True)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0 < speed <= 100_000:
        raise argparse.ArgumentTypeError("must be above 0 and at most 100000")
    return speed


def _cash(text: str) -> Decimal:
    try:
        cash = Decimal(text)
    except InvalidOperation as broken:
        raise argparse.ArgumentTypeError("must be a number of dollars") from broken
    if not 0 < cash <= 10**12:
        raise argparse.ArgumentTypeError("must be above 0 and at most 1000000000000")
    return cash


def _key(text: str) -> Key:
    name, _, rest = text.partition(":")
    secret, _, allowed = rest.partition(":")
    try:
        base64.b64decode(secret, validate=True)
    except binascii.Error as broken:
        raise argparse.ArgumentTypeError("the secret must be base64") from broken
    if not name or not secret:
        raise argparse.ArgumentTypeError("must be KEY:SECRET, or KEY:SECRET:query-funds+modify-trades")
    return Key(name, secret, tuple(one for one in allowed.split("+") if one))


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65_535:
        raise argparse.ArgumentTypeError("must be from 0 to 65535")
    return port


def _port_line(port: int, error: OSError) -> str:
    why = os.strerror(error.errno) if error.errno else str(error)
    return f"zyn sim: port {port} cannot be used ({why.lower()}); choose another with --port"
