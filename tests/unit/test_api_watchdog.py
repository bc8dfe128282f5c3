"""What is watched: each check alone, and the saying of it once each way."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import cast

import pytest

from core.clock import ManualClock, WallSeconds
from core.engine.api_watchdog.breaker import FAILURES, Breaker
from core.engine.api_watchdog.candles import Candles
from core.engine.api_watchdog.check import AUTOPILOT, ENTRIES, Check
from core.engine.api_watchdog.clocks import Clocks
from core.engine.api_watchdog.database import Database
from core.engine.api_watchdog.loop_lag import LoopLag
from core.engine.api_watchdog.maintenance import Incidents, Maintenance
from core.engine.api_watchdog.sockets import Sockets
from core.engine.api_watchdog.watchdog import Watchdog
from core.engine.autopilot import Autopilot
from core.engine.receipts import Round
from core.model.errors import Transient
from core.model.events import EventKind
from core.model.market import Advisory
from tests.support.scripted_socket import until
from tests.support.trading import Silent, trading
from tests.support.watched import Announcing, Disk, Line

NOW = 1_700_000_000_000
HOUR = 3_600_000


class Stepping(ManualClock):
    """A clock whose wall time can be set."""

    stepped_ms = 0

    def wall_ms(self) -> int:
        return self.now_ms + self.stepped_ms


def watchdog(check: Check, journal: Disk, clock: ManualClock) -> Watchdog:
    return Watchdog([check], journal, Silent(), clock, WallSeconds(5.0))


async def test_a_socket_that_is_back_soon_is_not_told_and_a_lasting_one_blocks_nothing() -> None:
    clock, line = ManualClock(NOW), Line()
    check = Sockets(line, clock)
    line.down = {"private socket": "it was closed"}
    assert await check.look() == ""
    clock.advance(19_000)
    assert await check.look() == ""
    clock.advance(2_000)
    assert await check.look() == "Kraken's private socket is down: it was closed"
    dog = watchdog(check, Disk(), clock)
    await dog.look()
    assert dog.blocking() == "" and not dog.health()[0].ok
    line.down = {}
    assert await check.look() == ""


@pytest.mark.parametrize(("offset", "side"), [(1_500, "1.5 s behind"), (-2_000, "2.0 s ahead of")])
async def test_a_clock_more_than_a_second_off_blocks_until_it_is_right(offset: int, side: str) -> None:
    clock, line = ManualClock(NOW), Line(offset=offset)
    check = Clocks(line, clock)
    assert side in await check.look() and check.blocks == ENTRIES
    line.offset = 400
    clock.advance(5_000)
    assert await check.look() == ""
    clock.advance(5_000)
    await check.look()
    assert line.asked == 2, "once a minute while all is well"
    line.deaf = True
    clock.advance(60_000)
    assert await check.look() == "", "that nobody answers is told elsewhere"


async def test_a_step_of_the_clock_is_looked_at_once() -> None:
    clock, line = Stepping(NOW), Line()
    check = Clocks(line, clock)
    await check.look()
    clock.stepped_ms, line.offset = -HOUR, HOUR
    clock.advance(5_000)
    assert "behind" in await check.look()


async def test_a_clock_set_back_judges_no_candle_a_second_time() -> None:
    world = trading()
    close = world.clock.market_ms()
    first = await world.engine.autopilot.step(close)
    world.clock.now_ms -= HOUR  # as a time service may do
    for earlier in range(close - HOUR, close + 1, 300_000):
        again = await world.engine.autopilot.step(earlier)
        assert (again.judged, again.entered, again.exited) == (0, 0, 0), first


async def test_entries_stop_half_an_hour_before_maintenance_and_until_it_is_over() -> None:
    clock = ManualClock(NOW)
    market = Announcing(Advisory("Spot upgrade", False, NOW + HOUR, NOW + 2 * HOUR))
    check = Maintenance(market, clock)  # type: ignore[arg-type]
    assert await check.look() == ""
    clock.advance(HOUR // 2)
    assert "goes into maintenance at 23:13 UTC: Spot upgrade" in await check.look()
    clock.advance(HOUR)
    market.deaf = True
    assert "Spot upgrade" in await check.look(), "as it was said last"
    market.deaf = False
    assert "under maintenance" in await check.look()
    clock.advance(HOUR // 2)
    assert await check.look() == ""
    market.told = [Advisory("Sometime", False)]
    assert "Sometime" in await check.look(), "an unknown beginning may be any moment"


async def test_an_incident_is_shown_and_blocks_nothing() -> None:
    market = Announcing(Advisory("Deposits of XRP are late", True))
    incidents, planned = Incidents(market), Maintenance(market, ManualClock(NOW))  # type: ignore[arg-type]
    assert "Deposits of XRP" in await incidents.look() and not incidents.blocks
    assert await planned.look() == ""
    market.deaf = True
    assert await incidents.look()


async def test_a_database_that_fails_blocks_and_is_told_when_it_takes_writes_again() -> None:
    clock, journal = ManualClock(NOW), Disk()
    dog = watchdog(Database(journal, clock), journal, clock)
    await dog.look()
    assert dog.blocking() == ""
    journal.full = True
    clock.advance(600_000)
    await dog.look()
    assert "disk full" in dog.blocking() and journal.told == []
    journal.full, journal.unreadable = False, True
    clock.advance(5_000)
    await dog.look()
    assert [one.kind for one in journal.told] == [EventKind.TROUBLE]
    journal.unreadable = False
    clock.advance(5_000)
    await dog.look()
    assert dog.blocking() == ""
    assert [one.kind for one in journal.told] == [EventKind.TROUBLE, EventKind.RECOVERED]
    assert [one.text for one in journal.safety("watch:alive")] == ["the disk takes writes"]


async def test_a_loop_that_was_held_up_blocks_until_the_next_look_on_time() -> None:
    lag = LoopLag()
    lag.late_s = 1.9
    assert await lag.look() == ""
    lag.late_s = 2.5
    assert "2.5 s" in await lag.look() and lag.blocks == AUTOPILOT


async def test_the_watchdog_measures_how_late_its_own_looks_are() -> None:
    class Late(ManualClock):
        late = False

        async def sleep(self, seconds: WallSeconds) -> None:
            await super().sleep(WallSeconds(seconds + (3.0 if self.late else 0.0)))

    clock = Late(NOW)
    dog = Watchdog([], Disk(), Silent(), clock, WallSeconds(5.0))
    running = asyncio.create_task(dog.run())
    await asyncio.sleep(0.01)
    assert dog.blocking() == ""
    clock.late = True
    await until(dog.blocking)
    assert "3.0 s" in dog.blocking()
    clock.late = False
    await until(lambda: not dog.blocking())
    running.cancel()


async def test_a_loop_held_up_once_disturbs_nobody_and_one_held_up_again_is_told_once_each_way() -> None:
    journal = Disk()
    dog = Watchdog([], journal, Silent(), ManualClock(NOW), WallSeconds(5.0))
    for late_s, told in ((3.0, 0), (0.0, 0), (3.0, 0), (4.0, 1), (3.0, 1), (0.0, 2), (0.0, 2)):
        dog._lag.late_s = late_s
        await dog.look()
        assert (len(journal.told), bool(dog.blocking())) == (told, late_s > 2)
    assert [one.kind for one in journal.told] == [EventKind.TROUBLE, EventKind.RECOVERED]


async def test_candles_that_stay_away_are_told_by_how_long_and_not_before_two_are_missed() -> None:
    clock = ManualClock(NOW)
    check = Candles(cast("Autopilot", SimpleNamespace(last_round=Round(NOW, judged=3))), clock, 300_000)
    clock.advance(900_000)
    assert await check.look() == ""
    clock.advance(60_000)
    assert await check.look() == "the last candle I judged closed 16 min ago, and one closes every 5 min"
    clock.advance(3 * HOUR)
    assert "closed 3 h ago" in await check.look()


async def test_a_look_without_an_answer_blocks_before_it_is_over() -> None:
    answer = asyncio.Event()

    class Hanging:
        name, blocks, meanwhile, back = "exchange", ENTRIES, "I wait.", "It is back."

        async def look(self) -> str:
            await answer.wait()
            return ""

    clock = ManualClock(NOW)
    journal = Disk()
    dog = watchdog(Hanging(), journal, clock)
    looking = asyncio.create_task(dog.look())
    await asyncio.sleep(0)
    clock.advance(9_000)
    assert dog.blocking() == ""
    clock.advance(2_000)
    assert (
        dog.blocking()
        == dog.blocking(by_hand=True)
        == ("the look at the exchange has had no answer for 11 s")
    )
    answer.set()
    await looking
    assert dog.blocking() == "" and journal.told == []


async def test_the_owners_own_entries_rest_on_less_than_the_autopilots() -> None:
    clock = ManualClock(NOW)

    class Found:
        name, meanwhile, back = "candles", "I wait.", "They are back."

        def __init__(self, blocks: str) -> None:
            self.blocks = blocks

        async def look(self) -> str:
            return "gone"

    for blocks, alone, by_hand in ((ENTRIES, "gone", "gone"), (AUTOPILOT, "gone", ""), ("", "", "")):
        dog = watchdog(Found(blocks), Disk(), clock)
        await dog.look()
        assert (dog.blocking(), dog.blocking(by_hand=True)) == (alone, by_hand)


def test_a_breaker_opens_after_failures_in_a_row_and_lets_one_question_try() -> None:
    clock = ManualClock(NOW)
    breaker = Breaker("Kraken", clock)
    for _ in range(FAILURES - 1):
        breaker.failed()
        breaker.check()
    breaker.answered()
    for _ in range(FAILURES):
        breaker.failed()
    with pytest.raises(Transient, match="ask again in 2 s"):
        breaker.check()
    clock.advance(2_000)
    breaker.check()
    with pytest.raises(Transient):
        breaker.check()  # the second one waits for what the first finds
    breaker.failed()
    clock.advance(4_000)
    breaker.check()
    breaker.answered()
    breaker.check()
    breaker.check()
