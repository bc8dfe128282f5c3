"""Whatever Telegram brings, in any order: only the owner's own words and taps act, once each."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.update_stream import Stream, play


async def test_random_streams_have_exactly_the_allowed_deeds() -> None:
    counts: Counter[str] = Counter()
    for seed in range(25):
        broken, held = await play(seed)
        assert broken == [], f"seed {seed}"
        counts += held
    assert counts["deeds"] > 50 and counts["foreign"] > 300 and counts["duplicate"] > 100


@pytest.mark.parametrize("hole", ["strangers", "duplicates"])
async def test_a_gate_with_a_hole_is_found_out(hole: str) -> None:
    found: list[str] = []
    for seed in range(6):
        stream = Stream(seed, hole)
        found += await stream.play(40)
    assert found
