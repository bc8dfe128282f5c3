"""How much of a search's best result is luck: deflated Sharpe ratio and probability of backtest overfitting.

Sources: D. Bailey and M. Lopez de Prado, "The Sharpe Ratio Efficient Frontier", Journal of Risk 15(2), 2012
(probabilistic Sharpe ratio); the same, "The Deflated Sharpe Ratio", Journal of Portfolio Management 40(5),
2014 (expected maximum, deflation); D. Bailey, J. Borwein, M. Lopez de Prado and Q. Zhu, "The Probability of
Backtest Overfitting", Journal of Computational Finance 20(4), 2017 (CSCV, probability of loss).

Sharpe ratios here are those of daily returns, not annualised, with the rate 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import e, sqrt
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

EULER_GAMMA = 0.5772156649015329
BLOCKS = 16  # parts that CSCV cuts time into: 12,870 ways to choose one half of them
_AT_ONCE = 100_000  # numbers that one step of CSCV holds
_ALL = 13_000_000  # numbers up to which every split is looked at; above, a thousand or more drawn evenly
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Moments:
    """Daily returns in four figures: how many, Sharpe ratio, skewness and kurtosis (normal: 3)."""

    days: int
    sharpe: float
    skew: float
    kurtosis: float


def moments(returns: NDArray[Any]) -> Moments:
    """Of a day's returns each; all 0 when no day differs from another."""
    days = len(returns)
    if days < 2:
        return Moments(days, 0.0, 0.0, 3.0)
    mean, deviation = float(returns.mean()), float(returns.std(ddof=1))
    if deviation == 0.0:
        return Moments(days, 0.0, 0.0, 3.0)
    scaled = (returns - mean) / float(returns.std())
    return Moments(days, mean / deviation, float((scaled**3).mean()), float((scaled**4).mean()))


def probabilistic_sharpe(seen: Moments, benchmark: float) -> float:
    """The probability that the true Sharpe ratio is above `benchmark`."""
    spread = 1.0 - seen.skew * seen.sharpe + (seen.kurtosis - 1.0) / 4.0 * seen.sharpe**2
    if seen.days < 2 or spread <= 0.0:
        return 0.0
    return _NORMAL.cdf((seen.sharpe - benchmark) * sqrt(seen.days - 1) / sqrt(spread))


def expected_best(variance: float, trials: int) -> float:
    """The highest Sharpe ratio that so many worthless trials are expected to show."""
    if trials < 2:
        return 0.0
    first, second = _NORMAL.inv_cdf(1.0 - 1.0 / trials), _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    return sqrt(variance) * ((1.0 - EULER_GAMMA) * first + EULER_GAMMA * second)


def worthless_variance(days: int) -> float:
    """Of the Sharpe ratios that worthless trials show over so many days (A. Lo, "The Statistics of Sharpe
    Ratios", Financial Analysts Journal 58(4), 2002, at a true ratio of zero).
    """
    return 1.0 / max(days - 1, 1)


def deflated_sharpe(best: Moments, variance: float, trials: int) -> float:
    """The probability that the best of `trials` is more than the luckiest of so many worthless ones.

    `variance` is that of the trials' Sharpe ratios.
    """
    return probabilistic_sharpe(best, expected_best(variance, trials))


@dataclass(frozen=True, slots=True)
class Overfitting:
    """What CSCV found: how often the best of one half is below the median (`pbo`) or loses money (`loss`)
    in the other half. `inside` and `outside` are the best's Sharpe ratios in both, a split each."""

    pbo: float
    loss: float
    inside: tuple[float, ...]
    outside: tuple[float, ...]


def block_sums(returns: NDArray[Any], blocks: int = BLOCKS) -> NDArray[Any]:
    """Days, sum and sum of squares of each of `blocks` even parts of time: shape (3, blocks)."""
    parts = np.array_split(returns, blocks)
    return np.array([
        [len(one) for one in parts], [one.sum() for one in parts], [np.square(one).sum() for one in parts],
    ])  # fmt: skip


def overfitting(sums: NDArray[Any]) -> Overfitting | None:
    """Combinatorially symmetric cross-validation over `block_sums` of each trial: shape (trials, 3, blocks).

    None with fewer than two trials, or fewer days than blocks.
    """
    trials, _, blocks = sums.shape
    if trials < 2 or sums[:, 0].min() < 1:
        return None
    ranks, inside, outside = [], [], []
    for chosen in _halves(blocks, trials):
        seen, unseen = _sharpes(sums, chosen), _sharpes(sums, ~chosen)
        best = seen.argmax(axis=1)
        rows = np.arange(len(best))
        mine = unseen[rows, best][:, None]
        below, equal = (unseen < mine).sum(axis=1), (unseen == mine).sum(axis=1) - 1
        ranks.append((below + equal / 2 + 1) / (trials + 1))
        inside.append(seen[rows, best])
        outside.append(mine[:, 0])
    rank, there = np.concatenate(ranks), np.concatenate(outside)
    return Overfitting(
        pbo=float((rank <= 0.5).mean()), loss=float((there < 0).mean()),
        inside=tuple(np.concatenate(inside).tolist()), outside=tuple(there.tolist()),
    )  # fmt: skip


def _halves(blocks: int, trials: int) -> Iterator[NDArray[Any]]:
    """Every choice of half the blocks, so many at a time as fit into a processor's cache."""
    every = list(combinations(range(blocks), blocks // 2))
    if len(every) * trials > _ALL:
        every = Random(blocks).sample(every, max(1_000, _ALL // trials))
    step = max(1, _AT_ONCE // trials)
    for at in range(0, len(every), step):
        some = every[at : at + step]
        chosen = np.zeros((len(some), blocks), dtype=bool)
        chosen[np.arange(len(some))[:, None], np.array(some)] = True
        yield chosen


def _sharpes(sums: NDArray[Any], chosen: NDArray[Any]) -> NDArray[Any]:
    """Sharpe ratios over the chosen blocks: a row a choice, a column a trial; 0 where nothing moved."""
    days, total, squares = (chosen.astype(float) @ sums[:, k, :].T for k in range(3))
    mean = total / days
    variance = np.maximum(squares - days * mean**2, 0.0) / np.maximum(days - 1, 1)
    flat = variance <= 1e-24
    return np.where(flat, 0.0, mean / np.sqrt(np.where(flat, 1.0, variance)))


def variance_of(sharpes: Sequence[float]) -> float:
    """Across the trials (n - 1)."""
    return float(np.var(np.asarray(sharpes), ddof=1)) if len(sharpes) > 1 else 0.0
