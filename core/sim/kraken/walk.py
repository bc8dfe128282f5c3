"""The seeded paths that coins walk in dollars: slow drifts, trends, ranges, shocks and clustered volatility.

Every number is a pure function of seed, coin and moment, so that a restarted exchange meets its own past
and future again. Days hang on slow levels found by midpoint displacement; inside a day a random walk with
changing regimes is bent to end on the next day's level. Nothing is arranged for or against any strategy.
"""

from __future__ import annotations

import math
from hashlib import blake2b
from random import Random
from statistics import NormalDist
from typing import NamedTuple, TypeVar

T = TypeVar("T")

BAR_MS = 300_000
BARS_A_DAY = 288
_KNOT_DAYS = 128
_KNOT_SPREAD = 8.0  # of the slow levels, in daily volatilities
_COMMON_SHARE = 0.62  # correlation of a coin's moves with the whole market's
_NORMAL = NormalDist()
_DAYS_KEPT = 4  # in memory; older ones are walked again when somebody asks


class Move(NamedTuple):
    """Five minutes of a coin, in dollars; `heat` scales a market's usual volume."""

    open: float
    high: float
    low: float
    close: float
    heat: float


class Weather:
    """The moves that all coins share, one list of standard normals a day."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._days: dict[int, list[float]] = {}

    def day(self, day: int) -> list[float]:
        moves = self._days.get(day)
        if moves is None:
            rng = Random(f"{self.seed}|weather|{day}")
            moves = self._days[day] = [rng.gauss(0.0, 1.0) for _ in range(BARS_A_DAY)]
        return moves


class CoinWalk:
    """One coin's path. `sigma` is the volatility of a five-minute return."""

    def __init__(self, weather: Weather, coin: str, dollars: float, sigma: float) -> None:
        self._weather, self._key = weather, f"{weather.seed}|{coin}"
        self._dollars, self._sigma = dollars, sigma
        self._daily = sigma * math.sqrt(BARS_A_DAY)
        self._days: dict[int, list[Move]] = {}

    def day(self, day: int) -> list[Move]:
        """The 288 moves of a UTC day, counted from the epoch."""
        moves = self._days.get(day)
        if moves is None:
            moves = self._days[day] = self._walk(day)
            forget_oldest(self._days, _DAYS_KEPT)
        return moves

    def level(self, day: int) -> float:
        """Log price at the start of a day, relative to the coin's usual price."""
        left = day - day % _KNOT_DAYS
        span, low, high = _KNOT_DAYS, self._knot(left), self._knot(left + _KNOT_DAYS)
        while day != left:
            half = span // 2
            spread = self._daily * math.sqrt(span) / 2
            middle = (low + high) / 2 + spread * self._noise(f"mid|{left + half}")
            if day < left + half:
                high = middle
            else:
                left, low = left + half, middle
            span = half
        return low

    def _knot(self, day: int) -> float:
        return _KNOT_SPREAD * self._daily * self._noise(f"knot|{day}")

    def _noise(self, what: str) -> float:
        """A standard normal that belongs to this coin and this name."""
        number = int.from_bytes(blake2b(f"{self._key}|{what}".encode(), digest_size=8).digest())
        return _NORMAL.inv_cdf((number + 0.5) / 2**64)

    def _walk(self, day: int) -> list[Move]:
        rng = Random(f"{self._key}|{day}")
        returns, sigmas = self._returns(rng, self._weather.day(day))
        start, end = self.level(day), self.level(day + 1)
        bend = (end - start - sum(returns)) / BARS_A_DAY
        price, moves = self._dollars * math.exp(start), []
        for step, sigma in zip(returns, sigmas, strict=True):
            close = price * math.exp(step + bend)
            wick = sigma * price * 0.42
            high = max(price, close) + wick * rng.expovariate(1.0)
            low = min(price, close) - wick * rng.expovariate(1.0)
            heat = (0.5 + abs(step) / self._sigma) * rng.lognormvariate(-0.12, 0.5)
            moves.append(Move(price, high, max(low, price * 0.2), close, heat))
            price = close
        return moves

    def _returns(self, rng: Random, common: list[float]) -> tuple[list[float], list[float]]:
        """Log returns of a day and the volatility each was drawn with."""
        own_share = math.sqrt(1 - _COMMON_SHARE**2)
        regimes = _regimes(rng)
        base = self._sigma * rng.lognormvariate(-0.06, 0.35)
        variance, away = 1.0, 0.0
        returns, sigmas = [], []
        for minute, shared in enumerate(common):
            drift, pull, calm = regimes[minute]
            season = 1.0 + 0.3 * math.sin((minute - 110) / BARS_A_DAY * math.tau)
            sigma = base * calm * season * math.sqrt(variance)
            move = _COMMON_SHARE * shared + own_share * rng.gauss(0.0, 1.0)
            if rng.random() < 0.0025:
                move += rng.choice((-1, 1)) * rng.uniform(4.0, 9.0)
            step = sigma * (move + drift) - pull * away
            away = away + step if pull else 0.0
            variance = 0.08 + 0.80 * variance + 0.12 * min(move * move, 30.0)
            returns.append(step)
            sigmas.append(sigma)
        return returns, sigmas


def forget_oldest(days: dict[int, list[T]], kept: int) -> None:
    """Drop what was put in first until `kept` days are left."""
    while len(days) > kept:
        del days[next(iter(days))]


def _regimes(rng: Random) -> list[tuple[float, float, float]]:
    """Drift in volatilities, pull back to where a range began, and calm, for each bar of a day."""
    plan: list[tuple[float, float, float]] = []
    while len(plan) < BARS_A_DAY:
        length = rng.randint(15, 90)
        luck = rng.random()
        if luck < 0.44:  # a trend, up or down alike
            regime = (rng.choice((-1, 1)) * rng.uniform(0.08, 0.30), 0.0, 1.0)
        elif luck < 0.88:  # a range
            regime = (0.0, rng.uniform(0.02, 0.10), 0.9)
        else:
            regime = (0.0, 0.0, 0.55)
        plan += [regime] * length
    return plan[:BARS_A_DAY]
