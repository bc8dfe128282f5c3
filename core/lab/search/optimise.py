"""`zyn optimize`: the best of many settings on some candles, and whether luck would have found it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np

from core.lab.data import History
from core.lab.engines import code_digest
from core.lab.fast import Span
from core.lab.search.evidence import (
    Overfitting,
    deflated_sharpe,
    expected_best,
    overfitting,
    variance_of,
    worthless_variance,
)
from core.lab.search.hands import Hands
from core.lab.search.space import Dimension
from core.lab.search.study import Archive, Search, Trial
from core.lab.search.trial import FEWEST_TRADES, Ground, Task
from core.model.market import FeeRates
from core.model.tuning import EDGE, LOSS, LUCK, TOO_LITTLE
from core.trading_config import Config, ServiceConfig, changed

FEWEST_DAYS = 60
SURE = 0.95  # what is less probable than this to be more than luck is called luck
MOST_OVERFIT, MOST_LOSS = 0.25, 0.10  # so often may the best of one half be poor, or lose, in the other
_FIRST, _LARGEST = 32, 128  # trials of a generation
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is searched, how long and from which seed."""

    space: tuple[Dimension, ...]
    trials: int
    seed: int


@dataclass(frozen=True, slots=True)
class Finding:
    """The best trial, beside what luck would have shown. Sharpe ratios are daily.

    `deflated` is the published figure, whose scale is how the trials scatter; where there is an edge they
    scatter because of it. `beyond_luck` is the same with the scale that worthless trials would have.
    """

    best: Trial
    trials: tuple[Trial, ...]  # of this search
    tried: int  # on these candles, in whatever search
    luck: float  # the best that so many worthless trials are expected to show
    beyond_luck: float  # probability that the best is more than that
    deflated: float
    overfitting: Overfitting | None

    @property
    def verdict(self) -> str:
        """Whether the best is an edge, luck, a loss, or too little to say."""
        score, halves = self.best.score, self.overfitting
        if score.moments.days < FEWEST_DAYS or score.trades < FEWEST_TRADES:
            return TOO_LITTLE
        if score.net <= 0:
            return LOSS
        sure = halves is not None and halves.pbo <= MOST_OVERFIT and halves.loss <= MOST_LOSS
        return EDGE if sure and self.beyond_luck >= SURE else LUCK


def optimise(ground: Ground, plan: Plan, archive: Archive, hands: Hands, progress: Progress) -> Finding:
    """Search all the candles. A search of the same plan goes on where it stopped."""
    span = Span(0, ground.engine.places)
    search = archive.search(f"optimize-{name_of(ground, plan, span)}", plan.space)
    climb(search, plan, span, hands, progress)
    return find(search.trials[: plan.trials], archive.sharpes("optimize-"), archive.tried)


def climb(search: Search, plan: Plan, span: Span, hands: Hands, progress: Progress) -> None:
    """Make the trials that the search does not have yet, and write each down in its turn."""
    progress(len(search.trials), plan.trials)
    while len(search.trials) < plan.trials:
        start, end = generation(len(search.trials))
        tries = search.ask(start, min(end, plan.trials) - start, plan.seed * 1_000_003 + start)
        tasks = [Task(start + k, values, span) for k, values in enumerate(tries)]
        early = {}
        for number, score in hands.play(tasks[len(search.trials) - start :]):
            early[number] = Trial(number, tasks[number - start].values, score)
            while (ready := early.pop(len(search.trials), None)) is not None:
                search.add(ready)
            progress(len(search.trials), plan.trials)


def generation(number: int) -> tuple[int, int]:
    """Where the generation of trial `number` starts and ends; all of one learn from all before it.

    The bounds depend on nothing else, so that a search comes to the same whoever plays it, whether it was
    interrupted, and when more trials are asked for later.
    """
    start, size = 0, _FIRST
    for _ in count():
        if number < start + size:
            return start, start + size
        start += size
        size = min(_LARGEST, start)
    raise AssertionError


def find(trials: Sequence[Trial], sharpes: Sequence[float], tried: int) -> Finding:
    """The best of the trials, judged by how many were `tried` on these candles and by how their `sharpes`
    scatter."""
    best = max(trials, key=lambda one: (one.score.goal, -one.number))
    seen = best.score.moments
    scatter = max(variance_of(sharpes), variance_of([one.score.moments.sharpe for one in trials]))
    worthless = worthless_variance(seen.days)
    sums = np.array([one.score.blocks for one in trials])
    return Finding(
        best, tuple(trials), tried, expected_best(worthless, tried),
        deflated_sharpe(seen, worthless, tried), deflated_sharpe(seen, scatter, tried), overfitting(sums),
    )  # fmt: skip


def name_of(ground: Ground, plan: Plan, span: Span) -> str:
    """Names a search by all that its results depend on, but for the candles and how many trials there are."""
    config = changed(ground.config, {one.key: one.values[0] for one in plan.space})
    parts = (
        config.indicators, config.filters, config.risk, config.exits, config.costs, config.edge, config.paper,
        config.features, config.service.timezone, ground.fees, plan.space, plan.seed, span, ground.code,
    )  # fmt: skip
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def ground_of(config: Config, histories: Sequence[History], fees: FeeRates) -> Ground:
    """What the trials share. It may travel to other machines, so it knows no key and no address."""
    said = config.service
    service = ServiceConfig(mode=said.mode, timezone=said.timezone, data_dir=said.data_dir)
    histories = tuple(sorted(histories, key=lambda one: one.symbol))
    return Ground(replace(config, service=service), histories, fees, code_digest())


def candles_name(histories: Sequence[History]) -> str:
    """Names a set of candles by what they are."""
    found = hashlib.sha256()
    for one in sorted(histories, key=lambda history: history.symbol):
        found.update(f"{one.pair} {one.timeframe} {one.start_ms}".encode())
        for column in (one.opens, one.highs, one.lows, one.closes, one.volumes):
            found.update(memoryview(column))
    return found.hexdigest()[:16]
