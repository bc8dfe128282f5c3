"""Idioms of every room: each line here stands for a class of sentences and no set holds it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.intents import Call
from core.agent.offline.brain import Moment, Said, understand

TODAY = date(2026, 11, 20)


def heard(text: str, *said: Said) -> dict[str, Any]:
    return outside(understand(Moment(text, TODAY, said)))


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("how's the market?", "get_price", {"symbol": "BTC/USD"}),
        ("what's the score this week", "get_performance", {"period": "this_week"}),
        ("what percent of trades ended positive", "get_performance", {"metric": "win_rate"}),
        ("has link been earning its keep this month", "get_performance",
         {"symbol": "LINK/USD", "period": "this_month"}),
        ("net of fees, how was october", "get_performance",
         {"period": "last_month"}),
        ("who decided to sell my ada", "explain_trade", {"symbol": "ADA/USD", "side": "sell"}),
        ("was the ada exit a stop or a target", "explain_trade", {"symbol": "ADA/USD", "side": "sell"}),
        ("what did you see in avax", "explain_trade", {"symbol": "AVAX/USD"}),
        ("the winner of the month, talk me through it", "explain_trade", {"which": "best"}),
        ("what do the losers have in common", "get_insights", {}),
        ("which sessions suck for us", "get_insights", {"topic": "time_of_day"}),
        ("how many sol are mine", "get_balances", {"asset": "SOL"}),
        ("how much do i have in total", "get_balances", {}),
        ("are we in the green on dot", "get_positions", {"symbol": "DOT/USD"}),
        ("is my offer still there", "get_orders", {}),
        ("still breathing?", "get_status", {}),
        ("why are you halted", "get_status", {}),
        ("test ada from may to july", "backtest",
         {"symbol": "ADA/USD", "period": {"from": "2026-05-01", "to": "2026-07-31"}}),
        ("give me a shout when dot climbs above 9", "alerts", {"symbol": "DOT/USD", "condition": "above"}),
        ("i always get paid on the 12th", "remember", {"text": "i always get paid on the 12th"}),
        ("use pounds", "set_preference", {"key": "currency", "value": "GBP"}),
        ("no sms please", "set_preference", {"key": "sms", "value": False}),
    ],
)  # fmt: skip
def test_a_question_or_a_note_in_an_idiom(text: str, intent: str, slots: dict[str, Any]) -> None:
    told = heard(text)
    assert told["outcome"] == "call", told
    found = [call["slots"] for call in told["calls"] if call["intent"] == intent]
    assert any({name: one.get(name) for name in slots} == slots for one in found), told["calls"]


@pytest.mark.parametrize(
    ("text", "name", "value", "unit"),
    [
        ("if we fall 4% in a day, stop", "daily_loss_limit", 4, "percent"),
        ("call it a day at -3%", "daily_loss_limit", 3, "percent"),
        ("wait 9 candles after a losing trade", "cooloff_candles", 9, "count"),
        ("never more than 4 trades at the same time", "max_open_positions", 4, "count"),
        ("put the target at 4 atr", "take_profit_atr", 4, "count"),
    ],
)
def test_a_limit_in_an_idiom_is_proposed(text: str, name: str, value: float, unit: str) -> None:
    told = heard(text)
    assert (told["outcome"], told["executed"]) == ("confirm", [])
    assert told["calls"][0]["slots"] == {"name": name, "value": value, "unit": unit}


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("hold your fire", {}),
        ("power down", {}),
        ("enough", {}),
        ("stand by until 4pm", {"until": "16:00"}),
        ("stop for half an hour", {"duration": "30m"}),
        ("would it be possible to suspend trading for 3 hours?", {"duration": "3h"}),
    ],
)
def test_a_halt_in_an_idiom_acts_at_once(text: str, slots: dict[str, Any]) -> None:
    told = heard(text)
    assert (told["outcome"], told["executed"]) == ("execute", ["pause"])
    assert told["calls"][0]["slots"] == slots


@pytest.mark.parametrize(
    "text", ["if btc falls, stop", "stop when eth drops below 2000", "pause if sol tanks"]
)
def test_a_halt_that_waits_for_something_is_asked_about(text: str) -> None:
    told = heard(text)
    assert (told["outcome"], told["executed"]) == ("clarify", [])


@pytest.mark.parametrize(
    "text",
    [
        "cash out to my visa",
        "pay my landlord with eth",
        "lend me 50 dollars",
        "buy puts on eth",
        "drop the previews from now on",
    ],
)
def test_what_is_never_done_is_refused_in_idioms_too(text: str) -> None:
    assert heard(text)["outcome"] == "refuse"


def test_a_stop_without_its_level_is_asked_about_and_not_left_out() -> None:
    told = heard("buy 30 usd of dot with a tight stop")
    assert (told["outcome"], told["executed"]) == ("clarify", [])
    assert "stop" in told["reply"]


def test_the_hours_that_are_ruled_out_become_the_hours_of_the_mandate() -> None:
    told = heard("please do not buy anything after 9pm")
    assert told["calls"] == [{"intent": "mandate", "slots": {"hours": "00:00-21:00"}}]


def test_where_the_owner_is_now_is_asked_about_and_not_taken_for_a_lesson() -> None:
    told = heard("I'm in Lisbon now")
    assert told["outcome"] == "clarify"
    assert "Europe/Lisbon" in told["reply"]


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("I'm so stressed about all this", "stop"),
        ("you are useless", "sorry"),
        ("tell me a joke", "stops"),
        ("love you zyn", "kind"),
        ("what day is it?", "Friday, 20 November 2026"),
    ],
)
def test_company_is_answered_and_does_nothing(text: str, about: str) -> None:
    told = heard(text)
    assert (told["outcome"], told["calls"]) == ("chat", [])
    assert about in told["reply"]


def test_the_last_answer_is_said_again() -> None:
    before = (Said("user", "price of dot"), Said("assistant", "DOT/USD 5.12, 0 s old."))
    assert heard("sorry, say that again", *before)["reply"] == "DOT/USD 5.12, 0 s old."


def test_a_pizza_is_no_order_and_an_election_is_no_trade() -> None:
    assert heard("can you order pizza")["calls"] == []
    assert heard("who will win the election")["calls"] == []


@pytest.mark.parametrize(
    "text",
    [
        "people sell when they panic",
        "when was the last time we sold ada",
        "flatten is a funny word",
        "get out of here",
        "after dinner buy 30 usd of dot",
        "i'd like to see the trades closed yesterday",
        "can i buy less than 2 xrp",
        "dois-je vendre mon ada",
    ],
)
def test_what_only_sounds_like_a_deed_is_none(text: str) -> None:
    told = heard(text)
    assert told["executed"] == []
    assert told["outcome"] in ("call", "chat", "clarify"), told


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("bring my ada to zero", "flatten", {"symbol": "ADA/USD"}),
        ("let's have a bite of dot, 25 usd", "place_order", {"side": "buy", "amount": [25, "quote"]}),
        ("get me into dot for a hundred", "place_order", {"side": "buy", "amount": [100, "quote"]}),
        ("0.4 bid for 90 ada", "place_order", {"amount": [90, "base"], "limit_price": 0.4}),
        ("halve the dot", "place_order", {"side": "sell", "amount": [50, "percent_position"]}),
        ("buy 6 dot and sell them at 9", "place_order", {"take_profit": [9, "price"]}),
        ("pick up 6 dot, bail at 3", "place_order", {"stop": [3, "price"]}),
    ],
)
def test_orders_in_idioms_are_shown_first(text: str, intent: str, slots: dict[str, Any]) -> None:
    told = heard(text)
    assert (told["outcome"], told["executed"], len(told["calls"])) == ("confirm", [], 1), told
    assert told["calls"][0]["intent"] == intent
    assert {name: told["calls"][0]["slots"].get(name) for name in slots} == slots


@pytest.mark.parametrize(
    "text", ["no operes más hoy", "handle nicht mehr", "ne trade plus", "pausiere den handel"]
)
def test_a_halt_in_other_languages_halts_even_while_something_is_open(text: str) -> None:
    order = Call("place_order", {"side": "sell", "symbol": "ADA/USD", "amount": (Decimal(9), "base")})
    plan = understand(Moment(text, TODAY, (), (order,)))
    assert [call.intent for call in plan.calls] == ["pause"]


def test_a_condition_of_its_own_is_no_answer_to_what_is_open() -> None:
    order = Call("place_order", {"side": "sell", "symbol": "ADA/USD", "amount": (Decimal(9), "base")})
    alert = understand(Moment("alert me when dot climbs above 12", TODAY, (), (order,)))
    assert [call.intent for call in alert.calls] == ["alerts"]
    other = understand(Moment("if dot falls to 3 buy 50 usd of it", TODAY, (), (order,)))
    assert "yes or no" not in other.say
