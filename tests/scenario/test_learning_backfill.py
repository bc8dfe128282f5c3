"""zyn learn backfill: recorded candles into the shadow ledger, with the same trades as the backtest."""

from __future__ import annotations

import asyncio
import csv
from pathlib import Path

import pytest

from bot.__main__ import main
from core.learning.school import Lesson
from core.model.shadow import Evidence
from core.store.instance import DataFolder
from core.store.telemetry_db import TelemetryDb

M5 = 300_000
pytestmark = pytest.mark.blocks


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("ZYN_DATA_DIR", str(tmp_path / "zyn"))
    folder = tmp_path / "candles"
    told = ["--set", "risk.cooloff_candles=0", "--set", "risk.daily_loss_limit=1"]
    command = ["backtest", "--data", str(folder), "--symbols", "ETH/USD", "--generate", "90", "--json"]
    assert main([*command, *told, "--engine", "road", "--trades-out", str(tmp_path / "trades.csv")]) == 0
    capsys.readouterr()
    return folder


def filled(data: Path) -> int:
    return main(["learn", "backfill", "--data", str(data), "--symbols", "ETH/USD"])


async def kept(folder: Path) -> dict[int, Lesson]:
    """Every lesson by its signal's candle; none of them counts as lived through."""
    async with await TelemetryDb.open(folder, "demo") as db:
        assert await db.lessons(Evidence.SHADOW) == []
        return {one.signal.candle_ms: one for one in await db.lessons(Evidence.BACKFILL)}


def test_history_fills_the_ledger_once_and_is_marked(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert filled(data) == 0
    said = capsys.readouterr().out
    assert "marked as backfill in the demo world" in said and " 0 new outcomes" not in said
    assert filled(data) == 0
    assert " 0 new outcomes" in capsys.readouterr().out


def test_a_followed_signal_ends_as_the_backtests_trade_does(data: Path, tmp_path: Path) -> None:
    assert filled(data) == 0
    with (tmp_path / "trades.csv").open() as file:
        trades = [row for row in csv.DictReader(file) if row["reason"] != "end"]
    lessons = asyncio.run(kept(tmp_path / "zyn" / "demo"))
    assert len(trades) >= 10
    for trade in trades:
        one = lessons[int(trade["entry_time"]) - M5]
        assert one.outcome.exit == trade["reason"]
        assert one.outcome.exit_price == pytest.approx(float(trade["exit_price"]), abs=0.011)
        risked = float(trade["qty"]) * one.signal.stop_distance
        assert one.outcome.r == pytest.approx(float(trade["net_pnl"]) / risked, abs=0.01)


def test_a_folder_in_use_is_not_touched(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with DataFolder(tmp_path / "zyn" / "demo"):
        assert filled(data) == 1
    assert "already running" in capsys.readouterr().err


def test_no_candles_is_said_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "backfill", "--data", str(tmp_path)]) == 1
    assert "no 5m candles" in capsys.readouterr().err
