"""Every single thing watched: lost, it blocks what rests on it and is told once; well again, told once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

from core.clock import ManualClock, WallSeconds
from core.engine.api_watchdog.account import Settlement
from core.engine.api_watchdog.candles import Candles
from core.engine.api_watchdog.check import AUTOPILOT, ENTRIES
from core.engine.api_watchdog.clocks import Clocks
from core.engine.api_watchdog.database import Database
from core.engine.api_watchdog.maintenance import Incidents, Maintenance
from core.engine.api_watchdog.peers import Peers
from core.engine.api_watchdog.sockets import Sockets
from core.engine.api_watchdog.watchdog import Watchdog
from core.model.events import EventKind
from core.model.market import Advisory, ExchangeStatus
from tests.support.trading import Silent
from tests.support.watched import Announcing, Disk, Line

NOW = 1_700_000_000_000
MINUTE = 60_000


@dataclass
class World:
    """Everything that is watched, sound until a test breaks one thing of it."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(NOW))
    line: Line = field(default_factory=Line)
    market: Announcing = field(default_factory=Announcing)
    disk: Disk = field(default_factory=Disk)
    mode: ExchangeStatus = ExchangeStatus.ONLINE
    settles: bool = True
    judges: bool = True
    settled_ms: int = NOW
    judged_ms: int = NOW

    async def status(self) -> ExchangeStatus:
        return self.mode

    @property
    def last_round(self) -> Any:
        return SimpleNamespace(close_ms=self.judged_ms, missing=(), judged=2)

    def dog(self) -> Watchdog:
        world: Any = self
        market: Any = self.market
        line, clock = self.line, self.clock
        checks = [
            Peers(world), Maintenance(market, clock), Incidents(market), Sockets(line, clock),
            Clocks(line, clock), Settlement(Reading(self), clock, 60),  # type: ignore[arg-type]
            Candles(world, clock, 5 * MINUTE), Database(self.disk, clock),
        ]  # fmt: skip
        return Watchdog(checks, self.disk, Silent(), clock, WallSeconds(5.0))

    def minute(self) -> None:
        """Time passes, and whatever is well goes on being so."""
        self.clock.advance(MINUTE)
        self.settled_ms = self.clock.now_ms if self.settles else self.settled_ms
        self.judged_ms = self.clock.now_ms if self.judges else self.judged_ms


@dataclass
class Reading:
    """An account that was settled when the world says."""

    world: World
    trouble: str = "no answer"

    @property
    def state(self) -> Any:
        return SimpleNamespace(as_of_ms=self.world.settled_ms)

    @property
    def settled_at(self) -> float:
        return self.world.settled_ms / 1000


class Thing(NamedTuple):
    """How one thing is lost and mended, and what rests on it."""

    lose: Callable[[World], object]
    mend: Callable[[World], object]
    blocks: str


def puts(name: str, value: object, of: str = "") -> Callable[[World], object]:
    return lambda world: setattr(getattr(world, of) if of else world, name, value)


PLANNED, LATE = [Advisory("Upgrade", False)], [Advisory("Deposits are late", True)]
CUT = {"private socket": "it was closed"}
THINGS = {
    "exchange": Thing(puts("mode", ExchangeStatus.CANCEL_ONLY), puts("mode", ExchangeStatus.ONLINE), ENTRIES),
    "maintenance": Thing(
        puts("told", [Advisory("Upgrade", False)], "market"), puts("told", [], "market"), ENTRIES
    ),
    "incident": Thing(puts("told", [Advisory("Deposits", True)], "market"), puts("told", [], "market"), ""),
    "sockets": Thing(puts("down", CUT, "line"), puts("down", {}, "line"), ""),
    "clock": Thing(puts("offset", 3_000, "line"), puts("offset", 0, "line"), ENTRIES),
    "account": Thing(puts("settles", False), puts("settles", True), ENTRIES),
    "candles": Thing(puts("judges", False), puts("judges", True), AUTOPILOT),
    "database": Thing(puts("unreadable", True, "disk"), puts("unreadable", False, "disk"), ENTRIES),
}


@pytest.mark.parametrize("name", THINGS)
async def test_each_thing_watched_is_told_once_when_lost_and_once_when_back(name: str) -> None:
    world, thing = World(), THINGS[name]
    dog = world.dog()

    async def live(minutes: int) -> None:
        for _ in range(minutes):
            world.minute()
            await dog.look()

    await live(2)
    assert world.disk.told == [] and dog.blocking() == "" and all(one.ok for one in dog.health())
    thing.lose(world)
    await live(25)
    [row] = [one for one in dog.health() if not one.ok]
    assert (row.name, row.blocks) == (name, thing.blocks)
    assert bool(dog.blocking()) is bool(thing.blocks)
    assert bool(dog.blocking(by_hand=True)) is (thing.blocks == ENTRIES)
    assert [one.kind for one in world.disk.told] == [EventKind.TROUBLE]
    thing.mend(world)
    await live(3)
    assert dog.blocking() == "" and all(one.ok for one in dog.health())
    assert [one.kind for one in world.disk.told] == [EventKind.TROUBLE, EventKind.RECOVERED]
    assert len(world.disk.safety(f"watch:{name}")) == 2, "each way leaves its safety event"


def test_every_file_of_the_watchdog_is_in_this_table() -> None:
    assert {one.name for one in World().dog().health()} == {*THINGS, "loop"}
