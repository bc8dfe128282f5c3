"""The edge gate, the tuition that passes it, resting entries, and live trades beside their paper twins."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Coroutine
from dataclasses import replace
from decimal import Decimal as D
from typing import Any

import pytest

from core.clock import ManualClock
from core.engine.maker_first import MakerFirst
from core.engine.parity import Parity, fee_bps, slippage_bps
from core.engine.registry import Proposal
from core.model.account import RoundTrip
from core.model.decisions import Decision
from core.model.errors import Refused
from core.model.facts import ParityRow
from core.model.market import Quote
from core.model.money import Money, Price, Qty, Rounding
from core.model.orders import Leg, OrderRequest, OrderType, Origin, Side
from core.model.tuning import EDGE, LOSS, LUCK, TOO_LITTLE, OutOfSample, TuningEvidence
from core.risk.brackets import Distances
from core.trading_config import CostConfig
from tests.scenario.test_engine_autopilot import (
    JIMMY,
    M5,
    START_MS,
    ask,
    crossing_up,
    manual_desk,
    world_with,
)
from tests.support.trading import ETH, PAIRS, Trading

DAY = 86_400_000
CLOSED = {"edge__gate": "enforce", "risk__take_profit_atr": "0.3"}  # a target nearer than two fees


def reason(world: Trading) -> str:
    return next(one.reason for one in reversed(world.journal.noted) if isinstance(one, Decision))


def told(world: Trading, key: str) -> list[str]:
    return [one.text for one in world.journal.told if one.key.startswith(key)]


async def test_a_closed_gate_refuses_and_says_why_once_a_day_with_three_choices():
    world = await world_with(crossing_up(), **CLOSED)
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert "a round trip costs" in reason(world)
    (text,) = told(world, "edge_closed")
    for part in (
        "I am not trading, and here is why", "the target is", "round trip costs", "own record",
        "ZYN_MODE=paper", "/risk tuition 50", "walkforward", "resting limit would cost",
    ):  # fmt: skip
        assert part in text
    for step in (1, 2):
        world.desk.history["ETH/USD"] = crossing_up(START_MS + step * M5)
        world.clock.advance(M5)
        await world.engine.autopilot.step(START_MS + step * M5)
    assert len(told(world, "edge_closed")) == 1
    later = START_MS + DAY
    world.clock.advance_to(later)
    world.desk.history["ETH/USD"] = crossing_up(later)
    world.desk.trade("ETH/USD", "2040", "1")
    await world.engine.autopilot.step(later)
    assert len(told(world, "edge_closed")) == 2


async def test_the_status_says_that_a_closed_gate_lets_nothing_in_why_and_what_would_open_it():
    world = await world_with(crossing_up(), **CLOSED)
    desk = manual_desk(world)
    assert (await desk.status.status()).trading  # nothing is warm yet: nobody can say
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(31_000)
    view = (await ask(desk, "get_status")).view
    assert not view.trading
    for part in (
        "the edge gate is closed: the nearest to paying is ETH/USD, where the target is", "round trip costs",
        "even a trade that reaches its target loses", "opens by itself when a target outgrows its cost",
        "slower candles, resting entries or a tuition", "/edge", "/risk tuition 50",
    ):  # fmt: skip
        assert part in view.why_not
    asked = (await ask(desk, "explain_trade", symbol="ETH/USD", decision="why_not")).view
    assert "Nothing is opened now: the edge gate is closed" in asked.text
    await ask(desk, "pause")
    assert "paused" in (await desk.status.status()).why_not  # what the owner did himself is said first


async def test_the_status_says_that_a_losing_record_closes_the_gate():
    world = await world_with(crossing_up(), edge__gate="enforce", edge__min_record="2", costs__taker="0.0001")
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(31_000)
    assert (await desk.status.status()).trading
    rule, shelf = world.engine.autopilot.rule, world.engine.portfolio._book._shelves["ETH/USD"]
    lost = RoundTrip(
        "ETH/USD", Qty(D("0.5")), Price(D(2_000)), Price(D(1_980)), START_MS, START_MS + M5, Money(D(2)),
        Money(D(-10)), Origin.AUTOPILOT, "stop", "", rule,
    )  # fmt: skip
    shelf.closed += [lost, replace(lost, net_pnl=Money(D(-20))), replace(lost, net_pnl=Money(D(-15)))]
    world.clock.advance(31_000)
    said = (await desk.status.status()).why_not
    assert "edge gate is closed: my rule's own record loses, 3 closed trades, -1.50 % each after fees" in said
    assert "zyn walkforward" in said


async def test_the_status_of_a_gate_that_only_warns_or_that_tuition_passes_is_trading():
    world = await world_with(crossing_up(), risk__take_profit_atr="0.3")
    await world.engine.autopilot.step(START_MS)
    assert (await manual_desk(world).status.status()).trading
    world = await granted("20")
    await world.engine.autopilot.step(START_MS)
    assert (await manual_desk(world).status.status()).trading
    await world.engine.gates.edge.tuition.end("the owner ended it")
    assert "edge gate is closed" in (await manual_desk(world).status.status()).why_not


FOUND = TuningEvidence(
    {"risk.stop_atr": "3.0"}, ("ETH/USD",), "5m", START_MS - 30 * DAY, START_MS, 6, 600,
    OutOfSample(120, 310.5, 1.4), OutOfSample(140, -80.0, -0.4), 0.97, EDGE,
)  # fmt: skip


class Found:
    """A walk-forward that lies there."""

    def __init__(self, evidence: TuningEvidence | None) -> None:
        self.evidence = evidence

    async def last(self) -> TuningEvidence | None:
        return self.evidence


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        (None, "No walk-forward was made yet: zyn walkforward --data DIR"),
        (FOUND, "A proposal, not a change: risk.stop_atr=3.0. Settings found this way made +310.50 in 120"),
        (replace(FOUND, verdict=LUCK), "After everything that was tried that may be luck, so I do not"),
        (replace(FOUND, verdict=LOSS), "That loses money too, so I do not propose it"),
        (replace(FOUND, verdict=TOO_LITTLE), "Those are too few trades to tell, so I do not propose it"),
        (replace(FOUND, kept=FOUND.proposed), "That is no better than now, so I do not propose it"),
    ],
    ids=["none", "worth it", "luck", "loss", "too little", "no better"],
)
async def test_the_third_choice_shows_what_the_last_walk_forward_would_change(
    evidence: TuningEvidence | None, said: str
):
    world = await world_with(crossing_up(), **CLOSED)
    world.engine.gates.edge._findings = Found(evidence)
    await world.engine.autopilot.step(START_MS)
    (text,) = told(world, "edge_closed")
    third = text.partition("3. look at what a walk-forward would change. ")[2]
    assert third.partition(" /edge has")[0].find(said) >= 0
    if evidence is not None:
        assert (
            "risk.stop_atr=3.0" in third and "on candles they had not seen, 2023-10-15 to 2023-11-14" in third
        )
        assert "600 trials counted, 97 % sure" in third
    assert said in (await ask(manual_desk(world), "get_status", view="edge")).view.text


async def test_a_gate_that_warns_lets_the_trade_through_and_shows_the_numbers():
    world = await world_with(crossing_up(), risk__take_profit_atr="0.3")
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    assert not told(world, "edge_closed")
    answer = await ask(manual_desk(world), "get_status", view="edge")
    text = answer.view.text
    assert "The gate only warns here" in text and "ETH/USD: the target is" in text
    assert "fees 0.52 %" in text and "Cheaper: entering ETH by a resting limit costs" in text


async def granted(money: str, **settings: str) -> Trading:
    world = await world_with(crossing_up(), **CLOSED, **settings)
    desk = manual_desk(world)
    proposal = await ask(desk, "set_risk", parameter="tuition", value=money)
    assert isinstance(proposal, Proposal) and world.engine.gates.edge.tuition.budget is None
    assert f"lose at most {D(money):,.2f}" in proposal.preview.summary
    await desk.confirmations.confirm(proposal.token, JIMMY)
    return world


async def test_a_granted_tuition_trades_within_its_bound():
    world = await granted("20")
    assert (await world.engine.autopilot.step(START_MS)).entered == 1
    position, tuition = world.engine.portfolio.position("ETH/USD"), world.engine.gates.edge.tuition
    at_stop = position.qty * position.stop * (1 - D("0.0026"))
    worst = position.entry_cost + position.fees - at_stop
    assert D("19") < worst <= D("20.1") and abs(tuition.left) < D("0.2")
    assert "may still be lost" in tuition.text()


async def test_a_used_up_tuition_ends_by_itself_and_the_gate_is_closed_again():
    world = await granted("20")
    await world.engine.autopilot.step(START_MS)
    world.desk.trade("ETH/USD", "2020", "1")
    await world.engine.sync.refresh()
    stop = world.engine.portfolio.position("ETH/USD").stop
    world.desk.trade("ETH/USD", str(stop - 5))
    await world.engine.sync.refresh()
    assert not world.engine.portfolio.holds("ETH/USD")
    await world.engine.gates.check()
    assert world.engine.gates.edge.tuition.budget is None
    (text,) = told(world, "tuition:")
    assert text.startswith("The tuition of 20.00 is over") and "1 trade closed, -" in text
    later = START_MS + 20 * M5
    world.clock.advance_to(later)
    world.desk.history["ETH/USD"] = crossing_up(later)
    world.desk.trade("ETH/USD", "2040", "1")
    assert (await world.engine.autopilot.step(later)).entered == 0


async def test_a_tuition_survives_a_restart_and_the_owner_can_end_it_at_once():
    world = await granted("50")
    tuition = world.engine.gates.edge.tuition
    tuition.budget = None
    await tuition.load()
    assert tuition.budget.total == 50
    answer = await ask(manual_desk(world), "set_risk", parameter="tuition", value="0")
    assert answer.done and tuition.budget is None
    await tuition.load()
    assert tuition.budget is None


async def test_a_tuition_is_not_needed_where_the_gate_is_open_nor_larger_than_everything():
    world = await world_with(crossing_up())
    assert (
        "No tuition is needed"
        in (await ask(manual_desk(world), "set_risk", parameter="tuition", value="50")).view.text
    )
    closed = await world_with(crossing_up(), **CLOSED)
    with pytest.raises(Refused, match="in all"):
        await ask(manual_desk(closed), "set_risk", parameter="tuition", value="50000")


class Standing(ManualClock):
    """Time that only a test moves: whoever sleeps until a moment of the market waits for it."""

    async def sleep_until_market(self, market_ms: int) -> None:
        while self.now_ms < market_ms:  # noqa: ASYNC110 - the test moves the clock, nothing signals it
            await asyncio.sleep(0)


class Beside:
    """Runs spawned work in the test's own loop, with the market moved by hand between its sleeps."""

    def __init__(self, world: Trading) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.world = world
        world.engine.makers._spawn = self.spawn
        world.clock.__class__ = Standing

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        self.tasks.append(asyncio.ensure_future(work))

    async def pass_(self, ms: int, price: str | None = None) -> None:
        if price:
            self.world.desk.trade("ETH/USD", price, "1")
        self.world.clock.advance(ms)
        for _ in range(60):
            await asyncio.sleep(0)


async def resting(**settings: str) -> tuple[Trading, Beside]:
    world = await world_with(crossing_up(), execution__entry="maker_first", **settings)
    beside = Beside(world)
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    await beside.pass_(0)
    return world, beside


def entries(world: Trading) -> list[OrderRequest]:
    return [one for one in world.desk.sent if one.side is Side.BUY]


async def test_a_maker_first_entry_rests_at_the_bid_pays_the_makers_fee_and_is_covered():
    world, beside = await resting()
    (order,) = entries(world)
    assert (order.type, order.post_only, order.price) == (OrderType.LIMIT, True, D("2039.50"))
    assert order.close_stop and order.expire_ms
    await beside.pass_(5_000, "2038")
    await beside.pass_(5_000)
    position = world.engine.portfolio.position("ETH/USD")
    assert position and position.stopped_qty == position.qty
    (fill,) = world.desk.matching.fills()
    assert fill.maker and fill.fee == pytest.approx(fill.cost * D("0.0016"))
    await beside.pass_(60_000, "2036")
    measured: MakerFirst = world.engine.makers
    assert measured.measured.fill_rate == 1.0 and measured.measured.drift == pytest.approx(-17.2, abs=0.3)
    assert "crossed up" in reason(world)
    for task in beside.tasks:
        await task


async def test_entries_that_rest_are_held_against_the_makers_cost_so_that_they_do_open_the_gate():
    between = {
        "edge__gate": "enforce",
        "risk__take_profit_atr": "0.92",
    }  # above the maker's cost, below the taker's
    taking = await world_with(crossing_up(), **between)
    assert (await taking.engine.autopilot.step(START_MS)).entered == 0 and "round trip costs" in reason(
        taking
    )
    world, beside = await resting(**between)
    assert entries(world) and not told(world, "edge_closed")
    quote, fees = world.desk.matching.quote("ETH/USD"), await world.desk.fees("ETH/USD")
    taken, rested = (
        one.engine.gates.edge.edge_at(quote, quote.ask, Distances(D(20), D(11)), fees)
        for one in (taking, world)
    )
    assert taken.cost - rested.cost == fees.taker - fees.maker + (taken.spread + taken.slippage) / 2
    assert "Entries rest as limits" in (await ask(manual_desk(world), "get_status", view="edge")).view.text
    for _ in range(30):
        await beside.pass_(5_000, "2050")
    assert all(task.done() for task in beside.tasks)


async def test_a_resting_entry_follows_the_bid_and_is_given_up_in_time_with_the_reason():
    world, beside = await resting(execution__maker_patience_s="30")
    for step in range(1, 8):
        await beside.pass_(5_000, str(2040 + step))
    orders = entries(world)
    assert len(orders) > 2 and [one.price for one in orders] == sorted({one.price for one in orders})
    assert not world.desk.matching.open_orders() and not world.engine.portfolio.holds("ETH/USD")
    assert len({one.cl_ord_id for one in orders}) == len(orders)
    assert "did not come to my resting bid within 30 s" in reason(world)
    assert world.engine.makers.measured.fill_rate == 0.0
    assert all(task.done() for task in beside.tasks)


async def test_a_kill_switch_takes_a_resting_entry_out_of_the_market():
    world, beside = await resting()
    assert world.desk.matching.open_orders()
    await world.engine.latches.set("paused", "paused by you")
    await world.engine.flatten.cancel_for_kill("the daily loss limit")
    for _ in range(8):
        await beside.pass_(5_000, "2041")
    assert not world.desk.matching.open_orders() and len(entries(world)) == 1


def twin(rng: random.Random, parity: Parity, slip: float, fee: float, i: int) -> ParityRow:
    """A trade as the ledger books it: the paper price from the quote, the live one `slip` bps worse."""
    side = Side.BUY if i % 2 else Side.SELL
    mid = D(str(round(2000 * (1 + rng.gauss(0, 0.01)), 2)))
    quote = Quote("ETH/USD", Price(mid - D("0.5")), Price(mid + D("0.5")), Price(mid), i)
    parity.saw({"ETH/USD": quote})
    expected = parity.expect(OrderRequest(str(i), "ETH/USD", side, OrderType.MARKET, D(1)))
    sign = 1 if side is Side.BUY else -1
    price = expected * (1 + D(str(sign * (slip + rng.gauss(0, 4)) / 10_000)))
    paid = D(str(0.0026 + fee / 10_000)) * price
    return ParityRow(
        str(i), "ETH/USD", side, Leg.ENTRY, i, D(1), price, paid, expected, expected * D("0.0026")
    )


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_slippage_of_7_bps_is_recovered_within_1_bp_after_200_trades(seed: int):
    rng, parity = random.Random(seed), Parity(PAIRS, CostConfig())
    parity.load(twin(rng, parity, 7.0, 3.0, i) for i in range(200))
    found = parity.slippage()
    assert abs(found.mean - 7.0) <= 1.0 and found.low <= found.mean <= found.high
    assert found.high - found.low < 2.0
    assert abs(parity.fees().mean - 3.0) <= 0.5
    assert parity.measured_slippage("ETH/USD", D(0)) == pytest.approx(D("0.0007"), abs=D("0.0001"))
    assert "200 orders: slippage +" in parity.text()


async def test_every_live_trade_has_its_paper_twin_entry_stop_and_exit_alike():
    from core.engine.parity import SeenMarket

    world = await world_with(crossing_up())
    parity = Parity(PAIRS, world.config.costs)
    engine = _with_parity(world, parity, SeenMarket(world.desk, parity))
    await engine.sync.recover()
    await engine.watchdog.look()
    assert (await engine.autopilot.step(START_MS)).entered == 1
    (entry,) = parity.rows
    # The quote is 2039.50/2040.50, so the paper account pays the ask widened to 2.5 bps from the middle.
    assert (entry.side, entry.leg, entry.twin_price) == (Side.BUY, Leg.ENTRY, D("2040.51"))
    assert slippage_bps(entry) == pytest.approx(-0.05, abs=0.01) and abs(fee_bps(entry)) < 0.01
    stop = engine.portfolio.position("ETH/USD").stop
    world.desk.trade("ETH/USD", str(stop - 3))
    await engine.sync.refresh()
    assert not engine.portfolio.holds("ETH/USD")
    stopped = parity.rows[-1]
    assert stopped.leg is Leg.STOP and stopped.twin_price == ETH.price(
        stop * (1 - D("0.00025")), Rounding.DOWN
    )
    assert slippage_bps(stopped) > 0
    kept = [one for one in world.journal.written if isinstance(one, ParityRow)]
    assert kept == list(parity.rows)


def quote_at(mid: str) -> Quote:
    return Quote("ETH/USD", Price(D(mid) - D("0.5")), Price(D(mid) + D("0.5")), Price(D(mid)), START_MS)


def order(kind: OrderType, side: Side, price: str = "", post_only: bool = False) -> OrderRequest:
    at = Price(D(price)) if price else None
    return OrderRequest("id", "ETH/USD", side, kind, D(1), price=at, post_only=post_only)


def test_a_twin_is_made_of_the_prices_of_that_moment_and_not_of_those_read_before():
    now: dict[str, Quote] = {}
    parity = Parity(PAIRS, CostConfig(), now.get)
    parity.saw({"ETH/USD": quote_at("2000")})
    sale = order(OrderType.MARKET, Side.SELL)
    assert parity.expect(sale) == D("1999.50")
    now["ETH/USD"] = quote_at("1990")  # it fell while the stop was taken away
    assert parity.expect(sale) == D("1989.50")


def test_a_limit_that_crosses_has_a_market_orders_twin_and_one_that_rests_its_own_price():
    parity = Parity(PAIRS, CostConfig())
    parity.saw({"ETH/USD": quote_at("2000")})
    for side, crossing, resting in ((Side.SELL, "1990", "2010"), (Side.BUY, "2010", "1990")):
        taken = parity.expect(order(OrderType.MARKET, side))
        assert parity.expect(order(OrderType.LIMIT, side, crossing)) == taken != D(crossing)
        assert parity.expect(order(OrderType.LIMIT, side, resting)) == D(resting)
        assert parity.expect(order(OrderType.LIMIT, side, crossing, post_only=True)) == D(crossing)
    blind = Parity(PAIRS, CostConfig())
    assert blind.expect(order(OrderType.LIMIT, Side.SELL, "1990")) == D("1990")
    assert blind.expect(order(OrderType.MARKET, Side.SELL)) is None
    assert blind.expect(order(OrderType.STOP_LOSS, Side.SELL, "1990")) is None


def _with_parity(world: Trading, parity: Parity, market: Any) -> Any:
    """The same world as a process that keeps the ledger."""
    from core.engine.assembly import Ports, build_engine
    from core.model.ids import account_namespace

    desk = world.desk
    ports = Ports(
        market, desk, desk, desk, world.journal, world.silent, world.silent,
        world.clock, parity=parity,
    )  # fmt: skip
    symbols = ("ETH/USD", "BTC/USD")
    return build_engine(
        world.config,
        ports,
        world.supervisor,
        world.receipts,
        PAIRS,
        symbols,
        account_namespace("demo", "t"),
        {},
    )
