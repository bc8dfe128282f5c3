"""Questions asked in free talk: what they lean on, what they judge, and what is only talk about Zyn."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.intents import Outcome, Plan
from core.agent.offline.brain import Moment, Said, understand
from core.engine.registry import Effect

TODAY = date(2026, 11, 20)


def heard(*turns: str) -> Plan:
    """The plan of the last turn, after the earlier ones."""
    history = tuple(said for turn in turns[:-1] for said in (Said("user", turn), Said("assistant", "ok")))
    return understand(Moment(turns[-1], TODAY, history))


def calls(*turns: str) -> list[tuple[str, dict[str, Any]]]:
    return [(call.intent, dict(call.slots)) for call in heard(*turns).calls]


@pytest.mark.parametrize(
    ("turns", "expected"),
    [
        (("price of ada", "and my worst trade this month"),
         ("explain_trade", {"which": "worst", "period": "this_month"})),
        (("price of ada", "what was its best trade"),
         ("explain_trade", {"which": "best", "symbol": "ADA/USD"})),
        (("how is xrp", "are the fees hurting us?"),
         ("get_performance", {"period": "all", "metric": "fees"})),
        (("how is xrp", "what are the fees"), ("get_market_info", {"symbol": "XRP/USD", "field": "fees"})),
        (("buy 20 usd of xrp", "where's its stop right now"), ("get_positions", {"symbol": "XRP/USD"})),
        (("list my two worst losses this month",),
         ("explain_trade", {"which": "worst", "period": "this_month"})),
        (("which coins are our biggest losers",), ("get_insights", {"topic": "symbol"})),
        (("list the loss limits",), ("get_status", {"view": "limits"})),
        (("how bad would it be if the market halved overnight",), ("get_status", {"view": "limits"})),
        (("what happens if eth falls 30 percent",), ("get_status", {"view": "limits"})),
        (("anything going on?",), ("get_status", {})),
        (("is anything going on with eth",), ("get_price", {"symbol": "ETH/USD"})),
        (("give me the gist of the week",), ("get_performance", {"period": "this_week"})),
        (("tl;dr for yesterday please",), ("get_performance", {"period": "yesterday"})),
        (("are we ahead of buy and hold this year",), ("get_performance", {"period": "ytd"})),
        (("largest drawdown so far?",), ("get_performance", {"period": "all", "metric": "max_drawdown"})),
        (("max drawdown today",), ("get_performance", {"period": "today", "metric": "max_drawdown"})),
        (("how much did we make so far",), ("get_performance", {"period": "today"})),
        (("which currency do you show me",), ("recall", {"query": "currency"})),
        (("what's my time zone",), ("recall", {"query": "time zone"})),
        (("call me simply Jim",), ("set_preference", {"key": "name", "value": "Jim"})),
        (("i'm Jim, not Jimmy",), ("set_preference", {"key": "name", "value": "Jim"})),
        (("erase all you know about me",), ("forget", {"query": "everything"})),
        (("forget all about my boss",), ("forget", {"query": "my boss"})),
        (("what do you trade",), ("universe", {})),
        (("what did you trade today",), ("get_trades", {"period": "today"})),
        (("do we win better in the evening or at night?",), ("get_insights", {"topic": "time_of_day"})),
        (("at which hours should we sit out",), ("get_insights", {"topic": "time_of_day"})),
        (("how much cash may i still invest",), ("get_balances", {"asset": "USD"})),
        (("did sol bring home the bacon last week",),
         ("get_performance", {"period": "last_week", "symbol": "SOL/USD"})),
        (("backtest ada over 30 days", "what about over 180 days?"),
         ("backtest", {"symbol": "ADA/USD", "period": "180d"})),
        (("backtest ada over 30 days", "run that on xrp as well"),
         ("backtest", {"symbol": "XRP/USD", "period": "30d"})),
        (("what hours work for us", "and grouped by coin?"), ("get_insights", {"topic": "symbol"})),
        (("how did we do last week", "by coin please"),
         ("get_performance", {"period": "last_week", "by": "symbol"})),
        (("any trades yesterday", "why not?"),
         ("explain_trade", {"period": "yesterday", "decision": "why_not"})),
        (("any trades yesterday", "why is that?"), ("explain_trade", {"period": "yesterday"})),
        (("explain our largest losing trade of last month",),
         ("explain_trade", {"which": "worst", "period": "last_month"})),
        (("suppose i had no ada any more, would that be mad",), ("get_positions", {"symbol": "ADA/USD"})),
        (("how many euros are sitting idle",), ("get_balances", {"asset": "EUR"})),
        (("lay out my resting orders on dot",), ("get_orders", {"symbol": "DOT/USD"})),
        (("what has trading with you cost us",), ("get_performance", {"period": "all"})),
        (("what did i pay for ada",), ("get_positions", {"symbol": "ADA/USD"})),
        (("who are the top earners",), ("get_insights", {"topic": "symbol"})),
        (("how do things stand",), ("get_status", {})),
        (("how much could we lose today",), ("get_status", {"view": "limits"})),
        (("when do you send me the report",), ("recall", {"query": "summary"})),
        (("so is that dot trade still running",), ("get_positions", {"symbol": "DOT/USD"})),
        (("our biggest howler this month?",), ("explain_trade", {"which": "worst", "period": "this_month"})),
        (("every band has a star. which coin is ours?",), ("get_insights", {"topic": "symbol"})),
        (("any dry powder left?",), ("get_balances", {"asset": "USD"})),
        (("the worst case for us?",), ("get_status", {"view": "limits"})),
        (("in which time zone are we",), ("recall", {"query": "time zone"})),
        (("did we outperform eth last month",), ("get_performance", {"period": "last_month"})),
        (("would we have been better off hodling",), ("get_performance", {"period": "all"})),
        (("wipe all your notes about me",), ("forget", {"query": "everything"})),
        (("price of sol", "and in euros?"), ("get_price", {"symbol": "SOL/EUR"})),
        (("which hours suit us", "and which days?"), ("get_insights", {"topic": "day_of_week"})),
        (("what do you call me",), ("recall", {"query": "name"})),
        (("what are you looking at",), ("universe", {})),
        (("what's ada at", "n op?"), ("get_price", {"symbol": "OP/USD"})),
    ],
)  # fmt: skip
def test_it_is_read_as_it_is_meant(turns: tuple[str, ...], expected: tuple[str, dict[str, Any]]) -> None:
    assert calls(*turns)[0] == expected


def test_what_eats_the_profits_is_told_by_the_fees_and_the_lessons() -> None:
    assert calls("where do our profits leak away") == [
        ("get_performance", {"period": "all", "metric": "fees"}),
        ("get_insights", {}),
    ]


def test_several_things_in_one_message_are_each_looked_up() -> None:
    assert calls("list all we bought yesterday, and the profit factor of yesterday too") == [
        ("get_trades", {"side": "buy", "period": "yesterday"}),
        ("get_performance", {"period": "yesterday", "metric": "profit_factor"}),
    ]
    assert [intent for intent, _ in calls("Where are sol and dot now? The prices, please")] == [
        "get_price"
    ] * 2
    [price, reason] = calls("Tell me the price of dot, and the reason why you did not buy any this month.")
    assert price == ("get_price", {"symbol": "DOT/USD"})
    assert reason[0] == "explain_trade" and reason[1]["decision"] == "why_not"
    assert (reason[1]["symbol"], reason[1]["period"]) == ("DOT/USD", "this_month")


def test_the_reason_of_idleness_is_asked_of_the_time_that_was_told() -> None:
    [reason] = calls("you have sat there all week without a trade, what is stopping you?")
    assert reason == ("explain_trade", {"decision": "why_not", "period": "this_week"})
    [reason] = calls("The bot has not sold a thing today. Why is that?")
    assert reason[1]["decision"] == "why_not" and reason[1]["period"] == "today"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("who picks the trades, the ai or the rules", "rules in code"),
        ("how do you reach a decision", "moving average"),
        ("which model do you run on", "without a language model"),
        ("do we ever sell short", "spot only"),
        ("could you go short", "spot only"),
        ("what if my phone is stolen", "not on your phone"),
        ("can my accountant talk to you", "paired"),
        ("may somebody else give you orders", "paired"),
        ("is the exchange open at christmas", "never closes"),
        ("should we add more cash to the account", "yours to decide"),
        ("what can't you do", "cannot move money"),
        ("is shorting allowed", "spot only"),
        ("who else may talk to you", "paired"),
        ("what happens if somebody takes my phone", "not on your phone"),
        ("should we deposit another 500 dollars", "yours to decide"),
        ("what if the exchange is in maintenance", "nobody trades"),
        ("how do i know that you are not making things up", "receipts"),
        ("are you any different from chatgpt", "without a language model"),
    ],
)
def test_what_is_asked_about_zyn_itself_is_told_in_words(said: str, told: str) -> None:
    plan = heard(said)
    assert plan.outcome is Outcome.CHAT and not plan.calls
    assert told in plan.say


@pytest.mark.parametrize(
    "said", ["short btc", "go short on eth with 50 dollars", "can you short 2 eth", "get me a short position"]
)
def test_a_short_that_is_ordered_stays_refused(said: str) -> None:
    assert heard(said).outcome is Outcome.REFUSE


@pytest.mark.parametrize("said", ["stop now", "stop trading now", "please stop now"])
def test_a_stop_without_an_owner_is_still_a_halt(said: str) -> None:
    assert [call.intent for call in heard(said).calls] == ["pause"]


def test_no_question_of_a_crash_or_of_money_leads_to_a_deed() -> None:
    for said in ("if btc crashes, sell everything", "what if eth tanks", "do you think i should put more in"):
        assert all(call.effect is Effect.READ for call in heard(said).calls)
    assert calls("alert me when btc crashes below 50000")[0][0] == "alerts"


@pytest.mark.parametrize("said", ["it's Friday by the way", "it's late by the way", "I'm Tired, not sad"])
def test_what_is_no_name_is_not_taken_for_one(said: str) -> None:
    assert "set_preference" not in [intent for intent, _ in calls(said)]
