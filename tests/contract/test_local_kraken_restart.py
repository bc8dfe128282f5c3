"""A stopped or killed local Kraken is met again: the same candles, orders, money and time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import ccxt.async_support as ccxt
import pytest

from core.clock import ManualClock, ScaledClock
from core.model.errors import ConfigError
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET, LocalKraken

START_MS = 1_790_000_000_000
ROOT = Path(__file__).parents[2]


@asynccontextmanager
async def client(url: str) -> AsyncIterator[Any]:
    apis = {"public": url, "private": url, "zendesk": url}
    settings = {"apiKey": DEMO_KEY, "secret": DEMO_SECRET, "enableRateLimit": False, "timeout_on_exit": 0}
    exchange = ccxt.kraken({**settings, "urls": {"api": apis}})
    try:
        yield exchange
    finally:
        await exchange.close()


async def seen(exchange: Any) -> dict[str, Any]:
    """What a client knows of the exchange's past, straight from the wire."""
    answers = {
        "open": await exchange.private_post_openorders({"trades": True}),
        "closed": await exchange.private_post_closedorders({"trades": True}),
        "trades": await exchange.private_post_tradeshistory(),
        "balances": await exchange.private_post_balanceex(),
        "ledger": await exchange.private_post_ledgers(),
        "volume": await exchange.private_post_tradevolume({"pair": "XBTUSD"}),
    }
    return {name: answer["result"] for name, answer in answers.items()}


async def trade_a_little(exchange: Any) -> None:
    stop = {"close[ordertype]": "stop-loss", "close[price]": "50000", "cl_ord_id": "first"}
    order = {"pair": "XBTUSD", "type": "buy", "ordertype": "market", "volume": "0.04"}
    await exchange.private_post_addorder(order | stop)
    limit = {"pair": "ETHUSD", "type": "buy", "ordertype": "limit", "volume": "0.1", "price": "1000"}
    kept = await exchange.private_post_addorder(limit)
    gone = await exchange.private_post_addorder(limit | {"price": "900"})
    await exchange.private_post_cancelorder({"txid": gone["result"]["txid"][0]})
    await exchange.private_post_amendorder({"txid": kept["result"]["txid"][0], "limit_price": "1100"})
    await exchange.private_post_cancelallordersafter({"timeout": 3600})


async def candles(exchange: Any) -> list[Any]:
    return list((await exchange.public_get_ohlc({"pair": "XBTUSD", "interval": 5}))["result"]["XXBTZUSD"])


async def test_a_stopped_exchange_is_the_same_when_it_starts_again(tmp_path: Path) -> None:
    books, clock = tmp_path / "kraken.db", ManualClock(START_MS)
    first = LocalKraken(clock, books=books, symbols=())
    async with client(await first.start()) as exchange:
        await trade_a_little(exchange)
        clock.advance(900_000)
        before, rows = await seen(exchange), await candles(exchange)
    await first.stop()
    later = ManualClock(0)
    second = LocalKraken(later, seed=99, books=books, symbols=())
    async with client(await second.start()) as exchange:
        assert later.now_ms == clock.now_ms
        assert await seen(exchange) == before
        assert await candles(exchange) == rows
    await second.stop()


async def test_a_price_moved_by_hand_stays_moved(tmp_path: Path) -> None:
    books, clock = tmp_path / "kraken.db", ManualClock(START_MS)
    first = LocalKraken(clock, books=books, symbols=())
    url = await first.start()
    async with aiohttp.ClientSession() as session, client(url) as exchange:
        await session.post(f"{url}/__sim__/quote", json={"pair": "XBTUSD", "price": 70_000})
        clock.advance(600_000)
        rows = await candles(exchange)
    await first.stop()
    second = LocalKraken(clock, books=books, symbols=())
    async with client(await second.start()) as exchange:
        assert await candles(exchange) == rows
        assert 65_000 < float(rows[-1][4]) < 75_000
    await second.stop()


async def test_a_resting_stop_still_fires_after_a_restart(tmp_path: Path) -> None:
    books, clock = tmp_path / "kraken.db", ManualClock(START_MS)
    first = LocalKraken(clock, books=books, symbols=())
    async with client(await first.start()) as exchange:
        await trade_a_little(exchange)
    await first.stop()
    second = LocalKraken(clock, books=books, symbols=())
    url = await second.start()
    async with aiohttp.ClientSession() as session, client(url) as exchange:
        clock.advance(10_000)
        await session.post(f"{url}/__sim__/quote", json={"pair": "XBTUSD", "price": 45_000})
        trades = (await exchange.private_post_tradeshistory())["result"]["trades"].values()
        assert {trade["ordertype"] for trade in trades} == {"market", "stop-loss"}
        balances = (await exchange.private_post_balance())["result"]
        assert float(balances["XXBT"]) == 0
    await second.stop()


async def test_nonces_of_before_are_not_taken_again(tmp_path: Path) -> None:
    books, clock = tmp_path / "kraken.db", ManualClock(START_MS)
    for words in (None, "EAPI:Invalid nonce"):
        kraken = LocalKraken(clock, books=books, symbols=())
        async with client(await kraken.start()) as exchange:
            exchange.incrementing_nonce = lambda *_: 4_000_000_000_000
            exchange.nonce = exchange.incrementing_nonce
            if words is None:
                await exchange.private_post_balance()
            else:
                with pytest.raises(ccxt.InvalidNonce, match=words):
                    await exchange.private_post_balance()
        await kraken.stop()


async def test_books_in_use_are_refused_in_one_line(tmp_path: Path) -> None:
    books = tmp_path / "kraken.db"
    first = LocalKraken(ManualClock(START_MS), books=books, symbols=())
    await first.start()
    second = LocalKraken(ManualClock(START_MS), books=books, symbols=())
    with pytest.raises(ConfigError, match="cannot use its books"):
        await second.start()
    await first.stop()


def spawn(folder: Path, port: int, *more: str) -> subprocess.Popen[str]:
    code = (
        "import argparse, asyncio, sys; from bot.cli import sim; p = argparse.ArgumentParser();"
        "sim.add_parser(p.add_subparsers()); a = p.parse_args(['sim', *sys.argv[1:]]);"
        "sys.exit(asyncio.run(sim.run(a)))"
    )
    command = [sys.executable, "-c", code, "--port", str(port), *more]
    environment = os.environ | {"ZYN_DATA_DIR": str(folder)}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def end(process: subprocess.Popen[str], how: signal.Signals) -> int:
    process.send_signal(how)
    code = process.wait(10)
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()
    return code


async def test_a_killed_exchange_loses_nothing_and_never_goes_back_in_time(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    process = spawn(tmp_path, unused_tcp_port, "--speed", "60")
    assert DEMO_KEY in await asyncio.to_thread(first_line, process)
    url = f"http://127.0.0.1:{unused_tcp_port}"
    async with client(url) as exchange, aiohttp.ClientSession() as session:
        await trade_a_little(exchange)
        before, rows = await seen(exchange), await candles(exchange)
        clock = json.loads(await (await session.get(f"{url}/__sim__/clock")).text())
    await asyncio.to_thread(end, process, signal.SIGKILL)
    process = spawn(tmp_path, unused_tcp_port, "--speed", "1")
    assert DEMO_KEY in await asyncio.to_thread(first_line, process)
    async with client(url) as exchange, aiohttp.ClientSession() as session:
        again = json.loads(await (await session.get(f"{url}/__sim__/clock")).text())
        after, later_rows = await seen(exchange), await candles(exchange)
    assert clock["now_ms"] <= again["now_ms"] < clock["now_ms"] + 120_000
    assert {**after, "open": None} == {**before, "open": None}
    assert set(after["open"]["open"]) == set(before["open"]["open"])
    closed = rows[:-1]
    assert [row for row in later_rows if row[0] <= closed[-1][0]][-100:] == closed[-100:]
    assert await asyncio.to_thread(end, process, signal.SIGTERM) == 0


async def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    kraken = LocalKraken(ManualClock(START_MS), symbols=())
    port = (await kraken.start()).rsplit(":", 1)[1]
    process = spawn(tmp_path, int(port))
    out, err = await asyncio.to_thread(process.communicate, None, 20)
    assert (process.returncode, out) == (1, "")
    assert err.startswith(f"zyn sim: port {port} cannot be used") and err.count("\n") == 1
    await kraken.stop()


async def test_the_speed_is_changed_from_outside() -> None:
    kraken = LocalKraken(ScaledClock(START_MS, 1.0), symbols=())
    url = await kraken.start()
    async with aiohttp.ClientSession() as session:
        reply = await (await session.post(f"{url}/__sim__/clock", json={"speed": 60})).json()
        assert reply["speed"] == 60
        refused = await session.post(f"{url}/__sim__/clock", json={"speed": -1})
        assert refused.status == 400
    await kraken.stop()
