"""A silent exchange and a full disk at each step of an order: nothing doubled, nothing lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal as D

import pytest

from core.engine.executor import Done
from core.model.errors import AuthFailed, Rejected, StoreError, Transient
from core.model.events import EventKind
from core.model.facts import Fact
from core.model.market import ExchangeStatus
from core.model.money import Price, Qty
from core.model.orders import (
    IntentState,
    Leg,
    OrderIntent,
    OrderReport,
    OrderRequest,
    OrderType,
    Origin,
    OwnOrder,
    Side,
)
from tests.scenario.test_engine_trouble import AWAY, LateDesk, buy, look_twice, ready, stops
from tests.support.trading import KeptJournal, Trading

ETH = "ETH/USD"


class Street(LateDesk):
    """An exchange of which single calls fail as long as a test wants."""

    fails: dict[str, Exception] = {}  # by the call's name, or its name and txid
    shy_children = 0  # so many looks show no stops that came with an entry

    def met(self, *names: str) -> None:
        for name in names:
            if name in self.fails:
                raise self.fails[name]

    async def order(self, txid: str) -> OrderReport:
        self.met("order", f"order {txid}")
        return await super().order(txid)

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        self.met("find")
        return await super().find(cl_ord_id, since_ms)

    async def cancel(self, txid: str) -> None:
        self.met("cancel")
        await super().cancel(txid)

    while_raising: Callable[[], None] = staticmethod(lambda: None)

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        self.while_raising()
        self.met("raise_stop")
        await super().raise_stop(txid, price, deadline_ms)

    async def balances(self):
        self.met("balances")
        return await super().balances()

    async def open_orders(self):
        self.met("open_orders")
        listed = await super().open_orders()
        if self.shy_children:
            self.shy_children -= 1
            return [one for one in listed if one.parent_txid is None]
        return listed


class PickyJournal(KeptJournal):
    """A disk that refuses what a test does not like."""

    dislikes: Callable[[Fact], bool] = staticmethod(lambda fact: False)

    async def commit(self, *facts: Fact) -> None:
        if any(self.dislikes(one) for one in facts):
            raise StoreError("disk full")
        await super().commit(*facts)


async def street(**settings: str) -> Trading:
    world = await ready(**settings)
    world.desk.__class__, world.journal.__class__ = Street, PickyJournal
    world.desk.fails = {}
    return world


def refuse(world: Trading, state: IntentState) -> None:
    """The disk takes no intent in this state."""
    world.journal.dislikes = lambda fact: isinstance(fact, OrderIntent) and fact.state is state


def recover_disk(world: Trading) -> None:
    world.journal.dislikes = lambda fact: False


def states(world: Trading) -> list[IntentState]:
    return [one.state for one in world.journal.written if isinstance(one, OrderIntent)]


def protected(world: Trading, qty: str = "0.5") -> bool:
    """The book, the stop on the exchange and the coins there are one quantity."""
    position = world.engine.portfolio.position(ETH)
    held = world.desk.matching.balances()["ETH"].total
    resting = sum((one.qty for one in stops(world)), D(0))
    return position is not None and position.qty == resting == held == D(qty)


async def later(world: Trading) -> None:
    world.clock.advance(60_000)
    await world.engine.sync.refresh()


# A disk that fails.


async def test_an_intent_that_the_disk_refused_is_not_sent_and_told_as_never_placed():
    world = await street()
    refuse(world, IntentState.NEW)
    with pytest.raises(StoreError):
        await buy(world)
    assert not world.desk.sent and not world.engine.executor.left_open()
    recover_disk(world)
    await buy(world, cause="next")
    assert len(world.desk.sent) == 1 and protected(world)
    assert states(world).count(IntentState.NOT_PLACED) == 1


async def test_an_order_that_was_placed_while_the_disk_failed_is_followed_and_written_later():
    world = await street()
    refuse(world, IntentState.PLACED)
    try:
        await buy(world)
    except StoreError:
        pass
    assert len(world.desk.sent) == 1 and len(stops(world)) == 1
    recover_disk(world)
    await look_twice(world)
    assert protected(world) and len(world.desk.sent) == 1
    written = states(world)
    assert written[-1] is IntentState.DONE and IntentState.PLACED in written
    told = [one for one in world.journal.told if one.kind is EventKind.FILL]
    assert len(told) == 1


async def test_a_refusal_that_the_disk_did_not_take_is_written_with_the_next_booking():
    world = await street()
    world.desk.refuse = ["EOrder:Insufficient funds"]
    refuse(world, IntentState.REJECTED)
    with pytest.raises(StoreError):
        await buy(world)
    recover_disk(world)
    assert not world.journal.safety("order_rejected")
    await buy(world, cause="next")
    (event,) = world.journal.safety("order_rejected")
    assert "Insufficient funds" in event.text and protected(world)
    assert states(world).count(IntentState.REJECTED) == 1


# An exchange that gives no answer.


async def test_an_exchange_silent_about_a_lost_order_is_asked_until_it_answers():
    world = await street()
    world.desk.lose_after = 1
    asked = []

    class Later(Street):
        async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
            asked.append(cl_ord_id)
            if len(asked) < 4:
                raise Transient("no answer")
            return await super().find(cl_ord_id, since_ms)

    world.desk.__class__ = Later
    done = await buy(world)
    assert isinstance(done, Done) and done.filled == D("0.5") and len(world.desk.sent) == 1
    assert len(asked) == 4 and protected(world) and not world.engine.latches.all()


async def test_an_order_whose_report_never_comes_is_left_open_and_finished_by_the_next_look():
    world = await street()
    world.desk.fails = {"order": Transient("no answer")}
    with pytest.raises(Transient, match="no report of order"):
        await buy(world)
    assert len(world.engine.executor.left_open()) == 1
    world.desk.fails = {}
    await later(world)
    assert protected(world) and len(world.desk.sent) == 1 and not world.engine.executor.left_open()
    assert world.engine.portfolio.position(ETH).target == D("2060.50")


async def test_an_order_given_up_as_never_placed_that_came_to_be_after_all_is_taken_up_and_guarded():
    world = await street()
    world.desk.lose_before = 1
    done = await buy(world)
    assert done.report is None and states(world)[-1] is IntentState.NOT_PLACED
    late = replace(world.desk.sent[0], deadline_ms=None)  # an exchange that did not keep the deadline
    world.desk.matching.submit(late, world.clock.market_ms())
    await later(world)
    assert protected(world) and len(world.desk.sent) == 1
    assert world.engine.portfolio.position(ETH).target == D("2060.50")
    assert states(world)[-1] is IntentState.DONE


async def test_an_order_the_exchange_knows_nothing_of_is_asked_for_ten_minutes_and_then_closed():
    world = await street()
    plan = await world.engine.entrance.plan_by_hand(ETH, Price(D(1990)), Qty(D("0.5")), AWAY, True)
    done = await world.engine.entrance.enter(plan, Origin.CHAT, "limit", "manual", "limit")
    txid = done.report.txid
    world.desk.matching.cancel(txid, world.clock.market_ms())
    world.desk.fails = {f"order {txid}": Rejected("EOrder:Unknown order")}
    closed = world.desk.closed_orders

    async def without(since_ms: int) -> list[OrderReport]:
        return [one for one in await closed(since_ms) if one.txid != txid]

    world.desk.closed_orders = without
    await later(world)
    assert [one.id for one in world.engine.executor.resting_entries()] == [done.intent.id]
    world.clock.advance(600_000)
    await world.engine.sync.refresh()
    assert not world.engine.executor.resting_entries() and states(world)[-1] is IntentState.DONE


async def test_a_cancel_without_a_report_leaves_the_position_as_it_is_and_sells_nothing():
    world = await street()
    await buy(world)
    (stop,) = stops(world)
    world.desk.fails = {f"order {stop.txid}": Transient("no answer")}
    left = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert left.qty == D("0.5") and "could not be cancelled" in left.reason
    assert world.journal.safety("stop_not_cancelled") and len(world.desk.sent) == 1
    world.desk.fails = {}
    await look_twice(world)
    assert protected(world)


# Stops that came with an entry.


async def test_a_stop_that_cannot_be_raised_to_the_fill_stays_where_it_guards_already():
    world = await street()
    world.desk.fails = {"raise_stop": AuthFailed("locked out")}
    plan = await world.engine.entrance.plan_by_hand(ETH, Price(D("2000.50")), Qty(D("0.5")), AWAY, False)
    world.desk.trade(ETH, "2010", "1")
    await world.engine.entrance.enter(plan, Origin.AUTOPILOT, "c", "rule", "c")
    assert protected(world) and stops(world)[0].price == D("1960.50")
    (event,) = world.journal.safety("stop_not_raised")
    assert event.data == {"txid": stops(world)[0].txid}
    assert world.engine.portfolio.triggers == {stops(world)[0].txid: D("1960.50")}


async def test_a_stop_counts_as_guarding_while_it_is_being_raised():
    world = await street()
    guarded: list[D] = []
    world.desk.while_raising = lambda: guarded.append(world.engine.portfolio.brackets(ETH).stopped_qty)
    plan = await world.engine.entrance.plan_by_hand(ETH, Price(D("2000.50")), Qty(D("0.5")), AWAY, False)
    world.desk.trade(ETH, "2010", "1")
    await world.engine.entrance.enter(plan, Origin.AUTOPILOT, "c", "rule", "c")
    assert guarded == [D("0.5")] and stops(world)[0].price == D("1970.50")


@pytest.mark.parametrize("looks", [3, 9])
async def test_stops_that_are_shown_late_are_waited_for_and_not_placed_a_second_time(looks: int):
    world = await street()
    world.desk.shy_children = looks
    await buy(world)
    assert len(stops(world)) == 1
    await look_twice(world)
    assert protected(world) and len(world.desk.sent) == 1
    assert not [one for one in world.journal.told if one.kind is EventKind.STOP_MISSING]


async def test_stops_that_nobody_sees_for_long_are_taken_as_missing_and_placed():
    world = await street()
    world.desk.shy_children = 10_000
    await buy(world)
    child = stops(world)[0].txid
    world.desk.matching.cancel(child, world.clock.market_ms())
    closed = world.desk.closed_orders

    async def without(since_ms: int) -> list[OrderReport]:
        return [one for one in await closed(since_ms) if one.txid != child]

    world.desk.closed_orders = without
    for _ in range(4):
        world.clock.advance(20_000)
        await world.engine.sync.refresh()
    assert protected(world)
    assert [one.type for one in world.desk.sent] == [OrderType.MARKET, OrderType.STOP_LOSS]


async def test_a_stop_that_fired_at_once_with_its_entry_is_booked_and_nothing_is_sold_twice():
    world = await street()

    class Falling(Street):
        async def place(self, request: OrderRequest) -> str:
            txid = await super().place(request)
            if request.side is Side.BUY:
                self.trade(ETH, "1900")
            return txid

    world.desk.__class__ = Falling
    await buy(world)
    assert not world.engine.executor.unsure(ETH)  # its stop is known, although it is over
    await look_twice(world)
    assert not world.engine.portfolio.positions and not stops(world)
    assert len(world.engine.portfolio.round_trips) == 1 and len(world.desk.sent) == 1
    assert world.desk.matching.balances()["ETH"].total == 0


# Positions looked after while something fails.


async def test_a_position_that_could_not_be_checked_is_told_and_checked_by_the_next_look():
    world = await street()
    await buy(world)
    (stop,) = stops(world)
    world.desk.matching.cancel(stop.txid, world.clock.market_ms())
    world.desk.fails = {f"order {stop.txid}": Transient("no answer")}
    closed = world.desk.closed_orders

    async def none(since_ms: int) -> list[OrderReport]:
        return []

    world.desk.closed_orders = none
    await later(world)
    assert world.journal.safety("not_checked")
    world.desk.fails, world.desk.closed_orders = {}, closed
    await later(world)
    assert protected(world)


async def test_a_stop_the_exchange_knows_nothing_of_any_more_is_replaced_once():
    world = await street()
    await buy(world)
    (stop,) = stops(world)
    world.desk.matching.cancel(stop.txid, world.clock.market_ms())
    world.desk.fails = {f"order {stop.txid}": Rejected("EOrder:Unknown order")}
    await world.engine.protection.after_stop(ETH)
    assert protected(world)
    await look_twice(world)
    assert protected(world) and [one.type for one in world.desk.sent] == [
        OrderType.MARKET, OrderType.STOP_LOSS,
    ]  # fmt: skip


async def test_a_price_through_the_stop_books_what_it_sold_or_is_looked_at_again_when_nobody_answers():
    world = await street()
    await buy(world)
    world.desk.fails = {"order": Transient("no answer")}
    world.desk.trade(ETH, "1900")
    await world.engine.protection.after_stop(ETH)
    assert world.journal.safety("not_checked") and len(world.desk.sent) == 1
    world.desk.fails = {}
    await world.engine.protection.after_stop(ETH)
    assert not world.engine.portfolio.positions and len(world.engine.portfolio.round_trips) == 1


async def test_a_bare_position_at_a_closed_exchange_is_told_once_and_covered_when_it_opens():
    world = await street()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    world.desk.online = ExchangeStatus.MAINTENANCE
    await world.engine.watchdog.look()
    await look_twice(world)
    told = [one for one in world.journal.told if one.kind is EventKind.STOP_MISSING]
    assert len(told) == 1 and told[0].text.startswith("ETH/USD has no stop on the exchange: ")
    world.desk.online = ExchangeStatus.ONLINE
    await world.engine.watchdog.look()
    await later(world)
    assert protected(world)
    assert len([one for one in world.journal.told if one.kind is EventKind.STOP_RESTORED]) == 1


async def test_a_sale_without_an_answer_is_not_followed_by_another_before_it_is_known():
    world = await street()
    await buy(world)
    world.desk.fails = {"find": AuthFailed("locked out")}
    world.desk.lose_after = 1
    left = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert "did not answer" in left.reason and world.journal.safety("not_covered")
    again = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert "no answer yet" in again.reason
    assert [one.side for one in world.desk.sent] == [Side.BUY, Side.SELL] and not stops(world)
    world.desk.fails = {}
    await look_twice(world)
    assert not world.engine.portfolio.positions and world.desk.matching.balances()["ETH"].total == 0
    assert len(world.desk.sent) == 2


async def test_coins_that_are_not_in_the_account_are_looked_at_before_they_are_offered_again():
    world = await street()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    world.desk.matching.withdraw("ETH", D("0.3"), world.clock.market_ms())
    first = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    sent = len(world.desk.sent)
    second = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert first.qty and "its coins are not in the account" in second.reason
    assert len(world.desk.sent) == sent


@pytest.mark.parametrize("back", [True, False])
async def test_coins_that_a_refusal_found_missing_get_no_stop_until_they_are_there_again(back: bool):
    world = await street()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    world.desk.matching.withdraw("ETH", D("0.3"), world.clock.market_ms())
    await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert world.engine.portfolio.position(ETH).qty == D("0.3") and not stops(world)
    assert not [one for one in world.journal.told if one.kind is EventKind.STOP_MISSING]
    if back:
        world.desk.matching.deposit("ETH", D("0.3"), world.clock.market_ms())
    for _ in range(3):
        await later(world)
    if back:
        assert protected(world, "0.3")
    else:
        assert not world.engine.portfolio.positions and not stops(world)


async def test_nothing_is_left_or_aimed_at_where_nothing_is_held():
    world = await street()
    assert not await world.engine.protection.aim(ETH, Price(D(2500)))
    left = await world.engine.protection.leave(ETH, Leg.EXIT, Origin.AUTOPILOT)
    assert (left.qty, left.reason) == (0, "") and not world.desk.sent


async def test_a_stop_beyond_what_is_held_is_taken_back_once_two_looks_agree():
    world = await street()
    await buy(world)
    world.desk.matching.deposit("ETH", D(1), world.clock.market_ms())
    entry = world.desk.sent[0]
    txid = world.desk.matching.submit(
        OrderRequest("", ETH, Side.SELL, OrderType.STOP_LOSS, Qty(D("0.2")), Price(D(1900))),
        world.clock.market_ms(),
    ).txid
    world.engine.portfolio.own(
        OwnOrder(txid, ETH, Side.SELL, Leg.STOP, Origin.AUTOPILOT, "test", "rule", entry.cl_ord_id)
    )
    await later(world)
    assert len(stops(world)) == 2
    world.clock.advance(10_000)
    await world.engine.sync.refresh()
    await later(world)
    assert sum(one.qty for one in stops(world)) == D("0.5") and world.journal.safety("stop_trimmed")


async def test_orders_that_guard_something_held_are_not_swept_away():
    world = await street()
    await buy(world)
    txids = [one.txid for one in stops(world)]
    assert await world.engine.protection.sweep(ETH, txids)
    assert [one.txid for one in stops(world)] == txids
