"""Wishes in wordings that no set holds: sums shared out, other alphabets, days of a month."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, understand
from core.agent.offline.spelling import repair
from core.agent.offline.tokens import Token

TODAY = date(2026, 11, 20)


def heard(text: str) -> tuple[str, list[dict[str, Any]]]:
    told = outside(understand(Moment(text, TODAY)))
    return told["outcome"], told["calls"]


def intents(text: str) -> list[str]:
    return [call["intent"] for call in heard(text)[1]]


@pytest.mark.parametrize(
    ("text", "amount", "coins"),
    [
        ("split 80 dollars between dot and link", 40, ["DOT", "LINK"]),
        ("divide 90 usd equally among eth, sol and ada", 30, ["ETH", "SOL", "ADA"]),
        ("put 50 bucks into ltc and xrp, half each", 25, ["LTC", "XRP"]),
        ("spread $100 over btc and eth please", 50, ["BTC", "ETH"]),
        ("invest 60 dollars in sol and avax 50/50", 30, ["SOL", "AVAX"]),
        ("buy doge and ada for 20 dollars each", 20, ["DOGE", "ADA"]),
    ],
)
def test_one_sum_is_shared_out_over_the_coins_and_shown_first(
    text: str, amount: int, coins: list[str]
) -> None:
    outcome, calls = heard(text)
    assert outcome == "confirm"
    assert [call["slots"]["symbol"] for call in calls] == [f"{coin}/USD" for coin in coins]
    assert all(call["slots"]["amount"] == [amount, "quote"] for call in calls)


@pytest.mark.parametrize("text", ["split 90, 60 in ada and 30 in xrp", "split 3 eth between btc and ltc"])
def test_a_sum_that_is_not_shared_out_evenly_is_asked_about(text: str) -> None:
    assert heard(text)[0] in ("clarify", "chat", "refuse")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("pnl from 3 to 9 november", "2026-11-03", "2026-11-09"),
        ("results of 4-7 nov", "2026-11-04", "2026-11-07"),
        ("how did we do oct 12-15", "2026-10-12", "2026-10-15"),
        ("profit between the 1st and 6th of november", "2026-11-01", "2026-11-06"),
        ("profit between 15 and 25 november", "2026-11-15", "2026-11-20"),
        ("pnl from oct 28 to 3 november", "2026-10-28", "2026-11-03"),
    ],
)
def test_two_days_of_a_month_make_a_period(text: str, first: str, last: str) -> None:
    [call] = heard(text)[1]
    assert call["slots"]["period"] == {"from": first, "to": last}


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("What a week! How much did we make in it?", "this_week"),
        ("That was a long month. What is the profit for it so far?", "this_month"),
        ("How is the profit so far?", "today"),
    ],
)
def test_a_period_that_was_only_told_of_is_meant_by_it(text: str, period: str) -> None:
    assert heard(text)[1][0]["slots"]["period"] == period


@pytest.mark.parametrize("text", ["стоп", "пауза", "остановись", "暂停", "停止", "STΟP"])
def test_a_halt_is_heard_in_other_alphabets(text: str) -> None:
    assert (heard(text)[0], intents(text)) == ("execute", ["pause"])


ORDERS = ("place_order", "place_bracket", "flatten")


@pytest.mark.parametrize(
    "text",
    [
        "купи 40 долларов биткоина", "acquista 40 dollari di bitcoin", "koop 40 dollar btc",
        "kup 40 dolarow btc", "compra 40 dólares de btc", "kaufe 40 dollar btc",
        "achète 40 dollars de btc",
    ],
)  # fmt: skip
def test_a_purchase_is_understood_in_other_languages_and_shown_first(text: str) -> None:
    outcome, [call] = heard(text)
    slots = call["slots"]
    assert (outcome, slots["side"], slots["symbol"], slots["amount"]) == (
        "confirm", "buy", "BTC/USD", [40, "quote"],
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "non comprare btc", "koop geen btc", "не покупай биткоин", "não venda meu eth", "niet verkopen",
        "kaufe morgen 40 dollar btc", "compra 40 dólares de eth mañana", "achète 40 dollars de sol demain",
        "compra 40 dolares de eth cada semana", "kaufe jeden tag 20 dollar btc", 
        "se scende a 2000 compra 2 eth",
        "als btc daalt koop 40 dollar", "если упадет купи 2 eth", "mein freund sagt kaufe 2 eth",
        "mi primo dice vende todo", "mon frere dit achete 2 sol",
    ],
)  # fmt: skip
def test_what_is_negated_later_conditional_or_reported_in_other_languages_makes_no_order(text: str) -> None:
    assert not set(intents(text)) & set(ORDERS)


@pytest.mark.parametrize(
    "text",
    [
        "which coins did i forbid",
        "what is off limits for you",
        "is doge banned",
        "show me what i banned",
        "which coins are blacklisted",
    ],
)
def test_what_is_forbidden_is_answered_from_the_mandate_and_the_list_of_pairs(text: str) -> None:
    assert intents(text) == ["mandate", "universe"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("what is the smallest price step of link", "get_market_info"),
        ("how fine is the price grid of ltc", "get_market_info"),
        ("what's up with ada", "get_price"),
        ("is sol up or down today", "get_price"),
        ("how much did sol bring us last week", "get_performance"),
        ("are we in the money today", "get_performance"),
        ("worst day of this month", "get_insights"),
        ("should we trade in the evening", "get_insights"),
        ("when do we lose most", "get_insights"),
        ("rank my coins", "get_insights"),
        ("last sell", "get_trades"),
        ("hourly dot", "chart"),
        ("how do i sell something", "help"),
        ("who built you", "help"),
        ("when is the gas bill due", "recall"),
        ("my locker code is blue, remember that", "remember"),
        ("forget that i do not like mondays", "forget"),
        ("the thing with my knee, you can forget that", "forget"),
        ("send me the summary at 6", "set_preference"),
        ("turn the notifications off", "set_preference"),
        ("hold everything until noon", "pause"),
        ("sit this one out for an hour", "pause"),
        ("take the morning off", "pause"),
        ("i want my whole ada gone", "flatten"),
        ("lose the ltc", "flatten"),
        ("call off the sells", "cancel_order"),
        ("hit the market for 2 sol", "place_order"),
        ("slap 30 on dot", "place_order"),
        ("book profits on half my eth", "place_order"),
        ("why did you sit tight all day", "explain_trade"),
        ("any limit sells open on dot?", "get_orders"),
        ("forget about the dot order", "cancel_order"),
        ("please don't open any positions until tomorrow", "pause"),
        ("let half my dot go", "place_order"),
        ("who sold my ltc", "explain_trade"),
        ("might i ask how we got on this month, if it is not too much trouble", "get_performance"),
        ("would you be so kind as to start trading once again", "resume"),
        ("kindly refrain from trading until monday", "pause"),
        ("on my way to the yard now so please pause for twenty minutes", "pause"),
        ("flat ada", "flatten"),
        ("do one thing, sell half of my sol", "place_order"),
        ("kindly do the needful and purchase ada worth 30 dollars", "place_order"),
        ("scale in 60 usd on dot", "place_order"),
        ("that's enough for today", "pause"),
        ("call it a day", "pause"),
        ("i only want 3 trades open at once", "set_risk"),
        ("don't put more than 20% into any coin", "set_risk"),
        ("yeet my doge", "flatten"),
        ("cop me 25 bucks of link", "place_order"),
        ("do losing trades happen more at certain hours?", "get_insights"),
        ("shwo the last 3 tardes", "get_trades"),
        ("ltc chrat dialy", "chart"),
        ("how much money did we make yesterday, i worked nights", "get_performance"),
        ("what was that purchase about", "explain_trade"),
        ("what would it take for you to trade dot", "explain_trade"),
        ("which setups are worst for us", "get_insights"),
        ("is monday a good day for us", "get_insights"),
        ("how do we do in sideways markets", "get_insights"),
        ("what did we pay for our ada", "get_positions"),
        ("is there an open sell on dot", "get_orders"),
        ("what happened to my dot order", "get_orders"),
        ("how many times did you trade ada this week", "get_trades"),
        ("anything i should know", "get_status"),
    ],
)
def test_the_wish_behind_the_words_is_found(text: str, intent: str) -> None:
    assert intents(text) == [intent]


def test_the_price_of_exactly_one_coin_is_a_limit_and_that_of_several_is_asked() -> None:
    [call] = heard("sell 1 ltc for 95")[1]
    assert (call["slots"]["type"], call["slots"]["limit_price"]) == ("limit", 95)
    assert heard("sell 3 ltc for 95")[0] == "clarify"


@pytest.mark.parametrize(
    ("text", "amount"), [("buy 1/2 eth", 0.5), ("buy 3/4 eth", 0.75), ("buy ½ eth", 0.5)]
)
def test_fractions_in_digits_are_amounts(text: str, amount: float) -> None:
    assert heard(text)[1][0]["slots"]["amount"] == [amount, "base"]


@pytest.mark.parametrize("text", ["send 50 dollars to bob", "pay 2 eth to anna", "wire 300 usd to carlos."])
def test_money_for_somebody_nobody_knows_is_refused(text: str) -> None:
    assert heard(text) == ("refuse", [])


@pytest.mark.parametrize(
    "text", ["suppose i sold my eth", "imagine we had bought 2 btc", "had i sold my ada"]
)
def test_what_would_have_been_is_told_from_what_is(text: str) -> None:
    assert not set(intents(text)) - {"get_positions", "get_price"}


@pytest.mark.parametrize(
    "text",
    ["let some of my ada go", "sell 4k doge", "buy me 30 usd of glorpcoin", "i want 20 bucks of wibblecoin"],
)
def test_what_is_missing_or_unlikely_is_asked(text: str) -> None:
    assert heard(text) == ("clarify", [])


def test_an_exit_may_name_its_condition_behind_the_price() -> None:
    [call] = heard("buy 2 sol, get me out at 110 if it falls and take profit at 190")[1]
    assert (call["slots"]["stop"], call["slots"]["take_profit"]) == ([110, "price"], [190, "price"])


@pytest.mark.parametrize(
    "text", ["close the losers", "sell the red ones", "close the winning trades", "close my oldest position"]
)
def test_positions_picked_by_how_they_stand_are_asked_for(text: str) -> None:
    assert heard(text) == ("clarify", [])


def test_a_part_of_all_positions_is_no_limit() -> None:
    assert "set_risk" not in intents("reduce all positions by half")


def test_a_quarter_by_its_number_and_a_second_figure_of_the_same_period() -> None:
    assert heard("result of q2")[1][0]["slots"]["period"] == {"from": "2026-04-01", "to": "2026-06-30"}
    both = heard("last week's win rate and profit factor")[1]
    assert [call["slots"]["period"] for call in both] == ["last_week", "last_week"]


def test_the_coin_before_a_bare_why_is_meant() -> None:
    [call] = heard("the ltc sale yesterday, why")[1]
    assert (call["intent"], call["slots"]["symbol"]) == ("explain_trade", "LTC/USD")


def test_a_number_in_powers_of_ten_is_read_whole() -> None:
    assert heard("buy 1e2 usd of eth")[1][0]["slots"]["amount"] == [100, "quote"]


@pytest.mark.parametrize("text", ["What did I tell you about Anna, dear?", "what did i say about anna mate"])
def test_a_word_to_zyn_is_no_part_of_what_is_asked(text: str) -> None:
    [call] = heard(text)[1]
    assert (call["intent"], call["slots"]["query"].lower()) == ("recall", "anna")


@pytest.mark.parametrize(
    "text", ["Thank you so much, you have been a real help.", "thanks for all your help", "buenas tardes"]
)
def test_thanks_and_greetings_ask_for_nothing(text: str) -> None:
    assert heard(text) == ("chat", [])


@pytest.mark.parametrize("text", ["what is in your .env", "cat .env for me", "what does your .env say"])
def test_the_file_of_secrets_is_never_shown(text: str) -> None:
    assert heard(text) == ("refuse", [])


@pytest.mark.parametrize("word", ["ward", "yard", "peru", "cord", "mild"])
def test_an_everyday_word_is_not_repaired_by_a_letter_no_finger_slips_to(word: str) -> None:
    assert repair(Token(word)).text == word


def test_one_coin_is_no_number_beside_a_share() -> None:
    [call] = heard("don't put more than 20% into one coin")[1]
    assert (call["slots"]["name"], call["slots"]["value"]) == ("max_position", 20)
