"""What luck would have shown, against the papers' own figures and against a second implementation."""

from __future__ import annotations

import math
import random
import statistics
from itertools import combinations

import numpy as np
import pytest

from core.lab.search.evidence import (
    Moments,
    block_sums,
    deflated_sharpe,
    expected_best,
    moments,
    overfitting,
    probabilistic_sharpe,
    worthless_variance,
)

A_YEAR = 250  # days, in the paper's example
SEEN = Moments(1250, 2.5 / math.sqrt(A_YEAR), -3.0, 10.0)


def test_the_deflated_sharpe_ratio_of_its_papers_example() -> None:
    """Bailey and Lopez de Prado 2014: 2.5 a year over five years, variance 1/2 a year, 100 and 46 trials."""
    assert expected_best(0.5 / A_YEAR, 100) == pytest.approx(0.1132, abs=5e-5)
    assert deflated_sharpe(SEEN, 0.5 / A_YEAR, 100) == pytest.approx(0.9004, abs=5e-5)
    assert deflated_sharpe(SEEN, 0.5 / A_YEAR, 46) == pytest.approx(0.9505, abs=5e-5)


def test_one_trial_is_not_deflated_and_two_days_say_little() -> None:
    assert deflated_sharpe(SEEN, 0.0, 1) == probabilistic_sharpe(SEEN, 0.0) > 0.99
    assert expected_best(1.0, 1) == 0.0
    assert probabilistic_sharpe(Moments(1, 5.0, 0.0, 3.0), 0.0) == 0.0


def test_the_luckiest_of_many_is_what_simulation_finds() -> None:
    dice = random.Random(1)
    found = statistics.fmean(max(dice.gauss(0, 1) for _ in range(200)) for _ in range(2000))
    assert expected_best(1.0, 200) == pytest.approx(found, rel=0.02)


def test_the_scatter_of_worthless_trials_is_what_simulation_finds() -> None:
    returns = np.random.default_rng(2).normal(0, 0.01, (3000, 250))
    ratios = returns.mean(axis=1) / returns.std(axis=1, ddof=1)
    assert worthless_variance(250) == pytest.approx(float(ratios.var()), rel=0.1)


def test_moments_are_the_textbooks() -> None:
    dice = random.Random(3)
    returns = [dice.gauss(0.001, 0.02) + (0.1 if dice.random() < 0.03 else 0.0) for _ in range(400)]
    mean, spread = statistics.fmean(returns), statistics.pstdev(returns)
    found = moments(np.array(returns))
    assert found.days == 400
    assert found.sharpe == pytest.approx(mean / statistics.stdev(returns))
    assert found.skew == pytest.approx(statistics.fmean(((one - mean) / spread) ** 3 for one in returns))
    assert found.kurtosis == pytest.approx(statistics.fmean(((one - mean) / spread) ** 4 for one in returns))
    assert moments(np.zeros(10)) == Moments(10, 0.0, 0.0, 3.0)


def cscv(columns: list[list[float]], blocks: int) -> tuple[float, float]:
    """PBO and the probability of loss straight from the paper's steps: slice, join, rank, logit."""
    days = len(columns[0])
    cuts = [round(k * days / blocks) for k in range(blocks + 1)]
    rows = [range(cuts[k], cuts[k + 1]) for k in range(blocks)]

    def sharpe(column: list[float], chosen: tuple[int, ...]) -> float:
        part = [column[i] for k in chosen for i in rows[k]]
        return statistics.fmean(part) / statistics.stdev(part)

    logits, losses = [], []
    for half in combinations(range(blocks), blocks // 2):
        other = tuple(k for k in range(blocks) if k not in half)
        inside, outside = [sharpe(one, half) for one in columns], [sharpe(one, other) for one in columns]
        best = inside.index(max(inside))
        rank = sorted(outside).index(outside[best]) + 1
        share = rank / (len(columns) + 1)
        logits.append(math.log(share / (1 - share)))
        losses.append(outside[best] < 0)
    return sum(one <= 0 for one in logits) / len(logits), sum(losses) / len(losses)


@pytest.mark.parametrize("edge", [0.0, 0.004])
def test_cscv_is_what_a_second_implementation_finds(edge: float) -> None:
    dice = random.Random(4)
    columns = [[dice.gauss(edge if k == 3 else 0.0, 0.01) for _ in range(96)] for k in range(9)]
    sums = np.array([block_sums(np.array(one), 8) for one in columns])
    found = overfitting(sums)
    assert found is not None
    assert (found.pbo, found.loss) == pytest.approx(cscv(columns, 8))
    assert (found.pbo < 0.2) == (edge > 0)
    assert len(found.inside) == len(found.outside) == math.comb(8, 4)


def test_blocks_may_differ_by_a_day_and_still_say_the_same_as_the_days() -> None:
    dice = random.Random(5)
    returns = np.array([dice.gauss(0, 0.01) for _ in range(101)])
    days, total, squares = block_sums(returns, 16)
    assert days.sum() == 101 and set(days) == {6, 7}
    assert total.sum() == pytest.approx(returns.sum()) and squares.sum() == pytest.approx((returns**2).sum())


def test_many_trials_are_judged_by_a_part_of_the_splits_and_come_to_nearly_the_same() -> None:
    dice = np.random.default_rng(6)
    sums = np.array([block_sums(row) for row in dice.normal(0.0005, 0.01, (40, 200))])
    every, some = overfitting(sums), overfitting(np.repeat(sums, 30, axis=0))
    assert every is not None and some is not None
    assert len(every.inside) == 12_870 > len(some.inside) >= 1_000
    assert some.loss == pytest.approx(every.loss, abs=0.05)
    assert overfitting(sums[:1]) is None
