"""What must be told is written with the fact, once a channel, and stays until it is delivered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.model.errors import StoreError
from core.model.events import Severity
from core.store.telemetry_db import TelemetryDb
from tests.support.facts import a_fill, an_announcement


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[TelemetryDb]:
    db = await TelemetryDb.open(tmp_path, "demo", ["telegram", "sms"])
    yield db
    await db.close()


async def test_an_announcement_becomes_one_row_for_each_channel(db: TelemetryDb) -> None:
    await db.commit(a_fill(), an_announcement())
    for channel in ("telegram", "sms"):
        (row,) = await db.outbox.pending(channel, 0, 10)
        assert (row.channel, row.announcement, row.attempts) == (channel, an_announcement(), 0)
    assert await db.outbox.pending("pigeon", 0, 10) == []


async def test_the_same_key_is_told_once_even_when_it_was_delivered(db: TelemetryDb) -> None:
    await db.commit(an_announcement())
    (row,) = await db.outbox.pending("telegram", 0, 10)
    await db.outbox.delivered(row.id)
    await db.commit(an_announcement(text="told again after a crash"))
    assert await db.outbox.pending("telegram", 0, 10) == []
    assert [alert.announcement.text for alert in await db.outbox.alerts()] == ["Bought 0.5 ETH at 2,000.10"]


async def test_the_most_severe_goes_first_then_the_oldest(db: TelemetryDb) -> None:
    for key, severity in (("a", Severity.INFO), ("b", Severity.CRITICAL), ("c", Severity.CRITICAL)):
        await db.commit(an_announcement(key, severity))
    assert [row.announcement.key for row in await db.outbox.pending("sms", 0, 10)] == ["b", "c", "a"]
    assert [row.announcement.key for row in await db.outbox.pending("sms", 0, 1)] == ["b"]


async def test_a_failed_row_waits_for_its_time(db: TelemetryDb) -> None:
    await db.commit(an_announcement())
    (row,) = await db.outbox.pending("telegram", 1_000, 10)
    await db.outbox.failed(row.id, "no answer", 5_000)
    assert await db.outbox.pending("telegram", 4_999, 10) == []
    assert await db.outbox.next_retry_ms("telegram") == 5_000
    (again,) = await db.outbox.pending("telegram", 5_000, 10)
    assert again.attempts == 1


async def test_a_fact_that_cannot_be_written_is_not_told(db: TelemetryDb) -> None:
    with pytest.raises(StoreError):
        await db.commit(an_announcement(), a_fill(symbol=None))
    assert await db.outbox.pending("telegram", 0, 10) == []
    assert await db.outbox.alerts() == []


async def test_a_channel_added_later_is_not_flooded_with_the_past(tmp_path: Path) -> None:
    alone = await TelemetryDb.open(tmp_path, "demo")
    await alone.commit(an_announcement("old"))
    await alone.close()
    later = await TelemetryDb.open(tmp_path, "demo", ["telegram"])
    await later.commit(an_announcement("old"), an_announcement("new"))
    assert [row.announcement.key for row in await later.outbox.pending("telegram", 0, 10)] == ["new"]
    await later.close()


async def test_undelivered_rows_survive_a_restart(tmp_path: Path) -> None:
    before = await TelemetryDb.open(tmp_path, "demo", ["telegram"])
    await before.commit(an_announcement())
    await before.close()
    after = await TelemetryDb.open(tmp_path, "demo", ["telegram"])
    assert len(await after.outbox.pending("telegram", 0, 10)) == 1
    await after.close()


async def test_alerts_are_paged_newest_first_without_a_gap(db: TelemetryDb) -> None:
    for number in range(5):
        await db.commit(an_announcement(str(number)))
    first = await db.outbox.alerts(limit=2)
    rest = await db.outbox.alerts(limit=10, before=first[-1].id)
    assert [alert.announcement.key for alert in (*first, *rest)] == ["4", "3", "2", "1", "0"]
