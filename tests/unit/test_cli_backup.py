"""zyn backup and zyn restore: a copy while it is in use, and never over a running Zyn."""

from pathlib import Path

import pytest

from bot.__main__ import main
from core.model.facts import Insight
from core.store.instance import DataFolder
from core.store.telemetry_db import FILE_NAME, TelemetryDb


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ZYN_DATA_DIR", str(tmp_path / "data"))
    (tmp_path / "data" / "demo").mkdir(parents=True)
    return tmp_path / "data" / "demo"


async def keep(folder: Path, text: str) -> None:
    async with await TelemetryDb.open(folder, "demo") as db:
        await db.commit(Insight("trades", text, 1))


async def texts(folder: Path) -> list[str]:
    async with await TelemetryDb.open(folder, "demo") as db:
        return [one.text for one in await db.insights()]


@pytest.mark.blocks
async def test_a_copy_brings_back_what_was_lost_and_keeps_what_stood_there(folder: Path, capsys):
    await keep(folder, "first")
    assert main(["backup"]) == 0
    copy = Path(capsys.readouterr().out.split(" (")[0])
    await keep(folder, "second")
    assert main(["restore", str(copy)]) == 0
    assert await texts(folder) == ["first"]
    assert (folder / f"{FILE_NAME}.replaced1").is_file()


@pytest.mark.blocks
async def test_a_running_zyn_is_never_restored_over(folder: Path, capsys):
    await keep(folder, "first")
    with DataFolder(folder):
        assert main(["restore", "anything.db"]) == 1
    assert "Stop it first" in capsys.readouterr().err


def test_a_file_that_is_no_copy_is_refused(folder: Path, capsys):
    (folder / "bad.db").write_text("not a database")
    assert main(["restore", str(folder / "bad.db")]) == 1
    assert "bad.db" in capsys.readouterr().err
