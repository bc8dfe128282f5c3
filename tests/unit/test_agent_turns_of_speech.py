"""Turns of speech: deeds in other words, exits told in passing, and answers to a part of what is open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.agent.batch import answer_line, outside
from core.agent.intents import Call
from core.agent.offline.brain import Moment, Said, understand

TODAY = date(2026, 11, 20)


def heard(text: str, *earlier: str, pending: tuple[Call, ...] = ()) -> dict[str, Any]:
    history = tuple(Said("user", said) for said in earlier)
    return outside(understand(Moment(text, TODAY, history, pending)))


def only_call(text: str, *earlier: str) -> tuple[str, str, dict[str, Any]]:
    told = heard(text, *earlier)
    assert len(told["calls"]) == 1, told
    return told["outcome"], told["calls"][0]["intent"], told["calls"][0]["slots"]


@pytest.mark.parametrize(
    "text",
    [
        "it's time we got rid of the avax",
        "one would like to be rid of one's avax",
        "I'd like to have my avax sold",
        "please have all my avax liquidated",
        "out of avax entirely please",
        "ditch avax",
        "cash that avax out for me",
    ],
)
def test_a_coin_that_shall_go_is_closed_however_it_is_said(text: str) -> None:
    assert only_call(text) == ("confirm", "flatten", {"symbol": "AVAX/USD"})


@pytest.mark.parametrize(
    ("text", "side", "amount", "limit"),
    [
        ("take 4 dot off my hands", "sell", [4, "base"], None),
        ("if somebody pays 18.50 let them have 12 of my link", "sell", [12, "base"], 18.5),
        ("buy 60 usd of dot once it drops to 4.10, limit order", "buy", [60, "quote"], 4.1),
        ("get 3 ltc if you can get it under 75", "buy", [3, "base"], 75),
        ("put in a buy for two ltc at seventy eight fifty", "buy", [2, "base"], 78.5),
        ("chuck a couple hundred dollars at dot", "buy", [200, "quote"], None),
        ("open a 90 dollar position in dot", "buy", [90, "quote"], None),
        ("buy 2 k usd of dot", "buy", [2000, "quote"], None),
    ],
)
def test_orders_in_other_words(text: str, side: str, amount: list[Any], limit: float | None) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent, slots["side"], slots["amount"]) == ("confirm", "place_order", side, amount)
    assert slots.get("limit_price") == limit


@pytest.mark.parametrize(
    ("text", "stop", "target"),
    [
        ("pick up 90 bucks of dot, get out at minus 4%, take the money at plus 9%", 4, 9),
        ("grab 90 usd of dot. 4% down, 9% up and done", 4, 9),
        ("buy 90 dollars of dot and cut it if it loses 4%, bank it at plus 9%", 4, 9),
    ],
)
def test_exits_told_in_passing_become_a_bracket(text: str, stop: int, target: int) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent) == ("confirm", "place_bracket")
    assert (slots["stop"], slots["take_profit"]) == ([stop, "percent"], [target, "percent"])


def test_a_price_to_leave_at_above_the_stop_is_the_target() -> None:
    _, intent, slots = only_call("take 50 dot, bail if it falls to 3.90 and cash in at 5.20")
    assert (intent, slots["stop"], slots["take_profit"]) == ("place_bracket", [3.9, "price"], [5.2, "price"])


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("what would have made you buy dot this morning?", "DOT/USD"),
        ("when would you get into dot", "DOT/USD"),
        ("how far is dot from an entry?", "DOT/USD"),
        ("what has to change before you buy dot", "DOT/USD"),
    ],
)
def test_what_would_have_to_change_is_asked_of_the_filters(text: str, symbol: str) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent, slots["decision"]) == ("call", "explain_trade", "why_not")
    assert slots["symbol"] == symbol


@pytest.mark.parametrize(
    "text",
    [
        "why didn't you sell when it crashed",
        "you have been idle all week, how come?",
        "no trade at all this week?? explain",
    ],
)
def test_the_reason_of_doing_nothing_is_asked_for(text: str) -> None:
    assert only_call(text)[2]["decision"] == "why_not"


@pytest.mark.parametrize(
    "text", ["steer clear of doge", "avoid doge", "no more doge, ever", "leave doge alone"]
)
def test_a_coin_that_is_shunned_is_noted_and_offered_as_a_standing_order(text: str) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent) == ("call", "remember")
    assert "doge" in slots["text"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("yes to the sale, leave the buy", "sell"),
        ("only the second", "buy"),
        ("just the eth", "buy"),
        ("not the buy", "sell"),
    ],
)
def test_a_yes_to_a_part_shows_that_part_again_and_sends_nothing(text: str, kept: str) -> None:
    sale = Call("place_order", {"side": "sell", "symbol": "XRP/USD", "amount": (Decimal(40), "base")})
    purchase = Call("place_order", {"side": "buy", "symbol": "ETH/USD", "amount": (Decimal(70), "quote")})
    told = heard(text, pending=(sale, purchase))
    assert (told["outcome"], told["executed"]) == ("confirm", [])
    assert [call["slots"]["side"] for call in told["calls"]] == [kept]


def test_a_question_before_the_yes_leaves_open_what_is_open() -> None:
    order = Call("place_order", {"side": "buy", "symbol": "DOT/USD", "amount": (Decimal(70), "quote")})
    plan = understand(Moment("hold on, what is it at right now?", TODAY, (), (order,)))
    assert [call.intent for call in plan.calls] == ["get_price"]
    assert not (plan.declines_pending or plan.answers_pending)


@pytest.mark.parametrize(
    "text", ["yes, that is right", "yep that's what i want", "ja, mach das", "si, hazlo"]
)
def test_a_yes_in_a_sentence_is_a_yes(text: str) -> None:
    order = Call("place_order", {"side": "buy", "symbol": "DOT/USD", "amount": (Decimal(70), "quote")})
    assert understand(Moment(text, TODAY, (), (order,))).answers_pending


@pytest.mark.parametrize("text", ["is that right", "yes if that is all", "is it what i want"])
def test_a_question_about_what_is_open_is_no_yes(text: str) -> None:
    order = Call("place_order", {"side": "buy", "symbol": "DOT/USD", "amount": (Decimal(70), "quote")})
    assert not understand(Moment(text, TODAY, (), (order,))).answers_pending


@pytest.mark.parametrize(
    ("earlier", "text", "intent", "slots"),
    [
        ("remember that I hate mondays", "forget that", "forget", {"query": "I hate mondays"}),
        ("any resting orders", "bin them all", "cancel_order", {"scope": "all"}),
        ("how did we do last week", "why?", "explain_trade", {"period": "last_week"}),
        ("pause for an hour", "make it three", "pause", {"duration": "3h"}),
        ("best trade this week", "and the worst?", "explain_trade", {"which": "worst"}),
        ("set risk to 1%", "actually 0.6", "set_risk", {"name": "risk_per_trade", "value": 0.6}),
        ("how did september go", "and the month before?", "get_performance",
         {"period": {"from": "2026-08-01", "to": "2026-08-31"}}),
        ("buy dot", "half my cash", "place_order", {"amount": [50, "percent_balance"], "symbol": "DOT/USD"}),
        ("buy 40", "dollars of dot", "place_order", {"amount": [40, "quote"], "symbol": "DOT/USD"}),
        ("buy 3k sol", "coins", "place_order", {"amount": [3000, "base"], "symbol": "SOL/USD"}),
        ("cancel my order", "the last one", "cancel_order", {"which": "last"}),
    ],
)  # fmt: skip
def test_what_only_points_back_is_read_against_the_last_wish(
    earlier: str, text: str, intent: str, slots: dict[str, Any]
) -> None:
    _, named, told = only_call(text, earlier)
    assert named == intent
    assert {name: told.get(name) for name in slots} == slots


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("results for the first quarter", {"from": "2026-01-01", "to": "2026-03-31"}),
        ("what have we made since christmas", {"from": "2025-12-25", "to": "2026-11-20"}),
        ("p/l since start of year", "ytd"),
    ],
)
def test_quarters_and_feast_days_are_periods(text: str, period: object) -> None:
    assert only_call(text)[2]["period"] == period


def test_whether_an_amount_is_enough_is_looked_up_and_not_ordered() -> None:
    assert only_call("could i buy only 2 xrp or is that too small")[:2] == ("call", "get_market_info")


def test_a_resting_limit_is_cancelled_and_a_loss_limit_is_not() -> None:
    assert only_call("kill the dot limit")[:2] == ("confirm", "cancel_order")
    assert heard("kill the loss limit")["outcome"] == "refuse"


def test_a_line_that_breaks_the_brain_leaves_the_others_whole() -> None:
    assert answer_line('{"id": "x", "user": "price of dot"}', 1)["outcome"] == "call"
    assert "error" in answer_line('{"id": "x", "user": 5}', 1)


@pytest.mark.parametrize(
    "text", ["no, leave it, I have changed my mind", "oh leave it, i've changed my mind about that"]
)
def test_a_mind_that_changed_drops_what_is_open(text: str) -> None:
    open_one = Call("place_order", {"side": "buy", "symbol": "DOT/USD", "amount": (Decimal(2), "base")})
    plan = understand(Moment(text, TODAY, (), (open_one,)))
    assert plan.declines_pending and not plan.calls


def test_a_price_or_better_is_a_limit() -> None:
    outcome, intent, slots = only_call("sell 30 dot, 9.2 or better")
    assert (outcome, intent, slots["limit_price"], slots["amount"]) == (
        "confirm", "place_order", 9.2, [30, "base"],
    )  # fmt: skip


@pytest.mark.parametrize("text", ["pausa de una hora", "mach mal eine stunde pause", "pause une heure"])
def test_one_hour_in_other_languages(text: str) -> None:
    told = heard(text)
    assert [(one["intent"], one["slots"].get("duration")) for one in told["calls"]] == [("pause", "1h")]


def test_ahead_or_behind_asks_for_the_result() -> None:
    outcome, intent, slots = only_call("are we ahead or behind this week")
    assert (outcome, intent, slots["period"]) == ("call", "get_performance", "this_week")


@pytest.mark.parametrize(
    "text",
    ["has dot been bleeding us this week", "how badly did dot burn me this week", "did dot hurt us this week",
     "are we getting hammered on dot this week"],
)  # fmt: skip
def test_what_a_coin_did_to_the_account_is_its_result(text: str) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent, slots["symbol"], slots["period"]) == (
        "call", "get_performance", "DOT/USD", "this_week",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["do nothing until i tell you to resume", "stay out until I say carry on",
     "no new trades till i say go on", "please open nothing until i tell you to continue"],
)  # fmt: skip
def test_a_halt_until_the_owner_says_go_on_starts_nothing(text: str) -> None:
    told = heard(text)
    assert [call["intent"] for call in told["calls"]] == ["pause"]


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("have a three hour break from trading", "3h"), ("give trading a rest for 45 minutes", "45m"),
        ("take a 20 minute breather", "20m"), ("go on a 2 day holiday", "2d"),
    ],
)  # fmt: skip
def test_a_break_of_a_length_is_a_pause(text: str, duration: str) -> None:
    assert only_call(text)[1:] == ("pause", {"duration": duration})


@pytest.mark.parametrize(
    "text", ["are we on paper or live", "is this a simulation or real", "is that play money or real money"]
)
def test_which_money_is_traded_is_told_by_the_status(text: str) -> None:
    assert only_call(text)[1] == "get_status"


@pytest.mark.parametrize(
    ("text", "share", "symbol"),
    [
        ("vorrei vendere un quarto delle mie ada", 25, "ADA/USD"),
        ("vendi un terzo dei miei dot", 33.33, "DOT/USD"),
        ("quero vender um quarto das minhas dot", 25, "DOT/USD"),
        ("verkaufe ein viertel meiner dot", 25, "DOT/USD"),
    ],
)
def test_a_part_in_another_language_is_never_the_whole(text: str, share: float, symbol: str) -> None:
    outcome, intent, slots = only_call(text)
    assert (outcome, intent, slots["amount"]) == ("confirm", "place_order", [share, "percent_position"])
    assert slots["symbol"] == symbol


@pytest.mark.parametrize(
    "text",
    ["warum hast du heute nichts gekauft?", "por qué no compraste nada hoy", "y didn't u buy anything today",
     "pourquoi tu n'as rien acheté aujourd'hui"],
)  # fmt: skip
def test_why_nothing_was_bought_is_asked_in_other_words(text: str) -> None:
    outcome, intent, slots = only_call(text)
    assert (intent, slots["decision"], slots["period"]) == ("explain_trade", "why_not", "today")


def test_a_length_behind_the_coins_belongs_to_all_of_them() -> None:
    charts = heard("graph dot and ada, 15 minute candles please")["calls"]
    assert [(c["slots"]["symbol"], c["slots"]["timeframe"]) for c in charts] == [
        ("DOT/USD", "15m"), ("ADA/USD", "15m"),
    ]  # fmt: skip
    tests = heard("run a backtest of dot and ada, 60 days of history each")["calls"]
    assert [(c["intent"], c["slots"].get("symbol")) for c in tests] == [
        ("backtest", "DOT/USD"), ("backtest", "ADA/USD"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    ["backtest gribbit, last 60 days", "a chart of gribbit please", "80 dollars of gribbit please",
     "buy 30 usd of dot or maybe ada, not sure"],
)  # fmt: skip
def test_a_coin_that_is_unknown_or_left_open_is_asked_for(text: str) -> None:
    told = heard(text)
    assert told["outcome"] == "clarify"
    assert all("symbol" not in call["slots"] for call in told["calls"])


def test_a_recall_and_a_question_beside_it_are_both_answered() -> None:
    told = heard("what did i tell you about my boat, and how did we do last month?")
    assert [call["intent"] for call in told["calls"]] == ["recall", "get_performance"]
    assert told["calls"][0]["slots"]["query"] == "boat"


@pytest.mark.parametrize("text", ["help me with my daughter's homework", "i need help with my taxes"])
def test_help_with_other_things_lists_no_commands(text: str) -> None:
    assert heard(text)["calls"] == []


@pytest.mark.parametrize(
    "text", ["keep or dump my dot?", "hold or sell dot?", "would you keep dot if you were me"]
)
def test_what_zyn_would_do_is_answered_with_facts(text: str) -> None:
    told = heard(text)
    assert told["outcome"] in ("call", "chat")
    assert {call["intent"] for call in told["calls"]} <= {"get_price", "get_positions"}


def test_what_was_just_spoken_of_is_meant_by_it_and_by_that() -> None:
    assert only_call("which trades did we make in it last week", "any doge?")[2]["symbol"] == "DOGE/USD"
    assert only_call("why did you do that", "tell me about doge")[2]["symbol"] == "DOGE/USD"


def test_a_fraction_behind_digits_belongs_to_them() -> None:
    assert only_call("i'd like 3 and a half dot please")[2]["amount"] == [3.5, "base"]


def test_what_was_bought_and_sold_are_both_listed() -> None:
    assert only_call("what did you buy and sell yesterday")[1:] == ("get_trades", {"period": "yesterday"})


def test_a_note_behind_an_order_is_kept_as_typed() -> None:
    told = heard("buy 20 usd of dot, and remember that it is for Anna")
    assert [call["intent"] for call in told["calls"]] == ["place_order", "remember"]
    assert told["calls"][1]["slots"]["text"] == "it is for Anna"


@pytest.mark.parametrize(
    "text",
    ["raise the daily loss limit by 15 dollars", "reduce my exposure by half",
     "lower the daily loss by a fifth",
     "increase the max positions by 2", "set risk half a percent lower"],
)  # fmt: skip
def test_a_step_of_a_limit_is_no_value_of_it(text: str) -> None:
    told = heard(text)
    assert told["outcome"] == "clarify"
    assert all("value" not in call["slots"] for call in told["calls"])


def test_minus_an_amount_buys_nothing() -> None:
    assert heard("buy minus 4 dot")["outcome"] == "clarify"


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("no texts before 8 in the morning please", "22:00-08:00"),
        ("no texts after 9 at night", "21:00-07:00"),
    ],
)
def test_one_end_of_the_quiet_hours_is_the_end_that_was_said(text: str, hours: str) -> None:
    assert only_call(text)[2] == {"key": "quiet_hours", "value": hours}


@pytest.mark.parametrize(
    ("text", "intent", "query"),
    [
        ("what did i tell you about my boss", "recall", "boss"),
        ("scratch what i told you about my friend", "forget", "my friend"),
        ("do you know when my flight is", "recall", "flight is"),
    ],
)
def test_a_person_who_is_asked_about_is_no_form_of_address(text: str, intent: str, query: str) -> None:
    assert only_call(text) == ("call", intent, {"query": query})
