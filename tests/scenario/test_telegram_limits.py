"""Before a server that enforces Telegram's limits, normal use meets no 429 and every answer arrives."""

from __future__ import annotations

from bot.handlers.outgoing import EDITS_A_MINUTE
from core.agent.replies import say
from core.clock import ManualClock
from core.sim.phone.faults import Limits, Throttle
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


async def test_one_chats_edits_take_nothing_from_another_chat() -> None:
    async with telegram_line() as line:
        line.phone.enforce(Limits())
        outgoing, jimmy, partner = line.door.outgoing, line.phone.user_id, 4242
        shown = await outgoing.reply(jimmy, say("0"))
        for number in range(1, EDITS_A_MINUTE + 5):
            await outgoing.edit(jimmy, shown, say(str(number)))
        assert outgoing.edit_wait(jimmy) > 0 and outgoing.edit_wait(partner) == 0
        assert not line.phone.bot_api.throttle.refused
        assert line.said() == [str(EDITS_A_MINUTE - 1), *map(str, range(EDITS_A_MINUTE, EDITS_A_MINUTE + 5))]


def test_the_server_counts_edits_by_chat_and_everything_shown_together() -> None:
    clock = ManualClock(1_000_000)
    throttle = Throttle(clock, Limits(messages_per_second=30, edits_per_minute=20))
    assert [throttle.retry_after("editmessagetext", "1") for _ in range(20)] == [None] * 20
    assert throttle.retry_after("editmessagetext", "1") == 60
    assert [throttle.retry_after("editmessagetext", "2") for _ in range(10)] == [None] * 10
    assert throttle.retry_after("sendmessage", "3") == 1, "30 in this second, in all chats together"
    assert throttle.retry_after("sendchataction", "3") is None
    clock.advance(1_000)
    assert throttle.retry_after("sendmessage", "1") is None
    assert throttle.retry_after("editmessagetext", "1") == 59 and throttle.refused == 3
