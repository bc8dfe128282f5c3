"""The real `zyn shell` and `zyn ask` on one data folder, as somebody at a terminal uses them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def zyn(folder: Path, words: list[str], typed: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", *words],
        input=typed, capture_output=True, text=True, timeout=50, cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


def written(folder: Path) -> dict[str, int]:
    """When each kept file was last changed; a reader leaves SQLite's side files behind."""
    files = (one for one in (folder / "data/demo").iterdir() if not one.name.endswith(("-shm", "-wal")))
    return {one.name: one.stat().st_mtime_ns for one in files}


def test_a_shell_trades_and_what_it_did_is_known_when_nothing_runs(tmp_path: Path) -> None:
    typed = "/price eth\nbuy 50 bucks of eth with a 2% stop\n1\n/positions\n/orders\nexit\n"
    shell = zyn(tmp_path, ["shell"], typed)
    assert shell.returncode == 0, shell.stderr
    assert "1) Confirm" in shell.stdout and "The stop rests on the exchange" in shell.stdout
    stop = re.search(r"stop rests on the exchange at ([\d,.]+\d)", shell.stdout)
    assert stop is not None and shell.stdout.count(stop[1]) >= 2
    assert not (tmp_path / "data/demo/zyn.sock").exists()

    before = written(tmp_path)
    asked = zyn(tmp_path, ["ask", "/positions"])
    assert asked.returncode == 0, asked.stderr
    assert "answered from stored data" in asked.stderr
    assert "1 open" in asked.stdout and stop[1] in asked.stdout
    status = json.loads(zyn(tmp_path, ["ask", "/status", "--json"]).stdout)
    assert status["source"] == "stored" and status["executed"] == []
    assert "Zyn is not running" in status["reply"]
    assert written(tmp_path) == before, "asking changes nothing"


def test_a_newcomer_may_ask_before_anything_is_stored(tmp_path: Path) -> None:
    asked = zyn(tmp_path, ["ask", "how are we doing?"])
    assert asked.returncode == 0, asked.stderr
    assert "[demo]" in asked.stdout
    assert list(tmp_path.iterdir()) == []
