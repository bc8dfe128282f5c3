"""The local Kraken's WebSocket v2, frame by frame, against recorded frames and the published description."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal as D
from pathlib import Path
from typing import Any

import pytest

from core.model.errors import Rejected
from core.model.market import ExchangeStatus
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.private import key_info
from core.sim.kraken.ws.session import HEARTBEAT_S, IDLE_S
from tests.support.kraken_hub import KEY, START_MS, Floor, Wire

QUIET = "MOG/USD"  # thin: many of its candles have no trade


@pytest.fixture
def floor() -> Iterator[Floor]:
    floor = Floor()
    yield floor
    floor.books.close()


def recorded(shared: Path | None, name: str) -> dict[str, Any] | None:
    file = shared / "data/market/kraken_responses/nautilus" / name if shared else None
    return json.loads(file.read_text()) if file is not None and file.exists() else None


def same_fields(theirs: dict[str, Any] | None, ours: dict[str, Any]) -> None:
    """Every field of a recorded object is ours too, as the same kind of JSON value."""
    for name, value in (theirs or {}).items():
        assert name in ours, name
        number = isinstance(value, int | float)
        assert isinstance(ours[name], int | float | D) if number else type(ours[name]) is type(value), name


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


# The account.


def test_without_a_good_token_nothing_private_is_told(floor: Floor) -> None:
    wire = floor.connect(private=True)
    wire.frames()
    for token in ("", "guess"):
        (answer,) = wire.subscribe("executions", token=token)
        assert (answer["success"], answer["error"]) == (False, "ESession:Invalid session")
    (answer,) = wire.subscribe("ticker", symbol=["BTC/USD"])
    assert answer["error"].startswith("Public market data subscriptions are unavailable")


def test_a_token_lasts_fifteen_minutes_and_as_long_as_the_connection_that_used_it(floor: Floor) -> None:
    old, used = floor.token(), floor.token()
    wire = floor.connect(private=True)
    wire.subscribe("balances", token=used)
    floor.wait(901)
    assert wire.subscribe("executions", token=used)[-2]["success"]
    late = floor.connect(private=True)
    late.frames()
    for token in (old, used):
        assert late.subscribe("balances", token=token)[0]["error"] == "ESession:Invalid session"


def test_an_orders_life_is_told_turn_by_turn_in_sequence(floor: Floor) -> None:
    wire = floor.account("executions")
    floor.order(cl_ord_id="mine", **{"close[ordertype]": "stop-loss", "close[price]": "40000"})
    frames = wire.frames("executions")
    rows = [row for frame in frames for row in frame["data"]]
    parent = [row for row in rows if row.get("cl_ord_id") == "mine"]
    kinds = [row["exec_type"] for row in parent]
    assert kinds[:2] == ["pending_new", "new"]
    assert kinds[-1] == "filled"
    assert set(kinds[2:-1]) == {"trade"}
    assert {row["order_status"] for row in parent if row["exec_type"] == "trade"} == {"partially_filled"}
    assert "symbol" not in parent[1]
    children = [row for row in rows if row.get("ord_ref_id") == parent[0]["order_id"]]
    assert [(row["exec_type"], row["order_type"]) for row in children] == [
        ("pending_new", "stop-loss")
    ] * len(kinds[2:-1])
    first = frames[0]["sequence"]
    assert [frame["sequence"] for frame in frames] == [*range(first, first + len(frames))]
    trades = [row for row in parent if row["exec_type"] == "trade"]
    assert sum(row["last_qty"] for row in trades) == parent[-1]["cum_qty"] == D("0.01")
    booked = floor.exchange.engine.fills()
    assert [row["exec_id"] for row in trades] == [fill.id for fill in booked]
    assert [row["fees"] for row in trades] == [[{"asset": "USD", "qty": fill.fee}] for fill in booked]


def test_cancels_amends_and_expiries_are_told_with_their_reason(floor: Floor) -> None:
    wire = floor.account("executions")
    limit = {"ordertype": "limit", "price": "50000"}
    gone = floor.order(**limit)
    floor.call("AmendOrder", txid=gone, limit_price="50001")
    floor.call("CancelOrder", txid=gone)
    floor.order(**limit, timeinforce="GTD", expiretm="+5")
    floor.wait(6)
    rows = wire.rows("executions")
    ends = [(row["exec_type"], row.get("reason"), row.get("limit_price")) for row in rows]
    assert ("amended", None, D(50001)) in ends
    assert ("canceled", "User requested", None) in ends
    assert ("expired", "Order expired", None) in ends


def test_the_snapshot_holds_open_orders_and_the_last_fifty_trades_as_asked(floor: Floor) -> None:
    floor.order()
    resting = floor.order(ordertype="limit", price="50000")
    for orders, trades in ((True, True), (True, False), (False, True), (False, False)):
        wire = floor.connect(private=True)
        frames = wire.subscribe("executions", token=floor.token(), snap_orders=orders, snap_trades=trades)
        ack = next(frame for frame in frames if frame.get("method") == "subscribe")
        assert (ack["result"]["snap_orders"], ack["result"]["snap_trades"]) == (orders, trades)
        (snapshot,) = [frame for frame in frames if frame.get("type") == "snapshot"]
        kinds = {row["exec_type"] for row in snapshot["data"]}
        assert kinds == {kind for kind, wanted in (("new", orders), ("trade", trades)) if wanted}
        assert snapshot["sequence"] == 1
        if orders:
            assert snapshot["data"][0]["order_id"] == resting


def test_only_open_and_close_are_told_to_who_wants_no_more(floor: Floor) -> None:
    wire = floor.account("executions", order_status=False)
    txid = floor.order(ordertype="limit", price="50000")
    floor.call("AmendOrder", txid=txid, limit_price="50001")
    floor.call("CancelOrder", txid=txid)
    assert [row["exec_type"] for row in wire.rows("executions")] == ["new", "canceled"]


def test_balances_follow_the_ledger_with_one_reference_a_trade(floor: Floor) -> None:
    wire = floor.connect(private=True)
    frames = wire.subscribe("balances", token=floor.token())
    totals = {
        row["asset"]: row["balance"] for f in frames if f.get("type") == "snapshot" for row in f["data"]
    }
    floor.order(volume="0.02")
    floor.exchange.deposit("BTC", D("0.5"))
    for frame in wire.frames("balances"):
        assert len({row["ref_id"] for row in frame["data"]}) == 1
        for row in frame["data"]:
            totals[row["asset"]] = totals.get(row["asset"], D(0)) + row["amount"] - row["fee"]
            assert totals[row["asset"]] == row["balance"]
    held = {name: one.total for name, one in floor.exchange.engine.balances().items()}
    assert totals == held


# Trading.


def ask(wire: Wire, method: str, **params: Any) -> dict[str, Any]:
    wire.frames()
    wire.say(method, **params)
    (answer,) = [frame for frame in wire.frames() if frame.get("method") == method]
    return answer


def test_an_order_is_placed_amended_and_cancelled_over_the_socket(floor: Floor, shared: Path | None) -> None:
    wire, token = floor.connect(private=True), floor.token()
    request = recorded(shared, "ws_add_order_request.json")
    params = request["params"] if request else {
        "order_type": "limit", "side": "buy", "order_qty": 0.01, "symbol": "BTC/USD", "limit_price": 30000.0,
        "time_in_force": "GTC", "cl_ord_id": "O-20260505-000001", "post_only": True,
    }  # fmt: skip
    added = ask(wire, "add_order", **params | {"token": token})
    same_fields(recorded(shared, "ws_add_order_response_success.json") and {"success": True}, added)
    txid = added["result"]["order_id"]
    assert added["result"]["cl_ord_id"] == params["cl_ord_id"]
    amended = ask(wire, "amend_order", order_id=txid, order_qty=0.005, token=token)
    assert amended["result"]["amend_id"].startswith("T")
    assert floor.exchange.engine.register.orders[txid].qty == D("0.005")
    assert ask(wire, "cancel_order", order_id=[txid], token=token)["result"] == {"order_id": txid}
    again = ask(wire, "cancel_order", order_id=[txid], token=token)
    assert (again["success"], again["error"]) == (False, "EOrder:Unknown order")


def test_refusals_over_the_socket_are_in_krakens_words(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    order = {"order_type": "limit", "side": "buy", "order_qty": 9, "symbol": "BTC/USD", "limit_price": 50000}
    assert ask(wire, "add_order", **order, token=token)["error"] == "EOrder:Insufficient funds"
    unknown = ask(wire, "add_order", **order, token=token, price=5)
    assert unknown["error"] == "Unsupported field: 'price' for the given msg type: add order"
    assert ask(wire, "add_order", **order, token="guess")["error"] == "ESession:Invalid session"
    elsewhere = ask(floor.connect(), "add_order", **order, token=token)
    assert elsewhere["error"].startswith("Private data and trading are unavailable")


@pytest.mark.parametrize(
    ("message", "sentence"),
    [
        ({"order_type": "stop-loss", "triggers": {"price": 50000}}, "stop loss 50000.0"),
        (
            {"order_type": "stop-loss-limit", "triggers": {"price": 50000}, "limit_price": 49000},
            "stop loss 50000.0 -> limit 49000.0",
        ),
        ({"order_type": "take-profit", "triggers": {"price": 150000}}, "take profit 150000.0"),
        (
            {"order_type": "trailing-stop", "triggers": {"price": 5, "price_type": "pct"}},
            "trailing stop +5.0000%",
        ),
        (
            {"order_type": "trailing-stop", "triggers": {"price": 500, "price_type": "quote"}},
            "trailing stop +500.0",
        ),
    ],
)
def test_triggered_kinds_over_the_socket_are_those_of_rest(
    floor: Floor, message: dict[str, Any], sentence: str
) -> None:
    floor.exchange.deposit("BTC", D(1))
    wire, token = floor.connect(private=True), floor.token()
    base = {"side": "sell", "order_qty": 0.1, "symbol": "BTC/USD", "token": token}
    txid = ask(wire, "add_order", **base, **message)["result"]["order_id"]
    row = floor.call("QueryOrders", txid=txid)[txid]
    assert row["descr"]["order"] == f"sell 0.10000000 XBTUSD @ {sentence}"


def test_a_dry_run_over_the_socket_places_nothing(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    answer = ask(
        wire, "add_order", order_type="market", side="buy", order_qty=0.01, symbol="BTC/USD", token=token,
        validate=True,
    )  # fmt: skip
    assert answer["success"]
    assert "order_id" not in answer["result"]
    assert not floor.exchange.engine.fills()


def test_a_batch_over_the_socket_answers_for_each_order(floor: Floor, shared: Path | None) -> None:
    wire, token = floor.connect(private=True), floor.token()
    request = recorded(shared, "ws_batch_add_request.json")
    orders = request["params"]["orders"] if request else [
        {"order_type": "limit", "side": side, "order_qty": 0.01, "limit_price": price, "cl_ord_id": name}
        for side, price, name in (("buy", 30000, "O-A"), ("sell", 31000, "O-B"))
    ]  # fmt: skip
    first, second = ask(wire, "batch_add", symbol="BTC/USD", orders=orders, token=token)["result"]
    assert first["success"]
    assert (second["success"], second["error"]) == (False, "EOrder:Insufficient funds")
    gone = ask(wire, "batch_cancel", orders=[first["order_id"]], token=token)
    assert gone["orders_cancelled"] == 1


def test_the_dead_mans_switch_is_armed_over_the_socket(floor: Floor) -> None:
    wire, token = floor.connect(private=True), floor.token()
    floor.order(ordertype="limit", price="50000")
    assert ask(wire, "cancel_all_orders_after", timeout=60, token=token)["result"]["triggerTime"] != "0"
    floor.wait(61)
    assert not floor.exchange.engine.open_orders()
    floor.order(ordertype="limit", price="50000")
    assert ask(wire, "cancel_all", token=token)["result"] == {"count": 1}


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


def test_a_key_is_told_about_itself(floor: Floor) -> None:
    assert key_info(floor.gate, KEY, START_MS)["nonce_window"] == "0"
