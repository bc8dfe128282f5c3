"""The small twin of `make proof kill-points`: the real service, killed for good at three points."""

from __future__ import annotations

import pytest

from benchmarks.kill_points import POINTS, Ground, die_at, ground

KILLED = (
    "orders.place buy market:underway",
    "orders.cancel:after",
    "journal.commit flatten placed:before",
)


async def died(place: Ground, point: str) -> bool:
    """Lives until one dies there: a stop that fires first leaves nothing to be flattened."""
    for life in range(3):
        if (await die_at(place, point, 1, f"twin-{KILLED.index(point)}-{life}"))["killed"]:
            return True
    return False


@pytest.mark.blocks
@pytest.mark.timeout(360)
async def test_killed_at_three_points_it_comes_back_with_everything_guarded() -> None:
    async with ground() as place:
        for point in KILLED:
            assert point in POINTS
            assert await died(place, point), f"{point} was never passed"
