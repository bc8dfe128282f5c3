"""Which engine walks through the candles: the fast one where it can, the road where it must."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.lab.compile_cache import cache_folder, digest, is_warm
from core.lab.data import History, Unfit
from core.lab.lean import without
from core.lab.outcome import Outcome, Progress
from core.matching.fees import FlatFees
from core.model.account import RoundTrip
from core.model.errors import Refused
from core.model.market import FeeRates
from core.trading_config import Config

if TYPE_CHECKING:
    from core.lab.fast import FastEngine

FAST, ROAD = "fast", "road"
ENGINES = (FAST, ROAD)
Stopwatch = Callable[[], float]
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Timed:
    """A run, the engine that made it, and the seconds it took."""

    outcome: Outcome
    seconds: float
    engine: str


class Engines:
    """Runs one set of histories. `tell` gets one line for whoever waits."""

    def __init__(
        self, histories: Sequence[History], stopwatch: Stopwatch, progress: Progress | None, tell: Tell
    ) -> None:
        self._histories = histories
        self._stopwatch = stopwatch
        self._progress = progress
        self._tell = tell
        self._fast: FastEngine | None = None
        self._unfit = ""

    def run(self, name: str, config: Config, fees: FeeRates) -> Timed:
        """Walk by the engine of that name; by the road, and say so, where the fast one is not up to it."""
        if name == FAST and not self._unfit:
            try:
                return self._run_fast(config, fees)
            except Unfit as why:
                self._unfit = str(why)
                self._tell(f"The fast engine cannot do this: {why}. The road engine can, and takes longer.")
        from core.lab.backtest_mode import backtest  # noqa: PLC0415 - loads the service

        started = self._stopwatch()
        outcome = backtest(config, self._histories, FlatFees(fees.maker, fees.taker), self._progress)
        return Timed(outcome, self._stopwatch() - started, ROAD)

    def _run_fast(self, config: Config, fees: FeeRates) -> Timed:
        if self._fast is None:
            waits = self._progress is not None
            self._fast = fast_engine(self._histories, config, fees, self._tell if waits else _nobody)
        started = self._stopwatch()
        traded = self._fast.run(config, fees)
        seconds = self._stopwatch() - started
        return Timed(traded.outcome(), seconds, FAST)


def needs_road(config: Config) -> str:
    """Why only the live code path can trade these settings, or nothing."""
    asked = {
        "features.multi_timeframe": config.features.multi_timeframe,
        "features.profit_target": config.features.profit_target,
        "risk.autopilot_turnover": config.risk.autopilot_turnover < config.risk.max_turnover,
    }
    on = [key for key, wanted in asked.items() if wanted]
    return f"{' and '.join(on)} {'is' if len(on) == 1 else 'are'} on" if on else ""


def _nobody(line: str) -> None:
    """No one waits before a screen."""


def fast_engine(histories: Sequence[History], config: Config, fees: FeeRates, tell: Tell) -> FastEngine:
    """The compiled engine, ready to run; numba is loaded here and nowhere else. Raises Unfit."""
    if why := needs_road(config):
        raise Unfit(why)
    try:
        kernel = _kernel()
        from core.lab.fast import FastEngine  # noqa: PLC0415 - the service never needs it
        from core.lab.latest import keep_freed_memory  # noqa: PLC0415
    except ImportError as error:
        raise Unfit(f"numba cannot be loaded ({error})") from error
    compiled, folder = kernel.compiled, cache_folder(kernel.SOURCES, os.environ, config.service.data_dir)
    if not is_warm(folder):
        tell("Compiling the fast engine, once; about ten seconds ...")
    if histories[0].shelf is None:  # else there is more than memory should hold
        keep_freed_memory()
    engine = FastEngine(compiled(folder), histories)
    # Compiles, or loads what was compiled, before anyone looks at the time.
    FastEngine(compiled(folder), [histories[0].head(2)]).run(config, fees)
    return engine


def code_digest() -> str:
    """Names the strategy and the engine that are in force here: other code, other results."""
    return digest(_kernel().SOURCES)


def _kernel() -> Any:
    """The kernel, without what numba looks for and Zyn never asks of it: a fifth of a backtest's start."""
    with without("cffi", "coverage", "yaml"):
        from core.lab import kernel  # noqa: PLC0415 - the service never needs it

        return kernel


def check_same(ours: Timed, theirs: Timed) -> None:
    """Raise Refused with the first trade on which two engines differ."""
    for number, (one, other) in enumerate(zip(ours.outcome.trips, theirs.outcome.trips, strict=False), 1):
        if one != other:
            raise Refused(
                f"trade {number} differs: {ours.engine} {_brief(one)}, {theirs.engine} {_brief(other)}"
            )
    counts = len(ours.outcome.trips), len(theirs.outcome.trips)
    if counts[0] != counts[1]:
        raise Refused(f"{ours.engine} made {counts[0]} trades, {theirs.engine} {counts[1]}")


def _brief(trip: RoundTrip) -> str:
    return (
        f"{trip.symbol} {trip.opened_ms}-{trip.closed_ms} {trip.qty} at {trip.entry_price}, {trip.reason} "
        f"at {trip.exit_price}, net {trip.net_pnl}"
    )
