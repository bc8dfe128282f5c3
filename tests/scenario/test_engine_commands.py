"""Everything that can be asked and ordered, carried out against the exchange of a test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest

from core.engine.registry import Answer, Proposal
from core.model.errors import Refused, Transient
from core.model.market import Advisory, ExchangeStatus, FeeRates, Quote
from core.model.money import Qty
from core.model.orders import Leg, Origin
from tests.scenario.test_engine_autopilot import JIMMY, ManualDesk, ask, crossing_up, manual_desk, world_with
from tests.scenario.test_engine_orders import buy, stops
from tests.support.trading import START_MS, Desk, Trading

ETH_50 = {"side": "buy", "symbol": "ETH/USD", "amount": ("50", "quote")}


async def open_world(**settings: str) -> tuple[Trading, ManualDesk]:
    """A world that holds ETH and once held BTC."""
    world = await world_with(crossing_up(), **{"risk__risk_per_trade": "0.001", **settings})
    await world.engine.treasury.roll_day(START_MS)
    await buy(world, "BTC/USD", "0.01", "past")
    world.clock.advance(1000)
    await world.engine.protection.leave("BTC/USD", Leg.EXIT, Origin.AUTOPILOT)
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(1000)
    return world, manual_desk(world)


async def told(desk: ManualDesk, intent: str, **slots: object) -> str:
    answer = await ask(desk, intent, **slots)
    assert isinstance(answer, Answer)
    return answer.view.text


async def test_the_account_is_shown_whole_or_one_coin_of_it():
    world, desk = await open_world()
    rows = (await ask(desk, "get_balances")).view.rows
    held = world.desk.matching.balances()
    assert {row.balance.asset: row.balance.total for row in rows} == {
        asset: one.total for asset, one in held.items() if one.total
    }
    (eth,) = (await ask(desk, "get_balances", asset="ETH")).view.rows
    assert eth.value == eth.balance.total * eth.price
    assert "no SOL" in await told(desk, "get_balances", asset="SOL")


async def test_positions_and_orders_can_be_asked_for_one_pair():
    _, desk = await open_world()
    assert len((await ask(desk, "get_positions")).view.rows) == 1
    assert not (await ask(desk, "get_positions", symbol="BTC/USD")).view.rows
    assert len((await ask(desk, "get_orders", symbol="ETH/USD")).view.rows) == 1
    assert not (await ask(desk, "get_orders", symbol="BTC/USD")).view.rows


@pytest.mark.parametrize(
    ("slots", "count"),
    [
        ({}, 3),
        ({"symbol": "BTC/USD"}, 2),
        ({"side": "sell"}, 1),
        ({"limit": 1}, 1),
        ({"period": "yesterday"}, 0),
        ({"period": {"from": "2023-11-14", "to": "2023-11-14"}}, 3),
        ({"period": {"from": "2023-11-15"}}, 0),
    ],
)
async def test_trades_are_the_exchanges_newest_first_and_can_be_narrowed(slots: dict, count: int):
    world, desk = await open_world()
    rows = (await ask(desk, "get_trades", **slots)).view.rows
    assert len(rows) == count
    newest_first = sorted(world.desk.matching.fills(), key=lambda one: -one.time_ms)
    assert set(rows) <= set(newest_first)
    assert [row.time_ms for row in rows] == sorted((row.time_ms for row in rows), reverse=True)


async def test_profit_and_loss_adds_up_by_symbol_and_period():
    world, desk = await open_world()
    view = (await ask(desk, "get_performance", period="all")).view
    (trip,) = world.engine.portfolio.round_trips
    assert (view.realised, view.trades, view.losses) == (trip.net_pnl, 1, 1)
    assert view.fees == sum(fill.fee for fill in world.desk.matching.fills())
    assert view.by_symbol[0].symbol == "BTC/USD" and view.best == view.worst == trip
    assert view.unrealised == world.engine.portfolio.unrealised
    assert not (await ask(desk, "get_performance", period="yesterday")).view.trades
    assert not (await ask(desk, "get_performance", period="all", symbol="ETH/USD")).view.trades


async def test_a_price_comes_from_the_exchange_with_its_age():
    world, desk = await open_world()
    view = (await ask(desk, "get_price", symbol="BTC/USD")).view
    assert view.quote == world.desk.matching.quote("BTC/USD") and view.age_ms == 2000
    with pytest.raises(Refused, match="no pair"):
        await ask(desk, "get_price", symbol="NOPE/USD")


async def test_market_info_gives_the_grid_the_minimum_and_the_fees():
    _, desk = await open_world()
    view = (await ask(desk, "get_market_info", symbol="ETH/USD")).view
    assert (view.pair.min_qty, view.fees.taker) == (Decimal("0.001"), Decimal("0.0026"))
    assert view.watched and view.quote is not None


async def test_why_gives_the_receipt_of_a_trade_and_why_not_that_of_a_candle():
    world, desk = await open_world()
    bought = (await ask(desk, "explain_trade", symbol="ETH/USD")).view
    assert bought.decision.verdict == "entered" and bought.fills
    skipped = (await ask(desk, "explain_trade", symbol="BTC/USD", decision="why_not")).view
    assert not skipped.fills
    own = (await ask(desk, "explain_trade", symbol="BTC/USD", side="buy")).view
    assert "not a signal of mine" in own.text
    then = (await ask(desk, "explain_trade", symbol="BTC/USD", period="yesterday")).view
    assert then.text == "I judged no candle in that time."


async def test_insights_say_how_little_they_prove_and_are_kept():
    world, desk = await open_world()
    assert "not yet evidence" in await told(desk, "get_insights")
    assert world.journal.noted[-1].subject == "trades"


async def test_candles_come_with_the_fills_on_them():
    world, desk = await open_world()
    view = await desk.status.candles("ETH/USD", "5m", 50)
    assert len(view.candles) == 50 and len(view.fills) == 1 and view.position is not None


async def test_the_equity_curve_ends_now():
    world, desk = await open_world()
    assert (await desk.status.equity()).points[-1][1] == world.engine.treasury.equity


@pytest.mark.parametrize(
    ("slots", "reason"),
    [
        ({**ETH_50, "stop": ("110", "percent")}, "makes no sense"),
        ({**ETH_50, "stop": ("2500", "price")}, "makes no sense"),
        ({**ETH_50, "take_profit": ("1500", "price")}, "below the price"),
        ({**ETH_50, "type": "limit"}, "needs its price"),
        ({**ETH_50, "amount": ("0.01", "quote")}, "minimum"),
        ({"side": "buy", "symbol": "BTC/USD", "amount": ("50", "percent_position")}, "no BTC/USD position"),
        ({"side": "buy", "symbol": "NOPE/USD", "amount": ("50", "quote")}, "no pair"),
        ({"side": "buy", "symbol": "BTC/USD", "amount": ("50", "quote")}, "too few candles"),
        ({"side": "sell", "symbol": "BTC/USD", "amount": ("50", "quote")}, "no BTC of mine"),
        ({"side": "sell", "symbol": "ETH/USD", "amount": ("99", "base")}, "less than that"),
        ({"side": "sell", "symbol": "ETH/USD", "amount": ("0.1", "quote")}, "cannot sell that"),
        (
            {
                "side": "sell", "symbol": "ETH/USD", "amount": ("50", "percent_position"), "type": "limit",
                "limit_price": "3000",
            },
            "whole position",
        ),
    ],
)  # fmt: skip
async def test_an_order_that_makes_no_sense_is_refused_with_its_reason_and_nothing_is_sent(slots, reason):
    world, desk = await open_world()
    before = len(world.desk.sent)
    with pytest.raises(Refused, match=reason):
        await ask(desk, "place_order", **slots)
    assert len(world.desk.sent) == before
    assert [one for one in world.journal.written if getattr(one, "kind", "").startswith("refused:")]


async def test_a_size_just_below_the_minimum_is_raised_to_it_and_said_so():
    _, desk = await open_world()
    proposal = await ask(desk, "place_order", **{**ETH_50, "amount": ("1.20", "quote")})
    assert proposal.preview.qty == Decimal("0.001")
    assert "smallest order" in proposal.preview.lines[-1]


async def test_a_limit_far_above_the_market_is_refused_and_one_far_below_is_not():
    _, desk = await open_world()
    with pytest.raises(Refused, match="far above"):
        await ask(desk, "place_order", **ETH_50, type="limit", limit_price="2200")
    proposal = await ask(desk, "place_order", **ETH_50, type="limit", limit_price="1500")
    assert proposal.preview.price == Decimal("1500")


async def test_risk_shows_what_a_gap_through_all_stops_would_cost():
    world, desk = await open_world(risk__gap_stress="0.2")
    text = await told(desk, "set_risk")
    [held] = world.engine.portfolio.exposed
    lost = held.qty * (held.mark - held.stop * Decimal("0.8") * (1 - Decimal("0.0026")))
    assert f"gap 20 % through their stops {lost:,.2f} (1,19" in text


@pytest.mark.parametrize(
    ("minutes", "until", "stopped"), [(31, 90, False), (30, 90, True), (-10, 50, True), (-90, -1, False)]
)
async def test_entries_stop_half_an_hour_ahead_of_maintenance_until_it_is_over(minutes, until, stopped):
    world, _ = await open_world()
    now = world.clock.market_ms()
    world.desk.announced = [Advisory("engine", False, now + minutes * 60_000, now + until * 60_000)]
    await world.engine.watchdog.look()
    assert bool(world.engine.watchdog.blocking()) == stopped


async def test_the_owners_buy_waits_too_while_what_it_rests_on_is_lost_and_his_sell_does_not():
    world, desk = await open_world()
    proposal = await ask(desk, "place_order", **ETH_50, stop=("2", "percent"))
    world.desk.announced = [Advisory("engine", False, world.clock.market_ms() + 60_000)]
    await world.engine.watchdog.look()
    sent = len(world.desk.sent)
    with pytest.raises(Refused, match="goes into maintenance"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    with pytest.raises(Refused, match="goes into maintenance") as no:
        await ask(desk, "place_order", **ETH_50, stop=("2", "percent"))
    assert "ask me anew" in no.value.hint and len(world.desk.sent) == sent
    sell = await ask(desk, "place_order", side="sell", symbol="ETH/USD", amount=("100", "percent_position"))
    await desk.confirmations.confirm(sell.token, JIMMY)
    assert len(world.desk.sent) > sent
    world.desk.announced = []
    await world.engine.watchdog.look()
    assert (await ask(desk, "place_order", **ETH_50, stop=("2", "percent"))).preview


async def test_a_bracket_buys_with_stop_and_target():
    world, desk = await open_world()
    slots = {**ETH_50, "stop": ("1900", "price"), "take_profit": ("5", "percent")}
    proposal = await ask(desk, "place_bracket", **slots)
    await desk.confirmations.confirm(proposal.token, JIMMY)
    bought = world.desk.sent[-1]
    assert bought.close_stop == proposal.preview.stop
    assert world.engine.portfolio.position("ETH/USD").target == proposal.preview.target


async def test_a_share_of_the_cash_and_of_the_position_are_worked_out():
    world, desk = await open_world(risk__max_position="0.9", risk__max_exposure="1")
    slots = {"side": "buy", "symbol": "ETH/USD", "amount": ("1", "percent_balance")}
    spent = (await ask(desk, "place_order", **slots)).preview
    assert abs(spent.notional + spent.fee - world.engine.treasury.cash / 100) < Decimal("0.01")
    more = (await ask(desk, "place_order", **{**slots, "amount": ("1", "percent_position")})).preview
    held = world.engine.portfolio.position("ETH/USD").qty
    assert abs(more.qty - held / 100) < Decimal("1e-7")


async def test_half_a_position_is_sold_and_the_rest_stays_covered():
    world, desk = await open_world()
    before = world.engine.portfolio.position("ETH/USD").qty
    slots = {"side": "sell", "symbol": "ETH/USD", "amount": ("50", "percent_position")}
    proposal = await ask(desk, "place_order", **slots)
    answer = await desk.confirmations.confirm(proposal.token, JIMMY)
    assert "stay, with their stop" in answer.view.text
    position = world.engine.portfolio.position("ETH/USD")
    assert abs(position.qty - before / 2) < Decimal("1e-7")
    assert sum(one.qty for one in stops(world)) == position.qty


async def test_a_sale_that_the_exchange_refuses_is_said_and_nothing_is_lost():
    world, desk = await open_world()
    slots = {"side": "sell", "symbol": "ETH/USD", "amount": ("100", "percent_position")}
    proposal = await ask(desk, "place_order", **slots)
    world.desk.refuse = ["EService:Busy"]
    with pytest.raises(Refused, match="Nothing was sold"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert sum(one.qty for one in stops(world)) == world.engine.portfolio.position("ETH/USD").qty


async def test_a_buy_that_the_exchange_refuses_is_said():
    world, desk = await open_world()
    proposal = await ask(desk, "place_order", **ETH_50, stop=("2", "percent"))
    world.desk.refuse = ["EOrder:Insufficient funds"]
    with pytest.raises(Refused, match="Nothing was bought"):
        await desk.confirmations.confirm(proposal.token, JIMMY)


async def test_a_resting_buy_can_be_cancelled_by_pair_id_side_or_as_the_last_and_stops_cannot():
    world, desk = await open_world()
    for price in ("1900", "1910", "1920"):
        slots = {**ETH_50, "type": "limit", "limit_price": price, "stop": ("2", "percent")}
        proposal = await ask(desk, "place_order", **slots)
        assert "24 hours" in proposal.preview.lines[0]
        answer = await desk.confirmations.confirm(proposal.token, JIMMY)
        assert "rests at" in answer.view.text
        world.clock.advance(1000)
    assert "Cancelled 1 order" in await told(desk, "cancel_order", which="last")
    resting = [one for one in world.desk.matching.open_orders() if one.side == "buy"]
    assert sorted(one.price for one in resting) == [1900, 1910]
    assert "Cancelled 1 order" in await told(desk, "cancel_order", order_id=resting[0].txid)
    assert "Cancelled 1 order" in await told(desk, "cancel_order", symbol="ETH/USD", side="buy")
    with pytest.raises(Refused, match="do not take a stop"):
        await ask(desk, "cancel_order", symbol="ETH/USD")
    with pytest.raises(Refused, match="no such order"):
        await ask(desk, "cancel_order", symbol="BTC/USD")
    assert len(stops(world)) == 1


async def two_resting(world: Trading, desk: ManualDesk) -> list[str]:
    for price in ("1900", "1910"):
        slots = {**ETH_50, "type": "limit", "limit_price": price, "stop": ("2", "percent")}
        await desk.confirmations.confirm((await ask(desk, "place_order", **slots)).token, JIMMY)
        world.clock.advance(1000)
    return [one.txid for one in world.desk.matching.open_orders() if one.side == "buy"]


async def test_one_order_that_cannot_be_cancelled_holds_no_other_up_and_is_named():
    world, desk = await open_world()
    first, _ = await two_resting(world, desk)

    class Deaf(type(world.desk)):
        async def cancel(self, txid):
            if txid == first:
                raise Transient("no answer")
            await super().cancel(txid)

    world.desk.__class__ = Deaf
    text = await told(desk, "cancel_order", which="all")
    assert "Cancelled 1 order." in text and "may still rest" in text
    assert [one.txid for one in world.desk.matching.open_orders() if one.side == "buy"] == [first]


async def test_a_cancel_that_is_not_answered_is_not_told_as_done():
    world, desk = await open_world()
    await two_resting(world, desk)
    world.desk.deaf_cancels = 2
    text = await told(desk, "cancel_order", which="all")
    assert "Cancelled" not in text and text.count("still rests") == 2


async def test_an_order_that_bought_before_it_could_be_cancelled_is_told_so():
    world, desk = await open_world()
    await two_resting(world, desk)
    real = world.desk.cancel

    async def too_late(txid: str) -> None:
        world.desk.trade("ETH/USD", "1905", "1")
        await real(txid)

    world.desk.cancel = too_late  # type: ignore[method-assign]
    text = await told(desk, "cancel_order", which="all")
    assert "had bought already; its stop rests" in text and "Cancelled 1 order." in text


async def test_limits_are_shown_in_money_and_talk_never_goes_beyond_the_settings():
    _, desk = await open_world()
    assert "loss budget left" in await told(desk, "set_risk")
    with pytest.raises(Refused, match="talk goes no further"):
        await ask(desk, "set_risk", parameter="max_position", value="90", unit="percent")
    with pytest.raises(Refused, match="not changed by talk"):
        await ask(desk, "set_risk", parameter="stop_atr", value="1")


async def test_a_pause_for_one_coin_or_a_while_says_what_it_really_is():
    world, desk = await open_world()
    text = await told(desk, "pause", symbol="ETH/USD", duration="2h")
    assert "Paused until " in text and "for every coin" in text and "Your open position keeps" in text
    assert "until you say resume" in await told(desk, "pause")
    assert "paused already" in await told(desk, "pause")


async def test_resume_and_unlock_with_nothing_to_end_say_so():
    _, desk = await open_world()
    assert "not paused" in await told(desk, "resume")
    assert "Nothing is locked" in await told(desk, "unlock")


async def test_flatten_with_nothing_held_says_so_and_one_pair_can_be_named():
    world, desk = await open_world()
    assert "nothing to sell" in await told(desk, "flatten", symbol="BTC/USD")
    proposal = await ask(desk, "flatten", symbol="ETH/USD")
    assert isinstance(proposal, Proposal) and proposal.preview.fee > 0
    assert "I am flat" in (await desk.confirmations.confirm(proposal.token, JIMMY)).view.text
    assert "nothing to sell" in await told(desk, "flatten", now=True)


async def test_dust_is_a_balance_and_no_position_on_any_screen():
    world, desk = await open_world()
    held = world.engine.portfolio.position("ETH/USD").qty
    leave = world.engine.protection.leave
    await leave("ETH/USD", Leg.EXIT, Origin.CHAT, Qty(held - Decimal("0.0001")))
    assert world.engine.portfolio.holds("ETH/USD")
    assert not (await ask(desk, "get_positions")).view.rows
    assert (await ask(desk, "get_status")).view.open_positions == 0
    assert (await ask(desk, "get_performance", period="today")).view.standing.open_positions == 0
    assert "nothing to sell" in await told(desk, "flatten")
    eth = next(row for row in (await ask(desk, "get_balances")).view.rows if row.balance.asset == "ETH")
    assert eth.balance.total == Decimal("0.0001")


class Mute(Desk):
    """An exchange that stopped answering questions about prices and fees."""

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        raise Transient("no answer in time")

    async def fees(self, symbol: str) -> FeeRates:
        raise Transient("no answer in time")


async def test_a_silent_exchange_leaves_the_last_figures_on_every_screen():
    world, desk = await open_world()
    before = [(await ask(desk, what)).view for what in ("get_status", "get_positions", "get_balances")]
    world.desk.__class__ = Mute
    world.clock.advance(1000)
    after = [(await ask(desk, what)).view for what in ("get_status", "get_positions", "get_balances")]
    for one, other in zip(before, after, strict=True):
        assert one.stamp == other.stamp, "as old as it says"
    assert [view.equity for view in (before[0], after[0])] == [before[0].equity] * 2
    assert before[1].rows == after[1].rows and before[1].worst_loss == after[1].worst_loss
    assert before[2].total == after[2].total
    assert "Sell 1 position" in (await ask(desk, "flatten")).preview.summary
    with pytest.raises(Transient):
        await ask(desk, "get_price", symbol="ETH/USD")


async def test_flatten_with_nothing_held_names_the_entries_that_still_rest():
    world, desk = await open_world()
    await told(desk, "flatten", now=True)
    proposal = await ask(desk, "place_order", **ETH_50, type="limit", limit_price="1900")
    await desk.confirmations.confirm(proposal.token, JIMMY)
    assert "1 entry of mine still rests" in await told(desk, "flatten")


async def test_a_declined_preview_does_nothing_and_cannot_be_confirmed():
    world, desk = await open_world()
    proposal = await ask(desk, "place_order", **ETH_50, stop=("2", "percent"))
    assert desk.confirmations.open_for(JIMMY.session) == proposal
    await desk.confirmations.decline(proposal.token, JIMMY)
    with pytest.raises(Refused):
        await desk.confirmations.confirm(proposal.token, JIMMY)


async def test_status_names_what_is_broken_and_stays_readable_while_the_exchange_is_silent():
    world, desk = await open_world()
    world.desk.online = ExchangeStatus.MAINTENANCE
    await world.engine.watchdog.look()
    assert "maintenance" in (await desk.status.status()).why_not

    class Silent(type(world.desk)):
        async def open_orders(self):
            raise Transient("no answer")

        async def status(self):
            raise Transient("no answer")

    world.desk.__class__ = Silent
    world.clock.advance(400_000)
    await world.engine.watchdog.look()
    status = await desk.status.status()
    assert "does not answer" in status.why_not and status.stamp.as_of_ms < world.clock.market_ms()
    wrong = {one.name for one in status.health if not one.ok}
    assert {"exchange", "account"} <= wrong


async def test_the_watch_loop_takes_the_profit_by_itself():
    world, _ = await open_world()
    target = world.engine.portfolio.position("ETH/USD").target
    world.desk.trade("ETH/USD", str(target + 1))
    world.supervisor.keep("watch", world.engine.watch.run)
    for _ in range(60):
        await world.clock.sleep(0.05)
        if not world.engine.portfolio.positions:
            break
    await world.supervisor.stop()
    assert world.engine.portfolio.round_trips[-1].reason == "target" and not world.failures


async def test_the_loop_of_the_autopilot_judges_each_close_and_never_drifts():
    world, _ = await open_world()
    closes = []
    step = world.engine.autopilot.step

    async def counted(close_ms: int):
        closes.append(close_ms)
        if len(closes) == 4:
            raise KeyError("enough")
        return await step(close_ms)

    world.engine.autopilot.step = counted
    with pytest.raises(KeyError):
        await world.engine.autopilot.run()
    assert [one % 300_000 for one in closes] == [0, 0, 0, 0]
    assert [b - a for a, b in zip(closes, closes[1:], strict=False)] == [300_000] * 3


async def test_a_part_that_fails_is_told_and_started_again_and_another_goes_on():
    world, _ = await open_world()
    lives = {"bad": 0, "good": 0}

    async def bad():
        lives["bad"] += 1
        raise ValueError("broken")

    async def good():
        while True:
            lives["good"] += 1
            await world.clock.sleep(1)

    world.supervisor.keep("bad", bad)
    world.supervisor.keep("good", good)
    for _ in range(40):
        await world.clock.sleep(1)
    assert lives["bad"] > 2 and lives["good"] > 10
    assert world.failures[0][0] == "bad" and world.supervisor.running == ("bad", "good")
    with pytest.raises(ValueError, match="runs already"):
        world.supervisor.keep("good", good)
    await world.supervisor.stop()
