"""Exits told in a sentence become the stop and the target of the order; doubtful ones are asked about."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.agent.batch import answer_line


def said(text: str, **more: Any) -> dict[str, Any]:
    return answer_line(json.dumps({"id": "1", "now": "2026-11-20T15:00:00Z", "user": text, **more}), 1)


@pytest.mark.parametrize(
    ("text", "stop", "target"),
    [
        ("buy 2 sol and bail if it loses 4%", [4, "percent"], None),
        ("get 90 usd of ada, sell it at a 7% profit", None, [7, "percent"]),
        ("buy 0.1 eth, get out at -2%, cash in when it is up 5%", [2, "percent"], [5, "percent"]),
        ("put 80 usd in sol and close it if it falls below 120", [120, "price"], None),
    ],
)
def test_an_exit_in_words_is_the_stop_or_the_target_of_the_order(text: str, stop: Any, target: Any) -> None:
    answer = said(text)
    assert answer["outcome"] == "confirm"
    [call] = answer["calls"]
    assert (call["slots"].get("stop"), call["slots"].get("take_profit")) == (stop, target)


@pytest.mark.parametrize(
    "text",
    [
        "buy 50 usd of eth and sell 20 of sol if it drops 3%",
        "buy 50 usd of eth if btc drops 3%",
        "buy 50 usd of eth with a stop above 9999999",
        "sell half my eth if it drops 3%",
    ],
)
def test_an_exit_that_may_mean_something_else_is_asked_about_or_left_out(text: str) -> None:
    answer = said(text)
    assert not any("take_profit" in call["slots"] for call in answer["calls"])
    assert answer["executed"] == []


@pytest.mark.parametrize("share", ["a bit of", "most of", "a chunk of", "some of", "a slab of", "a lot of"])
@pytest.mark.parametrize("verb", ["sell", "liquidate", "close"])
def test_an_unsaid_share_of_a_position_never_sells_all_of_it(verb: str, share: str) -> None:
    answer = said(f"{verb} {share} my link")
    assert (answer["outcome"], answer["calls"]) == ("clarify", [])


def test_cancel_it_with_nothing_open_speaks_of_the_resting_orders() -> None:
    orders = [{"id": "O1", "symbol": "BTC/USD"}, {"id": "O2", "symbol": "ETH/USD"}]
    assert said("cancel it", state={"orders": orders})["outcome"] == "clarify"
    one = said("cancel it", state={"orders": orders[:1]})
    assert (one["outcome"], one["calls"][0]["slots"]["symbol"]) == ("confirm", "BTC/USD")
    assert said("cancel it")["outcome"] == "chat"


OPEN = {
    "intent": "place_order",
    "slots": {"side": "buy", "symbol": "SOL/USD", "amount": [2, "base"], "type": "market"},
}


@pytest.mark.parametrize("text", ["sorry, sell not buy", "no, sell", "i meant sell", "oops, sell instead"])
def test_a_correction_turns_the_open_order_round_and_asks_again(text: str) -> None:
    answer = said(text, pending=[OPEN])
    assert (answer["outcome"], answer["executed"]) == ("confirm", [])
    assert answer["calls"] == [{"intent": "place_order", "slots": {**OPEN["slots"], "side": "sell"}}]


@pytest.mark.parametrize("text", ["don't sell", "never sell", "no don't sell", "do not buy", "sell?"])
def test_a_ban_or_a_question_turns_no_open_order_round(text: str) -> None:
    answer = said(text, pending=[OPEN])
    assert not answer["executed"]
    assert not any(call["intent"] == "place_order" for call in answer["calls"])


@pytest.mark.parametrize("owned", ["my", "all my", "the", "my free"])
def test_cash_that_is_owned_is_spent_and_no_coin_is_cashed_in(owned: str) -> None:
    [call] = said(f"put 5% of {owned} cash in sol")["calls"]
    assert (call["slots"]["side"], call["slots"]["amount"]) == ("buy", [5, "percent_balance"])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("take 20% off my sol", [20, "percent_position"]),
        ("move half of my sol to usd", [50, "percent_position"]),
        ("i need 70 usd from my sol", [70, "quote"]),
        ("pull 30 dollars out of sol", [30, "quote"]),
        ("give me 25 usd for my sol", [25, "quote"]),
        ("drop a third of my sol", [33.33, "percent_position"]),
    ],
)
def test_what_is_taken_out_of_a_coin_is_sold_and_never_bought(text: str, amount: list[Any]) -> None:
    [call] = said(text)["calls"]
    assert (call["slots"]["side"], call["slots"]["symbol"]) == ("sell", "SOL/USD")
    assert call["slots"]["amount"] == [pytest.approx(amount[0], abs=0.01), amount[1]]


@pytest.mark.parametrize(
    "text", ["put 50 usd into my sol", "move 50 usd from my balance to sol", "get me 50 usd of sol"]
)
def test_what_is_put_into_a_coin_is_bought(text: str) -> None:
    [call] = said(text)["calls"]
    assert (call["slots"]["side"], call["slots"]["amount"]) == ("buy", [50, "quote"])


@pytest.mark.parametrize(
    "text", ["move the stop of my eth to 2500", "i want to keep half my eth", "i took 50 usd from my eth"]
)
def test_a_level_a_keeping_or_a_past_deed_is_no_order(text: str) -> None:
    assert not any(call["intent"] == "place_order" for call in said(text)["calls"])


@pytest.mark.parametrize(
    "text", ["dump all open orders", "close all orders", "get rid of every open order", "flatten my orders"]
)
def test_a_verb_of_selling_on_orders_cancels_them_and_sells_nothing(text: str) -> None:
    answer = said(text)
    assert [(call["intent"], call["slots"]["scope"]) for call in answer["calls"]] == [("cancel_order", "all")]


@pytest.mark.parametrize("text", ["sell all my eth with a limit order at 3000", "close my eth at 3000"])
def test_a_price_named_for_a_whole_position_is_kept(text: str) -> None:
    [call] = said(text)["calls"]
    assert (call["slots"]["type"], call["slots"]["limit_price"]) == ("limit", 3000)


@pytest.mark.parametrize("text", ["yes, buy it", "ok buy it now"])
def test_a_yes_may_name_the_deed_again(text: str) -> None:
    assert said(text, pending=[OPEN])["executed"] == ["place_order"]


@pytest.mark.parametrize(
    "text", ["buy it", "yes buy it all", "yes buy 3", "yes sell it", "k buy", "yes buy it?"]
)
def test_a_deed_alone_or_another_one_is_no_yes(text: str) -> None:
    assert said(text, pending=[OPEN])["executed"] == []


@pytest.mark.parametrize(
    "text",
    ["reduce doge to 20 usd", "get my doge up to 500 usd", "trim doge down to 100", "sell all but 1 doge"],
)
def test_a_size_that_shall_be_left_is_never_the_size_of_the_order(text: str) -> None:
    answer = said(text)
    assert (answer["outcome"], answer["calls"]) == ("clarify", [])


def test_a_bare_level_beside_a_percentage_is_asked_about_unless_it_is_plainly_a_price() -> None:
    assert said("buy 90 usd of sol, stop 4, target 8%")["outcome"] == "clarify"
    prices = {"SOL/USD": 140}
    assert said("buy 90 usd of sol, stop 120, target 8%", state={"prices": prices})["outcome"] == "confirm"
    assert said("buy 90 usd of sol, stop 4, target 8%", state={"prices": prices})["outcome"] == "clarify"
