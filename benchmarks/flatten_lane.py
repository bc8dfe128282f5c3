"""Twenty market sells while a refresh of 200 pairs is queued: how far apart the exchange sees them.

Beside it, in the same run and against the same server, the client library as it comes: one instance, its own
limiter on, ten candle requests queued before twenty orders (200 would take it four minutes).

Arrivals are timed by the clock and by the CPU time of this process, which holds client and server and has
nothing to wait for: the promise is judged by the latter, so that other work on the machine does not count.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from decimal import Decimal

from aiohttp import web

from core.clock import SystemClock
from core.model.errors import VenueError
from core.model.market import Timeframe
from core.model.money import Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.exchange_manager import Access, KrakenVenue
from tests.support.scripted_kraken import PAIRS as TABLE
from tests.support.scripted_kraken import SECRET

SUMMARY = "20 orders behind a queued refresh of 200 pairs: last within 25 ms of the first, p99, beside ccxt"
ROUNDS, POSITIONS, QUEUED, PEER_QUEUED = 100, 20, 200, 10
MOST_US = 25_000


class Server:
    """Answers at once and notes when each order arrived."""

    def __init__(self) -> None:
        self.orders: list[tuple[float, float]] = []  # seconds of the clock and of this process
        self._runner: web.AppRunner | None = None
        self._pairs = TABLE | {
            f"C{i:03}USD": TABLE["XXBTZUSD"]
            | {"altname": f"C{i:03}USD", "wsname": f"C{i:03}/USD", "base": f"C{i:03}"}
            for i in range(QUEUED)
        }

    async def start(self) -> str:
        app = web.Application()
        app.router.add_route("*", "/0/{kind}/{path}", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        path = request.match_info["path"]
        if path == "AddOrder":
            self.orders.append((time.perf_counter(), time.process_time()))
            result: object = {
                "descr": {"order": "sell 0.001 C000USD @ market"},
                "txid": [f"O{len(self.orders)}"],
            }
        elif path == "OHLC":
            now = int(time.time()) // 300 * 300
            row = [now, "1", "1", "1", "1", "1", "1", 1]
            result = {request.query["pair"]: [row], "last": now - 300}
        else:
            result = self._pairs if path == "AssetPairs" else {}
        body = json.dumps({"error": [], "result": result})
        return web.Response(text=body, content_type="application/json")

    def first(self) -> float:
        return min(self.orders)[0]

    def spreads_us(self) -> tuple[int, int]:
        """Between the first and the last order by clock and by CPU, in microseconds; forgets them."""
        arrived, self.orders = self.orders, []
        assert len(arrived) == POSITIONS, arrived
        clock, cpu = zip(*arrived, strict=True)
        return round((max(clock) - min(clock)) * 1e6), round((max(cpu) - min(cpu)) * 1e6)


async def play(number: int) -> dict[str, int]:
    """A bundle of flattens; the library's own way once, in the first round."""
    server = Server()
    url = await server.start()
    try:
        counts = await _ours(server, url)
        return counts | (await _peer(server, url) if number == 0 else {})
    finally:
        await server.stop()


async def _ours(server: Server, url: str) -> dict[str, int]:
    venue = KrakenVenue(Access(url, "key", SECRET), SystemClock())
    await venue.start()
    pairs = [one for one in await venue.pairs() if one.startswith("C")]
    refresh = [asyncio.create_task(_fetched(venue, one)) for one in pairs]
    await asyncio.sleep(0.1)
    waiting = sum(not one.done() for one in refresh)
    asked = time.perf_counter()
    await asyncio.gather(*(venue.place(_sell(one, i)) for i, one in enumerate(pairs[:POSITIONS])))
    first = round((server.first() - asked) * 1e6)
    for one in refresh:
        one.cancel()
    await asyncio.gather(*refresh, return_exceptions=True)
    await venue.close()
    clock, cpu = server.spreads_us()
    return {
        "flattens": 1, f"within {min(cpu // 1000, 998) + 1:03} ms": 1, "cpu_us": cpu, "us": clock,
        "first_us": first, "queued": waiting,
    }  # fmt: skip


async def _fetched(venue: KrakenVenue, symbol: str) -> None:
    try:
        await venue.candles(symbol, Timeframe.M5)
    except VenueError:
        return


def _sell(symbol: str, number: int) -> OrderRequest:
    return OrderRequest(f"{number:032x}", symbol, Side.SELL, OrderType.MARKET, Qty(Decimal("0.001")))


async def _peer(server: Server, url: str) -> dict[str, int]:
    """The library with its limiter, as its manual shows it."""
    from core.venues.kraken_class import load

    urls = {"api": dict.fromkeys(("public", "private", "zendesk"), url)}
    plain = load().kraken({"apiKey": "key", "secret": SECRET, "enableRateLimit": True, "urls": urls})
    try:
        await plain.load_markets()
        names = [name for name in plain.markets if name.startswith("C")]
        refresh = [asyncio.create_task(plain.fetch_ohlcv(one, "5m")) for one in names[:PEER_QUEUED]]
        await asyncio.sleep(0.1)
        asked = time.perf_counter()
        sells = [plain.create_order(one, "market", "sell", 0.001) for one in names[:POSITIONS]]
        await asyncio.gather(*sells, *refresh)
        first, (clock, cpu) = round((server.first() - asked) * 1e6), server.spreads_us()
        return {"peer_first_us": first, "peer_us": clock, "peer_cpu_us": cpu}
    finally:
        await plain.close()


def p99_ms(counts: dict[str, int]) -> int:
    """The 99th percentile of the spread by CPU, in whole milliseconds, rounded up."""
    sizes = sorted(
        size
        for name, times in counts.items()
        if name.startswith("within ")
        for size in [int(name[7:10])] * times
    )
    return sizes[-(-len(sizes) * 99 // 100) - 1]


def check(counts: Counter[str]) -> None:
    """The promise, and the peer's figure beside it."""
    worst = p99_ms(counts)
    mean = counts["cpu_us"] / counts["flattens"] / 1000
    assert worst * 1000 <= MOST_US, (
        f"p99 of {worst} ms over {counts['flattens']} flattens, mean {mean:.1f} ms"
    )
