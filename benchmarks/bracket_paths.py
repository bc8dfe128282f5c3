"""Bracketed positions on random paths: never more sold than held, no order left that belongs to nothing."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from random import Random

from core.model.decisions import Denied
from core.model.errors import VenueError
from core.model.orders import Origin
from tests.support.lossy import Faults, Village, Wrong, live
from tests.support.virtual_time import VirtualLoop

SUMMARY = "20,000 random bracket paths: never more sold than held, no orphan order; time without a stop"
ROUNDS = 20_000
STEPS = 14
STAKE = Decimal(1000)  # USD that are bought
BOUNDS_MS = (250, 500, 1000, 2000, 5000)  # a gap in protection is counted under the first bound above it


async def play(number: int) -> dict[str, int]:
    """One path of one position, from its entry to its end or its flatten."""
    return await asyncio.to_thread(lambda: live(lambda loop: _play(loop, number)))


async def _play(loop: VirtualLoop, seed: int) -> dict[str, int]:
    rng = Random(f"path {seed}")
    rough = rng.random() < 0.4
    faults = Faults(lost=0.05, unanswered=0.05, reads=0.05) if rough else Faults()
    village = Village(loop, seed, faults, flatten__market_after_s="3")
    await village.start()
    met = Counter({"paths": 1})
    symbol = rng.choice(("ETH/USD", "BTC/USD"))
    too_few_bids = False
    if rng.random() < 0.4:  # a book that takes one order in pieces, or not all of it
        met["thin books"] += 1
        unit = Decimal(rng.choice((50, 200, 600)))
        levels = rng.randint(1, 5)
        too_few_bids = unit * levels < STAKE
        village.venue.bid_depth = tuple(
            (Decimal(i) * Decimal("0.002"), unit / village.venue.last(symbol)) for i in range(levels)
        )
    width = Decimal(str(round(rng.uniform(0.002, 0.01), 4)))
    try:
        done = await village.buy(symbol, STAKE, width, width * Decimal("1.2"), f"path-{seed}")
    except VenueError:
        done = None
    if isinstance(done, Denied):
        raise Wrong(f"a plain buy was refused: {done.reason}")
    village.keep("sync", "watch")
    village.feed()
    await _path(village, symbol, rng, float(width))
    await _end(village, symbol, met)
    if not rough:  # while the exchange answers; bids for less than the position are another matter
        where = "gaps where bids ran out" if too_few_bids else "gaps"
        met.update(f"{where} {_bound(gap)}" for gap in village.witness.naked)
    met["rough"] += rough
    return dict(met)


async def _path(village: Village, symbol: str, rng: Random, width: float) -> None:
    for price in village.walk(symbol, STEPS, width):
        gap = Decimal("0.97") if rng.random() < 0.03 else Decimal(1)
        village.venue.trade(symbol, price * gap)
        await asyncio.sleep(rng.choice((0.03, 0.2, 1.0, 3.0)))


async def _end(village: Village, symbol: str, met: Counter[str]) -> None:
    """What is left is sold, the market stands, and then nothing of Zyn's may rest."""
    book = village.engine.portfolio
    if trip := book.last_exit(symbol):
        met[f"ended by {trip.reason}"] += 1
    village.venue.bid_depth = ()
    village.venue.trade(symbol, village.venue.last(symbol))
    while book.invested(symbol) or village.engine.executor.left_open():
        await village.engine.flatten.flatten(None, Origin.CHAT, "the end")
        await asyncio.sleep(10.0)
        village.check()
        if village.clock.monotonic() > 900:
            raise Wrong(f"{book.position(symbol)} could not be sold")
    await asyncio.sleep(75.0)
    village.check()
    if resting := village.witness.resting():
        raise Wrong(f"orphans: {[one.report() for one in resting]}")
    held = book.position(symbol)
    if (held.qty if held else Decimal(0)) != village.witness.held[symbol]:
        raise Wrong(f"{held} in the book, {village.witness.held[symbol]} by the exchange's fills")


def _bound(gap_s: float) -> str:
    return next((f"under {ms} ms" for ms in BOUNDS_MS if gap_s * 1000 < ms), "of 5 s and more")


def check(counts: Counter[str]) -> None:
    """Every way to end was walked; while the exchange answers 99 of 100 gaps are below two seconds."""
    for kind in ("ended by stop", "ended by target", "thin books", "rough"):
        assert counts[kind] >= 20, f"{kind}: {counts[kind]}"
    gaps = {name: count for name, count in counts.items() if name.startswith(("gaps under", "gaps of"))}
    long = gaps.get("gaps under 5000 ms", 0) + gaps.get("gaps of 5 s and more", 0)
    assert long <= sum(gaps.values()) / 100, f"{long} of {sum(gaps.values())} gaps took two seconds or more"
