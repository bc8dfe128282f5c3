"""What Kraken was recorded saying, by clients that are not ours, read through our shapes."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.model.market import ExchangeStatus, Timeframe
from core.model.orders import OrderStatus, OrderType
from core.venues import kraken_shapes as shapes
from core.venues.kraken_candles import closed_rows
from core.venues.kraken_names import PairBook
from core.venues.kraken_wire import check_envelope, decode

RECORDED = Path(__file__).parents[2] / "../shared/data/market/kraken_responses"
pytestmark = pytest.mark.skipif(
    not RECORDED.exists(), reason="the recorded answers are not beside this clone"
)
ENVELOPES = ("jkorf/Endpoints_Spot_*.json", "nautilus/http_*.json", "saveriocolla90/*.json", "xchange/*.json")


def result(name: str) -> dict[str, Any]:
    """The result of a recorded reply, through our own decoding and envelope check."""
    body = (RECORDED / name).read_text()
    whole = decode(body)
    return check_envelope(200, whole.get("response", whole), write=False, now_ms=0)


def book() -> PairBook:
    rows = decode((RECORDED / "cryptofeed/AssetPairs_full_2021-04-17.json").read_text())
    return PairBook(shapes.pairs(rows.get("result", rows)))


def test_a_full_list_of_pairs_is_read() -> None:
    names = book()
    assert len(names.pairs) > 250
    assert names.pairs["BTC/USD"].venue_id == "XXBTZUSD"
    assert names.pairs["DOGE/USD"].venue_id == "XDGUSD"
    assert names.symbol("XBTUSD") == "BTC/USD"
    assert all("/" in symbol and pair.tick > 0 and pair.lot > 0 for symbol, pair in names.pairs.items())


def test_todays_pairs_bring_their_tick_size() -> None:
    (pair, names), *_ = shapes.pairs(result("nautilus/http_asset_pairs.json"))
    assert (pair.symbol, pair.tick, pair.min_qty) == ("BTC/USDT", Decimal("0.1"), Decimal("0.00005"))
    assert "XBTUSDT" in names


def test_the_forming_row_of_recorded_candles_is_dropped() -> None:
    rows = result("nautilus/http_ohlc.json")
    newest, minutes = int(rows["last"]), rows["XBTUSDT"]
    assert minutes[-1][0] == newest + 60, "the last row is the one after the committed"
    # Every fifth minute stands for a candle of five; the last one is not committed yet.
    fifths = [row for row in minutes if row[0] % 300 == 0]
    candles = closed_rows({"XBTUSDT": fifths, "last": fifths[-2][0]}, "XBTUSDT", Timeframe.M5, newest * 1000)
    assert [one.time_ms // 1000 for one in candles] == [row[0] for row in fifths[:-1]]


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("jkorf/Endpoints_Spot_Trading_GetOpenOrders.json", 2),
        ("nautilus/http_open_orders.json", 2),
        ("saveriocolla90/open_orders.json", 1),
        ("xchange/trading_openorders-data.json", 2),
    ],
)
def test_recorded_open_orders_are_read(name: str, count: int) -> None:
    rows = result(name)["open"]
    orders = [shapes.order(txid, row, book().symbol) for txid, row in rows.items()]
    assert len(orders) >= count
    assert {one.status for one in orders} == {OrderStatus.OPEN}
    assert all(one.parent_txid is None and "/" in one.symbol for one in orders)


def test_recorded_closed_orders_are_read() -> None:
    for name in ("jkorf/Endpoints_Spot_Trading_GetClosedOrders.json", "nautilus/http_closed_orders.json"):
        rows = result(name)["closed"]
        orders = [shapes.order(txid, row, book().symbol) for txid, row in rows.items()]
        assert all(one.status.final and one.closed_ms for one in orders)
    (stop,) = [one for one in orders if one.type is OrderType.MARKET]
    assert (stop.filled, stop.average, stop.fee) == (Decimal(1), Decimal(1850), Decimal("2.7750"))


def test_recorded_trades_are_read() -> None:
    for name in ("jkorf/Endpoints_Spot_Trading_GetUserTrades.json", "nautilus/http_trades_history.json"):
        fills = [shapes.fill(one, row, book().symbol) for one, row in result(name)["trades"].items()]
        assert len(fills) == 2
        assert all(one.qty > 0 and one.cost > 0 and one.time_ms > 1_600_000_000_000 for one in fills)


def test_recorded_balances_fees_and_permissions_are_read() -> None:
    balances = shapes.balances(result("jkorf/Endpoints_Spot_Account_GetAvailableBalances.json"))
    assert balances["BTC"].free == Decimal("1.2435") - Decimal("0.8423")
    fees = shapes.fees(result("jkorf/Endpoints_Spot_Account_GetTradeVolume.json"), "XXBTZUSD")
    assert (fees.maker, fees.taker) == (0, Decimal("0.001"))
    assert "withdraw-funds" in shapes.permissions(result("jkorf/Endpoints_Spot_Account_GetApiKeyInfo.json"))
    assert shapes.status(result("nautilus/http_system_status.json")) is ExchangeStatus.ONLINE


def test_a_balance_without_holds_is_not_taken_for_one_with() -> None:
    with pytest.raises(shapes.BadShape):
        shapes.balances(result("jkorf/Endpoints_Spot_Account_GetBalances.json"))


def test_recorded_tickers_are_read() -> None:
    for name in (
        "saveriocolla90/ticker.json",
        "nautilus/http_ticker.json",
        "xchange/marketdata_ticker-data.json",
    ):
        for pair, row in result(name).items():
            quote = shapes.quote(book().symbol(pair), row, 0)
            assert quote is not None and 0 < quote.bid <= quote.ask


def test_every_recorded_envelope_is_sound_or_an_error() -> None:
    seen = 0
    for path in sorted(one for pattern in ENVELOPES for one in RECORDED.glob(pattern)):
        reply = json.loads(path.read_text())
        reply = reply.get("response", reply)
        if "error" in reply and not reply["error"] and isinstance(reply.get("result"), dict):
            assert check_envelope(200, reply, write=False, now_ms=0) == reply["result"]
            seen += 1
    assert seen > 60
