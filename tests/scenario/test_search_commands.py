"""zyn optimize and zyn walkforward as a person and a script meet them, and as a kill leaves them."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest

from benchmarks import search_luck
from bot.__main__ import main
from core.lab.search.study import Archive
from core.model.errors import Refused
from core.model.tuning import EDGE, LUCK, from_json
from tests.support.made_markets import market, save

SMALL = ("--timeframe", "1h", "--jobs", "1", "--search", "risk.stop_atr", "--search", "risk.take_profit_atr")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A hundred days of one pair, and a data folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZYN_DATA_DIR", str(tmp_path / "kept"))
    folder = tmp_path / "candles"
    folder.mkdir()
    save(market(1, 2400, edge=0.3), str(folder), "BTCUSD")
    return folder


def told(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert main([*map(str, words), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def kept(path: Path) -> list[dict[str, Any]]:
    """The trials of a file, in the order in which they were written."""
    with Archive(path) as archive:
        studies = archive._storage.get_all_studies()
        return [
            {"number": one.number, "value": one.value, **one.user_attrs}
            for study in studies
            for one in archive._storage.get_all_trials(study._study_id)
        ]


def test_a_search_tells_the_best_and_what_luck_would_have_shown(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.html"
    assert main(["optimize", "--data", str(data), *SMALL, "--trials", "40", "--report", str(page)]) == 0
    text = capsys.readouterr().out
    for words in (
        "40 trials in this search, 40 ever", "--set risk.stop_atr=", "luckiest of 40",
        "deflated Sharpe ratio", "probability of backtest overfitting",
    ):  # fmt: skip
        assert words in text
    assert "data:image/png;base64," in page.read_text() and "http" not in page.read_text()


def test_a_search_goes_on_where_it_was_and_comes_to_the_same(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("optimize", "--data", data, *SMALL)
    whole = told(capsys, *words, "--trials", 40, "--study", tmp_path / "whole")
    for trials in (10, 35, 40):
        parts = told(capsys, *words, "--trials", trials, "--study", tmp_path / "parts")
    assert {**parts, "study": ""} == {**whole, "study": ""}
    assert kept(tmp_path / "parts") == kept(tmp_path / "whole")
    fewer = told(capsys, *words, "--trials", 10, "--study", tmp_path / "parts")
    assert (fewer["trials"], fewer["tried"]) == (10, 40)
    again = told(capsys, *words, "--trials", 5, "--seed", 2, "--study", tmp_path / "parts")
    assert (again["trials"], again["tried"]) == (5, 45), "other searches on the same candles count as tries"


def test_a_killed_search_loses_nothing_that_was_written_and_counts_nothing_twice(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("optimize", "--data", str(data), *SMALL, "--trials", "60")
    study = tmp_path / "killed"
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *words, "--study", str(study)], env=os.environ | {"PYTHONPATH": _ROOT},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = monotonic() + 50
    while monotonic() < until and (not study.exists() or study.read_bytes().count(b"\n") < 8):
        sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with study.open("ab") as file:
        file.write(b'{"op_code": 4, "torn')  # as a kill in the middle of a line leaves it
    before = kept(study)
    assert before and [one["number"] for one in before] == list(range(len(before)))
    found = told(capsys, *words, "--study", study)
    whole = told(capsys, *words, "--study", tmp_path / "whole")
    assert {**found, "study": ""} == {**whole, "study": ""}
    after = kept(study)
    assert after[: len(before)] == before and after == kept(tmp_path / "whole")


_ROOT = str(Path(__file__).parents[2])


def test_two_searches_do_not_write_to_one_file(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "trials"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Refused, match="Another search is writing"):
            Archive(path)


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        (["--trials", "1"], 2, "--trials 1: must be at least 2"),
        (["--jobs", "0"], 2, "--jobs 0: must be at least 1"),
        (["--search", "risk.stopp"], 2, "--search risk.stopp: no such setting"),
        (["--study", "candles/BTCUSD_1h.csv/trials"], 1, "BTCUSD_1h.csv/trials cannot be written"),
        (["--study", "candles/BTCUSD_1h.csv"], 1, "is not a file of searches"),
        (["--scheduler", "tcp://127.0.0.1:9"], 1, "No Dask scheduler answers at tcp://127.0.0.1:9"),
    ],
)
def test_each_failure_is_one_clear_line(
    words: list[str], code: int, line: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["optimize", "--data", str(data), *SMALL, "--trials", "4", *words]) == code
    errors = [one for one in capsys.readouterr().err.splitlines() if one.startswith("zyn:")]
    assert len(errors) == 1 and line in errors[0]


def test_walkforward_counts_only_unseen_candles_and_leaves_evidence_for_a_proposal(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("walkforward", "--data", data, *SMALL, "--trials", 8, "--windows", 3, "--training", 2)
    page = tmp_path / "page.html"
    found = told(capsys, *words, "--report", page)
    assert len(found["windows"]) == 3 and found["trials"] == 24 and found["walks"] == 1
    assert found["out_of_sample"]["trades"] == sum(one["out_of_sample"]["trades"] for one in found["windows"])
    for before, after in zip(found["windows"], found["windows"][1:], strict=False):
        assert before["train_ms"][1] < before["test_ms"][0] < before["test_ms"][1] == after["test_ms"][0]
    evidence = from_json((tmp_path / "kept/backtest/tuning.json").read_text())
    assert evidence.verdict == found["verdict"] and evidence.windows == 3 and evidence.trials == 24
    assert evidence.proposed.trades == found["out_of_sample"]["trades"]
    assert "data:image/png;base64," in page.read_text()
    assert told(capsys, *words) == found, "the same walk again is not a second one"
    assert told(capsys, *words, "--seed", 2)["walks"] == 2
    assert main([str(word) for word in (*words, "--windows", 99)]) == 1
    assert "too few for 99 windows" in capsys.readouterr().err
    assert main([str(word) for word in words]) == 0
    assert "unchanged net" in capsys.readouterr().out


def test_luck_is_called_luck_and_an_edge_is_found() -> None:
    assert search_luck.search(0, 0.0).verdict == LUCK
    assert search_luck.search(0, search_luck.DRIFT).verdict == EDGE
