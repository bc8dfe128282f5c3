"""The owner moves a stop or a target by text, of what is held; anything else about levels is asked back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.intents import Call
from core.agent.offline.brain import Moment, Said, understand

TODAY = date(2026, 11, 20)
HELD = ("ETH/USD", "SOL/USD")


def heard(
    text: str, *earlier: Said, pending: tuple[Call, ...] = (), held: tuple[str, ...] = HELD
) -> dict[str, Any]:
    return outside(understand(Moment(text, TODAY, earlier, pending, held)))


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("raise the stop on eth to 2900", {"symbol": "ETH/USD", "stop": [2900, "price"]}),
        ("move my eth stop up to 2,950 please", {"symbol": "ETH/USD", "stop": [2950, "price"]}),
        ("set a tighter stop on eth, 1%", {"symbol": "ETH/USD", "stop": [1, "percent"]}),
        ("tighten the stop loss of solana to 2 percent", {"symbol": "SOL/USD", "stop": [2, "percent"]}),
        ("could you move the 2% stop of eth to 3,010", {"symbol": "ETH/USD", "stop": [3010, "price"]}),
        ("put the target for sol at 160", {"symbol": "SOL/USD", "take_profit": [160, "price"]}),
        (
            "set the eth stop to 2950 and the target to 3.3k",
            {"symbol": "ETH/USD", "stop": [2950, "price"], "take_profit": [3300, "price"]},
        ),
        ("change my sol target to 5%", {"symbol": "SOL/USD", "take_profit": [5, "percent"]}),
    ],
)
def test_new_levels_of_what_is_held_are_previewed(text: str, slots: dict[str, Any]) -> None:
    told = heard(text)
    assert told["outcome"] == "confirm"
    assert told["calls"] == [{"intent": "place_bracket", "slots": slots}]


def test_a_move_is_a_wish_of_its_own_after_any_question() -> None:
    for before in ("/orders", "why did you buy?", "how is sol doing"):
        told = heard("raise the eth stop to 2,972.50", Said("user", before))
        assert [one["slots"].get("stop") for one in told["calls"]] == [[2972.5, "price"]], before


@pytest.mark.parametrize(
    "text", ["tighten the stop", "move my stop up", "raise the stop on eth", "lift the sl on my sol a bit"]
)
def test_a_level_without_its_place_is_asked_for(text: str) -> None:
    told = heard(text)
    assert told["outcome"] == "clarify" and not told["calls"]


def test_the_answer_to_that_question_completes_it() -> None:
    told = heard("2,950", Said("user", "raise the stop on eth"))
    assert told["calls"] == [
        {"intent": "place_bracket", "slots": {"symbol": "ETH/USD", "stop": [2950, "price"]}}
    ]


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("make it 2950", {"stop": (Decimal(2950), "price")}),
        ("no, 2%", {"stop": (Decimal(2), "percent")}),
        ("and the target 3300", {"stop": (Decimal(2900), "price"), "take_profit": (Decimal(3300), "price")}),
    ],
)
def test_a_move_that_waits_for_a_yes_is_amended_and_never_becomes_a_buy(
    text: str, slots: dict[str, Any]
) -> None:
    open_one = Call("place_bracket", {"symbol": "ETH/USD", "stop": (Decimal(2900), "price")})
    (call,) = understand(Moment(text, TODAY, (), (open_one,), HELD)).calls
    assert call == Call("place_bracket", {"symbol": "ETH/USD", **slots})


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("raise the stop on eth to 2900", ()),
        ("do not move the stop on eth to 2900", HELD),
        ("what if I raise the stop on eth to 2900?", HELD),
        ("should I move my eth stop to 2900?", HELD),
    ],
)
def test_what_is_not_held_not_wished_or_only_thought_about_moves_nothing(
    text: str, held: tuple[str, ...]
) -> None:
    assert heard(text, held=held)["outcome"] != "confirm"
