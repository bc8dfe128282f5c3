"""What holds for every market: money adds up, the future is not seen, the rules' own text agrees."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from decimal import Decimal as D

from hypothesis import given, settings
from hypothesis import strategies as st

from core.lab.backtest_mode import backtest
from core.lab.data import History
from core.lab.outcome import Outcome
from core.matching.fees import FlatFees
from core.model.market import Pair, Timeframe
from core.trading_config import Mode, load
from tests.support.made_candles import bars
from tests.support.reference_backtest import Bar, Market, Rules, run

M5 = 300_000
QUICK = {
    "indicators.sma_fast": "3", "indicators.sma_slow": "5", "indicators.atr_period": "3",
    "indicators.rsi_period": "3", "risk.cooloff_candles": "2", "risk.daily_loss_limit": "1",
}  # fmt: skip
seeds = st.integers(0, 1_000_000)


def history(rows: Sequence[Bar], symbol: str = "AAA/USD") -> History:
    base, quote = symbol.split("/")
    pair = Pair(symbol, base, quote, D("0.01"), D("1E-8"))
    columns = [array("d", [float(row[k]) for row in rows]) for k in range(1, 6)]
    return History(pair, Timeframe.M5, rows[0][0], *columns, len(rows), 0)  # type: ignore[misc]


def traded(rows: Sequence[Bar], *others: Sequence[Bar], enabled: str = "") -> Outcome:
    config = load({}, None, {**QUICK, "filters.enabled": enabled}, Mode.BACKTEST)
    names = ("AAA/USD", "BBB/USD", "CCC/USD")
    histories = [history(one, name) for one, name in zip((rows, *others), names, strict=False)]
    return backtest(config, histories, FlatFees(D("0.0016"), D("0.0026")))


@settings(max_examples=12, deadline=None)
@given(seed=seeds, calm=st.floats(0.0002, 0.02), still=st.floats(0, 0.7))
def test_the_rules_own_text_gives_the_same_trades(seed: int, calm: float, still: float) -> None:
    rows = bars(seed, 160, calm=calm, still=still)
    rules = Rules(M5, fast=3, slow=5, atr_period=3, cooloff=2)
    theirs, _ = run({"AAA/USD": Market(rows, D("0.01"))}, rules)
    ours = traded(rows).trips
    assert [
        (one.opened_ms // M5 * M5, one.closed_ms // M5 * M5, one.exit_price, one.qty, one.reason)
        for one in ours
    ] == [(one.entry_time, one.exit_time, one.exit_price, one.qty, one.reason) for one in theirs]


@settings(max_examples=6, deadline=None)
@given(seed=seeds)
def test_money_is_neither_made_nor_lost_and_one_pair_has_one_position(seed: int) -> None:
    outcome = traded(bars(seed, 150), bars(seed + 1, 120), bars(seed + 2, 150, still=0.5))
    net = sum((one.net_pnl for one in outcome.trips), D(0))
    end = outcome.equity[-1][1] if outcome.equity else outcome.start_equity
    assert abs(outcome.start_equity + net - end) < D("1E-9")
    for symbol in {one.symbol for one in outcome.trips}:
        times = [(one.opened_ms, one.closed_ms) for one in outcome.trips if one.symbol == symbol]
        assert all(before[1] <= after[0] for before, after in zip(times, times[1:], strict=False))


@settings(max_examples=6, deadline=None)
@given(seed=seeds, cut=st.integers(40, 140), enabled=st.sampled_from(["", "rsi,trend"]))
def test_no_trade_knows_a_later_candle(seed: int, cut: int, enabled: str) -> None:
    rows = bars(seed, 160)
    other_future = rows[:cut] + [
        (at, *bars(seed + 7, 160)[k][1:]) for k, (at, *_) in enumerate(rows[cut:], cut)
    ]
    until = rows[0][0] + cut * M5
    known = [
        [one for one in traded(future, enabled=enabled).trips if one.closed_ms < until]
        for future in (rows, other_future)
    ]
    assert known[0] == known[1]
