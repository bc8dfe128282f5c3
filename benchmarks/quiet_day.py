"""A quiet simulated day with 200 pairs: what it costs of a Starter key, as the exchange itself counts.

The service's own reads at their own times against the local Kraken with Starter's limits in force: the start
(permissions, the private socket's token, two full readings), a look at the account a minute, every pair's
candles and prices at each close, the account's cash as the autopilot asks for it, fees once.
"""

from __future__ import annotations

import asyncio
from decimal import Decimal

from core.clock import MarketMs, ScaledClock
from core.model.market import Timeframe
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken
from core.venues.exchange_manager import Access, KrakenVenue

SUMMARY = "a quiet day with 200 pairs: at most 1 % of a Starter key on average, peak at most 50 %"
ROUNDS = 1
PAIRS, MINUTES, SPEED = 200, 1440, 120.0
PER_SECOND = 0.33  # points that Starter gives back
START_MS = 1_750_000_200_000 // 300_000 * 300_000


async def play(
    number: int, pairs: int = PAIRS, minutes: int = MINUTES, speed: float = SPEED
) -> dict[str, int]:
    """One day; points spent, and the share of the key in basis points, on average and at its peak."""
    clock = ScaledClock(START_MS, 1.0)
    listed = await _liquid(pairs)
    kraken = LocalKraken(clock, seed=number + 1, start_cash=Decimal(10_000), symbols=listed, tier="starter")
    url = await kraken.start()
    sockets = f"ws{url.removeprefix('http')}"
    access = Access(url, DEMO_KEY, DEMO_SECRET, traded=listed, ws_url=sockets, ws_auth_url=f"{sockets}/auth")
    venue = KrakenVenue(access, clock)
    await venue.start()
    tasks = [asyncio.create_task(one.run(), name=one.name) for one in venue.sockets]
    try:
        await venue.warm_up()
        await _start(venue, clock, listed)
        clock.set_speed(speed)
        looks = await _live(venue, clock, listed, minutes)
        limits, seconds = kraken.exchange.limits, minutes * 60
        spent = limits.points[DEMO_KEY]
        return {
            "pairs": len(listed), "minutes": minutes, "looks": looks, "points": spent,
            "average_bp": round(spent / (PER_SECOND * seconds) * 10_000),
            "peak_bp": round(limits.peak[DEMO_KEY] * 10_000),
            "sockets_down": sum(bool(why) for why in venue.troubles().values()),
        }  # fmt: skip
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await venue.close()
        await kraken.stop()


async def _liquid(pairs: int) -> tuple[str, ...]:
    """So many pairs of the local Kraken."""
    clock = ScaledClock(START_MS, 1.0)
    kraken = LocalKraken(clock)
    venue = KrakenVenue(Access(await kraken.start()), clock)
    await venue.start()
    every = list(await venue.pairs())
    await venue.close()
    await kraken.stop()
    return tuple(every[:pairs])


async def _start(venue: KrakenVenue, clock: ScaledClock, symbols: tuple[str, ...]) -> None:
    """At the speed of life, for here the calls come at once and the peak is reached."""
    await venue.key_permissions()
    await _look(venue, clock.market_ms())
    await _look(venue, clock.market_ms())
    await venue.at_once.balances()
    await venue.fees(symbols[0])


async def _live(venue: KrakenVenue, clock: ScaledClock, symbols: tuple[str, ...], minutes: int) -> int:
    """A look a minute and a round a candle; how many looks there were."""
    looks, began = 0, clock.market_ms()
    while (now := clock.market_ms()) - began < minutes * 60_000:
        await _look(venue, now)
        looks += 1
        if looks % 5 == 0:
            await venue.quotes(symbols)
            await venue.candles(symbols[looks // 5 % len(symbols)], Timeframe.M5)
            await venue.at_once.balances()
            await venue.at_once.fees(symbols[0])
        await clock.sleep_until_market(MarketMs(began + looks * 60_000))
    return looks


async def _look(venue: KrakenVenue, now_ms: int) -> None:
    """The account as the engine's sync reads it."""
    since = now_ms - 600_000
    await venue.open_orders()
    await venue.closed_orders(since)
    await venue.fills(since)
    await venue.balances()


def check(counts: dict[str, int]) -> None:
    """Both bounds, as the exchange counted."""
    assert counts["looks"] >= counts["minutes"] * 0.99, counts
    assert counts["sockets_down"] == 0, counts
    assert counts["average_bp"] <= 100, counts
    assert counts["peak_bp"] <= 5_000, counts
