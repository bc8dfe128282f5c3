"""Days as the owner lives them, across daylight saving."""

from datetime import UTC, datetime

import pytest

from core.model.time_context import TimeContext, from_ms, iso, period_bounds, to_ms


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text))


@pytest.mark.parametrize(
    ("now", "hours"),
    [("2026-03-29T12:00:00+00:00", 23), ("2026-10-25T12:00:00+00:00", 25), ("2026-11-23T12:00:00+00:00", 24)],
)
def test_a_local_day_is_23_24_or_25_hours_long(now: str, hours: int):
    start, end = TimeContext(ms(now), "Europe/Berlin").day_bounds()
    assert (end - start) / 3_600_000 == hours


def test_days_follow_one_another_without_gap_over_a_whole_year():
    zone, now = "America/New_York", ms("2026-01-01T17:00:00+00:00")
    for _ in range(400):
        _, end = TimeContext(now, zone).day_bounds()
        following = TimeContext(end, zone)
        assert following.day_bounds()[0] == end
        assert following.day_bounds(1)[1] == end
        now = end + 12 * 3_600_000


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        ("today", "2026-11-20T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
        ("yesterday", "2026-11-19T00:00:00+01:00", "2026-11-20T00:00:00+01:00"),
        ("this_week", "2026-11-16T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
        ("last_week", "2026-11-09T00:00:00+01:00", "2026-11-16T00:00:00+01:00"),
        ("this_month", "2026-11-01T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
        ("last_month", "2026-10-01T00:00:00+02:00", "2026-11-01T00:00:00+01:00"),
        ("7d", "2026-11-13T16:00:00+01:00", "2026-11-21T00:00:00+01:00"),
        ("ytd", "2026-01-01T00:00:00+01:00", "2026-11-21T00:00:00+01:00"),
    ],
)
def test_periods_are_the_owners_not_utcs(period: str, start: str, end: str):
    context = TimeContext(ms("2026-11-20T15:00:00+00:00"), "Europe/Berlin")
    assert period_bounds(period, context) == (ms(start), ms(end))


def test_an_unknown_period_is_refused_and_a_naive_time_too():
    with pytest.raises(ValueError, match="unknown period"):
        period_bounds("fortnight", TimeContext(0, "UTC"))
    with pytest.raises(ValueError, match="without a zone"):
        to_ms(datetime(2026, 1, 1))  # noqa: DTZ001


def test_sessions_are_four_utc_hours_and_weekends_utc_days():
    context = TimeContext(ms("2026-11-21T23:59:59+00:00"), "Asia/Tokyo")
    assert (context.session, context.is_weekend, context.weekday) == ("20-24", True, "Sunday")
    assert from_ms(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert iso(1) == "1970-01-01T00:00:00.001Z"
