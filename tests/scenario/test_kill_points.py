"""The small twin of `make proof kill-points`: the real service, killed for good at three points."""

from __future__ import annotations

import pytest

from benchmarks.kill_points import POINTS, die_at, ground


@pytest.mark.blocks
@pytest.mark.timeout(240)
async def test_killed_at_three_points_it_comes_back_with_everything_guarded() -> None:
    async with ground() as place:
        for number, point in enumerate(
            (
                "orders.place buy market:underway",
                "orders.cancel:after",
                "journal.commit flatten placed:before",
            )
        ):
            assert point in POINTS
            counts = await die_at(place, point, 1, f"twin-{number}")
            assert counts["killed"] == 1, f"{point} was never passed"
