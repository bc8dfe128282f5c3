"""The small twin of `make proof kill-points`: the real service, killed for good at three points."""

from __future__ import annotations

import pytest

from benchmarks.kill_points import POINTS, die_at, ground

KILLED = (
    "orders.place buy market:underway",
    "orders.cancel:after",
    "journal.commit flatten placed:before",
)


@pytest.mark.blocks
@pytest.mark.timeout(360)
async def test_killed_at_three_points_it_comes_back_with_everything_guarded() -> None:
    async with ground() as place:
        for point in KILLED:
            assert point in POINTS
            met = await die_at(place, point, 1, f"twin-{KILLED.index(point)}")
            assert met["killed"], f"{point} was never passed"
