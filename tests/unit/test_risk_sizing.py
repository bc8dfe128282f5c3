"""Sizes, brackets and the edge, by the numbers of CONTRACT."""

from __future__ import annotations

from decimal import Decimal
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.decisions import Denied
from core.model.market import FeeRates, Pair
from core.model.money import Money, Price
from core.risk.brackets import (
    NOTHING,
    STOP,
    TARGET,
    Bracket,
    Distances,
    bracket,
    distances,
    touch,
    touch_price,
)
from core.risk.edge import edge_of, judge_edge
from core.risk.sizing import Purse, Sized, size_entry
from core.trading_config import RiskConfig

PAIR = Pair("ETH/USD", "ETH", "USD", D("0.01"), D("0.0001"), D("0.01"), D("0.5"))
TAKER = D("0.0026")


def purse(equity: str = "10000", exposure: str = "0", cash: str = "10000") -> Purse:
    return Purse(Money(D(equity)), Money(D(exposure)), Money(D(cash)))


def size(
    risk: RiskConfig, entry: str = "2000", stop: str = "1960", multiplier: float = 1.0, **given: str
) -> object:
    return size_entry(PAIR, Price(D(entry)), Price(D(stop)), purse(**given), risk, TAKER, multiplier)


def sized(*args: object, **kwargs: object) -> Sized:
    found = size(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(found, Sized)
    return found


def denied(*args: object, **kwargs: object) -> Denied:
    found = size(*args, **kwargs)  # type: ignore[arg-type]
    assert isinstance(found, Denied)
    return found


def test_risk_percent_loses_the_risk_at_the_stop() -> None:
    # 10,000 x 1 % / (2,000 - 1,960) = 2.5 ETH would be 5,000; uncapped here
    found = sized(RiskConfig(max_position=1.0, max_exposure=1.0))
    assert (found.qty, found.notional, found.cut_by) == (D("2.5"), D("5000"), "")


def test_fixed_buys_the_stake_at_the_entry_price_with_the_fee_on_top() -> None:
    found = sized(RiskConfig(sizing="fixed", fixed_stake=D(1000)), entry="1999.99")
    assert found.qty == D("0.5000")  # 0.50000250..., rounded down to the lot
    assert found.notional == D("999.995")


@pytest.mark.parametrize(
    ("risk", "given_", "qty", "cut_by"),
    [
        (RiskConfig(), {}, "1.25", "max_position"),  # 25 % of 10,000
        (RiskConfig(), {"exposure": "3000"}, "1", "max_exposure"),  # 50 % less 3,000
        (RiskConfig(), {"cash": "1002.60"}, "0.5", "cash"),  # 1,000 and its fee
        (RiskConfig(sizing="fixed", fixed_stake=D(9000)), {}, "1.25", "max_position"),
    ],
)
def test_a_size_is_cut_to_the_tightest_cap(
    risk: RiskConfig, given_: dict[str, str], qty: str, cut_by: str
) -> None:
    found = sized(risk, **given_)
    assert (found.qty, found.cut_by) == (D(qty), cut_by)


def test_a_multiplier_scales_the_wish_and_never_the_caps() -> None:
    half = sized(RiskConfig(max_position=1.0, max_exposure=1.0), multiplier=0.5)
    assert half.qty == D("1.25")
    assert sized(RiskConfig(max_position=1.0, max_exposure=1.0), multiplier=7.0).qty == D("2.5")


def test_below_the_minimum_is_skipped_with_the_reason() -> None:
    small = denied(RiskConfig(sizing="fixed", fixed_stake=D(10)))
    assert small.code == "too_small"
    assert "below the minimum of 0.01 ETH" in small.reason


def test_an_exposure_that_is_full_leaves_nothing_to_buy() -> None:
    assert denied(RiskConfig(), exposure="5000").code == "max_exposure"


@given(
    cash=st.decimals(1, 1_000_000, places=2),
    entry=st.decimals("0.02", 100_000, places=2),
    fall=st.decimals("0.0001", "0.9", places=4),
    exposure=st.decimals(0, 1_000_000, places=2),
)
def test_no_size_ever_passes_a_cap_or_the_cash(cash: D, entry: D, fall: D, exposure: D) -> None:
    stop = PAIR.price(entry * (1 - fall))
    if not 0 < stop < entry:
        return
    equity = cash + exposure
    risk = RiskConfig()
    found = size_entry(
        PAIR, Price(entry), stop, Purse(Money(equity), Money(exposure), Money(cash)), risk, TAKER
    )
    if isinstance(found, Denied):
        return
    assert found.qty % PAIR.lot == 0
    assert found.notional * (1 + TAKER) <= cash
    assert found.notional <= equity * D("0.25")
    assert found.notional + exposure <= equity * D("0.5")
    assert found.qty * (entry - stop) <= equity * D("0.01")


def test_stop_and_target_are_measured_from_the_fill_to_the_nearest_tick() -> None:
    away = distances(atr=3.3333, stop_atr=2.0, take_profit_atr=3.0)
    assert bracket(PAIR, Price(D("100.00")), away) == Bracket(Price(D("93.33")), Price(D("110.00")))


@pytest.mark.parametrize(("stop", "code"), [("0.004", "stop_too_near"), ("100", "stop_too_far")])
def test_a_stop_that_cannot_stand_is_refused(stop: str, code: str) -> None:
    found = bracket(PAIR, Price(D("100.00")), Distances(D(stop), D(1)))
    assert isinstance(found, Denied) and found.code == code


@pytest.mark.parametrize(
    ("low", "high", "what"), [(90, 120, STOP), (90, 100, STOP), (91, 120, TARGET), (91, 119, NOTHING)]
)
def test_both_touched_is_the_stop(low: float, high: float, what: int) -> None:
    assert touch(low, high, 90.0, 120.0) == what


def test_a_gap_fills_at_the_open() -> None:
    assert touch_price(STOP, 85.0, 90.0, 120.0) == 85.0
    assert touch_price(STOP, 95.0, 90.0, 120.0) == 90.0
    assert touch_price(TARGET, 130.0, 90.0, 120.0) == 130.0
    assert touch_price(TARGET, 95.0, 90.0, 120.0) == 120.0


def test_the_gate_closes_only_when_enforced_and_the_target_does_not_pay_for_the_trade() -> None:
    fees = FeeRates(D("0.004"), D("0.008"))
    edge = edge_of(Price(D(100)), Distances(D(1), D("1.5")), fees, D("0.0005"))
    assert edge.cost == D("0.0165") and not edge.pays and edge.break_even > 1
    assert isinstance(judge_edge(edge, "enforce"), Denied)
    assert not isinstance(judge_edge(edge, "warn"), Denied)
    assert "1.50 % away and a round trip costs 1.65 %" in edge.text()
    wide = edge_of(Price(D(100)), Distances(D(4), D(6)), fees, D("0.0005"))
    assert wide.pays and not isinstance(judge_edge(wide, "enforce"), Denied)
    assert wide.break_even == Decimal("0.0565") / Decimal("0.1")
