"""Readers of the account never see it as it was before a deed of Zyn; what cannot wait does not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.engine.entrance import EntryPlan
from core.engine.executor import Done
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Origin, Side
from core.risk.brackets import Distances
from tests.support.trading import Desk, around, trading

BUY = OrderRequest("bid", "ETH/USD", Side.BUY, OrderType.LIMIT, Qty(Decimal("0.1")), Price(Decimal(1900)))


class SlowDesk(Desk):
    """An exchange that lets a reader of the balances wait."""

    def __init__(self, world_desk: Desk) -> None:
        super().__init__(world_desk.matching, world_desk.time)
        self.answers = asyncio.Event()
        self.answers.set()

    async def balances(self) -> Mapping[str, Any]:
        found = await super().balances()
        await self.answers.wait()
        return found


class SpentDesk(SlowDesk):
    """A reader whose key's budget is spent after one look."""

    looks = 0

    async def balances(self) -> Mapping[str, Any]:
        found = await super().balances()
        self.looks += 1
        self.answers.clear()
        return found


async def test_a_question_during_the_look_that_follows_a_fill_waits_for_that_look() -> None:
    made = trading()
    desk = SlowDesk(made.desk)
    sync = around(made.config, made.clock, desk, made.journal, made.silent).engine.sync
    await sync.recover()
    before = await sync.current()
    desk.answers.clear()
    sync.soon()
    look = asyncio.create_task(sync.refresh())
    question = asyncio.create_task(sync.current())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not question.done()
    desk.answers.set()
    assert await question is await look
    assert await question is not before


async def test_with_the_keys_budget_spent_a_start_guards_its_positions_and_names_what_rests() -> None:
    made = trading()
    await made.desk.place(BUY)
    desk = SpentDesk(made.desk)
    world = around(made.config, made.clock, desk, made.journal, made.silent, made.desk)
    await asyncio.wait_for(world.engine.sync.recover(), 5)
    assert desk.looks == 1, "the second look waits for no budget"
    looking = asyncio.create_task(world.engine.sync.refresh())
    (resting,) = await asyncio.wait_for(world.engine.sync.resting(), 5)
    assert resting.cl_ord_id == BUY.cl_ord_id
    assert not looking.done()
    looking.cancel()


async def test_equity_is_whole_from_the_moment_a_trade_is_booked_though_no_newer_look_may_be_had() -> None:
    made = trading()
    desk = SpentDesk(made.desk)
    world = around(made.config, made.clock, desk, made.journal, made.silent, made.desk)
    engine = world.engine
    await engine.sync.recover()
    await engine.treasury.roll_day(world.clock.market_ms())
    before = engine.treasury.equity
    quote = await engine.entrance.quote("ETH/USD")
    assert quote
    away, qty = Distances(Price(Decimal(60)), Price(Decimal(90))), Qty(Decimal("0.5"))
    plan = await engine.entrance.plan_by_hand("ETH/USD", quote.ask, qty, away, False)
    assert isinstance(plan, EntryPlan)
    await engine.entrance.enter(plan, Origin.CHAT, "c", "manual", "c")
    held = engine.portfolio.positions["ETH/USD"]
    assert engine.treasury.equity == before - held.entry_cost - held.fees + engine.portfolio.exposure
    await engine.flatten.flatten(None, Origin.CHAT, "you")
    assert engine.portfolio.open_count == 0 and desk.looks == 1
    assert engine.treasury.equity == before + engine.portfolio.realised
    assert before - 20 < engine.treasury.equity < before, "only the spread and the fees are gone"


async def test_an_entry_that_was_just_taken_is_listed_though_no_newer_look_may_be_had() -> None:
    made = trading()
    desk = SpentDesk(made.desk)
    world = around(made.config, made.clock, desk, made.journal, made.silent, made.desk)
    engine = world.engine
    await engine.sync.recover()
    await engine.treasury.roll_day(world.clock.market_ms())
    away = Distances(Price(Decimal(60)), Price(Decimal(90)))
    plan = await engine.entrance.plan_by_hand(
        "ETH/USD", Price(Decimal(1900)), Qty(Decimal("0.1")), away, True
    )
    assert isinstance(plan, EntryPlan)
    done = await engine.entrance.enter(plan, Origin.CHAT, "c", "manual", "c")
    engine.sync.soon()
    (resting,) = (await engine.sync.current()).open_orders
    assert isinstance(done, Done) and done.report and resting.txid == done.report.txid
    assert (resting.price, resting.left) == (Decimal(1900), Decimal("0.1"))
