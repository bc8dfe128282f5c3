"""Small twins of the long money campaigns: the same rounds that `make proof` plays by the thousand."""

from __future__ import annotations

from collections import Counter
from types import ModuleType

import pytest

from benchmarks import bracket_paths, kill_switch, lost_replies, pnl_histories


@pytest.mark.blocks
@pytest.mark.parametrize(
    ("campaign", "rounds"),
    [
        (lost_replies, range(40)),
        (bracket_paths, range(80)),
        (kill_switch, range(40)),
        (pnl_histories, range(15, 35)),
    ],
    ids=["lost replies", "bracket paths", "kill switch", "profit and loss"],
)
async def test_the_first_rounds_keep_their_promise(campaign: ModuleType, rounds: range) -> None:
    counts: Counter[str] = Counter()
    for number in rounds:
        counts.update(await campaign.play(number))
    campaign.check(counts)
