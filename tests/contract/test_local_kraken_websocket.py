"""The local Kraken's public WebSocket v2 against recorded frames and the published description."""

from __future__ import annotations

import asyncio
import json
import logging
import zlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from core.model.errors import Rejected
from core.model.market import ExchangeStatus
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.ws.session import HEARTBEAT_S, IDLE_S
from core.sim.kraken.ws.sockets import Sockets
from tests.support.kraken_hub import Floor, recorded, same_fields

QUIET = "MOG/USD"  # thin: many of its candles have no trade


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


def test_a_connection_is_greeted_with_the_status(floor: Floor) -> None:
    (greeting,) = floor.connect().frames()
    assert greeting["channel"] == "status"
    assert greeting["data"][0]["system"] == "online"
    assert greeting["data"][0]["api_version"] == "v2"


def test_each_symbol_is_acknowledged_for_itself(floor: Floor, shared: Path | None) -> None:
    wire = floor.connect()
    wire.frames()
    acks = [f for f in wire.subscribe("ticker", symbol=["BTC/USD", "XBT/USD", "ETH/USD"]) if "method" in f]
    assert [(ack["success"], ack.get("symbol") or ack["result"]["symbol"]) for ack in acks] == [
        (True, "BTC/USD"),
        (False, "XBT/USD"),
        (True, "ETH/USD"),
    ]
    assert acks[1]["error"] == "Currency pair not supported XBT/USD"
    assert all(ack["req_id"] == 7 for ack in acks)
    same_fields(recorded(shared, "ws_subscribe_response.json"), acks[0])


@pytest.mark.parametrize(
    ("channel", "options", "words"),
    [
        ("tickers", {"symbol": ["BTC/USD"]}, "Subscription name invalid"),
        ("ticker", {"symbol": "BTC/USD"}, "Symbol field must be an array"),
        ("ohlc", {"symbol": ["BTC/USD"], "interval": 7}, "Subscription ohlc interval not supported"),
        ("ohlc", {"symbol": ["BTC/USD"], "interval": "5"}, "Subscription ohlc interval must be an integer"),
        ("book", {"symbol": ["BTC/USD"], "depth": 11}, "Subscription depth not supported"),
        ("executions", {}, "Private data and trading are unavailable on this endpoint"),
    ],
)
def test_a_subscription_that_makes_no_sense_is_refused(
    floor: Floor, channel: str, options: dict[str, Any], words: str
) -> None:
    wire = floor.connect()
    wire.frames()
    (answer,) = wire.subscribe(channel, **options)
    assert not answer["success"]
    assert answer["error"].startswith(words)


def test_nonsense_is_a_malformed_request_and_the_connection_lives_on(floor: Floor) -> None:
    wire = floor.connect()
    wire.frames()
    for text in ("{nope", "[]", '"x"', "{}", '{"method":"subscribe","params":[]}', "[" * 5000):
        wire.session.hear(text)
    assert all(frame["success"] is False for frame in wire.frames())
    wire.say("ping")
    assert wire.frames()[0]["method"] == "pong"


def test_a_subscription_holds_once_and_ends(floor: Floor) -> None:
    wire = floor.connect()
    wire.frames()
    wire.subscribe("trade", symbol=["BTC/USD"])
    assert wire.subscribe("trade", symbol=["BTC/USD"])[0]["error"] == "Already subscribed"
    wire.say("unsubscribe", channel="trade", symbol=["BTC/USD"])
    assert wire.frames()[0]["success"]
    wire.say("unsubscribe", channel="trade", symbol=["BTC/USD"])
    assert wire.frames()[0]["error"] == "Subscription Not Found"
    floor.wait(60)
    assert not wire.frames("trade")


def test_ticker_and_trade_have_the_recorded_fields_and_follow_the_market(
    floor: Floor, shared: Path | None
) -> None:
    wire = floor.connect()
    (ticker,) = [f for f in wire.subscribe("ticker", symbol=["BTC/USD"]) if f.get("type") == "snapshot"]
    (trades,) = [f for f in wire.subscribe("trade", symbol=["BTC/USD"]) if f.get("type") == "snapshot"]
    for frame, name in ((ticker, "ws_ticker_snapshot.json"), (trades, "ws_trade_update.json")):
        theirs = recorded(shared, name)
        same_fields(theirs["data"][0] if theirs else None, frame["data"][0])
    assert ticker["data"][0]["last"] == floor.last()
    floor.wait(30)
    frames = wire.frames()
    assert [row["price"] for f in frames if f["channel"] == "trade" for row in f["data"]][-1] == floor.last()
    assert len([row for f in frames if f["channel"] == "trade" for row in f["data"]]) == 3


def rest_candles(floor: Floor, symbol: str, interval: int) -> dict[int, list[Any]]:
    listed = floor.exchange.listing.by_symbol[symbol]
    answer = json.loads(floor.exchange.ohlc.answer(listed, interval, None, floor.exchange.now_ms()))
    return {row[0]: row for row in answer[listed.id]}


@pytest.mark.parametrize("symbol", ["BTC/USD", QUIET])
@pytest.mark.parametrize("interval", [1, 5, 60])
@pytest.mark.parametrize("pause_s", [7, 100, 4000])
def test_candles_by_websocket_end_as_rest_shows_them_and_silence_is_silent(
    floor: Floor, symbol: str, interval: int, pause_s: int
) -> None:
    wire = floor.connect()
    snapshot = wire.subscribe("ohlc", symbol=[symbol], interval=interval)
    heard: dict[str, dict[str, Any]] = {
        row["interval_begin"]: row for f in snapshot if f.get("channel") == "ohlc" for row in f["data"]
    }
    began = floor.exchange.now_ms()
    for _ in range(40 if pause_s < 4000 else 6):
        floor.wait(pause_s)
        heard |= {row["interval_begin"]: row for row in wire.rows("ohlc")}
    rest = rest_candles(floor, symbol, interval)
    seconds = {_seconds(name): row for name, row in heard.items()}
    for opened, row in rest.items():
        if opened * 1000 + interval * 60_000 <= began:
            continue
        if row[7] == 0:
            assert opened not in seconds
        else:
            ours = seconds[opened]
            texts = [ours[name] for name in ("open", "high", "low", "close", "volume")]
            assert texts == [D(row[place]) for place in (1, 2, 3, 4, 6)]


def _seconds(text: str) -> int:
    return round(datetime.fromisoformat(text.replace(".000000000Z", "+00:00")).timestamp())


def test_a_candle_has_the_recorded_fields(floor: Floor, shared: Path | None) -> None:
    theirs = recorded(shared, "ws_ohlc_update.json")
    frames = floor.connect().subscribe("ohlc", symbol=["BTC/USD"], interval=5)
    row = next(f for f in frames if f.get("channel") == "ohlc")["data"][-1]
    same_fields(theirs["data"][0] if theirs else None, row)
    assert {"symbol", "open", "high", "low", "close", "trades", "volume", "vwap", "interval_begin"} <= set(
        row
    )


class Book:
    """A client's copy of a book, kept as Kraken's guide says."""

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.sides: dict[str, dict[D, tuple[str, str]]] = {"bids": {}, "asks": {}}

    def take(self, text: str) -> None:
        row = json.loads(text, parse_float=str, parse_int=str)["data"][0]
        for side, levels in self.sides.items():
            for level in row[side]:
                if D(level["qty"]) == 0:
                    levels.pop(D(level["price"]), None)
                else:
                    levels[D(level["price"])] = (level["price"], level["qty"])
            best = sorted(levels, reverse=side == "bids")[: self.depth]
            self.sides[side] = {price: levels[price] for price in best}
        assert self.checksum() == int(row["checksum"])

    def checksum(self) -> int:
        best = [*self.sides["asks"].values()][:10] + [*self.sides["bids"].values()][:10]
        digits = [n.replace(".", "").lstrip("0") for level in best for n in level]
        return zlib.crc32("".join(digits).encode())


@pytest.mark.parametrize("depth", [10, 25, 100, 500, 1000])
def test_a_book_kept_by_krakens_guide_has_krakens_checksum(floor: Floor, depth: int) -> None:
    wire, book = floor.connect(), Book(depth)
    wire.say("subscribe", channel="book", symbol=["BTC/USD"], depth=depth)
    updates = 0
    for _ in range(6):
        for text in wire.session.take():
            if '"channel":"book","type"' in text:
                book.take(text)
                updates += 1
        floor.wait(STEP_MS / 1000)
    assert updates == 6
    assert len(book.sides["asks"]) == depth


def test_an_own_resting_order_stands_in_the_public_book(floor: Floor) -> None:
    wire = floor.connect()
    price = floor.last().quantize(D(1)) - 30
    floor.order(ordertype="limit", price=str(price), volume="0.5")
    frames = wire.subscribe("book", symbol=["BTC/USD"], depth=1000)
    bids = next(f for f in frames if f.get("channel") == "book")["data"][0]["bids"]
    assert any(level["price"] == price and level["qty"] >= D("0.5") for level in bids)


def test_instruments_are_all_listed_with_the_recorded_fields(floor: Floor, shared: Path | None) -> None:
    (frame,) = [f for f in floor.connect().subscribe("instrument") if f.get("channel") == "instrument"]
    pairs = {row["symbol"]: row for row in frame["data"]["pairs"]}
    assert len(pairs) == len(floor.exchange.listing.pairs)
    if shared:
        file = shared / "data/market/kraken_responses/torquey66/ws_v2_instrument_snapshot.json"
        theirs = json.loads(file.read_text())["data"]
        same_fields(theirs["pairs"][0], pairs["BTC/USD"])
        same_fields(theirs["assets"][0], frame["data"]["assets"][0])


def test_a_subscribed_connection_hears_heartbeats_and_an_idle_one_is_closed(floor: Floor) -> None:
    listening, idle = floor.connect(), floor.connect()
    listening.subscribe("ticker", symbol=[QUIET])
    beats = 0
    for _ in range(int(IDLE_S / HEARTBEAT_S) + 5):
        floor.wait(HEARTBEAT_S)
        frames = listening.frames()
        assert frames, "something is heard every second"
        beats += sum(frame["channel"] == "heartbeat" for frame in frames)
    assert beats > 50
    assert idle.session.closed
    assert not listening.session.closed


def test_pings_keep_an_idle_connection(floor: Floor) -> None:
    wire = floor.connect()
    for _ in range(5):
        floor.wait(IDLE_S / 2)
        wire.say("ping")
    assert not wire.session.closed
    wire.frames()
    wire.say("ping")
    (pong,) = wire.frames()
    assert (pong["method"], pong["req_id"]) == ("pong", 7)


def test_a_changed_market_is_told_to_who_follows_the_instruments(floor: Floor) -> None:
    wire = floor.connect()
    wire.subscribe("instrument")
    floor.wait(20)
    assert not wire.frames("instrument")
    floor.switch("market", pair="ETH/USD", status="cancel_only")
    floor.wait(20)
    (news,) = wire.frames("instrument")
    assert [(row["symbol"], row["status"]) for row in news["data"]["pairs"]] == [("ETH/USD", "cancel_only")]


def test_the_exchanges_status_is_told_to_everybody_when_it_changes(floor: Floor) -> None:
    wire = floor.connect()
    wire.frames()
    floor.exchange.engine.status = ExchangeStatus.CANCEL_ONLY
    floor.wait(1)
    assert [frame["data"][0]["system"] for frame in wire.frames("status")] == ["cancel_only"]


def test_one_address_may_connect_150_times_in_ten_minutes() -> None:
    floor = Floor(tier="starter")
    for _ in range(150):
        floor.connect().session.close()
    with pytest.raises(Rejected):
        floor.connect()
    floor.wait(599)
    with pytest.raises(Rejected):
        floor.connect()
    floor.wait(2)
    floor.connect()
    floor.books.close()


async def test_a_client_that_leaves_during_the_handshake_leaves_nothing_behind(
    floor: Floor, caplog: pytest.LogCaptureFixture
) -> None:
    arrived, answered = asyncio.Event(), asyncio.Event()

    @web.middleware
    async def slow(request: web.Request, handler: Any) -> web.StreamResponse:
        arrived.set()
        while request.transport is not None:  # noqa: ASYNC110 - no event tells that a client left
            await asyncio.sleep(0)
        try:
            return await handler(request)
        finally:
            answered.set()

    app = web.Application(middlewares=[slow])
    app.add_routes(Sockets(lambda: floor.hub).routes())
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        _, writer = await asyncio.open_connection(*runner.addresses[0])
        writer.write(
            b"GET /v2 HTTP/1.1\r\nHost: here\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MTIzNDU2Nzg5MDEyMzQ1Ng==\r\n\r\n"
        )
        await arrived.wait()
        writer.transport.abort()
        await answered.wait()
    finally:
        await runner.cleanup()
    assert not floor.hub.sessions
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
