"""A verified copy each day, fourteen kept; what is evidence stays, what is past its time goes."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet
import pytest

from bot.__main__ import main
from core.clock import ManualClock
from core.model.decisions import Verdict
from core.model.errors import StoreError
from core.model.facts import ErrorFact, PerformanceMark
from core.model.tuning import EDGE, LUCK, OutOfSample, TuningEvidence, to_json
from core.store.backup import verify
from core.store.export import export_csv, tables_of
from core.store.findings import Findings
from core.store.housekeeping import DAY_MS, Housekeeping, Retention
from core.store.telemetry_db import FILE_NAME, TelemetryDb
from tests.support.facts import a_decision, a_fill

NOW = 1_700_000_000_000
pytestmark = pytest.mark.blocks


async def house(folder: Path, clock: ManualClock) -> tuple[TelemetryDb, Housekeeping]:
    db = await TelemetryDb.open(folder, "demo")
    return db, Housekeeping(db, folder, clock, Retention(holds=2, marks=400, errors=90))


async def test_each_day_gets_one_verified_copy_and_fourteen_are_kept(tmp_path: Path) -> None:
    clock = ManualClock(NOW)
    db, kept = await house(tmp_path, clock)
    await db.commit(a_fill())
    first = await kept.back_up_today()
    assert first is not None and verify(first).rows > 0
    assert await kept.back_up_today() is None
    for _ in range(16):
        clock.advance(DAY_MS)
        assert await kept.back_up_today()
    assert len(list((tmp_path / "backups").glob("trading_memory-daily-*.db"))) == 14
    assert not first.exists()
    await db.close()


async def test_old_holds_points_and_errors_go_and_everything_else_stays(tmp_path: Path) -> None:
    db, kept = await house(tmp_path, ManualClock(NOW))
    old, fresh = NOW - 3 * DAY_MS, NOW - DAY_MS
    held = [a_decision("ETH/USD", old + number, verdict=Verdict.HOLD) for number in range(1200)]
    lasting = [
        a_decision("BTC/USD", old, verdict=Verdict.ENTERED),
        a_decision("BTC/USD", fresh, verdict=Verdict.HOLD),
    ]
    ancient = NOW - 500 * DAY_MS
    await db.commit(*held, *lasting, a_fill(time_ms=ancient), ErrorFact("x", "y", ancient))
    await db.commit(*(PerformanceMark(at, "1", "1", "0", "0", 0) for at in (ancient, fresh)))
    assert await kept.let_go() == 1202
    assert {one.symbol for one in await db.decisions(limit=10_000)} == {"BTC/USD"}
    assert len(await db.decisions()) == 2 and len(await db.fills()) == 1
    assert not await db.errors() and len(await db.performance()) == 1
    await db.close()


async def test_a_copy_that_fails_is_told_once_a_day(tmp_path: Path) -> None:
    db, kept = await house(tmp_path, ManualClock(NOW))
    (tmp_path / "backups").write_text("a file stands where the folder should be")
    await kept.once()
    await kept.once()
    told = [one.announcement.text for one in await db.outbox.alerts(10)]
    assert len([one for one in told if one.startswith("Today's copy of the database failed")]) == 1
    await db.close()


@pytest.mark.parametrize(
    "table", ["fills", "round_trips", "safety_events", "signals", "outcomes", "policies"]
)
async def test_evidence_cannot_be_changed_or_deleted(tmp_path: Path, table: str) -> None:
    db, _ = await house(tmp_path, ManualClock(NOW))
    await db.close()
    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as raw:
        columns = [row[1] for row in raw.execute(f"PRAGMA table_info({table})")]
        values = ", ".join("1" for _ in columns)
        raw.execute(f"INSERT INTO {table} VALUES ({values})")
        for change in (f"UPDATE {table} SET mode = 'x'", f"DELETE FROM {table}"):
            with pytest.raises(sqlite3.IntegrityError, match="evidence"):
                raw.execute(change)


async def test_every_table_is_exported_as_of_one_moment(tmp_path: Path) -> None:
    db, _ = await house(tmp_path, ManualClock(NOW))
    await db.commit(a_fill(), a_decision())
    found = {one.table: one for one in export_csv(tmp_path / FILE_NAME, tmp_path / "out")}
    await db.close()
    assert {"fills", "decisions", "signals", "policies", "conversations"} <= set(found)
    with found["fills"].path.open() as file:
        (row,) = csv.DictReader(file)
    assert row["price"] == str(a_fill().price) and found["fills"].rows == 1
    with pytest.raises(StoreError, match="no table recipes"):
        export_csv(tmp_path / FILE_NAME, tmp_path / "out", ["recipes"])
    with pytest.raises(StoreError, match="to export"):
        tables_of(tmp_path / "none.db")


def test_the_command_writes_files_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZYN_DATA_DIR", str(tmp_path))
    assert main(["export", "--out", str(tmp_path / "out")]) == 1
    assert "to export" in capsys.readouterr().err

    async def made() -> None:
        async with await TelemetryDb.open(tmp_path / "demo", "demo") as db:
            await db.commit(a_fill())

    import asyncio

    asyncio.run(made())
    assert main(["export", "fills", "--out", str(tmp_path / "out")]) == 0
    assert "fills.csv (1 rows)" in capsys.readouterr().out
    assert main(["export", "--format", "parquet", "--out", str(tmp_path / "out")]) == 0
    assert "fills.parquet (1 rows)" in capsys.readouterr().out
    table = pyarrow.parquet.read_table(tmp_path / "out" / "fills.parquet")
    (row,) = table.to_pylist()
    assert row["price"] == str(a_fill().price) and row["time_ms"] == a_fill().time_ms
    assert (
        not list((tmp_path / "out").glob("fills.csv")) and (tmp_path / "out" / "decisions.parquet").exists()
    )


EVIDENCE_OF_TUNING = TuningEvidence(
    {"risk.stop_atr": "3.0"}, ("ETH/USD",), "5m", NOW, NOW + DAY_MS, 6, 600, OutOfSample(120, 310.5, 1.4),
    OutOfSample(140, -80.0, -0.4), 0.97, EDGE,
)  # fmt: skip


async def test_a_walk_forward_worth_it_is_proposed_once_and_applied_by_nobody(tmp_path: Path) -> None:
    db, _ = await house(tmp_path, ManualClock(NOW))
    found = tmp_path / "tuning.json"
    kept = Housekeeping(db, tmp_path, ManualClock(NOW), Retention(), Findings(found))
    assert await kept.propose() is None
    found.write_text("{}")
    assert await kept.propose() is None
    found.write_text(to_json(replace(EVIDENCE_OF_TUNING, verdict=LUCK)))
    assert await kept.propose() is None
    found.write_text(to_json(EVIDENCE_OF_TUNING))
    text = await kept.propose()
    assert text and "A proposal, not a change: risk.stop_atr=3.0" in text and "97 % sure" in text
    assert await kept.propose() is None
    (proposal,) = await db.proposals()
    assert proposal.data["trials"] == 600 and proposal.data["kept"]["net"] == -80.0
    await db.close()
