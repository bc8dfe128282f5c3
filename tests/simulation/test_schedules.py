"""Random days of faults, crashes, hands and markets: after every step the invariants hold.

The small twin of `make proof schedules`. A failing seed prints the command that replays it.
"""

from __future__ import annotations

from collections import Counter

import pytest

from tests.simulation.schedule import play

SCHEDULES, A_TEST = 120, 10


@pytest.mark.blocks
@pytest.mark.timeout(180)
@pytest.mark.parametrize("first", range(0, SCHEDULES, A_TEST))
def test_no_order_doubled_no_position_bare_no_cent_lost(first: int) -> None:
    met: Counter[str] = Counter()
    for seed in range(first, first + A_TEST):
        outcome = play(seed)
        assert not outcome.trouble, f"seed {seed}: {outcome.trouble}; replay: {outcome.replay}"
        met.update(outcome.record.met)
    assert met, "a campaign that meets nothing proves nothing"


@pytest.mark.blocks
def test_the_same_seed_lives_the_same_day() -> None:
    assert play(3).fingerprint == play(3).fingerprint != play(4).fingerprint
