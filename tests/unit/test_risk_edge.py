"""A rule's record and its interval, and what a round trip costs each way of entering."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from core.model.decisions import Denied
from core.model.market import FeeRates
from core.model.money import Price
from core.risk.brackets import Distances
from core.risk.edge import as_maker, edge_of, judge_edge
from core.risk.profit_target import target_money, target_reached
from core.risk.record import record_of, t_quantile

FEES = FeeRates(D("0.0040"), D("0.0080"))


@pytest.mark.parametrize(
    ("freedom", "published"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (29, 2.045), (120, 1.980)],
)
def test_the_t_quantile_is_the_published_one(freedom: int, published: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(published, rel=0.012 if freedom == 3 else 0.002)


def test_a_record_says_how_sure_it_is() -> None:
    found = record_of([-0.01, 0.02, -0.015, -0.005, 0.0, -0.02])
    assert found.mean == pytest.approx(-0.005)
    assert found.low < found.mean < found.high and not found.loses
    assert found.text() == "6 closed trades, -0.50 % each after fees (95 % sure: between -1.98 % and +0.98 %)"
    assert record_of([-0.01, -0.011] * 20).loses
    assert record_of([]).text() == "no closed trade of this rule yet"
    assert record_of([0.01]).text() == "1 closed trade, +1.00 % each after fees; one proves nothing"


def test_the_cost_is_both_fees_the_spread_and_both_slippages() -> None:
    away = Distances(D(1), D("1.5"))
    edge = edge_of(Price(D(100)), away, FEES, D("0.0005"), D("0.0002"))
    assert edge.cost == edge.fees + edge.spread + edge.slippage == D("0.0169")
    assert edge.parts() == "fees 1.60 %, spread 0.05 %, slippage 0.04 %"
    maker = as_maker(edge, FEES)
    assert maker.cost == maker.fees + maker.spread + maker.slippage == D("0.01245")
    assert (maker.move, maker.risk) == (edge.move, edge.risk)


def test_the_gate_closes_for_a_move_that_does_not_pay_and_for_a_record_that_loses() -> None:
    wide = edge_of(Price(D(100)), Distances(D(2), D(4)), FEES, D("0.0005"))
    loses, young = record_of([-0.01, -0.011] * 20), record_of([-0.01, -0.011])
    assert not isinstance(judge_edge(wide, "enforce", young, 30), Denied)
    no = judge_edge(wide, "enforce", loses, 30)
    assert isinstance(no, Denied) and "own record loses: 40 closed trades, -1.05 %" in no.reason
    assert not isinstance(judge_edge(wide, "enforce", loses, 0), Denied)
    assert not isinstance(judge_edge(wide, "warn", loses, 30), Denied)


def test_a_profit_target_is_reached_at_the_share_of_the_days_start() -> None:
    assert target_money(D(10_000), 0.02) == 200
    assert target_reached(D(10_000), D(200), 0.02) and not target_reached(D(10_000), D("199.99"), 0.02)
    assert not target_reached(D(0), D(5), 0.02)
