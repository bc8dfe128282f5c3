"""Prices and candles from the public socket: current, or not answered at all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.clock import ManualClock, SystemClock
from core.model.market import Candle, Timeframe
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_socket import Socket
from tests.support.scripted_kraken import ScriptedKraken
from tests.support.scripted_socket import ScriptedSocket, until

STEP = Timeframe.M5.ms
START = 1_700_000_100_000 // STEP * STEP


def rest_rows(*indexes: int, price: float = 100.0, volume: str = "1.5") -> dict[str, Any]:
    rows = [[(START + i * STEP) // 1000, *[str(price)] * 5, volume, 3] for i in indexes]
    return {"XXBTZUSD": rows, "last": (START + (indexes[-1] - 1) * STEP) // 1000}


def told(index: int, *prices: float, volume: float = 1.0) -> dict[str, Any]:
    begin = datetime.fromtimestamp((START + index * STEP) / 1000, UTC)
    opened, high, low, close = prices
    return {
        "symbol": "BTC/USD", "interval": 5, "interval_begin": f"{begin:%Y-%m-%dT%H:%M:%S}.000000000Z",
        "open": opened, "high": high, "low": low, "close": close, "volume": volume, "vwap": 1.0, "trades": 3,
        "timestamp": f"{begin:%Y-%m-%dT%H:%M:%S}.000000Z",
    }  # fmt: skip


TICKER = {
    "symbol": "BTC/USD", "bid": 105944.2, "bid_qty": 2.5, "ask": 105944.3, "ask_qty": 3.2, "last": 105899.4,
    "volume": 163.28908096, "vwap": 105904.39279, "low": 104711.0, "high": 106613.1, "change": 250.0,
    "change_pct": 0.24, "timestamp": "2022-12-25T09:30:59.123456Z",
}  # fmt: skip


class Bench:
    """A venue over both scripted servers, three candles in."""

    def __init__(self, kraken: ScriptedKraken, socket: ScriptedSocket, clock: ManualClock) -> None:
        self.kraken, self.socket, self.clock = kraken, socket, clock
        access = Access(kraken.url, ws_url=socket.url, traded=("BTC/USD",))
        self.venue = KrakenVenue(access, clock)
        self.tasks: list[asyncio.Task[None]] = []

    async def connect(self) -> None:
        await self.venue.start()
        self.tasks = [asyncio.create_task(one.run()) for one in self.venue.sockets]
        await self.venue.warm_up()
        await until(lambda: len(self.socket.subscribed("ohlc")) == 1)
        await asyncio.sleep(0.02)

    async def pass_to(self, index: int, extra_ms: int = 2000) -> None:
        """Let the candle `index` have closed, and the line speak afterwards."""
        self.clock.advance_to(START + (index + 1) * STEP + extra_ms)
        await self.socket.beat()
        await asyncio.sleep(0.02)

    async def candles(self) -> list[Candle]:
        return await self.venue.candles("BTC/USD", Timeframe.M5)

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.venue.close()


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    kraken, socket = await ScriptedKraken().start(), await ScriptedSocket().start()
    one = Bench(kraken, socket, ManualClock(START + 3 * STEP + 2000))
    kraken.results("OHLC", rest_rows(0, 1, 2, 3))
    await one.connect()
    yield one
    await one.close()
    await socket.stop()
    await kraken.stop()


async def test_pairs_that_are_traded_are_subscribed_to_with_one_frame_a_channel(bench: Bench) -> None:
    (ticker,), (trade,), (ohlc,) = (bench.socket.subscribed(one) for one in ("ticker", "trade", "ohlc"))
    assert ticker["symbol"] == trade["symbol"] == ohlc["symbol"] == ["BTC/USD"]
    assert (ohlc["interval"], ticker["event_trigger"]) == (5, "bbo")


async def test_after_a_warm_up_by_rest_candles_come_from_the_socket_alone(bench: Bench) -> None:
    assert [one.time_ms for one in await bench.candles()] == [START, START + STEP, START + 2 * STEP]
    await bench.socket.tell("ohlc", told(3, 100, 101, 99.5, 100.5))
    await bench.socket.tell("ohlc", told(3, 100, 102.5, 99.5, 101.25, volume=2.25))
    await bench.pass_to(3)
    newest = (await bench.candles())[-1]
    assert newest == Candle(START + 3 * STEP, 100.0, 102.5, 99.5, 101.25, 2.25)
    assert len(bench.kraken.requests("OHLC")) == 1


async def test_silence_is_a_flat_candle_as_rest_gives_it(bench: Bench) -> None:
    await bench.candles()
    await bench.socket.tell("ohlc", told(4, 100.5, 101, 100, 100.75))
    await bench.pass_to(6)
    flat = [Candle(START + i * STEP, 100.75, 100.75, 100.75, 100.75, 0.0) for i in (5, 6)]
    heard = await bench.candles()
    # The candle in which the line began may have been told of before: REST is asked for that one.
    assert len(bench.kraken.requests("OHLC")) == 2 and heard[-1].time_ms == START + 2 * STEP
    bench.kraken.results("OHLC", rest_rows(3, 4))
    assert [one.time_ms for one in await bench.candles()][-1] == START + 3 * STEP
    again = await bench.candles()
    assert again[-3:] == [Candle(START + 4 * STEP, 100.5, 101.0, 100.0, 100.75, 1.0), *flat]
    assert len(bench.kraken.requests("OHLC")) == 3


async def test_a_candle_whose_last_trade_may_be_on_its_way_is_asked_for(bench: Bench) -> None:
    await bench.candles()
    await bench.socket.tell("ohlc", told(3, 100, 101, 99.5, 100.5))
    await asyncio.sleep(0.02)
    bench.clock.advance_to(START + 4 * STEP + 2000)  # and no frame since
    bench.kraken.results("OHLC", rest_rows(3, 4, price=100.25))
    assert (await bench.candles())[-1].close == 100.25
    assert len(bench.kraken.requests("OHLC")) == 2


async def test_a_candle_that_changes_after_it_was_given_is_read_again(bench: Bench) -> None:
    await bench.candles()
    await bench.socket.tell("ohlc", told(3, 100, 101, 99.5, 100.5))
    await bench.pass_to(3)
    assert (await bench.candles())[-1].close == 100.5
    await bench.socket.tell("ohlc", told(3, 100, 101, 99.5, 99.75))
    await bench.pass_to(4)
    bench.kraken.results("OHLC", rest_rows(2, 3, 4, 5, price=99.75))
    assert (await bench.candles())[-1].close == 99.75
    assert "since" not in bench.kraken.requests("OHLC")[-1], "all of it"


async def test_what_was_missed_while_the_line_was_down_is_asked_for(bench: Bench) -> None:
    await bench.candles()
    await bench.socket.hang_up()
    await until(lambda: bench.socket.connects == 2)
    await until(lambda: not bench.venue.troubles()["public socket"])
    await bench.pass_to(3)
    bench.kraken.results("OHLC", rest_rows(3, 4, price=100.25))
    assert (await bench.candles())[-1].close == 100.25
    assert bench.kraken.requests("OHLC")[-1]["since"] == str((START + 2 * STEP) // 1000)


async def test_prices_are_the_sockets_while_it_is_fresh_and_a_trade_moves_the_last(bench: Bench) -> None:
    await bench.socket.tell("ticker", TICKER, kind="snapshot")
    await bench.socket.tell("trade", {"symbol": "BTC/USD", "price": 105944.3, "qty": 0.1, "side": "buy"})
    await asyncio.sleep(0.02)
    quote = (await bench.venue.quotes(["BTC/USD"]))["BTC/USD"]
    assert (quote.bid, quote.ask, quote.last) == tuple(map(Decimal, ("105944.2", "105944.3", "105944.3")))
    assert quote.volume_24h == Decimal("163.28908096") and quote.open_24h == Decimal("105649.4")
    assert not bench.kraken.requests("Ticker")


async def test_prices_of_a_silent_line_are_not_believed(bench: Bench) -> None:
    await bench.socket.tell("ticker", TICKER, kind="snapshot")
    await asyncio.sleep(0.02)
    bench.clock.advance(11_000)
    row = {"a": ["3", "1", "1"], "b": ["1", "1", "1"], "c": ["2", "1"], "v": ["1", "1"], "o": "2"}
    bench.kraken.results("Ticker", {"XXBTZUSD": row})
    assert (await bench.venue.quotes(["BTC/USD"]))["BTC/USD"].bid == 1


async def test_another_pair_is_subscribed_to_when_it_is_asked_for_and_dropped_when_it_is_not(
    bench: Bench,
) -> None:
    row = {"a": ["3", "1", "1"], "b": ["1", "1", "1"], "c": ["2", "1"], "v": ["1", "1"], "o": "2"}
    bench.kraken.results("Ticker", {"XETHZUSD": row})
    await bench.venue.quotes(["ETH/USD"])
    await until(lambda: len(bench.socket.subscribed("ticker")) == 2)
    bench.clock.advance(3_700_000)
    bench.kraken.results("Ticker", {"XDGEUR": row})
    await bench.venue.quotes(["DOGE/EUR"])
    await until(lambda: any(one["method"] == "unsubscribe" for one in bench.socket.asked))
    dropped = [one["params"]["symbol"] for one in bench.socket.asked if one["method"] == "unsubscribe"]
    assert dropped == [["ETH/USD"], ["ETH/USD"]], "its ticker and its trades"


@pytest.mark.parametrize(
    "frame",
    [
        "no json",
        "[1, 2]",
        '{"channel":"ticker","type":"update","data":{}}',
        '{"channel":"ticker","type":"update","data":[{"symbol":"BTC/USD","bid":NaN}]}',
        '{"channel":"ohlc","type":"update","data":[{"symbol":"BTC/USD","interval":5}]}',
        '{"channel":"ticker","type":"update","data":[7]}',
    ],
)
async def test_a_frame_that_cannot_be_believed_ends_the_line_and_a_new_one_follows(
    bench: Bench, frame: str
) -> None:
    await bench.socket.say(frame)
    await until(lambda: bench.socket.connects == 2)
    await until(lambda: not bench.venue.troubles()["public socket"])


async def test_a_pair_that_the_socket_refuses_is_asked_for_by_rest(bench: Bench) -> None:
    bench.socket.refusals["ohlc"] = "Currency pair not supported BTC/USD"
    await bench.socket.hang_up()
    await until(lambda: bench.socket.connects == 2)
    await bench.candles()
    await bench.pass_to(3)
    bench.kraken.results("OHLC", rest_rows(3, 4))
    await bench.candles()
    assert len(bench.kraken.requests("OHLC")) == 2


class Deaf:
    """Subscribes to nothing and hears nothing."""

    async def opened(self) -> None: ...

    def heard(self, frame: dict[str, Any]) -> None: ...

    def closed(self) -> None: ...


async def test_a_line_that_nobody_takes_says_so_in_plain_words(unused_tcp_port: int) -> None:
    line = Socket("public socket", f"ws://127.0.0.1:{unused_tcp_port}", Deaf(), SystemClock())
    running = asyncio.create_task(line.run())
    await until(lambda: "failed" in line.trouble)
    running.cancel()
    assert line.trouble == "the connection failed (connection refused)"
