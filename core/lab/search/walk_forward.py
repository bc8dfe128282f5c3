"""`zyn walkforward`: search a stretch, trade the next one with what was found, and so on through time.

Only the trades on candles that had no part in the choice count. Between training and test lies a purge, so
long that no rule that was tried looks back from the first test candle into training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

from core.lab.fast import Span
from core.lab.search.evidence import (
    BLOCKS,
    block_sums,
    deflated_sharpe,
    moments,
    variance_of,
)
from core.lab.search.hands import Hands
from core.lab.search.optimise import FEWEST_DAYS, SURE, Finding, Plan, Progress, climb, find, name_of
from core.lab.search.space import Dimension
from core.lab.search.study import WALKS, Archive, Trial
from core.lab.search.trial import FEWEST_TRADES, Ground, Score, daily_returns
from core.ledger.performance import DAY_MS, DAYS_A_YEAR
from core.model.errors import Refused
from core.model.tuning import EDGE, LOSS, LUCK, TOO_LITTLE, OutOfSample, TuningEvidence
from core.strategy.rule import make_rule
from core.trading_config import Config, changed

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Window:
    """Where is searched and where that is tried."""

    train: Span
    test: Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """Settings on a window's unseen candles."""

    returns: NDArray[Any]  # daily
    trades: int
    net: float  # quote units, each stretch from the start cash


@dataclass(frozen=True, slots=True)
class Step:
    """One window: what the search found, what came of it, and what the settings in force would have made."""

    window: Window
    found: Finding
    proposed: Stretch
    kept: Stretch


@dataclass(frozen=True, slots=True)
class WalkForward:
    """All windows in order. `tried` are the trials on these candles, `walks` the walk-forwards made on them;
    `probability` that the true Sharpe ratio of the unseen stretches is above zero, given so many walks.
    """

    steps: tuple[Step, ...]
    tried: int
    walks: int
    probability: float

    @property
    def verdict(self) -> str:
        total = together([step.proposed for step in self.steps])
        if len(total.returns) < FEWEST_DAYS or total.trades < FEWEST_TRADES:
            return TOO_LITTLE
        if total.net <= 0:
            return LOSS
        return EDGE if self.probability >= SURE else LUCK


def windows(places: int, first_day: int, a_day: int, count: int, training: int, purge: int) -> list[Window]:
    """`count` tests of whole days, one after the other up to the last midnight, each after a training of
    `training` test lengths and a purge. `first_day` is the place of the first midnight, `a_day` the candles
    of a day. Raises Refused when the candles are too few.
    """
    days = (places - first_day) // a_day
    length = (days * a_day - purge) // (count + training) // a_day * a_day
    if length < a_day:
        raise Refused(
            f"{days} whole days are too few for {count} windows that train on {training} test lengths each.",
            hint="Take more candles or fewer --windows.",
        )
    end = first_day + days * a_day
    found = []
    for k in range(count):
        start = end - (count - k) * length
        train_end = start - purge
        found.append(Window(Span(train_end - training * length, train_end), Span(start, start + length)))
    return found


def longest_look(config: Config, space: Sequence[Dimension]) -> int:
    """The most candles that any rule of the space looks back on."""
    ends = (changed(config, {one.key: one.values[k] for one in space}) for k in (0, -1))
    return max(make_rule(one.indicators, one.filters, 2).first for one in ends) + 1


def walk_forward(
    ground: Ground, plan: Plan, shape: tuple[int, int], archive: Archive, hands: Hands, progress: Progress
) -> WalkForward:
    """`shape`: how many windows, and how many test lengths each trains on. Raises Refused."""
    engine = ground.engine
    a_day = DAY_MS // engine.length_ms
    first_day = -engine.start_ms % DAY_MS // engine.length_ms
    cut = windows(engine.places, first_day, a_day, *shape, longest_look(ground.config, plan.space))
    steps = []
    for number, window in enumerate(cut):

        def told(done: int, total: int, number: int = number) -> None:
            progress(number * total + done, len(cut) * total)

        search = archive.search(f"window-{name_of(ground, plan, window.train)}", plan.space)
        climb(search, plan, window.train, hands, told)
        sharpes = [one.score.moments.sharpe for one in search.trials]
        found = find(search.trials[: plan.trials], sharpes, len(sharpes))
        proposed = _stretch(ground, found.best, window.test)
        steps.append(Step(window, found, proposed, _stretch(ground, None, window.test)))
    return _weighed(ground, plan, cut, steps, archive)


def _stretch(ground: Ground, best: Trial | None, span: Span) -> Stretch:
    traded = ground.traded(best.values if best else {}, span)
    return Stretch(daily_returns(traded, span), len(traded.trades), float(traded.trades["net"].sum()))


def _weighed(
    ground: Ground, plan: Plan, cut: Sequence[Window], steps: Sequence[Step], archive: Archive
) -> WalkForward:
    """Write this walk down beside the others that were made on these candles, and deflate by their number."""
    total = together([step.proposed for step in steps])
    seen = moments(total.returns)
    blocks = tuple(tuple(row) for row in block_sums(total.returns, BLOCKS).tolist())
    name = (
        f"{WALKS}{plan.trials}-{name_of(ground, plan, Span(cut[0].train.start, cut[-1].test.end))}-{len(cut)}"
    )
    archive.search(name, ()).add(Trial(0, {}, Score(seen, total.trades, total.net, blocks)))
    walks = archive.sharpes(WALKS)
    return WalkForward(
        tuple(steps), archive.tried, len(walks), deflated_sharpe(seen, variance_of(walks), len(walks))
    )


def together(stretches: Sequence[Stretch]) -> Stretch:
    """One after the other."""
    returns = np.concatenate([one.returns for one in stretches])
    return Stretch(returns, sum(one.trades for one in stretches), sum(one.net for one in stretches))


def yearly(daily_sharpe: float) -> float:
    return daily_sharpe * sqrt(DAYS_A_YEAR)


def tuning(walk: WalkForward, ground: Ground) -> TuningEvidence:
    """The walk as evidence for a proposal to the owner."""
    engine, last = ground.engine, walk.steps[-1]
    return TuningEvidence(
        settings=dict(last.found.best.values),
        symbols=tuple(one.symbol for one in ground.histories),
        timeframe=ground.histories[0].timeframe.value,
        start_ms=engine.start_ms + walk.steps[0].window.test.start * engine.length_ms,
        end_ms=engine.start_ms + last.window.test.end * engine.length_ms,
        windows=len(walk.steps),
        trials=walk.tried,
        proposed=_out_of_sample([step.proposed for step in walk.steps]),
        kept=_out_of_sample([step.kept for step in walk.steps]),
        probability=walk.probability,
        verdict=walk.verdict,
    )


def _out_of_sample(stretches: Sequence[Stretch]) -> OutOfSample:
    total = together(stretches)
    return OutOfSample(total.trades, round(total.net, 8), yearly(moments(total.returns).sharpe))
