"""An order without an answer that no list shows under its id: found behind its executions, or proven away."""

from dataclasses import replace
from decimal import Decimal

import pytest

from core.model.money import Qty
from core.model.orders import IntentState, OrderIntent, OrderRequest, OrderType, Side
from tests.scenario.test_engine_orders import buy, ready
from tests.support.trading import Desk


class Forgetful(Desk):
    """Closed orders are not found by their client id, and their reports may not tell it either."""

    tells_id = True

    async def find(self, cl_ord_id: str, since_ms: int):
        return None

    async def order(self, txid: str):
        report = await super().order(txid)
        return report if self.tells_id else replace(report, cl_ord_id=None)


@pytest.mark.parametrize("tells_id", [True, False])
async def test_a_market_order_that_no_list_shows_is_found_behind_its_fills(tells_id: bool):
    world = await ready()
    world.desk.__class__, world.desk.tells_id = Forgetful, tells_id
    world.desk.lose_after = 1
    done = await buy(world)
    assert done.filled == Decimal("0.5") and len(world.desk.sent) == 1
    assert world.engine.portfolio.position("ETH/USD").stopped_qty == Decimal("0.5")


async def test_somebody_elses_execution_is_not_taken_for_it():
    world = await ready()
    world.desk.__class__, world.desk.tells_id = Forgetful, False
    hand = OrderRequest("", "ETH/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.7")))
    world.desk.matching.submit(hand, world.clock.market_ms())
    world.desk.lose_before = 1
    done = await buy(world)
    intents = [one for one in world.journal.written if isinstance(one, OrderIntent)]
    assert done.report is None and intents[-1].state is IntentState.NOT_PLACED
    assert not world.engine.portfolio.positions


async def test_an_execution_just_like_it_that_was_shown_before_it_left_is_not_taken_for_it():
    world = await ready()
    world.desk.__class__, world.desk.tells_id = Forgetful, False
    hand = OrderRequest("", "ETH/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.5")))
    world.desk.matching.submit(hand, world.clock.market_ms())
    await world.engine.sync.refresh()
    world.desk.lose_before = 1
    done = await buy(world)
    assert done.report is None and not world.engine.portfolio.positions
