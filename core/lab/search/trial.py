"""One trial: settings in, and what they came to on some stretch of the candles out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from core.lab.data import History, Unfit
from core.lab.engines import code_digest, fast_engine, needs_road
from core.lab.fast import FastEngine, Span, Traded
from core.lab.packing import start_of
from core.lab.search.evidence import Moments, block_sums, moments
from core.lab.search.space import Values
from core.ledger.performance import DAY_MS
from core.model.errors import Refused
from core.model.market import FeeRates
from core.trading_config import Config, changed

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_TRADES = 30  # fewer say nothing, however well they went


@dataclass(frozen=True, slots=True)
class Score:
    """What a trial came to. `sharpe` is of UTC-daily returns, not annualised; `goal` is what a search climbs:
    the Sharpe ratio, or nothing at best while there are too few trades to say anything.
    `blocks` are the `evidence.block_sums` of the daily returns.
    """

    moments: Moments
    trades: int
    net: float  # quote units, after fees
    blocks: tuple[tuple[float, ...], ...]

    @property
    def goal(self) -> float:
        sharpe = self.moments.sharpe
        return sharpe if self.trades >= FEWEST_TRADES else min(sharpe, 0.0)


@dataclass(frozen=True, slots=True)
class Task:
    """Trial `number`: the base settings changed to `values`, traded within `span`."""

    number: int
    values: Values
    span: Span


@dataclass(frozen=True)
class Ground:
    """What all trials of a search share; a value that can be sent to another machine."""

    config: Config
    histories: tuple[History, ...]
    fees: FeeRates
    code: str  # digest of the strategy's sources: results of other code are not results of this search

    @cached_property
    def engine(self) -> FastEngine:
        """Compiled when first asked for."""
        if self.code != code_digest():
            raise Refused(
                "This worker runs another version of Zyn than the search.",
                hint="Install the same version on every worker.",
            )
        return fast_engine(self.histories, self.config, self.fees, _nobody)

    def play(self, task: Task) -> Score:
        """The same for the same task, wherever it is played."""
        return score(self.traded(task.values, task.span), task.span)

    def traded(self, values: Values, span: Span) -> Traded:
        """Raises Unfit for settings that only the road can trade."""
        config = changed(self.config, values)
        if why := needs_road(config):
            raise Unfit(why)
        return self.engine.run(config, self.fees, span)

    def __getstate__(self) -> dict[str, Any]:
        """Without the compiled engine, which each process makes for itself."""
        return {key: value for key, value in vars(self).items() if key != "engine"}


def _nobody(line: str) -> None:
    """The search itself tells what whoever waits should know."""


def score(traded: Traded, span: Span) -> Score:
    returns = daily_returns(traded, span)
    trades = traded.trades
    sums = block_sums(returns)
    return Score(
        moments(returns), len(trades), float(trades["net"].sum()),
        tuple(tuple(row) for row in sums.tolist()),
    )  # fmt: skip


def daily_returns(traded: Traded, span: Span) -> NDArray[Any]:
    """Returns of the equity by UTC day, from the span's first day to its last."""
    length, origin = traded.histories[0].timeframe.ms, min(one.start_ms for one in traded.histories)
    first, last = ((origin + place * length) // DAY_MS for place in (span.start, span.end - 1))
    equity = np.full(last - first + 2, np.nan)
    equity[0] = float(start_of(traded.config))
    equity[traded.points["ms"] // DAY_MS - first + 1] = traded.points["equity"]  # the last of a day stays
    known = np.where(np.isnan(equity), 0, np.arange(len(equity)))
    equity = equity[np.maximum.accumulate(known)]
    before = equity[:-1]
    return np.where(before > 0, equity[1:] / np.where(before > 0, before, 1.0) - 1.0, 0.0)


def play_all(ground: Ground, tasks: Sequence[Task]) -> list[tuple[int, Score]]:
    """Several trials one after the other."""
    return [(task.number, ground.play(task)) for task in tasks]
