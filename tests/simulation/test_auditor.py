"""The auditor sees what it says it sees: under narrower rules than the service was given, days break."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from loguru import logger

from tests.simulation.schedule import Schedule, play

pytestmark = [pytest.mark.blocks, pytest.mark.timeout(180)]
SEED = 0


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


@pytest.mark.parametrize(
    ("changed", "broken"),
    [(_narrow, "I7: "), (_unheard, "I11: "), (_unbooked, "I16: ")],
    ids=["caps", "authority", "trades"],
)
def test_a_day_breaks_where_the_service_would_have_broken_a_rule(
    changed: Callable[[Schedule], None], broken: str
) -> None:
    logger.remove()
    assert play(SEED, changed).trouble.startswith(broken)


def test_a_nonce_that_leaves_twice_is_seen() -> None:
    logger.remove()

    def repeat(schedule: Schedule) -> None:
        sent = schedule.auditor.sent
        schedule.auditor.sent = lambda process, nonce: sent(process, "1")  # type: ignore[method-assign]

    assert play(SEED, repeat).trouble.startswith("I13: ")
