"""The whole service left alone for days on a healthy exchange, killed once a day: nothing may be missed."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections import Counter
from pathlib import Path
from random import Random
from tempfile import mkdtemp

from core.clock import WallSeconds
from core.store.telemetry_db import FILE_NAME
from core.trading_config import load
from tests.simulation.disk import found_world
from tests.simulation.life import Life, Stage, made_by_life
from tests.simulation.record import Record
from tests.simulation.schedule import DAY, M5, MEMORY, MIDNIGHT, close, lines_age_by, surprises
from tests.simulation.street import Street
from tests.simulation.weather import Sky
from tests.support.virtual_time import VirtualClock, VirtualLoop

PACE = 60.0  # the demo's: market seconds a wall second


class Unattended:
    """A world without an owner."""

    def __init__(self, seed: int, loop: VirtualLoop, folder: Path) -> None:
        self._rng, self._folder = Random(seed), folder
        self._clock = VirtualClock(loop, MIDNIGHT + M5 // 2, 1.0)
        record = Record()
        sky = Sky(self._rng, record, self._clock.monotonic)
        self._street = Street(self._rng, self._clock, record, sky, seed)
        found_world(folder)
        self._stage = Stage(
            self._rng, loop, self._clock, record, sky, self._street, load({}, {}, {}), folder,
            lambda slow: None, 10.0, True,
        )  # fmt: skip
        self.errors: list[BaseException] = []
        self.counts: Counter[str] = Counter()

    async def live(self, days: int) -> None:
        """Run them and count what was missed."""
        await self._street.open()
        life = await self._begin()
        first = self._clock.market_ms() // M5 * M5
        try:
            for _ in range(days):
                await self._clock.sleep_until_market(
                    self._clock.market_ms() + self._rng.randrange(DAY // 2, DAY)
                )
                life = await self._killed(life)
                await self._clock.sleep_until_market((self._clock.market_ms() // DAY + 1) * DAY)
            last = self._clock.market_ms() // M5 * M5 - M5
            await asyncio.sleep(5.0)
        finally:
            life.lay_down()
            await asyncio.sleep(0.1)
            await self._street.close()
        self._count(first, last, days)

    async def _begin(self) -> Life:
        life = Life(self._stage)
        await life.begin(life.start())
        life.begin(_trading(life))
        await asyncio.sleep(2.0)
        self._clock.set_speed(PACE)
        return life

    async def _killed(self, life: Life) -> Life:
        """kill -9; a supervisor starts the next one, in the time that it takes in life."""
        self._clock.set_speed(1.0)
        life.lay_down()
        self.counts["crashes"] += 1
        await self._clock.sleep(WallSeconds(self._rng.uniform(5, 15)))
        return await self._begin()

    def _count(self, first: int, last: int, days: int) -> None:
        with sqlite3.connect(self._folder / FILE_NAME) as db:
            judged = set(db.execute("SELECT symbol, candle_ms FROM decisions"))
            filled = db.execute("SELECT count(*) FROM fills").fetchone()[0]
            failed = db.execute("SELECT count(*) FROM errors").fetchone()[0]
            silent = db.execute("SELECT count(*) FROM outbox WHERE delivered = 0").fetchone()[0]
        db.close()
        wanted = {(symbol, at) for symbol in self._street.symbols for at in range(first, last - M5 + 1, M5)}
        limits = self._street.kraken.exchange.limits
        self.counts.update({
            "days": days, "candles": len(wanted), "missed candles": len(wanted - judged),
            "unhandled errors": len(self.errors), "errors noted": failed, "executions": filled,
            "messages not delivered": silent, "points of the key": sum(limits.points.values()),
        })  # fmt: skip


async def _trading(life: Life) -> None:
    life.trade()


def live(seed: int, days: int) -> Counter[str]:
    """Days on one seed; what was counted. Raises when anything was missed."""
    folder = Path(mkdtemp(prefix="zyn-month-", dir=MEMORY if MEMORY.is_dir() else None))
    loop = VirtualLoop()
    loop.set_task_factory(made_by_life)  # type: ignore[arg-type]
    try:
        with lines_age_by(loop.time):
            world = Unattended(seed, loop, folder)
            with surprises(loop, world.errors.append):
                loop.run_until_complete(world.live(days))
    finally:
        close(loop)
        shutil.rmtree(folder, ignore_errors=True)
    bad = ("missed candles", "unhandled errors", "errors noted", "messages not delivered")
    if broken := {name: world.counts[name] for name in bad if world.counts[name]}:
        raise AssertionError(f"seed {seed}: {broken}; {[repr(one) for one in world.errors[:3]]}")
    return world.counts
