"""A start believes the disk for what was certain before it, and nothing else; the rest is read later."""

from decimal import Decimal

import pytest

from core.engine.known_past import OVERLAP_MS, KnownPast
from core.model.errors import StoreError, Transient
from core.model.facts import Fact, Mark
from core.model.money import Qty
from core.model.orders import OrderRequest, OrderType, Origin, Side
from tests.scenario.test_engine_orders import AWAY, buy, ready
from tests.support.trading import Desk, KeptJournal, Silent, Trading, around

HOUR = 3_600_000


class AskedDesk(Desk):
    """Remembers from when it was asked, in the order of asking."""

    since: list[int]

    async def closed_orders(self, since_ms):
        self.since.append(since_ms)
        return await super().closed_orders(since_ms)


class Hiding(AskedDesk):
    """Shows no execution before `shown_ms` is over."""

    shown_ms = 10**15

    async def fills(self, since_ms):
        hidden = self.time.market_ms() < self.shown_ms
        return [] if hidden else await super().fills(since_ms)


class Lagging(AskedDesk):
    """While `still`, nothing that happens is shown; afterwards orders are shown before executions."""

    still = False
    fills_too = True

    async def open_orders(self):
        if not self.still:
            self.last = await super().open_orders()
        return self.last

    async def closed_orders(self, since_ms):
        return [] if self.still else await super().closed_orders(since_ms)

    async def fills(self, since_ms):
        return await super().fills(since_ms) if self.fills_too and not self.still else []

    async def balances(self):
        if not self.still:
            self.wallet = await super().balances()
        return self.wallet


def watched(world: Trading, kind: type[Desk] = AskedDesk) -> Trading:
    world.desk.__class__ = kind
    world.desk.since = []
    return world


async def round_trip(world: Trading, cause: str) -> None:
    """In at the market, out by the stop that the exchange made of the entry."""
    await buy(world, cause=cause)
    world.clock.advance(1_000)
    world.desk.trade("ETH/USD", "1950", "1")
    await world.engine.sync.refresh()
    world.clock.advance(HOUR)
    world.desk.trade("ETH/USD", "2000", "1")
    await world.engine.sync.refresh()


def by_hand(world: Trading, qty: str, side: Side = Side.BUY) -> None:
    request = OrderRequest("", "ETH/USD", side, OrderType.MARKET, Qty(Decimal(qty)))
    world.desk.matching.submit(request, world.clock.market_ms())


async def restarted(world: Trading, journal: KeptJournal | None = None) -> Trading:
    again = around(world.config, world.clock, world.desk, journal or world.journal, world.silent)
    await again.engine.sync.recover()
    return again


async def looks(world: Trading, count: int) -> None:
    """So many looks at the account, a minute apart."""
    for _ in range(count):
        world.clock.advance(60_000)
        await world.engine.sync.refresh()


def book(world: Trading) -> object:
    one = world.engine.portfolio
    return one.realised, one.round_trips, one.positions, one.open_cost


async def test_a_start_reads_from_the_last_known_execution_and_finds_the_same_book():
    world = watched(await ready())
    await round_trip(world, "first")
    last = world.desk.matching.fills()[-1].time_ms
    world.clock.advance(24 * HOUR)
    world.desk.since.clear()
    again = await restarted(world)
    assert world.desk.since[0] == last - OVERLAP_MS
    assert book(again) == book(world) and len(again.engine.portfolio.round_trips) == 1


async def test_a_start_never_reads_later_than_the_entry_of_an_open_position():
    world = watched(await ready())
    await buy(world, "BTC/USD", "0.01", cause="held")
    opened = world.engine.portfolio.position("BTC/USD").opened_ms
    for cause in ("first", "second"):
        await round_trip(world, cause)
    world.desk.since.clear()
    again = await restarted(world)
    assert world.desk.since[0] == opened - OVERLAP_MS
    assert book(again) == book(world)


async def test_a_start_never_reads_later_than_an_order_without_an_end():
    world = watched(await ready())
    bid = world.desk.matching.quote("BTC/USD").bid
    plan = await world.engine.entrance.plan_by_hand("BTC/USD", bid, Qty(Decimal("0.01")), AWAY, True)
    await world.engine.entrance.enter(plan, Origin.CHAT, "waits", "rule", "waits")
    made = world.clock.market_ms()
    await round_trip(world, "first")
    world.desk.since.clear()
    await restarted(world)
    assert world.desk.since[0] == made - OVERLAP_MS


@pytest.mark.parametrize("trouble", ["lost", "clock set back", "order unknown", "coins gone"])
async def test_a_disk_that_cannot_be_right_is_not_believed(trouble: str):
    world = watched(await ready())
    await round_trip(world, "first")
    journal = world.journal
    if trouble == "lost":
        journal = KeptJournal()
    elif trouble == "clock set back":
        world.clock.now_ms -= 5 * HOUR
    elif trouble == "order unknown":
        await round_trip(world, "second")
        journal._own.clear(), journal._intents.clear()
    else:
        await buy(world, cause="next")
        await world.engine.sync.refresh()
        world.desk.matching.deposit("ETH", Decimal("-0.5"), world.clock.market_ms())
    world.desk.since.clear()
    again = await restarted(world, journal)
    assert 0 in world.desk.since[:2]
    assert again.engine.portfolio.round_trips[0].net_pnl == world.engine.portfolio.round_trips[0].net_pnl


async def test_an_execution_that_is_shown_much_later_than_it_happened_is_booked():
    world = watched(await ready(), Lagging)
    desk, sync = world.desk, world.engine.sync
    await buy(world, cause="first")
    await sync.refresh()
    desk.still = True
    world.clock.advance(1_000)
    desk.trade("ETH/USD", "1950", "1")
    await looks(world, 30)
    desk.still = desk.fills_too = False
    await sync.refresh()
    desk.fills_too = True
    world.clock.advance(60_000)
    await sync.refresh()
    (trip,) = world.engine.portfolio.round_trips
    assert trip.reason == "stop" and not world.engine.portfolio.positions


async def test_a_sale_by_hand_that_is_shown_much_later_than_it_happened_ends_the_position_at_its_price():
    world = watched(await ready(), Lagging)
    desk, sync = world.desk, world.engine.sync
    await buy(world, cause="first")
    await sync.refresh()
    desk.still = True
    world.clock.advance(1_000)
    for stop in await AskedDesk.open_orders(desk):
        desk.matching.cancel(stop.txid, world.clock.market_ms())
    by_hand(world, "0.5", Side.SELL)
    sale = desk.matching.fills()[-1]
    await looks(world, 30)
    desk.still = False
    await looks(world, 2)
    (trip,) = world.engine.portfolio.round_trips
    assert (trip.exit_price, trip.closed_ms) == (sale.price, sale.time_ms)
    assert not world.engine.portfolio.positions and sync.state.balances["USD"].total
    desk.since.clear()
    world.clock.advance(60_000)
    await sync.refresh()
    assert desk.since and min(desk.since) > sale.time_ms  # and no look goes that far back again


async def test_the_mark_of_another_account_is_not_seen():
    world = watched(await ready())
    await round_trip(world, "first")
    engine = world.engine
    mine = [one.name for one in world.journal.written if isinstance(one, Mark)]
    for name, known in ((mine[-1], True), ("account:another", False)):
        past = KnownPast(world.journal, engine.portfolio, engine.bookkeeper, world.clock, name)
        assert bool(await past.load([])) is known


async def test_nothing_is_marked_while_an_execution_is_awaited():
    world = watched(await ready(), Hiding)
    await buy(world)
    await world.engine.sync.refresh()
    assert world.engine.portfolio.awaits_fills
    assert not [one for one in world.journal.written if isinstance(one, Mark)]
    world.clock.advance(HOUR)
    again = await restarted(world)
    assert world.desk.since[-2:][0] == 0
    world.desk.shown_ms = 0
    await again.engine.sync.refresh()
    assert again.engine.portfolio.position("ETH/USD").qty == Decimal("0.5")


async def test_what_happened_while_nobody_was_there_is_found_though_the_past_is_not_read():
    world = watched(await ready())
    await round_trip(world, "first")
    await buy(world, cause="next")
    await world.engine.sync.refresh()
    world.clock.advance(HOUR)
    world.desk.trade("ETH/USD", "1900", "1")  # the stop that the exchange made fires with nobody there
    world.clock.advance(24 * HOUR)
    world.desk.since.clear()
    again = await restarted(world)
    assert 0 not in world.desk.since
    assert [one.reason for one in again.engine.portfolio.round_trips] == ["stop", "stop"]
    assert not again.engine.portfolio.positions


async def test_a_mark_that_the_disk_refused_costs_a_longer_look_and_nothing_else():
    class Refusing(KeptJournal):
        refuses = False

        async def commit(self, *facts: Fact) -> None:
            if self.refuses and any(isinstance(one, Mark) for one in facts):
                raise StoreError("the disk is full")
            await super().commit(*facts)

    made, journal = await ready(), Refusing()
    world = watched(around(made.config, made.clock, made.desk, journal, Silent()))
    await world.engine.sync.recover()
    await round_trip(world, "first")
    first = world.desk.matching.fills()[-1].time_ms
    journal.refuses = True
    await round_trip(world, "second")
    journal.refuses = False
    world.desk.since.clear()
    again = await restarted(world)
    assert world.desk.since[0] == first - OVERLAP_MS
    assert book(again) == book(world) and len(again.engine.portfolio.round_trips) == 2


async def test_the_rest_is_read_while_zyn_trades_and_heals_what_was_missed():
    world = watched(await ready())
    by_hand(world, "0.3")
    world.clock.advance(HOUR)
    await round_trip(world, "first")
    by_hand(world, "0.3", Side.SELL)
    world.clock.advance(HOUR)
    await round_trip(world, "second")
    world.clock.advance(24 * HOUR)
    again = await restarted(world)
    sync = again.engine.sync
    own = [one for one in world.desk.matching.fills() if again.engine.portfolio.order(one.order_txid)]
    assert sync.state.begins_ms and set(own) <= set(sync.state.fills)
    assert len(sync.state.fills) < len(world.desk.matching.fills())

    class Deaf(AskedDesk):
        async def closed_orders(self, since_ms):
            self.__class__ = AskedDesk  # once
            raise Transient("no answer")

    world.desk.__class__ = Deaf
    await sync.read_the_past()
    assert list(sync.state.fills) == world.desk.matching.fills() and not sync.state.begins_ms
    assert book(again) == book(world)


async def test_an_own_execution_that_no_disk_knows_is_booked_once_the_past_is_read():
    class Failing(KeptJournal):
        broken = 0  # so many commits fail

        async def commit(self, *facts: Fact) -> None:
            if self.broken:
                self.broken -= 1
                raise StoreError("the disk is full")
            await super().commit(*facts)

    made = await ready()
    world = watched(around(made.config, made.clock, made.desk, Failing(), Silent()))
    await world.engine.sync.recover()
    await round_trip(world, "first")
    for _ in range(3):
        await round_trip(world, f"later {world.clock.market_ms()}")
    journal = world.journal
    lost = list(journal._fills.values())[:2]  # the first entry and its exit
    for one in lost:
        del journal._fills[one.id]
    again = await restarted(world)
    assert len(again.engine.portfolio.round_trips) == 3
    journal.broken = 1
    await again.engine.sync.read_the_past()
    assert not journal.broken
    assert again.engine.portfolio.realised == world.engine.portfolio.realised
    assert {one.id for one in await journal.fills()} == {one.id for one in world.desk.matching.fills()}
