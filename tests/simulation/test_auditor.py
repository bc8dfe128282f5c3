"""The auditor sees what it says it sees: under narrower rules than the service was given, days break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from loguru import logger

from core.engine.api_watchdog.breaker import Breaker
from core.model.orders import IntentState
from tests.simulation.evidence import Evidence
from tests.simulation.schedule import Schedule, play

pytestmark = [pytest.mark.blocks, pytest.mark.timeout(180)]
SEED, OWNERS_BUYS = 0, 1  # days with an entry by candle, with one of the owner's
OUTAGES = 3  # breakers open when the exchange is often out of reach


class Deaf(set[str]):
    """Remembers nothing that was asked."""

    def add(self, element: str) -> None:
        """Forget it."""


def _narrow(schedule: Schedule) -> None:
    schedule.auditor.permits.risk = replace(schedule.config.risk, max_exposure=0.0001)


def _unheard(schedule: Schedule) -> None:
    schedule.auditor.permits.asked = Deaf()


def _unbooked(schedule: Schedule) -> None:
    schedule.evidence.booked_trades = lambda: ["T-NEVER"]  # type: ignore[method-assign]


def _no_candle_is_young(schedule: Schedule) -> None:
    schedule.auditor.permits.age_ms = 0


def _nothing_is_known(schedule: Schedule) -> None:
    unsettled = schedule.evidence.unsettled
    schedule.evidence.unsettled = lambda: [  # type: ignore[method-assign]
        replace(one, state=IntentState.AMBIGUOUS) for one in unsettled()
    ]


def _outages(schedule: Schedule) -> None:
    schedule.outages = 1.0


def _a_breaker_without_patience(schedule: Schedule) -> None:
    _outages(schedule)
    called = schedule.auditor.called

    def impatient(breaker: Breaker) -> None:
        called(breaker)
        breaker._until = 0.0  # the next one is let through at once

    schedule.auditor.called = impatient  # type: ignore[method-assign]


class Killed(Evidence):
    """A kill switch from the first moment on."""

    killed = property(lambda self: True)  # type: ignore[assignment]


def _killed(schedule: Schedule) -> None:
    schedule.evidence.__class__ = Killed


def _taken_though_overdue(schedule: Schedule) -> None:
    _killed(schedule)
    schedule.auditor._overdue = lambda fields: True  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("changed", "broken"),
    [
        (_narrow, "I7: "), (_unheard, "I11: "), (_unbooked, "I16: "), (_no_candle_is_young, "I8: "),
        (_nothing_is_known, "I8: "), (_a_breaker_without_patience, "I13: "),
        (_killed, "I6: an entry left"), (_taken_though_overdue, "I6: an overdue"),
    ],
    ids=["caps", "authority", "trades", "old candles", "unknown orders", "breaker", "killed", "overdue"],
)  # fmt: skip
def test_a_day_breaks_where_the_service_would_have_broken_a_rule(
    changed: Callable[[Schedule], None], broken: str
) -> None:
    logger.remove()
    seeds = {_a_breaker_without_patience: OUTAGES, _unheard: OWNERS_BUYS}
    assert play(seeds.get(changed, SEED), changed).trouble.startswith(broken)


def test_a_nonce_that_leaves_twice_is_seen() -> None:
    logger.remove()

    def repeat(schedule: Schedule) -> None:
        sent = schedule.auditor.sent
        schedule.auditor.sent = lambda process, nonce: sent(process, "1")  # type: ignore[method-assign]

    assert play(SEED, repeat).trouble.startswith("I13: ")


def test_on_a_day_of_outages_breakers_open_and_nothing_is_asked_past_them() -> None:
    logger.remove()
    outcome = play(OUTAGES, _outages)
    assert not outcome.trouble, outcome.trouble
    assert outcome.record.met["an exchange that had not answered was tried again"]
