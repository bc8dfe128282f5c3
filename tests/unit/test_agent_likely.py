"""Sentences that no rule knows: taken for the nearest known question, or offered it, and never for a deed."""

from __future__ import annotations

from datetime import date

import pytest

from core.agent.intents import Outcome
from core.agent.offline import likely
from core.agent.offline.brain import Moment, Said, understand
from core.engine.registry import Effect

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("what are those rules of mine?", "mandate"),
        ("what is the worst that could happen tonight?", "get_status"),
        ("are you getting any smarter?", "get_insights"),
        ("did anything new happen that i should know?", "get_status"),
    ],
)
def test_a_question_asked_in_another_way_is_answered(said: str, intent: str) -> None:
    plan = understand(Moment(said, TODAY))
    assert [call.intent for call in plan.calls] == [intent]


def test_it_is_asked_of_the_coin_that_was_spoken_of() -> None:
    history = (Said("user", "what is link at"), Said("assistant", "LINK/USD 14.20"))
    plan = understand(Moment("and how is that one doing for us?", TODAY, history))
    assert any(call.slots.get("symbol") == "LINK/USD" for call in plan.calls)


@pytest.mark.parametrize(
    "said",
    [
        "what is the worst movie you have seen", "how tall is the eiffel tower", "who will win the election",
        "is my wife cheating on me", "what should I cook for eight people",
    ],
)  # fmt: skip
def test_what_is_of_no_trade_is_not_guessed_at(said: str) -> None:
    assert likely.near(said) is None
    assert not understand(Moment(said, TODAY)).calls


def test_what_is_only_like_a_question_is_offered() -> None:
    plan = understand(Moment("how much did i deposit", TODAY))
    assert plan.outcome is Outcome.CHAT and not plan.calls
    assert plan.suggestions and all(not text.startswith("/") for text in plan.suggestions)


def test_every_question_of_the_book_is_understood_and_changes_nothing() -> None:
    for question in likely.questions():
        plan = understand(Moment(question, TODAY))
        assert plan.calls or (plan.say and "my field is your trading" not in plan.say), question
        shows = [call for call in plan.calls if call.effect is not Effect.READ]
        assert all(not call.slots for call in shows), question  # /risk, /mandate: without a slot they show


def test_a_question_of_its_own_completes_no_order() -> None:
    history = (Said("user", "buy 60 of link"), Said("assistant", "60 in money, or 60 LINK?"))
    plan = understand(Moment("which of my coins is the star", TODAY, history))
    assert plan.outcome is not Outcome.CONFIRM
    plan = understand(Moment("60 coins", TODAY, history))
    assert plan.outcome is Outcome.CONFIRM
