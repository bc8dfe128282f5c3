"""A pause with an end: said, kept, and over by itself at its time, once."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest

from core.agent.gate import Gate
from core.agent.intents import checked
from core.agent.offline.brain import Moment, understand
from core.engine.latches import KILL_SWITCH, PAUSED, PROFIT_TARGET
from core.engine.pausing import end_of
from core.engine.registry import Proposal
from core.model.facts import Latch
from core.model.time_context import TimeContext, iso, to_ms
from tests.scenario.test_engine_autopilot import JIMMY, ManualDesk, ask, crossing_up, manual_desk, world_with
from tests.support.trading import START_MS, Trading

MINUTE = 60_000


async def paused(**slots: str) -> tuple[Trading, ManualDesk, str]:
    """A world whose owner just asked for a pause, and what he was told."""
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    answer = await ask(desk, "pause", **slots)
    return world, desk, answer.view.text


def news(world: Trading) -> list[str]:
    return [one.text for one in world.journal.told if one.key.startswith("pause_over")]


async def test_a_pause_of_thirty_minutes_says_until_when_and_ends_by_itself_then_told_once():
    world, _, text = await paused(duration="30m")
    end = START_MS + 30 * MINUTE
    assert text == "Paused until 22:45: I open nothing new."
    assert world.engine.latches.get(PAUSED).until_ms == end
    world.clock.advance_to(end - 1)
    await world.engine.pausing.check()
    assert "until 22:45" in world.engine.latches.blocking()
    world.clock.advance_to(end)
    for _ in range(3):
        await world.engine.pausing.check()
    assert not world.engine.latches.blocking()
    assert news(world) == ["The pause you asked for is over since 22:45. I trade again."]


async def test_its_end_outlives_a_restart_and_is_told_by_the_next_run():
    world, _, _ = await paused(duration="30m")
    again = world.restarted()
    await again.engine.latches.load()
    assert again.engine.latches.get(PAUSED).until_ms == START_MS + 30 * MINUTE
    again.clock.advance(45 * MINUTE)
    await again.engine.pausing.check()
    assert PAUSED not in again.engine.latches
    assert news(again) == ["The pause you asked for is over since 22:45. I trade again."]


async def test_a_kill_switch_that_fell_meanwhile_stays_when_the_pause_ends():
    world, _, _ = await paused(duration="30m")
    for name in (KILL_SWITCH, PROFIT_TARGET):
        await world.engine.latches.set(name, f"the {name} holds")
    world.clock.advance(31 * MINUTE)
    await world.engine.pausing.check()
    assert KILL_SWITCH in world.engine.latches and PROFIT_TARGET in world.engine.latches
    assert "I open nothing yet: the kill_switch holds" in news(world)[0]


async def test_a_resume_before_its_end_wins_and_nothing_is_told_at_the_end():
    world, desk, _ = await paused(duration="30m")
    proposal = await ask(desk, "resume")
    assert isinstance(proposal, Proposal)
    await desk.confirmations.confirm(proposal.token, JIMMY)
    world.clock.advance(31 * MINUTE)
    await world.engine.pausing.check()
    assert not news(world)


@pytest.mark.parametrize(
    ("first", "second", "until", "told"),
    [
        ({}, {"duration": "30m"}, None, "I am paused already, until you say resume."),
        ({"duration": "2h"}, {"duration": "30m"}, 120, "I am paused already, until Wed 15 Nov 00:15."),
        ({"duration": "30m"}, {"duration": "2h"}, 120, "Paused until Wed 15 Nov 00:15: I open nothing new."),
        ({"duration": "30m"}, {}, None, "Paused until you say resume: I open nothing new."),
    ],
)
async def test_a_pause_is_made_longer_and_never_shorter(first, second, until, told):
    world, desk, _ = await paused(**first)
    assert (await ask(desk, "pause", **second)).view.text == told
    again = world.restarted()
    await again.engine.latches.load()
    for latches in (world.engine.latches, again.engine.latches):
        assert latches.get(PAUSED).until_ms == (until and START_MS + until * MINUTE)


async def test_a_pause_asked_for_while_the_last_one_is_being_lifted_holds():
    world, desk, _ = await paused(duration="30m")
    world.clock.advance(30 * MINUTE)
    commit = world.journal.commit

    async def slowly(*facts: object) -> None:
        await asyncio.sleep(0)
        await commit(*facts)

    world.journal.commit = slowly
    await asyncio.gather(world.engine.pausing.check(), ask(desk, "pause"))
    assert world.engine.latches.get(PAUSED).until_ms is None
    again = world.restarted()
    await again.engine.latches.load()
    assert again.engine.latches.get(PAUSED) is not None


async def test_a_pause_of_one_coin_says_that_it_is_of_all():
    _, _, text = await paused(symbol="ETH/USD", duration="1h")
    assert text == "Paused until 23:15: I open nothing new. That is for every coin."


FRIDAY = TimeContext(
    to_ms(datetime.fromisoformat("2026-11-20T15:00:00+00:00")), "Europe/Berlin"
)  # 16:00 there


@pytest.mark.parametrize(
    ("duration", "until", "end"),
    [
        ("90m", None, "2026-11-20T16:30:00Z"), ("1.5h", None, "2026-11-20T16:30:00Z"),
        ("1w", None, "2026-11-27T15:00:00Z"), (None, "tomorrow", "2026-11-20T23:00:00Z"),
        (None, "midnight", "2026-11-20T23:00:00Z"), (None, "tomorrow morning", "2026-11-21T07:00:00Z"),
        (None, "09:30 tomorrow", "2026-11-21T08:30:00Z"), (None, "18:15", "2026-11-20T17:15:00Z"),
        (None, "09:00", "2026-11-21T08:00:00Z"), (None, "6", "2026-11-20T17:00:00Z"),
        (None, "3", "2026-11-21T02:00:00Z"), (None, "monday", "2026-11-22T23:00:00Z"),
        (None, "friday 8", "2026-11-27T07:00:00Z"), (None, "next week", "2026-11-22T23:00:00Z"),
        (None, "noon", "2026-11-21T11:00:00Z"), (None, "the 14th", "2026-12-13T23:00:00Z"),
        (None, "3 december 09:00", "2026-12-03T08:00:00Z"), (None, "dec 1st at 7", "2026-12-01T06:00:00Z"),
        (None, "2026-12-24", "2026-12-23T23:00:00Z"), (None, "the 31st", "2026-12-30T23:00:00Z"),
        (None, "the 20th", "2026-12-19T23:00:00Z"), (None, "march 2nd", "2027-03-01T23:00:00Z"),
    ],
)  # fmt: skip
def test_an_end_is_read_on_the_owners_clock(duration, until, end):
    assert iso(end_of(duration, until, FRIDAY)) == end


@pytest.mark.parametrize(
    ("duration", "until"),
    [
        (None, None),
        ("soon", None),
        ("0m", None),
        ("99y", None),
        (None, "i say so"),
        (None, "25:99"),
        (None, "2026-13-40"),
    ],
)
def test_what_no_clock_knows_is_a_pause_without_an_end(duration, until):
    assert end_of(duration, until, FRIDAY) is None


def test_the_end_of_a_pause_before_summer_time_is_the_owners_midnight():
    saturday = TimeContext(to_ms(datetime.fromisoformat("2026-03-28T22:30:00+00:00")), "Europe/Berlin")
    assert iso(end_of(None, "tomorrow 03:00", saturday)) == "2026-03-29T01:00:00Z"


async def test_a_latch_without_an_end_is_not_latched_twice():
    world, _, _ = await paused()
    before = world.engine.latches.get(PAUSED)
    assert not await world.engine.latches.set(PAUSED, "again")
    assert world.engine.latches.get(PAUSED) == before == Latch(PAUSED, before.reason, START_MS)


async def test_the_services_own_task_ends_it_without_anybody_asking():
    world, desk, _ = await paused()
    watching = asyncio.create_task(world.engine.pausing.run())
    for _ in range(5):
        await asyncio.sleep(0)
    assert world.clock.market_ms() == START_MS  # a pause without an end is not watched
    await desk.confirmations.confirm((await ask(desk, "resume")).token, JIMMY)
    await ask(desk, "pause", duration="30m")
    for _ in range(30 * 60 * 3):
        await asyncio.sleep(0)
    assert len(news(world)) == 1 and not world.engine.latches.blocking()
    watching.cancel()


@pytest.mark.parametrize(
    ("said", "duration", "fine"),
    [
        ("pause the trading please", None, True),
        ("pause the trading please", "1s", False),
        ("pause for 30 minutes", "30m", True),
        ("pause for 30 minutes", "1s", False),
    ],
)
def test_a_model_pauses_only_until_when_the_owner_said(said: str, duration: str | None, fine: bool):
    moment = Moment(said, FRIDAY.local.date())
    objection = Gate(moment, understand(moment)).objection(checked("pause", {"duration": duration}))
    assert (objection == "") is fine
