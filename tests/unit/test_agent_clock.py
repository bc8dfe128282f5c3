"""Times of day as people say them: the clock face, the part of the day, the words of other languages."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, Said, understand
from core.agent.offline.tokens import fold

TODAY = date(2026, 11, 20)


def calls(text: str, *earlier: str) -> list[tuple[str, dict[str, Any]]]:
    told = outside(understand(Moment(text, TODAY, tuple(Said("user", said) for said in earlier))))
    return [(call["intent"], call["slots"]) for call in told["calls"]]


@pytest.mark.parametrize(
    ("said", "time"),
    [
        ("5:40 in the morning", "05:40"), ("5.40 in the evening", "17:40"), ("12:20 in the morning", "00:20"),
        ("half past nine in the evening", "21:30"), ("a quarter to six in the afternoon", "17:45"),
        ("ten to nine in the morning", "08:50"), ("twenty-five past four", "04:25"),
        ("5 minutes to eleven", "10:55"), ("eight fifteen in the evening", "20:15"),
        ("11 at night", "23:00"), ("3 at night", "03:00"), ("9:10 pm", "21:10"), ("four o'clock", "04:00"),
        ("um halb neun abends", "20:30"), ("um viertel vor sechs", "05:45"), ("um 9 Uhr 15", "09:15"),
        ("a las ocho y cuarto de la noche", "20:15"), ("a las 6 de la mañana", "06:00"),
        ("à 9 heures et demie", "09:30"), ("alle 8 di sera", "20:00"), ("às 6 e meia da manhã", "06:30"),
    ],
)  # fmt: skip
def test_a_time_of_day_is_read_to_the_minute(said: str, time: str) -> None:
    assert time in fold(said).split()


@pytest.mark.parametrize(
    "said",
    [
        "raise it from five to ten", "20 to 30 dollars of sol", "the last three nights", "a 4h chart of sol",
        "once in the morning", "pause de 3 heures", "vende a las 80 dolares", "erhöhe es um 20",
        "45 in the morning", "sell half to ten dollars",
    ],
)  # fmt: skip
def test_an_amount_or_a_length_is_no_time_of_day(said: str) -> None:
    assert not any(":" in word for word in fold(said).split())


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("let me have the daily report at 5:40 in the morning", "05:40"),
        ("not at 7, the daily report at 9 please", "09:00"),
        ("no more daily report at 7, twenty past eight in the evening is better", "20:20"),
        ("i want the recap at 10 instead of 7", "10:00"),
        ("quiero el resumen diario a las 6 de la tarde", "18:00"),
        ("den tagesbericht bitte um halb acht", "07:30"),
        ("le résumé quotidien à 6 heures du soir", "18:00"),
        ("mandami il riepilogo alle 7 di mattina", "07:00"),
        ("daily report at noon", "12:00"),
    ],
)
def test_the_summary_comes_at_the_hour_that_is_wished_for(text: str, time: str) -> None:
    assert calls(text) == [("set_preference", {"key": "daily_summary_time", "value": time})]


@pytest.mark.parametrize(
    "text", ["make it 9 in the evening", "21:00 please", "actually nine pm suits me better"]
)
def test_a_new_hour_alone_is_meant_for_the_summary_just_spoken_of(text: str) -> None:
    told = calls(text, "send the daily report at 7")
    assert told == [("set_preference", {"key": "daily_summary_time", "value": "21:00"})]
    assert ("set_preference", told[0][1]) not in calls(text)


@pytest.mark.parametrize("text", ["pause until 9 am", "buy 20 usd of sol at 90", "what is sol at 9"])
def test_another_wish_after_the_summary_moves_no_hour(text: str) -> None:
    assert "set_preference" not in dict(calls(text, "send the daily report at 7"))


@pytest.mark.parametrize(
    "text", ["no daily report please", "do not send the recap at 7", "stop the daily report"]
)
def test_a_summary_that_is_only_ruled_out_stops(text: str) -> None:
    assert calls(text) == [("set_preference", {"key": "daily_summary", "value": False})]
