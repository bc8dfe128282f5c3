"""A day that began while Zyn was away: what its stops lost since midnight is lost today."""

from __future__ import annotations

from decimal import Decimal

from core.engine.latches import KILL_SWITCH
from core.model.errors import Transient
from core.model.market import Candle
from core.risk.brackets import Distances
from tests.scenario.test_engine_trouble import DAY, buy, ready, restarted
from tests.support.trading import START_MS, Trading

MIDNIGHT = (START_MS // DAY + 1) * DAY
M5 = 300_000


async def stopped_out_at_night(limit: str = "0.005", at_midnight: float | None = 1990.0) -> Trading:
    """Bought at 2000.5 before midnight; Zyn away; the stop did its work an hour after."""
    world = await ready(risk__daily_loss_limit=limit)
    await buy(world, qty="1.2", away=Distances(Decimal(50), Decimal(900)))
    if at_midnight is not None:
        closes = [2000.0, at_midnight, 1960.0]
        world.desk.history["ETH/USD"] = [
            Candle(MIDNIGHT + (number - 2) * M5, close, close, close, close, 1.0)
            for number, close in enumerate(closes)
        ]
    world.clock.advance_to(MIDNIGHT + 3_600_000)
    world.desk.trade("ETH/USD", "1940")
    world.clock.advance_to(MIDNIGHT + 3 * 3_600_000)
    return await restarted(world)


async def test_a_stop_that_fell_since_midnight_counts_from_what_the_position_was_worth_then():
    again = await stopped_out_at_night(limit="0.03")
    (trip,) = again.engine.portfolio.round_trips
    sale = again.desk.matching.fills()[-1]
    assert again.engine.treasury.day_pnl == sale.cost - sale.fee - Decimal("1.2") * 1990
    assert trip.net_pnl < again.engine.treasury.day_pnl < 0
    start = again.engine.treasury.day_start_equity
    assert start == again.engine.treasury.equity - again.engine.treasury.day_pnl


async def test_it_trips_the_kill_switch_where_it_reaches_the_limit_and_no_later_restart_forgets_it():
    again = await stopped_out_at_night()
    await again.engine.kill_switch.check()
    assert KILL_SWITCH in again.engine.latches
    later = await restarted(again)
    assert KILL_SWITCH in later.engine.latches
    assert later.engine.treasury.day_pnl == again.engine.treasury.day_pnl


async def test_without_a_price_of_that_time_the_whole_trade_is_todays():
    again = await stopped_out_at_night(limit="0.03", at_midnight=None)
    (trip,) = again.engine.portfolio.round_trips
    entry_fee = again.desk.matching.fills()[0].fee
    assert again.engine.treasury.day_pnl == trip.net_pnl + entry_fee


async def test_an_exchange_that_gives_no_candles_holds_no_start_up():
    world = await ready(risk__daily_loss_limit="0.03")
    await buy(world, qty="1.2", away=Distances(Decimal(50), Decimal(900)))
    world.clock.advance_to(MIDNIGHT + 3_600_000)
    world.desk.trade("ETH/USD", "1940")

    class Mute(type(world.desk)):
        async def candles(self, symbol, timeframe, limit=720):
            raise Transient("no answer")

    world.desk.__class__ = Mute
    again = await restarted(world)
    assert again.engine.treasury.day_pnl < 0
