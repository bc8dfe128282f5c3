"""Questions about what was: results taken apart, one order by its number, views that not every door sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal as D

import pytest

from core.engine.breakdown import BY
from core.engine.queries import Queries
from core.engine.registry import Actor, Door, Registry, Request
from core.model.account import RoundTrip
from core.model.errors import Refused, Transient, VenueError
from core.model.ids import candle_cause
from core.model.market import Candle, Quote, Timeframe
from core.model.orders import Leg, OrderRequest, OrderType, Origin, Side
from core.model.shadow import Evidence, Fate, ShadowSignal
from core.model.views import Figure, TextView
from tests.scenario.test_engine_autopilot import JIMMY, ManualDesk, ask, crossing_up, manual_desk, world_with
from tests.scenario.test_engine_commands import open_world, told
from tests.scenario.test_engine_orders import buy, stops
from tests.support.trading import START_MS, Desk, Trading

DAY = 86_400_000


async def traded() -> tuple[Trading, ManualDesk]:
    """Three round trips: ETH won on the first day and lost on the second, BTC lost on the second."""
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    for symbol, qty, price, wait in (
        ("ETH/USD", "0.4", "2100", 0),
        ("ETH/USD", "0.3", "1950", DAY),
        ("BTC/USD", "0.01", "59000", 3_600_000),
    ):
        world.clock.advance(wait)
        world.desk.trade("ETH/USD", "2000", "1")
        world.desk.trade("BTC/USD", "60000", "10")
        await buy(world, symbol, qty, candle_cause(symbol, world.clock.market_ms()))
        world.clock.advance(60_000)
        world.desk.trade(symbol, price, "1")
        await world.engine.protection.leave(symbol, Leg.EXIT, Origin.AUTOPILOT)
        await world.engine.sync.refresh()
    assert len(world.engine.portfolio.round_trips) == 3 and not world.engine.portfolio.positions
    return world, desk


@pytest.mark.parametrize("by", BY)
async def test_however_results_are_taken_apart_the_slices_add_up_to_the_whole(by: str):
    world, desk = await traded()
    view = (await ask(desk, "get_performance", period="all", by=by.upper())).view
    trips = world.engine.portfolio.round_trips
    assert (view.by, view.trades, view.currency, view.period) == (BY[by], 3, "USD", "all")
    assert view.realised == sum(trip.net_pnl for trip in trips) == sum(row.net_pnl for row in view.rows)
    assert sum(row.trades for row in view.rows) == 3 and sum(row.wins for row in view.rows) == 1
    assert sum(row.fees for row in view.rows) == sum(fill.fee for fill in world.desk.matching.fills())


async def test_results_by_coin_are_the_best_first_and_by_day_the_latest_first():
    world, desk = await traded()
    coins = (await ask(desk, "get_performance", period="all", by="coin")).view.rows
    assert {one.name: one.trades for one in coins} == {"ETH/USD": 2, "BTC/USD": 1}
    means = [one.net_pnl / one.trades for one in coins]
    assert means == sorted(means, reverse=True)
    days = (await ask(desk, "get_performance", period="all", by="day")).view.rows
    assert [(one.name, one.trades) for one in days] == [("2023-11-15", 2), ("2023-11-14", 1)]
    assert days[1].net_pnl > 0 > days[0].net_pnl
    won = world.engine.portfolio.round_trips[0]
    assert days[1].held_ms == won.closed_ms - won.opened_ms >= 60_000


@pytest.mark.parametrize(("which", "choose"), [("best", max), ("worst", min)])
async def test_the_best_and_the_worst_trade_are_the_ones_explained(
    which: str, choose: Callable[..., RoundTrip]
):
    world, desk = await traded()
    trip = choose(world.engine.portfolio.round_trips, key=lambda one: one.net_pnl)
    view = (await ask(desk, "explain_trade", which=which)).view
    assert (view.symbol, view.round_trip) == (trip.symbol, trip)
    assert {fill.side for fill in view.fills} == {Side.BUY, Side.SELL}
    none = (
        await ask(desk, "explain_trade", which=which, period={"from": "2020-01-01", "to": "2020-01-02"})
    ).view
    assert none.text == "No trade was closed in that time."


async def test_a_figure_that_is_asked_for_is_told_and_agrees_with_the_trades():
    world, desk = await traded()
    trips = world.engine.portfolio.round_trips
    view = (await ask(desk, "get_performance", period="all", metric="win_rate")).view
    assert view.asked == Figure("win_rate", D(1) / 3)
    view = (await ask(desk, "get_performance", period="all", metric="expectancy")).view
    assert view.asked.value == sum(trip.net_pnl for trip in trips) / 3
    view = (await ask(desk, "get_performance", period="all", metric="fees")).view
    assert view.asked.value == sum(fill.fee for fill in world.desk.matching.fills())
    assert (await ask(desk, "get_performance", period="all", metric="luck")).view.asked is None
    fall = (await ask(desk, "get_performance", period="all", metric="max_drawdown")).view.asked
    assert fall.name == "max_drawdown" and 0 <= fall.value < 1
    ratio = (await ask(desk, "get_performance", period="today", metric="sharpe")).view.asked
    assert ratio == Figure("sharpe", None)  # one day tells no swing


async def test_why_nothing_was_bought_counts_what_the_judged_candles_came_to():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    lately = (await ask(desk, "explain_trade", decision="why_not")).view
    assert lately.text.startswith("Of ") and "1 bought" in lately.text
    then = (await ask(desk, "explain_trade", decision="why_not", period="last_month")).view
    assert (then.decision, then.text) == (None, "I judged no candle in that time.")
    await ask(desk, "pause")
    halted = (await ask(desk, "explain_trade", decision="why_not")).view
    assert halted.text.startswith("Of ") and " Nothing is opened now: " in halted.text


async def test_a_trade_of_a_signal_is_taken_apart_by_its_market_and_another_by_none():
    world, desk = await traded()
    trip = world.engine.portfolio.round_trips[0]
    symbol, at = trip.cause.split("@")
    features = {"session": 1, "strength": 0, "side": 0, "weekend": 0, "vol": 0, "trend": 2}
    signal = ShadowSignal(
        symbol, "5m", trip.rule, int(at), Evidence.SHADOW, Fate.TAKEN, "", features, 1, 10.0, 15.0, 0.001,
        0.0, 288, True,
    )  # fmt: skip
    world.journal.note(signal)
    rows = (await ask(desk, "get_performance", period="all", by="regime")).view.rows
    assert {one.name: one.trades for one in rows} == {"calm markets, uptrends": 1, "unknown": 2}


async def test_a_breakdown_counts_only_its_period_and_its_coin():
    _, desk = await traded()
    first = (await ask(desk, "get_performance", period="yesterday", by="symbol")).view
    assert [(one.name, one.trades, one.wins) for one in first.rows] == [("ETH/USD", 1, 1)]
    one = (await ask(desk, "get_performance", period="today", by="symbol", symbol="BTC/USD")).view
    assert [(row.name, row.trades) for row in one.rows] == [("BTC/USD", 1)] and one.trades == 1
    span = {"from": "2023-11-14", "to": "2023-11-14"}
    named = (await ask(desk, "get_performance", period=span, by="symbol")).view
    assert (named.period, named.trades) == ("2023-11-14 to 2023-11-14", 1)
    ago = (await ask(desk, "get_performance", period={"to": "2023-11-01"}, by="symbol")).view
    assert (ago.rows, ago.realised, ago.trades) == ((), 0, 0)


async def test_a_moment_may_carry_its_own_zone_or_be_in_the_owners():
    _, desk = await traded()
    for since, count in (("2023-11-15T22:18", 1), ("2023-11-15T22:18+02:00", 2)):
        view = (await ask(desk, "get_performance", period={"from": since}, by="symbol")).view
        assert view.trades == count


async def test_what_results_cannot_be_taken_apart_by_is_refused_with_what_they_can():
    _, desk = await traded()
    with pytest.raises(Refused, match="apart by mood") as refused:
        await ask(desk, "get_performance", period="all", by="mood")
    assert all(way in refused.value.hint for way in BY)


async def test_a_resting_order_is_told_by_its_number_with_whose_it_is():
    world, desk = await open_world()
    (stop,) = stops(world)
    text = await told(desk, "get_orders", order_id=stop.txid)
    assert text.startswith(f"{stop.txid} (mine): sell") and "ETH, stop-loss at" in text
    assert "it rests, 0 of it is filled" in text
    request = OrderRequest("", "ETH/USD", Side.BUY, OrderType.LIMIT, D("0.1"), D(1500))
    theirs = world.desk.matching.submit(request, world.clock.market_ms()).txid
    await world.engine.sync.refresh()
    text = await told(desk, "get_orders", order_id=theirs)
    assert text.startswith(f"{theirs} (yours): buy 0.1 ETH, limit at 1,500")


async def test_an_order_that_is_over_is_told_from_its_executions_and_an_unknown_one_is_refused():
    world, desk = await open_world()
    first = world.desk.matching.fills()[0]
    text = await told(desk, "get_orders", order_id=first.order_txid)
    assert text.startswith(f"{first.order_txid}: {first.side.value} 0.01 BTC at ")
    assert f"in 1 execution, fee {first.fee:,.2f}. It does not rest any more." in text
    with pytest.raises(Refused, match="no order ONOPE") as refused:
        await ask(desk, "get_orders", order_id="ONOPE")
    assert "/orders" in refused.value.hint


def with_panels(world: Trading) -> Registry:
    async def shown(request: Request) -> TextView:
        return TextView(f"the panel {request.slots.view}")

    registry, desk = Registry(), manual_desk(world)
    Queries(desk.status, desk.report, {"logs": shown, "health": shown}).bind(registry)
    return registry


async def test_a_panel_is_shown_and_the_log_never_reaches_the_model():
    registry = with_panels(await world_with(crossing_up()))
    model = Actor("jimmy", Door.MODEL, "chat")
    for actor, view in ((JIMMY, "logs"), (JIMMY, "health"), (model, "health")):
        request = registry.request("get_status", {"view": view}, actor, "one")
        assert (await registry.carry_out(request)).view.text == f"the panel {view}"
    with pytest.raises(Refused, match="owner's eyes"):
        await registry.carry_out(registry.request("get_status", {"view": "logs"}, model, "two"))


# Candles of an exchange that has fallen silent.


async def test_candles_of_a_silent_exchange_are_the_last_ones_told_and_as_old_as_the_newest():
    world, desk = await open_world()
    told_before = await desk.status.candles("ETH/USD", "5m", 50)
    world.desk.__class__ = Silent
    vars(world.desk).update(told_of=())
    view = await desk.status.candles("ETH/USD", "5m", 50)
    assert view.candles == told_before.candles
    newest_closed = view.candles[-1].time_ms + Timeframe.M5.ms
    assert (view.stamp.source, view.stamp.as_of_ms) == ("store", newest_closed)


async def test_a_watched_pair_that_nobody_looked_at_is_remembered_from_its_last_round():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    world.desk.__class__ = Silent
    vars(world.desk).update(told_of=())
    view = await manual_desk(world).status.candles("ETH/USD", "5m", 288)
    assert len(view.candles) == min(288, len(crossing_up())) and view.stamp.source == "store"


async def test_candles_that_were_never_told_are_not_made_up():
    world, desk = await open_world()
    world.desk.__class__ = Silent
    vars(world.desk).update(told_of=())
    with pytest.raises(VenueError, match="no candles of ETH/USD yet"):
        await desk.status.candles("ETH/USD", "4h", 50)


async def test_a_handful_of_newer_candles_does_not_push_out_the_older_ones():
    world, desk = await open_world()
    whole = (await desk.status.candles("ETH/USD", "5m", 50)).candles
    await desk.status.candles("ETH/USD", "5m", 3)
    world.desk.__class__ = Silent
    vars(world.desk).update(told_of=())
    assert (await desk.status.candles("ETH/USD", "5m", 50)).candles == whole


# The edge while the exchange gives no or half an answer.


class Silent(Desk):
    """Gives no price, or only the candles of some timeframes."""

    mute = False
    told_of: tuple[Timeframe, ...] = tuple(Timeframe)

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        if self.mute:
            raise Transient("no answer")
        return await super().quotes(symbols)

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        if timeframe not in self.told_of:
            raise Transient("no answer")
        return await super().candles(symbol, timeframe, limit)


async def edge_of(world: Trading, **odd: object) -> str:
    """What /edge says of a judged ETH on an exchange with something odd."""
    await world.engine.autopilot.step(START_MS)
    world.desk.__class__ = Silent
    vars(world.desk).update(odd)
    return await told(manual_desk(world), "get_status", view="edge")


async def test_the_edge_of_a_pair_without_a_price_says_so_and_keeps_the_rules_own_record():
    text = await edge_of(await world_with(crossing_up()), mute=True)
    assert "ETH/USD: the exchange gave no price just now." in text and "My rule's own record" in text
    assert "Cheaper" not in text and "Slower" not in text


async def test_slower_candles_are_compared_only_as_far_as_the_exchange_shows_them():
    world = await world_with(crossing_up())
    text = await edge_of(world, told_of=(Timeframe.M5, Timeframe.H1))
    (slower,) = [line for line in text.splitlines() if line.startswith("Slower candles")]
    assert " 1h " in slower and " 4h " not in slower and "times the cost" in slower
    assert "Slower" not in await edge_of(world, told_of=(Timeframe.M5,))
    world.desk.history["ETH/USD"] = crossing_up()[-10:]  # fewer than an ATR needs
    short = await edge_of(world, told_of=tuple(Timeframe))
    assert "Slower" not in short and "Cheaper: entering ETH" in short


async def test_an_enforced_gate_tells_what_its_tuition_may_still_lose():
    world = await world_with(crossing_up(), edge__gate="enforce")
    text = await edge_of(world)
    assert text.startswith("The gate is enforced") and text.splitlines()[-1] == (
        world.engine.gates.edge.tuition.text()
    )
