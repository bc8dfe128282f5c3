"""The owner's mandate: read back, confirmed, stored, and kept on every order, whoever asks for it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.engine.registry import Answer, Proposal
from core.model.errors import Refused
from tests.scenario.test_engine_autopilot import JIMMY, ManualDesk, ask, crossing_up, manual_desk, world_with
from tests.scenario.test_engine_commands import told
from tests.support.trading import START_MS, Trading

BUY = {"side": "buy", "symbol": "ETH/USD", "amount": ("50", "quote"), "stop": ("2", "percent")}


async def opened(**settings: str) -> tuple[Trading, ManualDesk]:
    world = await world_with(crossing_up(), **settings)
    await world.engine.treasury.roll_day(START_MS)
    return world, manual_desk(world)


async def agree(desk: ManualDesk, intent: str = "mandate", **slots: object) -> Proposal:
    """Say it and say yes to what is read back."""
    proposal = await ask(desk, intent, **slots)
    assert isinstance(proposal, Proposal)
    await desk.confirmations.confirm(proposal.token, JIMMY)
    return proposal


async def test_a_mandate_is_read_back_row_by_row_and_in_force_only_after_the_yes():
    _, desk = await opened()
    proposal = await ask(
        desk, "mandate", capital="2000", loss_a_day=("2", "percent"), never_buy="SHIB,DOGE",
        hours="08:00-22:00", ask_above="500",
    )  # fmt: skip
    assert isinstance(proposal, Proposal) and not desk.kept.rows
    assert [line.partition(" (")[0] for line in proposal.preview.lines] == [
        "Use at most 2,000.00 of capital", "Daily loss limit: 2.00 %", "Never buy SHIB", "Never buy DOGE",
        "Open positions only from 08:00 to 22:00, your time", "Open nothing above 500.00 without asking",
    ]  # fmt: skip
    assert "no mandate" in await told(desk, "mandate")
    await desk.confirmations.confirm(proposal.token, JIMMY)
    assert set(desk.kept.rows) == {
        "capital", "daily_loss_limit", "never_buy:SHIB", "never_buy:DOGE", "hours", "ask_above",
    }  # fmt: skip
    shown = await told(desk, "mandate")
    assert shown.count("\n- ") == 6 and "never buy SHIB" in shown


async def test_a_forbidden_coin_is_bought_by_nobody():
    world, desk = await opened()
    await agree(desk, never_buy="ETH")
    with pytest.raises(Refused, match="never to buy ETH"):
        await ask(desk, "place_order", **BUY)
    await world.engine.autopilot.step(START_MS)
    assert not world.desk.matching.fills()
    assert any("never to buy ETH" in one.reason for one in world.journal.noted if hasattr(one, "verdict"))


async def test_a_preview_shown_before_the_mandate_does_not_slip_past_it():
    world, desk = await opened()
    order = await desk.registry.carry_out(
        desk.registry.request("place_order", BUY, JIMMY.__class__("jimmy", JIMMY.door, "web"), "c")
    )
    await agree(desk, never_buy="ETH")
    assert isinstance(order, Proposal)
    with pytest.raises(Refused, match="never to buy ETH"):
        await desk.confirmations.confirm(order.token, JIMMY)
    assert not world.desk.matching.fills()


async def test_outside_the_hours_nothing_is_opened():
    world, desk = await opened()
    now = world.engine.in_force._clock.market_ms() // 60_000 % 1440
    later = f"{(now // 60 + 2) % 24:02d}:00-{(now // 60 + 3) % 24:02d}:00"
    await agree(desk, hours=later)
    with pytest.raises(Refused, match="lets me open positions from"):
        await ask(desk, "place_order", **BUY)
    await world.engine.autopilot.step(START_MS)
    assert not world.desk.matching.fills()


async def test_above_the_amount_to_ask_for_only_the_owner_opens():
    world, desk = await opened()
    await agree(desk, ask_above="20")
    await world.engine.autopilot.step(START_MS)
    assert not world.desk.matching.fills()
    assert any("without asking you" in one.reason for one in world.journal.noted if hasattr(one, "verdict"))
    await desk.confirmations.confirm((await ask(desk, "place_order", **BUY)).token, JIMMY)
    assert len(world.desk.matching.fills()) == 1


async def test_the_capital_bounds_what_is_spent():
    world, desk = await opened()
    before = world.engine.treasury.equity
    await agree(desk, capital="100")
    assert (before, world.engine.treasury.equity) == (Decimal(10000), Decimal(100))
    with pytest.raises(Refused, match="above the cap of 25.00"):
        await ask(desk, "place_order", **BUY)


async def test_a_loss_a_day_in_money_is_the_kill_switch():
    world, desk = await opened()
    await agree(desk, loss_a_day=("20", "quote"))
    assert world.engine.treasury.loss_limit == 20
    assert "20.00" in world.engine.treasury.limit_in_words()
    with pytest.raises(Refused, match="talk goes no further"):
        await ask(desk, "mandate", loss_a_day=("5000", "quote"))


async def test_limits_are_tightened_and_set_back_but_never_beyond_the_settings():
    world, desk = await opened()
    proposal = await agree(desk, "set_risk", parameter="daily_loss_limit", value="1", unit="percent")
    assert "1.00 %" in proposal.preview.lines[0] and "3.00 %" in proposal.preview.lines[0]
    assert world.engine.in_force.risk.daily_loss_limit == 0.01
    await agree(desk, "set_risk", parameter="daily_loss_limit", value="2.5", unit="percent")
    assert world.engine.in_force.risk.daily_loss_limit == 0.025
    with pytest.raises(Refused, match="talk goes no further"):
        await ask(desk, "set_risk", parameter="daily_loss_limit", value="4", unit="percent")
    await agree(desk, "set_risk", parameter="max_open_positions", value="2", unit="count")
    assert world.engine.in_force.risk.max_open_positions == 2
    assert world.config.risk.max_open_positions == 5


@pytest.mark.parametrize(
    ("name", "value", "unit", "line", "share"),
    [
        ("risk_per_trade", "0.5", "count", "Risk per trade: 0.50 %", 0.005),
        ("risk_per_trade", "1", "count", "Risk per trade: 1.00 %", 0.01),
        ("risk_per_trade", "0.004", "count", "Risk per trade: 0.40 %", 0.004),  # as the settings write it
        ("max_exposure", "0.4", "count", "Max exposure: 40.00 %", 0.4),
        ("max_exposure", "1", "count", "Max exposure: 1.00 %", 0.01),
        ("daily_loss_limit", "2", "count", "Daily loss limit: 2.00 %", 0.02),
        ("risk_per_trade", "50", "quote", "Risk per trade: 0.50 %", 0.005),
        ("max_exposure", "3000", "quote", "Max exposure: 30.00 %", 0.3),
    ],
)
async def test_a_bare_number_of_a_share_is_read_as_what_the_settings_allow_and_shown_as_percent(
    name: str, value: str, unit: str, line: str, share: float
):
    world, desk = await opened()
    proposal = await agree(desk, "set_risk", parameter=name, value=value, unit=unit)
    assert proposal.preview.lines[0].startswith(line)
    assert getattr(world.engine.in_force.risk, name) == share


async def test_a_share_told_in_money_says_of_which_equity_and_is_never_rounded_up():
    world, desk = await opened()
    proposal = await agree(desk, "set_risk", parameter="risk_per_trade", value="33.37", unit="quote")
    assert proposal.preview.lines[0].startswith("Risk per trade: 0.33 %")
    assert "33.37 is of 10,000.00 USD now" in proposal.preview.lines[1]
    assert world.engine.in_force.risk.risk_per_trade == 0.0033


async def test_a_bare_loss_a_day_that_is_no_percentage_the_settings_allow_is_money():
    world, desk = await opened()
    proposal = await agree(desk, "set_risk", parameter="daily_loss_limit", value="20", unit="count")
    assert proposal.preview.lines[0].startswith("Lose at most 20.00 a day")
    assert world.engine.treasury.loss_limit == 20


@pytest.mark.parametrize(("value", "unit"), [("5", "percent"), ("50", "count"), ("200", "quote")])
async def test_no_reading_of_a_number_goes_past_the_settings(value: str, unit: str):
    world, desk = await opened()
    with pytest.raises(Refused, match="talk goes no further"):
        await ask(desk, "set_risk", parameter="risk_per_trade", value=value, unit=unit)
    assert world.engine.in_force.risk.risk_per_trade == 0.01


async def test_rows_outlive_a_restart_and_a_lost_database():
    world, desk = await opened()
    await agree(desk, never_buy="DOGE")
    mirrored = world.engine.in_force.as_rows()
    again, other = await opened()
    other.policies._store = desk.kept
    await other.policies.load()
    assert again.engine.in_force.mandate.forbidden == {"DOGE"}
    third, fresh = await opened()
    await fresh.policies.load(mirrored)
    assert third.engine.in_force.mandate.forbidden == {"DOGE"} and "never_buy:DOGE" in fresh.kept.rows


async def test_a_row_tighter_than_settings_that_became_tighter_still_is():
    world, desk = await opened(risk__max_position="0.1")
    await agree(desk, "set_risk", parameter="max_position", value="5", unit="percent")
    tighter, other = await opened(risk__max_position="0.02")
    await other.policies._store.keep_policies(list(desk.kept.rows.values()))
    await other.policies.load()
    assert (world.engine.in_force.risk.max_position, tighter.engine.in_force.risk.max_position) == (
        0.05,
        0.02,
    )


async def test_a_standing_order_ends_by_its_name():
    world, desk = await opened()
    await agree(desk, never_buy="ETH", ask_above="20")
    await agree(desk, drop="eth")
    assert not world.engine.in_force.mandate.forbidden
    with pytest.raises(Refused, match="no row"):
        await ask(desk, "mandate", drop="moon")
    await agree(desk, drop="all")
    answer = await ask(desk, "mandate")
    assert isinstance(answer, Answer) and not desk.kept.rows
