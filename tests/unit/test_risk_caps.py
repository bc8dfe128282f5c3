"""Every cap of an entry at its boundary: the one function between a plan and the exchange."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.model.account import Position
from core.model.money import Money, Price, Qty
from core.risk.caps import Carried, Exposed, Wanted, broken_cap, exposed_by, gap_loss
from core.trading_config import RiskConfig

RISK = RiskConfig(
    max_position=0.25, max_exposure=0.5, max_open_positions=5, max_turnover=2.0, max_gap_loss=1.0
)
NOTHING = Carried(equity=D(10_000), cash=D(10_000), exposed=(), open_positions=0, invested=False)


def held(notional: str, symbol: str = "ETH/USD", stop: str = "98") -> Exposed:
    return Exposed(symbol, Qty(D(notional) / 100), Price(D(100)), Price(D(stop)))


def wanted(notional: str, stop: str = "98", taker: str = "0.0026") -> Wanted:
    return Wanted("BTC/USD", Qty(D(notional) / 100), Price(D(100)), Price(D(stop)), D(taker))


@pytest.mark.parametrize(
    ("carried", "asked", "code"),
    [
        ({}, wanted("2500.01"), "over_cap"),
        ({"exposed": (held("2000"), held("1000.01", "SOL/USD"))}, wanted("2000"), "over_cap"),
        ({"exposed": (held("1000.01", "BTC/USD"),), "invested": True}, wanted("1500"), "over_cap"),
        ({"cash": D("1002.59")}, wanted("1000"), "over_cap"),
        ({"open_positions": 5}, wanted("100"), "over_cap"),
        ({"entries_an_hour": 30}, wanted("100"), "entry_rate"),
        ({"bought_a_day": D("19900.01")}, wanted("100"), "turnover"),
        ({}, wanted("2500", stop="59.99"), "trade_risk"),
    ],
)
def test_each_cap_says_no_by_its_name(carried: dict[str, object], asked: Wanted, code: str) -> None:
    found = broken_cap(replace(NOTHING, **carried), asked, RISK)  # type: ignore[arg-type]
    assert found is not None and found.code == code and found.reason


@pytest.mark.parametrize(
    ("carried", "asked"),
    [
        ({}, wanted("2500")),
        ({"exposed": (held("2000"), held("1000", "SOL/USD"))}, wanted("2000")),
        ({"exposed": (held("1000", "BTC/USD"),), "invested": True, "open_positions": 5}, wanted("1500")),
        ({"cash": D("1002.6")}, wanted("1000")),
        ({"open_positions": 4}, wanted("100")),
        ({"entries_an_hour": 29}, wanted("100")),
        ({"bought_a_day": D("19900")}, wanted("100")),
        ({}, wanted("2500", stop="60")),
    ],
)
def test_just_inside_each_cap_is_allowed(carried: dict[str, object], asked: Wanted) -> None:
    assert broken_cap(replace(NOTHING, **carried), asked, RISK) is None  # type: ignore[arg-type]


def test_the_gap_sum_is_what_all_lose_when_they_gap_through_their_stops_fees_included() -> None:
    position = Position("BTC/USD", Qty(D(1)), Price(D(100)), Money(D(100)), Money(D(0)), 0, stop=Price(D(90)))
    # sold at 90 x 0.8 = 72, 1 % fee: 71.28
    assert gap_loss(exposed_by([position], {"BTC/USD": Price(D(100))}), 0.2, D("0.01")) == D("28.72")


def test_a_position_without_a_stop_gaps_from_its_mark_and_without_a_mark_from_its_entry() -> None:
    bare = Position("BTC/USD", Qty(D(1)), Price(D(100)), Money(D(100)), Money(D(0)), 0)
    assert gap_loss(exposed_by([bare], {"BTC/USD": Price(D(50))}), 0.2, D(0)) == D(10)
    assert gap_loss(exposed_by([bare], {}), 0.2, D(0)) == D(20)


def test_an_entry_is_refused_when_with_it_a_gap_would_cost_more_than_accepted() -> None:
    risk = replace(RISK, gap_stress=0.2, max_gap_loss=0.05, max_exposure=1.0)
    carrying = replace(NOTHING, exposed=(held("1500", stop="100"),))  # 300 of 500 accepted
    assert broken_cap(carrying, wanted("1000", stop="100", taker="0"), risk) is None
    found = broken_cap(carrying, wanted("1000.01", stop="100", taker="0"), risk)
    assert found is not None and found.code == "gap_stress" and "500.00" in found.reason
