"""The unmodified ccxt.pro class, with only its urls overridden, watches and trades on the local Kraken."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import ccxt.pro as ccxt
import pytest

from core.clock import ScaledClock
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken

Client = Any


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    kraken = LocalKraken(ScaledClock(1_790_000_000_000, 100), symbols=("BTC/USD",))
    web = await kraken.start()
    ws = web.replace("http", "ws")
    sockets = {"public": ws, "private": ws + "/auth", "publicV2": ws + "/v2", "privateV2": ws + "/auth/v2"}
    apis = {"public": web, "private": web, "zendesk": web, "ws": sockets}
    client = ccxt.kraken(
        {"apiKey": DEMO_KEY, "secret": DEMO_SECRET, "enableRateLimit": False, "urls": {"api": apis}}
    )
    await client.load_markets()
    yield client
    await client.close()
    await kraken.stop()


async def soon(waited: Any) -> Any:
    return await asyncio.wait_for(waited, 10)


async def test_every_public_channel_is_watched(client: Client) -> None:
    ticker = await soon(client.watch_ticker("BTC/USD"))
    candles = await soon(client.watch_ohlcv("BTC/USD", "5m"))
    trades = await soon(client.watch_trades("BTC/USD"))
    assert ticker["bid"] < ticker["ask"]
    assert candles[-1][0] % 300_000 == 0
    assert trades[-1]["price"] > 0
    for _ in range(3):
        book = await soon(client.watch_order_book("BTC/USD", 25))
        assert len(book["bids"]) == len(book["asks"]) == 25
        assert book["bids"][0][0] < book["asks"][0][0]


async def test_an_order_is_placed_changed_and_cancelled_and_its_fills_are_heard(client: Client) -> None:
    watched = asyncio.create_task(client.watch_my_trades())
    await soon(client.watch_balance())
    order = await soon(client.create_order_ws("BTC/USD", "market", "buy", 0.01))
    trades = await soon(watched)
    assert {trade["order"] for trade in trades} == {order["id"]}
    assert sum(trade["amount"] for trade in trades) == pytest.approx(0.01)
    resting = await soon(client.create_order_ws("BTC/USD", "limit", "buy", 0.01, 50_000))
    await soon(client.edit_order_ws(resting["id"], "BTC/USD", "limit", "buy", 0.02, 50_001))
    (changed,) = await client.fetch_open_orders()
    assert (changed["id"], changed["amount"], changed["price"]) == (resting["id"], 0.02, 50_001)
    assert await soon(client.cancel_order_ws(resting["id"]))
    assert await client.fetch_open_orders() == []


async def test_a_refused_order_is_refused_in_krakens_words(client: Client) -> None:
    with pytest.raises(ccxt.ExchangeError, match="EOrder:Insufficient funds"):
        await soon(client.create_order_ws("BTC/USD", "limit", "buy", 5, 50_000))


async def test_rest_knows_every_call_of_the_table(client: Client) -> None:
    placed = await client.create_orders(
        [
            {"symbol": "BTC/USD", "type": "limit", "side": "buy", "amount": 0.01, "price": price}
            for price in (50_000, 50_001)
        ]
    )
    assert len({order["id"] for order in placed}) == 2
    await client.cancel_orders([order["id"] for order in placed])
    await client.create_order("BTC/USD", "market", "buy", 0.01)
    trade = (await client.fetch_my_trades("BTC/USD"))[0]
    assert (await client.private_post_querytrades({"txid": trade["id"]}))["result"][trade["id"]]
    entry = (await client.fetch_ledger())[0]
    assert (await client.fetch_ledger_entries_by_ids([entry["id"]]))[0]["id"] == entry["id"]
    assert (await client.private_post_tradebalance())["result"]["eb"]
