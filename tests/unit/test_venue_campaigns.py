"""Small twins of the venue's campaigns: orders do not queue behind data, and a quiet hour costs little."""

from __future__ import annotations

from collections import Counter

from benchmarks import flatten_lane, quiet_day


async def test_orders_do_not_wait_for_a_refresh_that_is_queued() -> None:
    counts: Counter[str] = Counter()
    for number in (1, 2):  # the first round has the peer's twelve seconds in it
        counts.update(await flatten_lane.play(number))
    assert counts["queued"] > 2 * 150, "a refresh of 200 pairs is under way"
    assert counts["first_us"] / 2 < 5_000_000, "and the first order goes at once"
    assert sum(times for name, times in counts.items() if name.startswith("within ")) == 2
    assert flatten_lane.p99_ms({"within 003 ms": 99, "within 900 ms": 1}) == 3


async def test_a_quiet_hour_stays_within_its_share_of_a_starter_key() -> None:
    counts = await quiet_day.play(0, pairs=6, minutes=60, speed=900.0)
    after_the_start = counts["points"] - 9
    assert counts["looks"] >= 20 and counts["sockets_down"] == 0, "fewer on a busy machine"
    assert after_the_start <= 9, "two points an audit, and once more for fills that were listed late"
    assert counts["peak_bp"] <= 5_000
