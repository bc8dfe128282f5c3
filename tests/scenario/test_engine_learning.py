"""Learning on the road: signals are followed, lessons skip losers, and the owner has the last word."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.engine.lessons import Lessons
from core.engine.registry import Answer, Proposal
from core.learning.school import DAY_MS, Agreement, School, agreement
from core.learning.telling import apart_in_line, as_data, in_one_line
from core.learning.trade_analyzer import analyse
from core.model.account import RoundTrip
from core.model.decisions import Decision, Verdict
from core.model.errors import Refused
from core.model.market import Candle
from core.model.money import Money, Price, Qty
from core.model.orders import Origin
from core.model.shadow import Evidence, Fate, Policy, ShadowOutcome, ShadowSignal
from core.risk.sizing import Purse, Sized, size_entry
from core.store.telemetry_db import TelemetryDb
from tests.scenario.test_engine_autopilot import JIMMY, M5, ManualDesk, crossing_up, world_with
from tests.support.trading import ETH, START_MS, Trading

DAY = START_MS // DAY_MS
FEATURES = {"session": 5, "strength": 2, "side": 0, "weekend": 0, "vol": 1, "trend": 0}


def lessons_of(world: Trading) -> Lessons:
    assert world.engine.gates.lessons
    return world.engine.gates.lessons


def taught(world: Trading, days: int = 30) -> None:
    """A past in which what the next signal looks like lost, and everything else won."""
    rule, number = lessons_of(world).school.rule, 0
    for day in range(DAY - days, DAY):
        for place in range(16):
            number += 1
            loses = place % 2 == 0
            candle_ms = day * DAY_MS + place * M5
            signal = ShadowSignal(
                "ETH/USD", "5m", rule, candle_ms, Evidence.SHADOW, Fate.TAKEN, "", {**FEATURES,
                "session": 5 if loses else 1}, 1, 10.0, 15.0, 0.001, 0.0, 288, True,
            )  # fmt: skip
            r = -1.0 if loses == (number % 8 > 1) else 1.0
            world.journal.note(signal, ShadowOutcome(signal.id, candle_ms + M5, "stop", 100.0, 90.0, r))


async def test_every_signal_is_followed_taken_or_not_and_gets_its_outcome():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    (signal,) = [one for one in world.journal.noted if isinstance(one, ShadowSignal)]
    assert (signal.fate, signal.evidence, signal.candle_ms) == (Fate.TAKEN, Evidence.SHADOW, START_MS - M5)
    assert signal.stop_distance == pytest.approx(2 * world.engine.tracks["ETH/USD"].engine.atr)
    assert signal.taker == 0.0026 and 0 < signal.spread < 0.001
    world.desk.history["ETH/USD"].append(Candle(START_MS, 2040.0, 2041.0, 1500.0, 1600.0, 10.0))
    world.clock.advance(M5)
    await world.engine.autopilot.step(START_MS + M5)
    (outcome,) = [one for one in world.journal.noted if isinstance(one, ShadowOutcome)]
    assert (outcome.signal_id, outcome.exit, outcome.closed_ms) == (signal.id, "stop", START_MS + M5)
    assert outcome.r < -1


async def test_a_signal_that_a_filter_or_a_limit_stopped_is_followed_too():
    filtered = await world_with(crossing_up(), **{"filters.enabled": "rsi", "filters.rsi_long_max": "1"})
    await filtered.engine.autopilot.step(START_MS)
    (signal,) = [one for one in filtered.journal.noted if isinstance(one, ShadowSignal)]
    assert signal.fate is Fate.FILTERED and "rsi failed" in signal.reason


async def test_a_lesson_skips_what_loses_and_says_why():
    world = await world_with(crossing_up())
    taught(world)
    outcome = await world.engine.autopilot.step(START_MS)
    assert outcome.entered == 0 and not world.engine.portfolio.holds("ETH/USD")
    (decision,) = [one for one in world.journal.noted if isinstance(one, Decision)]
    assert decision.verdict is Verdict.REFUSED
    assert (
        "against chance after checking 7 features" in decision.reason
        and "/learning undo 1" in decision.reason
    )
    (signal,) = [
        one for one in world.journal.noted if isinstance(one, ShadowSignal) and one.candle_ms > DAY * DAY_MS
    ]
    assert signal.multiplier == 0.0 and signal.fate is Fate.GATED
    assert [one for one in world.journal.told if one.text.startswith("Lesson 1: ")]


async def test_lessons_only_watch_when_they_are_not_wanted_off_or_doubted():
    unwanted = await world_with(crossing_up(), learning__enabled="false")
    taught(unwanted)
    assert (await unwanted.engine.autopilot.step(START_MS)).entered == 1
    doubted = await world_with(crossing_up())
    taught(doubted)
    await lessons_of(doubted).prepare(START_MS)
    school = lessons_of(doubted).school
    assert school.judge("ETH/USD", FEATURES).multiplier == 0.0
    school.agreement = Agreement(40, -0.4, -0.6, -0.2)
    assert school.judge("ETH/USD", FEATURES).multiplier == 1.0 and "not to be trusted" in school.frozen


async def test_where_money_is_real_lessons_wait_for_own_trades_that_agree():
    school = School("sma20 v1", agreeing=100)
    assert school.frozen == "0 of 100 own trades agree with their shadows so far"
    school.agreement = agreement([(0.1 * (-1) ** i, 0.0) for i in range(100)])
    assert not school.frozen and not school.agreement.doubted
    school.agreement = agreement([(-0.5 + 0.1 * (-1) ** i, 0.0) for i in range(100)])
    assert school.agreement.doubted and school.frozen


async def test_the_owner_takes_back_switches_off_and_starts_again():
    world = await world_with(crossing_up())
    taught(world)
    desk, lessons = ManualDesk(world), lessons_of(world)
    await lessons.prepare(START_MS)

    async def ask(**slots: object) -> Answer | Proposal:
        return await desk.registry.carry_out(desk.registry.request("learning", slots, JIMMY, "1"))

    async def yes(**slots: object) -> str:
        proposal = await ask(**slots)
        assert isinstance(proposal, Proposal), "what raises risk is previewed"
        answer = await desk.confirmations.confirm(proposal.token, JIMMY)
        assert isinstance(answer, Answer)
        return answer.view.text

    listed = await ask()
    assert "Lesson 1: " in listed.view.text and listed.view.data["claims"][0]["acts"]
    assert "acts no more" in await yes(action="undo", number=1)
    assert lessons.judge("ETH/USD", START_MS - M5).multiplier == 1.0
    assert (await ask()).view.data["claims"][0]["undone"]
    assert "does not act any more" in await yes(action="off")
    assert lessons.school.frozen == "learning is off"
    assert isinstance(await ask(action="on"), Answer) and not lessons.school.frozen
    assert "forgotten" in await yes(action="reset")
    assert lessons.school.claims == [] and "No lesson yet" in (await ask()).view.text
    with pytest.raises(Refused, match="no lesson yet"):
        await ask(action="undo", number=7)
    causes = [one.cause for one in world.journal.written if isinstance(one, Policy)]
    assert causes == ["day", "undo 1", "off", "on", "reset"]


async def test_a_restart_rebuilds_the_same_state_byte_for_byte():
    world = await world_with(crossing_up())
    taught(world)
    lessons = lessons_of(world)
    await lessons.prepare(START_MS)
    await lessons.undo(1)
    again = lessons_of(world.restarted())
    await again.load()
    assert again.school.state() == lessons.school.state() and not again.trouble
    assert again.school.claims[0].saved_r == lessons.school.claims[0].saved_r


async def test_the_ledger_that_was_changed_behind_our_back_stops_lessons_from_acting():
    world = await world_with(crossing_up())
    taught(world)
    await lessons_of(world).prepare(START_MS)
    place = next(i for i, one in enumerate(world.journal.noted) if isinstance(one, ShadowOutcome))
    world.journal.noted[place] = replace(world.journal.noted[place], r=5.0)
    again = lessons_of(world.restarted())
    await again.load()
    assert "differs" in again.trouble and again.judge("ETH/USD", START_MS).multiplier == 1.0
    assert world.journal.noted[-1].kind == "learning_differs"


@pytest.mark.blocks
async def test_the_database_gives_back_lessons_and_own_trades_beside_their_shadows(tmp_path: Path):
    db = await TelemetryDb.open_inline(tmp_path, "demo")
    signal = ShadowSignal(
        "ETH/USD", "5m", "sma20 v1", 0, Evidence.SHADOW, Fate.TAKEN, "", FEATURES, 1, 10.0, 15.0, 0.001,
        0.0, 288, True,
    )  # fmt: skip
    history = replace(signal, evidence=Evidence.BACKFILL, id="")
    waiting = replace(signal, candle_ms=M5, id="")
    outcome = ShadowOutcome(signal.id, M5, "target", 100.0, 115.0, 1.4)
    one = Decimal(2)
    trip = RoundTrip(
        "ETH/USD", Qty(one), Price(one), Price(one), 1, 2, Money(one), Money(Decimal(26)), Origin.AUTOPILOT,
        "target", "ETH/USD@0", "sma20 v1",
    )  # fmt: skip
    await db.commit(outcome, replace(outcome, signal_id=history.id), trip)
    db.note(signal, history, waiting)
    (lesson,) = await db.lessons(Evidence.SHADOW)
    assert (lesson.number, lesson.signal, lesson.outcome) == (1, signal, outcome)
    assert [one.signal for one in await db.lessons(Evidence.BACKFILL)] == [history]
    assert await db.lessons(Evidence.SHADOW, after=1) == []
    assert await db.open_signals(Evidence.SHADOW) == [waiting]
    assert await db.own_beside_shadow() == [(1.3, 1.4)]
    assert await db.traded_signals() == [signal]
    await db.close()


async def test_a_closed_trade_is_sliced_by_the_market_that_it_was_opened_in():
    world = await world_with(crossing_up())
    signal = ShadowSignal(
        "ETH/USD", "5m", "sma20 v1", 0, Evidence.SHADOW, Fate.TAKEN, "", {**FEATURES, "vol": 2}, 1, 10.0,
        15.0, 0.001, 0.0, 288, True,
    )  # fmt: skip
    one = Decimal(1)
    trip = RoundTrip(
        "ETH/USD", Qty(one), Price(one), Price(one), 1, 2, Money(one), Money(one), Origin.AUTOPILOT,
        "target", "ETH/USD@0", "sma20 v1",
    )  # fmt: skip
    world.journal.noted += [signal, replace(signal, candle_ms=M5, id=""), trip]
    regimes = await lessons_of(world).regimes()
    assert regimes == {"ETH/USD@0": "wild markets, downtrends"}
    (found,) = analyse([trip], "UTC", regimes).of("regime")
    assert (found.name, found.tally.trades) == ("wild markets, downtrends", 1)


async def test_what_is_shown_is_labelled_and_says_how_far_each_question_is():
    world = await world_with(crossing_up())
    taught(world, days=4)
    lessons = lessons_of(world)
    await lessons.prepare(START_MS)
    shown = as_data(lessons.school)
    assert {one["label"] for one in shown["observations"]} == {"not yet evidence"}
    assert shown["outcomes"] == 64 and any(
        "64 outcomes so far of" in one["text"] for one in shown["questions"]
    )
    assert in_one_line(lessons.school)
    assert apart_in_line(lessons.school).endswith("never acted on: nothing stands out from chance.")


@settings(max_examples=60, deadline=None)
@given(multiplier=st.floats(-5, 5), equity=st.integers(100, 10**6), share=st.floats(0.001, 0.05))
def test_no_multiplier_buys_more_than_without_it_or_moves_the_stop(multiplier, equity, share):
    config = replace_risk(share)
    purse = Purse(Money(Decimal(equity)), Money(Decimal(0)), Money(Decimal(equity)))
    entry, stop = Price(Decimal(2000)), Price(Decimal(1990))
    plain = size_entry(ETH, entry, stop, purse, config, Decimal("0.0026"))
    learned = size_entry(ETH, entry, stop, purse, config, Decimal("0.0026"), multiplier)
    if isinstance(learned, Sized):
        assert isinstance(plain, Sized) and learned.qty <= plain.qty


def replace_risk(share: float):
    from core.trading_config import load

    return replace(load({}).risk, risk_per_trade=share)
