"""The road as jimmy would check it: one judgement a candle, limits that hold, a kill switch that stays."""

import asyncio
from collections.abc import Mapping
from decimal import Decimal

import pytest

from core.clock import ManualClock
from core.engine.commands import Commands
from core.engine.confirmations import Confirmations, Requoted
from core.engine.edge_report import EdgeReport
from core.engine.latches import KILL_SWITCH, PAUSED
from core.engine.learning_command import LearningCommand
from core.engine.manual import ManualOrders
from core.engine.policies import Policies
from core.engine.queries import Queries
from core.engine.registry import Actor, Answer, Door, Proposal, Registry
from core.engine.status_service import StatusService
from core.model.decisions import Decision, Verdict
from core.model.errors import Refused, Transient
from core.model.events import EventKind
from core.model.facts import Fact
from core.model.market import Candle, ExchangeStatus
from core.model.orders import Fill, IntentState, OrderIntent, Origin
from tests.support.trading import (
    PAIRS,
    START_MS,
    KeptJournal,
    KeptPolicies,
    Silent,
    Trading,
    around,
    trading,
)

M5 = 300_000
JIMMY = Actor("jimmy", Door.SHELL, "shell")


def candles(closes: list[float], last_close_ms: int = START_MS) -> list[Candle]:
    """Closed candles ending at `last_close_ms`, each a little wide so that ATR is above zero."""
    first = last_close_ms - len(closes) * M5
    rows, before = [], closes[0]
    for i, close in enumerate(closes):
        high, low = max(before, close) + 4, min(before, close) - 4
        rows.append(Candle(first + i * M5, before, high, low, close, 10.0))
        before = close
    return rows


FALLING = [2100.0 - i for i in range(100)]


def crossing_up(last_close_ms: int = START_MS) -> list[Candle]:
    return candles([*FALLING, 2040.0], last_close_ms)


async def world_with(history: list[Candle], **settings: str) -> Trading:
    world = trading(**settings)
    world.desk.history = {"ETH/USD": history}
    world.desk.trade("ETH/USD", str(history[-1].close), "1")
    await world.engine.sync.recover()
    await world.engine.watchdog.look()
    return world


def verdicts(world: Trading) -> list[Verdict]:
    return [one.verdict for one in world.journal.noted if isinstance(one, Decision)]


async def test_a_cross_up_on_a_closed_candle_becomes_a_protected_position():
    world = await world_with(crossing_up())
    outcome = await world.engine.autopilot.step(START_MS)
    position = world.engine.portfolio.position("ETH/USD")
    assert outcome.entered == 1 and position.stopped_qty == position.qty
    atr = world.engine.tracks["ETH/USD"].engine.atr
    assert abs(float(position.entry_price - position.stop) - 2 * atr) <= 0.01
    assert abs(float(position.target - position.entry_price) - 3 * atr) <= 0.01
    assert verdicts(world) == [Verdict.ENTERED]
    assert position.qty * position.entry_price <= Decimal(2500)


async def test_the_same_candle_is_never_judged_twice_nor_after_a_restart():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    assert (await world.engine.autopilot.step(START_MS)).judged == 0
    await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    world.engine.mirror.save()
    again = world.restarted()
    await again.engine.latches.load()
    await again.engine.mirror.restore_tracks(again.engine.mirror.load(), None)
    await again.engine.sync.recover()
    assert (await again.engine.autopilot.step(START_MS)).judged == 0
    assert len([one for one in world.desk.sent if one.side == "buy"]) == 1


async def no_receipt(since_ms: int) -> dict[str, int]:
    return {}


async def test_an_entry_whose_receipt_a_crash_took_has_one_after_the_restart():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    world.engine.mirror.save()
    world.journal.noted.clear()
    again = world.restarted()
    await again.engine.mirror.restore_tracks(again.engine.mirror.load(), no_receipt)
    await again.engine.sync.recover()
    assert (await again.engine.autopilot.step(START_MS)).entered == 0
    assert verdicts(again) == [Verdict.ENTERED]
    assert len([one for one in world.desk.sent if one.side == "buy"]) == 1


async def test_a_restart_with_the_mirror_lost_still_enters_a_candle_once():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    await world.engine.flatten.flatten(None, Origin.CHAT, "you")
    again = world.restarted()
    await again.engine.sync.recover()
    await again.engine.autopilot.step(START_MS)
    assert len([one for one in world.desk.sent if one.side == "buy"]) == 1


async def test_a_candle_that_arrives_late_is_taken_but_not_traded_on():
    world = await world_with(crossing_up(START_MS - 2 * M5))
    outcome = await world.engine.autopilot.step(START_MS)
    assert (outcome.judged, outcome.entered) == (0, 0)
    assert not world.desk.sent


@pytest.mark.parametrize(("slept_ms", "entered"), [(M5, 1), (M5 + 1, 0), (9 * 3_600_000, 0)])
async def test_a_machine_that_slept_after_a_candle_buys_nothing_on_it_and_says_why(slept_ms, entered):
    world = await world_with(crossing_up())
    world.desk.answer_ms = slept_ms  # the lid is closed each of the two times that prices are asked for
    outcome = await world.engine.autopilot.step(START_MS)
    assert (outcome.entered, len(world.desk.sent)) == (entered, entered)
    why = await manual_desk(world).status.reasons.why_not("ETH/USD")
    if not entered:
        assert why.decision.verdict is Verdict.REFUSED and "candle is too old" in why.decision.reason
        assert len(world.journal.safety("refused:stale_candle")) == 1


async def test_a_machine_that_slept_after_an_order_was_written_has_it_refused_by_its_deadline():
    world = await world_with(crossing_up())

    class Drowsy(KeptJournal):
        async def commit(self, *facts: Fact) -> None:
            await super().commit(*facts)
            if any(isinstance(one, OrderIntent) and one.state is IntentState.NEW for one in facts):
                world.clock.advance(3_600_000)

    asleep = around(world.config, world.clock, world.desk, Drowsy(), Silent())
    await asleep.engine.sync.recover()
    await asleep.engine.watchdog.look()
    outcome = await asleep.engine.autopilot.step(START_MS)
    assert outcome.entered == 0 and not asleep.engine.portfolio.positions
    (decision,) = [one for one in asleep.journal.noted if isinstance(one, Decision)]
    assert decision.verdict is Verdict.FAILED and "eadline" in decision.reason


async def test_the_round_after_a_sleep_is_that_of_the_newest_candle():
    class Drowsy(ManualClock):
        slept = False

        async def sleep_until_market(self, market_ms: int) -> None:
            if self.slept:
                raise asyncio.CancelledError
            self.slept, self.now_ms = True, market_ms + 3 * M5

    world = await world_with(crossing_up())
    clock = Drowsy(START_MS + 2_000)
    asleep = around(world.config, clock, world.desk, world.journal, Silent())
    with pytest.raises(asyncio.CancelledError):
        await asleep.engine.autopilot.run()
    assert asleep.engine.autopilot.last_round.close_ms == START_MS + 4 * M5


async def test_what_closes_while_a_round_is_under_way_is_judged_before_any_sleep():
    class Woken(ManualClock):
        async def sleep_until_market(self, market_ms: int) -> None:
            raise asyncio.CancelledError

    class Slow(Silent):
        def save(self, state: Mapping[str, object]) -> None:
            clock.now_ms = max(clock.now_ms, START_MS + M5 + 3_000)  # the first round lasts that long

    world, clock = await world_with(crossing_up()), Woken(START_MS + 2_000)
    slow = around(world.config, clock, world.desk, world.journal, Slow())
    with pytest.raises(asyncio.CancelledError):
        await slow.engine.autopilot.run()
    assert slow.engine.autopilot.last_round.close_ms == START_MS + M5


async def test_a_raw_cross_down_closes_a_long_whatever_the_filters_say():
    world = await world_with(crossing_up(), filters__enabled="")
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(M5)
    world.desk.history["ETH/USD"] = [*crossing_up(), Candle(START_MS, 2040, 2041, 1980, 1985, 5)]
    world.desk.trade("ETH/USD", "2030", "1")  # above the stop
    outcome = await world.engine.autopilot.step(START_MS + M5)
    assert outcome.exited == 1
    assert world.engine.portfolio.round_trips[-1].reason == "signal"


async def test_what_the_owner_bought_is_not_sold_by_a_signal():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    proposal = await ask(desk, "place_order", side="buy", symbol="ETH/USD", amount=("100", "quote"))
    await desk.confirmations.confirm(proposal.token, JIMMY)
    world.clock.advance(M5)
    world.desk.history["ETH/USD"] = [*crossing_up(), Candle(START_MS, 2040, 2041, 1980, 1985, 5)]
    await world.engine.autopilot.step(START_MS + M5)
    assert world.engine.portfolio.holds("ETH/USD")


async def test_while_the_watchdog_finds_trouble_nothing_is_opened_and_it_is_said_once_each_way():
    world = await world_with(crossing_up())
    world.desk.online = ExchangeStatus.CANCEL_ONLY
    for _ in range(3):
        await world.engine.watchdog.look()
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    assert verdicts(world) == [Verdict.REFUSED]
    world.desk.online = ExchangeStatus.ONLINE
    await world.engine.watchdog.look()
    kinds = [one.kind for one in world.journal.told]
    assert kinds == [EventKind.TROUBLE, EventKind.RECOVERED]


async def test_without_candles_the_round_says_so_and_the_next_one_goes_on():
    world = await world_with(crossing_up())

    class Mute(type(world.desk)):
        async def candles(self, symbol, timeframe, limit=720):
            raise Transient("no answer")

    speaking, world.desk.__class__ = world.desk.__class__, Mute
    outcome = await world.engine.autopilot.step(START_MS)
    assert set(outcome.missing) == {"ETH/USD", "BTC/USD"} and "no fresh candle" in world.receipts.activity
    world.desk.__class__ = speaking
    assert (await world.engine.autopilot.step(START_MS)).entered == 1


async def losing_day(**settings: str) -> Trading:
    world = await world_with(crossing_up(), risk__daily_loss_limit="0.005", **settings)
    await world.engine.autopilot.step(START_MS)
    world.desk.trade("ETH/USD", "1900")  # through the stop: a loss of about 7 % of 25 %
    world.clock.advance(30_000)
    await world.engine.sync.refresh()
    await world.engine.kill_switch.check()
    return world


async def test_the_daily_loss_limit_stops_entries_tells_once_and_survives_a_restart():
    world = await losing_day()
    assert KILL_SWITCH in world.engine.latches
    await world.engine.kill_switch.check()
    assert [one.kind for one in world.journal.told].count(EventKind.KILL_SWITCH) == 1
    again = world.restarted()
    await again.engine.latches.load()
    assert KILL_SWITCH in again.engine.latches
    assert "limit" in again.engine.latches.blocking()


async def test_a_new_day_arms_it_again_where_that_is_the_rule():
    world = await losing_day()
    world.clock.advance(24 * 3_600_000)
    await world.engine.treasury.roll_day(world.clock.market_ms())
    await world.engine.kill_switch.check()
    assert KILL_SWITCH not in world.engine.latches
    assert world.journal.told[-1].kind is EventKind.REARMED


async def test_where_the_owner_must_unlock_it_no_midnight_does():
    world = await losing_day(risk__kill_rearm="manual")
    world.clock.advance(3 * 24 * 3_600_000)
    await world.engine.treasury.roll_day(world.clock.market_ms())
    await world.engine.kill_switch.check()
    assert KILL_SWITCH in world.engine.latches


async def test_a_tripped_kill_switch_gets_everything_out_of_the_market():
    world = await world_with(crossing_up(), risk__daily_loss_limit="0.001", risk__stop_atr="20")
    await world.engine.autopilot.step(START_MS)
    assert world.engine.portfolio.holds("ETH/USD")
    world.desk.trade("ETH/USD", "2020")
    await world.engine.watch.look(await world.desk.quotes(["ETH/USD"]))
    for _ in range(50):
        await world.clock.sleep(0.01)
    assert not world.engine.portfolio.positions
    assert not world.desk.matching.open_orders() and not world.failures


async def test_deposits_and_withdrawals_are_no_profit_and_no_loss():
    world = await world_with(crossing_up(), risk__daily_loss_limit="0.01")
    await world.engine.treasury.roll_day(START_MS)
    world.desk.matching.withdraw("USD", Decimal(5000), START_MS)
    await world.engine.sync.refresh()
    await world.engine.kill_switch.check()
    assert world.engine.treasury.day_pnl == 0
    assert KILL_SWITCH not in world.engine.latches
    assert world.engine.treasury.equity == Decimal(5000)


async def test_a_sale_that_is_not_booked_yet_is_not_counted_beside_its_coins():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    position, treasury = world.engine.portfolio.position("ETH/USD"), world.engine.treasury
    before = treasury.equity
    world.desk.trade("ETH/USD", str(position.stop - 3))  # the stop sells on the exchange; nobody asked yet
    await treasury.refresh()
    assert world.engine.portfolio.holds("ETH/USD") and treasury.equity == before
    assert treasury.cash < position.entry_cost * 4
    await world.engine.sync.refresh()
    wallet = (await world.desk.balances())["USD"]
    assert not world.engine.portfolio.holds("ETH/USD") and treasury.equity == treasury.cash == wallet.total


async def test_only_the_given_capital_is_used():
    world = await world_with(crossing_up(), risk__capital="400")
    await world.engine.autopilot.step(START_MS)
    assert world.engine.portfolio.open_cost <= 100
    assert world.engine.treasury.equity <= 400


class ManualDesk:
    """The owner's commands around a test world."""

    def __init__(self, world: Trading) -> None:
        engine = world.engine
        self.speeds: list[int] = []
        self.confirmations = Confirmations(world.clock, world.journal, self.speeds.append)
        self.registry = Registry()
        manual = ManualOrders(
            world.config, world.desk, engine.entrance, engine.portfolio, engine.treasury, engine.tracks,
            engine.latches, engine.blocked_by_hand,
        )  # fmt: skip
        self.status = StatusService(
            engine.sync, engine.portfolio, engine.treasury, engine.tracks, engine.autopilot, engine.latches,
            world.desk, world.desk, NotedEvidence(world.journal), world.clock, PAIRS, "demo", "kraken",
            engine.gates, "jimmy", "UTC", lambda: world.receipts.activity, engine.watchdog.health,
        )  # fmt: skip
        self.report = EdgeReport(
            engine.gates.edge, engine.entrance, engine.makers, engine.parity, world.desk, engine.tracks,
            world.config.risk, world.config.indicators,
        )  # fmt: skip
        lessons = engine.gates.lessons
        Queries(self.status, self.report, None, lessons.regimes if lessons else None).bind(self.registry)
        LearningCommand(lessons, self.status, engine.portfolio, self.confirmations, 60, "USD", "demo").bind(
            self.registry
        )
        commands = Commands(
            world.config, self.status, manual, engine.entrance, engine.protection, engine.flatten,
            engine.portfolio, engine.treasury, engine.executor, engine.latches, self.confirmations,
            engine.sync, "demo", engine.gates.edge, engine.pausing,
        )  # fmt: skip
        commands.bind(self.registry)
        self.kept = KeptPolicies()
        self.policies = Policies(
            engine.in_force, self.kept, self.confirmations, self.status, engine.entrance, engine.treasury,
            engine.portfolio,
            world.clock, "demo", 60, lambda: None,
        )  # fmt: skip
        self.policies.bind(self.registry, commands.tuition)


class NotedEvidence:
    """Reads decisions back from what was noted."""

    def __init__(self, journal: KeptJournal) -> None:
        self._journal = journal

    async def decisions(self, limit=100, symbol=None, before_ms=None, from_ms=None, to_ms=None):
        rows = [one for one in reversed(self._journal.noted) if isinstance(one, Decision)]
        fits = [
            one
            for one in rows
            if symbol in (None, one.symbol)
            and (before_ms is None or one.candle_ms < before_ms)
            and (from_ms is None or one.candle_ms >= from_ms)
            and (to_ms is None or one.candle_ms < to_ms)
        ]
        return fits[:limit]

    async def equity_points(self, from_ms, limit):
        return []


def manual_desk(world: Trading) -> ManualDesk:
    return ManualDesk(world)


async def ask(desk: ManualDesk, intent: str, actor: Actor = JIMMY, **slots: object) -> Proposal | Answer:
    return await desk.registry.carry_out(desk.registry.request(intent, slots, actor, f"cmd-{intent}"))


async def preview_of_50(world: Trading) -> tuple[ManualDesk, Proposal]:
    desk = manual_desk(world)
    slots = {"side": "buy", "symbol": "ETH/USD", "amount": ("50", "quote"), "stop": ("2", "percent")}
    return desk, await ask(desk, "place_order", **slots)


async def test_a_preview_tapped_after_45_seconds_executes_exactly_as_previewed():
    world = await world_with(crossing_up())
    desk, proposal = await preview_of_50(world)
    assert not world.desk.sent and desk.speeds[-1] == 1
    world.clock.advance(45_000)
    answer = await desk.confirmations.confirm(proposal.token, JIMMY)
    (fill,) = world.desk.matching.fills()
    preview = proposal.preview
    assert (fill.qty, fill.price) == (preview.qty, preview.price)
    assert abs(fill.fee - preview.fee) < Decimal("1e-9")
    assert world.engine.portfolio.position("ETH/USD").stop == preview.stop
    assert answer.done and desk.speeds[-1] == 0


async def test_the_worst_loss_of_a_preview_is_what_the_stop_costs():
    world = await world_with(crossing_up())
    desk, proposal = await preview_of_50(world)
    await desk.confirmations.confirm(proposal.token, JIMMY)
    world.clock.advance(1000)
    world.desk.trade("ETH/USD", str(proposal.preview.stop))
    await world.engine.sync.refresh()
    assert abs(world.engine.portfolio.realised + proposal.preview.worst_loss) < Decimal("1e-8")


@pytest.mark.parametrize("trouble", ["used", "expired", "stranger", "restart"])
async def test_a_confirmation_works_once_in_time_and_for_its_owner_only(trouble: str):
    world = await world_with(crossing_up())
    desk, proposal = await preview_of_50(world)
    actor = JIMMY
    if trouble == "used":
        await desk.confirmations.confirm(proposal.token, JIMMY)
    elif trouble == "expired":
        world.clock.advance(61_000)
    elif trouble == "stranger":
        actor = Actor("mallory", Door.TELEGRAM, "other")
    else:
        desk = manual_desk(world)
    before = len(world.desk.sent)
    with pytest.raises(Refused):
        await desk.confirmations.confirm(proposal.token, actor)
    assert len(world.desk.sent) == before


async def test_when_the_price_left_its_band_the_preview_is_quoted_again_and_nothing_is_sent():
    world = await world_with(crossing_up())
    desk, proposal = await preview_of_50(world)
    world.desk.trade("ETH/USD", "2060", "1")
    with pytest.raises(Requoted) as again:
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert not world.desk.sent
    await desk.confirmations.confirm(again.value.proposal.token, JIMMY)
    assert world.desk.matching.fills()[0].price == again.value.proposal.preview.price


async def test_caps_refuse_what_is_too_much_instead_of_cutting_it():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    with pytest.raises(Refused, match="above the cap of 2,500.00"):
        await ask(desk, "place_order", side="buy", symbol="ETH/USD", amount=("3000", "quote"))


async def test_the_autopilot_leaves_room_for_the_owners_own_buy():
    world = await world_with(crossing_up(), risk__max_position="0.6", risk__owner_reserve="0.05")
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    assert Decimal(4490) < world.engine.portfolio.exposure <= Decimal(4500)
    slots = {"amount": ("50", "quote"), "stop": ("2", "percent")}
    assert isinstance(await ask(desk, "place_order", side="buy", symbol="ETH/USD", **slots), Proposal)
    with pytest.raises(Refused, match="above the cap of 4,9") as refused:
        await ask(desk, "place_order", side="buy", symbol="ETH/USD", amount=("600", "quote"))
    assert "sell something first" in refused.value.hint


async def test_a_buy_that_could_lose_more_than_todays_budget_is_refused():
    world = await world_with(crossing_up(), risk__daily_loss_limit="0.005")
    desk = manual_desk(world)
    slots = {"amount": ("2000", "quote"), "stop": ("10", "percent")}
    with pytest.raises(Refused, match="loss budget"):
        await ask(desk, "place_order", side="buy", symbol="ETH/USD", **slots)


async def test_a_pause_opens_nothing_and_only_a_confirmed_resume_ends_it():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    assert "Paused" in (await ask(desk, "pause")).view.text
    assert (await world.engine.autopilot.step(START_MS)).entered == 0
    with pytest.raises(Refused, match="I open nothing now"):
        await ask(desk, "place_order", side="buy", symbol="ETH/USD", amount=("50", "quote"))
    proposal = await ask(desk, "resume")
    assert PAUSED in world.engine.latches
    await desk.confirmations.confirm(proposal.token, JIMMY)
    assert PAUSED not in world.engine.latches


async def test_resume_does_not_end_a_kill_switch_and_unlock_takes_two_steps():
    world = await losing_day()
    desk = manual_desk(world)
    assert isinstance(await ask(desk, "resume"), Answer)
    assert KILL_SWITCH in world.engine.latches
    proposal = await ask(desk, "unlock")
    assert isinstance(proposal, Proposal) and KILL_SWITCH in world.engine.latches
    await desk.confirmations.confirm(proposal.token, JIMMY)
    assert KILL_SWITCH not in world.engine.latches


async def test_a_model_is_never_offered_the_end_of_a_lock():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    with pytest.raises(Refused, match="not available here"):
        desk.registry.request("unlock", {}, Actor("jimmy", Door.MODEL, "s"), "x")


async def test_flatten_answers_with_one_button_and_now_acts_at_once():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    desk = manual_desk(world)
    proposal = await ask(desk, "flatten")
    assert proposal.one_button and proposal.expires_wall_ms - world.clock.wall_ms() == 600_000
    assert world.engine.portfolio.holds("ETH/USD")
    answer = await ask(desk, "flatten", now=True)
    assert "I am flat" in answer.view.text and not world.engine.portfolio.positions


async def test_panic_pauses_and_sells_at_once():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    await ask(manual_desk(world), "panic")
    assert PAUSED in world.engine.latches and not world.engine.portfolio.positions


async def test_selling_at_a_price_becomes_zyns_own_target_beside_the_resting_stop():
    world = await world_with(crossing_up())
    await world.engine.autopilot.step(START_MS)
    desk = manual_desk(world)
    slots = {"amount": ("100", "percent_position"), "type": "limit", "limit_price": "2100"}
    proposal = await ask(desk, "place_order", side="sell", symbol="ETH/USD", **slots)
    await desk.confirmations.confirm(proposal.token, JIMMY)
    position = world.engine.portfolio.position("ETH/USD")
    assert position.target == Decimal("2100.00") and position.stopped_qty == position.qty


async def test_every_shown_number_is_the_exchanges():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(61_000)
    status, balances = await desk.status.status(), await desk.status.balances()
    trades, positions = await desk.status.trades(), await desk.status.positions()
    fills: list[Fill] = world.desk.matching.fills()
    cash = world.desk.matching.balances()["USD"].total
    assert list(trades.rows) == fills[::-1]
    assert status.equity == cash + positions.rows[0].value
    assert {row.balance.asset: row.balance.total for row in balances.rows}["USD"] == cash
    assert positions.rows[0].protected and positions.rows[0].position.stop_txids
    why = await desk.status.why("ETH/USD")
    assert why.decision.verdict is Verdict.ENTERED and why.fills == tuple(fills)


async def test_todays_result_in_the_chat_is_the_one_on_the_dashboard():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    world.clock.advance(61_000)
    world.desk.trade("ETH/USD", "2035", "1")
    status = await desk.status.status()
    world.desk.answer_ms = 3_000  # the market moves on between the question and the answer
    today = (await ask(desk, "get_performance", period="today")).view
    assert status.pnl_today < -10
    assert today.realised == 0 and today.unrealised == today.total == status.pnl_today
    assert today.to_ms <= world.clock.market_ms()
    rows = (await desk.status.positions()).rows
    assert sum(row.unrealised for row in rows) == today.total
    assert today.fees == sum(fill.fee for fill in world.desk.matching.fills())
    standing = today.standing
    assert (standing.equity, standing.open_positions, standing.protected) == (status.equity, 1, True)
    of_eth = await ask(desk, "get_performance", period="today", symbol="ETH/USD")
    assert of_eth.view.total == status.pnl_today


async def test_what_yesterday_counted_is_not_counted_again_today():
    world = await world_with(crossing_up())
    desk = manual_desk(world)
    await world.engine.autopilot.step(START_MS)
    world.desk.trade("ETH/USD", "2038", "1")
    await desk.status.status()
    world.clock.advance(86_400_000)
    await world.engine.treasury.roll_day(world.clock.market_ms())
    await ask(desk, "flatten", now=True)
    today = (await ask(desk, "get_performance", period="today")).view
    assert today.realised < today.total < 0 and today.carried < 0
    assert today.total == (await desk.status.status()).pnl_today
