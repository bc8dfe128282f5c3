"""Questions about another world are chat; real ones stay real, whatever words stand beside them."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.intents import Outcome
from core.agent.offline.brain import Moment, understand

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    "said",
    [
        "how do i roast a chicken for dinner", "how do i teach my dog to sit", "how do i get a passport",
        "how do i remove a stain from my shirt", "how do i close my bank account", "who are you married to",
        "what are you cooking", "who won the tennis match yesterday", "how did the lakers do last night",
        "why is the ocean salty", "is my daughter ok", "what happened in the election", "why do cats purr",
        "what is going on with the weather", "help with my chemistry exam, it is about the romans",
        "how many goals did messi score this year", "can you explain photosynthesis",
        "what's the status of my amazon order", "mi dai un passaggio domani?",
        "what was the score of the match", "how do i fold a napkin", "who lost the trial",
        "open the curtains",
        "wie ist das wetter morgen", "what happened to my keys", "what is the price of petrol",
        "why do people snore",
    ],
)  # fmt: skip
def test_a_question_about_another_world_looks_nothing_up(said: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert plan.outcome is Outcome.CHAT and not plan.calls


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("anything happen while i was at the dentist", "get_trades"),
        ("how much did we make while the kids were at school", "get_performance"),
        ("did i lose money over breakfast", "get_performance"),
        ("what in the world happened last night", "get_performance"),
        ("how do i use this, my son set it up", "help"),
        ("how do i buy btc", "help"),
        ("who won this week, us or the market", "get_performance"),
        ("what is going on with my trades", "get_trades"),
        ("what is dai at", "get_price"),
        ("what is the price of gribbit", ""),
        ("who made the best deal", "explain_trade"),
        ("how do i reach the dashboard", "help"),
        ("why are we lying on the beach doing nothing", "explain_trade"),
        ("how's the weather in the market", "get_price"),
        ("give me the highlights of this month", "get_performance"),
        ("did we win anything", "get_performance"),
        ("did anything close", "get_trades"),
        ("who is the dud of my holdings", "get_insights"),
        ("is everything ok", "get_status"),
        ("did we eat well yesterday or nah", "get_performance"),
        ("what did you buy before lunch", "get_trades"),
        ("when is my dentist appointment", "recall"),
    ],
)
def test_a_question_of_the_trade_stays_one_beside_other_words(said: str, intent: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert intent in [call.intent for call in plan.calls] or plan.outcome is Outcome.CLARIFY and not intent
