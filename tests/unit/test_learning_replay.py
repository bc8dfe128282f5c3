"""zyn learn replay: the ledger as it is written, and what is said of one that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.learning_worlds import live
from bot.__main__ import main
from core.learning.replay import COLUMNS, FEATURES

GOOD = "3,0,1,2,0,1,2,1,0.5"


def ledger(folder: Path, *rows: str, header: str = ",".join(COLUMNS)) -> Path:
    path = folder / "ledger.csv"
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def a_world(folder: Path, name: str, days: int) -> Path:
    lives = live(name, seed=5, traders=1, days=days)
    rows = [
        ",".join(map(str, (number // 16, *codes, r)))
        for number, (codes, r) in enumerate(zip(lives.codes[0], lives.outcomes[0], strict=True))
    ]
    return ledger(folder, *rows)


def test_a_planted_edge_is_claimed_and_saves(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = a_world(tmp_path, "half65", 120), tmp_path / "out.csv"
    assert main(["learn", "replay", str(path), "--json", "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    claim = next(one for one in found["claims"] if one["feature"] == "session")
    assert found["trades"] == 120 * 16
    assert claim["direction"] == "worse" and claim["withdrawn"] is None and claim["made"] < 1000
    assert set(claim["worse"]) <= {3, 4, 5} and claim["effect_r"] < -0.2
    assert claim["low"] < claim["high"] < 0 and claim["evidence"] > 20
    assert found["result_r"]["with"] > found["result_r"]["without"] + 50
    lines = out.read_text().splitlines()
    assert lines[0] == "trade,multiplier" and len(lines) == 120 * 16 + 1
    assert {line.split(",")[1] for line in lines[1:]} == {"0", "1"}


def test_noise_says_that_nothing_is_evidence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "replay", str(a_world(tmp_path, "plain", 30))]) == 0
    assert "Nothing is evidence" in capsys.readouterr().out


def test_a_claim_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["learn", "replay", str(a_world(tmp_path, "half65", 60))])
    said = capsys.readouterr().out
    assert "R a trade against the rest (95 %" in said and "against chance after checking 7 features" in said
    assert "acting on it saved" in said


def test_columns_may_come_in_any_order_and_codes_be_any_whole_numbers(tmp_path: Path) -> None:
    header = ",".join(("r", *reversed(FEATURES), "day"))
    path = ledger(tmp_path, "0.5,7,-2,900,3.0,0,1,2,1", "", "-1,7,-2,900,3,0,1,2,4", header=header)
    assert main(["learn", "replay", str(path)]) == 0


def test_an_empty_ledger_teaches_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "replay", str(ledger(tmp_path)), "--json"]) == 0
    nothing = {"trades": 0, "claims": [], "result_r": {"without": 0.0, "with": 0.0}}
    assert json.loads(capsys.readouterr().out) == nothing


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("3,0,1,2,0,1,2,1,", "row 3: r is missing"),
        ("3,0,1,2,0,1,2,1,nan", "row 3: r is 'nan', not a number"),
        ("3,0,1,2,0,1,2,1,inf", "row 3: r is 'inf'"),
        ("3,0,1,2,0,1,2,1,1e200", "row 3: r is '1e200', more than 1,000,000 times what a trade risks"),
        ("3,0,,2,0,1,2,1,1", "row 3: symbol is missing"),
        ("3,0,1.5,2,0,1,2,1,1", "row 3: symbol is '1.5', not a whole number"),
        ("3,0,BTC,2,0,1,2,1,1", "row 3: symbol is 'BTC'"),
        ("3,0,1", "row 3: strength is missing"),
        ("2,0,1,2,0,1,2,1,1", "row 3: day 2 comes after day 3; sort the rows by day"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, said: str
) -> None:
    assert main(["learn", "replay", str(ledger(tmp_path, GOOD, row))]) == 1
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_missing_column_or_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["learn", "replay", str(ledger(tmp_path, header="day,session,r"))]) == 1
    assert "no column symbol, strength" in capsys.readouterr().err
    assert main(["learn", "replay", str(tmp_path / "none.csv")]) == 1
    assert "none.csv cannot be read" in capsys.readouterr().err
