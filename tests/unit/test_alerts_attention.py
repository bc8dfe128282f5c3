"""What may make the phone ring, and what has to wait."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.attention import Attention, AttentionDesk, Manner, Switch, quiet_hours
from core.clock import ManualClock
from core.model.errors import Refused
from core.model.events import EventKind, Severity
from core.model.time_context import from_ms
from tests.support.alarm_desk import Kept
from tests.support.fake_outbox import news

NIGHT = 1_795_401_000_000  # 2026-11-23 02:30 UTC, 03:30 in Berlin
NOON = 1_795_435_200_000
BERLIN = "Europe/Berlin"


def desk(kept: Kept, clock: ManualClock, rings: int = 3, quiet: str = "") -> AttentionDesk:
    return AttentionDesk(kept, clock, BERLIN, rings, quiet)


def test_at_night_everything_waits_for_the_morning_and_critical_news_does_not() -> None:
    attention = Attention(BERLIN, 10, quiet_hours("22-7"))
    waits = attention.verdict(news("fill"), NIGHT, 0)
    assert waits.manner is Manner.WAIT and from_ms(waits.until_ms).hour == 6  # 07:00 in Berlin
    assert attention.verdict(news("kill", Severity.CRITICAL), NIGHT, 99).manner is Manner.RING
    assert attention.verdict(news("fill"), NOON, 0).manner is Manner.RING
    asked_for = news("eth", kind=EventKind.PRICE_ALERT)
    assert attention.verdict(asked_for, NIGHT, 0).manner is Manner.SILENT, "there at once, and wakes nobody"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("22-7", "22:00-07:00"), ("22:30 - 6:15", "22:30-06:15"), ("13-14", "13:00-14:00"),
        ("23-24", "23:00-00:00"),
    ],
)  # fmt: skip
def test_quiet_hours_are_read_as_people_write_them(written: str, shown: str) -> None:
    assert str(quiet_hours(written)) == shown


@pytest.mark.parametrize("written", ["", "off", "none", "8-8"])
def test_no_quiet_hours(written: str) -> None:
    assert quiet_hours(written) is None


@pytest.mark.parametrize("written", ["at night", "22", "25-7", "22-7-9", "22:61-7"])
def test_what_cannot_be_read_is_refused_with_the_way_to_write_it(written: str) -> None:
    with pytest.raises(Refused) as refusal:
        quiet_hours(written)
    assert "/alerts quiet 22-7" in refusal.value.hint


async def test_only_so_many_messages_ring_in_a_day_and_the_count_outlives_a_restart() -> None:
    kept, clock = Kept(), ManualClock(NOON)
    first = desk(kept, clock)
    for _ in range(2):
        assert first.judge(news("fill")).manner is Manner.RING
        await first.rang()
    second = desk(kept, clock)
    await second.load()
    assert second.rung_today == 2
    await second.rang()
    assert second.judge(news("fill")).manner is Manner.SILENT
    assert second.judge(news("kill", Severity.CRITICAL)).manner is Manner.RING
    clock.advance(86_400_000)
    assert second.judge(news("fill")).manner is Manner.RING


async def test_an_event_type_can_be_silent_or_off_but_never_when_it_is_critical() -> None:
    kept, clock = Kept(), ManualClock(NOON)
    one = desk(kept, clock)
    await one.switch(EventKind.FILL, Switch.OFF)
    await one.switch(EventKind.TROUBLE, Switch.SILENT)
    again = desk(kept, clock)
    await again.load()
    for each in (one, again):
        assert each.judge(news("fill")).manner is Manner.OFF
        assert each.judge(news("t", Severity.WARNING, EventKind.TROUBLE)).manner is Manner.SILENT
        assert each.judge(news("f", Severity.CRITICAL, EventKind.FILL)).manner is Manner.RING


async def test_quiet_hours_said_by_the_owner_replace_the_configured_ones() -> None:
    kept, clock = Kept(), ManualClock(NIGHT)
    one = desk(kept, clock, quiet="1-9")
    await one.load()
    assert one.judge(news("fill")).manner is Manner.WAIT
    await one.be_quiet("off")
    again = desk(kept, clock, quiet="1-9")
    await again.load()
    assert again.judge(news("fill")).manner is Manner.RING
    kept.wishes["quiet_hours"] = "whenever I sleep"  # left by free words: no reason to fail
    await again.load()
    assert again.judge(news("fill")).manner is Manner.RING


@given(
    st.integers(0, 2**41), st.sampled_from(list(Severity)), st.sampled_from(list(EventKind)),
    st.integers(0, 23), st.integers(0, 23), st.integers(0, 50),
)  # fmt: skip
def test_whatever_is_critical_rings_and_a_wait_always_ends_within_a_day(
    now: int, severity: Severity, kind: EventKind, start: int, end: int, rung: int
) -> None:
    attention = Attention("America/New_York", 5, quiet_hours(f"{start}-{end}"), {kind.value: Switch.OFF})
    verdict = attention.verdict(news("k", severity, kind), now, rung)
    assert (verdict.manner is Manner.RING) == (severity is Severity.CRITICAL)
    open_ones = Attention("America/New_York", 5, quiet_hours(f"{start}-{end}"))
    verdict = open_ones.verdict(news("k", severity, kind), now, rung)
    if verdict.manner is Manner.WAIT:
        assert 0 < verdict.until_ms - now <= 25 * 3_600_000
        later = open_ones.verdict(news("k", severity, kind), verdict.until_ms, rung)
        assert later.manner is not Manner.WAIT


@pytest.mark.parametrize(
    ("wish", "fill", "trouble"),
    [
        ("on", Manner.RING, Manner.RING), ("trades", Manner.RING, Manner.SILENT),
        ("critical", Manner.SILENT, Manner.SILENT), ("off", Manner.SILENT, Manner.SILENT),
        ("whatever", Manner.RING, Manner.RING),
    ],
)  # fmt: skip
async def test_fewer_sounds_are_heeded_at_once_and_nothing_is_lost(
    wish: str, fill: Manner, trouble: Manner
) -> None:
    kept, clock = Kept(), ManualClock(NOON)
    one = desk(kept, clock)
    await one.load()
    kept.wishes["notifications"] = wish
    await one.heed()
    assert one.judge(news("fill")).manner is fill
    assert one.judge(news("trouble", Severity.WARNING, EventKind.TROUBLE)).manner is trouble
    assert one.judge(news("kill", Severity.CRITICAL)).manner is Manner.RING


async def test_a_summary_is_switched_by_plain_words_and_by_its_switch_and_the_last_word_counts() -> None:
    kept, clock = Kept(), ManualClock(NOON)
    one = desk(kept, clock)
    told = news("day", Severity.INFO, EventKind.DAILY_SUMMARY)
    kept.wishes["daily_summary"] = "off"
    await one.load()
    assert one.judge(told).manner is Manner.OFF
    await one.switch(EventKind.DAILY_SUMMARY, Switch.ON)
    await one.heed()
    assert one.judge(told).manner is Manner.SILENT
    await one.switch(EventKind.DAILY_SUMMARY, Switch.OFF)
    kept.wishes["daily_summary"] = "on"
    await one.heed()
    assert one.judge(told).manner is Manner.SILENT
