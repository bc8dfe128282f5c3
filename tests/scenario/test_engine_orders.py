"""Orders that meet trouble: what the exchange holds, what the book says and what jimmy is told must agree."""

from decimal import Decimal

import pytest

from core.engine.latches import unknown_order
from core.model.events import EventKind
from core.model.money import Price, Qty
from core.model.orders import IntentState, Leg, OrderIntent, OrderType, Origin
from core.risk.brackets import Distances
from tests.support.trading import START_MS, KeptJournal, Silent, Trading, around, trading

AWAY = Distances(Decimal(40), Decimal(60))


async def buy(world: Trading, symbol: str = "ETH/USD", qty: str = "0.5", cause: str = "test"):
    quote = await world.engine.entrance.quote(symbol)
    plan = await world.engine.entrance.plan_by_hand(symbol, quote.ask, Qty(Decimal(qty)), AWAY, False)
    return await world.engine.entrance.enter(plan, Origin.AUTOPILOT, cause, "rule", cause)


async def ready(**settings: str) -> Trading:
    world = trading(**settings)
    await world.engine.sync.recover()
    await world.engine.treasury.roll_day(world.clock.market_ms())
    return world


def stops(world: Trading):
    return [one for one in world.desk.matching.open_orders() if one.type is OrderType.STOP_LOSS]


def last_state(world: Trading, intent_id: str) -> IntentState:
    return [f for f in world.journal.written if isinstance(f, OrderIntent) and f.id == intent_id][-1].state


async def test_an_entry_leaves_a_position_whose_stop_rests_for_all_of_it():
    world = await ready()
    done = await buy(world)
    position = world.engine.portfolio.position("ETH/USD")
    assert position.qty == done.filled == Decimal("0.5")
    assert position.entry_price == Decimal("2000.50")
    assert [(one.price, one.qty) for one in stops(world)] == [(Decimal("1960.50"), Decimal("0.5"))]
    assert position.stop == Decimal("1960.50") and position.target == Decimal("2060.50")
    assert position.stopped_qty == position.qty


async def test_the_intent_is_on_disk_before_the_order_leaves_and_the_fill_together_with_its_message():
    world = await ready()
    seen = []
    place = type(world.desk).place

    class Watching(type(world.desk)):
        async def place(self, request):
            seen.append([f.id for f in world.journal.written if isinstance(f, OrderIntent)])
            return await place(self, request)

    world.desk.__class__ = Watching
    await buy(world)
    assert seen == [[world.desk.sent[0].cl_ord_id]]
    told = [one for one in world.journal.told if one.kind is EventKind.FILL]
    assert len(told) == 1 and "Stop 1,960.50 rests on the exchange" in told[0].text


async def test_the_stop_sent_with_the_order_is_raised_to_the_fill_when_the_fill_was_dearer():
    world = await ready()
    quote = await world.engine.entrance.quote("ETH/USD")
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", quote.ask, Qty(Decimal("0.5")), AWAY, False)
    world.desk.trade("ETH/USD", "2010", "1")
    await world.engine.entrance.enter(plan, Origin.AUTOPILOT, "c", "rule", "c")
    assert [one.price for one in stops(world)] == [Decimal("1970.50")]


async def test_a_lost_answer_is_looked_for_and_never_sent_again():
    world = await ready()
    world.desk.lose_after = 1
    done = await buy(world)
    assert done.filled == Decimal("0.5")
    assert len(world.desk.sent) == 1
    assert world.engine.portfolio.position("ETH/USD").stopped_qty == Decimal("0.5")
    assert unknown_order(done.intent.id) not in world.engine.latches
    assert last_state(world, done.intent.id) is IntentState.DONE
    assert len(world.journal.safety("order_unknown")) == 1


async def test_an_order_that_never_arrived_is_proven_absent_after_its_deadline():
    world = await ready()
    world.desk.lose_before = 1
    done = await buy(world)
    assert done.report is None
    assert last_state(world, done.intent.id) is IntentState.NOT_PLACED
    assert world.clock.market_ms() >= done.intent.request.deadline_ms + 2_000
    assert not world.engine.portfolio.positions and not world.engine.latches.all()


async def test_in_a_faster_market_a_deadline_stays_within_what_a_clock_that_is_ahead_may_ask():
    world = await ready()
    world.clock.speed = 60.0
    done = await buy(world)
    ahead_s = (done.intent.request.deadline_ms - done.intent.created_ms) / 1000
    assert 5 < ahead_s <= 60 - 10  # Kraken refuses one more than 60 s ahead of its own clock


async def test_a_refused_order_changes_nothing_and_leaves_a_safety_event():
    world = await ready()
    world.desk.refuse = ["EOrder:Insufficient funds"]
    done = await buy(world)
    assert done.report is None and done.reason == "EOrder:Insufficient funds"
    assert not world.engine.portfolio.positions
    assert len(world.journal.safety("order_rejected")) == 1


async def test_the_same_cause_and_leg_gets_a_new_id_only_for_a_new_attempt():
    world = await ready()
    world.desk.refuse = ["EService:Busy"]
    first, second = await buy(world), await buy(world)
    assert first.intent.id != second.intent.id
    assert (first.intent.attempt, second.intent.attempt) == (0, 1)


async def test_reaching_the_target_cancels_the_stop_and_sells_once():
    world = await ready()
    await buy(world)
    world.desk.trade("ETH/USD", "2061")
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    trip = world.engine.portfolio.round_trips[-1]
    assert trip.reason == "target" and trip.exit_price == Decimal("2061.00")
    assert not world.engine.portfolio.positions and not stops(world)
    assert (
        world.desk.matching.balances().get("ETH") is None or not world.desk.matching.balances()["ETH"].total
    )


async def test_a_target_whose_coins_are_gone_asks_for_no_balance_again_and_again():
    world = await ready()
    await buy(world)
    world.desk.matching.deposit("ETH", Decimal("-0.5"), world.clock.market_ms())
    world.desk.trade("ETH/USD", "2061")
    asked = 0
    balances = world.desk.balances

    async def counted():
        nonlocal asked
        asked += 1
        return await balances()

    world.desk.balances = counted
    for _ in range(6):
        await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
        await world.clock.sleep(11.0)
    assert asked <= 2


async def test_a_stop_that_fired_on_the_exchange_is_booked_by_the_next_sync():
    world = await ready()
    await buy(world)
    world.clock.advance(30_000)
    world.desk.trade("ETH/USD", "1950")
    await world.engine.sync.refresh()
    trip = world.engine.portfolio.round_trips[-1]
    assert trip.reason == "stop" and trip.exit_price == Decimal("1950.00")
    assert [one.kind for one in world.journal.told][-1] is EventKind.POSITION_CLOSED


async def test_a_stop_that_fills_while_the_position_is_left_leads_to_no_second_sale():
    world = await ready()
    await buy(world)
    world.desk.trade("ETH/USD", "1900")  # the stop fires; nobody has told the engine yet
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert not left.qty
    sells = [fill for fill in world.desk.matching.fills() if fill.side == "sell"]
    assert sum(fill.qty for fill in sells) == Decimal("0.5")


async def test_a_sale_that_is_refused_puts_the_stop_back():
    world = await ready()
    await buy(world)
    world.desk.refuse = ["EService:Market in cancel_only mode"]
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert left.qty == Decimal("0.5") and "cancel_only" in left.reason
    assert [(one.price, one.qty) for one in stops(world)] == [(Decimal("1960.50"), Decimal("0.5"))]
    assert world.engine.portfolio.position("ETH/USD").target == Decimal("2060.50")


async def test_while_the_cancel_has_no_answer_and_the_stop_still_rests_nothing_is_sold():
    world = await ready()
    await buy(world)
    world.desk.deaf_cancels = 1
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    assert left.qty == Decimal("0.5") and "stop could not be cancelled" in left.reason
    assert len(stops(world)) == 1 and len(world.desk.sent) == 1


async def test_selling_a_part_leaves_the_rest_covered():
    world = await ready()
    await buy(world)
    left = await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(Decimal("0.2")))
    assert left.qty == Decimal("0.3")
    assert [one.qty for one in stops(world)] == [Decimal("0.3")]
    assert world.journal.told[-1].text == "The stop now guards what is left: 0.3 ETH at 1,960.50."
    assert EventKind.STOP_RESTORED not in [one.kind for one in world.journal.told]


async def test_a_part_sold_of_a_bare_position_is_not_told_as_if_it_had_been_covered():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())  # by hand on the exchange
    world.engine.portfolio.adopt_stops("ETH/USD", ())
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(Decimal("0.2")))
    assert [one.qty for one in stops(world)] == [Decimal("0.3")]
    assert world.journal.told[-1].kind is EventKind.STOP_RESTORED


async def test_a_position_without_its_stop_is_covered_by_the_next_sync():
    world = await ready()
    await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())  # by hand on the exchange
    world.clock.advance(60_000)
    await world.engine.sync.refresh()
    assert [(one.price, one.qty) for one in stops(world)] == [(Decimal("1960.50"), Decimal("0.5"))]
    assert EventKind.STOP_RESTORED in [one.kind for one in world.journal.told]


async def test_coins_sold_by_hand_end_the_position_at_that_trade():
    world = await ready()
    await buy(world)
    stop = stops(world)[0]
    world.desk.matching.cancel(stop.txid, world.clock.market_ms())
    by_hand = world.desk.sent[0].__class__(
        "", "ETH/USD", world.desk.sent[0].side.opposite, OrderType.MARKET, Qty(Decimal("0.5"))
    )
    world.desk.matching.submit(by_hand, world.clock.market_ms())
    for _ in range(2):
        world.clock.advance(60_000)
        await world.engine.sync.refresh()
    assert not world.engine.portfolio.positions
    assert world.engine.portfolio.round_trips[-1].reason == "manual"
    assert not stops(world)


async def test_the_owners_own_coins_and_orders_are_never_touched():
    world = await ready()
    world.desk.matching.deposit("BTC", Decimal(1), world.clock.market_ms())
    await world.engine.sync.refresh()
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    assert result.flat and not world.engine.portfolio.positions
    assert world.desk.matching.balances()["BTC"].total == 1
    assert world.engine.treasury.equity == Decimal(10_000)


async def test_flatten_sells_everything_and_says_what_came_of_it():
    world = await ready()
    await buy(world, "ETH/USD", "0.5", "a")
    await buy(world, "BTC/USD", "0.01", "b")
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    assert result.flat and len(result.sold) == 2
    assert not stops(world) and not world.engine.portfolio.positions
    assert world.journal.told[-1].kind is EventKind.FLATTEN


async def test_what_could_not_be_flattened_is_tried_again_until_it_is_flat():
    world = await ready()
    await buy(world)
    world.desk.refuse = ["EService:Unavailable", "EService:Unavailable"]
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    assert not result.flat and "EService:Unavailable" in result.left[0]
    for _ in range(200):
        if not world.engine.portfolio.positions:
            break
        await world.clock.sleep(0.1)
    assert not world.engine.portfolio.positions and not stops(world)
    assert not world.failures


@pytest.mark.parametrize("price", ["1960.50", "1800"])
async def test_profit_and_loss_equal_the_exchanges_cash_to_the_last_digit(price: str):
    world = await ready()
    await buy(world)
    world.desk.trade("ETH/USD", price)
    await world.engine.sync.refresh()
    cash = world.desk.matching.balances()["USD"].total
    assert cash - Decimal(10_000) == world.engine.portfolio.realised == world.engine.portfolio.pnl


async def test_a_limit_entry_gets_its_bracket_when_it_fills_later():
    world = await ready()
    plan = await world.engine.entrance.plan_by_hand(
        "ETH/USD", Price(Decimal(1990)), Qty(Decimal("0.5")), AWAY, True
    )
    done = await world.engine.entrance.enter(plan, Origin.CHAT, "limit", "manual", "limit")
    assert not done.filled and done.report is not None
    world.clock.advance(60_000)
    world.desk.trade("ETH/USD", "1989")
    await world.engine.sync.refresh()
    position = world.engine.portfolio.position("ETH/USD")
    assert (position.stop, position.target) == (Decimal(1950), Decimal(2050))
    assert position.stopped_qty == Decimal("0.5")


async def test_start_up_is_recovery_nothing_is_doubled_and_everything_is_covered():
    world = await ready()
    done = await buy(world)
    world.desk.matching.cancel(stops(world)[0].txid, world.clock.market_ms())
    again = world.restarted()
    await again.engine.sync.recover()
    position = again.engine.portfolio.position("ETH/USD")
    assert position.qty == done.filled and position.target == Decimal("2060.50")
    assert [(one.price, one.qty) for one in stops(again)] == [(Decimal("1960.50"), Decimal("0.5"))]
    assert sum(fill.qty for fill in world.desk.matching.fills()) == Decimal("0.5")


async def test_a_crash_between_sending_and_the_answer_is_settled_at_the_next_start():
    world = await ready()
    quote = await world.engine.entrance.quote("ETH/USD")
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", quote.ask, Qty(Decimal("0.5")), AWAY, False)

    class Dying(type(world.desk)):
        async def place(self, request):
            await super().place(request)
            raise KeyboardInterrupt

    live, world.desk.__class__ = world.desk.__class__, Dying
    with pytest.raises(KeyboardInterrupt):
        await world.engine.entrance.enter(plan, Origin.AUTOPILOT, "c", "rule", "c")
    world.desk.__class__ = live
    again = world.restarted()
    await again.engine.sync.recover()
    assert again.engine.portfolio.position("ETH/USD").stopped_qty == Decimal("0.5")
    assert len(world.desk.matching.fills()) == 1
    twice = world.restarted()
    await twice.engine.sync.recover()
    assert twice.engine.portfolio.positions == again.engine.portfolio.positions


async def test_killed_on_its_way_to_a_sale_it_is_ready_within_ten_seconds_with_its_stop_back():
    world = await ready()
    await buy(world)

    class Dying(type(world.desk)):
        async def place(self, request):
            raise KeyboardInterrupt

    live, world.desk.__class__ = world.desk.__class__, Dying
    with pytest.raises(KeyboardInterrupt):
        await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    world.desk.__class__ = live
    assert not stops(world)
    died = world.clock.monotonic()
    again = world.restarted()
    await again.engine.sync.recover()
    assert [one.qty for one in stops(again)] == [Decimal("0.5")]
    assert again.clock.monotonic() - died < 10


async def test_without_the_database_positions_and_results_are_the_same():
    world = await ready()
    await buy(world, "BTC/USD", "0.01", "won")
    world.desk.trade("BTC/USD", "60100", "10")
    await world.engine.watch.look(await world.desk.quotes(["BTC/USD"]))
    await buy(world)
    await world.engine.sync.refresh()
    again = world.restarted()
    lost = around(world.config, world.clock, world.desk, KeptJournal(), Silent())
    await again.engine.sync.recover()
    await lost.engine.sync.recover()
    assert lost.engine.portfolio.pnl == again.engine.portfolio.pnl
    assert lost.engine.portfolio.position("ETH/USD").qty == again.engine.portfolio.position("ETH/USD").qty
    assert lost.engine.portfolio.position("ETH/USD").stop == again.engine.portfolio.position("ETH/USD").stop
    assert lost.engine.sync.state.fills == again.engine.sync.state.fills


async def test_a_thousand_readers_share_one_look_at_the_account():
    world = await ready()
    world.clock.advance(61_000)
    before = world.desk.account_reads
    states = [await world.engine.sync.current() for _ in range(1000)]
    assert world.desk.account_reads - before == 1
    assert all(state.as_of_ms == START_MS + 61_000 for state in states)
