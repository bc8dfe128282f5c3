"""The close of a candle with 200 pairs: every decision with its reason, made and kept, beside freqtrade.

Zyn's own autopilot takes one closed candle of 200 pairs after 720, writes a receipt for each into its
database and waits until they are there. freqtrade, in an environment of its own (`tools/install_rivals.sh
freqtrade`), analyses the same candles with the same indicators in the same run. Without it Zyn is measured
alone. Times are of the processor, all threads together, so that a busy machine does not spoil them.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal as D
from pathlib import Path
from statistics import quantiles
from time import process_time

from core.clock import ManualClock
from core.engine.assembly import Ports, build_engine
from core.engine.receipts import JournalReceipts
from core.engine.supervisor import Supervisor
from core.lab.quiet import QuietHerald
from core.lab.road import NoMirror
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.model.ids import account_namespace
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import Price
from core.store.telemetry_db import TelemetryDb
from core.trading_config import load
from core.venues.simulated import SimulatedVenue

SUMMARY = (
    "200 pairs at a candle's close: decisions p99 < 10 ms, persisted < 100 ms, at most 1/50 of freqtrade"
)
ROUNDS = 1
PAIRS, HISTORY, CLOSES = 200, 720, 300  # so many that the hundredth part of them is no single moment
M5 = 300_000
START = 1_700_000_100_000
RIVAL = Path(__file__).parents[1] / ".venv-rivals" / "freqtrade" / "bin" / "python"


def series(seed: int, count: int) -> list[Candle]:
    """A walk on a grid of cents."""
    rng, close, rows = random.Random(seed), 100.0, []
    for i in range(count):
        opened = close
        close = round(max(1.0, opened * (1 + rng.gauss(0, 0.002))), 2)
        high, low = max(opened, close) + 0.05, min(opened, close) - 0.05
        rows.append(Candle(START + i * M5, opened, round(high, 2), round(low, 2), close, rng.random() * 9))
    return rows


class Wide(SimulatedVenue):
    """Many pairs with their candles, which close as the clock moves."""

    def __init__(self, rows: Mapping[str, list[Candle]], clock: ManualClock) -> None:
        self.table = {one: Pair(one, one.split("/")[0], "USD", D("0.01"), D("0.0001")) for one in rows}
        matching = MatchingEngine(self.table, FlatFees(D("0.0016"), D("0.0026")), {"USD": D(10_000)})
        super().__init__(matching, clock)
        self.rows, self.time = rows, clock

    async def pairs(self) -> Mapping[str, Pair]:
        return self.table

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        closed = (self.time.market_ms() - START) // M5
        return self.rows[symbol][max(0, closed - limit) : closed]

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        now, at = self.time.market_ms(), (self.time.market_ms() - START) // M5 - 1
        found = {}
        for symbol in symbols:
            price = Price(D(repr(self.rows[symbol][at].close)))
            found[symbol] = Quote(symbol, price, price, price, now)
            self._matching.on_quote(found[symbol])
        return found

    async def status(self) -> ExchangeStatus:
        return ExchangeStatus.ONLINE

    async def advisories(self) -> Sequence[Advisory]:
        return ()


async def zyn(pairs: int, closes: int, folder: Path) -> tuple[list[float], list[float], int]:
    """Milliseconds of each close: deciding with reasons; deciding, persisting and all else of the round."""
    rows = {f"C{i:03d}/USD": series(i, HISTORY + closes) for i in range(pairs)}
    clock = ManualClock(START + HISTORY * M5)
    venue, config = Wide(rows, clock), load({}, {}, {"risk.max_open_positions": "1"})
    store = await TelemetryDb.open(folder, "demo", ())
    try:
        receipts = JournalReceipts(store, QuietHerald(), clock)
        ports = Ports(venue, venue, venue, venue, store, NoMirror(), QuietHerald(), clock)
        engine = build_engine(
            config, ports, Supervisor(clock, _failed), receipts, venue.table, tuple(rows),
            account_namespace("demo", "close"), {},
        )  # fmt: skip
        await engine.sync.recover()
        await engine.treasury.refresh()
        await engine.watchdog.look()
        await engine.autopilot.step(clock.market_ms())
        await store.decisions(limit=1)
        decided, persisted = [], []
        for at in range(HISTORY, HISTORY + closes):
            decided.append(_decide(rows, at))
            clock.advance(M5)
            began = process_time()
            round_ = await engine.autopilot.step(clock.market_ms())
            await store.decisions(limit=1)  # a reader waits until what was noted is there
            persisted.append((process_time() - began) * 1000)
            assert round_.judged == pairs, round_
        kept = len(await store.decisions(limit=10**6))
    finally:
        await store.close()
    return decided, persisted, kept


async def _failed(name: str, error: BaseException) -> None:
    raise AssertionError(f"{name} failed") from error


_TRACKS: dict[int, list] = {}  # type: ignore[type-arg]


def _decide(rows: Mapping[str, list[Candle]], at: int) -> float:
    """Milliseconds to take one candle of every pair and say why it is judged as it is."""
    from core.strategy.signal_engine import SignalEngine
    from core.trading_config import IndicatorConfig, MarketFilters

    engines = _TRACKS.get(len(rows))
    if engines is None or at == HISTORY:
        engines = _TRACKS[len(rows)] = []
        for candles in rows.values():
            engine = SignalEngine(IndicatorConfig(), MarketFilters(), D("0.01"))
            engine.rebuild(candles[:at])
            engines.append(engine)
    began = process_time()
    for engine, candles in zip(engines, rows.values(), strict=True):
        engine.take(candles[at])
        engine.explain()
    return (process_time() - began) * 1000


async def freqtrade(pairs: int) -> float | None:
    """Milliseconds in which freqtrade analyses the newest candle of all pairs; None when it is not here."""
    if not RIVAL.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "candles.json"
        path.write_text(json.dumps({f"C{i:03d}/USD": series(i, HISTORY) for i in range(pairs)}))
        script = Path(__file__).parent / "engines" / "freqtrade_close.py"
        process = await asyncio.create_subprocess_exec(
            str(RIVAL), str(script), str(path), cwd=folder, stdout=asyncio.subprocess.PIPE
        )
        out, _ = await process.communicate()
    assert process.returncode == 0, "freqtrade's run failed"
    return float(json.loads(out.decode().splitlines()[-1])["ms"])


async def play(number: int) -> dict[str, int]:
    """Microseconds."""
    with tempfile.TemporaryDirectory() as folder:
        decided, persisted, kept = await zyn(PAIRS, CLOSES, Path(folder))
    rival = await freqtrade(PAIRS)
    counts = Counter(
        {
            "decided p50 us": round(sorted(decided)[len(decided) // 2] * 1000),
            "decided p99 us": round(quantiles(decided, n=100)[-1] * 1000),
            "persisted p50 us": round(sorted(persisted)[len(persisted) // 2] * 1000),
            "persisted p99 us": round(quantiles(persisted, n=100)[-1] * 1000),
            "receipts kept": kept,
        }
    )
    if rival is not None:
        counts["freqtrade us"] = round(rival * 1000)
        counts["freqtrade per zyn"] = round(rival / sorted(decided)[len(decided) // 2])
    else:
        print("freqtrade is not installed (tools/install_rivals.sh freqtrade): Zyn alone", file=sys.stderr)
    return dict(counts)


def check(counts: Mapping[str, int]) -> None:
    assert counts["decided p99 us"] < 10_000, counts
    assert counts["persisted p99 us"] < 100_000, counts
    assert counts.get("freqtrade per zyn", 50) >= 50, counts
