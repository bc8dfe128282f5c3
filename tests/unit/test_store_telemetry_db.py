"""The journal: durable, idempotent, ordered, and clear about what is wrong."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from core.model.account import RoundTrip
from core.model.decisions import Verdict
from core.model.errors import StoreError
from core.model.facts import DayBaseline, ErrorFact, Insight, Latch, PerformanceMark, SafetyEvent
from core.model.money import Money, Price, Qty
from core.model.orders import IntentState, Origin
from core.store.tables import payload_sha256
from core.store.telemetry_db import FILE_NAME, TelemetryDb
from tests.support.facts import a_decision, a_fill, an_intent


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[TelemetryDb]:
    db = await TelemetryDb.open(tmp_path, "demo", ["telegram", "sms"])
    yield db
    await db.close()


def rows_of(folder: Path, sql: str) -> list[tuple[object, ...]]:
    """What another process sees in the file now."""
    connection = sqlite3.connect(folder / FILE_NAME)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def largest_file(folder: Path) -> int:
    return max(one.stat().st_size for one in folder.iterdir() if one.is_file())


async def seen(folder: Path, sql: str) -> list[tuple[object, ...]]:
    return await asyncio.to_thread(rows_of, folder, sql)


async def test_a_commit_is_on_disk_when_it_returns(db: TelemetryDb, tmp_path: Path) -> None:
    intent = an_intent()
    await db.commit(intent, a_fill())
    assert await seen(tmp_path, "SELECT id, state, mode, payload_sha256 FROM intents") == [
        ("intent-1", "new", "demo", payload_sha256(intent.request))
    ]
    assert await seen(tmp_path, "SELECT price, fee FROM trades") == [("2000.10", "2.60013")]


async def test_a_commit_is_all_or_nothing(db: TelemetryDb) -> None:
    broken = replace(a_fill(), order_txid=None)  # type: ignore[arg-type]
    with pytest.raises(StoreError):
        await db.commit(an_intent(), broken)
    assert await db.intents() == []


async def test_an_intent_only_ever_moves_on(db: TelemetryDb) -> None:
    for state in (IntentState.NEW, IntentState.PLACED, IntentState.DONE, IntentState.PLACED, IntentState.NEW):
        await db.commit(an_intent(state=state, txid="O1" if state is IntentState.PLACED else None))
    assert [(one.state, one.txid) for one in await db.intents()] == [(IntentState.DONE, "O1")]


async def test_unsettled_intents_are_those_whose_end_is_not_known(db: TelemetryDb) -> None:
    for state in IntentState:
        await db.commit(an_intent(id=state.value, state=state))
    left = {one.state for one in await db.intents(unsettled_only=True)}
    assert left == {state for state in IntentState if not state.settled}
    assert await db.intents(since_ms=1_001) == []


async def test_a_fill_is_kept_once_and_as_first_booked(db: TelemetryDb) -> None:
    await db.commit(a_fill("T2", time_ms=3_000), a_fill("T1"))
    await db.commit(a_fill("T1", fee=Money(Decimal(9))))
    assert [(one.id, one.fee) for one in await db.fills()] == [
        ("T1", Decimal("2.60013")),
        ("T2", Decimal("2.60013")),
    ]


async def test_trades_name_the_intention_behind_them(db: TelemetryDb, tmp_path: Path) -> None:
    await db.commit(
        an_intent(txid="O1", state=IntentState.PLACED), a_fill(), a_fill("T9", order_txid="OTHER")
    )
    assert await seen(tmp_path, "SELECT id, leg, origin FROM trades ORDER BY id") == [
        ("T1", "entry", "autopilot"),
        ("T9", None, None),
    ]


async def test_a_latch_is_in_force_until_it_is_lifted(db: TelemetryDb) -> None:
    first, again = Latch("paused", "asked", 5), Latch("paused", "asked twice", 7)
    await db.commit(first, again, Latch("kill_switch", "lost 3 %", 6))
    assert {latch.name: latch.set_ms for latch in await db.latches()} == {"paused": 5, "kill_switch": 6}
    await db.commit(replace(first, lifted_ms=9, lifted_by="jimmy"))
    assert [latch.name for latch in await db.latches()] == ["kill_switch"]
    assert {latch.lifted_by for latch in await db.latch_history() if latch.name == "paused"} == {"jimmy"}


async def test_a_latch_set_in_the_moment_it_was_lifted_is_in_force(db: TelemetryDb) -> None:
    latch = Latch("paused", "asked", 5)
    await db.commit(latch)
    await db.commit(replace(latch, lifted_ms=5))
    await db.commit(latch)
    assert await db.latches() == [latch]


async def test_the_first_baseline_of_a_day_stays(db: TelemetryDb) -> None:
    first = DayBaseline("2024-07-01", "10000", "0", 1)
    await db.commit(first)
    await db.commit(replace(first, equity="9000"))
    assert await db.day_baseline("2024-07-01") == first
    assert await db.day_baseline("2024-07-02") is None


async def test_noted_evidence_is_seen_by_its_readers_at_once(db: TelemetryDb) -> None:
    db.note(SafetyEvent("trip", "lost 3 %", 1, data={"share": "0.03"}), ErrorFact("sync", "timed out", 2))
    db.note(Insight("session", "nights are worse", 3, data={"n": 40}))
    assert [one.kind for one in await db.safety_events(5)] == ["trip"]
    assert [one.message for one in await db.errors(5)] == ["timed out"]
    assert [one.data for one in await db.insights(5)] == [{"n": 40}]


async def test_evidence_is_on_disk_soon_without_anyone_asking(db: TelemetryDb, tmp_path: Path) -> None:
    db.note(*(a_decision("ETH/USD", number) for number in range(200)))
    clock = asyncio.get_running_loop().time
    begun = clock()
    while await seen(tmp_path, "SELECT count(*) FROM decisions") != [(200,)]:
        assert clock() - begun < 2.0  # some milliseconds on a quiet machine


async def test_decisions_are_found_by_pair_and_time(db: TelemetryDb) -> None:
    db.note(*(a_decision(symbol, candle) for candle in (0, 300, 600) for symbol in ("ETH/USD", "BTC/USD")))
    newest = await db.decisions(limit=2, symbol="ETH/USD")
    assert [one.candle_ms for one in newest] == [600, 300]
    assert newest[0] == a_decision("ETH/USD", 600)
    assert [one.candle_ms for one in await db.decisions(symbol="ETH/USD", before_ms=300)] == [0]
    assert len(await db.decisions(from_ms=300, to_ms=600)) == 2


async def test_of_each_pair_the_newest_receipt_is_known(db: TelemetryDb) -> None:
    db.note(*(a_decision("ETH/USD", candle) for candle in (0, 300, 600)), a_decision("BTC/USD", 300))
    db.note(a_decision("ADA/USD", 0))
    assert await db.newest_receipts(300) == {"ETH/USD": 600, "BTC/USD": 300}


async def test_a_later_verdict_on_the_same_candle_replaces_the_first(db: TelemetryDb) -> None:
    await db.commit(a_decision())
    await db.commit(a_decision(verdict=Verdict.FAILED, reason="the exchange said no"))
    assert [one.verdict for one in await db.decisions()] == [Verdict.FAILED]
    last = await db.last_decision("ETH/USD", [Verdict.FAILED.value])
    assert last is not None and last.reason == "the exchange said no"
    assert await db.last_decision("ETH/USD", [Verdict.ENTERED.value]) is None


async def test_a_long_equity_curve_is_thinned_and_keeps_its_end(db: TelemetryDb) -> None:
    db.note(*(PerformanceMark(i, str(i), "0", "0", "0", 0) for i in range(1000)))
    points = await db.equity_points(limit=100)
    assert len(points) == 100 and points[-1] == (999, Decimal(999))
    assert [mark.time_ms for mark in await db.performance(from_ms=990, limit=3)] == [997, 998, 999]


async def test_round_trips_are_listed_by_their_close(db: TelemetryDb) -> None:
    trip = RoundTrip(
        "ETH/USD", Qty(Decimal(1)), Price(Decimal(10)), Price(Decimal(11)), 1, 5, Money(Decimal("0.1")),
        Money(Decimal("0.9")), Origin.AUTOPILOT, "target", "ETH/USD@1",
    )  # fmt: skip
    await db.commit(trip, trip, replace(trip, closed_ms=9, cause="ETH/USD@2"))
    assert [one.closed_ms for one in await db.round_trips()] == [9, 5]
    assert await db.round_trips(before_ms=9, symbol="ETH/USD") == [trip]


async def test_a_cancelled_caller_leaves_the_transaction_whole(db: TelemetryDb) -> None:
    asking = asyncio.create_task(db.commit(an_intent(), a_fill()))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    await db.commit(a_fill("T2"))
    assert (len(await db.intents()), len(await db.fills())) == (1, 2)


async def test_commits_keep_their_order_and_do_not_wait_for_evidence(db: TelemetryDb) -> None:
    clock = asyncio.get_running_loop().time
    waits = []
    for number in range(60):
        db.note(*(a_decision("ETH/USD", number * 100 + i) for i in range(40)))
        begun = clock()
        await db.commit(an_intent(f"i{number}", created_ms=number))
        waits.append(clock() - begun)
    assert [one.id for one in await db.intents()] == [f"i{number}" for number in range(60)]
    assert sorted(waits)[len(waits) // 2] < 0.05
    assert len(await db.decisions(limit=10_000)) == 2400


async def test_a_full_disk_is_a_clear_refusal_and_the_next_commit_works(
    db: TelemetryDb, tmp_path: Path
) -> None:
    await db.commit(an_intent("before"))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = await asyncio.to_thread(largest_file, tmp_path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, hard))
    try:
        with pytest.raises(StoreError, match="No order is sent without it"):
            await db.commit(an_intent("during", note="x" * 2_000_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    await db.commit(an_intent("after"))
    assert [one.id for one in await db.intents()] == ["before", "after"]


async def test_a_database_held_by_another_program_is_a_clear_refusal(tmp_path: Path) -> None:
    db = await TelemetryDb.open(tmp_path, "demo", busy_s=0.05)
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None, check_same_thread=False)
    await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds it"):
        await db.commit(an_intent())
    db.note(SafetyEvent("trip", "kept until it can be written", 1))
    await db._writer.settled()
    assert "another program" in db.trouble
    await asyncio.to_thread(other.execute, "ROLLBACK")
    other.close()
    await db.commit(an_intent())
    assert [one.kind for one in await db.safety_events()] == ["trip"]
    assert db.trouble == ""
    await db.close()


async def test_closing_writes_what_was_noted(tmp_path: Path) -> None:
    db = await TelemetryDb.open(tmp_path, "demo")
    db.note(*(a_decision("ETH/USD", number) for number in range(1000)))
    await db.close()
    assert await seen(tmp_path, "SELECT count(*) FROM decisions") == [(1000,)]
    with pytest.raises(StoreError, match="closed"):
        await db.commit(an_intent())


@pytest.mark.blocks
async def test_a_simulation_needs_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    db = await TelemetryDb.open_inline(tmp_path, "demo")
    await db.commit(an_intent())
    assert [one.id for one in await db.intents()] == ["intent-1"]
    assert threading.active_count() == before
    await db.close()


async def test_a_new_database_says_so(tmp_path: Path) -> None:
    first = await TelemetryDb.open(tmp_path, "demo")
    await first.close()
    second = await TelemetryDb.open(tmp_path, "demo")
    await second.close()
    assert (first.created, second.created) == (True, False)


async def test_a_mark_only_rises(db: TelemetryDb) -> None:
    assert await db.highest_nonce("a key") == 0
    for up_to in (5, 9, 7):
        db.note_nonce("a key", up_to)
    assert await db.highest_nonce("a key") == 9 and await db.highest_nonce("another") == 0
