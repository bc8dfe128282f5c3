"""A start while the exchange is away: waited for, said once, and no error hidden."""

import pytest

from bot.patience import PAUSE, until_answered
from core.clock import ManualClock
from core.model.errors import AuthFailed, Transient, VenueError


class Exchange:
    """Fails with these errors, then answers."""

    def __init__(self, *errors: VenueError) -> None:
        self.errors = list(errors)
        self.asked = 0

    async def answer(self) -> str:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return "here"


async def test_a_dead_exchange_is_waited_for_and_said_once_with_the_way_out() -> None:
    clock, lines = ManualClock(0), []
    exchange = Exchange(Transient("connection refused"), Transient("connection refused"))
    found = await until_answered(exchange.answer, clock, "https://kraken.example", lines.append)
    assert found == "here" and exchange.asked == 3
    assert clock.wall_ms() == 2 * PAUSE * 1000
    assert len(lines) == 1
    assert "https://kraken.example" in lines[0] and "Check KRAKEN_API_BASE_URL" in lines[0]


async def test_a_refused_key_is_not_waited_for() -> None:
    exchange = Exchange(AuthFailed("invalid key"))
    with pytest.raises(AuthFailed):
        await until_answered(exchange.answer, ManualClock(0), "x", lambda line: None)
