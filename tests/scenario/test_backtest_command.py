"""zyn backtest as a person and a script meet it."""

from __future__ import annotations

import csv
import json
import os
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest

from bot.__main__ import main
from tests.support.made_candles import MONDAY, bars, write

KEYS = {
    "candles", "filled", "seconds", "candles_per_second", "trades", "wins", "losses", "win_rate",
    "profit_factor", "net_pnl", "fees", "max_drawdown", "sharpe", "per_symbol",
}  # fmt: skip
M5 = 300_000
DAY = 86_400_000


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Three days of two pairs, with a hole in one of them."""
    folder = tmp_path / "data"
    folder.mkdir()
    write(folder, "XBTUSD", bars(1, 864, price=30_000, decimals=1))
    rows = bars(2, 864, price=2_000)
    write(folder, "ETHUSD", rows[:500] + rows[503:])
    return folder


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No .env and no setting of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("ZYN_"):
            monkeypatch.delenv(name)


def command(*words: object) -> int:
    return main(["backtest", *map(str, words)])


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert command(*words, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def test_json_has_exactly_the_contracts_figures(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--data", data)
    assert set(found) == KEYS
    assert set(found["per_symbol"]) == {"BTC/USD", "ETH/USD"}
    assert all(set(one) == {"trades", "wins", "net_pnl", "fees"} for one in found["per_symbol"].values())
    assert (found["candles"], found["filled"]) == (864 + 861, 3)
    assert found["trades"] == sum(one["trades"] for one in found["per_symbol"].values()) > 0
    assert found["trades"] == found["wins"] + found["losses"]
    assert found["win_rate"] == pytest.approx(found["wins"] / found["trades"])
    assert 0 < found["max_drawdown"] < 1 and isinstance(found["sharpe"], float)


def test_the_same_twice(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = told(capsys, "--data", data), told(capsys, "--data", data)
    for found in (first, second):
        del found["seconds"], found["candles_per_second"]
    assert first == second


def test_it_opens_no_socket(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **kwargs: object) -> NoReturn:
        raise AssertionError("a backtest opened a socket")

    for name in ("socket", "socketpair", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refuse)
    assert command("--data", data, "--report", tmp_path / "report.html") == 0


def test_the_trades_file_has_one_closed_trade_a_row(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "trades.csv"
    found = told(capsys, "--data", data, "--trades-out", path)
    with path.open() as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert reader.fieldnames == [
        "symbol", "side", "entry_time", "entry_price", "exit_time", "exit_price", "qty", "reason", "fees",
        "net_pnl",
    ]  # fmt: skip
    assert len(rows) == found["trades"]
    assert sum(float(row["net_pnl"]) for row in rows) == pytest.approx(found["net_pnl"], abs=1e-4)
    assert {row["reason"] for row in rows} <= {"stop", "target", "signal", "end"}
    assert all(int(row["entry_time"]) % M5 == int(row["exit_time"]) % M5 == 0 for row in rows)


def test_what_was_turned_down_is_told_at_each_fee_level_and_what_has_no_effect_before(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = ("--set", "edge.gate=enforce", "--set", "features.crypto_universe=true")
    assert main(["backtest", "--data", str(data), "--set", "filters.enabled=", *settings]) == 0
    said = capsys.readouterr()
    assert "turned down at Kraken's real tier (30-day volume 0): no edge " in said.out
    assert "features.crypto_universe has no effect here" in said.err


def test_candles_of_another_length_are_named_when_there_are_none_of_the_one_asked_for(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", "--data", str(data), "--timeframe", "1h"]) == 1
    assert "no 1h candles" in (said := capsys.readouterr().err) and "there are some of 5m" in said
    assert "zyn download" in said


def test_two_engines_say_that_they_made_the_same_trades(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["backtest", "--data", str(data), "--engine", "fast,road"]) == 0
    said = capsys.readouterr()
    trades = next(line.split()[1] for line in said.out.splitlines() if line.startswith("trades"))
    assert f"fast and road engines made the same trades: {trades} at the default fees, " in said.err


def test_the_fast_engine_is_the_default_and_gives_the_roads_figures_and_trades(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found, files = {}, {}
    for engine in ("", "fast", "road", "fast,road"):
        path = tmp_path / f"{engine}.csv"
        words = ("--engine", engine) if engine else ()
        found[engine] = told(capsys, "--data", data, "--trades-out", path, *words)
        files[engine] = path.read_text()
        for key in ("seconds", "candles_per_second"):
            del found[engine][key]
    assert found[""] == found["fast"] == found["fast,road"]
    assert files[""] == files["fast"] == files["road"]
    sharpe = found["road"].pop("sharpe")
    assert found["fast"].pop("sharpe") == pytest.approx(sharpe)
    assert found["fast"].pop("max_drawdown") == pytest.approx(found["road"].pop("max_drawdown"))
    assert found["fast"] == found["road"]
    assert command("--data", data) == 0
    assert "by the fast engine" in capsys.readouterr().out


def test_the_words_show_the_real_tier_beside_the_configured_fees(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--data", data) == 0
    text = capsys.readouterr().out
    assert "0.16% / 0.26%" in text and "0.40% / 0.80%" in text
    assert "At the default fees the strategy lost" in text and "At Kraken's real tier" in text
    assert command("--data", data, "--set", "costs.source=kraken", "--set", "costs.volume_30d=60000") == 0
    text = capsys.readouterr().out
    assert "0.15% / 0.30%" in text and "0.16%" not in text


def test_the_report_is_one_page_that_needs_nothing_else(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "report.html"
    assert command("--data", data, "--report", path) == 0
    page = path.read_text()
    assert page.count("<svg") == 4 and "2024-01" in page and "Buy and hold" in page
    assert all(word not in page for word in ("http", "src=", "<script", "url("))
    assert "0.40% / 0.80%" in page


def test_dates_bound_what_is_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("--data", data, "--symbols", "XBTUSD", "--from", "2024-01-02")
    assert told(capsys, *words, "--to", "2024-01-03T00:00:00Z")["candles"] == 288
    assert told(capsys, *words, "--to", "2024-01-02T01:00+00:30")["candles"] == 6
    assert MONDAY % DAY == 0


def test_settings_come_from_flags_variables_and_dotenv_in_this_order(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = told(capsys, "--data", data)
    (tmp_path / ".env").write_text("ZYN_RISK__COOLOFF_CANDLES=900\n")
    assert told(capsys, "--data", data)["trades"] < plain["trades"]
    monkeypatch.setenv("ZYN_RISK__COOLOFF_CANDLES", "6")
    assert told(capsys, "--data", data)["trades"] == plain["trades"]
    assert told(capsys, "--data", data, "--set", "risk.cooloff_candles=0")["trades"] > plain["trades"]


def test_no_trade_leaves_what_is_undefined_null(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, "--data", data, "--set", "filters.rsi_long_max=0")
    assert (found["trades"], found["net_pnl"], found["max_drawdown"]) == (0, 0, 0)
    assert found["win_rate"] is found["profit_factor"] is found["sharpe"] is None
    assert command("--data", data, "--set", "filters.rsi_long_max=0") == 0
    assert "No trade at the default fees." in capsys.readouterr().out


def test_a_kill_switch_that_flattens_sells_at_the_next_open(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(
        capsys, "--data", data, "--set", "risk.daily_loss_limit=0.002", "--set", "risk.kill_action=flatten"
    )
    assert found["trades"] > 0


def test_all_wrong_usage_is_listed_at_once(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = (
        "--data", data, "--engine", "warp,road", "--from", "yesterday", "--set", "risk.stop_atr", "--set",
        "risk.stopp_atr=2", "--timeframe", "7m",
    )  # fmt: skip
    assert command(*words) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 5
    assert any("--engine warp: must be fast, road or both" in line for line in lines)
    assert any("did you mean risk.stop_atr?" in line for line in lines)
    assert any("--from yesterday" in line for line in lines)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["--engine", "warp"], 2, "--engine warp: must be fast, road or both"),
        (["--from", "2024-02-01", "--to", "2024-01-01"], 2, "--from must lie before --to"),
        (["--symbols", "ADA/USD"], 1, "no 5m candles of ADA/USD"),
        (["--timeframe", "4h"], 1, "no 4h candles"),
        (["--pairs", "/nowhere.json"], 2, "cannot be read (No such file"),
        (["--report", "/nowhere/report.html"], 1, "/nowhere/report.html cannot be written"),
        (["--set", "features.backtest_mode=false"], 2, "backtests are switched off"),
        (["--set", "execution.entry=maker_first"], 2, "whether its low came while an entry rested"),
        (["--from", "2030-01-01"], 1, "no candle in the wanted time"),
    ],
)
def test_each_failure_is_one_clear_line(
    words: list[str], code: int, line: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command("--data", data, *words) == code
    *remarks, last = capsys.readouterr().err.splitlines()
    assert line in last and all(one.startswith("ETHUSD_5m.csv.gz: 3 candles are missing") for one in remarks)


def test_a_set_too_short_to_be_judged_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "ETHUSD", bars(3, 60))
    assert command("--data", tmp_path) == 0
    shown = capsys.readouterr()
    assert "No trade at the default fees." in shown.out
    assert shown.err.startswith("Nothing is judged: ETHUSD_5m.csv.gz has 60 candles in the wanted time")


def test_pairs_of_two_currencies_are_refused(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(data, "ETHEUR", bars(3, 150))
    assert command("--data", data) == 1
    assert "quoted in EUR and USD" in capsys.readouterr().err
    assert command("--data", data, "--symbols", "ETH/EUR", "--json") == 0


def test_made_up_candles_give_a_first_backtest_without_any_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = told(capsys, "--data", tmp_path / "one", "--generate", 20)
    assert (first["candles"], first["filled"], set(first["per_symbol"])) == (11520, 0, {"BTC/USD", "ETH/USD"})
    assert first["trades"] > 0
    again = told(capsys, "--data", tmp_path / "two", "--generate", 20)
    assert (again["net_pnl"], again["trades"]) == (first["net_pnl"], first["trades"])
    other = told(capsys, "--data", tmp_path / "three", "--generate", 20, "--set", "demo.seed=2")
    assert other["net_pnl"] != first["net_pnl"]
    assert command("--data", tmp_path / "one", "--generate", 4) == 1
    assert "made-up candles never replace a file" in capsys.readouterr().err


def test_capital_below_the_cash_is_what_a_run_starts_with(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    all_of_it = told(capsys, "--data", data, "--set", "paper.start_cash=5000")
    capped = told(capsys, "--data", data, "--set", "risk.capital=5000")
    for key in ("trades", "net_pnl", "max_drawdown", "sharpe"):
        assert capped[key] == pytest.approx(all_of_it[key])
