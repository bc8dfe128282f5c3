"""What was said before changes only what leans on it: a whole wish means the same after anything."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.intents import Call
from core.agent.offline.brain import Moment, Said, understand

TODAY = date(2026, 11, 20)
BEFORE = (
    "close my eth position", "sell half my sol", "buy 50 usd of eth", "cancel the eth order",
    "set risk to 1%",
    "pause for an hour", "buy eth", "sell everything", "what is eth at", "how did we do last week",
    "why did you buy sol", "show my positions", "last 3 trades", "remember that I like tea",
)  # fmt: skip


def heard(text: str, *earlier: str) -> dict[str, Any]:
    return outside(understand(Moment(text, TODAY, tuple(Said("user", said) for said in earlier))))


def deeds(told: dict[str, Any]) -> list[dict[str, Any]]:
    """What would be done or shown to be confirmed; a question may lean on the one before it."""
    return told["calls"] if told["outcome"] in ("confirm", "execute") else []


@pytest.mark.parametrize(
    "text",
    [
        "tell me something about ada",
        "show me ada",
        "ada?",
        "ada? dot?",
        "35 bucks on ada please",
        "+$70 ada, market",
        "out of ada for good",
        "a third of my ada can go",
        "please let me know when ada climbs above 3",
        "what did you do yesterday",
        "how much have we made this month",
        "do not ever touch ada",
        "put 30 bucks on glimmerfloof",
        "show me all the balances",
    ],
)
@pytest.mark.parametrize("earlier", BEFORE)
def test_a_whole_wish_makes_the_same_deeds_after_anything(text: str, earlier: str) -> None:
    alone, after = heard(text), heard(text, earlier)
    assert deeds(after) == deeds(alone), after


@pytest.mark.parametrize(
    ("earlier", "text", "intent", "symbol"),
    [
        ("close my eth position", "and ada", "flatten", "ADA/USD"),
        ("close my eth position", "what about ada", "flatten", "ADA/USD"),
        ("cancel the eth order", "ada as well", "cancel_order", "ADA/USD"),
        ("buy 50 usd of eth", "same for ada", "place_order", "ADA/USD"),
        ("buy eth", "25 usd of ada", "place_order", "ADA/USD"),
        ("what is eth at", "and ada?", "get_price", "ADA/USD"),
    ],
)
def test_what_leans_on_it_is_read_with_it(earlier: str, text: str, intent: str, symbol: str) -> None:
    call = heard(text, earlier)["calls"][0]
    assert (call["intent"], call["slots"]["symbol"]) == (intent, symbol)


@pytest.mark.parametrize("text", ["", "   ", "🤷", "🙃🙃", "...", "?!", "~", "\u200b", "('", "@@"])
def test_a_message_without_words_is_answered_whatever_is_open(text: str) -> None:
    order = Call("place_order", {"side": "buy", "symbol": "ADA/USD", "amount": (Decimal(9), "base")})
    for pending in ((), (order,), (order, order)):
        for history in ((), (Said("user", "buy eth"),), (Said("user", text), Said("assistant", text))):
            plan = understand(Moment(text, TODAY, history, pending))
            assert not plan.answers_pending
            assert outside(plan)["executed"] == []


@pytest.mark.parametrize(
    ("text", "earlier", "symbol", "price"),
    [
        ("set an alert at 9", "what is dot at", "DOT/USD", 9),
        ("alert me when it hits 9", "what is dot at", "DOT/USD", 9),
        ("ada above 2", "set a price alert", "ADA/USD", 2),
        ("9 on dot", "set an alert please", "DOT/USD", 9),
    ],
)
def test_an_alert_takes_its_coin_from_what_was_said_and_its_price_is_no_order(
    text: str, earlier: str, symbol: str, price: int
) -> None:
    told = heard(text, earlier)
    [call] = told["calls"]
    assert (told["outcome"], call["intent"]) == ("call", "alerts")
    assert (call["slots"]["symbol"], call["slots"]["price"]) == (symbol, price)


def test_an_order_after_an_alert_is_still_an_order() -> None:
    assert heard("buy 20 usd of dot", "set a price alert")["calls"][0]["intent"] == "place_order"


def test_a_price_of_an_alert_is_never_its_number_in_the_list() -> None:
    assert heard("remove the alert at 3000")["calls"] == []


def test_how_it_fared_is_asked_of_the_coin_just_spoken_of() -> None:
    slots = heard("how did it do for us last month", "what is dot at")["calls"][0]["slots"]
    assert (slots["symbol"], slots["period"]) == ("DOT/USD", "last_month")
    assert "symbol" not in heard("how did it go last month", "what is dot at")["calls"][0]["slots"]
