"""The checks a backtest offers of itself, and the report with its trades on candles."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D
from pathlib import Path

import pytest

from bot.__main__ import main
from core.lab import checks
from core.lab.data import History, Wanted, load
from core.lab.grid import Grids
from core.lab.report_candles import thinned_candles
from core.matching.fees import FlatFees
from core.model.market import Timeframe
from core.trading_config import Config, Mode
from core.trading_config import load as load_config
from tests.support.made_candles import bars, write

CONFIG = load_config({}, None, {"filters.enabled": "trend"}, Mode.BACKTEST)


def data(folder: Path, count: int = 1500) -> Path:
    write(folder, "ETHUSD", bars(5, count))
    return folder


def test_the_command_says_that_nothing_looks_ahead_and_that_the_warm_up_is_enough(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["backtest", "--data", str(data(tmp_path)), "--set", "filters.enabled=trend"]
    assert main([*words, "--check-lookahead", "--check-warmup"]) == 0
    out = capsys.readouterr().out
    assert "the first judgement needs 51 candles; a state rebuilt from 720" in out
    assert "1,500 decisions" in out and "stay the same" in out and "to the cent" in out


def test_a_rule_that_looks_ahead_is_found_with_its_candle(tmp_path: Path) -> None:
    (history,) = load(Wanted(data(tmp_path), Timeframe.M5), Grids())

    def peeping(config: Config, one: History) -> list[tuple[int, int]]:
        return [*checks.judged(config, one)[1:], (0, 0)]  # decides on the candle after

    (first, *_) = checks.check_lookahead(CONFIG, [history], FlatFees(D(0), D(0)), judge=peeping)
    assert "looks ahead: the decision on ETH/USD candle" in first.fault


def test_a_set_shorter_than_the_warm_up_is_said_with_the_way_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data(tmp_path, 40)
    assert main(["backtest", "--data", str(tmp_path), "--check-warmup"]) == 1
    err = capsys.readouterr().err
    assert "ETHUSD_5m.csv.gz has 40 candles" in err and "needs 97: take more data" in err


def test_the_report_shows_trades_on_candles_and_the_real_tier_beside(tmp_path: Path) -> None:
    page = tmp_path / "r.html"
    words = [
        "backtest",
        "--data",
        str(data(tmp_path)),
        "--set",
        "filters.enabled=trend",
        "--report",
        str(page),
    ]
    assert main(words) == 0
    html = page.read_text()
    for part in (
        "Trades on candles",
        "Violet: the strategy, Kraken&#x27;s real tier",
        "bought ",
        "buy and hold",
    ):
        assert part in html
    assert (
        html.count("<figure>") == 1 and "<script" not in html and "http" not in html.replace("http-equiv", "")
    )


def test_thinned_candles_keep_every_extreme(tmp_path: Path) -> None:
    (history,) = load(Wanted(data(tmp_path), Timeframe.M5), Grids())
    few = thinned_candles(history, 100)
    assert len(few) <= 100
    assert max(one.high for one in few) == pytest.approx(max(history.highs))
    assert (few[0].open, few[-1].close) == (history.opens[0], history.closes[-1])


def test_the_autopilots_turnover_takes_the_road_and_stops_buying(tmp_path: Path) -> None:
    from core.lab.backtest_mode import backtest
    from core.lab.engines import needs_road

    (history,) = load(Wanted(data(tmp_path), Timeframe.M5), Grids())
    small = replace(CONFIG, risk=replace(CONFIG.risk, autopilot_turnover=0.3))
    assert needs_road(small) == "risk.autopilot_turnover is on" and not needs_road(CONFIG)
    free = backtest(CONFIG, [history], FlatFees(D(0), D("0.001")))
    held = backtest(small, [history], FlatFees(D(0), D("0.001")))
    assert held.refused["turnover"] > 0 and len(held.trips) < len(free.trips)
