"""The outbox pump on a clock that stands still between its naps."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest

from core.alerts.attention import Verdict
from core.alerts.pump import Pump
from core.clock import ManualClock
from core.model.errors import AuthFailed, RateLimited, Rejected, Transient
from core.model.events import Announcement, EventKind, Severity
from tests.support.fake_outbox import FakeChannel, FakeOutbox, news


async def pumped(outbox: FakeOutbox, *channels: FakeChannel, until: Callable[[], bool]) -> None:
    """Run a pump until something is true."""
    clock = ManualClock(0)
    for channel in channels:
        channel.clock = clock
    task = asyncio.create_task(Pump(outbox, channels, clock, "UTC").run())
    await turns(until)
    task.cancel()
    await asyncio.wait([task])
    assert until()


async def turns(until: Callable[[], bool], most: int = 3_000) -> None:
    """Let the loop turn until something is true."""
    for _ in range(most):
        if until():
            return
        await asyncio.sleep(0)


async def test_the_most_severe_goes_first_and_every_row_once() -> None:
    outbox, channel = FakeOutbox(), FakeChannel()
    outbox.put(news("fill"))
    outbox.put(news("hello", Severity.INFO))
    outbox.put(news("kill", Severity.CRITICAL))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.keys == ["kill", "fill", "hello"] and outbox.done == ["kill", "fill", "hello"]


async def test_trouble_is_waited_out_longer_each_time_and_nothing_is_lost() -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[Transient("down")] * 8)
    outbox.put(news("fill"))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.keys == ["fill"]
    assert channel.delivered_at == [(1 + 2 + 4 + 8 + 16 + 30 + 30 + 30) * 1000]


async def test_a_request_for_patience_is_honoured_to_the_second() -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[RateLimited("slow down", 300)])
    outbox.put(news("fill"))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.delivered_at == [300_000]


async def test_after_an_outage_small_things_come_together_behind_the_big_ones() -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[Transient("down")])
    outbox.put(news("daily", Severity.INFO, EventKind.DAILY_SUMMARY))
    for number in range(40):
        outbox.put(news(f"fill{number}", text=f"Bought {number}", at=number * 60_000))
    outbox.put(news("stop", Severity.CRITICAL, EventKind.STOP_MISSING))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    kinds = [one.kind for one in channel.delivered]
    assert kinds[:2] == [EventKind.STOP_MISSING, EventKind.NOTICE] and len(kinds) == 4
    batches = [one for one in channel.delivered if one.kind is EventKind.NOTICE]
    lines = [line for one in batches for line in one.text.split("\n")]
    assert lines[0] == "Meanwhile, 40 things happened:"
    assert lines[1:] == [f"00:{minute:02} Bought {minute}" for minute in range(40)]
    assert [one.severity for one in batches] == [Severity.TRADE, Severity.INFO]  # one sound for them all


async def test_a_burst_in_good_times_is_not_put_together() -> None:
    outbox, channel = FakeOutbox(), FakeChannel()
    clock = ManualClock(0)
    pump = Pump(outbox, [channel], clock, "UTC")
    task = asyncio.create_task(pump.run())
    await turns(lambda: clock.now_ms > 0)
    for number in range(9):
        outbox.put(news(f"fill{number}"))
    pump.wake()
    await turns(lambda: not outbox.rows)
    task.cancel()
    assert channel.keys == [f"fill{number}" for number in range(9)]


async def test_a_collected_message_without_a_clear_answer_is_repeated_unchanged() -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[Transient("no answer")])
    for number in range(6):
        outbox.put(news(f"fill{number}"))
    clock = ManualClock(0)
    pump = Pump(outbox, [channel], clock, "UTC")
    task = asyncio.create_task(pump.run())
    await turns(lambda: channel.tries == 1)
    outbox.put(news("late"))
    await turns(lambda: not outbox.rows)
    task.cancel()
    assert channel.keys == ["batch:fill0:6", "late"]


@pytest.mark.parametrize("no", [Rejected("chat not found"), AuthFailed("who are you")])
async def test_a_refused_alert_does_not_hold_up_the_others_and_is_tried_again_much_later(
    no: Rejected | AuthFailed,
) -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[no])
    outbox.put(news("bad", Severity.CRITICAL))
    outbox.put(news("good"))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.keys == ["good", "bad"] and channel.delivered_at[1] >= 900_000


async def test_one_channel_down_does_not_hold_up_another() -> None:
    outbox = FakeOutbox()
    telegram, sms = FakeChannel(errors=[Transient("down")] * 1_000), FakeChannel("sms")
    outbox.put(news("fill"))
    outbox.put(news("fill"), "sms")
    await pumped(outbox, telegram, sms, until=lambda: sms.keys == ["fill"])
    assert telegram.keys == [] and len(outbox.rows) == 1


async def test_what_a_channel_does_not_want_counts_as_delivered() -> None:
    outbox, channel = FakeOutbox(), FakeChannel()
    outbox.put(news("note", Severity.INFO, EventKind.NOTICE))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.tries == 0 and outbox.done == ["note"]


async def test_the_pump_outlives_a_surprise() -> None:
    outbox = FakeOutbox()
    channel = FakeChannel(errors=[ValueError("a bug")])
    outbox.put(news("fill"))
    await pumped(outbox, channel, until=lambda: not outbox.rows)
    assert channel.keys == ["fill"]


async def test_a_sent_alert_whose_mark_failed_is_only_marked_again() -> None:
    outbox = FakeOutbox()

    class BreakingChannel(FakeChannel):
        async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
            await super().deliver(announcement, verdict)
            outbox.broken = True

    channel = BreakingChannel()
    outbox.put(news("fill"))
    task = asyncio.create_task(Pump(outbox, [channel], ManualClock(0), "UTC").run())
    await turns(lambda: bool(channel.keys))
    outbox.broken = False
    await turns(lambda: not outbox.rows)
    task.cancel()
    assert channel.keys == ["fill"] and outbox.done == ["fill"]


@pytest.mark.parametrize("seed", range(4))
async def test_through_random_outages_everything_is_told_once(seed: int) -> None:
    dice, outbox = random.Random(seed), FakeOutbox()
    troubles = (Transient("down"), RateLimited("wait", 7), Rejected("no"), ValueError("a bug"))
    channel = FakeChannel(errors=[dice.choice(troubles) for _ in range(60)])
    channel.clock = clock = ManualClock(0)
    pump = Pump(outbox, [channel], clock, "UTC")
    task = asyncio.create_task(pump.run())
    for number in range(250):
        outbox.put(news(f"n{number}", Severity(dice.randrange(1, 5))))
        pump.wake()
        for _ in range(dice.randrange(6)):
            await asyncio.sleep(0)
    await turns(lambda: not outbox.rows, 60_000)
    task.cancel()
    batched = [one.data["keys"] for one in channel.delivered if one.key.startswith("batch:")]
    told = [key for key in channel.keys if not key.startswith("batch:")] + [
        key for keys in batched for key in keys
    ]
    assert sorted(told) == sorted(f"n{number}" for number in range(250)) == sorted(outbox.done)
