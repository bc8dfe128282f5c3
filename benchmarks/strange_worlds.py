"""Worlds that the learner was not built on: trades in clusters, sessions in order, no weekends, odd payoffs.

Each round lets a hundred traders live through one of them. Where trades are alike and independent given their
day the bound is asserted; where they run together or differ in how far they swing, none is promised and the
shares are told (docs/learning.md, "What it does not know").
"""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt

import numpy as np

from benchmarks.learning_worlds import NEVER
from core.learning.evidence import Bools, Floats, Ints
from core.learning.policy import Learner
from core.learning.rules import ALL, FEATURES

SUMMARY = "a hundred traders a round in worlds the learner was not built on: what is claimed falsely"
BATCH, TRADES = 100, 4_000
_STAYS = 0.9
_BUCKETS = {"session": 6, "strength": 3, "side": 2, "vol": 3, "trend": 3}
Make = Callable[[np.random.Generator, Ints, Ints], Floats]


def _flips(rng: np.random.Generator, chance: Floats) -> Floats:
    return np.where(rng.random(chance.shape) < chance, 1.0, -1.0)


def _plain(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    return _flips(rng, np.full(codes.shape[:2], 0.5))


def _payoffs(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    """Every pair has its own payoff, 1:1 to 3:1, and none of them pays: some swing more than others."""
    won = np.array((1, 1.5, 2, 2.5, 3))[_code(codes, "symbol") % 5]
    return np.where(rng.random(won.shape) < 1 / (1 + won), won, -1.0)


def _brackets(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    """Targets of 1.45 R, stops of -1.05 R, a tenth closed by time; on average nothing."""
    dice, late = rng.random(codes.shape[:2]), rng.standard_normal(codes.shape[:2]) * 0.4
    return np.where(dice < 0.36, 1.45, np.where(dice < 0.9, -1.05, late)) - (0.36 * 1.45 - 0.54 * 1.05)


def _wandering(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    """The base rate is a random walk between 42 and 58 %."""
    steps = rng.standard_normal((len(codes), day[-1] + 1)) * 0.007
    return _flips(rng, np.clip(0.5 + steps.cumsum(axis=1), 0.42, 0.58)[:, day])


def _together(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    """Four trades in a row share half of what moves them, as pairs do that cross in the same candle."""
    groups = np.arange(codes.shape[1]) // 4
    shared = rng.standard_normal((len(codes), groups[-1] + 1))[:, groups]
    return np.sign(sqrt(0.5) * shared + sqrt(0.5) * rng.standard_normal(shared.shape))


def _half(rng: np.random.Generator, codes: Ints, day: Ints) -> Floats:
    return _flips(rng, np.where(_code(codes, "session") < 3, 0.6, 0.4))


def _code(codes: Ints, feature: str) -> Ints:
    found: Ints = codes[..., FEATURES.index(feature)]
    return found


NOISE: dict[str, Make] = {
    "plain": _plain, "brackets": _brackets, "wandering": _wandering,
}  # fmt: skip
WORLDS: dict[str, Make] = {**NOISE, "payoffs": _payoffs, "together": _together, "half60": _half}
ROUNDS = 4 * len(WORLDS)


def days_of(rng: np.random.Generator, trades: int) -> list[int]:
    """Trades a day: mostly a handful, sometimes a flood, and none on a weekend."""
    found: list[int] = []
    while sum(found) < trades:
        count = min(150, 1 + int(rng.negative_binomial(0.7, 0.7 / 20.7)))
        found.append(0 if len(found) % 7 >= 5 else count)
    return found


def features(rng: np.random.Generator, traders: int, days: list[int], pairs: int) -> Ints:
    """Codes as in `learning_worlds`, but sessions come in order and some pairs trade more than others."""
    day, columns = np.repeat(np.arange(len(days)), days), []
    shape = (traders, len(day))
    for name in FEATURES:
        if name == "weekend":
            columns.append(np.zeros(shape, dtype=np.int64))
        elif name == "symbol":
            weights = 0.7 ** np.arange(pairs)
            columns.append(rng.choice(pairs, shape, p=weights / weights.sum()))
        elif name in ("vol", "trend"):
            fresh, stays = rng.integers(0, 3, (traders, len(days))), rng.random((traders, len(days))) < _STAYS
            for at in range(1, len(days)):
                fresh[:, at] = np.where(stays[:, at], fresh[:, at - 1], fresh[:, at])
            columns.append(fresh[:, day])
        else:
            columns.append(rng.integers(0, _BUCKETS[name], shape))
    found = np.stack(columns, axis=2)
    session, ends = found[..., FEATURES.index("session")], np.cumsum(days)
    for first, end in zip(ends - days, ends, strict=True):
        session[:, first:end].sort(axis=1)
    return found


def live(name: str, seed: int, traders: int = BATCH, trades: int = TRADES) -> tuple[Ints, Floats]:
    """(outcomes until the first claim by feature and of the whole, R that learning added), by trader."""
    rng = np.random.default_rng([seed, *name.encode()])
    days = days_of(rng, trades)
    codes = features(rng, traders, days, pairs=12 if name == "brackets" else 5)
    outcomes = WORLDS[name](rng, codes, np.repeat(np.arange(len(days)), days))
    learner, made, gain = Learner(traders), np.full((traders, ALL + 1), NEVER), np.zeros(traders)
    ends = np.cumsum(days)
    for first, end in zip(ends - days, ends, strict=True):
        if end > first:
            today = slice(first, end)
            gain += ((learner.multipliers(codes[:, today]) - 1) * outcomes[:, today]).sum(axis=1)
            claimed, _ = learner.take_day(codes[:, today], outcomes[:, today])
            made = np.where(claimed & (made == NEVER), learner.trades, made)
    return made, gain


async def play(round: int) -> dict[str, int]:
    """One batch of one world; the worlds take turns."""
    name = list(WORLDS)[round % len(WORLDS)]
    made, gain = live(name, round // len(WORLDS))
    return counted(name, made < NEVER, gain)


def counted(name: str, claimed: Bools, gain: Floats) -> dict[str, int]:
    counts = {"traders": len(gain), "cost 15": int((gain < -15).sum())}
    counts["session claimed"] = int(claimed[:, FEATURES.index("session")].sum())
    counts["any feature claimed"] = int(claimed[:, :ALL].any(axis=1).sum())
    return {f"{name} {what}": count for what, count in counts.items()}


def check(counts: dict[str, int]) -> None:
    """Where trades are alike given their day nothing false beyond 5 %, and a planted edge is found."""
    for name in NOISE:
        assert counts[f"{name} any feature claimed"] <= 0.05 * counts[f"{name} traders"], (name, counts)
        assert counts[f"{name} cost 15"] <= 0.02 * counts[f"{name} traders"], (name, counts)
    assert counts["half60 session claimed"] >= 0.9 * counts["half60 traders"], counts
