"""The audit finds what was stored wrongly, and nothing where all is well."""

from dataclasses import replace
from decimal import Decimal

from core.engine.audit import Audit
from core.model.money import Money
from core.model.orders import Leg, Origin
from tests.scenario.test_engine_orders import buy, ready


class Stored:
    def __init__(self, trips):
        self.trips = trips

    async def round_trips(self, limit=50):
        return self.trips


async def closed_world():
    world = await ready()
    for symbol, qty in (("ETH/USD", "0.5"), ("BTC/USD", "0.01")):
        await buy(world, symbol, qty, symbol)
        world.clock.advance(1000)
        await world.engine.protection.leave(symbol, Leg.EXIT, Origin.AUTOPILOT)
    return world


async def test_what_was_stored_truly_has_no_difference():
    world = await closed_world()
    report = await Audit(world.desk, world.engine.portfolio, Stored(world.journal.round_trips)).run()
    assert (report.checked, report.differences) == (2, ())


async def test_a_wrong_cent_a_lost_and_an_invented_trade_are_named():
    world = await closed_world()
    first, second = world.journal.round_trips
    wrong = replace(first, net_pnl=Money(first.net_pnl + Decimal("0.01")))
    invented = replace(second, closed_ms=second.closed_ms + 1)
    report = await Audit(world.desk, world.engine.portfolio, Stored([wrong, invented])).run()
    told = "\n".join(report.differences)
    assert len(report.differences) == 3
    assert "its executions make" in told and "knows no such round trip" in told and "not stored" in told
