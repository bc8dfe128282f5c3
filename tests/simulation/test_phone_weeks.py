"""A small twin of `make proof phone-week`."""

from __future__ import annotations

import pytest

from tests.support.phone_week import play


@pytest.mark.blocks
@pytest.mark.parametrize("seed", range(3))
def test_every_critical_is_seen_or_texted_and_nothing_is_lost_or_told_twice(seed: int) -> None:
    broken, counts = play(seed, events=150)
    assert broken == []
    assert counts["rings"] and counts["texts"] and counts["messages"] > 50
