"""The exchange manager on the local Kraken's sockets: the same candles, money and orders as by REST."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from core.clock import ScaledClock
from core.model.market import Timeframe
from core.model.money import Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken
from core.venues.exchange_manager import Access, KrakenVenue
from tests.support.scripted_socket import until

START = 1_750_000_000_000
M5 = Timeframe.M5
QUIET = ("MOG/USD", "SNX/USD", "ZRO/USD", "QTUM/USD", "LRC/USD")  # traded in now and then


@dataclass
class Bench:
    """A venue with both sockets beside one without any, on one local Kraken."""

    venue: KrakenVenue
    clock: ScaledClock
    url: str
    changes: Counter[str] = field(default_factory=Counter)


@asynccontextmanager
async def bench(speed: float, *symbols: str) -> AsyncIterator[Bench]:
    clock = ScaledClock(START, speed)
    kraken = LocalKraken(clock, start_cash=Decimal(100_000), symbols=symbols)
    url = await kraken.start()
    sockets = f"ws{url.removeprefix('http')}"
    access = Access(
        url,
        DEMO_KEY,
        DEMO_SECRET,
        tier="local",
        traded=symbols,
        ws_url=sockets,
        ws_auth_url=f"{sockets}/auth",
    )
    venue = KrakenVenue(access, clock)
    await venue.start()
    one = Bench(venue, clock, url)
    venue.when_changed(lambda: one.changes.update(["told"]))
    tasks = [asyncio.create_task(socket.run()) for socket in venue.sockets]
    await venue.warm_up()
    try:
        yield one
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await venue.close()
        await kraken.stop()


async def test_rests_zero_volume_rows_and_the_sockets_silence_give_the_same_candles() -> None:
    symbols = ("BTC/USD", "ETH/USD", *QUIET)
    async with bench(600.0, *symbols) as one:
        warm = {symbol: await one.venue.candles(symbol, M5) for symbol in symbols}
        for _ in range(10):
            await asyncio.sleep(0.5)
            told = {symbol: await one.venue.candles(symbol, M5) for symbol in symbols}
        await one.venue.close()
        rest = KrakenVenue(Access(one.url), one.clock)
        await rest.start()
        quiet = 0
        for symbol in symbols:
            asked = {candle.time_ms: candle for candle in await rest.candles(symbol, M5)}
            new = [candle for candle in told[symbol] if candle.time_ms > warm[symbol][-1].time_ms]
            assert len(new) >= 8
            assert [candle for candle in new if asked[candle.time_ms] != candle] == []
            quiet += sum(not candle.volume for candle in new)
        await rest.close()
        assert quiet >= 5, "some of them nobody traded in"


async def test_an_order_and_its_stop_are_told_and_settle_with_rest() -> None:
    async with bench(1.0, "BTC/USD") as one:
        venue = one.venue
        assert await venue.open_orders() == []
        price = (await venue.quotes(["BTC/USD"]))["BTC/USD"].bid
        pair = (await venue.pairs())["BTC/USD"]
        stop = pair.price(price * Decimal("0.9"))
        txid = await venue.place(
            OrderRequest(
                "a" * 32, "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.01")), close_stop=stop
            )
        )
        await until(lambda: one.changes["told"] >= 1)
        [resting] = await venue.open_orders()
        assert resting.parent_txid == txid
        [fill] = await venue.fills(0)
        assert (await venue.balances())["BTC"].total == fill.qty
        assert venue.troubles() == {"public socket": "", "private socket": ""}


async def test_prices_of_both_ways_are_the_same() -> None:
    async with bench(0.001, "BTC/USD", "ETH/USD") as one:
        await asyncio.sleep(0.05)
        told = await one.venue.quotes(["BTC/USD", "ETH/USD"])
        await one.venue.close()
        rest = KrakenVenue(Access(one.url), one.clock)
        await rest.start()
        asked = await rest.quotes(["BTC/USD", "ETH/USD"])
        await rest.close()
        for symbol, quote in told.items():
            other = asked[symbol]
            assert (quote.bid, quote.ask, quote.last) == (other.bid, other.ask, other.last)
        assert len(told) == 2
