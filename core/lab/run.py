"""One backtest from its wishes to its results: data, grid, fees, the run, and the run at the real tier."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.lab.data import DataFault, History, Wanted, load
from core.lab.engines import FAST, Engines, Stopwatch, Tell, check_same
from core.lab.grid import Grids, read_pairs
from core.lab.outcome import Progress
from core.lab.remarks import never_judged, remarks, without_effect
from core.lab.report import Result
from core.matching.fees import TieredFees
from core.model.market import FeeRates
from core.model.money import Money, to_decimal
from core.trading_config import Config, CostConfig


@dataclass(frozen=True, slots=True)
class BacktestJob:
    """What to run. `compare` adds a second run at Kraken's published tier.

    The first of `engines` gives the result; a second one must give the same trades.
    """

    config: Config
    wanted: Wanted
    pairs_file: Path | None = None
    compare: bool = True
    engines: tuple[str, ...] = (FAST,)


def run_job(
    job: BacktestJob, stopwatch: Stopwatch, tell: Tell, progress: Progress | None = None
) -> list[Result]:
    """The run at the configured fees first. `stopwatch` reads seconds, `tell` gets lines for whoever waits.

    Raises DataFault, ConfigError, and Refused when two engines differ.
    """
    histories = histories_of(job, tell)
    for line in (*without_effect(job.config), *never_judged(job.config, histories)):
        tell(line)
    costs = job.config.costs
    engines = Engines(histories, stopwatch, progress, tell)
    wanted = [costs]
    if job.compare and costs.source != "kraken":
        wanted.append(replace(costs, source="kraken"))
    results = [_run(job, engines, histories, one) for one in wanted]
    if len(job.engines) > 1:
        trades = ", ".join(f"{len(one.outcome.trips):,} at {one.label}" for one in results)
        tell(f"The {' and '.join(job.engines)} engines made the same trades: {trades}.")
    return results


def histories_of(job: BacktestJob, tell: Tell) -> list[History]:
    """The candles of a job, in one currency; tells what is missing. Raises DataFault and ConfigError."""
    grids = Grids(read_pairs(job.pairs_file) if job.pairs_file else None)
    histories = load(job.wanted, grids)
    _check_one_currency(histories)
    for line in remarks(job.wanted, histories):
        tell(line)
    return histories


def rates(costs: CostConfig) -> FeeRates:
    """The configured fees, or Kraken's published tier at `costs.volume_30d`."""
    volume = Money(costs.volume_30d)
    if costs.source == "kraken":
        return TieredFees().rates("", 0, volume)
    return FeeRates(to_decimal(costs.maker), to_decimal(costs.taker), volume)


def _label(costs: CostConfig) -> str:
    if costs.source == "kraken":
        return f"Kraken's real tier (30-day volume {costs.volume_30d:,f})"
    if costs.source == "seed" and (costs.maker, costs.taker) == (CostConfig().maker, CostConfig().taker):
        return "the default fees"
    return "the configured fees"


def _run(job: BacktestJob, engines: Engines, histories: Sequence[History], costs: CostConfig) -> Result:
    fees = rates(costs)
    first, *others = (engines.run(name, job.config, fees) for name in job.engines)
    for other in others:
        check_same(first, other)
    return Result(first.outcome, tuple(histories), fees, first.seconds, _label(costs), first.engine)


def _check_one_currency(histories: Sequence[History]) -> None:
    quotes = sorted({one.pair.quote for one in histories})
    if len(quotes) > 1:
        raise DataFault(
            f"these pairs are quoted in {' and '.join(quotes)}; one account has one currency: "
            "choose pairs of one of them with --symbols"
        )
