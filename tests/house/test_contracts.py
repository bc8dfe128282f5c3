"""The import contracts hold, and they catch what they are there for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOMS, ROOT

_PLANTED = {
    "core/model/money.py": "import core.strategy.signal",
    "core/strategy/signal.py": "import core.risk.sizing",
    "core/sim/__init__.py": "import core.venues.exchange_manager",
    "core/engine/registry.py": "import aiosqlite",
    "web/app.py": "import bot.app\nimport core.engine.executor\nimport openai",
    "core/newroom.py": "",
}
_BROKEN = (
    "bot speaks to web, web to core, never the other way",
    "inside core a room reads only rooms below it",
    "aiosqlite lives in store",
    "openai lives in llm",
    "only the engine and the composition root touch the executor",
)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for room in ROOMS:
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def verdict(folder: Path) -> str:
    """What lint-imports says of a copy of the project."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_the_rooms_keep_to_their_contracts(copy: Path) -> None:
    said = verdict(copy)
    assert "0 broken" in said, said


def test_a_planted_violation_of_each_kind_is_caught(copy: Path) -> None:
    for name, line in _PLANTED.items():
        path = copy / name
        path.write_text(f"{path.read_text() if path.exists() else ''}\n{line}\n")
    said = verdict(copy)
    assert "core.newroom" in said
    assert not [
        name
        for name in _BROKEN
        if f"{name} BROKEN" not in said and name not in said.split("Broken contracts")[-1]
    ]
