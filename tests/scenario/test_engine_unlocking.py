"""What the owner's /unlock ends, and what it does not."""

from __future__ import annotations

import pytest

from core.engine.latches import BROKEN, KILL_SWITCH
from core.model.errors import Refused, Rejected
from core.model.events import EventKind
from core.model.orders import OrderType, Side
from tests.scenario.test_engine_autopilot import JIMMY, ask, losing_day, manual_desk
from tests.scenario.test_engine_orders import buy, ready
from tests.support.trading import Trading


async def unlocked_day() -> Trading:
    world = await losing_day(risk__kill_rearm="manual")
    desk = manual_desk(world)
    await desk.confirmations.confirm((await ask(desk, "unlock")).token, JIMMY)
    return world


async def lose_again(world: Trading) -> None:
    """Another position bought and stopped out the same day."""
    world.desk.trade("ETH/USD", "2000", "1")
    desk = manual_desk(world)
    slots = {"side": "buy", "symbol": "ETH/USD", "amount": ("1500", "quote"), "stop": ("2", "percent")}
    await desk.confirmations.confirm((await ask(desk, "place_order", **slots)).token, JIMMY)
    world.desk.trade("ETH/USD", "1900")
    world.clock.advance(30_000)
    await world.engine.sync.refresh()


async def test_an_unlocked_kill_switch_does_not_trip_again_on_the_loss_it_was_unlocked_after():
    world = await unlocked_day()
    lost, limit = world.engine.treasury.day_pnl, world.engine.treasury.loss_limit
    await world.engine.kill_switch.check()
    assert KILL_SWITCH not in world.engine.latches
    assert lost < -limit and world.engine.treasury.loss_budget_left == limit


async def test_after_an_unlock_a_whole_limit_may_be_lost_once_more_and_then_it_trips():
    world = await unlocked_day()
    await lose_again(world)
    await world.engine.kill_switch.check()
    assert KILL_SWITCH in world.engine.latches
    trips = [one.text for one in world.journal.told if one.kind is EventKind.KILL_SWITCH]
    assert len(trips) == 2 and "since you unlocked" in trips[-1]
    desk = manual_desk(world)
    await desk.confirmations.confirm((await ask(desk, "unlock")).token, JIMMY)
    await world.engine.kill_switch.check()
    assert KILL_SWITCH not in world.engine.latches


async def test_a_restart_remembers_what_was_unlocked():
    world = await unlocked_day()
    again = world.restarted()
    await again.engine.latches.load()
    await again.engine.sync.recover()
    await again.engine.kill_switch.check()
    assert KILL_SWITCH not in again.engine.latches
    assert again.engine.treasury.day_pnl == world.engine.treasury.day_pnl
    assert again.engine.treasury.loss_budget_left == world.engine.treasury.loss_budget_left


async def test_an_unlock_ends_only_the_locks_that_the_owner_saw():
    world = await losing_day(risk__kill_rearm="manual")
    desk = manual_desk(world)
    proposal = await ask(desk, "unlock")
    await world.engine.latches.set(BROKEN, "an order was placed twice")
    with pytest.raises(Refused, match="locked since you asked: an order was placed twice"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert KILL_SWITCH not in world.engine.latches and BROKEN in world.engine.latches


async def test_a_kill_switch_that_fell_after_the_owner_asked_stays():
    world = await unlocked_day()
    await world.engine.latches.set(BROKEN, "an order was placed twice")
    desk = manual_desk(world)
    proposal = await ask(desk, "unlock")
    await world.engine.latches.set(KILL_SWITCH, "today's result fell below the limit")
    with pytest.raises(Refused, match="locked since you asked"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert KILL_SWITCH in world.engine.latches and BROKEN not in world.engine.latches


async def live_on(world: Trading, seconds: int) -> None:
    for _ in range(seconds * 10):
        await world.clock.sleep(0.1)


async def test_what_is_bought_after_an_unlock_is_not_sold_for_the_kill_switch_that_ended():
    world = await ready()
    await buy(world, "ETH/USD", "0.1", "before")
    world.clock.advance(1000)

    class Halted(type(world.desk)):
        halted = True

        async def place(self, request):
            if self.halted and request.side is Side.SELL and request.type is not OrderType.STOP_LOSS:
                raise Rejected("EService:Market in cancel_only mode")
            return await super().place(request)

    world.desk.__class__ = Halted
    await world.engine.latches.set(KILL_SWITCH, "the daily loss limit")
    await world.engine.flatten.flatten_for_kill("the daily loss limit")
    await live_on(world, 5)
    desk = manual_desk(world)
    await desk.confirmations.confirm((await ask(desk, "unlock")).token, JIMMY)
    world.clock.advance(1000)
    await buy(world, "BTC/USD", "0.01", "after")
    await live_on(world, 70)
    world.desk.halted = False
    await live_on(world, 70)
    assert set(world.engine.portfolio.positions) == {"BTC/USD"} and not world.failures
    assert world.engine.portfolio.round_trips[-1].symbol == "ETH/USD"
