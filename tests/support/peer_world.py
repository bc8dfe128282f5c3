"""The real Zyn between our local Kraken and servers that others wrote."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from core.clock import ScaledClock, SystemClock
from core.model.orders import OrderReport, OrderType, Side
from core.sim.kraken.server import LocalKraken
from tests.support.peers import PRISM, free_port, running
from tests.support.process import ZynProcess

_CALM = {"ZYN_SYMBOLS": "BTC/USD", "ZYN_FILTERS__ENABLED": "rsi", "ZYN_FILTERS__RSI_LONG_MAX": "1"}


@dataclass(slots=True)
class Market:
    """The exchange's own books."""

    kraken: LocalKraken

    def price(self, symbol: str) -> Decimal:
        return self.kraken.exchange.look(symbol).last

    def held(self, asset: str) -> Decimal:
        balance = self.kraken.exchange.engine.balances().get(asset)
        return balance.total if balance else Decimal(0)

    def stops(self, symbol: str) -> list[OrderReport]:
        resting = self.kraken.exchange.engine.open_orders()
        return [
            one
            for one in resting
            if (one.symbol, one.type, one.side) == (symbol, OrderType.STOP_LOSS, Side.SELL)
        ]

    def orders(self) -> int:
        """How many orders ever reached the exchange."""
        engine = self.kraken.exchange.engine
        return len(engine.open_orders()) + len(engine.closed_orders())


@asynccontextmanager
async def exchange() -> AsyncIterator[tuple[Market, str]]:
    """A local Kraken at the speed of life, and its address."""
    kraken = LocalKraken(ScaledClock(SystemClock().wall_ms(), 1), seed=7)
    url = await kraken.start()
    try:
        yield Market(kraken), url
    finally:
        await kraken.stop()


@asynccontextmanager
async def zyn(folder: Path, kraken: str, *peers: Mapping[str, str]) -> AsyncIterator[ZynProcess]:
    """The real process, up, among these peers; its autopilot finds nothing to buy."""
    env = {"KRAKEN_API_BASE_URL": kraken, **_CALM}
    for peer in peers:
        env |= peer
    process = ZynProcess(folder, env)
    await process.start()
    try:
        yield process
    finally:
        await process.kill()


@asynccontextmanager
async def prism(folder: Path, spec: Path, upstream: str) -> AsyncIterator[tuple[str, list[str]]]:
    """A proxy that reports every request which breaks the description; its address and its lines."""
    port = free_port()
    command = (PRISM, "proxy", spec, upstream, "-p", str(port), "-h", "127.0.0.1")
    url = f"http://127.0.0.1:{port}"
    async with running(command, folder, f"{url}/0/public/Time") as lines:
        yield url, lines
