"""A made week on the weekly card: every figure of its chapters is found again in the exchange's own books."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import time
from decimal import Decimal as D
from pathlib import Path
from statistics import fmean

from core.alerts.chapters import beside_paper, learned
from core.alerts.weekly import Sources, WeeklyReport
from core.engine.parity import Parity, SeenMarket
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import ParityRow
from core.model.orders import Leg, Side
from core.store.telemetry_db import TelemetryDb
from tests.scenario.test_engine_autopilot import (
    FALLING,
    M5,
    START_MS,
    candles,
    crossing_up,
    manual_desk,
    world_with,
)
from tests.scenario.test_engine_edge import _with_parity
from tests.support.trading import PAIRS, Trading

DAY_MS = 86_400_000
MONDAY_MS = 1_700_438_400_000  # 2023-11-20 00:00 UTC; the world begins on the Tuesday before
HALF_SPREAD = D("0.00025")


@dataclass
class Week:
    """What happened, and the quotes at which it was meant to."""

    world: Trading
    parity: Parity
    quoted: list[D]  # what each taken order should have paid or got, in order


async def a_week() -> Week:
    """Three days, each with an entry at a cross and a stop that the market jumps over by another amount."""
    world = await world_with(crossing_up())
    parity = Parity(PAIRS, world.config.costs)
    engine = _with_parity(world, parity, SeenMarket(world.desk, parity))
    world = replace(world, engine=engine)
    await engine.sync.recover()
    quoted: list[D] = []
    for number, jump in enumerate(("3", "9", "1")):
        at_ms = START_MS + number * DAY_MS
        if number:
            world.clock.advance_to(at_ms - M5)
            world.desk.history["ETH/USD"] = candles(FALLING, at_ms - M5)
            await engine.autopilot.step(at_ms - M5)  # judged without a cross
            world.clock.advance_to(at_ms)
        world.desk.history["ETH/USD"] = crossing_up(at_ms)
        world.desk.trade("ETH/USD", "2040", "1")
        await engine.sync.refresh()
        await engine.watchdog.look()
        assert (await engine.autopilot.step(at_ms)).entered == 1
        stop = engine.portfolio.position("ETH/USD").stop
        quoted += [D("2040.51"), stop * (1 - HALF_SPREAD)]  # the ask widened to 2.5 bps; the trigger's bid
        world.clock.advance(60_000)
        world.desk.trade("ETH/USD", str(stop - D(jump)))
        await engine.sync.refresh()
        assert not engine.portfolio.holds("ETH/USD")
    return Week(world, parity, quoted)


def lesson(number: int, at_ms: int) -> Announcement:
    text = f"Lesson {number}: fewer trades in the evening."
    return Announcement(f"lesson:sma20:session:{number}:None", EventKind.NOTICE, Severity.INFO, text, at_ms)


async def card_of(week: Week, store: TelemetryDb) -> list[str]:
    world = week.world
    await store.commit(*world.journal.written, *world.journal.noted)
    kept = Parity(PAIRS, world.config.costs)
    kept.load(await store.parity())  # as after a restart: the figures come from what was stored
    chapters = (learned(store.outbox, lambda: "two claims act."), beside_paper(lambda: kept.rows))
    status = manual_desk(world).status
    sources = Sources(status, store, world.desk, ("ETH/USD",), chapters)
    world.clock.advance_to(MONDAY_MS + 9 * 3_600_000)
    report = WeeklyReport(sources, world.clock, "UTC", time(8))
    return (await report.write(report.period(world.clock.market_ms()))).text.split("\n")


async def test_result_fees_and_slippage_of_a_week_are_those_of_the_exchanges_own_fills(tmp_path: Path):
    week = await a_week()
    fills = sorted(week.world.desk.matching.fills(), key=lambda one: one.time_ms)
    got = sum(one.cost for one in fills if one.side is Side.SELL)
    spent = sum(one.cost for one in fills if one.side is Side.BUY)
    fees = sum(one.fee for one in fills)
    worse = [
        float(((one.price - meant) if one.side is Side.BUY else (meant - one.price)) / meant * 10_000)
        for one, meant in zip(fills, week.quoted, strict=True)
    ]
    async with await TelemetryDb.open(tmp_path, "demo") as store:
        lines = await card_of(week, store)
    assert (
        lines[0]
        == f"Report card, 13 Nov to 19 Nov: {got - spent - fees:+,.2f} USD after {fees:,.2f} in fees."
    )
    assert "3 trades, 0 won (0 %), profit factor 0.00." in lines[1]
    (said,) = [line for line in lines if line.startswith("Slippage")]
    assert said.startswith(f"Slippage against the model: {fmean(worse):+.1f} bps a side (95 % sure: ")
    assert said.endswith(" over 6 orders.")


async def test_what_was_learned_in_the_week_is_told_and_what_lies_beside_it_is_not(tmp_path: Path):
    week = await a_week()
    async with await TelemetryDb.open(tmp_path, "demo") as store:
        times = (MONDAY_MS - 7 * DAY_MS - 1, MONDAY_MS - 7 * DAY_MS, MONDAY_MS - 1, MONDAY_MS)
        await store.commit(*[lesson(number, at_ms) for number, at_ms in enumerate(times)])
        lines = await card_of(week, store)
    told = [line for line in lines if "Lesson" in line or line.startswith("Learning")]
    assert told == [
        "Lesson 1: fewer trades in the evening.", "Lesson 2: fewer trades in the evening.",
        "Learning: two claims act.",
    ]  # fmt: skip


async def test_of_many_lessons_the_newest_are_told_and_the_others_counted(tmp_path: Path):
    async with await TelemetryDb.open(tmp_path, "demo") as store:
        await store.commit(*[lesson(number, 1_000 + number) for number in range(7)])
        text = await learned(store.outbox, lambda: "it is on.")(0, 5_000)
    assert text.split("\n") == [
        "Lessons of the week before these: 4, see /learning.",
        *[f"Lesson {number}: fewer trades in the evening." for number in (4, 5, 6)], "Learning: it is on.",
    ]  # fmt: skip


def row(at_ms: int, live: str, maker: bool = False, side: Side = Side.BUY) -> ParityRow:
    return ParityRow(
        f"T{at_ms}{live}", "ETH/USD", side, Leg.ENTRY, at_ms, D(1), D(live), D(5), D(2000), D(5), maker
    )


async def test_only_taken_orders_of_the_span_count_as_slippage():
    rows = [
        row(99, "2100"), row(100, "2002"), row(150, "1000", maker=True), row(199, "1996", side=Side.SELL),
        row(200, "2100"),
    ]  # fmt: skip
    text = await beside_paper(lambda: rows)(100, 200)
    assert text.startswith("Slippage against the model: +15.0 bps a side (95 % sure: ")
    assert text.endswith("over 2 orders.")
    assert await beside_paper(lambda: rows[:2])(100, 200) == (
        "Slippage against the model: +10.0 bps a side over 1 order."
    )
    assert await beside_paper(lambda: rows)(300, 400) == ""
