"""The small twin of `make proof paper-fidelity`, on a made record of trades."""

from __future__ import annotations

import asyncio
from statistics import median

from benchmarks.paper_fidelity import limits, made, price_errors


def test_a_paper_order_meets_a_price_that_was_just_seen_and_its_limits_fill_as_they_traded() -> None:
    trades = made(3, 500)
    fresh = asyncio.run(price_errors(trades, 0.0, 500))
    assert len(fresh) > 30 and median(fresh) <= 2.0
    seed_spread = asyncio.run(price_errors(trades, 5.0))
    assert 1.0 < median(seed_spread) < 6.0
    counts = asyncio.run(limits(trades[:260], 5.0, 1))
    assert counts["limits alike"] >= 0.9 * counts["limits"] > 50
