"""Limits, rules and habits in free words: what can be kept is proposed, of the rest it is said plainly."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.brain import Moment, Said, understand
from core.agent.offline.heed import caution, kept_of, to_keep

TODAY = date(2026, 11, 20)


def plan_of(text: str, *earlier: str) -> Plan:
    """The plan of the last words; the owner holds LINK and ETH."""
    history: list[Said] = []
    for said in earlier:
        history += [Said("user", said), Said("assistant", "ok")]
    return understand(Moment(text, TODAY, tuple(history), positions=("LINK/USD", "ETH/USD")))


def only_call(text: str, *earlier: str) -> tuple[str, str, dict[str, Any]]:
    told = outside(plan_of(text, *earlier))
    assert len(told["calls"]) == 1, told
    return told["outcome"], told["calls"][0]["intent"], told["calls"][0]["slots"]


def asked(text: str, *earlier: str) -> str:
    """What is asked or said where nothing at all is done or looked up."""
    plan = plan_of(text, *earlier)
    assert plan.outcome in (Outcome.CLARIFY, Outcome.CHAT) and not plan.calls, plan
    return plan.say


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("not more than 6 trades in any hour please", {"name": "max_entries_per_hour", "value": 6}),
        ("limit yourself to four entries an hour", {"name": "max_entries_per_hour", "value": 4}),
        ("keep it to 7 positions tops", {"name": "max_open_positions", "value": 7}),
        ("i want at most 2 trades open", {"name": "max_open_positions", "value": 2}),
        ("my limit is 3 open positions, keep that as the cap", {"name": "max_open_positions", "value": 3}),
        ("at most 6 open positions, make that the limit please", {"name": "max_open_positions", "value": 6}),
        ("don't let me lose over 75 dollars in one day", {"name": "daily_loss_limit", "value": 75}),
        ("do not risk more than $35 each day", {"name": "daily_loss_limit", "value": 35, "unit": "quote"}),
        ("never risk more than 1.5 percent per day", {"name": "daily_loss_limit", "value": 1.5}),
        ("never lose more than 80 a day", {"name": "daily_loss_limit", "value": 80, "unit": "quote"}),
        ("risk at most 1% per trade", {"name": "risk_per_trade", "value": 1, "unit": "percent"}),
        ("work with at most 40% of the account", {"name": "max_exposure", "value": 40, "unit": "percent"}),
        ("only put a quarter of my money to work", {"name": "max_exposure", "value": 25, "unit": "percent"}),
        ("please keep 25 percent uninvested", {"name": "max_exposure", "value": 75, "unit": "percent"}),
        ("i want at least 30% of my money to stay in cash", {"name": "max_exposure", "value": 70}),
    ],
)  # fmt: skip
def test_a_cap_in_free_words_is_proposed_as_the_limit_that_keeps_it(text: str, slots: dict[str, Any]) -> None:
    outcome, intent, given = only_call(text)
    assert (outcome, intent) == ("confirm", "set_risk")
    assert given | slots == given


@pytest.mark.parametrize(
    ("text", "capital"),
    [
        ("never put more than 900 dollars in the market", 900),
        ("don't invest more than 1,200 euros altogether", 1200),
        ("spend no more than 400 in total", 400),
        ("only work with 750 dollars of mine", 750),
    ],
)
def test_a_cap_on_the_money_at_work_is_the_capital(text: str, capital: int) -> None:
    assert only_call(text) == ("confirm", "mandate", {"capital": capital})


@pytest.mark.parametrize(
    "text",
    [
        "cap yourself at two trades a week",
        "i only want four trades per day from you",
        "trade at most twice a day",
        "only trade once a week",
        "no more than five entries daily",
        "do not trade more than 6 times a day",
    ],
)
def test_trades_counted_by_the_day_are_no_look_up_and_no_pause(text: str) -> None:
    assert "entries in any hour" in asked(text)


def test_of_a_small_bare_loss_a_day_it_is_asked_whether_it_is_percent() -> None:
    assert asked("don't lose more than 4 a day") == "4 percent, or 4 in money?"
    slots = {"name": "daily_loss_limit", "value": 4}
    for said, unit in (("percent", "percent"), ("in dollars please", "quote")):
        assert only_call(said, "don't lose more than 4 a day")[2] == slots | {"unit": unit}


def test_a_sum_kept_aside_names_the_limits_there_are() -> None:
    assert "capital" in asked("keep at least 800 in cash")
    assert "capital" in asked("don't spend more than 150 a week")


@pytest.mark.parametrize(
    ("text", "coins"),
    [
        ("quit buying pepe", "PEPE"),
        ("cease buying ada and xrp", "ADA,XRP"),
        ("could you please stop trading avax", "AVAX"),
        ("please stop trading solana from now on", "SOL"),
        ("no more trading in link", "LINK"),
        ("don't ever trade shib again", "SHIB"),
    ],
)
def test_a_coin_that_is_not_to_be_traded_is_a_standing_order_and_no_halt_of_all(
    text: str, coins: str
) -> None:
    assert only_call(text) == ("confirm", "mandate", {"never_buy": coins})


@pytest.mark.parametrize("text", ["no more pepe", "leave xrp alone from now on", "i never want to own ada"])
def test_a_coin_to_be_left_alone_in_a_note_is_proposed_as_a_standing_order(text: str) -> None:
    plan = plan_of(text)
    assert [call.intent for call in plan.calls] == ["remember"]
    assert [set(call.slots) for call in to_keep(plan)] == [{"never_buy"}]


@pytest.mark.parametrize(
    "text", ["stop trading", "stop trading please", "stop trading from now on", "quit trading", "stop"]
)  # fmt: skip
def test_stop_trading_alone_still_is_a_pause(text: str) -> None:
    assert only_call(text) == ("execute", "pause", {})


def test_of_a_group_of_coins_the_names_are_asked() -> None:
    assert "Which coins" in asked("stop trading memecoins")
    assert "no days of the week" in asked("don't trade on saturdays")


@pytest.mark.parametrize(
    "text",
    [
        "be gentler with the altcoins",
        "could you trade a little more carefully",
        "ramp things up a bit",
        "please take it slower",
        "be more aggressive",
        "fewer trades please",
        "tone it down",
    ],
)
def test_a_mood_is_asked_which_limit_is_meant(text: str) -> None:
    assert "Which limit" in asked(text)


@pytest.mark.parametrize(
    "text",
    [
        "no positions over the weekend please",
        "don't keep trades open overnight",
        "get flat before every weekend",
        "dump all positions each night",
        "sell everything every friday afternoon",
        "always out of the market by friday",
    ],
)
def test_a_habit_by_the_calendar_is_neither_done_nor_promised(text: str) -> None:
    plan = plan_of(text)
    if plan.calls:  # kept as a note: the answer says that it limits nothing
        assert [call.intent for call in plan.calls] == ["remember"]
        assert "no rule by the day" in caution(str(plan.calls[0].slots["text"]))
    else:
        assert "I have no rule for that" in plan.say and "/flatten" in plan.suggestions


def test_a_sale_is_not_what_stop_selling_asks_for() -> None:
    assert "at its stop" in asked("stop selling my link")


RECURRING = [
    "purchase 15 dollars of sol on the first of every month",
    "set up an automatic weekly purchase of 15 dollars of sol",
    "accumulate 15 dollars of sol daily",
    "put 15 dollars a week in sol",
    "buy 15 dollars of sol on fridays",
    "dca 15 dollars into sol",
]


@pytest.mark.parametrize("text", RECURRING)
def test_an_order_again_and_again_is_offered_once_and_a_yes_only_shows_it(text: str) -> None:
    assert "again and again" in asked(text)
    for yes in ("yes please", "just once then", "do it now"):
        outcome, intent, slots = only_call(yes, text)
        assert (outcome, intent, slots["symbol"], slots["amount"]) == (
            "confirm", "place_order", "SOL/USD", [15, "quote"],
        )  # fmt: skip


@pytest.mark.parametrize("said", [("no",), ("no thanks", "ok"), ("no", "yes"), ("show my balance", "yes")])
def test_an_order_that_was_declined_or_left_is_not_shown_by_a_later_yes(said: tuple[str, ...]) -> None:
    plan = plan_of(said[-1], "buy 15 dollars of sol every friday", *said[:-1])
    assert all(call.intent != "place_order" for call in plan.calls)


def test_what_an_order_again_and_again_lacks_is_asked_and_completes_it() -> None:
    assert "How much DOT" in asked("dca into dot")
    assert only_call("30 dollars", "dca into dot")[2]["amount"] == [30, "quote"]
    assert "in money" in asked("just once", "buy 20 of dot every monday")
    assert only_call("20 dollars", "buy 20 of dot every monday")[2]["amount"] == [20, "quote"]


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("close all positions now", "flatten"),
        ("sell everything", "flatten"),
        ("pause until monday", "pause"),
        ("pause trading overnight", "pause"),
        ("stop trading for 3 hours", "pause"),
        ("show me the last 3 trades", "get_trades"),
        ("what did we trade over the weekend", "get_trades"),
        ("how much do i have in cash", "get_balances"),
        ("put no more than 100 dollars in btc", "place_order"),
        ("spend only 50 dollars on ada", "place_order"),
        ("buy 50 dollars of eth today", "place_order"),
        ("buy 50 dollars of eth, what a day", "place_order"),
        ("sell a quarter of my link", "place_order"),
        ("sell half my link and keep half", "place_order"),
        ("what is the most i can lose in a day", "get_status"),
        ("should i dca into btc", "get_price"),
        ("did you stop trading eth", "get_status"),
    ],
)
def test_what_only_sounds_alike_means_what_it_did(text: str, intent: str) -> None:
    assert only_call(text)[1] == intent


@pytest.mark.parametrize(
    "text",
    [
        "my friend says use no more than half your money",
        "should i keep half in cash",
        "what if you used no more than 2000",
        "if btc falls keep half in cash",
        "my sister says stop trading doge",
    ],
)
def test_a_limit_that_is_asked_about_supposed_or_reported_is_never_proposed(text: str) -> None:
    assert not {"set_risk", "mandate"} & {call.intent for call in plan_of(text).calls}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("only trade bitcoin and ether", "ZYN_SYMBOLS"),
        ("the user prefers to only trade SOL", "ZYN_SYMBOLS"),
        ("you must not hold anything over the weekend", "/pause until monday"),
        ("never trade on sundays", "/mandate hours"),
        ("at most 3 trades a day", "max_entries_per_hour"),
        ("do not buy for more than 250 dollars at once", "/mandate ask 250"),
        ("check with me before you open a trade", "/mandate ask"),
        ("never sell my bitcoin", "kill switch"),
        ("i don't like meme coins", "/mandate never"),
        ("avoid trading around fed meetings", "/pause"),
    ],
)
def test_a_note_that_would_restrain_the_trading_says_what_does_instead(text: str, named: str) -> None:
    assert not kept_of(text)
    told = caution(text)
    assert told.startswith("A note limits nothing by itself") and named in told


@pytest.mark.parametrize(
    ("text", "call", "typed"),
    [
        ("never buy pepe", Call("mandate", {"never_buy": "PEPE"}), "/mandate never pepe"),
        ("buy nothing after 21:00", Call("mandate", {"hours": "00:00-21:00"}), "/mandate hours 00:00-21:00"),
        ("never use more than 3000 dollars", Call("mandate", {"capital": 3000}), "/mandate capital 3000"),
        (
            "never open more than 3 positions",
            Call("set_risk", {"parameter": "max_open_positions", "value": 3, "unit": "count"}),
            "/risk max_open_positions 3",
        ),
        (
            "do not lose more than 60 dollars a day",
            Call("mandate", {"loss_a_day": (60, "quote")}),
            "/mandate loss 60",
        ),
    ],
)  # fmt: skip
def test_a_note_that_a_limit_can_keep_is_proposed_beside_it(text: str, call: Call, typed: str) -> None:
    plan = Plan(Outcome.CALL, (Call("remember", {"text": text}),))
    assert to_keep(plan) == [call]
    assert typed in caution(text)


@pytest.mark.parametrize(
    "text",
    [
        "i get paid on the 25th",
        "my daughter's birthday is on may 3",
        "only my wife may call me",
        "i never eat breakfast",
        "my accountant wants the numbers in january",
        "i like eth",
        "i bought my first bitcoin in 2017",
        "the eth is for my son's school",
        "my house must be sold before june",
        "i am away until friday",
    ],
)
def test_a_fact_is_noted_without_a_word_about_limits(text: str) -> None:
    assert caution(text) == "" and kept_of(text) == []


@pytest.mark.parametrize(
    ("text", "answer", "intent", "slots"),
    [
        (
            "at most 4 trades a day",
            "2 entries an hour",
            "set_risk",
            {"name": "max_entries_per_hour", "value": 2},
        ),
        (
            "at most 4 trades a day",
            "3 positions at once",
            "set_risk",
            {"name": "max_open_positions", "value": 3},
        ),
        ("trade more carefully", "the daily loss, 1.5 percent", "set_risk", {"name": "daily_loss_limit"}),
        (
            "trade more carefully",
            "size of a position, 10%",
            "set_risk",
            {"name": "max_position", "value": 10},
        ),
        ("keep at least 800 in cash", "capital 3000", "mandate", {"capital": 3000}),
        (
            "keep at least 800 in cash",
            "half in the market",
            "set_risk",
            {"name": "max_exposure", "value": 50},
        ),
        ("don't trade at night", "from 7 to 23", "mandate", {"hours": "07:00-23:00"}),
        ("stop trading memecoins", "doge and pepe", "mandate", {"never_buy": "DOGE,PEPE"}),
    ],
)
def test_the_answer_to_which_limit_is_proposed(
    text: str, answer: str, intent: str, slots: dict[str, Any]
) -> None:
    outcome, found, given = only_call(answer, text)
    assert (outcome, found) == ("confirm", intent)
    assert given | slots == given


@pytest.mark.parametrize(
    "answer", ["buy 20 dollars of eth", "what is btc at", "no", "never mind", "show my balance"]
)
def test_another_wish_answers_no_question_about_a_limit(answer: str) -> None:
    plan = plan_of(answer, "trade more carefully")
    assert not {"set_risk", "mandate"} & {call.intent for call in plan.calls}


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("never more than 60 bucks per trade", "set_risk", {"name": "max_position", "value": 60}),
        ("don't put more than 120 dollars in one trade", "set_risk", {"name": "max_position", "value": 120}),
        ("risk at most 15 bucks per trade", "set_risk", {"name": "risk_per_trade", "value": 15}),
        ("ban dogecoin", "mandate", {"never_buy": "DOGE"}),
        ("blacklist pepe please", "mandate", {"never_buy": "PEPE"}),
        ("unban pepe", "mandate", {"drop": "pepe"}),
        ("you can trade doge again", "mandate", {"drop": "doge"}),
    ],
)  # fmt: skip
def test_one_trade_and_one_coin_have_their_own_rows(text: str, intent: str, slots: dict[str, Any]) -> None:
    outcome, found, given = only_call(text)
    assert (outcome, found) == ("confirm", intent) and given | slots == given


def test_a_coin_that_may_be_traded_again_ends_no_pause_and_trading_again_ends_no_ban() -> None:
    assert only_call("start trading doge again")[1] == "mandate"
    assert only_call("start trading again") == ("confirm", "resume", {})


@pytest.mark.parametrize("text", ["don't trade so much", "you are trading too often", "play it safe"])
def test_less_of_everything_is_no_pause(text: str) -> None:
    assert "Which limit" in asked(text)


def test_a_loss_by_the_week_is_asked_for_by_the_day() -> None:
    assert "loss of a day" in asked("never lose more than 300 a month")
    given = only_call("40 dollars", "never lose more than 300 a month")[2]
    assert given == {"name": "daily_loss_limit", "value": 40, "unit": "quote"}


@pytest.mark.parametrize("text", ["take sundays off", "only trade in the morning", "no trading at night"])
def test_days_of_the_week_and_parts_of_the_day_are_asked_in_hours(text: str) -> None:
    assert "hours of the day" in asked(text)


@pytest.mark.parametrize(
    "text",
    ["close everything i cannot sleep at night", "SELL EVERYTHING!!! it falls every minute"],
)  # fmt: skip
def test_a_cry_to_sell_is_no_habit(text: str) -> None:
    assert "flatten" in {call.intent for call in plan_of(text).calls}
