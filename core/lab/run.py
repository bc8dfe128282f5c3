"""One backtest from its wishes to its results: data, grid, fees, the run, and the run at the real tier."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.lab.backtest_mode import Progress, backtest
from core.lab.data import DataFault, History, Wanted, load
from core.lab.grid import Grids, read_pairs
from core.lab.report import Result
from core.matching.fees import FlatFees, TieredFees
from core.model.market import FeeRates
from core.model.money import Money, to_decimal
from core.trading_config import Config, CostConfig

Stopwatch = Callable[[], float]


@dataclass(frozen=True, slots=True)
class BacktestJob:
    """What to run. `compare` adds a second run at Kraken's published tier."""

    config: Config
    wanted: Wanted
    pairs_file: Path | None = None
    compare: bool = True


def run_job(job: BacktestJob, stopwatch: Stopwatch, progress: Progress | None = None) -> list[Result]:
    """The run at the configured fees first. `stopwatch` reads seconds. Raises DataFault and ConfigError."""
    grids = Grids(read_pairs(job.pairs_file) if job.pairs_file else None)
    histories = load(job.wanted, grids)
    _check_one_currency(histories)
    costs = job.config.costs
    results = [_run(job.config, histories, rates(costs), _label(costs), stopwatch, progress)]
    if job.compare and costs.source != "kraken":
        real = replace(costs, source="kraken")
        results.append(_run(job.config, histories, rates(real), _label(real), stopwatch, progress))
    return results


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


def _run(
    config: Config,
    histories: Sequence[History],
    fees: FeeRates,
    label: str,
    stopwatch: Stopwatch,
    progress: Progress | None,
) -> Result:
    started = stopwatch()
    outcome = backtest(config, histories, FlatFees(fees.maker, fees.taker), progress)
    return Result(outcome, tuple(histories), fees, stopwatch() - started, label)


def _check_one_currency(histories: Sequence[History]) -> None:
    quotes = sorted({one.pair.quote for one in histories})
    if len(quotes) > 1:
        raise DataFault(
            f"these pairs are quoted in {' and '.join(quotes)}; one account has one currency: "
            "choose pairs of one of them with --symbols"
        )
