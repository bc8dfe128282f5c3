"""Made-up worlds of trades with and without something to learn, and what the learner makes of them.

Each round lets a hundred traders live through one world: 250 days of 16 trades (375 for the smallest edge),
looked at every day. The goals are counts of traders, so that rounds add up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt

import numpy as np

from core.learning.evidence import Bools, Floats, Ints
from core.learning.policy import Learner
from core.learning.rules import ALL, FEATURES

SUMMARY = "a hundred traders a round in worlds of noise and of planted edges; what is claimed, saved and lost"
BATCH = 100
PER_DAY = 16
NEVER = 10**9
_BUCKETS = {"session": 6, "symbol": 5, "strength": 3, "side": 2, "vol": 3, "trend": 3}
_STAYS = 0.9  # chance that a day's regime is the day before's

Make = Callable[[np.random.Generator, Ints, Floats], Floats]


@dataclass(frozen=True, slots=True)
class World:
    """`make` gives outcomes in R from (dice, codes, share of time gone), all (traders, trades)."""

    make: Make
    days: int = 250
    planted: str = ""  # the feature that tells something, if one does
    gain: float = 0.0  # mean R a trade that an oracle saves


@dataclass(frozen=True, slots=True)
class Lives:
    """What happened to the traders of one world: codes (traders, trades, 7), the rest (traders, trades)."""

    codes: Ints
    outcomes: Floats
    multipliers: Floats
    made: Ints  # outcomes until the first claim, (traders, 8); NEVER
    again: Bools  # claimed again after the half, (traders, 8)

    @property
    def gain(self) -> Floats:
        """R that learning added, (traders,)."""
        found: Floats = ((self.multipliers - 1) * self.outcomes).sum(axis=1)
        return found


def _flips(rng: np.random.Generator, chance: Floats) -> Floats:
    return np.where(rng.random(chance.shape) < chance, 1.0, -1.0)


def _even(won: float, cost: float = 0.0) -> Make:
    return lambda rng, codes, time: _flips(rng, np.full(time.shape, won)) - cost


def _payoff(rng: np.random.Generator, codes: Ints, time: Floats) -> Floats:
    return np.where(rng.random(time.shape) < 1 / 3, 2.0, -1.0)


def _fat(rng: np.random.Generator, codes: Ints, time: Floats) -> Floats:
    return rng.standard_t(3, time.shape) / sqrt(3)


def _shocks(rng: np.random.Generator, codes: Ints, time: Floats) -> Floats:
    """The day's market moves all its trades: outcomes of one day correlate by 0.2."""
    latent = 0.309  # sin(0.2 pi / 2): signs of normals that correlate so correlate by 0.2
    day = np.repeat(rng.standard_normal((len(time), time.shape[1] // PER_DAY)), PER_DAY, axis=1)
    return np.where(sqrt(latent) * day + sqrt(1 - latent) * rng.standard_normal(time.shape) > 0, 1.0, -1.0)


def _drift(rng: np.random.Generator, codes: Ints, time: Floats) -> Floats:
    phase = rng.random((len(time), 1)) * 2 * pi
    return _flips(rng, 0.5 + 0.05 * np.sin(4 * pi * time + phase))


def _half(won: float) -> Make:
    return lambda rng, codes, time: _flips(rng, np.where(_code(codes, "session") < 3, won, 1 - won))


def _turned(won: float) -> Make:
    def make(rng: np.random.Generator, codes: Ints, time: Floats) -> Floats:
        first = (_code(codes, "session") < 3) == (time < 0.5)
        return _flips(rng, np.where(first, won, 1 - won))

    return make


def _weak(feature: str, code: int, weak: float, others: float) -> Make:
    return lambda rng, codes, time: _flips(rng, np.where(_code(codes, feature) == code, weak, others))


def _code(codes: Ints, feature: str) -> Ints:
    found: Ints = codes[..., FEATURES.index(feature)]
    return found


NOISE = ("plain", "payoff", "fat", "shocks", "drift", "costs", "uniform")
WORLDS: dict[str, World] = {
    "plain": World(_even(0.5)),
    "payoff": World(_payoff),
    "fat": World(_fat),
    "shocks": World(_shocks),
    "drift": World(_drift),
    "costs": World(_even(0.5, cost=0.05)),
    "uniform": World(_even(0.525)),
    "half55": World(_half(0.55), 375, "session", 0.05),
    "half57": World(_half(0.575), 250, "session", 0.075),
    "half60": World(_half(0.60), 250, "session", 0.1),
    "half65": World(_half(0.65), 250, "session", 0.15),
    "session": World(_weak("session", 2, 0.40, 0.52), 250, "session", 0.2 / 6),
    "symbol": World(_weak("symbol", 3, 0.42, 0.52), 250, "symbol", 0.16 / 5),
    "volatility": World(_weak("vol", 2, 0.42, 0.54), 250, "vol", 0.16 / 3),
    "turned60": World(_turned(0.60), 250, "session"),
    "loses": World(_even(0.475), 250),
}
_DETECTED = {"half55": 3200, "half57": 1450, "half60": 800, "half65": 400}
_POWER = {"session": 0.97, "symbol": 0.90, "volatility": 0.85}  # what can be had: docs/learning.md
_SHARE = {"half55": 0.55, "half60": 0.80, "half65": 0.88}
ROUNDS = 10 * len(WORLDS)


def features(rng: np.random.Generator, traders: int, days: int) -> Ints:
    """Codes of random signals, (traders, days x PER_DAY, 7): volatility and trend stay for days."""
    shape, day = (traders, days * PER_DAY), np.repeat(np.arange(days), PER_DAY)
    columns = []
    for name in FEATURES:
        if name == "weekend":
            columns.append(np.broadcast_to((day % 7 >= 5).astype(np.int64), shape))
        elif name in ("vol", "trend"):
            columns.append(np.repeat(_regimes(rng, traders, days, _BUCKETS[name]), PER_DAY, axis=1))
        else:
            columns.append(rng.integers(0, _BUCKETS[name], shape))
    return np.stack(columns, axis=2)


def _regimes(rng: np.random.Generator, traders: int, days: int, count: int) -> Ints:
    found = rng.integers(0, count, (traders, days))
    stays = rng.random((traders, days)) < _STAYS
    for day in range(1, days):
        found[:, day] = np.where(stays[:, day], found[:, day - 1], found[:, day])
    return found


def live(name: str, seed: int, traders: int = BATCH, days: int | None = None) -> Lives:
    """Let traders live through a world, learning every day; the same for the same seed."""
    world = WORLDS[name]
    rng, days = np.random.default_rng([seed, *name.encode()]), days or world.days
    codes = features(rng, traders, days)
    time = np.broadcast_to(np.arange(days * PER_DAY) / (days * PER_DAY), codes.shape[:2])
    outcomes = world.make(rng, codes, time)
    learner, multipliers = Learner(traders), np.ones(outcomes.shape)
    made, again = np.full((traders, ALL + 1), NEVER), np.zeros((traders, ALL + 1), dtype=bool)
    for first in range(0, days * PER_DAY, PER_DAY):
        today = slice(first, first + PER_DAY)
        multipliers[:, today] = learner.multipliers(codes[:, today])
        claimed, _ = learner.take_day(codes[:, today], outcomes[:, today])
        made = np.where(claimed & (made == NEVER), learner.trades, made)
        again |= claimed & (first >= days * PER_DAY // 2)
    return Lives(codes, outcomes, multipliers, made, again)


async def play(round: int) -> dict[str, int]:
    """One batch of one world; the worlds take turns."""
    name = list(WORLDS)[round % len(WORLDS)]
    return counted(name, live(name, round // len(WORLDS)))


def counted(name: str, lives: Lives) -> dict[str, int]:
    """Counts of traders, and sums of gains in thousandths of R, by world."""
    world, gain = WORLDS[name], lives.gain
    counts = {"traders": len(gain), "gain": round(gain.sum() * 1000), "cost 15": int((gain < -15).sum())}
    counts["cost 3"] = int((gain < -3).sum())
    if name in NOISE:
        features_only = lives.made[:, :ALL].min(axis=1)
        counts["false"] = int((features_only < NEVER).sum())
        counts["false whole"] = int((lives.made[:, ALL] < NEVER).sum())
    if world.planted:
        made = lives.made[:, FEATURES.index(world.planted)]
        counts["found"] = int((made <= 4000).sum())
        counts["in time"] = int((made <= _DETECTED.get(name, 4000)).sum())
        counts["oracle"] = round(world.gain * lives.outcomes.size * 1000)
    if name == "loses":
        counts["found"] = int((lives.made[:, ALL] <= 4000).sum())
    if name.startswith("turned"):
        counts |= _turn(lives)
    return {f"{name} {what}": count for what, count in counts.items()}


def _turn(lives: Lives) -> dict[str, int]:
    half = lives.outcomes.shape[1] // 2
    after = ((lives.multipliers - 1) * lives.outcomes)[:, half:].cumsum(axis=1)
    trough = after.argmin(axis=1)
    return {
        "let go in 250": int((trough <= 250).sum()),
        "let go in 450": int((trough <= 450).sum()),
        "lost 25": int((after.min(axis=1) < -25).sum()),
        "learned again": int(lives.again[:, FEATURES.index("session")].sum()),
    }


def shares(counts: dict[str, int]) -> dict[str, float]:
    """Every count as a share of its traders, gains as a share of the oracle's or a mean in R."""
    found = {}
    for key, count in counts.items():
        name, _, what = key.partition(" ")
        if what == "gain" and counts.get(f"{name} oracle"):
            found[f"{name} share"] = count / counts[f"{name} oracle"]
        elif what == "gain":
            found[key] = count / 1000 / counts[f"{name} traders"]
        elif what not in ("traders", "oracle"):
            found[key] = count / counts[f"{name} traders"]
    return found


def check(counts: dict[str, int]) -> None:
    """Raise over every goal that is missed."""
    found, missed = shares(counts), []

    def goal(key: str, low: float = 0.0, high: float = float("inf")) -> None:
        if not low <= found[key] <= high:
            missed.append(f"{key} is {found[key]:.3f}, wanted {low:g} to {high:g}")

    for name in NOISE:
        goal(f"{name} false", high=0.05)
    for name in ("plain", "payoff", "fat", "shocks", "uniform"):
        goal(f"{name} false whole", high=0.03)
        goal(f"{name} cost 3", high=0.05)
    for name in WORLDS:
        goal(f"{name} cost 15", high=0.01)
    for name in _DETECTED:
        goal(f"{name} in time", low=0.9)
    for name, low in _POWER.items():
        goal(f"{name} found", low=low)
    for name, low in _SHARE.items():
        goal(f"{name} share", low=low)
    goal("uniform gain", low=-2.0)
    goal("turned60 let go in 250", low=0.5)
    goal("turned60 let go in 450", low=0.9)
    goal("turned60 lost 25", high=0.05)
    goal("turned60 learned again", low=0.9)
    goal("loses found", low=0.65)
    if missed:
        raise AssertionError("; ".join(missed))
