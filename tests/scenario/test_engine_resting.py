"""Entries that rest at the bid while things go wrong: refusals, silence, half a fill, a word of the owner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal as D

import pytest

from core.engine.maker_first import Measured
from core.engine.registry import Proposal
from core.matching.depth import Depth, Level
from core.model.decisions import Verdict
from core.model.errors import Transient
from core.model.market import Quote
from core.model.money import Price, Qty
from core.model.orders import OrderReport, OrderType
from tests.scenario.test_engine_autopilot import (
    JIMMY,
    START_MS,
    ask,
    crossing_up,
    manual_desk,
    verdicts,
    world_with,
)
from tests.scenario.test_engine_edge import Beside, entries, reason, resting
from tests.support.trading import Desk, Trading


class Mute(Desk):
    """An exchange that gives no prices, or no reports of orders."""

    quotes_left = 1_000  # answers with prices before it falls silent
    no_reports = False

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        if not self.quotes_left:
            raise Transient("no answer")
        self.quotes_left -= 1
        return await super().quotes(symbols)

    async def order(self, txid: str) -> OrderReport:
        if self.no_reports:
            raise Transient("no answer")
        return await super().order(txid)


def mute(world: Trading, **odd: int) -> None:
    world.desk.__class__ = Mute
    vars(world.desk).update(odd)


def waiting(world: Trading) -> list[OrderReport]:
    return [one for one in world.desk.matching.open_orders() if one.type is OrderType.LIMIT]


def fill_a_part(world: Trading, qty: str) -> None:
    """The market comes to the bid with less than was wanted."""
    price = entries(world)[-1].price
    assert price is not None
    ask = Price(price - D("0.5"))
    levels = (Level(Price(ask - 1), Qty(D(qty))),), (Level(ask, Qty(D(qty))),)
    quote = Quote("ETH/USD", Price(ask - 1), ask, ask, world.clock.market_ms())
    world.desk.matching.on_quote(quote, Depth(*levels))


async def test_what_resting_entries_came_to_is_told_in_numbers_and_outlives_a_restart():
    world, beside = await resting()
    makers = world.engine.makers
    assert "no resting entry was tried yet" in makers.measured.text()
    await beside.pass_(5_000, "2038")
    await beside.pass_(5_000)
    await beside.pass_(60_000, "2036")
    text = makers.measured.text()
    assert text.startswith("1 of 1 resting entries filled (100 %); a minute later the price stood -17.")
    makers.measured = Measured()
    await makers.load()
    assert makers.measured.text() == text


async def test_a_bid_that_moved_into_the_ask_is_offered_again_and_another_refusal_ends_it():
    world = await world_with(crossing_up(), execution__entry="maker_first")
    beside = Beside(world)
    world.desk.refuse = ["EOrder:Post only order", "EOrder:Insufficient funds"]
    await world.engine.autopilot.step(START_MS)
    await beside.pass_(0)
    assert len(entries(world)) == 1 and not beside.tasks[0].done()
    await beside.pass_(5_000, "2041")
    first, second = entries(world)
    assert (first.price, second.price) == (D("2039.50"), D("2040.50")) and first.cl_ord_id != second.cl_ord_id
    await beside.pass_(60_000)
    assert len(entries(world)) == 2 and beside.tasks[0].done()
    assert verdicts(world)[-1] is Verdict.FAILED and "Insufficient funds" in reason(world)


@pytest.mark.parametrize(("part", "verdict"), [("", Verdict.REFUSED), ("0.05", Verdict.ENTERED)])
async def test_a_market_that_runs_away_ends_the_entry_with_that_reason_and_keeps_what_was_bought(
    part: str, verdict: Verdict
):
    world, beside = await resting()
    if part:
        fill_a_part(world, part)
        await beside.pass_(5_000)
    await beside.pass_(5_000, "2200")
    await beside.pass_(60_000)
    assert beside.tasks[0].done() and not waiting(world) and len(entries(world)) == 1
    assert verdicts(world)[-1] is verdict
    position, measured = world.engine.portfolio.position("ETH/USD"), world.engine.makers.measured
    if part:
        assert position and position.qty == position.stopped_qty == D(part)
        assert (measured.offered, measured.filled, measured.partly) == (1, 0, 1)
    else:
        assert position is None and "the price moved" in reason(world)
        assert measured.text() == "0 of 1 resting entries filled (0 %)"


async def test_the_rest_of_a_half_filled_entry_follows_the_bid_and_never_exceeds_the_plan():
    world, beside = await resting()
    planned = entries(world)[0].qty
    fill_a_part(world, "0.05")
    await beside.pass_(5_000)
    await beside.pass_(5_000, "2042")
    assert entries(world)[-1].qty == planned - D("0.05") and len(entries(world)) == 2
    await beside.pass_(5_000, "2040")
    await beside.pass_(60_000)
    position = world.engine.portfolio.position("ETH/USD")
    assert position and position.qty == position.stopped_qty == planned
    assert world.engine.makers.measured.filled == 1


async def test_without_a_price_nothing_is_offered_and_what_was_bought_before_counts_as_entered():
    world = await world_with(crossing_up(), execution__entry="maker_first")
    beside = Beside(world)
    await world.engine.autopilot.step(START_MS)
    mute(world, quotes_left=0)
    await beside.pass_(0)
    assert beside.tasks[0].done() and not entries(world)
    assert verdicts(world)[-1] is Verdict.REFUSED and "gave no price for ETH/USD" in reason(world)
    world, beside = await resting()
    fill_a_part(world, "0.05")
    await beside.pass_(5_000)
    world.desk.matching.cancel(waiting(world)[0].txid, world.clock.market_ms())  # by hand, on the exchange
    mute(world, quotes_left=1)
    await beside.pass_(5_000)
    await beside.pass_(60_000)
    assert beside.tasks[0].done() and len(entries(world)) == 1
    position = world.engine.portfolio.position("ETH/USD")
    assert position and position.qty == position.stopped_qty == D("0.05")
    assert verdicts(world)[-1] is Verdict.ENTERED and world.engine.makers.measured.partly == 1


async def test_while_the_exchange_says_nothing_a_resting_entry_stays_and_then_expires_by_itself():
    world, beside = await resting(execution__maker_patience_s="30")
    mute(world, no_reports=True)
    for _ in range(7):
        await beside.pass_(5_000)
    assert beside.tasks[0].done() and len(waiting(world)) == len(entries(world)) == 1
    assert "did not come to my resting bid within 30 s" in reason(world)
    mute(world, no_reports=False)
    await beside.pass_(10_000, "2041")
    await world.engine.sync.refresh()
    assert not waiting(world) and not world.engine.executor.resting_entries()


async def test_a_fill_whose_aftermath_nobody_saw_counts_as_filled_and_not_as_a_drift():
    world, beside = await resting()
    await beside.pass_(5_000, "2038")
    await beside.pass_(5_000)
    mute(world, quotes_left=0)
    await beside.pass_(60_000)
    assert beside.tasks[0].done()
    assert world.engine.makers.measured.text() == "1 of 1 resting entries filled (100 %)"


async def test_an_entry_that_follows_the_bid_ends_when_the_owner_forbids_its_coin_meanwhile():
    world, beside = await resting()
    desk = manual_desk(world)
    wished = await ask(desk, "mandate", never_buy="ETH")
    assert isinstance(wished, Proposal)
    await desk.confirmations.confirm(wished.token, JIMMY)
    await beside.pass_(5_000, "2041")
    await beside.pass_(60_000)
    assert beside.tasks[0].done() and len(entries(world)) == 1 and not waiting(world)
    assert verdicts(world)[-1] is Verdict.REFUSED and "never to buy ETH" in reason(world)


async def test_an_entry_without_a_price_or_an_answer_fails_with_that_reason_and_is_not_repeated():
    world = await world_with(crossing_up())
    mute(world, quotes_left=0)
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert verdicts(world) == [Verdict.FAILED] and reason(world) == "no answer" and not entries(world)
    world = await world_with(crossing_up())
    mute(world, no_reports=True)
    await world.engine.autopilot.step(START_MS)
    assert verdicts(world) == [Verdict.FAILED] and "no report of order" in reason(world)
    mute(world, no_reports=False)
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    position = world.engine.portfolio.position("ETH/USD")
    assert position and position.qty == position.stopped_qty and len(entries(world)) == 1


async def test_a_resting_entry_whose_order_is_never_told_of_fails_and_is_guarded_once_it_fills():
    world = await world_with(crossing_up(), execution__entry="maker_first")
    beside = Beside(world)
    mute(world, no_reports=True)
    await world.engine.autopilot.step(START_MS)
    await beside.pass_(0)
    assert beside.tasks[0].done() and verdicts(world) == [Verdict.FAILED]
    assert len(entries(world)) == len(waiting(world)) == 1
    mute(world, no_reports=False)
    world.desk.trade("ETH/USD", "2038", "1")
    await world.engine.sync.refresh()
    position = world.engine.portfolio.position("ETH/USD")
    assert position and position.qty == position.stopped_qty == entries(world)[0].qty
