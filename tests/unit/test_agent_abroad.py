"""Wishes in Spanish, German, French, Italian and Portuguese: understood, or asked about, never half of it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from core.agent.batch import outside
from core.agent.offline.brain import Moment, understand


def heard(text: str) -> list[tuple[str, dict[str, Any]]]:
    told = outside(understand(Moment(text, date(2026, 11, 20))))
    return [(call["intent"], call["slots"]) for call in told["calls"]]


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("cómo nos fue el mes pasado", "last_month"),
        ("combien avons-nous gagné la semaine dernière", "last_week"),
        ("wie lief es letzte woche", "last_week"),
        ("come è andata il mese scorso", "last_month"),
    ],
)
def test_a_past_stretch_is_the_one_that_is_named(text: str, period: str) -> None:
    assert [(intent, slots["period"]) for intent, slots in heard(text)] == [("get_performance", period)]


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("setz das tageslimit auf 2 prozent", "daily_loss_limit", 2),
        ("pon el riesgo en 1 por ciento", "risk_per_trade", 1),
        ("mets le risque à 1 pour cent", "risk_per_trade", 1),
    ],
)
def test_a_limit_is_shown_before_it_changes(text: str, name: str, value: float) -> None:
    [(intent, slots)] = heard(text)
    assert (intent, slots["name"], slots["value"], slots["unit"]) == ("set_risk", name, value, "percent")


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("metti in pausa per tre ore", {"duration": "3h"}),
        ("kauf nichts bis morgen", {"until": "tomorrow"}),
        ("no compres nada hasta mañana", {"until": "tomorrow"}),
        ("pare tudo", {}),
    ],
)
def test_a_pause_keeps_its_length(text: str, slots: dict[str, Any]) -> None:
    assert heard(text) == [("pause", slots)]


@pytest.mark.parametrize(
    "text",
    [
        "wirf alle meine dot raus",
        "deshazte de mi dot",
        "débarrasse-toi de mes dot",
        "sbarazzati di tutti i miei dot",
    ],
)
def test_a_coin_that_shall_go_is_closed(text: str) -> None:
    assert heard(text) == [("flatten", {"symbol": "DOT/USD"})]


def test_half_of_a_coin_stays_half() -> None:
    [(intent, slots)] = heard("hau die hälfte von meinen dot raus")
    assert (intent, slots["side"], slots["amount"]) == ("place_order", "sell", [50, "percent_position"])
