"""Every entry of the registry is reached in plain words, without a key and without a slash."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.intents import Outcome
from core.agent.offline.brain import Moment, understand
from core.engine.entries import ALL

ROADS = {
    "help": "what can you do for me",
    "get_status": "is everything running fine",
    "get_balances": "how much cash is left",
    "get_positions": "what are we holding",
    "get_orders": "which orders are still waiting",
    "get_trades": "what did you sell yesterday",
    "get_performance": "did we make money this week",
    "get_price": "what is ether trading at",
    "get_market_info": "how small can an ada order be",
    "explain_trade": "why did you let go of sol",
    "get_insights": "what patterns have you noticed",
    "learning": "turn learning off",
    "chart": "draw btc for me, hourly",
    "backtest": "try the strategy on ltc for 90 days",
    "place_order": "pick up 40 dollars of link",
    "place_bracket": "buy 1 ltc with a stop at 80 and a target at 110",
    "cancel_order": "take my doge order down",
    "flatten": "get me out of everything",
    "pause": "no new trades until monday",
    "resume": "you can trade again",
    "set_risk": "risk no more than half a percent a trade",
    "universe": "take doge off the watchlist",
    "mandate": "work with 2000 dollars, never touch shib",
    "set_preference": "send the summary at 8 in the evening",
    "alerts": "tell me when btc goes above 90000",
    "remember": "keep in mind that i am away in june",
    "recall": "what do you know about me",
    "forget": "forget that i am away in june",
}
BY_HAND = {
    "panic": "PANIC!",
    "unlock": "unlock trading",
}  # one pauses at once, the other is the owner's own hand

MORE = [
    ("get_insights", "which regime do we do best in"),
    ("get_insights", "which exits work best for us"),
    ("get_performance", "results by regime"),
    ("learning", "stop acting on what you learned"),
    ("learning", "undo lesson 2"),
    ("learning", "is learning on?"),
    ("learning", "switch learning back on"),
    ("universe", "put ltc back on the whitelist"),
    ("universe", "which coins are you following"),
    ("mandate", "what are my standing orders"),
    ("mandate", "lift the ban on doge"),
    ("alerts", "which alerts are set"),
    ("alerts", "remove alert 3"),
    ("alerts", "send me a test sms"),
    ("alerts", "no more messages about fills"),
    ("alerts", "ping me if sol falls below 90"),
    ("set_risk", "give yourself 50 dollars of tuition"),
    ("get_status", "show me the logs"),
    ("get_status", "which version are you"),
    ("get_status", "what is the edge right now"),
    ("get_status", "what does a trade cost?"),
    ("get_status", "do the trades pay for themselves"),
    ("get_status", "what would walk-forward change"),
    ("get_status", "compare live with paper"),
    ("get_trades", "what did that trade cost me"),
    ("get_insights", "compare the strategies"),
    ("universe", "which pairs do you trade"),
    ("get_trades", "which coins did I trade this week"),
]


def reached(text: str) -> list[str]:
    return [call.intent for call in understand(Moment(text, date(2026, 11, 20))).calls]


def test_no_entry_is_without_a_road() -> None:
    assert {entry.intent for entry in ALL} == {*ROADS, *BY_HAND}


@pytest.mark.parametrize(("intent", "text"), [*ROADS.items(), *MORE])
def test_plain_words_lead_to_the_entry(intent: str, text: str) -> None:
    assert intent in reached(text)


def test_panic_pauses_at_once_and_a_lock_waits_for_the_owners_hand() -> None:
    assert reached(BY_HAND["panic"]) == ["pause"]
    plan = understand(Moment(BY_HAND["unlock"], date(2026, 11, 20)))
    assert plan.outcome is Outcome.REFUSE and "/unlock" in plan.say
