"""Evidence that one coarse feature tells good trades from bad ones, valid however often it is looked at.

An e-process is the capital of a gambler who bets against "this feature tells nothing": under that hypothesis
it ever exceeds 1/a with probability at most a (Ville 1939; Ramdas, Gruenwald, Vovk and Shafer 2023). Ours
bets on sets of the feature's buckets being the better ones, with a few sizes of the difference:

- within a day, on which of its trades won, given all of the day's outcomes: exp(tilt x sum of the set's
  outcomes) over its mean under every permutation of the day's trades, a ratio of elementary symmetric means.
  The market's move, drift and costs shift all trades of a day and cancel;
- a feature that is one value all day bets on the day's mean by its rank among the days of its block. Ranks in
  order of arrival are independent and uniform when the days are exchangeable (Barndorff-Nielsen 1963; bets as
  in Vovk's conformal martingales, normal scores as van der Waerden 1952).

While nothing is claimed a little capital is spread afresh every day (fixed share: Herbster and Warmuth 1998),
so that an edge that appears late is not buried under what was lost before it.

Arrays have one row a trader, so that campaigns of a thousand run as one; the service is one row.
"""

from __future__ import annotations

from math import lgamma
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

TILTS = (0.19, 0.27, 0.4, 0.6)  # log odds between better and worse buckets, for outcomes of size 1
TILT_SHARES = (0.44, 0.29, 0.17, 0.1)  # of the capital: small differences need it most
SINGLES = 0.5  # of the capital is on one bucket against all others, the rest on every set alike
WORSE = 0.75  # of that on the one being worse: what a trader most wants to know
MOST_BUCKETS = 10  # further ones are pooled with the last
BLOCK_DAYS = 44  # days that are compared with each other; drift over longer cancels
BLOCK_TRADES = 64  # trades of one day that are compared with each other
SHARE = 0.0001  # of the capital, spread afresh a day
_JITTER = 1e-9  # R; breaks ties between days by the golden ratio, whatever the outcomes


class Evidence:
    """The e-process of one feature.

    `capital` is ln of the e-value, (traders,); `belief` the share of each bet in it, (traders, sets, tilts).
    """

    def __init__(self, traders: int) -> None:
        self.tilts = np.array(TILTS)
        self.buckets = 1
        self.capital = np.zeros(traders)
        self._members, self._prior = _bets(1)
        self.belief = np.repeat(self._prior[None], traders, axis=0)
        self._days = _Days(traders)

    def grow(self, buckets: int) -> None:
        """Make room for buckets seen for the first time; no capital is made or lost.

        What was on a set goes to it without and with the new bucket, halved; of the bets on single buckets
        the new one gets its part.
        """
        while self.buckets < min(buckets, MOST_BUCKETS):
            every, single = np.split(self.belief, [2**self.buckets], axis=1)
            self.buckets += 1
            better, worse = np.split(single * ((self.buckets - 1) / self.buckets), 2, axis=1)
            fresh = single.sum(axis=1, keepdims=True) / self.buckets
            parts = (every / 2, every / 2, better, fresh * (1 - WORSE), worse, fresh * WORSE)
            self.belief = np.concatenate(parts, axis=1)
            self._members, self._prior = _bets(self.buckets)

    def restart(self, which: Bools, turned: Bools) -> None:
        """Forget everything: the split, the sizes and the days, of `which` traders, (traders,).

        Where an edge `turned`, half of the fresh capital starts on the reverse of what was believed.
        """
        reverse = self.belief[turned][:, self._opposite]
        self.capital[which] = 0.0
        self.belief[which] = self._prior
        self.belief[turned] = (reverse + self._prior) / 2
        self._days.restart(which)

    @property
    def _opposite(self) -> Ints:
        """Where each set's complement stands."""
        every, one = np.arange(2**self.buckets), np.arange(self.buckets)
        return np.concatenate((every[::-1], every.size + np.concatenate((one + self.buckets, one))))

    def better(self) -> Floats:
        """How sure it is that each bucket is among the better, (traders, buckets)."""
        found: Floats = self.belief.sum(axis=2) @ self._members
        return found

    def alone(self) -> tuple[Floats, Floats]:
        """How sure it is that a bucket alone is (worse, better) than all others, (traders, buckets) each."""
        size = self._members.sum(axis=1)
        shares = self.belief.sum(axis=2)
        worse: Floats = (shares * (size == self.buckets - 1)) @ (1 - self._members)
        better: Floats = (shares * (size == 1)) @ self._members
        return worse, better

    def lift(self, shares: Floats) -> Floats:
        """Expected difference of each bucket's mean from that of all, in spreads of one outcome.

        `shares` of the trades by bucket, (traders, buckets).
        """
        weight = self.belief @ self.tilts
        centre = (weight * (shares @ self._members.T)).sum(axis=1)
        found: Floats = weight @ self._members - centre[:, None]
        return found

    def bet(self, factors: Floats, share: Floats) -> None:
        """Settle a day: ln of every bet's factor, (traders, sets, tilts); `share` is spread afresh."""
        top = factors.max(axis=(1, 2))
        grown = self.belief * np.exp(factors - top[:, None, None])
        total = grown.sum(axis=(1, 2))
        self.capital += top + np.log(total)
        kept = (1 - share) / total
        self.belief = grown * kept[:, None, None] + share[:, None, None] * self._prior

    def within(self, buckets: Ints, outcomes: Floats, table: Floats) -> Floats:
        """ln of every bet's factor for rows of trades of one day each: (rows, trades) -> (rows, sets, tilts).

        `table` is `choice_table` of the same rows.
        """
        hot = buckets[:, None, :] == np.arange(self.buckets)[:, None]
        sums = np.where(hot, outcomes[:, None, :], 0.0).sum(axis=2) @ self._members.T
        sizes = np.rint(hot.sum(axis=2) @ self._members.T).astype(np.int64)
        found: Floats = sums[:, :, None] * self.tilts - table[np.arange(len(table))[:, None], sizes]
        return found

    def between(self, day: int, bucket: Ints, means: Floats, same: Bools, ratio: Floats) -> Floats:
        """The same for days that had one bucket (`same`), by the rank of the day's mean.

        `ratio` = spread of one outcome over that of a day's mean: a tilt's size in days, (traders,).
        """
        means = means + _JITTER * ((day * 0.6180339887498949) % 1.0)
        counts, score, seen = self._days.take(bucket, means, same, self.buckets)
        share = counts @ self._members.T / np.maximum(seen, 1)[:, None]
        bets = (self._members.T[bucket] - share)[:, :, None] * self.tilts * ratio[:, None, None]
        found: Floats = bets * score[:, None, None] - _log_mean_exp(bets, seen, same)
        return np.where(same[:, None, None], found, 0.0)


class _Days:
    """The days of the present block: their means and buckets."""

    def __init__(self, traders: int) -> None:
        self._means = np.zeros((traders, BLOCK_DAYS))
        self._bucket = np.full((traders, BLOCK_DAYS), -1)
        self._seen = np.zeros(traders, dtype=np.int64)

    def restart(self, which: Bools) -> None:
        self._seen[which] = 0

    def take(self, bucket: Ints, means: Floats, same: Bools, buckets: int) -> tuple[Floats, Floats, Ints]:
        """(days by bucket, normal score of this day's mean, how many days): of the block, this included."""
        self._seen[same & (self._seen == BLOCK_DAYS)] = 0
        rows = np.flatnonzero(same)
        self._means[rows, self._seen[rows]] = means[rows]
        self._bucket[rows, self._seen[rows]] = bucket[rows]
        self._seen[rows] += 1
        valid = np.arange(BLOCK_DAYS) < self._seen[:, None]
        rank = ((self._means < means[:, None]) & valid).sum(axis=1)
        counts = np.stack([((self._bucket == k) & valid).sum(axis=1) for k in range(buckets)], axis=1)
        score = _SCORES[self._seen, np.where(same, rank, 0)]
        return counts.astype(np.float64), score, self._seen.copy()


def _scores() -> Floats:
    """[n, rank]: normal score of the rank-th smallest of n, rank from 0."""
    normal, table = NormalDist(), np.zeros((BLOCK_DAYS + 1, BLOCK_DAYS + 1))
    for n in range(1, BLOCK_DAYS + 1):
        table[n, :n] = [normal.inv_cdf((k + 0.5) / n) for k in range(n)]
    return table


_SCORES = _scores()


def _bets(buckets: int) -> tuple[Floats, Floats]:
    """(sets, buckets): 1 where a bucket is among the better; and each bet's first capital, (sets, tilts).

    Bit k of a set's number says that bucket k is in it; after all sets the single buckets follow, first as
    the better one and then as the worse one.
    """
    numbers, one = np.arange(2**buckets), np.eye(buckets)
    every = ((numbers[:, None] >> np.arange(buckets)) & 1).astype(np.float64)
    on_sets = np.full(2**buckets, (1 - SINGLES) / 2**buckets)
    on_one = np.repeat((1 - WORSE, WORSE), buckets) * (SINGLES / buckets)
    prior = np.concatenate((on_sets, on_one))[:, None] * np.array(TILT_SHARES)
    return np.concatenate((every, one, 1 - one)), prior


def _log_mean_exp(bets: Floats, seen: Ints, same: Bools) -> Floats:
    """ln of the mean of exp(bet x score) over the scores of `seen` days, where `same`."""
    found = np.zeros_like(bets)
    for n in np.unique(seen[same]):
        rows = same & (seen == n)
        found[rows] = np.log(np.exp(bets[rows][..., None] * _SCORES[n, :n]).mean(axis=-1))
    return found


def choice_table(outcomes: Floats, tilts: Floats) -> Floats:
    """ln of the mean of exp(tilt x sum) over all choices of k of a row's trades: (rows, k, tilts).

    Elementary symmetric polynomials of exp(tilt x outcome) by the usual recursion, over binomials.
    """
    rows, n = outcomes.shape
    polynomial = np.zeros((rows, n + 1, len(tilts)))
    polynomial[:, 0] = 1.0
    weights = np.exp(outcomes[:, :, None] * tilts)
    for i in range(n):
        polynomial[:, 1 : i + 2] += weights[:, i, None] * polynomial[:, : i + 1]
    choices = np.array([lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) for k in range(n + 1)])
    found: Floats = np.log(polynomial) - choices[:, None]
    return found


def rows_of_a_day(n: int) -> list[Ints]:
    """Places of a day's n trades in rows of at most BLOCK_TRADES, each spread over the whole day.

    Rows of one length are one array, (rows, length); there are at most two lengths.
    """
    count = -(-n // BLOCK_TRADES)
    size, more = divmod(n, count)
    order = np.argsort(np.arange(n) % count, kind="stable")
    cut = more * (size + 1)
    return [one for one in (order[:cut].reshape(more, size + 1), order[cut:].reshape(-1, size)) if one.size]
