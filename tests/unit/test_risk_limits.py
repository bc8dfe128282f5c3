"""Every limit at its boundary."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.model.decisions import Allowed, Denied
from core.model.money import Money
from core.risk.limits import (
    Situation,
    cooloff_left,
    daily_loss_reached,
    entries_within_hour,
    judge,
)
from core.trading_config import RiskConfig

M5 = 300_000
CALM = Situation(
    symbol="BTC/USD", candle_ms=100 * M5, candle_length_ms=M5, holding=False, open_positions=0,
    equity=Money(D(10_000)), exposure=Money(D(0)), cash=Money(D(10_000)),
)  # fmt: skip


def test_a_calm_situation_is_allowed() -> None:
    assert judge(CALM, RiskConfig()) == Allowed()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"blocked": "paused by you"}, "stopped"),
        ({"holding": True}, "in_position"),
        ({"open_positions": 5}, "max_positions"),
        ({"exposure": Money(D(5000))}, "max_exposure"),
        ({"entries_last_hour": 30}, "entry_rate"),
        ({"last_loss_ms": 95 * M5 + 1}, "cooling_off"),
    ],
)
def test_each_limit_says_no_by_its_name(change: dict[str, object], code: str) -> None:
    found = judge(replace(CALM, **change), RiskConfig())  # type: ignore[arg-type]
    assert isinstance(found, Denied)
    assert found.code == code
    assert found.reason


@pytest.mark.parametrize(
    "change",
    [
        {"open_positions": 4},
        {"exposure": Money(D("4999.99"))},
        {"entries_last_hour": 29},
        {"last_loss_ms": 94 * M5 + M5 - 1},
    ],
)
def test_just_inside_each_limit_is_allowed(change: dict[str, object]) -> None:
    assert judge(replace(CALM, **change), RiskConfig()) == Allowed()  # type: ignore[arg-type]


def test_the_latch_is_named_before_anything_else() -> None:
    found = judge(replace(CALM, blocked="the kill switch", holding=True), RiskConfig())
    assert isinstance(found, Denied) and "the kill switch" in found.reason


def test_candle_k_may_enter_when_k_minus_j_reaches_the_cooloff() -> None:
    assert cooloff_left(106 * M5, 100 * M5 + 5, M5, 6) == 0
    assert cooloff_left(105 * M5, 100 * M5 + 5, M5, 6) == 1
    assert cooloff_left(100 * M5, 100 * M5 + 5, M5, 0) == 0


def test_one_candle_left_is_said_in_the_singular() -> None:
    found = judge(replace(CALM, last_loss_ms=95 * M5), RiskConfig())
    assert isinstance(found, Denied) and "rests 1 more candle after" in found.reason


@pytest.mark.parametrize(
    ("equity", "limit", "reached"),
    [("9700", 0.03, True), ("9700.01", 0.03, False), ("10500", 0.03, False), ("1", 1.0, False)],
)
def test_the_daily_loss_trips_at_its_share_of_the_days_start(
    equity: str, limit: float, reached: bool
) -> None:
    assert daily_loss_reached(D(10_000), D(equity), limit) is reached


def test_entries_are_counted_over_sixty_minutes() -> None:
    hour = 3_600_000
    assert entries_within_hour([0, 1, hour, hour + 1], hour) == 2
