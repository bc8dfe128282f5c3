"""Searches on markets in which nothing can be predicted, and on markets with a drift that can be followed.

Trading is free here, for fees alone make noise lose: what remains is luck. One round is one search of either.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from core.lab.search.hands import Threads
from core.lab.search.optimise import Finding, Plan, ground_of, optimise
from core.lab.search.space import RANGES
from core.lab.search.study import Archive
from core.model.market import FeeRates
from core.model.tuning import EDGE
from core.trading_config import Mode, load
from tests.support.made_markets import market

SUMMARY = "a search on noise is called luck, one on a planted edge is found"
ROUNDS = 100
FALSE_ALARMS_ALLOWED, MISSES_ALLOWED = 5, 10  # of a hundred
TRIALS, DAYS, DRIFT = 64, 365, 0.6

_FREE = {
    "costs.spread_bps": "0", "costs.taker": "0", "costs.maker": "0", "filters.enabled": "rsi,volume,chop",
    "filters.volatility_max": "0.5",
}  # fmt: skip


async def play(number: int) -> dict[str, int]:
    """One search on noise and one where there is something to find."""
    noise, planted = search(number, 0.0), search(number, DRIFT)
    counts = Counter({f"noise: {noise.verdict}": 1, f"planted: {planted.verdict}": 1, "rounds": 1})
    counts["false alarms"] += noise.verdict == EDGE
    counts["missed"] += planted.verdict != EDGE
    return dict(counts)


def check(counts: Counter[str]) -> None:
    """Luck is taken for an edge in at most 5 of 100, an edge for luck in at most 10."""
    rounds = counts["rounds"]
    assert counts["false alarms"] * 100 <= FALSE_ALARMS_ALLOWED * rounds, (
        f"{counts['false alarms']} false alarms"
    )
    assert counts["missed"] * 100 <= MISSES_ALLOWED * rounds, f"{counts['missed']} missed"


def search(seed: int, drift: float) -> Finding:
    """The whole search of `zyn optimize` on one made market."""
    config = load({}, None, _FREE, Mode.BACKTEST)
    ground = ground_of(config, [market(seed, 24 * DAYS, drift)], FeeRates(Decimal(0), Decimal(0)))
    with tempfile.TemporaryDirectory() as folder, Archive(Path(folder) / "trials") as archive:
        return optimise(ground, Plan(RANGES, TRIALS, seed), archive, Threads(ground, 1), _nobody)


def _nobody(done: int, total: int) -> None:
    """Nobody looks."""
