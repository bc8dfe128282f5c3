"""The owner moves the stop or the target of a position: stops up only, in place, and of no other one."""

from decimal import Decimal

import pytest

from core.engine.latches import KILL_SWITCH
from core.engine.registry import Proposal
from core.model.errors import Refused, Rejected, UnknownOutcome
from core.model.money import Price
from core.model.orders import Leg, Origin
from tests.scenario.test_engine_autopilot import JIMMY, ManualDesk, ask
from tests.scenario.test_engine_commands import open_world
from tests.scenario.test_engine_orders import buy, stops
from tests.support.trading import Trading

ETH = {"symbol": "ETH/USD"}


async def moved(desk: ManualDesk, **slots: object) -> str:
    proposal = await ask(desk, "place_bracket", **ETH, **slots)
    assert isinstance(proposal, Proposal)
    return (await desk.confirmations.confirm(proposal.token, JIMMY)).view.text


def price(world: Trading) -> Decimal:
    return world.desk.matching.quote("ETH/USD").bid


async def test_a_stop_moves_up_in_place_after_a_preview_of_how_it_ends():
    world, desk = await open_world()
    before, sent = stops(world), len(world.desk.sent)
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.5", "percent"))
    wanted = world.engine.portfolio.pair("ETH/USD").price(price(world) * Decimal("0.995"))
    assert proposal.preview.stop == wanted > before[0].price and "after fees" in proposal.preview.lines[0]
    assert [one.price for one in stops(world)] == [one.price for one in before], "not before the yes"
    answer = await desk.confirmations.confirm(proposal.token, JIMMY)
    assert answer.view.text == f"Done. The stop of ETH rests at {wanted:,.2f}."
    assert [(one.txid, one.price) for one in stops(world)] == [(before[0].txid, wanted)]
    assert len(world.desk.sent) == sent and world.engine.portfolio.position("ETH/USD").stop == wanted
    assert world.journal.safety("stop_moved")


async def test_the_preview_says_what_the_book_says_after_the_stop_fired():
    world, desk = await open_world()
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.5", "percent"))
    await desk.confirmations.confirm(proposal.token, JIMMY)
    world.desk.trade("ETH/USD", str(proposal.preview.stop))
    await world.engine.sync.refresh()
    result = world.engine.portfolio.round_trips[-1].net_pnl
    said = Decimal(proposal.preview.lines[0].split("about ")[1].split(" ")[0].replace(",", ""))
    assert abs(result - said) < Decimal("0.02")


async def test_a_target_moves_and_the_stop_stays():
    world, desk = await open_world()
    before = stops(world)
    text = await moved(desk, take_profit=("5", "percent"))
    position = world.engine.portfolio.position("ETH/USD")
    assert position.target == world.engine.portfolio.pair("ETH/USD").price(price(world) * Decimal("1.05"))
    assert "I sell when ETH reaches" in text and stops(world) == before
    assert world.engine.mirror.load()["positions"][0]["target"] == str(position.target)


@pytest.mark.parametrize(
    ("slots", "code"),
    [
        ({"stop": ("30", "percent")}, "stop_only_rises"),
        ({"stop": ("99999", "price")}, "bad_stop"),
        ({"take_profit": ("1", "price")}, "bad_target"),
        ({}, "missing_level"),
        ({"symbol": "BTC/USD", "stop": ("1", "percent")}, "no_position"),
    ],
)
async def test_what_makes_no_sense_or_risks_more_is_refused_before_anything_moves(slots, code):
    world, desk = await open_world()
    before, target = stops(world), world.engine.portfolio.position("ETH/USD").target
    with pytest.raises(Refused) as no:
        await ask(desk, "place_bracket", **{**ETH, **slots})
    assert no.value.code == code and no.value.hint
    assert stops(world) == before and world.engine.portfolio.position("ETH/USD").target == target


async def test_a_stop_is_moved_up_under_the_kill_switch_too():
    world, desk = await open_world()
    await world.engine.latches.set(KILL_SWITCH, "the day's loss")
    assert "rests at" in await moved(desk, stop=("0.5", "percent"))


async def test_a_price_that_fell_under_the_new_stop_since_the_preview_moves_nothing():
    world, desk = await open_world()
    before = stops(world)
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.2", "percent"))
    world.desk.trade("ETH/USD", str(proposal.preview.stop - 1))
    with pytest.raises(Refused, match="sell at once"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert stops(world) == before


async def test_another_position_than_the_one_that_was_meant_is_left_alone():
    world, desk = await open_world()
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.2", "percent"))
    await world.engine.protection.leave("ETH/USD", Leg.EXIT, Origin.AUTOPILOT)
    world.clock.advance(1000)
    await buy(world, cause="later")
    before = stops(world)
    with pytest.raises(Refused, match="another position is open"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert stops(world) == before


async def test_a_change_without_an_answer_is_said_and_seen_at_the_next_look():
    world, desk = await open_world()
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.5", "percent"))
    world.desk.lose_raises = 1
    with pytest.raises(Refused, match="did not say that it moved") as no:
        await desk.confirmations.confirm(proposal.token, JIMMY)
    assert "look at it again" in no.value.hint
    await world.engine.sync.refresh()
    assert world.engine.portfolio.position("ETH/USD").stop == proposal.preview.stop


async def test_a_move_that_arrives_after_a_later_one_does_not_lower_the_stop_again():
    world, desk = await open_world()
    underway: list[tuple[str, Price, int]] = []

    class Slow(type(world.desk)):
        async def raise_stop(self, txid, price, deadline_ms):
            if not underway:
                underway.append((txid, price, deadline_ms))
                raise UnknownOutcome("no answer")
            await super().raise_stop(txid, price, deadline_ms)

    world.desk.__class__ = Slow
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.6", "percent"))
    with pytest.raises(Refused, match="did not say that it moved"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    world.clock.advance(61_000)
    await world.engine.sync.refresh()
    await moved(desk, stop=("0.3", "percent"))
    (higher,) = stops(world)
    with pytest.raises(Rejected):
        await world.desk.raise_stop(*underway[0])
    await world.engine.sync.refresh()
    assert stops(world) == [higher] and higher.price > underway[0][1]


async def test_a_stop_whose_move_had_no_answer_is_not_moved_to_where_that_would_lower_it():
    world, desk = await open_world()
    before = await world.desk.open_orders()
    proposal = await ask(desk, "place_bracket", **ETH, stop=("0.3", "percent"))

    class Behind(type(world.desk)):
        behind = True

        async def open_orders(self):
            return before if self.behind else await super().open_orders()

    world.desk.__class__ = Behind
    world.desk.lose_raises = 1
    with pytest.raises(Refused, match="did not say that it moved"):
        await desk.confirmations.confirm(proposal.token, JIMMY)
    await world.engine.sync.refresh()
    with pytest.raises(Refused, match="did not say that it moved"):
        await moved(desk, stop=("0.6", "percent"))
    assert [one.price for one in stops(world)] == [proposal.preview.stop]
    world.desk.behind = False
    world.clock.advance(61_000)
    await world.engine.sync.refresh()
    with pytest.raises(Refused) as no:
        await moved(desk, stop=("0.6", "percent"))
    assert no.value.code == "stop_only_rises"
