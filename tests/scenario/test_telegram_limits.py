"""Before a server that enforces Telegram's limits, normal use meets no 429 and every answer arrives."""

from __future__ import annotations

from core.sim.phone.faults import Limits
from tests.support.telegram_line import telegram_line
from tests.support.telegram_use import play


async def test_a_busy_spell_meets_no_429_and_loses_no_answer() -> None:
    held = await play(seed=1)
    assert held["refused"] == 0 and held["edits"] >= 15


async def test_a_burst_beyond_the_limit_is_paced_and_arrives() -> None:
    async with telegram_line() as line:
        line.phone.enforce(Limits())
        for number in range(45):
            await line.phone.type(f"/price {number}")
        await line.says(45)
        assert not line.phone.bot_api.throttle.refused


async def test_where_somebody_else_spends_the_limit_the_answer_still_arrives() -> None:
    async with telegram_line() as line:
        for _ in range(3):
            line.phone.fail_next("sendMessage", 429, retry_after=1)
        await line.phone.type("/status")
        await line.until(lambda: line.said() == ["heard /status"], 10)
