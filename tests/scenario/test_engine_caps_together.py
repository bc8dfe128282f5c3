"""Entries that are under way at the same time: no cap is passed by any two of them together."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest

from core.engine.executor import Done
from core.model.decisions import Denied
from core.model.money import Qty
from core.model.orders import Origin
from core.risk.brackets import Distances
from tests.scenario.test_engine_orders import AWAY, ready
from tests.support.trading import Desk, Trading

CAPS = [
    ({"risk__max_exposure": "0.5", "risk__max_position": "0.4"}, "above the cap of 5,000.00"),
    ({"risk__max_open_positions": "1"}, "1 position is open"),
    ({"risk__max_turnover": "0.3"}, "cap of 3,000.00 on turnover"),
    ({"risk__max_gap_loss": "0.08"}, "gap of 20 %"),
]


class SlowDesk(Desk):
    """Takes a moment for every order, as an exchange does."""

    async def place(self, request):
        await asyncio.sleep(0)
        return await super().place(request)


async def both(world: Trading, *wanted: tuple[str, str]) -> list[Done | Denied]:
    """Planned one after the other, sent together."""
    plans = []
    for symbol, qty in wanted:
        quote = await world.engine.entrance.quote(symbol)
        away = Distances(Decimal(2000), Decimal(3000)) if symbol == "BTC/USD" else AWAY
        plans.append(
            await world.engine.entrance.plan_by_hand(symbol, quote.ask, Qty(Decimal(qty)), away, False)
        )
    assert not any(isinstance(plan, Denied) for plan in plans)
    sent = (
        world.engine.entrance.enter(plan, Origin.CHAT, plan.symbol, "manual", plan.symbol) for plan in plans
    )
    return await asyncio.gather(*sent)


@pytest.mark.parametrize(("settings", "why"), CAPS)
async def test_two_market_orders_at_once_fit_under_every_cap_together(settings: dict[str, str], why: str):
    world = await ready(**{"risk__max_position": "0.25", "risk__max_exposure": "1", **settings})
    big = "1.7" if "risk__max_exposure" in settings else "1.2"
    world.desk.__class__ = SlowDesk
    first, second = await both(world, ("ETH/USD", big), ("BTC/USD", "0.04"))
    assert isinstance(first, Done) and first.filled
    assert isinstance(second, Denied) and why in second.reason
    assert len(world.engine.portfolio.positions) == 1
