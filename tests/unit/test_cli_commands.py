"""The zyn command: what it prints, how it fails, and that it starts what it is asked for."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.__main__ import main
from core.trading_config import SLOTS

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def empty_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No .env and no variables of ours: every test begins like a newcomer."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.split("_")[0] in ("ZYN", "KRAKEN", "TELEGRAM", "OPENAI", "TWILIO", "SMS", "WEB"):
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)  # main replaces it; put it back afterwards
    return tmp_path


def zyn(words: Sequence[str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """The real process, in the test's empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=stdin, capture_output=True, text=True, timeout=30, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def test_the_version_is_said_without_anything_else(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == "zyn 0.1.0\n"


def test_version_batch_and_config_load_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from bot.__main__ import main\n"
        "main(['--version']); main(['config', 'risk.stop_atr'])\n"
        "heavy = {'ccxt', 'openai', 'pandas', 'telegram', 'matplotlib', 'twilio', 'aiohttp', 'aiosqlite'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run(
        [sys.executable, "-c", code], check=True, timeout=30, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


@pytest.mark.parametrize("words", [["run"], ["audit"], ["backup"], ["restore", "x"]])
def test_a_data_folder_that_cannot_be_is_one_clear_line(
    words: list[str], empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_place / "taken").touch()
    monkeypatch.setenv("ZYN_DATA_DIR", str(empty_place / "taken"))
    said = zyn(words)
    assert said.returncode == 1
    (line,) = said.stderr.splitlines()
    assert line.startswith(f"zyn: the data folder {empty_place}/taken/demo cannot be used: Not a directory")


def test_every_setting_is_listed_with_its_variable(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SLOTS) + 1
    assert any("ZYN_RISK__STOP_ATR" in line and "x ATR" in line for line in lines)


def test_config_as_json_says_where_a_value_came_from(
    capsys: pytest.CaptureFixture[str], empty_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (empty_place / ".env").write_text("ZYN_RISK__STOP_ATR=3\nOPENAI_API_KEY=sk-very-secret\nWEB_PORT=5001\n")
    monkeypatch.setenv("WEB_PORT", "5002")
    assert main(["config", "--json", "--set", "risk.take_profit_atr=4"]) == 0
    out = capsys.readouterr().out
    rows = {row["name"]: row for row in json.loads(out)}
    assert (rows["risk.stop_atr"]["value"], rows["risk.stop_atr"]["source"]) == ("3", ".env")
    assert (rows["web_port"]["value"], rows["web_port"]["source"]) == ("5002", "environment")
    assert (rows["risk.take_profit_atr"]["value"], rows["risk.take_profit_atr"]["source"]) == ("4", "--set")
    assert "sk-very-secret" not in out


def test_every_problem_of_the_configuration_is_said_at_once(
    capsys: pytest.CaptureFixture[str], empty_place: Path
) -> None:
    (empty_place / "other.env").write_text(
        "ZYN_MODE=dmeo\nZYN_TIMEZONE=Mars\nnonsense\nTELEGRAM_BOT_TOKN=1\nEDITOR=vi\n"
    )
    assert main(["config", "--env-file", "other.env", "--set", "risk.nothing=1", "--set", "bare"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert any("line 3" in line for line in lines)
    assert any("ZYN_MODE=dmeo" in line for line in lines)
    assert any("TELEGRAM_BOT_TOKN" in line and "TELEGRAM_BOT_TOKEN?" in line for line in lines)
    assert not any("EDITOR" in line for line in lines)
    assert any("risk.nothing" in line for line in lines)
    assert any("bare" in line for line in lines)
    assert all(line.startswith("zyn: ") for line in lines)


def test_a_missing_env_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "--env-file", "gone.env"]) == 2
    assert "gone.env" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "told"),
    [(["confg"], "did you mean config?"), (["config", "--jsn"], "--jsn"), (["ask", "--brain", "big"], "big")],
)
def test_wrong_usage_is_one_line_and_exit_2(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    with pytest.raises(SystemExit) as left:
        main(words)
    assert left.value.code == 2
    err = capsys.readouterr().err
    assert told in err and len(err.splitlines()) == 1


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert all(f"    {name} " in out for name in ("run", "shell", "ask", "link", "doctor", "init", "config"))


def test_a_batch_touches_no_data_folder_and_answers_every_line_in_order(
    capsys: pytest.CaptureFixture[str], empty_place: Path
) -> None:
    rows = [
        {"id": "A", "now": "2026-11-20T15:00:00Z", "user": "how are we doing?"},
        {"id": "B", "now": "2026-11-20T15:00:00Z", "user": "purchase $25 worth of bitcoin"},
    ]
    (empty_place / "in.jsonl").write_text("\n".join(json.dumps(row) for row in rows) + "\nnot json\n")
    assert main(["ask", "--batch", "in.jsonl"]) == 1
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["id"] for answer in answers[:2]] == ["A", "B"]
    assert answers[1]["outcome"] == "confirm" and answers[1]["executed"] == []
    assert "error" in answers[2]
    assert sorted(one.name for one in empty_place.iterdir()) == ["in.jsonl"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["ask"], "say something"),
        (["ask", "--batch", "gone.jsonl"], "gone.jsonl"),
        (["ask", "hi", "--now", "tomorrow"], "--now"),
        (["ask", "hi", "--now", "2026-11-20T15:00:00"], "zone"),
    ],
)
def test_a_question_that_cannot_be_asked_is_exit_2(
    capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    assert main(words) == 2
    assert told in capsys.readouterr().err


def test_a_link_needs_a_running_zyn(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["link"]) == 1
    assert "not running" in capsys.readouterr().err


def test_what_nobody_expected_is_one_line_and_a_log(
    capsys: pytest.CaptureFixture[str], empty_place: Path
) -> None:
    with pytest.raises(SystemExit):
        main(["config", "--help"])
    capsys.readouterr()
    sys.excepthook(RuntimeError, RuntimeError("the floor gave way"), None)
    err = capsys.readouterr().err
    assert len(err.splitlines()) == 1 and "the floor gave way" in err and "crash.log" in err
    log = empty_place / "data/demo/logs/crash.log"
    assert "RuntimeError: the floor gave way" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_a_reader_that_leaves_early_is_no_drama() -> None:
    command = f"{sys.executable} -m bot config | head -1"
    left = subprocess.run(
        command, shell=True, capture_output=True, text=True, timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert left.stdout.startswith("NAME") and "Traceback" not in left.stderr


def test_init_writes_what_it_was_told_and_hides_the_password(empty_place: Path) -> None:
    (empty_place / ".env").write_text("# mine\nWEB_PORT=5005\nZYN_OWNER_NAME=old\n")
    answers = ["paper", "", "", "ann lee", "Europe/Berlin", "a long enough password"]
    left = zyn(["init"], "\n".join(answers) + "\n")
    assert left.returncode == 0, left.stderr
    env = empty_place / ".env"
    text = env.read_text()
    assert stat.S_IMODE(env.stat().st_mode) == 0o600
    assert "# mine" in text and "WEB_PORT=5005" in text and "old" not in text
    assert "ZYN_MODE=paper" in text and "ZYN_OWNER_NAME='ann lee'" in text
    assert "WEB_PASSWORD='$argon2id$" in text and "long enough" not in text
    assert zyn(["config", "owner_name"]).stdout.count("ann lee") == 1


def test_live_keys_are_asked_for_and_checked_together_before_anything_is_written(empty_place: Path) -> None:
    left = zyn(["init"], "\n".join(["live", "", "", "no", "", "", "jimmy", "Mars/Base", ""]) + "\n")
    assert left.returncode == 2
    assert "ZYN_LIVE_ACK" in left.stderr and "KRAKEN_API_KEY" in left.stderr and "Mars/Base" in left.stderr
    assert not (empty_place / ".env").exists()


@pytest.mark.parametrize(
    ("answers", "told"),
    [(["demo"], "not all answered"), (["demo", "", "", "", "", "short"], "12 characters")],
)
def test_init_writes_nothing_when_it_is_left_early(empty_place: Path, answers: list[str], told: str) -> None:
    left = zyn(["init"], "\n".join(answers) + "\n")
    assert left.returncode == 1 and told in left.stderr
    assert not (empty_place / ".env").exists()
