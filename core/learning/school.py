"""What the service has learned: from which outcomes, whether it acts, and what the owner took back. Pure.

Everything is a function of the ledger and of the steps that were written down: the same rows and steps give
the same state, byte for byte.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, groupby
from math import sqrt
from operator import itemgetter
from typing import Any

from core.learning import claims, evidence, policy, replay, rules, surroundings
from core.learning.claims import Claim, Observation, Question, as_json, in_words, observations, questions
from core.learning.replay import Outcome, Student
from core.learning.rules import ALL, FEATURES
from core.learning.surroundings import NAMES, SCHEMA
from core.model.shadow import Fate, Policy, ShadowOutcome, ShadowSignal

DAY_MS = 86_400_000
AGREEING = 100  # own trades that must agree with their shadows before money follows what was learned
DOUBTED_FROM = 30  # own trades from which a plain disagreement freezes learning
_CONFIDENT = 1.96


@dataclass(frozen=True, slots=True)
class Lesson:
    """One labelled signal; `number` is its place in the order in which Zyn came to know."""

    number: int
    signal: ShadowSignal
    outcome: ShadowOutcome

    @property
    def day(self) -> int:
        return self.outcome.closed_ms // DAY_MS


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether own trades earn what their shadows do: mean difference in R with an ordinary 95 % interval."""

    n: int = 0
    mean: float = 0.0
    low: float = 0.0
    high: float = 0.0

    @property
    def doubted(self) -> bool:
        """Enough own trades, and their difference is not luck."""
        return self.n >= DOUBTED_FROM and not self.low <= 0.0 <= self.high


def agreement(pairs: Iterable[tuple[float, float]]) -> Agreement:
    """Of (own R, shadow R) of the same signals."""
    found = [own - shadow for own, shadow in pairs]
    n = len(found)
    if n < 2:
        return Agreement(n, sum(found))
    mean = sum(found) / n
    half = _CONFIDENT * sqrt(sum((one - mean) ** 2 for one in found) / (n - 1) / n)
    return Agreement(n, mean, mean - half, mean + half)


@dataclass(frozen=True, slots=True)
class Learned:
    """What learning makes of one signal: a multiplier in [0, 1] on its risk, and why."""

    multiplier: float = 1.0
    why: str = ""


class School:
    """The student of one rule's outcomes, with the owner's switches."""

    def __init__(self, rule: str, agreeing: int = 0) -> None:
        """`agreeing` own trades are needed before it acts: AGREEING where money is real."""
        self.rule = rule
        self.agreement = Agreement()
        self.on = True
        self.high_water = 0
        self.day = 0
        self._agreeing = agreeing
        self._start()

    def _start(self) -> None:
        self._student = Student()
        self._symbols: dict[str, int] = {}
        self.undone: set[tuple[str, int]] = set()  # (feature, made) of claims taken back

    @property
    def claims(self) -> list[Claim]:
        """Every claim in the order they were made; claim 1 is the first."""
        return self._student.register.claims

    @property
    def trades(self) -> int:
        return self._student.learner.trades

    def is_undone(self, claim: Claim) -> bool:
        return (claim.feature, claim.made) in self.undone

    @property
    def frozen(self) -> str:
        """Why what was learned does not act now, or nothing."""
        if not self.on:
            return "learning is off"
        if self.agreement.doubted:
            return (
                f"my own trades earn {self.agreement.mean:+.2f} R against their shadows "
                f"(95 % {self.agreement.low:+.2f} to {self.agreement.high:+.2f}, n = {self.agreement.n}): "
                "the shadow ledger is not to be trusted until that is explained"
            )
        if self.agreement.n < self._agreeing:
            return f"{self.agreement.n} of {self._agreeing} own trades agree with their shadows so far"
        return ""

    def symbols(self, bucket: int) -> str:
        """The pair behind a symbol's code."""
        return next((name for name, code in self._symbols.items() if code == bucket), f"symbol {bucket}")

    def names(self) -> dict[str, tuple[str, ...]]:
        """The buckets of every feature in words."""
        return {**NAMES, "symbol": tuple(self._symbols)}

    def day_over(self, day: int, lessons: Sequence[Lesson], high_water: int) -> None:
        """Days up to `day` are over and these are their outcomes, in order of their numbers."""
        mine = [one for one in lessons if self._teaches(one.signal)]
        ends = accumulate((one.day for one in mine), max)  # one that came late counts to the day it came on
        for ended, group in groupby(zip(ends, mine, strict=True), itemgetter(0)):
            today = [Outcome(ended, self._codes(one.signal), one.outcome.r) for _, one in group]
            self._student.day_over(ended, today)
        self.day, self.high_water = day, high_water

    def _teaches(self, signal: ShadowSignal) -> bool:
        return signal.rule == self.rule and signal.schema == SCHEMA and signal.fate is not Fate.TRIED_OUT

    def _codes(self, signal: ShadowSignal) -> dict[str, int]:
        symbol = self._symbols.setdefault(signal.symbol, len(self._symbols))
        return {**signal.features, "symbol": symbol}

    def judge(self, symbol: str, features: dict[str, int]) -> Learned:
        """The multiplier of a signal, and the claim behind it in words."""
        if self.frozen:
            return Learned()
        code = self._symbols.get(symbol, -1 - len(self._symbols))
        for column in self._student.objections({**features, "symbol": code}):
            name = "all" if column == ALL else FEATURES[column]
            claim = self._standing(name)
            if claim is None:
                return Learned(0.0, f"the edge of {name} has turned and its reverse is tried")
            if not self.is_undone(claim):
                number = self.claims.index(claim) + 1
                return Learned(0.0, f"{in_words(claim, self.names())} (/learning undo {number})")
        return Learned()

    def _standing(self, feature: str) -> Claim | None:
        open_ = [one for one in self.claims if one.feature == feature and one.withdrawn is None]
        return open_[-1] if open_ else None

    def undo(self, number: int) -> Claim:
        """Take claim `number` back: it stays told and acts no more. Raises IndexError."""
        if not 1 <= number <= len(self.claims):
            raise IndexError(number)
        claim = self.claims[number - 1]
        self.undone.add((claim.feature, claim.made))
        return claim

    def reset(self) -> None:
        """Start again from no evidence; the ledger stays, outcomes up to here are not learned from again."""
        self._start()

    def state(self) -> str:
        """All that was learned as canonical JSON."""
        held: dict[str, Any] = {
            "rule": self.rule, "on": self.on, "trades": self.trades,
            "claims": list(map(as_json, self.claims)), "undone": sorted(self.undone),
            "learner": self._student.learner.fingerprint(),
        }  # fmt: skip
        return json.dumps(held, sort_keys=True, separators=(",", ":"))

    def step(self, version: int, cause: str, now_ms: int) -> Policy:
        """What is written down of this moment."""
        state = self.state()
        return Policy(
            version, code_hash(), SCHEMA, self.high_water, self.day, cause, state, self.sha256, now_ms
        )  # fmt: skip

    def repeat(self, steps: Sequence[Policy], lessons: Sequence[Lesson]) -> Iterator[None]:
        """Go through the steps that were written down over the ledger, one an item."""
        left = list(lessons)
        for step in steps:
            if step.cause == "day":
                today = [one for one in left if one.number <= step.high_water]
                left = left[len(today) :]
                self.day_over(step.day, today, step.high_water)
            elif step.cause in ("on", "off") or json.loads(step.state)["rule"] == self.rule:
                self._do_again(step)
            yield

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.state().encode()).hexdigest()

    def _do_again(self, step: Policy) -> None:
        """The owner's step; a claim that was taken back is known by what it says, not by its place."""
        if step.cause in ("on", "off"):
            self.on = step.cause == "on"
        elif step.cause == "reset":
            self.reset()
        else:
            self.undone = {(feature, made) for feature, made in json.loads(step.state)["undone"]}

    def observations(self) -> list[Observation]:
        return observations(self._student.learner, self._student.buckets)

    def questions(self) -> list[Question]:
        return questions(self._student.learner)


def finished(lessons: Sequence[Lesson], today: int) -> list[Lesson]:
    """The lessons from the front that closed before `today`: what may be learned from now."""
    for place, one in enumerate(lessons):
        if one.day >= today:
            return list(lessons[:place])
    return list(lessons)


def teach_history(school: School, lessons: Sequence[Lesson]) -> Iterator[None]:
    """What recorded candles alone teach, in order of closing, one day an item; told apart, never acted on."""
    by_day: dict[int, list[Lesson]] = {}
    for one in sorted(lessons, key=lambda one: (one.outcome.closed_ms, one.number)):
        by_day.setdefault(one.day, []).append(one)
    for day, today in by_day.items():
        school.day_over(day, today, today[-1].number)
        yield


@cache
def code_hash() -> str:
    """Which code learned: a hash of the learner's functions and constants as this Python compiled them."""
    modules = (evidence, rules, policy, claims, replay, surroundings)
    parts = [
        _compiled(value)
        for module in modules
        for name, value in sorted(vars(module).items())
        if name[:2] != "__"
    ]
    return hashlib.sha256("".join(parts).encode()).hexdigest()[:16]


def _compiled(value: Any) -> str:
    if isinstance(value, int | float | str | tuple):
        return repr(value)
    if inspect.isfunction(value):
        return f"{value.__qualname__}{value.__code__.co_code.hex()}{value.__code__.co_names}"
    if inspect.isclass(value) and value.__module__.startswith("core.learning"):
        return "".join(_compiled(one) for _, one in sorted(vars(value).items()) if inspect.isfunction(one))
    return ""
