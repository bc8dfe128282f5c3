"""Out of the market in steps: how deep, with which orders, and what guards the rest meanwhile."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from core.engine.flattened import told
from core.engine.latches import KILL_SWITCH
from core.matching.depth import Depth, Level
from core.model.errors import Rejected, Transient
from core.model.events import EventKind
from core.model.market import ExchangeStatus, Quote
from core.model.money import Price, Qty
from core.model.orders import Leg, OrderRequest, OrderType, Origin, Side, TimeInForce
from core.risk.brackets import Distances
from tests.support.trading import Desk, Trading, trading

AWAY = Distances(Decimal(400), Decimal(900))


class ThinDesk(Desk):
    """An exchange whose bids lie where a test puts them, and come back after every sale."""

    bids: tuple[tuple[str, str], ...] = ()
    silent_quotes = False
    times: list[float] = []

    def stand(self) -> None:
        """Put the bids up again around the last price."""
        quote = self.matching.quote("ETH/USD")
        levels = tuple(Level(Price(Decimal(at)), Qty(Decimal(qty))) for at, qty in self.bids)
        ask = Level(quote.ask, Qty(Decimal(1000)))
        self.matching.on_quote(quote, Depth(levels, (ask,)))

    async def place(self, request):
        if self.bids:
            self.stand()
        return await super().place(request)

    async def quotes(self, symbols) -> Mapping[str, Quote]:
        if self.silent_quotes:
            raise Transient("a queue of two hundred")
        return await super().quotes(symbols)


async def holding(bids: tuple[tuple[str, str], ...] = (), away: Distances = AWAY, **settings: str) -> Trading:
    """One ETH bought at 2000.50, bid 1999.50, its stop far below."""
    world = trading(risk__max_trade_risk="1", risk__max_gap_loss="1", **settings)
    world.desk.__class__ = ThinDesk
    await world.engine.sync.recover()
    await world.engine.treasury.roll_day(world.clock.market_ms())
    quote = await world.engine.entrance.quote("ETH/USD")
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", quote.ask, Qty(Decimal(1)), away, False)
    await world.engine.entrance.enter(plan, Origin.CHAT, "test", "rule", "test")
    world.desk.sent.clear()
    world.desk.bids = bids
    return world


async def flatten(world: Trading):
    result = await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    for _ in range(300):
        await world.clock.sleep(0.1)
    return result


def sales(world: Trading):
    return [one for one in world.desk.sent if one.type is not OrderType.STOP_LOSS]


def steps(world: Trading):
    return [event.data["step"] for event in world.journal.safety("flatten_step")]


async def test_a_liquid_position_goes_at_the_first_step_by_one_limit_that_never_rests():
    world = await holding()
    result = await flatten(world)
    assert result.flat and len(result.sold) == 1
    [sale] = sales(world)
    assert (sale.type, sale.time_in_force) == (OrderType.LIMIT, TimeInForce.IOC)
    assert sale.price == Decimal("1997.50")  # 0.1 % below a bid of 1999.50
    assert result.sold[0].exit_price == Decimal("1999.50")  # a limit is the worst, not the price
    assert steps(world) == ["0.1"] and not world.desk.matching.open_orders()


async def test_each_step_reaches_deeper_and_the_stop_is_back_between_two():
    world = await holding(bids=(("1999.50", "0.2"), ("1985", "5")))
    result = await flatten(world)
    assert result.flat
    assert [one.price for one in sales(world)] == [Decimal("1997.50"), Decimal("1993.50"), Decimal("1979.50")]
    between = [one for one in world.desk.sent if one.type is OrderType.STOP_LOSS]
    assert [one.qty for one in between] == [Decimal("0.8"), Decimal("0.6")]
    assert not world.desk.matching.open_orders()


async def test_market_comes_only_at_the_end():
    world = await holding(bids=(("1800", "5"),), flatten__market_after_s="20")
    result = await flatten(world)
    kinds = [one.type for one in sales(world)]
    assert kinds[-1] is OrderType.MARKET and OrderType.MARKET not in kinds[:-1]
    assert steps(world)[:4] == ["0.1", "0.3", "1", "3"] and steps(world)[-1] == "market"
    assert not result.flat and not world.engine.portfolio.positions
    assert "1,799" in world.journal.told[-1].text or "Flattened" in world.journal.told[-1].text


async def test_an_exchange_that_takes_limits_only_gets_the_widest_limit_again():
    world = await holding(flatten__market_after_s="0")
    world.desk.matching.status = ExchangeStatus.LIMIT_ONLY
    await flatten(world)
    assert [one.type for one in sales(world)] == [OrderType.MARKET, OrderType.LIMIT]
    assert not world.engine.portfolio.positions


async def test_a_queue_before_the_prices_holds_nothing_up():
    world = await holding()
    world.engine.portfolio.mark("ETH/USD", Price(Decimal("1999.50")))
    world.desk.silent_quotes = True
    result = await flatten(world)
    assert result.flat and sales(world)[0].price == Decimal("1997.50")


async def test_without_any_price_it_waits_for_one_and_sells_at_market_in_the_end():
    world = await holding()
    world.engine.portfolio._marks.clear()
    world.desk.silent_quotes = True
    result = await flatten(world)
    assert not result.flat and "no price" in result.left[0]
    assert [one.type for one in sales(world)] == [OrderType.MARKET]
    assert not world.engine.portfolio.positions


async def test_what_no_order_can_sell_is_named():
    world = await holding(bids=(("1999.50", "0.9995"),), flatten__steps="0.1")
    result = await flatten(world)
    assert result.flat and result.residue == ("0.0005 ETH",)
    assert "0.0005 ETH stay" in world.journal.told[-1].text and "0 sold" not in world.journal.told[-1].text
    assert told(result) == "I am flat. Of what was held 0.0005 ETH stay: too little for an order."


async def test_a_position_too_small_for_a_limit_goes_at_market():
    world = await holding(away=Distances(Decimal(1900), Decimal(900)))
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(Decimal("0.999")))
    world.desk.trade("ETH/USD", "500.40", "0.2")  # 0.001 ETH: just above half a dollar, below it 0.1 % lower
    world.desk.sent.clear()
    await flatten(world)
    assert [one.type for one in sales(world)] == [OrderType.MARKET] and not world.engine.portfolio.positions


async def test_a_stop_that_rests_for_nothing_is_found_and_cancelled():
    world = await holding()
    parent = next(iter(world.desk.matching.register.orders.values()))
    world.desk.matching.deposit("ETH", Decimal(1), 0)
    stop = OrderRequest("", "ETH/USD", Side.SELL, OrderType.STOP_LOSS, Qty(Decimal(1)), Price(Decimal(900)))
    orphan = world.desk.matching.submit(stop, world.clock.market_ms())
    world.desk.matching.register.orders[orphan.txid].parent_txid = parent.txid
    result = await flatten(world)
    assert result.flat and not world.desk.matching.open_orders()


@pytest.mark.parametrize("steps", ["0.3,0.1", "1,1"])
def test_steps_that_do_not_widen_are_refused(steps: str):
    from core.model.errors import ConfigError
    from core.trading_config import load

    with pytest.raises(ConfigError, match="widen"):
        load({}, {}, {"flatten.steps": steps})


async def test_two_flattens_of_what_cannot_be_sold_say_so_once_each():
    class Halted(ThinDesk):
        halted, refusals = True, 0

        async def place(self, request):
            if self.halted and request.side is Side.SELL and request.type is not OrderType.STOP_LOSS:
                self.refusals += 1
                raise Rejected("no" if self.refusals % 2 else "not now")
            return await super().place(request)

    world = await holding()
    world.desk.__class__ = Halted
    await world.engine.flatten.flatten("ETH/USD", Origin.CHAT, "you")
    await flatten(world)
    for _ in range(600):
        await world.clock.sleep(1)
    texts = [one.text for one in world.journal.told if one.kind is EventKind.FLATTEN]
    assert world.desk.refusals > 10 and 2 <= len(texts) <= 4
    world.desk.halted = False
    for _ in range(120):
        await world.clock.sleep(1)
    assert not world.engine.portfolio.positions
    assert any("sold 1 position" in one.text for one in world.journal.told if one.kind is EventKind.FLATTEN)


async def test_what_a_stop_sold_and_no_fill_shows_yet_is_sold_and_told_by_no_kill_switch_again():
    class Unshown(ThinDesk):
        hidden = True

        async def fills(self, since_ms):
            return [] if self.hidden else await super().fills(since_ms)

    world = await holding()
    world.desk.__class__ = Unshown
    world.desk.trade("ETH/USD", "1500")
    await world.engine.sync.refresh()
    assert world.engine.portfolio.holds("ETH/USD") and not world.engine.portfolio.on_hand("ETH/USD")
    await world.engine.latches.set(KILL_SWITCH, "the daily loss limit")
    before = world.desk.account_reads
    for _ in range(20):
        await world.engine.flatten.flatten_for_kill("the daily loss limit")
        await world.clock.sleep(1)
    assert world.desk.account_reads == before and not sales(world)
    assert not [one for one in world.journal.told if one.kind is EventKind.FLATTEN]
    world.desk.hidden = False
    await world.engine.sync.refresh()
    assert not world.engine.portfolio.positions
