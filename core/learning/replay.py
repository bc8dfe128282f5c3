"""The learner over a whole ledger of closed outcomes, day by day; the same bytes every time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isfinite

import numpy as np

from core.learning.claims import Buckets, Claim, Register
from core.learning.policy import Learner
from core.learning.rules import FEATURES
from core.model.errors import Refused

COLUMNS = ("day", *FEATURES, "r")
_MOST_R = 1e6  # more is no result of a trade but a fault in the file


@dataclass(frozen=True, slots=True)
class Outcome:
    """One closed outcome: the day it closed, its code by feature and its net result in R."""

    day: int
    codes: dict[str, int]
    r: float


@dataclass(frozen=True, slots=True)
class Replay:
    """What the learner made of a ledger."""

    multipliers: tuple[float, ...]
    claims: tuple[Claim, ...]
    without_r: float
    with_r: float


class Student:
    """A learner of one ledger with the names of its buckets and its claims."""

    def __init__(self) -> None:
        self.learner = Learner()
        self.buckets = Buckets()
        self.register = Register(self.learner, self.buckets)

    def multipliers(self, signals: Sequence[dict[str, int]]) -> list[float]:
        """For signals of the day that begins, from the days before."""
        if not signals:
            return []
        codes = np.array([[self.buckets.look(one) for one in signals]], dtype=np.int64)
        return [float(one) for one in self.learner.multipliers(codes)[0]]

    def objections(self, signal: dict[str, int]) -> list[int]:
        """The columns whose rules say no to a signal."""
        codes = np.array([[self.buckets.look(signal)]], dtype=np.int64)
        return [int(one) for one in np.flatnonzero(self.learner.objections(codes)[0, 0])]

    def day_over(self, day: int, outcomes: Sequence[Outcome]) -> None:
        """Take in all outcomes of a day that is over."""
        if not outcomes:
            return
        codes = np.array([[self.buckets.of(one.codes) for one in outcomes]], dtype=np.int64)
        results = np.array([[one.r for one in outcomes]])
        self.register.day_over(day, *self.learner.take_day(codes, results))


def replay(outcomes: Iterable[Outcome]) -> Replay:
    """Run over outcomes in order of their days; a multiplier uses outcomes of earlier days only."""
    student, multipliers = Student(), list[float]()
    without = with_ = 0.0
    for day, group in groupby(outcomes, lambda one: one.day):
        today = list(group)
        multiplied = student.multipliers([one.codes for one in today])
        without += sum(one.r for one in today)
        with_ += sum(one.r * by for one, by in zip(today, multiplied, strict=True))
        multipliers += multiplied
        student.day_over(day, today)
    return Replay(tuple(multipliers), tuple(student.register.claims), without, with_)


def read_ledger(lines: Iterable[str], name: str) -> Iterator[Outcome]:
    """Outcomes of a CSV file with the columns COLUMNS in any order. Raises Refused naming the row."""
    reader = csv.reader(lines)
    try:
        header = [one.strip().lower() for one in next(reader, [])]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused(f"{name} cannot be read: {error}") from None
    missing = [one for one in COLUMNS if one not in header]
    if missing:
        raise Refused(f"{name} row 1: no column {', '.join(missing)}; they are {', '.join(COLUMNS)}")
    places = [header.index(one) for one in COLUMNS]
    last = None
    for number, fields in _rows(reader, name):
        outcome = _outcome(fields, places, f"{name} row {number}")
        if last is not None and outcome.day < last:
            raise Refused(
                f"{name} row {number}: day {outcome.day} comes after day {last}; sort the rows by day"
            )
        last = outcome.day
        yield outcome


def _rows(reader: Iterator[list[str]], name: str) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from ((number, fields) for number, fields in enumerate(reader, 2) if fields)
    except (csv.Error, UnicodeDecodeError) as error:
        raise Refused(f"{name} cannot be read: {error}") from None


def _outcome(fields: list[str], places: list[int], where: str) -> Outcome:
    texts = [fields[place].strip() if place < len(fields) else "" for place in places]
    for column, text in zip(COLUMNS, texts, strict=True):
        if not text:
            raise Refused(f"{where}: {column} is missing")
    day, *codes = (_whole(text, column, where) for column, text in zip(COLUMNS[:-1], texts, strict=False))
    try:
        r = float(texts[-1])
    except ValueError:
        r = float("nan")
    if not isfinite(r):
        raise Refused(f"{where}: r is {texts[-1]!r}, not a number")
    if abs(r) > _MOST_R:
        raise Refused(f"{where}: r is {texts[-1]!r}, more than {_MOST_R:,.0f} times what a trade risks")
    return Outcome(day, dict(zip(FEATURES, codes, strict=True)), r)


def _whole(text: str, column: str, where: str) -> int:
    try:
        value = float(text)
        if value == int(value):
            return int(value)
    except (ValueError, OverflowError):
        pass
    raise Refused(f"{where}: {column} is {text!r}, not a whole number")
