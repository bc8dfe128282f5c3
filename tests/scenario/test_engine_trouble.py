"""What goes wrong between two steps: late books, failing disks, hands, crashes. Each once cost coins."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from core.engine.latches import BROKEN, KILL_SWITCH, PAUSED, unknown_order
from core.engine.supervisor import Supervisor
from core.model.decisions import Denied
from core.model.errors import AuthFailed, InvariantBroken, StoreError, Transient
from core.model.events import Announcement, EventKind
from core.model.facts import DayBaseline, Latch
from core.model.market import ExchangeStatus, Quote
from core.model.money import Price, Qty
from core.model.orders import (
    Fill,
    IntentState,
    Leg,
    OrderIntent,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Origin,
    Side,
)
from core.risk.brackets import Distances
from tests.support.trading import START_MS, Desk, KeptJournal, Trading, around, trading

AWAY = Distances(Decimal(40), Decimal(60))
DAY = 86_400_000


class LateDesk(Desk):
    """An exchange whose books lag behind, or that fails at a place."""

    hide_fills = False
    still_listed: tuple[OrderReport, ...] = ()  # as open, although they are over
    hide_open = 0  # so many looks at the open orders show nothing
    fail: dict[str, Exception] = {}  # by method; raised once

    def trip(self, name: str) -> None:
        if name in self.fail:
            raise self.fail.pop(name)

    async def fills(self, since_ms: int):
        self.trip("fills")
        return [] if self.hide_fills else await super().fills(since_ms)

    async def open_orders(self):
        self.trip("open_orders")
        if self.hide_open:
            self.hide_open -= 1
            return []
        return [*self.still_listed, *await super().open_orders()]

    async def balances(self):
        self.trip("balances")
        return await super().balances()

    async def order(self, txid: str):
        self.trip("order")
        return await super().order(txid)


class FailingJournal(KeptJournal):
    """A disk that refuses commits for a while, and remembers what was written together."""

    def __init__(self) -> None:
        super().__init__()
        self.refuse = 0
        self.together: list[tuple[object, ...]] = []

    async def commit(self, *facts) -> None:
        if self.refuse:
            self.refuse -= 1
            raise StoreError("disk full")
        await asyncio.sleep(0)
        self.together.append(facts)
        await super().commit(*facts)


async def ready(**settings: str) -> Trading:
    world = trading(**settings)
    world.journal.__class__ = FailingJournal
    world.journal.refuse, world.journal.together = 0, []
    world.desk.__class__ = LateDesk
    world.desk.fail = {}
    await world.engine.sync.recover()
    await world.engine.treasury.roll_day(world.clock.market_ms())
    return world


async def buy(world: Trading, symbol: str = "ETH/USD", qty: str = "0.5", cause: str = "test", away=AWAY):
    quote = await world.engine.entrance.quote(symbol)
    plan = await world.engine.entrance.plan_by_hand(symbol, quote.ask, Qty(Decimal(qty)), away, False)
    return await world.engine.entrance.enter(plan, Origin.AUTOPILOT, cause, "rule", cause)


def stops(world: Trading):
    return [one for one in world.desk.matching.open_orders() if one.type is OrderType.STOP_LOSS]


def by_hand(world: Trading, side: Side, qty: str) -> None:
    request = OrderRequest("", "ETH/USD", side, OrderType.MARKET, Qty(Decimal(qty)))
    world.desk.matching.submit(request, world.clock.market_ms())


async def look_twice(world: Trading) -> None:
    for _ in range(2):
        world.clock.advance(60_000)
        await world.engine.sync.refresh()


async def let_run(world: Trading, rounds: int = 300) -> None:
    for _ in range(rounds):
        await world.clock.sleep(0.1)


async def restarted(world: Trading) -> Trading:
    again = world.restarted()
    await again.engine.latches.load()
    state = again.engine.mirror.load() or {}
    await again.engine.sync.recover()
    again.engine.mirror.restore_targets(state)
    await again.engine.treasury.roll_day(again.clock.market_ms())
    return again


# Books that show things late.


async def test_a_stop_that_fired_while_its_fill_is_not_shown_yet_is_not_sold_again():
    world = await ready()
    world.desk.matching.deposit("ETH", Decimal(3), START_MS)
    await buy(world)
    world.desk.trade("ETH/USD", "1900")
    world.desk.hide_fills = True
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert not left.qty
    assert world.desk.matching.balances()["ETH"].total == 3
    world.desk.hide_fills = False
    await world.engine.sync.refresh()
    assert world.engine.portfolio.round_trips[-1].reason == "stop"


async def test_what_was_sold_gets_no_stop_while_the_sale_is_not_shown_yet():
    world = await ready()
    world.desk.matching.deposit("ETH", Decimal(3), START_MS)
    await buy(world)
    world.desk.hide_fills = True
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    await look_twice(world)
    assert not left.qty and not stops(world)


async def test_a_stop_that_sold_and_is_still_listed_as_open_is_not_replaced():
    world = await ready()
    world.desk.matching.deposit("ETH", Decimal(3), START_MS)
    await buy(world)
    (stop,) = stops(world)
    world.desk.trade("ETH/USD", "1900")
    world.desk.hide_fills = True
    fired = await world.desk.order(stop.txid)
    world.desk.still_listed = (replace(fired, status=OrderStatus.OPEN),)
    await world.engine.protection.cover_all()
    assert not stops(world) and world.desk.matching.balances()["ETH"].total == 3


async def test_a_stop_that_is_not_listed_yet_is_not_placed_twice():
    world = await ready()
    world.desk.matching.deposit("ETH", Decimal(3), START_MS)
    await buy(world)
    world.clock.advance(60_000)
    world.desk.hide_open = 2
    await world.engine.sync.refresh()
    assert [one.qty for one in stops(world)] == [Decimal("0.5")]


async def test_a_bought_position_whose_fills_are_late_keeps_its_stop():
    world = await ready()
    world.desk.hide_fills = True
    await buy(world)
    for _ in range(3):
        await look_twice(world)
    assert [one.qty for one in stops(world)] == [Decimal("0.5")]


async def test_a_sale_that_is_listed_hours_late_is_booked_all_the_same():
    world = await ready()
    await buy(world)
    world.desk.hide_fills = True
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    for _ in range(4):
        world.clock.advance(3_600_000)
        await world.engine.sync.refresh()
    world.desk.hide_fills = False
    await world.engine.sync.refresh()
    assert not world.engine.portfolio.positions
    assert world.engine.portfolio.round_trips[-1].reason == "signal"


async def test_a_look_that_began_before_a_sale_does_not_take_its_old_stops_for_resting():
    world = await ready()
    await buy(world)
    entered, go_on = asyncio.Event(), asyncio.Event()

    class Slow(LateDesk):
        async def open_orders(self):
            shown = await super().open_orders()
            if not entered.is_set():
                entered.set()
                await go_on.wait()
            return shown

    world.desk.__class__ = Slow
    sync = asyncio.create_task(world.engine.protection.cover_all())
    await entered.wait()
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(Decimal("0.2")))
    go_on.set()
    await sync
    assert [one.qty for one in stops(world)] == [Decimal("0.3")]
    assert world.engine.portfolio.position("ETH/USD").stop_txids == tuple(one.txid for one in stops(world))


# An exchange that stops answering half way.


async def test_an_entry_whose_report_did_not_come_gets_its_target_from_the_next_look():
    world = await ready()
    world.desk.fail = {"open_orders": Transient("no answer")}
    try:
        await buy(world)
    except Transient:
        pass
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    position = world.engine.portfolio.position("ETH/USD")
    assert (position.stop, position.target) == (Decimal("1960.50"), Decimal("2060.50"))
    states = [f.state for f in world.journal.written if isinstance(f, OrderIntent)]
    assert states[-1] is IntentState.DONE


async def test_an_order_that_nobody_could_look_for_is_found_by_the_next_look():
    world = await ready()
    world.desk.lose_after = 1

    class Locked(LateDesk):
        async def find(self, cl_ord_id: str, since_ms: int):
            raise AuthFailed("locked out")

    world.desk.__class__ = Locked
    try:
        done = await buy(world)
    except AuthFailed:
        done = None
    assert done is None and world.engine.latches.unknown_orders()
    world.desk.__class__ = LateDesk
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    assert not world.engine.latches.all()
    assert world.engine.portfolio.position("ETH/USD").target == Decimal("2060.50")


async def test_when_the_second_stop_cannot_be_cancelled_the_first_is_put_back():
    world = await ready()
    await buy(world, qty="0.3", cause="a")
    await buy(world, qty="0.2", cause="b")
    second = stops(world)[1].txid

    class Deaf(LateDesk):
        async def cancel(self, txid: str) -> None:
            if txid == second:
                raise AuthFailed("locked out")
            await super().cancel(txid)

    world.desk.__class__ = Deaf
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert left.qty == Decimal("0.5")
    assert sum(one.qty for one in stops(world)) == Decimal("0.5")


async def test_while_the_exchange_takes_only_cancellations_a_stop_is_not_given_up_for_a_sale():
    world = await ready()
    await buy(world)
    world.desk.online = ExchangeStatus.CANCEL_ONLY
    await world.engine.watchdog.look()
    before = stops(world)[0].txid
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert "cancel only" in left.reason and [one.txid for one in stops(world)] == [before]


@pytest.mark.parametrize("refused", [1, 3])
async def test_an_order_whose_nonce_was_refused_is_sent_again_at_once_and_placed_once(refused: int):
    world = await ready()
    world.desk.refuse_nonces = refused
    before = world.clock.monotonic()
    assert (await buy(world)).filled
    entries = [one for one in world.desk.sent if one.side is Side.BUY]
    assert entries == [entries[0]] * (refused + 1), "the same intent under the same id"
    assert world.clock.monotonic() - before < 1
    assert len(world.journal._intents) == 1 and stops(world)


async def test_an_order_whose_nonce_is_refused_four_times_was_not_placed():
    world = await ready()
    world.desk.refuse_nonces = 9
    done = await buy(world)
    assert done.report is None and "nonce" in done.reason and len(world.desk.sent) == 4
    assert not world.engine.latches.all() and not world.engine.portfolio.positions


async def test_an_entry_does_not_go_again_when_something_stopped_entries_meanwhile():
    world = await ready()
    world.desk.refuse_nonces = 1

    async def tripped() -> None:
        await world.engine.latches.set(KILL_SWITCH, "the day's loss")

    world.desk.meanwhile = tripped
    done = await buy(world)
    assert "not sent" in done.reason and len(world.desk.sent) == 1


async def test_a_stop_whose_nonce_was_refused_stands_at_once_even_under_the_kill_switch():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    await world.engine.latches.set(KILL_SWITCH, "the day's loss")
    world.desk.refuse_nonces = 2
    world.clock.advance(5_000)
    await world.engine.sync.refresh()
    assert [one.qty for one in stops(world)] == [Decimal("0.5")]


async def test_a_stop_that_is_refused_again_and_again_ends_in_a_sale():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    world.desk.refuse = ["EOrder:Scheduled orders limit exceeded"] * 3
    for _ in range(3):
        world.clock.advance(5_000)
        await world.engine.sync.refresh()
    assert not world.engine.portfolio.positions and not stops(world)
    told = [one.kind for one in world.journal.told]
    assert told.count(EventKind.STOP_MISSING) == 1


async def test_a_cancelled_entry_that_had_bought_a_part_gets_its_target_and_its_end():
    world = await ready()
    plan = await world.engine.entrance.plan_by_hand(
        "ETH/USD", Price(Decimal(1990)), Qty(Decimal("0.5")), AWAY, True
    )
    done = await world.engine.entrance.enter(plan, Origin.CHAT, "limit", "manual", "limit")
    order = world.desk.matching.register.orders[done.report.txid]
    world.desk.matching.on_quote(
        Quote("ETH/USD", Price(Decimal(1989)), Price(Decimal(1990)), Price(Decimal(1990)), START_MS + 1000),
        _thin(Decimal("0.2")),
    )
    assert order.filled == Decimal("0.2")
    await world.engine.protection.cancel_entry("ETH/USD", order.txid)
    position = world.engine.portfolio.position("ETH/USD")
    assert (position.qty, position.stopped_qty) == (Decimal("0.2"), Decimal("0.2"))
    assert position.target == Decimal(2050)
    assert not world.engine.executor.resting_entries()


def _thin(qty: Decimal):
    from core.matching.depth import Depth, Level

    return Depth((Level(Price(Decimal(1989)), Qty(qty)),), (Level(Price(Decimal(1990)), Qty(qty)),))


# Hands.


async def test_of_a_sale_by_hand_only_the_coins_that_lack_count_as_zyns():
    world = await ready()
    world.desk.matching.deposit("ETH", Decimal(1), START_MS)
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    by_hand(world, Side.SELL, "1.2")  # the owner's one coin, and 0.2 of Zyn's
    await look_twice(world)
    position = world.engine.portfolio.position("ETH/USD")
    assert position.qty == Decimal("0.3")
    entry = Decimal("2000.50") * (1 + Decimal("0.0026"))
    gain = Decimal("0.2") * (Decimal("1999.50") * (1 - Decimal("0.0026")) - entry)
    assert abs(world.engine.portfolio.realised - gain) < Decimal("1e-9")


async def test_coins_sold_by_hand_stay_sold_after_a_restart():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    by_hand(world, Side.SELL, "0.5")
    await look_twice(world)
    by_hand(world, Side.BUY, "0.5")  # for the owner's own account
    again = await restarted(world)
    assert not again.engine.portfolio.positions and not stops(again)
    assert again.engine.portfolio.realised == world.engine.portfolio.realised


async def test_a_balance_that_is_late_twice_in_a_moment_ends_no_position():
    world = await ready()
    await buy(world)
    await world.engine.sync.refresh()
    by_hand(world, Side.BUY, "0.1")
    world.clock.advance(1000)
    by_hand(world, Side.SELL, "0.1")

    class Behind(LateDesk):
        async def balances(self):
            return {"USD": (await super().balances())["USD"]}

    world.desk.__class__ = Behind
    for _ in range(2):
        world.clock.advance(100)
        await world.engine.sync.refresh()
    world.desk.__class__ = LateDesk
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    assert world.engine.portfolio.position("ETH/USD").qty == Decimal("0.5")


async def test_coins_that_left_without_a_sale_leave_the_book_at_their_cost():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    world.desk.matching.withdraw("ETH", Decimal("0.5"), world.clock.market_ms())
    for _ in range(3):
        await look_twice(world)
    assert not world.engine.portfolio.positions and not stops(world)
    fee = world.desk.matching.fills()[0].fee
    assert world.engine.portfolio.realised == -fee


async def test_the_owners_target_outlives_a_restart_and_not_its_position():
    world = await ready()
    await buy(world)
    await world.engine.protection.aim("ETH/USD", Price(Decimal(2500)))
    again = await restarted(world)
    assert again.engine.portfolio.position("ETH/USD").target == Decimal(2500)
    again.clock.advance(1000)
    await again.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT)
    again.clock.advance(1000)
    await buy(again, cause="next", away=Distances(Decimal(40), Decimal(0)))
    assert again.engine.portfolio.position("ETH/USD").target is None
    once_more = again.restarted()
    await once_more.engine.sync.recover()
    once_more.engine.mirror.restore_targets(
        {"positions": [{"symbol": "ETH/USD", "cause": "test", "target": "1"}]}
    )
    assert once_more.engine.portfolio.position("ETH/USD").target is None


async def test_with_the_database_lost_the_days_loss_and_the_targets_are_what_they_were():
    world = await ready()
    await buy(world, qty="1")
    world.clock.advance(1000)
    world.desk.trade("ETH/USD", "1990", "1")
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT)
    world.clock.advance(1000)
    await buy(world, cause="next")
    await world.engine.protection.aim("ETH/USD", Price(Decimal(2500)))
    world.engine.mirror.save()
    before = (world.engine.treasury.day_pnl, world.engine.treasury.loss_budget_left)
    assert before[0] < -10
    again = around(world.config, world.clock, world.desk, KeptJournal(), world.silent)
    state = again.engine.mirror.load()
    again.engine.treasury.restore_day(state["day"])
    await again.engine.sync.recover()
    again.engine.mirror.save()  # killed again before all is restored, it must still be there
    state = again.engine.mirror.load()
    again.engine.mirror.restore_targets(state)
    again.engine.portfolio.mark("ETH/USD", world.engine.portfolio.mark_of("ETH/USD"))
    await again.engine.treasury.roll_day(again.clock.market_ms())
    assert (again.engine.treasury.day_pnl, again.engine.treasury.loss_budget_left) == before
    assert again.engine.portfolio.position("ETH/USD").target == Decimal(2500)


# A disk that fails.


async def test_a_failing_disk_fails_before_the_stop_is_gone():
    world = await ready()
    await buy(world)
    world.journal.refuse = 100
    try:
        await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    except StoreError:
        pass
    assert [one.qty for one in stops(world)] == [Decimal("0.5")]


async def test_a_fill_that_the_disk_refused_is_written_and_told_by_the_next_look():
    world = await ready()
    await buy(world)
    world.desk.trade("ETH/USD", "1900")
    world.clock.advance(60_000)
    world.journal.refuse = 1
    try:
        await world.engine.sync.refresh()
    except StoreError:
        pass
    await world.engine.sync.refresh()
    sold = [one for one in world.journal.written if isinstance(one, Fill) and one.side is Side.SELL]
    closed = [one for one in world.journal.told if one.kind is EventKind.POSITION_CLOSED]
    assert len(sold) == len(closed) == 1


async def losing(**settings: str) -> Trading:
    wide = {"risk__max_trade_risk": "1", "risk__max_gap_loss": "1"}
    world = await ready(risk__daily_loss_limit="0.005", **wide, **settings)
    await buy(world, qty="1.2", away=Distances(Decimal(900), Decimal(900)))
    world.desk.trade("ETH/USD", "1900")
    return world


async def test_the_kill_switch_and_its_news_are_written_together():
    world = await losing()
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    (batch,) = [one for one in world.journal.together if any(isinstance(f, Latch) for f in one)]
    assert any(isinstance(f, Announcement) and f.kind is EventKind.KILL_SWITCH for f in batch)


async def test_a_kill_switch_that_the_disk_refused_holds_and_is_written_when_the_disk_is_back():
    world = await losing(risk__kill_action="keep_brackets")
    world.journal.refuse = 1
    try:
        await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    except StoreError:
        pass
    assert KILL_SWITCH in world.engine.latches and not await world.journal.latches()
    world.desk.trade("ETH/USD", "2000")
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    again = await restarted(world)
    assert KILL_SWITCH in again.engine.latches
    assert [one.kind for one in world.journal.told].count(EventKind.KILL_SWITCH) == 1


async def test_the_baseline_of_a_day_that_could_not_be_written_is_written_later():
    world = await ready()
    world.clock.advance(DAY)
    world.journal.refuse = 1
    try:
        await world.engine.treasury.roll_day(world.clock.market_ms())
    except StoreError:
        pass
    assert await world.engine.treasury.roll_day(world.clock.market_ms())


# Crashes.


async def test_a_flatten_under_the_kill_switch_goes_on_after_a_restart():
    world = await losing()
    await world.journal.commit(Latch(KILL_SWITCH, "today's result", START_MS))
    again = await restarted(world)
    await again.engine.watch.look(await again.desk.quotes(["ETH/USD"]))
    await let_run(again)
    assert not again.engine.portfolio.positions and not stops(again)


async def test_a_flatten_that_was_asked_for_goes_on_after_a_restart_and_nothing_is_bought_meanwhile():
    world = await ready()
    await buy(world)
    quiet = replace_spawn(world)
    world.desk.refuse = ["EService:Unavailable"]
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    assert not result.flat and quiet == ["flatten"]
    again = await restarted(world)
    assert "being sold" in again.engine.latches.blocking()
    again.engine.flatten.take_up()
    await let_run(again)
    assert not again.engine.portfolio.positions and not again.engine.latches.all()


def replace_spawn(world: Trading) -> list[str]:
    """The process dies before anything in the background begins."""
    begun: list[str] = []

    def spawn(name, work) -> None:
        work.close()
        begun.append(name)

    world.engine.flatten._spawn = spawn
    return begun


async def test_a_latch_whose_order_was_settled_before_the_crash_is_lifted_at_the_start():
    world = await ready()
    done = await buy(world)
    await world.journal.commit(Latch(unknown_order(done.intent.id), "looking for it", START_MS))
    again = await restarted(world)
    assert not again.engine.latches.all() and not await world.journal.latches()


async def test_two_hands_lift_a_latch_once():
    world = await ready()
    await world.engine.latches.set(PAUSED, "paused")
    lifted = await asyncio.gather(*(world.engine.latches.lift(PAUSED, "jimmy") for _ in range(3)))
    assert sorted(lifted) == [False, False, True]


# The day, the limits and the round.


async def test_yesterdays_loss_does_not_trip_the_switch_again_just_after_midnight():
    world = await losing(risk__kill_action="keep_brackets")
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    assert KILL_SWITCH in world.engine.latches
    midnight = (START_MS // DAY + 1) * DAY
    world.clock.advance_to(midnight + 500)
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    assert KILL_SWITCH not in world.engine.latches
    assert world.engine.treasury.day_pnl == 0


async def test_a_new_day_starts_from_the_mark_of_what_was_held_over_night():
    world = await losing(risk__kill_action="keep_brackets")
    world.desk.trade("ETH/USD", "1900")
    world.clock.advance(DAY)
    again = await restarted(world)
    await again.engine.watch.look(await again.desk.quotes(["ETH/USD"]))
    assert KILL_SWITCH not in again.engine.latches and again.engine.treasury.day_pnl == 0
    baselines = [one for one in world.journal.written if isinstance(one, DayBaseline)]
    assert Decimal(baselines[-1].pnl) < -100


async def test_a_switch_that_trips_while_an_entry_is_written_stops_the_entry():
    world = await ready()

    class Tripping(FailingJournal):
        async def commit(self, *facts) -> None:
            await super().commit(*facts)
            if any(isinstance(one, OrderIntent) and one.state is IntentState.NEW for one in facts):
                await world.engine.latches.set(KILL_SWITCH, "the daily loss limit")

    world.journal.__class__ = Tripping
    done = await buy(world)
    assert done.report is None and not world.desk.sent
    assert "the daily loss limit" in done.reason


async def test_of_two_entries_planned_at_once_the_second_must_fit_beside_the_first():
    world = await ready()
    quote = await world.engine.entrance.quote("ETH/USD")
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", quote.ask, Qty(Decimal("1.2")), AWAY, False)
    enter = world.engine.entrance.enter
    first, second = await asyncio.gather(
        enter(plan, Origin.CHAT, "a", "manual", "a"), enter(plan, Origin.AUTOPILOT, "b", "rule", "b")
    )
    assert first.filled and isinstance(second, Denied)
    assert world.engine.portfolio.position("ETH/USD").qty == Decimal("1.2")


async def test_entries_that_wait_at_their_limit_count_against_the_caps():
    world = await ready()
    at = Price(Decimal(1900))
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", at, Qty(Decimal("1.2")), AWAY, True)
    await world.engine.entrance.enter(plan, Origin.CHAT, "a", "manual", "a")
    again = await world.engine.entrance.plan_by_hand("ETH/USD", at, Qty(Decimal("1.2")), AWAY, True)
    assert isinstance(again, Denied) and again.code == "over_cap"


async def test_a_price_of_nothing_is_no_price():
    world = await losing()
    world.desk.trade("ETH/USD", "2000", "1")
    quote = (await world.desk.quotes(["ETH/USD"]))["ETH/USD"]
    await world.engine.watch.look({"ETH/USD": replace(quote, bid=Price(Decimal(0)))})
    assert KILL_SWITCH not in world.engine.latches


async def test_a_flatten_that_cannot_read_the_open_orders_still_cancels_what_it_knows():
    world = await ready()
    plan = await world.engine.entrance.plan_by_hand(
        "ETH/USD", Price(Decimal(1990)), Qty(Decimal("0.5")), AWAY, True
    )
    await world.engine.entrance.enter(plan, Origin.CHAT, "limit", "manual", "limit")
    world.desk.fail = {"open_orders": Transient("no answer")}
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    assert result.cancelled == 1 and not world.desk.matching.open_orders()


async def test_a_tripped_switch_that_keeps_brackets_takes_the_waiting_entries_back():
    world = await losing(risk__kill_action="keep_brackets")
    plan = await world.engine.entrance.plan_by_hand(
        "BTC/USD", Price(Decimal(50_000)), Qty(Decimal("0.01")), AWAY, True
    )
    await world.engine.entrance.enter(plan, Origin.CHAT, "limit", "manual", "limit")
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    await let_run(world, 20)
    assert [one.type for one in world.desk.matching.open_orders()] == [OrderType.STOP_LOSS]


# Tasks.


async def test_a_task_goes_on_although_its_failure_could_not_be_told():
    world = await ready()
    runs = []

    async def mute(name: str, error: BaseException) -> None:
        raise StoreError("disk full")

    async def failing() -> None:
        runs.append(1)
        if len(runs) < 3:
            raise StoreError("disk full")

    supervisor = Supervisor(world.clock, mute)
    supervisor.keep("part", failing)
    await let_run(world, 20)
    assert len(runs) == 3


async def test_a_broken_invariant_stops_entries_and_nobody_who_guards_positions():
    world = await ready()
    runs = []

    async def breaking() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise InvariantBroken("more sold than held")

    world.supervisor.keep("part", breaking)
    await let_run(world, 20)
    assert len(runs) == 2 and BROKEN in world.engine.latches
    assert "more sold than held" in world.engine.latches.blocking()


async def test_a_stop_that_does_not_fire_does_not_make_zyn_ask_every_second():
    world = await ready()
    await buy(world)
    asked = []
    world.engine.watch._spawn = lambda name, work: (asked.append(name), work.close())
    low = replace((await world.desk.quotes(["ETH/USD"]))["ETH/USD"], last=Price(Decimal(1950)))
    for _ in range(10):
        await world.engine.watch.look({"ETH/USD": low})
        world.clock.advance(1000)
    assert asked == ["stop ETH/USD"] * 5


# Too little for an order, and coins that others hold.


async def test_a_stop_refused_again_and_again_is_left_to_the_looks_at_the_account():
    """An order of the owner holds the coins: hammering would spend the budget of those looks."""
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    asked = Price(Decimal(2500))
    held = OrderRequest("", "ETH/USD", Side.SELL, OrderType.LIMIT, Qty(Decimal("0.5")), asked)
    world.desk.matching.submit(held, world.clock.market_ms())
    await world.engine.sync.refresh()
    sent = len(world.desk.sent)
    for _ in range(30):
        world.clock.advance(2_000)
        await world.engine.protection.after_stop("ETH/USD")
    assert 0 < len(world.desk.sent) - sent <= 4
    world.desk.matching.cancel(world.desk.matching.open_orders()[0].txid, world.clock.market_ms())
    await world.engine.sync.refresh()
    assert [one.qty for one in stops(world)] == [Decimal("0.5")]


async def test_dust_of_a_position_is_no_position_and_ends_with_the_next_buy():
    world = await ready()
    await buy(world)
    world.clock.advance(1000)
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(Decimal("0.4999")))
    book = world.engine.portfolio
    assert book.position("ETH/USD").qty == Decimal("0.0001")
    assert book.open_count == 0 and not book.invested("ETH/USD")
    world.clock.advance(1000)
    await buy(world, cause="next")
    position = book.position("ETH/USD")
    assert (position.cause, position.qty) == ("next", Decimal("0.5"))
    assert [trip.cause for trip in book.round_trips] == ["test"]
    spent = sum(f.cost + f.fee for f in world.desk.matching.fills() if f.side is Side.BUY)
    earned = sum(f.cost - f.fee for f in world.desk.matching.fills() if f.side is Side.SELL)
    assert book.realised - book.open_cost - book.open_fees == earned - spent


async def test_when_an_order_of_the_owner_holds_coins_of_zyns_the_others_are_sold():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    mine = OrderRequest("", "ETH/USD", Side.SELL, OrderType.LIMIT, Qty(Decimal("0.1")), Price(Decimal(3000)))
    world.desk.matching.submit(mine, world.clock.market_ms())
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    assert [one.qty for one in stops(world)] == [Decimal("0.4")]
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT)
    assert left.qty == Decimal("0.1")


async def test_while_an_order_of_the_owner_holds_all_coins_the_stop_is_left_where_it_rests():
    """Each attempt to sell takes the stop away for a moment, and a message a second tells nobody anything."""
    world = await ready()
    world.desk.matching.customs.hold_trigger_orders = False
    await buy(world)
    mine = OrderRequest("", "ETH/USD", Side.SELL, OrderType.LIMIT, Qty(Decimal("0.5")), Price(Decimal(3000)))
    txid = world.desk.matching.submit(mine, world.clock.market_ms()).txid
    told, protection = len(world.journal.told), world.engine.protection
    left = await protection.leave("ETH/USD", Leg.TARGET, Origin.AUTOPILOT)
    assert left.qty == Decimal("0.5") and "Insufficient funds" in left.reason
    assert len(world.journal.told) == told, "the stop guards what it guarded: no news"
    (stop,) = stops(world)
    for _ in range(20):
        world.clock.advance(5_000)
        await world.engine.sync.refresh()
        left = await protection.leave("ETH/USD", Leg.FLATTEN, Origin.CHAT)
        assert left.qty == Decimal("0.5") and "another order in the account holds its coins" in left.reason
    assert [one.txid for one in stops(world)] == [stop.txid]
    world.desk.matching.cancel(txid, world.clock.market_ms())
    await world.engine.sync.refresh()
    left = await protection.leave("ETH/USD", Leg.FLATTEN, Origin.CHAT)
    assert not left.qty and not stops(world)


async def test_a_position_that_ends_after_the_next_began_takes_no_bracket_with_it():
    world = await ready()
    await buy(world)
    world.desk.trade("ETH/USD", "1900", "1")  # the stop fires; nobody has told the engine yet
    world.clock.advance(1000)
    await buy(world, cause="next")
    await world.engine.sync.refresh()
    position = world.engine.portfolio.position("ETH/USD")
    assert position.cause == "next" and position.stopped_qty == position.qty
    assert len(stops(world)) == 1 and position.target == Decimal("1960.50")
