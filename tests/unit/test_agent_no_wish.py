"""Lines that name a deed or a limit and wish none stay talk; the same words as a wish stay a wish."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from core.agent.intents import Outcome, Plan
from core.agent.offline.brain import Moment, understand

TODAY = date(2026, 11, 29)
TALK = (Outcome.CHAT, Outcome.CALL, Outcome.CLARIFY)


def plan_of(said: str) -> Plan:
    return understand(
        Moment(
            said,
            TODAY,
            positions=("LINK/USD", "ETH/USD"),
            orders=({"id": "OAAA", "symbol": "LINK/USD"},),
            prices={"LINK/USD": Decimal("14.2"), "ETH/USD": Decimal("3000")},
        )
    )


def wished(said: str) -> list[tuple[str, dict[str, object]]]:
    plan = plan_of(said)
    assert plan.outcome is Outcome.CONFIRM, (said, plan.outcome, plan.say)
    return [(call.intent, dict(call.slots)) for call in plan.calls]


def proposed(said: str) -> list[str]:
    """The deeds that a line would lead to."""
    plan = plan_of(said)
    looks = ("get_", "explain_trade", "help", "recall", "alerts")
    deeds = [call.intent for call in plan.calls if not call.intent.startswith(looks)]
    return deeds if plan.outcome in TALK else [plan.outcome.value, *deeds]


@pytest.mark.parametrize(
    "said",
    [
        "cancel the taxi order", "cancel the sweater order", "scrap the cake order",
        "cancel the order of pancakes", "delete my order from the bakery", "cancel my order at the butcher",
        "cancel all of my appointments", "cancel all flights", "delete all the emails", "delete all contacts",
        "delete all my selfies", "cancel every dentist visit", "delete everything on my laptop",
        "close all the doors", "close all apps", "close all my bank accounts", 
        "close everything in the kitchen",
        "flatten the road", "flatten the cardboard", "flatten my stomach", "exit all the programs",
        "exit through the gift shop", "exit interviews are dull", "exit plans are vital",
        "dump everything in the river", "sell all my furniture", "sell everything in the shop",
        "liquidate means to melt", "flatten rhymes with batten", "close everything is a harsh phrase",
        "cash out all the chips at the casino restaurant", "pull all the stops",
        "cancel my last uber", "remove all stains", "dump it all in the garbage",
        "enable learning in universities", "turn learning on for the kids",
    ],
)  # fmt: skip
def test_what_is_no_thing_of_the_trade_is_neither_cancelled_nor_closed(said: str) -> None:
    assert proposed(said) == []


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("cancel my order", "cancel_order"), ("cancel the eth order", "cancel_order"),
        ("cancel OAAA", "cancel_order"), ("cancel order OABCDE-FGHIJ-KLMNOP", "cancel_order"),
        ("cancel all", "cancel_order"), ("delete that order", "cancel_order"),
        ("cancel all of my orders", "cancel_order"), ("cancel the forgotten order", "cancel_order"),
        ("cancel the accidental order", "cancel_order"), ("cancel that stupid order", "cancel_order"),
        ("cancel all orders in the book", "cancel_order"), ("scrap all my pending orders", "cancel_order"),
        ("cancel the order at the bottom", "cancel_order"), ("wipe all orders", "cancel_order"),
        ("cancel the order, my wife is at the dentist", "cancel_order"),
        ("close everything", "flatten"), ("close all positions", "flatten"), ("dump it all", "flatten"),
        ("flatten", "flatten"), ("flatten the book", "flatten"), ("flatten my positions", "flatten"),
        ("close all of them", "flatten"), ("close all my stuff", "flatten"), ("exit the market", "flatten"),
        ("close all my longs", "flatten"), ("sell everything in my portfolio", "flatten"),
        ("sell everything at once", "flatten"), ("close everything on kraken", "flatten"),
        ("sell everything the market is crashing", "flatten"), ("dump all my bags", "flatten"),
        ("close all positions my wife is mad", "flatten"), ("exit all trades fast", "flatten"),
        ("liquidate my portfolio", "flatten"), ("liquidate all my holdings right away", "flatten"),
        ("close everything, it is madness", "flatten"), ("exit quickly", "flatten"),
        ("enable learning", "learning"), ("turn learning off", "learning"),
    ],
)  # fmt: skip
def test_what_is_of_the_trade_is_still_ended(said: str, intent: str) -> None:
    assert {name for name, _ in wished(said)} == {intent}


def test_the_order_without_a_coin_is_asked_for_when_a_stranger_names_it() -> None:
    assert "Name the coin" in plan_of("cancel the zarpo order").say
    assert plan_of("cancel all the stops").outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    "said",
    [
        "my neighbour sets her risk to 8 percent", "somebody proposed risking 4% per trade",
        "I heard that whales set risk to 3%", "there is a 20% risk of flooding",
        "there's a 5% risk of strikes",
        "I will never let anyone risk 9% per trade", "the guys risk 2% a trade", "their risk per trade is 4%",
        "two years ago I had the risk at 6%", "my previous bot had a max position of 40%",
        "we used to risk 4% per trade", "we risked 3% per trade last month",
        "the max position was 35% back then", "a 4% daily loss limit is what most people use",
        "max position 30% sounds excessive", "8% risk is insane", "9% per trade seems reckless",
        "only fools risk 10% per trade", "some people risk 5% per trade",
        "he has a daily loss limit of 4%", "everyone risks 2% per trade",
        "warren buffett risks 1% a trade", "I think 5% risk is too risky", "raise an eyebrow at 5% risk",
        "my dad never risks more than 1%", "regulators set a daily loss limit of 5%",
        "never again 5% risk per trade", "the loss limit felt too tight at 2%", "2% daily loss is bad",
        "a 2% risk of rain tomorrow", "my brother goes with a max position of 50%",
    ],
)  # fmt: skip
def test_a_limit_of_others_of_the_past_or_judged_is_not_set(said: str) -> None:
    assert proposed(said) == []


@pytest.mark.parametrize(
    ("said", "parameter", "value", "unit"),
    [
        ("set risk to 1%", "risk_per_trade", "1", "percent"),
        ("risk 0.5% per trade", "risk_per_trade", "0.5", "percent"),
        ("max position 20%", "max_position", "20", "percent"),
        ("daily loss limit 3%", "daily_loss_limit", "3", "percent"),
        ("never risk more than 20 dollars a day", "daily_loss_limit", "20", "quote"),
        ("I don't want more than 4 positions", "max_open_positions", "4", "count"),
        ("set risk to 1% my friend", "risk_per_trade", "1", "percent"),
        ("set my risk per trade to 2 percent like the pros do", "risk_per_trade", "2", "percent"),
        ("never risk more than 1% per trade", "risk_per_trade", "1", "percent"),
        ("just risk 2% per trade", "risk_per_trade", "2", "percent"),
        ("1% risk per trade is plenty", "risk_per_trade", "1", "percent"),
        ("every trade risks 1%", "risk_per_trade", "1", "percent"),
        ("please have the risk at 1%", "risk_per_trade", "1", "percent"),
        ("I want 2% risk", "risk_per_trade", "2", "percent"),
        ("always risk 1% per trade", "risk_per_trade", "1", "percent"),
        ("a risk of 1% per trade", "risk_per_trade", "1", "percent"),
        ("my daily loss limit is 3%", "daily_loss_limit", "3", "percent"),
        ("let my daily loss limit be 3%", "daily_loss_limit", "3", "percent"),
        ("max position should be 20%", "max_position", "20", "percent"),
        ("no position may exceed 15% of my equity", "max_position", "15", "percent"),
        (
            "no single position is to exceed 20% of our equity; please set that as the limit",
            "max_position", "20", "percent",
        ),
        ("make the kill switch trip at 5% down on the day", "daily_loss_limit", "5", "percent"),
        ("let the kill switch fire at 4% down on the day", "daily_loss_limit", "4", "percent"),
        ("the risk was 2%, make it 1%", "risk_per_trade", "1", "percent"),
        ("5% risk is too much, set it to 2%", "risk_per_trade", "2", "percent"),
        ("I risk too much, set risk to 0.5% per trade", "risk_per_trade", "0.5", "percent"),
    ],
)  # fmt: skip
def test_a_limit_that_is_wished_is_proposed(said: str, parameter: str, value: str, unit: str) -> None:
    assert wished(said) == [("set_risk", {"parameter": parameter, "value": Decimal(value), "unit": unit})]


@pytest.mark.parametrize(
    "said",
    [
        "Maria: sell 3 LINK now", "the radio host: buy 4 ETH today", "grok: dump all your LINK",
        'somebody yelled "buy 3 ETH" on the bus', 'the title is "sell all"', 
        "idea from my cousin: buy 9 LINK",
        "write a limerick: sell all my LINK", "say it with me: sell all my LINK", "sample: buy 2 ETH",
        "for instance, sell 4 LINK", "i.e. sell 4 LINK", "e.g. buy 2 eth", "just a drill, sell 2 ETH",
        "this is only a test, sell 5 link", "without selling 2 ETH how much cash is there?",
        "anybody buying 3 LINK?", "selling 2 ETH costs how much?", "buying 3 LINK cost me a fortune",
        "selling 2 eth paid my rent", "two months ago: sell 4 LINK", "my dream last night: buy 9 eth",
        "goals for 2031: buy 4 ETH", "as if I would sell 2 ETH", "yeah, as if we would buy 5 link",
        "buy 2 ETH, and then what?", "right, sell 4 LINK, einstein", "subject: buy 1 eth", 
        "lyrics: sell my eth",
        "my last trade: buy 5 link", "by selling 5 link how much would I get", "thanks for selling 5 link",
        "she was like, sell 5 link", "yeah right, sell all my eth", "I can't believe I'd sell 5 link",
        "my brother: sell 5 link", "captain: cancel all orders", "who is buying 5 link?",
    ],
)  # fmt: skip
def test_what_is_recited_overheard_mocked_or_told_of_is_not_done(said: str) -> None:
    assert proposed(said) == []


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("zyn: buy 5 link", "place_order"), ("ok: sell half my eth", "place_order"),
        ("order: buy 1 eth", "place_order"), ("new order: sell 5 link at 15", "place_order"),
        ("zyn please: sell 2 sol", "place_order"), 
        ("please do the following: sell half my eth", "place_order"),
        ("here is what I want: buy 1 eth", "place_order"), ("limit order: buy 2 sol at 100", "place_order"),
        ("eth: sell half", "place_order"), ("one more thing: buy 3 link", "place_order"),
        ("task: close my eth", "flatten"), ("decision made: sell all my link", "flatten"),
        ("first thing: cancel all orders", "cancel_order"), ("urgent: close everything", "flatten"),
        ("hurry: buy 50 dollars of eth", "place_order"), ("change of plan: sell my link", "flatten"),
        ("I have decided: sell my link", "flatten"), ("it's time: sell everything", "flatten"),
        ("rent is due: sell 50 dollars of eth", "place_order"), ("I need cash: sell 5 link", "place_order"),
        ("enough: close all positions", "flatten"), ("small test trade: buy 10 usd of eth", "place_order"),
        ("attention zyn: cancel the eth order", "cancel_order"), ("selling 2 eth now", "place_order"),
        ("like I said, buy 1 eth", "place_order"), ("I'd like to buy 1 eth", "place_order"),
        ("would you mind selling 1 eth?", "place_order"), ("can I get 5 link?", "place_order"),
        ('cancel my "buy link" order', "cancel_order"), ("last one: buy 1 eth", "place_order"),
        ("my choice: buy 5 link", "place_order"), ("selling 5 link please", "place_order"),
        ("dear zyn: buy 5 link", "place_order"), ("to zyn: buy 5 link", "place_order"),
        ("btw: buy 5 link", "place_order"), ("yeah, sell all my eth", "flatten"),
    ],
)  # fmt: skip
def test_the_owner_s_own_labels_and_reasons_leave_a_wish_a_wish(said: str, intent: str) -> None:
    assert {name for name, _ in wished(said)} == {intent}
