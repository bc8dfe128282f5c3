"""Every signal's bracket ends as a trade's would: the same prices, fees and order of events."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.learning.shadow import ShadowBook
from core.learning.surroundings import NAMES, Surroundings
from core.model.market import Candle
from core.model.shadow import Evidence, Fate, ShadowOutcome, ShadowSignal

M5 = 300_000
RULE = "sma20 v1"
SIGNAL = ShadowSignal(
    "ETH/USD", "5m", RULE, 0, Evidence.SHADOW, Fate.FILTERED, "rsi said no", {"session": 0}, 1,
    stop_distance=10.0, target_distance=15.0, taker=0.001, spread=0.0, barrier=4, exits_on_turn=True,
)  # fmt: skip


def candle(number: int, opened: float, high: float, low: float, close: float) -> Candle:
    return Candle(number * M5, opened, high, low, close, 1.0)


def follow(signal: ShadowSignal, *candles: Candle, turned_at: int = -1) -> list[ShadowOutcome]:
    book = ShadowBook([signal])
    ended = []
    for one in candles:
        rules = frozenset({RULE}) if one.time_ms == turned_at * M5 else frozenset()
        ended += book.take("ETH/USD", "5m", M5, one, rules)
    return ended


def test_a_target_that_is_reached_pays_its_distance_less_both_fees() -> None:
    (won,) = follow(SIGNAL, candle(1, 100, 108, 95, 105), candle(2, 105, 116, 104, 110))
    assert (won.exit, won.entry_price, won.exit_price, won.closed_ms) == ("target", 100, 115, 3 * M5)
    assert won.r == pytest.approx((15 - 0.001 * 215) / 10)


def test_a_candle_that_touches_both_counts_as_the_stop() -> None:
    (lost,) = follow(SIGNAL, candle(1, 100, 120, 80, 110))
    assert (lost.exit, lost.exit_price) == ("stop", 90)
    assert lost.r == pytest.approx((-10 - 0.001 * 190) / 10)


def test_a_gap_through_the_stop_costs_the_gap() -> None:
    (lost,) = follow(SIGNAL, candle(1, 100, 101, 99, 100), candle(2, 70, 75, 60, 72))
    assert lost.exit_price == 70 and lost.r < -3


def test_the_spread_is_paid_on_the_way_in_and_moves_the_bracket_with_the_entry() -> None:
    wide = replace(SIGNAL, spread=0.02, id="")
    (lost,) = follow(wide, candle(1, 100, 102, 91, 95))
    assert (lost.entry_price, lost.exit_price) == (101, 91)


def test_the_opposite_cross_closes_at_the_next_open_unless_the_stop_lies_there() -> None:
    quiet = candle(1, 100, 101, 99, 100)
    (out,) = follow(SIGNAL, quiet, candle(2, 98, 130, 97, 99), turned_at=1)
    assert (out.exit, out.exit_price) == ("signal", 98)
    (stopped,) = follow(SIGNAL, quiet, candle(2, 85, 86, 84, 85), turned_at=1)
    assert (stopped.exit, stopped.exit_price) == ("stop", 85)


def test_nothing_is_labelled_before_it_ends_and_time_ends_it() -> None:
    quiet = [candle(number, 100, 101, 99, 100) for number in range(1, 5)]
    assert follow(SIGNAL, *quiet[:3]) == []
    (late,) = follow(SIGNAL, *quiet)
    assert (late.exit, late.closed_ms) == ("time", 5 * M5)


def test_a_candle_seen_twice_or_before_the_signal_changes_nothing() -> None:
    first, second = candle(1, 100, 101, 99, 100), candle(2, 100, 116, 99, 110)
    assert follow(SIGNAL, candle(0, 100, 200, 1, 100), first, first, first, first, second) == follow(
        SIGNAL, first, second
    )


def test_other_pairs_timeframes_and_rules_are_followed_apart() -> None:
    other = replace(SIGNAL, rule="sma9 v1", id="")
    book = ShadowBook([SIGNAL, other, replace(SIGNAL, symbol="BTC/USD", id="")])
    quiet = candle(1, 100, 101, 99, 100)
    assert book.take("ETH/USD", "1h", 12 * M5, quiet) == []
    book.take("ETH/USD", "5m", M5, quiet, frozenset({RULE}))
    ended = book.take("ETH/USD", "5m", M5, candle(2, 99, 100, 98, 99))
    assert [one.signal_id for one in ended] == [SIGNAL.id]
    assert {one.rule for one in book} == {RULE, "sma9 v1"} and len(book) == 2


def test_a_signal_without_a_stop_has_no_unit_and_is_refused() -> None:
    with pytest.raises(ValueError, match="no stop"):
        ShadowBook([replace(SIGNAL, stop_distance=0.0, id="")])


def test_features_are_coarse_and_know_only_what_has_closed() -> None:
    seen = Surroundings()
    for number in range(60):
        close = 100.0 + number
        seen.take(candle(number, close - 1, close + 1, close - 2, close))
    found = seen.features(60 * M5, 0.0005)
    assert found == {"session": 1, "strength": 2, "side": 0, "weekend": 0, "vol": 1, "trend": 2}
    assert all(0 <= found[name] < len(buckets) for name, buckets in NAMES.items())
