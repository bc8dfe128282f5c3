"""The README's honest table: the default configuration on recorded Kraken candles, at both fee levels."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.lab.backtest_mode import backtest
from core.lab.data import History, Wanted, load
from core.lab.grid import Grids
from core.lab.report import Result
from core.lab.run import rates
from core.ledger.performance import EquityPoint
from core.matching.fees import FlatFees
from core.model.market import Timeframe
from core.trading_config import Config, Mode
from core.trading_config import load as load_config

SUMMARY = (
    "the default configuration on recorded Kraken candles: trades a day, loss days, kill-switch trips, net"
)
ROUNDS = 1
SETS = {
    "ETH SOL DOGE LTC FLR, Jul-Sep 2024": "kraken_2024-07_2024-09",
    "BTC, Jan-Feb 2023": "kraken_2023-01_2023-02",
}
_DAY_MS = 86_400_000


def days_of(curve: Sequence[EquityPoint]) -> dict[int, list[float]]:
    """Equity by UTC day, each day begun with where the one before ended."""
    days: dict[int, list[float]] = {}
    last = float(curve[0][1])
    for time_ms, equity in curve:
        day = days.setdefault(time_ms // _DAY_MS, [last])
        last = float(equity)
        day.append(last)
    return days


def figures(result: Result, limit: float) -> dict[str, int]:
    """What stands in one row: cents for money, hundredths for the rate."""
    days = days_of(result.curve)
    whole = (result.end_ms - result.start_ms) / _DAY_MS
    return {
        "trades": result.total.trades,
        "trades a day/100": round(100 * result.total.trades / whole),
        "days": round(whole),
        "loss days": sum(1 for day in days.values() if day[-1] < day[0]),
        "kill-switch trips": sum(1 for day in days.values() if min(day) <= day[0] * (1 - limit)),
        "net cents": round(100 * result.total.net_pnl),
        "hold percent/10": round(1000 * result.hold),
    }


def measured(config: Config, histories: Sequence[History]) -> dict[str, dict[str, int]]:
    """The figures at the configured fees and at Kraken's real tier."""
    found = {}
    for source in ("seed", "kraken"):
        fees = rates(replace(config.costs, source=source))
        outcome = backtest(config, histories, FlatFees(fees.maker, fees.taker))
        result = Result(outcome, tuple(histories), fees, 0.0, source)
        found[source] = figures(result, config.risk.daily_loss_limit)
    return found


def table(folder: Path, settings: dict[str, str] | None = None) -> dict[str, dict[str, dict[str, int]]]:
    """Every set of recorded candles with its figures."""
    config = load_config({}, None, settings or {}, Mode.BACKTEST)
    return {
        name: measured(config, load(Wanted(folder / part, Timeframe.M5), Grids()))
        for name, part in SETS.items()
    }


async def play(number: int) -> dict[str, int]:
    folder = Path(__file__).parents[2] / "shared" / "data" / "market"
    counts = Counter[str]()
    for name, levels in (await asyncio.to_thread(table, folder)).items():
        for level, row in levels.items():
            counts.update({f"{name} at {level} fees: {what}": number for what, number in row.items()})
    return dict(counts)
