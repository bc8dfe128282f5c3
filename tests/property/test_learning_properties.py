"""Whatever the ledger holds: no look ahead, never above one, and the same bytes twice."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from core.learning.replay import Outcome, Student, replay
from core.learning.rules import FEATURES

codes = st.fixed_dictionaries({name: st.integers(-3, 14) for name in FEATURES})
results = st.floats(-1e6, 1e6) | st.sampled_from((1.0, -1.0, 2.0))


@st.composite
def ledgers(draw: st.DrawFn) -> list[Outcome]:
    """Closed outcomes of some days, of any number a day; a few buckets lose so plainly that rules come."""
    made, day = [], 0
    for size in draw(st.lists(st.integers(1, 40), min_size=1, max_size=12)):
        day += draw(st.integers(1, 3))
        plain = draw(st.booleans())
        for _ in range(size):
            one = draw(codes)
            made.append(Outcome(day, one, (1.0 if one["session"] > 5 else -1.0) if plain else draw(results)))
    return made


@settings(max_examples=25, deadline=None)
@given(ledger=ledgers(), other=results)
def test_a_multiplier_is_at_most_one_and_neither_its_day_nor_the_future_changes_it(
    ledger: list[Outcome], other: float
) -> None:
    last = ledger[-1].day
    before = [one for one in ledger if one.day < last]
    changed = [*before, *(Outcome(one.day, one.codes, other) for one in ledger if one.day == last)]
    whole = replay(ledger).multipliers
    assert len(whole) == len(ledger) and all(0.0 <= one <= 1.0 for one in whole)
    assert replay(before).multipliers == whole[: len(before)]
    assert replay(changed).multipliers == whole


@settings(max_examples=10, deadline=None)
@given(ledger=ledgers())
def test_a_replay_from_nothing_is_equal_byte_for_byte(ledger: list[Outcome]) -> None:
    def state() -> str:
        student = Student()
        for day in sorted({one.day for one in ledger}):
            student.day_over(day, [one for one in ledger if one.day == day])
        return student.learner.fingerprint()

    assert state() == state()
    assert replay(ledger) == replay(ledger)
