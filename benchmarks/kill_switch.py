"""The daily loss limit: how soon it trips, how soon all is sold, and that nothing is bought after it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from random import Random

from core.engine.latches import KILL_SWITCH
from core.model.decisions import Denied
from core.model.orders import Side
from tests.support.lossy import Faults, Village, Wrong, live
from tests.support.trading import PAIRS
from tests.support.virtual_time import VirtualLoop

SUMMARY = (
    "kill switch trips within 5 s, flat within 30 s, 0 entries while latched; the owner's coins trip nothing"
)
ROUNDS = 10_000
PROCESSES = 2
TRIP_S, FLAT_S, ROUGH_S = 5.0, 30.0, 240.0  # wall seconds after the breaching mark
LIMIT = Decimal("0.01")


async def play(number: int) -> dict[str, int]:
    """One day: a loss that reaches the limit, or a fall of coins that only the owner holds."""
    day = _owners_coins if number % 5 == 4 else _breach
    return await asyncio.to_thread(lambda: live(lambda loop: day(loop, number)))


def _village(loop: VirtualLoop, seed: int, faults: Faults) -> Village:
    return Village(
        loop, seed, faults, risk__daily_loss_limit=str(LIMIT), risk__kill_rearm="manual",
        risk__max_trade_risk="1", risk__max_gap_loss="1",
    )  # fmt: skip


async def _breach(loop: VirtualLoop, seed: int) -> dict[str, int]:
    rng = Random(f"day {seed}")
    rough = rng.random() < 0.2
    village = _village(loop, seed, Faults())
    venue, met = village.venue, Counter({"breaches": 1, "rough": int(rough)})
    await village.start()
    held = rng.sample(tuple(PAIRS), rng.choice((1, 2)))
    for symbol in held:
        await village.buy(symbol, Decimal(2400), Decimal("0.4"), Decimal("0.5"), f"day-{seed}-{symbol}")
    village.keep("sync", "watch")
    village.feed()
    await asyncio.sleep(rng.uniform(1, 4))
    if rough:
        venue.faults = Faults(lost=0.1, unanswered=0.1, reads=0.3, nonce=0.1)
    for symbol in held:  # 2,400 that lose a twentieth are more than one in a hundred of 10,000
        venue.trade(symbol, venue.last(symbol) * Decimal(str(round(rng.uniform(0.85, 0.95), 4))))
    began = village.clock.monotonic()
    tripped = await _until(village, lambda: KILL_SWITCH in village.engine.latches, began, ROUGH_S)
    if not rough and tripped > TRIP_S:
        raise Wrong(f"tripped only {tripped:.1f} s after the breaching mark")
    bought = _buys(village)
    flat = await _until(village, lambda: not any(village.witness.held.values()), began, ROUGH_S)
    if not rough and flat > FLAT_S:
        raise Wrong(f"flat only {flat:.1f} s after the breaching mark")
    venue.faults = Faults()
    await _until(village, lambda: not village.engine.portfolio.positions, began, ROUGH_S)
    await _stays_shut(village, seed, bought)
    met["within 1 s"] += tripped <= 1.0
    met["flat within 5 s"] += flat <= 5.0
    return dict(met)


async def _until(village: Village, done: Callable[[], bool], began: float, most: float) -> float:
    """Wall seconds from `began` until it is so."""
    while not done():
        await asyncio.sleep(0.05)
        village.check()
        if village.clock.monotonic() - began > most:
            raise Wrong(f"not even {most} s after the breaching mark")
    return village.clock.monotonic() - began


async def _stays_shut(village: Village, seed: int, bought: int) -> None:
    """Neither recovered prices nor a restart let anything be bought again."""
    for symbol in PAIRS:
        village.venue.trade(symbol, village.venue.last(symbol) * Decimal("1.3"))
    for attempt in ("at once", "after a restart"):
        if KILL_SWITCH not in village.engine.latches:
            raise Wrong(f"the switch was forgotten {attempt}")
        done = await village.buy(
            "ETH/USD", Decimal(100), Decimal("0.02"), Decimal("0.03"), f"{seed}-{attempt}"
        )
        if isinstance(done, Denied) or done.report is not None or _buys(village) != bought:
            raise Wrong(f"an entry left under the kill switch {attempt}: {done}")
        await village.restart()
    village.check()


def _buys(village: Village) -> int:
    register = village.venue.matching.register
    return sum(1 for one in register.orders.values() if one.side is Side.BUY and one.request.cl_ord_id)


async def _owners_coins(loop: VirtualLoop, seed: int) -> dict[str, int]:
    """Coins that Zyn did not buy lose a fifth, with and without a position of Zyn's beside them."""
    rng = Random(f"owner {seed}")
    village = _village(loop, seed, Faults())
    village.venue.matching.deposit("ETH", Decimal(str(round(rng.uniform(0.5, 30), 3))), 0)
    await village.start()
    if rng.random() < 0.5:
        await village.buy("BTC/USD", Decimal(1000), Decimal("0.4"), Decimal("0.5"), f"beside-{seed}")
    orders = len(village.venue.matching.register.orders)
    village.keep("sync", "watch")
    for _ in range(10):
        village.venue.trade("ETH/USD", village.venue.last("ETH/USD") * Decimal("0.978"))
        await asyncio.sleep(rng.uniform(1, 8))
    village.check()
    if KILL_SWITCH in village.engine.latches:
        raise Wrong("the owner's own coins tripped the kill switch")
    if len(village.venue.matching.register.orders) != orders:
        raise Wrong("an order was sent because of the owner's own coins")
    return {"owner's days": 1}


def check(counts: Counter[str]) -> None:
    """Both kinds of days were lived."""
    assert counts["breaches"] and counts["owner's days"] and counts["rough"], counts
