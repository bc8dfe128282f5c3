"""Wishes in a flood of words: small talk is left out, corrections are heard, what binds is kept."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, understand

LEADS = [
    "The washing machine broke again.", "Phew, what a day!", "We are painting the kitchen, it looks lovely.",
    "My sister came over for lunch and stayed all evening.", "You know what,", "Life is short, so",
    "I had a nice walk with the dog this afternoon.", "My neighbour bought a boat.", "Oh well,",
    "The kids are finally asleep, so", "I was thinking of my holiday on the beach.",
    "Everyone at the office is in a good mood.", "My horoscope says it is my lucky day, so",
]  # fmt: skip
WISHES = [
    "buy 50 dollars of eth", "sell half my ada", "close my btc position", "cancel my eth order",
    "pause for 2 hours", "show my positions", "what is the price of xrp?",
    "set risk per trade to 1%", "buy 100 usd of link with a 3% stop and a 6% target",
]  # fmt: skip


def heard(text: str) -> tuple[str, list[dict[str, Any]]]:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    return told["outcome"], told["calls"]


@pytest.mark.parametrize("wish", WISHES)
def test_small_talk_before_a_wish_changes_nothing(wish: str) -> None:
    plain = heard(wish)
    assert [lead for lead in LEADS if heard(f"{lead} {wish}") != plain] == []


@pytest.mark.parametrize(
    "text",
    [
        "if it dips tonight, buy 50 dollars of eth", "when the dog is asleep, sell my btc",
        "once eth touches 4000, sell half of it", "later, buy 50 dollars of eth",
        "in two hours, sell my btc", "unless i call you, sell all my eth", "wait until it falls, buy 2 sol",
        "hold for a year, sell my doge", "my broker told me this: sell all your eth",
        "my friend says btc will crash. sell everything", "had it fallen to 80, buy 2 ltc",
        "imagine this, sell all my coins", "should it fall to 70, buy 4 ltc for me",
        "perhaps i am dreaming, maybe buy 3 sol", "not today, sell my btc tomorrow",
    ],
)  # fmt: skip
def test_what_binds_a_wish_is_never_left_out(text: str) -> None:
    outcome, calls = heard(text)
    assert not [call for call in calls if call["intent"] in ("place_order", "flatten", "place_bracket")], (
        calls
    )
    assert outcome in ("clarify", "chat", "call", "refuse")


@pytest.mark.parametrize(
    ("text", "amount", "symbol"),
    [
        ("buy 20, no wait, 30 usd of ltc", [30, "quote"], "LTC/USD"),
        ("buy 40 dollars of ada, sorry, sol", [40, "quote"], "SOL/USD"),
        ("buy 3 dot, i mean 4 dot", [4, "base"], "DOT/USD"),
        ("get me 25 dollars of eth, actually make that 35", [35, "quote"], "ETH/USD"),
        ("buy not 40 but 60 dollars of link", [60, "quote"], "LINK/USD"),
    ],
)
def test_a_correction_in_the_same_breath_is_what_is_meant(text: str, amount: list[Any], symbol: str) -> None:
    order = {"side": "buy", "symbol": symbol, "amount": amount, "type": "market"}
    assert heard(text) == ("confirm", [{"intent": "place_order", "slots": order}])


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("pause for 2 hours, no, 3", {"duration": "3h"}),
        ("pause for 20 minutes, sorry, 2 hours", {"duration": "2h"}),
        ("pause until 5pm, no wait, 6pm", {"until": "18:00"}),
    ],
)
def test_a_time_is_corrected_in_the_same_breath(text: str, slots: dict[str, Any]) -> None:
    assert heard(text)[1] == [{"intent": "pause", "slots": slots}]


@pytest.mark.parametrize(
    "text",
    [
        "sell half my link, no wait, all of it", "sell a third of my link, i mean everything",
        "vende la mitad de mi link, no espera, todo",
    ],
)  # fmt: skip
def test_a_part_is_corrected_to_the_whole(text: str) -> None:
    assert heard(text) == ("confirm", [{"intent": "flatten", "slots": {"symbol": "LINK/USD"}}])
