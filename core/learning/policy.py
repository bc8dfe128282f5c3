"""From closed outcomes to claims and a multiplier in [0, 1], one trading day at a time.

A day's outcomes are taken when the day is over; the multipliers of a day use earlier days only. Nothing here
can raise a risk, move a stop or reach a limit: the only thing that leaves is a number between 0 and 1.
"""

from __future__ import annotations

import hashlib
from math import log

import numpy as np

from core.learning.evidence import (
    MOST_BUCKETS,
    SHARE,
    Bools,
    Evidence,
    Floats,
    Ints,
    choice_table,
    rows_of_a_day,
)
from core.learning.rules import ALL, ALPHA_ALL, FEATURES, WEIGHTS, Rules

CLIP = 8.0  # outcomes beyond so many spreads count as that many
_PRIOR_TRADES, _PRIOR_DAYS = 20, 5  # of spread 1 that the first spreads are taken from
_SHRINK = 200  # trades of nothing that the mean is shrunk by
_STAKES = (0.1, 0.2, 0.35)  # of the capital against the whole strategy, a spread of a day's mean
_SEASON = 90  # days: a strategy that only lost through one of these is having a bad season
_LASTING = 0.2  # ln of the capital against it that must stand without its best season


class Learner:
    """Learns from closed outcomes of several traders at once, each from its own.

    Codes are bucket numbers by feature, (traders, trades, 7), counted from 0 in order of appearance; outcomes
    are net results in R, (traders, trades).
    """

    def __init__(self, traders: int = 1) -> None:
        self.traders = traders
        self.trades = self.days = 0
        self.evidence = tuple(Evidence(traders) for _ in FEATURES)
        self.rules = Rules(traders)
        # Since a feature's evidence began, by bucket: outcomes, and of R the sums and sums of squares.
        self.counts = np.zeros((traders, ALL, MOST_BUCKETS))
        self.sums = np.zeros((traders, ALL, MOST_BUCKETS))
        self.squares = np.zeros((traders, ALL, MOST_BUCKETS))
        self.skipped = np.zeros((traders, ALL, MOST_BUCKETS), dtype=bool)
        self._sum = np.zeros(traders)
        self._square = np.zeros(traders)
        self._day_square = np.zeros(traders)
        self._against = np.full((traders, len(_STAKES)), 1 / len(_STAKES))  # capital that everything loses
        self._path = np.zeros((traders, _SEASON))  # ln of it, on the last days in turn
        self._season = np.zeros(traders)  # the most that it grew within a season

    def multipliers(self, codes: Ints) -> Floats:
        """For signals of the day that begins, (traders, signals): 0 where a rule says no, else 1."""
        return np.where(self.objections(codes).any(axis=2), 0.0, 1.0)

    def objections(self, codes: Ints) -> Bools:
        """Which rules say no, (traders, signals, 8); none does while all of them are held."""
        whole = np.broadcast_to(self.rules.active[:, None, ALL:], (*codes.shape[:2], 1))
        found: Bools = np.concatenate((self._skips(codes), whole), axis=2)
        return found & ~self.rules.held[:, None, None]

    def take_day(self, codes: Ints, outcomes: Floats) -> tuple[Bools, Bools]:
        """One day's closed outcomes; what was (claimed, withdrawn) at its end, (traders, 8) each."""
        codes = np.minimum(codes, MOST_BUCKETS - 1)
        skips = self._skips(codes)
        self._judge(codes, outcomes)
        kept: Bools = np.logical_not(skips.any(axis=2))
        self._bet_against(outcomes, kept)
        self._account(outcomes, skips)
        self._count(codes, outcomes)
        withdrawn = self._retire()
        claimed = self.rules.claim(self.weighted())
        self._decide()
        return claimed, withdrawn

    def weighted(self) -> Floats:
        """ln of weight x e-value of every feature and, last, of "everything loses", (traders, 8)."""
        features = np.stack([one.capital for one in self.evidence], axis=1) + np.log(WEIGHTS)
        whole = np.log(self._against.sum(axis=1))
        short = np.minimum(whole, log(1 / ALPHA_ALL) - 0.01)  # a bad season alone is no claim
        whole = np.where(whole - self._season >= _LASTING, whole, short)
        return np.concatenate((features, whole[:, None]), axis=1)

    def estimate(self, feature: int) -> Floats:
        """Shrunk mean outcome of each bucket in R, (traders, buckets): what the bets so far expect."""
        one = self.evidence[feature]
        counts = self.counts[:, feature, : one.buckets]
        shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
        mean = self._sum / (self.trades + _SHRINK)
        found: Floats = mean[:, None] + self._spread()[:, None] * one.lift(shares)
        return found

    def whole(self) -> tuple[float, float]:
        """(sum of R, sum of squares) of the first trader's outcomes."""
        return float(self._sum[0]), float(self._square[0])

    def fingerprint(self) -> str:
        """A hash of everything that decides what follows."""
        rules = self.rules
        state = hashlib.sha256(f"{self.trades},{self.days}".encode())
        for one in self.evidence:
            state.update(one.capital.tobytes() + one.belief.tobytes())
        for array in (
            rules.active, rules.trial, rules.dropped, rules.peak, rules.saved, rules.best, rules.net,
            rules.held, self.counts, self.sums, self.squares, self.skipped, self._sum, self._square,
            self._day_square, self._against, self._path, self._season,
        ):  # fmt: skip
            state.update(array.tobytes())
        return state.hexdigest()

    def _skips(self, codes: Ints) -> Bools:
        """(traders, trades, features): a rule of this feature says no."""
        rows, bucket = np.arange(self.traders)[:, None, None], np.minimum(codes, MOST_BUCKETS - 1)
        found: Bools = self.skipped[rows, np.arange(ALL), bucket]
        return found

    def _judge(self, codes: Ints, outcomes: Floats) -> None:
        """Let every feature bet on the day, in spreads of one outcome as the days before showed it."""
        spread, n = self._spread(), outcomes.shape[1]
        ratio = np.clip(spread / self._day_spread(n), 1.0, np.sqrt(n))
        standard = np.clip(outcomes / spread[:, None], -CLIP, CLIP)
        rows = [(where, standard[:, where].reshape(-1, where.shape[1])) for where in rows_of_a_day(n)]
        tables = [choice_table(values, self.evidence[0].tilts) for _, values in rows]
        for feature, one in enumerate(self.evidence):
            bucket = codes[:, :, feature]
            one.grow(int(bucket.max()) + 1)
            same = (bucket == bucket[:, :1]).all(axis=1)
            factors = one.between(self.days, bucket[:, 0], outcomes.mean(axis=1), same, ratio)
            for (where, values), table in zip(rows, tables, strict=True):
                parts = one.within(bucket[:, where].reshape(values.shape), values, table)
                factors += parts.reshape(self.traders, len(where), *parts.shape[1:]).sum(axis=1)
            one.bet(factors, np.where(self.rules.active[:, feature], 0.0, SHARE))

    def _spread(self) -> Floats:
        """Root mean square of one outcome, (traders,), begun with a few of 1 R."""
        found: Floats = np.sqrt((self._square + _PRIOR_TRADES) / (self.trades + _PRIOR_TRADES))
        return found

    def _day_spread(self, n: int) -> Floats:
        """The same of a day's mean of n outcomes."""
        found: Floats = np.sqrt((self._day_square + _PRIOR_DAYS / n) / (self.days + _PRIOR_DAYS))
        return found

    def _bet_against(self, outcomes: Floats, kept: Bools) -> None:
        """That the mean of what the rules let through is not below zero: a losing day makes capital grow."""
        n = kept.sum(axis=1)
        mean = (outcomes * kept).sum(axis=1) / np.maximum(n, 1)
        size = (mean / self._day_spread(outcomes.shape[1]))[:, None]
        factors = np.maximum(1 - np.array(_STAKES) * size, 0.05)
        self._against *= np.where(n[:, None] > 0, factors, 1.0)
        now, turn = np.log(self._against.sum(axis=1)), self.days % _SEASON
        self._season = np.maximum(self._season, now - self._path[:, turn])
        self._path[:, turn] = now

    def _account(self, outcomes: Floats, skips: Bools) -> None:
        any_skip, stopped = skips.any(axis=2), self.rules.active[:, ALL]
        by_rule = -(skips * outcomes[:, :, None]).sum(axis=1)
        by_stop = -(outcomes * ~any_skip).sum(axis=1)
        together = -(outcomes * (any_skip | stopped[:, None])).sum(axis=1)
        self.rules.account(np.concatenate((by_rule, by_stop[:, None]), axis=1), together)

    def _count(self, codes: Ints, outcomes: Floats) -> None:
        self.days += 1
        self.trades += outcomes.shape[1]
        self._sum += outcomes.sum(axis=1)
        self._square += (outcomes**2).sum(axis=1)
        self._day_square += outcomes.mean(axis=1) ** 2
        for bucket in range(int(codes.max()) + 1):
            here = codes == bucket
            self.counts[:, :, bucket] += here.sum(axis=1)
            self.sums[:, :, bucket] += (here * outcomes[:, :, None]).sum(axis=1)
            self.squares[:, :, bucket] += (here * outcomes[:, :, None] ** 2).sum(axis=1)

    def _retire(self) -> Bools:
        withdrawn, failed = self.rules.retire(self.weighted())
        for feature, one in enumerate(self.evidence):
            afresh = withdrawn[:, feature] | failed[:, feature]
            one.restart(afresh, withdrawn[:, feature])
            for kept in (self.counts, self.sums, self.squares):
                kept[afresh, feature] = 0.0
        self._against[withdrawn[:, ALL]] = 1 / len(_STAKES)
        self._path[withdrawn[:, ALL]] = 0.0
        self._season[withdrawn[:, ALL]] = 0.0
        return withdrawn

    def _decide(self) -> None:
        """Which buckets the rules skip: on the worse side, and losing by the shrunk estimate."""
        acting = self.rules.acting
        self.skipped &= acting[:, :ALL, None]
        for feature in range(ALL):
            if not acting[:, feature].any():
                continue
            one = self.evidence[feature]
            worse = (one.better() < 0.5) & (self.estimate(feature) < 0) & acting[:, feature, None]
            self.skipped[:, feature, : one.buckets] = worse
