"""An account with a long past is ready at once: what the disk knows for certain is not read again first."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from random import Random

import pytest
from loguru import logger

from core.clock import WallSeconds
from core.model.money import Qty, to_decimal
from core.model.orders import Side
from core.trading_config import load
from tests.simulation.disk import found_world
from tests.simulation.life import Life, Stage, made_by_life
from tests.simulation.record import Record
from tests.simulation.schedule import M5, MIDNIGHT, close, lines_age_by, surprises
from tests.simulation.street import Street
from tests.simulation.weather import Sky
from tests.support.virtual_time import VirtualClock, VirtualLoop

pytestmark = [pytest.mark.blocks, pytest.mark.timeout(180)]

FILLS, READY_S = 2_000, 10.0


class LongAccount:
    """A Starter key whose owner has traded by hand for a long time."""

    def __init__(self, loop: VirtualLoop, folder: Path) -> None:
        rng, record = Random(1), Record()
        self.clock = VirtualClock(loop, MIDNIGHT + M5 // 2, 1.0)
        sky = Sky(rng, record, self.clock.monotonic)
        self.street = Street(rng, self.clock, record, sky, 1)
        found_world(folder)
        self.stage = Stage(
            rng, loop, self.clock, record, sky, self.street, load({}, {}, {}), folder, lambda slow: None,
            10.0, False,
        )  # fmt: skip

    def trade_by_hand(self, executions: int) -> None:
        """Orders that take several prices each, five minutes apart; as many as it takes."""
        enough = len(self.street.matching.fills()) + executions
        sides = cycle((Side.BUY, Side.SELL))
        while len(self.street.matching.fills()) < enough:
            self.clock.leap(M5)
            self.street.submit("BTC/USD", next(sides), Qty(to_decimal("3")))

    async def started(self) -> tuple[Life, float, Counter[str]]:
        """A life that is ready, the market seconds it took and the calls that it made."""
        events, began_ms = len(self.stage.record.events), self.clock.market_ms()
        life = Life(self.stage)
        await life.begin(life.start())
        took_s = (self.clock.market_ms() - began_ms) / 1000
        return life, took_s, Counter(one.split()[1] for one in self.stage.record.events[events:])


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    logger.remove()
    made = VirtualLoop()
    made.set_task_factory(made_by_life)  # type: ignore[arg-type]
    with lines_age_by(made.time):
        yield made
    close(made)


def test_after_two_thousand_executions_a_start_is_ready_in_seconds_and_reads_the_rest_meanwhile(
    loop: VirtualLoop, tmp_path: Path
) -> None:
    errors: list[BaseException] = []
    with surprises(loop, errors.append):
        loop.run_until_complete(_live_twice(LongAccount(loop, tmp_path)))
    assert not errors


async def _live_twice(world: LongAccount) -> None:
    await world.street.open()
    world.street.move("USD", to_decimal("10000000"))
    world.trade_by_hand(FILLS)
    first, took_s, calls = await world.started()
    print(f"the whole account: ready after {took_s:.1f} s with {dict(calls)}")
    assert took_s > 100 and calls["TradesHistory"] >= FILLS / 50  # nothing is known yet: all of it is read
    first.lay_down()
    world.trade_by_hand(3)
    second, took_s, calls = await world.started()
    sync = second.running.engine.sync
    print(f"{len(world.street.matching.fills())} executions, ready after {took_s:.1f} s: {dict(calls)}")
    assert took_s <= READY_S
    assert calls["TradesHistory"] <= 2 and calls["ClosedOrders"] <= 2
    newest = world.street.matching.fills()[-3:]
    assert set(newest) < set(sync.state.fills) and sync.state.begins_ms
    second.begin(_trading(second))
    await world.clock.sleep(WallSeconds(900))
    await second.begin(_looked(second))
    assert not sync.state.begins_ms and len(sync.state.fills) == len(world.street.matching.fills())
    second.lay_down()
    await asyncio.sleep(0.1)
    await world.street.close()


async def _trading(life: Life) -> None:
    life.trade()


async def _looked(life: Life) -> None:
    await life.running.engine.sync.refresh()
