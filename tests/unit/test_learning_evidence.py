"""The bets are fair: under every order of what happened their mean is one, exactly."""

from __future__ import annotations

from itertools import combinations, permutations
from math import exp, log

import numpy as np
import pytest

from core.learning.claims import Claim, in_words
from core.learning.evidence import BLOCK_TRADES, MOST_BUCKETS, Evidence, choice_table, rows_of_a_day
from core.learning.rules import ALL, ALPHA, ALPHA_ALL, Rules, passing

DAY = (1.0, -1.0, 2.0, -0.5, 0.3)


def test_the_table_holds_the_mean_over_every_choice() -> None:
    tilts = np.array((0.2, 0.6))
    table = choice_table(np.array([DAY]), tilts)[0]
    for k in range(len(DAY) + 1):
        sums = [sum(chosen) for chosen in combinations(DAY, k)]
        for place, tilt in enumerate(tilts):
            assert table[k, place] == pytest.approx(log(np.mean([exp(tilt * one) for one in sums])))


def test_capital_is_fair_over_every_order_of_a_days_outcomes() -> None:
    buckets = np.array([[0, 1, 1, 2, 0]])
    capitals = []
    for order in permutations(DAY):
        one, outcomes = Evidence(1), np.array([order])
        one.grow(3)
        one.bet(one.within(buckets, outcomes, choice_table(outcomes, one.tilts)), np.zeros(1))
        capitals.append(exp(one.capital[0]))
    assert np.mean(capitals) == pytest.approx(1.0, abs=1e-12)
    assert max(capitals) > 1.05


def test_capital_is_fair_over_every_order_of_days() -> None:
    capitals = []
    for order in permutations((0.4, -0.2, 0.1, -0.7, 0.9)):
        one = Evidence(1)
        one.grow(2)
        for day, (bucket, mean) in enumerate(zip((0, 0, 1, 0, 1), order, strict=True)):
            known = np.array([True])
            one.bet(
                one.between(day, np.array([bucket]), np.array([mean]), known, np.array([3.0])), np.zeros(1)
            )
        capitals.append(exp(one.capital[0]))
    assert np.mean(capitals) == pytest.approx(1.0, abs=1e-9)


def test_new_buckets_make_no_capital_and_the_bets_stay_one_whole() -> None:
    one = Evidence(2)
    one.capital[:] = 0.7
    for size in range(1, MOST_BUCKETS + 3):
        one.grow(size)
        assert one.buckets == min(size, MOST_BUCKETS)
        assert one.belief.sum(axis=(1, 2)) == pytest.approx(1.0)
    assert list(one.capital) == [0.7, 0.7]


def test_a_bucket_that_wins_is_believed_to_be_better_and_the_reverse_is_not() -> None:
    one, outcomes = Evidence(1), np.array([[1.0, 1.0, -1.0, -1.0]])
    one.grow(2)
    for _ in range(10):
        one.bet(
            one.within(np.array([[0, 0, 1, 1]]), outcomes, choice_table(outcomes, one.tilts)), np.zeros(1)
        )
    assert one.better()[0, 0] > 0.95 > 0.05 > one.better()[0, 1]
    assert one.lift(np.array([[0.5, 0.5]]))[0, 0] > 0 > one.lift(np.array([[0.5, 0.5]]))[0, 1]
    one.restart(np.array([True]), np.array([True]))
    assert one.capital[0] == 0 and one.better()[0, 1] > one.better()[0, 0]
    one.restart(np.array([True]), np.array([False]))
    assert one.better()[0] == pytest.approx([0.5, 0.5])


@pytest.mark.parametrize("n", [1, 5, BLOCK_TRADES, BLOCK_TRADES + 1, 1000])
def test_every_trade_of_a_day_is_compared_once(n: int) -> None:
    rows = rows_of_a_day(n)
    assert sorted(np.concatenate([one.ravel() for one in rows])) == list(range(n))
    assert all(one.shape[1] <= BLOCK_TRADES for one in rows)


def evidence(**features: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    found = np.full((1, ALL + 1), -5.0)
    for name, value in features.items():
        found[0, int(name[1:])] = log(value)
    return found


def test_one_feature_needs_its_whole_budget_and_two_share_it() -> None:
    alone, both = evidence(f0=0.9 / ALPHA), evidence(f0=0.9 / ALPHA, f3=0.6 / ALPHA)
    assert not passing(alone).any()
    assert list(np.flatnonzero(passing(both)[0])) == [0, 3]
    assert list(np.flatnonzero(passing(evidence(f7=1.01 / ALPHA_ALL))[0])) == [ALL]


def test_a_rule_that_costs_too_much_is_let_go_and_all_of_them_are_held() -> None:
    rules, strong = Rules(1), evidence(f0=2 / ALPHA)
    assert rules.claim(strong)[0, 0]
    loss = np.zeros((1, ALL + 1))
    loss[0, 0] = -11.0
    rules.account(loss, loss[:, 0])
    assert rules.held[0]
    withdrawn, _ = rules.retire(strong)
    assert withdrawn[0, 0] and not rules.active.any() and rules.dropped[0, 0]
    rules.account(np.zeros((1, ALL + 1)), np.array([8.0]))
    assert not rules.held[0]


@pytest.mark.parametrize(
    ("evidence", "said"), [(59_593.2, "evidence 1:59,593"), (1e18, "beyond 1:1,000,000")]
)
def test_a_claim_says_its_odds_with_no_more_digits_than_anyone_can_use(evidence: float, said: str) -> None:
    claim = Claim("session", 0, "worse", 80, None, 80, -0.9, -1.2, -0.6, evidence)
    assert said in in_words(claim)
