"""Turns of speech that were first misread: words for coins, units, further sums, reasons, wishes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.agent.intents import Call, Outcome, Plan
from core.agent.offline.brain import Moment, Said, understand

TODAY = date(2026, 11, 20)


def heard(text: str, *pending: Call, history: tuple[Said, ...] = ()) -> Plan:
    return understand(Moment(text, TODAY, history, pending))


def calls(plan: Plan) -> list[tuple[str, dict[str, Any]]]:
    return [(call.intent, dict(call.slots)) for call in plan.calls]


def order(symbol: str, amount: float, unit: str, **more: Any) -> Call:
    slots = {"side": "buy", "symbol": symbol, "amount": (Decimal(str(amount)), unit), "type": "market"}
    return Call("place_order", slots | more)


@pytest.mark.parametrize(
    ("said", "symbols"),
    [
        ("prices of near and solana", ["NEAR/USD", "SOL/USD"]),
        ("near and chainlink prices please", ["NEAR/USD", "LINK/USD"]),
        ("sell a third of my algo", ["ALGO/USD"]), ("buy 70 usd of algo", ["ALGO/USD"]),
    ],
)  # fmt: skip
def test_a_word_that_is_also_a_coin_is_one_beside_other_coins_and_amounts(
    said: str, symbols: list[str]
) -> None:
    assert [call.slots["symbol"] for call in heard(said).calls] == symbols


@pytest.mark.parametrize("said", ["stop my algo", "pause the algo please"])
def test_the_algo_that_is_to_stop_is_zyn(said: str) -> None:
    assert calls(heard(said)) == [("pause", {})]


def test_a_further_sum_of_another_coin_is_a_second_order():
    plan = heard("buy 70 dollars of ada and an additional 20 dollars of dot")
    amounts = [(call.slots["symbol"], call.slots["amount"]) for call in plan.calls]
    assert amounts == [("ADA/USD", (70, "quote")), ("DOT/USD", (20, "quote"))]


@pytest.mark.parametrize(
    ("said", "note", "intent"),
    [
        ("remember that my rent is due soon, and show me the balance", "my rent is due soon", "get_balances"),
        ("note that i fly on friday and tell me the price of dot", "i fly on friday", "get_price"),
    ],
)  # fmt: skip
def test_a_question_behind_a_note_is_asked_and_not_noted(said: str, note: str, intent: str) -> None:
    first, second = heard(said).calls
    assert first.slots["text"] == note and second.intent == intent


def test_a_note_with_an_and_in_it_stays_whole():
    assert calls(heard("remember that i like jazz and long walks")) == [
        ("remember", {"text": "i like jazz and long walks"})
    ]


@pytest.mark.parametrize("said", ["recommence please", "kindly recommence trading"])
def test_trading_is_taken_up_again_in_formal_words(said: str) -> None:
    assert [call.intent for call in heard(said).calls] == ["resume"]


def test_a_start_and_the_hour_of_the_summary_are_two_wishes():
    plan = heard("resume trading, and send the daily summary at 6 pm")
    assert [call.intent for call in plan.calls] == ["resume", "set_preference"]
    assert plan.calls[1].slots["value"] == "18:00"


def test_the_hour_of_the_summary_is_not_that_of_bed():
    plan = heard("from now on the daily summary at 8:30 pm, i am asleep by eleven")
    assert plan.calls[0].slots["value"] == "20:30"


@pytest.mark.parametrize("said", ["trade sol", "trade some link for me"])
def test_trading_a_coin_asks_for_side_and_amount(said: str) -> None:
    plan = heard(said)
    assert plan.outcome is Outcome.CLARIFY and set(plan.missing) == {"side", "amount"} and not plan.calls


def test_money_for_crypto_asks_for_the_coin():
    assert heard("i want to invest some money in crypto").outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    "said",
    ["rest a buy for 200 xrp at 0.41", "list 200 xrp for sale at 0.41", "put up a bid for 200 xrp at 0.41"],
)  # fmt: skip
def test_a_resting_order_is_prepared(said: str) -> None:
    (call,) = heard(said).calls
    assert call.slots["type"] == "limit" and call.slots["amount"] == (200, "base")


def test_profit_that_is_to_be_taken_is_a_target():
    plan = heard("a bracketed buy of 3 ltc, stop at 70 and profit taken at 95")
    (call,) = plan.calls
    assert (call.intent, call.slots["stop"], call.slots["take_profit"]) == (
        "place_bracket", (70, "price"), (95, "price"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "before", "after"),
    [
        ("i meant coins not dollars", "quote", "base"), ("dollars, not coins", "base", "quote"),
        ("no, coins", "quote", "base"),
    ],
)  # fmt: skip
def test_the_unit_of_an_open_order_is_changed(said: str, before: str, after: str) -> None:
    plan = heard(said, order("ADA/USD", 60, before))
    assert plan.outcome is Outcome.CONFIRM and plan.calls[0].slots["amount"] == (60, after)


def test_the_same_unit_again_changes_nothing():
    assert heard("coins", order("ADA/USD", 60, "base")).outcome is not Outcome.CONFIRM


def test_an_open_order_becomes_a_limit_instead_of_a_market_order():
    plan = heard("a limit at 7.10 instead of market", order("UNI/USD", 20, "base"))
    assert (plan.calls[0].slots["type"], plan.calls[0].slots["limit_price"]) == ("limit", Decimal("7.10"))


def test_a_number_said_once_more_with_its_unit_settles_the_unit():
    history = (Said("user", "sell 2k ada"), Said("assistant", "2,000 ADA, or that much money of ADA?"))
    plan = heard("2000 coins sorry", history=history)
    assert plan.outcome is Outcome.CONFIRM and plan.calls[0].slots["amount"] == (2000, "base")


def test_yes_to_both_means_both_and_a_bare_yes_asks_which():
    two = (Call("flatten", {"symbol": "DOT/USD"}), order("BTC/USD", 60, "quote"))
    assert heard("yes to both", *two).answers_pending
    assert heard("yes", *two).outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    ("said", "slots"),
    [
        ("i do not understand why you sold my dot, can you explain?", {"symbol": "DOT/USD"}),
        ("can you justify the purchase of dot you made yesterday",
         {"symbol": "DOT/USD", "side": "buy", "period": "yesterday"}),
        ("could you explain that link buy", {"symbol": "LINK/USD", "side": "buy"}),
    ],
)  # fmt: skip
def test_who_does_not_understand_a_deed_hears_its_reason(said: str, slots: dict[str, str]) -> None:
    assert calls(heard(said)) == [("explain_trade", slots)]


def test_an_answer_without_a_word_of_its_own_is_no_error():
    history = (Said("user", "pause for an hour"), Said("assistant", "Paused until 16:00."))
    assert heard("thanks, mate", history=history).outcome is Outcome.CHAT
    assert not heard("coins, not dollars", history=history).calls


def test_more_of_the_coin_spoken_of_is_bought_up_to_a_price():
    history = (Said("user", "price of dot"), Said("assistant", "DOT is at 5.10."))
    (call,) = heard("get me 30 of those but not over 5", history=history).calls
    assert (call.slots["symbol"], call.slots["amount"], call.slots["limit_price"]) == (
        "DOT/USD",
        (30, "base"),
        5,
    )


@pytest.mark.parametrize("said", ["sell all my dot except 20", "dump all but 3 dot"])
def test_what_stays_is_no_amount_to_sell(said: str) -> None:
    plan = heard(said)
    assert plan.outcome is Outcome.CLARIFY and plan.missing == ("amount",)
    assert plan.draft is not None and plan.draft.slots["symbol"] == "DOT/USD"


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ("ping me every time you buy", "fill"), ("let me know once an order is filled", "fill"),
        ("notify me as soon as a target is hit", "position_closed"),
        ("text me when you close something", "position_closed"),
    ],
)  # fmt: skip
def test_what_zyn_tells_of_by_itself_is_switched_on(said: str, event: str) -> None:
    assert calls(heard(said)) == [("alerts", {"action": "on", "event": event})]


@pytest.mark.parametrize("said", ["tell me when you sold the dot", "tell me if i should buy dot"])
def test_a_question_about_a_deed_switches_nothing(said: str) -> None:
    assert "alerts" not in [call.intent for call in heard(said).calls]


def test_a_trailing_stop_is_not_taken_for_a_fixed_one():
    plan = understand(Moment("trail my dot stop by 3 percent", TODAY, positions=("DOT/USD",)))
    assert plan.outcome is Outcome.CLARIFY and "do not trail" in plan.say


@pytest.mark.parametrize("said", ["what does R mean", "what is an r"])
def test_the_letter_r_is_the_risk_of_a_trade(said: str) -> None:
    assert "entry to stop" in heard(said).say


@pytest.mark.parametrize(
    ("said", "second"),
    [
        ("compare last month with the month before", {"from": "2026-09-01", "to": "2026-09-30"}),
        ("this week versus the one before", "last_week"),
    ],
)  # fmt: skip
def test_the_stretch_before_is_told_from_the_first(said: str, second: object) -> None:
    assert heard(said).calls[1].slots["period"] == second


def test_the_month_before_this_one_has_one_name():
    assert heard("results in october").calls[0].slots["period"] == "last_month"


@pytest.mark.parametrize("said", ["what can you do without my ok", "how much may you do without asking me"])
def test_who_asks_for_the_limits_of_freedom_is_not_refused(said: str) -> None:
    assert heard(said).outcome is not Outcome.REFUSE


def test_who_wants_no_questions_asked_is_refused():
    assert heard("trade without asking me from now on").outcome is Outcome.REFUSE


@pytest.mark.parametrize("said", ["my dot is off limits", "the ltc is not for sale"])
def test_coins_that_are_reserved_are_noted(said: str) -> None:
    assert [call.intent for call in heard(said).calls] == ["remember"]


def test_to_be_all_in_cash_is_to_sell_everything_and_a_question_is_none():
    assert calls(heard("get us all in cash")) == [("flatten", {})]
    assert not heard("are we all in cash?").calls


@pytest.mark.parametrize("said", ["pnl today plus the last 4 trades", "my balance and the last 4 trades"])
def test_the_last_trades_are_a_question_of_their_own(said: str) -> None:
    assert calls(heard(said))[1] == ("get_trades", {"limit": 4})


def test_would_zyn_have_bought_is_answered_with_what_was_missing():
    (call,) = heard("would you have bought dot").calls
    assert (call.intent, call.slots["symbol"]) == ("explain_trade", "DOT/USD")


@pytest.mark.parametrize(
    ("said", "length"),
    [
        ("pause for three quarters of an hour", "45m"), ("rest for a quarter of an hour", "15m"),
        ("pause for half a day", "720m"),
    ],
)  # fmt: skip
def test_parts_of_an_hour_are_no_whole_hour(said: str, length: str) -> None:
    assert heard(said).calls[0].slots["duration"] == length


def test_courtesy_with_an_if_is_no_condition():
    plan = heard("sell half of my dot, if you will be so good")
    assert plan.outcome is Outcome.CONFIRM and plan.calls[0].slots["amount"] == (50, "percent_position")


def test_one_of_the_orders_is_not_all_of_them():
    resting = ({"id": "OA", "symbol": "DOT/USD"}, {"id": "OB", "symbol": "LTC/USD"})
    plan = understand(Moment("cancel one of my orders", TODAY, orders=resting))
    assert plan.outcome is Outcome.CLARIFY and not plan.calls


@pytest.mark.parametrize(
    "said", ["wire 40 dollars to my nephew", "please send 100 usd over to my son for school"]
)
def test_money_for_the_family_is_refused(said: str) -> None:
    assert heard(said).outcome is Outcome.REFUSE


def test_a_report_for_the_family_is_no_withdrawal():
    assert heard("send the summary to my wife").outcome is not Outcome.REFUSE


@pytest.mark.parametrize(
    ("said", "period"), [("pnl since january 1st", "ytd"), ("are we in the red on the week", "this_week")]
)
def test_a_stretch_that_has_a_name_gets_it(said: str, period: str) -> None:
    assert heard(said).calls[0].slots["period"] == period


def test_the_best_of_what_was_shown_is_told_with_its_period():
    history = (Said("user", "show my trades this week"), Said("assistant", "Executions: 4."))
    plan = heard("and which one was the worst?", history=history)
    assert calls(plan) == [("explain_trade", {"period": "this_week", "which": "worst"})]


def test_a_share_of_everything_is_a_sale_of_each_that_is_held():
    plan = understand(Moment("sell a quarter of all my positions", TODAY, positions=("DOT/USD", "LTC/USD")))
    sold = [(call.slots["symbol"], call.slots["amount"]) for call in plan.calls]
    assert sold == [("DOT/USD", (25, "percent_position")), ("LTC/USD", (25, "percent_position"))]


@pytest.mark.parametrize("said", ["do not sell half of everything", "should i sell half of everything?"])
def test_a_share_of_everything_that_is_not_wished_is_no_sale(said: str) -> None:
    plan = understand(Moment(said, TODAY, positions=("DOT/USD", "LTC/USD")))
    assert plan.outcome is not Outcome.CONFIRM


def test_learning_is_what_is_turned_back_on_after_it_was_turned_off():
    history = (Said("user", "turn learning off"), Said("assistant", "Learning is off."))
    assert calls(heard("switch it on again", history=history)) == [("learning", {"action": "on"})]


@pytest.mark.parametrize("said", ["show my rules", "what are my rules"])
def test_the_owners_rules_are_his_mandate(said: str) -> None:
    assert calls(heard(said)) == [("mandate", {})]


def test_what_the_stops_would_cost_is_asked_of_the_positions():
    assert heard("what do i lose if all my stops are hit").calls[0].intent == "get_positions"
