"""What was learned, in words and numbers: claims, observations and how far each open question is.

A claim is evidence: it stands on an e-value. An observation is not: its interval is an ordinary 95 % one and
some of many such intervals leave zero out by luck.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from math import exp, log, sqrt
from typing import Any

import numpy as np

from core.learning.evidence import MOST_BUCKETS, Bools
from core.learning.policy import Learner
from core.learning.rules import ALL, ALPHA, ALPHA_ALL, FEATURES, WEIGHTS

_ALONE = 0.5  # how sure a single bucket must be to be named instead of the feature
_CONFIDENT = 1.96  # standard errors either side of a mean: 95 % when outcomes are independent and many
_KNOWN_AFTER = 30  # outcomes of a feature before it is said how many more it may take


@dataclass(frozen=True, slots=True)
class Claim:
    """One finding. `made` and `withdrawn` count outcomes; codes are those of the ledger.

    `value` is the bucket that stands out, or None when several do or the whole strategy is meant; `worse` are
    all buckets on the worse side. `effect_r` is the shrunk difference of the worse side from the rest (of the
    whole strategy: its mean), `low` to `high` an ordinary 95 % interval for it. `evidence` is the weighted
    e-value when it was made: so many to one against chance after all that was asked.
    """

    feature: str  # or "all"
    value: int | None
    direction: str  # worse or better
    made: int
    withdrawn: int | None
    n: int  # outcomes in the buckets named
    effect_r: float
    low: float
    high: float
    evidence: float
    worse: tuple[int, ...] = ()
    day: int = 0  # when it was made
    saved_r: float = 0.0  # by acting on it; below zero it has cost


@dataclass(frozen=True, slots=True)
class Observation:
    """One bucket as it looks, not yet evidence: shrunk mean in R and an ordinary 95 % interval."""

    feature: str
    value: int
    n: int
    mean_r: float
    shrunk_r: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Question:
    """How far a feature is from an answer: `n` outcomes so far of about `needed`, None while unknown."""

    feature: str
    n: int
    needed: int | None
    evidence: float


class Buckets:
    """Codes as bucket numbers, counted from 0 in order of appearance; the last takes all further ones."""

    def __init__(self) -> None:
        self._known: tuple[dict[int, int], ...] = tuple({} for _ in FEATURES)

    def of(self, codes: Mapping[str, int]) -> list[int]:
        """Bucket numbers by feature; a code that was not seen before gets the next number."""
        return [
            self._number(known, int(codes[name])) for name, known in zip(FEATURES, self._known, strict=True)
        ]

    def look(self, codes: Mapping[str, int]) -> list[int]:
        """The same without learning a code: one that was never seen counts as the next number."""
        found = []
        for name, known in zip(FEATURES, self._known, strict=True):
            found.append(min(known.get(int(codes[name]), len(known)), MOST_BUCKETS - 1))
        return found

    @staticmethod
    def _number(known: dict[int, int], code: int) -> int:
        return min(known.setdefault(code, len(known)), MOST_BUCKETS - 1)

    def codes(self, feature: int) -> list[int]:
        """The codes of a feature in order of their numbers; of a pooled bucket its first."""
        return list(self._known[feature])[:MOST_BUCKETS]


class Register:
    """Keeps the claims of one learner (one trader) as they are made and withdrawn."""

    def __init__(self, learner: Learner, buckets: Buckets) -> None:
        self._learner = learner
        self._buckets = buckets
        self.claims: list[Claim] = []
        self._open: dict[int, int] = {}  # column -> place in claims

    def day_over(self, day: int, claimed: Bools, withdrawn: Bools) -> None:
        """Take in what `Learner.take_day` returned."""
        made = self._learner.trades
        for column in map(int, np.flatnonzero(withdrawn[0])):
            place = self._open.pop(column)
            saved = float(self._learner.rules.ended[0, column])
            self.claims[place] = replace(self.claims[place], withdrawn=made, saved_r=saved)
        for column, place in self._open.items():
            saved = float(self._learner.rules.saved[0, column])
            self.claims[place] = replace(self.claims[place], saved_r=saved)
        for column in map(int, np.flatnonzero(claimed[0])):
            self._open[column] = len(self.claims)
            self.claims.append(self._claim(column, day))

    def _claim(self, column: int, day: int) -> Claim:
        evidence = exp(min(float(self._learner.weighted()[0, column]), 700.0))
        if column == ALL:
            return self._whole(evidence, day)
        one = self._learner.evidence[column]
        codes = self._buckets.codes(column)
        side = one.better()[0] < 0.5
        worse, better = (share[0] for share in one.alone())
        value, direction = None, "worse"
        if worse.max() >= _ALONE and worse.max() >= better.max():
            value, side = codes[int(worse.argmax())], np.arange(one.buckets) == worse.argmax()
        elif better.max() >= _ALONE:
            value, direction = codes[int(better.argmax())], "better"
            side = np.arange(one.buckets) != better.argmax()
        named = side if direction == "worse" else ~side
        effect, low, high = self._contrast(column, named)
        return Claim(
            FEATURES[column], value, direction, self._learner.trades, None,
            int(self._learner.counts[0, column, : one.buckets][named].sum()), effect, low, high, evidence,
            tuple(code for code, is_worse in zip(codes, side, strict=False) if is_worse), day,
        )  # fmt: skip

    def _contrast(self, column: int, named: Bools) -> tuple[float, float, float]:
        """(shrunk difference of the named buckets from the rest, low, high) in R."""
        learner, size = self._learner, len(named)
        counts, sums = learner.counts[0, column, :size], learner.sums[0, column, :size]
        squares = learner.squares[0, column, :size]
        shrunk = learner.estimate(column)[0]
        here, rest = max(counts[named].sum(), 1), max(counts[~named].sum(), 1)
        effect = float((shrunk * counts)[named].sum() / here - (shrunk * counts)[~named].sum() / rest)
        spread = squares.sum() / max(counts.sum(), 1)
        half = _CONFIDENT * sqrt(spread * (1 / here + 1 / rest))
        plain = float(sums[named].sum() / here - sums[~named].sum() / rest)
        return effect, plain - half, plain + half

    def _whole(self, evidence: float, day: int) -> Claim:
        learner = self._learner
        n, (total, squares) = learner.trades, learner.whole()
        half = _CONFIDENT * sqrt(squares) / n
        mean = total / n
        return Claim("all", None, "worse", n, None, n, mean, mean - half, mean + half, evidence, day=day)


def observations(learner: Learner, buckets: Buckets) -> list[Observation]:
    """Every bucket that was seen, by feature."""
    found = []
    for feature, name in enumerate(FEATURES):
        shrunk = learner.estimate(feature)[0]
        for number, code in enumerate(buckets.codes(feature)[: len(shrunk)]):
            n, total = learner.counts[0, feature, number], learner.sums[0, feature, number]
            if n:
                half = _CONFIDENT * sqrt(learner.squares[0, feature, number]) / n
                mean = float(total / n)
                found.append(
                    Observation(name, code, int(n), mean, float(shrunk[number]), mean - half, mean + half)
                )
    return found


def questions(learner: Learner) -> list[Question]:
    """What is not answered yet, and about how many outcomes it takes at the pace of the evidence so far."""
    weighted = learner.weighted()[0]
    found = []
    for column, name in enumerate((*FEATURES, "all")):
        if learner.rules.active[0, column]:
            continue
        goal = log(1 / (ALPHA_ALL if column == ALL else ALPHA))
        now, n = float(weighted[column]), learner.trades
        grown = now - (0.0 if column == ALL else log(WEIGHTS[column]))
        needed = round(n * (goal - now + grown) / grown) if grown > 0.5 and n >= _KNOWN_AFTER else None
        found.append(Question(name, n, needed, exp(min(now, 700.0))))
    return found


def as_json(claim: Claim) -> dict[str, Any]:
    """JSON values, rounded to what they can bear."""
    row = asdict(claim)
    row["worse"] = list(claim.worse)
    for name in ("effect_r", "low", "high", "saved_r"):
        row[name] = round(row[name], 4)
    row["evidence"] = round(claim.evidence, 2)
    return row


def in_words(claim: Claim, names: Mapping[str, tuple[str, ...]] | None = None, acted: bool = True) -> str:
    """One sentence: what, effect, interval, n, evidence, since when, what came of it or would have."""
    interval = f"{claim.low:+.2f} to {claim.high:+.2f}"
    sure = f"evidence {_odds(claim.evidence)} against chance after checking {len(FEATURES)} features"
    if claim.feature == "all":
        what = f"The whole strategy loses: {claim.effect_r:+.2f} R a trade (95 % {interval})"
    else:
        where = _where(claim, names or {})
        what = f"{where}: {claim.effect_r:+.2f} R a trade against the rest (95 % {interval})"
    since = f"claimed after {claim.made:,} outcomes"
    if claim.withdrawn is not None:
        since += f", withdrawn after {claim.withdrawn:,}"
    would = "" if acted else "would have "
    came = f"acting on it {would}{'saved' if claim.saved_r >= 0 else 'cost'} {abs(claim.saved_r):.1f} R"
    return f"{what}, n = {claim.n:,}, {sure}; {since}; {came}."


def _odds(evidence: float) -> str:
    """Beyond a million nobody needs the digits."""
    return f"1:{evidence:,.0f}" if evidence < _MILLION else f"beyond 1:{_MILLION:,}"


_MILLION = 1_000_000


def _where(claim: Claim, names: Mapping[str, tuple[str, ...]]) -> str:
    known = names.get(claim.feature, ())
    buckets = (claim.value,) if claim.value is not None else claim.worse
    texts = [known[one] if 0 <= one < len(known) else f"{claim.feature} {one}" for one in buckets]
    several = len(texts) > 1 or texts[0].endswith("s")
    return f"{', '.join(texts)} {'are' if several else 'is'} {claim.direction}"
