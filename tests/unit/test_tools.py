"""What whoever types make meets: a clear line when it cannot be done, nothing at all when it is done."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from inspect import signature
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.house.tree import ROOT
from tests.support import tiny_campaign
from tools import coverage_floor, proof


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """What the set-up reads, in a folder of its own with a space in its name."""
    folder = tmp_path / "a clone"
    (folder / "tools").mkdir(parents=True)
    for name in ("tools/bootstrap.py", "requirements.lock", "requirements-dev.lock", "requirements-uv.lock"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def boot(clone: Path, code: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the set-up without uv and without this machine's pip settings."""
    before = code or "import sys"
    script = f"{before}\nimport runpy; runpy.run_path('tools/bootstrap.py', run_name='__main__')"
    plain = {"PATH": str(clone), "PIP_CONFIG_FILE": os.devnull, "HOME": str(clone)}
    return subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=clone,
        env=plain | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_package_index_is_one_line_with_the_ways_out(clone: Path) -> None:
    done = boot(clone, PIP_NO_INDEX="1")
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert "no package index answered" in line
    assert "PIP_INDEX_URL" in line and "PIP_FIND_LINKS" in line


def test_an_old_python_is_one_line(clone: Path) -> None:
    done = boot(clone, "import sys; sys.version_info = (3, 8, 18)")
    assert done.returncode == 1
    assert "needs Python 3.11" in done.stderr and "found 3.8" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_is_set_up_is_left_alone_in_silence(clone: Path) -> None:
    stamp = (
        "import os, sys; sys.path.insert(0, 'tools'); import bootstrap; os.makedirs('.venv/bin');"
        "open('.venv/bin/python', 'w'); open('.venv/.zyn-setup', 'w').write(bootstrap.expected('runtime'))"
    )
    done = boot(clone, stamp)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (clone / "requirements.lock").open("a") as lock:
        lock.write("# another lock\n")
    asked = boot(
        clone,
        "import sys; sys.path.insert(0, 'tools'); import bootstrap; sys.exit(bootstrap.is_done('runtime'))",
    )
    assert asked.returncode == 0


def test_a_campaign_goes_on_where_it_stopped(tmp_path: Path) -> None:
    played = []

    async def play(round: int) -> dict[str, int]:
        played.append(round)
        if len(played) == 3:
            raise AssertionError("a promise was broken")
        return {"orders": 10}

    campaign: Any = SimpleNamespace(play=play)
    with pytest.raises(AssertionError):
        asyncio.run(proof.run("try", campaign, 5, tmp_path))
    assert asyncio.run(proof.run("try", campaign, 5, tmp_path)) == "try: 5 rounds, orders 50"
    assert played == [0, 1, 2, 2, 3, 4]


def test_a_campaign_may_play_its_rounds_in_two_processes(tmp_path: Path) -> None:
    name = "benchmarks.store_crash"
    campaign: Any = SimpleNamespace(__name__=name, PROCESSES=2)
    line = asyncio.run(proof.run("try", campaign, 2, tmp_path))
    assert line.startswith("try: 2 rounds, ") and not (tmp_path / "try.json").exists()


def test_every_campaign_says_what_it_shows() -> None:
    for name, campaign in proof.campaigns().items():
        assert campaign.SUMMARY and campaign.ROUNDS > 0 and asyncio.iscoroutinefunction(campaign.play), name


def test_a_rooms_coverage_counts_its_lines_and_branches() -> None:
    summary = {"num_statements": 8, "covered_lines": 8, "num_branches": 2, "covered_branches": 1}
    files = {
        "core/risk/limits.py": {"summary": summary},
        "web/app.py": {"summary": {**summary, "covered_lines": 0}},
    }
    assert coverage_floor.covered(json.loads(json.dumps(files)), "core/risk/") == 90.0
    assert coverage_floor.covered(files, "core/nothing/") == 100.0


def test_rounds_in_several_processes_come_in_order_and_processes_are_renewed() -> None:
    async def campaign() -> list[Mapping[str, int]]:
        return [one async for one in proof.played(tiny_campaign, range(5))]

    met = asyncio.run(campaign())
    assert [one["round"] for one in met] == [0, 1, 2, 3, 4]
    assert met[0]["process"] not in {one["process"] for one in met[2:]}


def test_what_a_campaign_adds_takes_the_counts() -> None:
    for name, campaign in proof.campaigns().items():
        hooks = (getattr(campaign, hook) for hook in ("check", "told") if hasattr(campaign, hook))
        assert all(len(signature(hook).parameters) == 1 for hook in hooks), name
