"""Each clause of the backtest rules on candles made for it.

With an SMA of 2 a cross up is a rise after no rise, a cross down a fall after no fall; with an ATR of 1 the
bracket is measured in the signal candle's own range. The third candle is the first that may be judged.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from decimal import Decimal as D

import pytest

from core.lab.backtest_mode import backtest
from core.lab.data import History
from core.lab.outcome import Outcome
from core.matching.fees import FlatFees
from core.model.account import RoundTrip
from core.model.market import Pair, Timeframe
from core.trading_config import Mode, load

M5 = 300_000
START = 1_704_067_200_000
Row = tuple[float, float, float, float]

BASE = {
    "indicators.sma_fast": "2", "indicators.sma_slow": "3", "indicators.atr_period": "1",
    "filters.enabled": "", "risk.sizing": "fixed", "risk.fixed_stake": "1000", "risk.cooloff_candles": "0",
    "risk.daily_loss_limit": "1", "costs.spread_bps": "0",
}  # fmt: skip

# 100, 100, then a rise to 102 with a range of 2: a long at the next open, stop 4 below, target 6 above.
SIGNAL: list[Row] = [(100, 100, 100, 100), (100, 100, 100, 100), (100, 102, 100, 102)]


def pair(symbol: str = "AAA/USD", tick: str = "0.01", **grid: str) -> Pair:
    base, quote = symbol.split("/")
    sizes = {name: D(value) for name, value in grid.items()}
    return Pair(symbol, base, quote, D(tick), **{"lot": D("0.0001"), **sizes})  # type: ignore[arg-type]


def history(rows: Sequence[Row], on: Pair | None = None, start: int = START) -> History:
    columns = [array("d", [row[k] for row in rows]) for k in range(4)]
    volumes = array("d", [1.0] * len(rows))
    return History(on or pair(), Timeframe.M5, start, *columns, volumes, len(rows), 0)  # type: ignore[misc]


def run(*histories: History, taker: str = "0", **settings: str) -> Outcome:
    flags = {**BASE, **{key.replace("__", "."): value for key, value in settings.items()}}
    config = load({}, None, flags, Mode.BACKTEST)
    return backtest(config, histories, FlatFees(D(0), D(taker)))


def only(*rows: Row, **settings: str) -> RoundTrip:
    (trip,) = run(history([*SIGNAL, *rows]), **settings).trips
    return trip


def first(*rows: Row, **settings: str) -> RoundTrip:
    return run(history([*SIGNAL, *rows]), **settings).trips[0]


def place(time_ms: int) -> int:
    return (time_ms - START) // M5


def flat(price: float) -> Row:
    return price, price, price, price


def test_an_entry_fills_at_the_next_open_and_half_the_spread_to_the_tick() -> None:
    trip = only((101, 103, 101, 103), flat(103), costs__spread_bps="10")
    assert (place(trip.opened_ms), trip.entry_price) == (3, D("101.05"))  # 101 x 1.0005 = 101.0505


def test_a_signal_on_the_last_candle_is_dropped() -> None:
    assert not run(history(SIGNAL)).trips


def test_nothing_is_judged_before_the_indicators_exist_on_two_candles() -> None:
    early: list[Row] = [flat(100), (100, 102, 100, 102), flat(102), flat(102), flat(102)]
    assert not run(history(early)).trips


def test_a_stop_inside_the_candle_fills_at_the_stop_without_a_spread() -> None:
    trip = only((102, 103, 97, 99), flat(99), costs__spread_bps="0")
    assert (place(trip.closed_ms), trip.exit_price, trip.reason) == (3, 98, "stop")


def test_the_bracket_is_watched_from_the_entry_candle_on_even_when_it_opens_below_the_stop() -> None:
    # Half a spread of 2.5 % lifts the entry to 104.55; the stop half an ATR below lies above the very open.
    trip = only((102, 102, 101, 102), flat(102), costs__spread_bps="500", risk__stop_atr="0.5")
    assert (trip.entry_price, place(trip.closed_ms), trip.exit_price) == (D("104.55"), 3, 102)


def test_a_gap_through_the_stop_fills_at_the_open() -> None:
    trip = only(flat(102), (95, 96, 94, 96), flat(96), costs__spread_bps="0")
    assert (place(trip.closed_ms), trip.exit_price, trip.reason) == (4, 95, "stop")


def test_a_target_fills_at_the_target_and_a_gap_above_it_at_the_open() -> None:
    inside = only((102, 109, 101, 105), flat(105))
    assert (place(inside.closed_ms), inside.exit_price, inside.reason) == (3, 108, "target")
    gap = first(flat(102), (110, 111, 110, 110), flat(110))
    assert (place(gap.closed_ms), gap.exit_price, gap.reason) == (4, 110, "target")


def test_both_touched_is_the_stop() -> None:
    trip = only((102, 109, 97, 105), flat(105))
    assert (trip.exit_price, trip.reason) == (98, "stop")


def test_touching_is_enough_for_stop_and_target() -> None:
    assert only((102, 103, 98, 99), flat(99)).exit_price == 98
    assert only((102, 108, 101, 105), flat(105)).exit_price == 108


def test_a_cross_down_sells_at_the_next_open_less_half_the_spread_and_asks_no_filter() -> None:
    # The short side of RSI would refuse; the exit does not ask.
    rows = [flat(101), *SIGNAL, (102, 103, 102, 103), (103, 103, 101, 101), (101.5, 102, 101, 102), flat(102)]
    trip = run(
        history(rows), costs__spread_bps="10", filters__enabled="rsi", indicators__rsi_period="2",
        filters__rsi_long_max="100.0", filters__rsi_short_min="100",
    ).trips[0]  # fmt: skip
    assert (place(trip.closed_ms), trip.exit_price, trip.reason) == (6, D("101.45"), "signal")


def test_a_cross_down_keeps_the_position_when_opposite_signals_are_off() -> None:
    trip = only((102, 103, 102, 103), (103, 103, 101, 101), flat(101), exits__on_opposite_signal="false")
    assert trip.reason == "end"


def test_a_stop_at_the_open_goes_before_the_signals_exit() -> None:
    trip = only((102, 103, 102, 103), (103, 103, 101, 101), flat(97), flat(97), costs__spread_bps="10")
    assert (trip.reason, trip.exit_price) == ("stop", 97)  # not 97 x 0.9995


def test_a_signals_exit_goes_before_a_target_that_the_open_gaps_over() -> None:
    trip = first((102, 103, 102, 103), (103, 103, 101, 101), flat(110), flat(110), costs__spread_bps="10")
    # 110 x 0.9995 = 109.945, half way between two ticks: the even one
    assert (trip.reason, trip.exit_price) == ("signal", D("109.94"))


def test_a_signal_while_in_a_position_is_dropped() -> None:
    rows = [flat(102), flat(101.5), (101.5, 103, 101.5, 103), flat(103), flat(103)]
    trips = run(history([*SIGNAL, *rows]), exits__on_opposite_signal="false").trips
    assert [place(trip.opened_ms) for trip in trips] == [3]


def test_a_stop_at_the_next_open_does_not_free_the_pair_for_the_candle_before() -> None:
    # Candle 5 signals a long while the position stands; candle 6 opens below the stop.
    rows = [flat(102), flat(99), (99, 103, 99, 103), flat(90), flat(90), flat(90)]
    trips = run(history([*SIGNAL, *rows]), exits__on_opposite_signal="false").trips
    assert [(place(trip.opened_ms), place(trip.closed_ms)) for trip in trips] == [(3, 6)]


def test_after_an_exit_inside_a_candle_its_signal_may_enter_at_the_next_open() -> None:
    # Candle 4 falls through the stop and closes higher than candle 3: a rise after a fall.
    rows = [(102, 102, 101, 101), (101, 104, 97, 104), flat(104), flat(104)]
    trips = run(history([*SIGNAL, *rows]), exits__on_opposite_signal="false").trips
    assert [(place(trip.opened_ms), place(trip.closed_ms)) for trip in trips] == [(3, 4), (5, 6)]
    assert trips[0].reason == "stop"


@pytest.mark.parametrize(("cooloff", "entered"), [("0", 5), ("1", 7), ("2", 7), ("3", 9), ("4", 9)])
def test_the_cooloff_counts_candles_after_a_losing_exit(cooloff: str, entered: int) -> None:
    # The stop is hit in candle 4; candles 4, 6 and 8 signal again, to enter at 5, 7 and 9.
    rows = [
        (102, 102, 101, 101), (101, 104, 97, 104), (104, 104, 103, 103), (103, 105, 103, 105),
        (105, 105, 104, 104), (104, 106, 104, 106), flat(106), flat(106),
    ]  # fmt: skip
    first, second, *_ = run(
        history([*SIGNAL, *rows]), risk__cooloff_candles=cooloff, exits__on_opposite_signal="false",
        risk__take_profit_atr="50",
    ).trips  # fmt: skip
    assert (place(first.closed_ms), place(second.opened_ms)) == (4, entered)


def test_no_cooloff_after_a_winning_exit() -> None:
    rows = [(102, 102, 101, 101), (101, 109, 101, 104), flat(104), flat(104)]
    trips = run(
        history([*SIGNAL, *rows]), risk__cooloff_candles="50", exits__on_opposite_signal="false"
    ).trips
    assert [(trip.reason, place(trip.opened_ms)) for trip in trips] == [("target", 3), ("end", 5)]


def test_every_fill_pays_the_taker_fee() -> None:
    trip = only((102, 109, 101, 105), flat(105), taker="0.0026")
    assert trip.fees == trip.qty * (102 + 108) * D("0.0026")
    assert trip.net_pnl == trip.qty * 6 - trip.fees


def test_a_fixed_size_is_the_stake_at_the_entry_price_with_the_fee_on_top() -> None:
    trip = only(flat(102), flat(102), taker="0.0026")
    assert trip.qty == D("9.8039")  # 1,000 / 102 = 9.80392...


def test_a_risk_percent_size_loses_the_risk_at_the_stop() -> None:
    sizing = {"risk__sizing": "risk_percent", "risk__max_position": "1", "risk__max_exposure": "1"}
    trip = only((102, 103, 97, 99), flat(99), **{**sizing, "risk__risk_per_trade": "0.02"})
    assert trip.qty == 50  # 10,000 x 2 % / 4
    assert trip.net_pnl == -200


def test_a_size_is_cut_to_the_largest_position_and_to_free_cash() -> None:
    capped = only(flat(102), flat(102), risk__fixed_stake="9000", risk__max_position="0.1")
    assert capped.qty == D("9.8039")
    caps = {"risk__max_position": "1", "risk__max_exposure": "1", "risk__fixed_stake": "20000"}
    poor = only(flat(102), flat(102), taker="0.02", **caps)
    assert poor.qty == D("96.1168")  # 10,000 / 1.02 / 102


def test_below_the_minimum_is_skipped_with_the_reason() -> None:
    rows = [*SIGNAL, flat(102), flat(102)]
    outcome = run(history(rows, pair(min_qty="10")))
    assert not outcome.trips and outcome.refused == {"too_small": 1}
    assert not run(history(rows, pair(min_cost="1000.01"))).trips
    assert run(history(rows, pair(min_qty="9.8039"))).trips


def test_a_position_left_at_the_end_is_closed_at_the_last_close() -> None:
    trip = only(flat(102), (102, 104, 101, 103), costs__spread_bps="100")
    assert (place(trip.closed_ms), trip.exit_price, trip.reason) == (4, 103, "end")


def test_entries_go_in_order_of_symbol_and_share_one_exposure() -> None:
    rows = [*SIGNAL, flat(102), flat(102)]
    both = [history(rows, pair("ZZZ/USD")), history(rows, pair("AAA/USD"))]
    outcome = run(*both, risk__max_exposure="0.15", risk__fixed_stake="1000")
    sizes = {trip.symbol: trip.qty for trip in outcome.trips}
    assert sizes == {"AAA/USD": D("9.8039"), "ZZZ/USD": D("4.9019")}  # 15 % of 10,000 less 1,000 at 102


def test_equity_counts_positions_at_their_last_close_when_another_pair_enters() -> None:
    # AAA enters at 204, twice its last close of 102: equity falls by the half that it is worth less.
    ahead = [*SIGNAL, (204, 204, 204, 204), flat(204), flat(204)]
    other = [*SIGNAL, flat(102), flat(102), flat(102)]
    outcome = run(
        history(ahead, pair("AAA/USD")), history(other, pair("BBB/USD")), risk__fixed_stake="2000",
        risk__max_position="0.1",
    )  # fmt: skip
    sizes = {trip.symbol: trip.qty for trip in outcome.trips}
    assert sizes["AAA/USD"] == D("4.9019")  # 1,000 / 204
    # Equity is 9,000.01 + 4.9019 x 102 = 9,500.006...; a tenth of it at 102
    assert sizes["BBB/USD"] == D("9.3137")


def test_at_one_open_exits_free_their_cash_for_entries() -> None:
    # AAA holds nearly all cash and crosses down on the candle on which BBB crosses up.
    first = [*SIGNAL, (102, 103, 102, 103), (103, 103, 101, 101), flat(101), flat(101)]
    second = [flat(100)] * 4 + [(100, 102, 100, 102), flat(102), flat(102)]
    outcome = run(
        history(first, pair("BBB/USD")), history(second, pair("AAA/USD")), risk__fixed_stake="9000",
        risk__max_position="1", risk__max_exposure="1",
    )  # fmt: skip
    assert [(trip.symbol, trip.reason, place(trip.opened_ms)) for trip in outcome.trips] == [
        ("BBB/USD", "signal", 3),
        ("AAA/USD", "end", 5),
    ]
    assert outcome.trips[1].qty * 102 > 8_900


def test_the_daily_loss_stops_entries_until_the_next_day() -> None:
    lose = [(102.0, 102, 101, 101), (101.0, 104, 97, 104)]  # the stop, and a signal at once
    day = [flat(104)] * 284
    again = [flat(104), (104, 106, 104, 106), flat(106), flat(106)]
    rows = [*SIGNAL, *lose, *day, *again]
    big = {"risk__fixed_stake": "9000", "risk__max_position": "1", "risk__max_exposure": "1"}
    big["exits__on_opposite_signal"] = "false"
    stopped = run(history(rows), **{**big, "risk__daily_loss_limit": "0.03"})
    assert [place(trip.opened_ms) for trip in stopped.trips] == [3, 291]
    assert stopped.refused == {"stopped": 1}
    free = run(history(rows), **big)
    assert [place(trip.opened_ms) for trip in free.trips] == [3, 5]


def test_the_equity_curve_is_at_closes_and_ends_at_what_is_left() -> None:
    outcome = run(history([*SIGNAL, (102, 103, 97, 99), flat(99)]), taker="0.001")
    start, end = D(10_000), outcome.equity[-1][1]
    assert end == start + sum(trip.net_pnl for trip in outcome.trips)


def test_pairs_may_begin_and_end_at_different_times() -> None:
    long = [*SIGNAL, flat(102), flat(102), flat(102), flat(102), flat(102)]
    short = history([*SIGNAL, flat(102), flat(102)], pair("BBB/USD"), START + 2 * M5)
    trips = run(history(long), short).trips
    assert [(trip.symbol, place(trip.opened_ms), place(trip.closed_ms)) for trip in trips] == [
        ("BBB/USD", 5, 6),
        ("AAA/USD", 3, 7),
    ]


def test_the_same_run_twice_is_the_same() -> None:
    rows = [*SIGNAL, (102, 109, 101, 105), flat(105), flat(104), flat(106), flat(105), flat(105)]
    assert run(history(rows), taker="0.0026") == run(history(rows), taker="0.0026")


def test_the_example_of_the_docs_is_right() -> None:
    trip = first((102, 109, 101, 105), flat(105), taker="0.0026")
    assert (trip.qty, trip.entry_price, trip.exit_price) == (D("9.8039"), 102, 108)
    assert (trip.fees, trip.net_pnl) == (D("5.3529294"), D("53.4704706"))
