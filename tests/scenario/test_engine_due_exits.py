"""A cross down ends the autopilot's position, also when the exchange or Zyn was away when it came."""

from __future__ import annotations

import pytest

from core.model.decisions import Verdict
from core.model.errors import Transient
from core.model.market import Candle
from tests.scenario.test_engine_autopilot import FALLING, M5, candles, verdicts, world_with
from tests.support.trading import START_MS, Trading

UP_THEN = [*FALLING, 2040.0]  # bought on this candle; its stop and target are far away
FAR = {"risk__stop_atr": "20", "risk__take_profit_atr": "50"}


async def held(**settings: str) -> Trading:
    world = await world_with(candles(UP_THEN), **{**FAR, **settings})
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    return world


def then(world: Trading, *closes: float) -> list[Candle]:
    """The history goes on with these candles, and the clock with it."""
    last = START_MS + len(closes) * M5
    world.desk.history = {"ETH/USD": candles([*UP_THEN, *closes], last)}
    world.clock.advance_to(last + 2_000)
    world.desk.trade("ETH/USD", str(closes[-1]), "1")
    return world.desk.history["ETH/USD"]


def exits(world: Trading) -> int:
    return verdicts(world).count(Verdict.EXITED)


async def test_an_exit_that_the_exchange_did_not_answer_is_made_at_the_next_candle():
    world = await held()
    then(world, 1990.0)

    class Mute(type(world.desk)):
        async def cancel(self, txid):
            raise Transient("no answer")

    speaking, world.desk.__class__ = world.desk.__class__, Mute
    assert (await world.engine.autopilot.step(START_MS + M5)).exited == 0
    position = world.engine.portfolio.position("ETH/USD")
    assert position.stopped_qty == position.qty and verdicts(world)[-1] is Verdict.FAILED
    world.desk.__class__ = speaking
    then(world, 1990.0, 1985.0)
    assert (await world.engine.autopilot.step(START_MS + 2 * M5)).exited == 1
    assert not world.engine.portfolio.positions
    assert world.engine.portfolio.round_trips[-1].reason == "signal"


@pytest.mark.parametrize("closes", [(1990.0, 1985.0, 1984.0), (1990.0, 1989.0)])
async def test_a_cross_down_that_came_while_zyn_was_away_is_acted_on_after_the_start(
    closes: tuple[float, ...],
):
    world = await held()
    then(world, *closes)
    again = world.restarted()
    await again.engine.sync.recover()
    await again.engine.watchdog.look()
    assert (await again.engine.autopilot.step(START_MS + len(closes) * M5)).exited == 1
    assert not again.engine.portfolio.positions


async def test_a_cross_up_since_then_takes_it_back():
    world = await held()
    then(world, 1990.0, 2060.0)
    again = world.restarted()
    await again.engine.sync.recover()
    await again.engine.watchdog.look()
    assert (await again.engine.autopilot.step(START_MS + 2 * M5)).exited == 0
    assert again.engine.portfolio.holds("ETH/USD") and not exits(world)


async def test_a_cross_down_before_the_position_was_opened_ends_nothing():
    down_up = [*[2000.0] * 60, 2040.0, 1950.0, 1951.0, 2045.0]
    world = await world_with(candles(down_up), **FAR)
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    world.desk.history = {"ETH/USD": candles([*down_up, 2046.0], START_MS + M5)}
    world.clock.advance_to(START_MS + M5 + 2_000)
    again = world.restarted()
    await again.engine.sync.recover()
    await again.engine.watchdog.look()
    assert (await again.engine.autopilot.step(START_MS + M5)).exited == 0
    assert again.engine.portfolio.holds("ETH/USD")
