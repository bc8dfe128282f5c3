"""What a rule has really earned: the mean of its net returns, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sqrt, tan
from statistics import NormalDist, fmean, stdev

from core.model.money import percent


@dataclass(frozen=True, slots=True)
class Record:
    """Net return of a trade as a share of what was put in, fees off. `low` and `high` hold the true mean
    with the confidence asked for; with fewer than two trades they are unknown."""

    trades: int
    mean: float = 0.0
    low: float | None = None
    high: float | None = None

    @property
    def loses(self) -> bool:
        """Whether even the upper end of the interval is a loss."""
        return self.high is not None and self.high < 0

    def text(self) -> str:
        """One line with the numbers."""
        if not self.trades:
            return "no closed trade of this rule yet"
        mean = percent(self.mean, sign="+")
        trades = f"{self.trades} closed trade{'s'[: self.trades != 1]}, {mean} each after fees"
        if self.low is None or self.high is None:
            return f"{trades}; one proves nothing"
        return (
            f"{trades} (95 % sure: between {percent(self.low, sign='+')} and {percent(self.high, sign='+')})"
        )


def record_of(returns: Sequence[float], confidence: float = 0.95) -> Record:
    """The record of net returns, with Student's interval of the mean."""
    count = len(returns)
    if count < 2:
        return Record(count, returns[0] if returns else 0.0)
    mean, away = fmean(returns), t_quantile(0.5 + confidence / 2, count - 1) * stdev(returns) / sqrt(count)
    return Record(count, mean, mean - away, mean + away)


def t_quantile(p: float, freedom: int) -> float:
    """Student's t quantile by the expansion of Abramowitz and Stegun 26.7.5; exact for 1 and 2 degrees."""
    if freedom == 1:
        return tan(pi * (p - 0.5))
    if freedom == 2:
        return (2 * p - 1) / sqrt(2 * p * (1 - p))
    z, n = NormalDist().inv_cdf(p), float(freedom)
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    g4 = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + g1 / n + g2 / n**2 + g3 / n**3 + g4 / n**4
