"""A frightened owner is understood: what lowers risk is done or offered, and fear alone does nothing."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.intents import Call, Outcome
from core.agent.offline.brain import Moment, understand

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "said",
    [
        "OMG it's all falling STOP STOP", "help everything is tanking stop trading now", "aaargh halt!!",
        "shit the market is collapsing, freeze everything", "i'm losing everything stop", "oh no stop stop",
    ],
)  # fmt: skip
def test_a_cry_to_stop_stops(said: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert plan.outcome is Outcome.EXECUTE and [call.intent for call in plan.calls] == ["pause"]


def test_a_cry_to_stop_is_heard_while_an_order_waits_for_its_yes() -> None:
    order = Call("place_order", {"side": "buy", "symbol": "ETH/USD", "amount": (50, "quote")})
    plan = understand(Moment("omg it is crashing stop everything", TODAY, pending=(order,)))
    assert [call.intent for call in plan.calls] == ["pause"] and plan.declines_pending


@pytest.mark.parametrize("said", ["help pause", "help with resume", "help on flatten"])
def test_help_and_the_name_of_a_command_shows_how_it_works(said: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert [(call.intent, call.slots) for call in plan.calls] == [("help", {"query": said.split()[-1]})]


@pytest.mark.parametrize(
    "said",
    [
        "oh no it's dumping get me out", "omg its all red sell everything",
        "the whole market is plunging, close everything!!", "quick get me out of everything",
    ],
)  # fmt: skip
def test_a_cry_to_get_out_is_offered_as_a_sale_of_all(said: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert plan.outcome is Outcome.CONFIRM and [call.intent for call in plan.calls] == ["flatten"]


@pytest.mark.parametrize(
    "said",
    [
        "oh no", "omg its crashing", "don't stop, it's only dropping a little", "stop if it is crashing",
        "the market is crashing, should I sell?", "the news says everything is collapsing, sell everything",
        "omg we won", "aah isn't it falling, sell nothing",
    ],
)  # fmt: skip
def test_fear_without_a_command_does_nothing(said: str) -> None:
    assert not [
        call for call in understand(Moment(said, TODAY)).calls if call.intent in ("pause", "flatten", "panic")
    ]
