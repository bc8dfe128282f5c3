"""What Kraken was recorded saying, by clients that are not ours, read through our shapes.

Where the recordings are not beside the clone, answers of our own in the published shape stand in.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.model.market import ExchangeStatus, Timeframe
from core.model.orders import OrderStatus
from core.venues import kraken_shapes as shapes
from core.venues.kraken_candles import closed_rows
from core.venues.kraken_names import PairBook
from core.venues.kraken_wire import check_envelope, decode
from tests.support.scripted_kraken import PAIRS, order_row, trade_row

FOLDER = "data/market/kraken_responses"
ENVELOPES = ("jkorf/Endpoints_Spot_*.json", "nautilus/http_*.json", "saveriocolla90/*.json", "xchange/*.json")
START = 1_762_777_200

OWN: dict[str, Any] = {
    "pairs": PAIRS,
    "ohlc": {
        "XBTUSDT": [[START + 60 * i, "5", "5", "5", "5", "0", "0.0", 0] for i in range(60)],
        "last": START + 60 * 58,
    },
    "open": {"open": {"O1": order_row(), "O2": order_row(refid=None)}},
    "closed": {"closed": {"O3": order_row(status="closed", closetm=1700000001.0)}},
    "trades": {"trades": {"T1": trade_row(1700000000.5), "T2": trade_row(1700000000.5)}},
    "balances": {"XXBT": {"balance": "1.2435", "hold_trade": "0.8423"}},
    "fees": {
        "volume": "1",
        "fees": {"XXBTZUSD": {"fee": "0.1000"}},
        "fees_maker": {"XXBTZUSD": {"fee": "0.0"}},
    },
    "permissions": {"permissions": ["withdraw-funds"]},
    "status": {"status": "online"},
    "ticker": {
        "XXBTZUSD": {"a": ["3", "1", "1"], "b": ["2", "1", "1"], "c": ["2", "1"], "v": ["1", "1"], "o": "2"}
    },
}
RECORDED: dict[str, tuple[str, ...]] = {
    "pairs": ("nautilus/http_asset_pairs.json",),
    "ohlc": ("nautilus/http_ohlc.json",),
    "open": (
        "jkorf/Endpoints_Spot_Trading_GetOpenOrders.json", "nautilus/http_open_orders.json",
        "saveriocolla90/open_orders.json", "xchange/trading_openorders-data.json",
    ),
    "closed": ("jkorf/Endpoints_Spot_Trading_GetClosedOrders.json", "nautilus/http_closed_orders.json"),
    "trades": ("jkorf/Endpoints_Spot_Trading_GetUserTrades.json", "nautilus/http_trades_history.json"),
    "balances": ("jkorf/Endpoints_Spot_Account_GetAvailableBalances.json",),
    "fees": ("jkorf/Endpoints_Spot_Account_GetTradeVolume.json",),
    "permissions": ("jkorf/Endpoints_Spot_Account_GetApiKeyInfo.json",),
    "status": ("nautilus/http_system_status.json",),
    "ticker": (
        "saveriocolla90/ticker.json", "nautilus/http_ticker.json",
    ),
}  # fmt: skip


class Answers:
    """Recorded results by what they are of, each through our own decoding and envelope check."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    def of(self, what: str) -> Iterator[dict[str, Any]]:
        """Our own answer, then every recorded one."""
        yield decode(json.dumps(OWN[what]))
        for name in RECORDED[what] if self.folder else ():
            yield self._read(name)

    def _read(self, name: str) -> dict[str, Any]:
        assert self.folder is not None
        whole = decode((self.folder / name).read_text())
        return check_envelope(200, whole.get("response", whole), write=False, now_ms=0)

    def book(self) -> PairBook:
        if self.folder is None:
            return PairBook(shapes.pairs(PAIRS))
        rows = decode((self.folder / "cryptofeed/AssetPairs_full_2021-04-17.json").read_text())
        return PairBook(shapes.pairs(rows.get("result", rows)))


@pytest.fixture(scope="session")
def answers(shared: Path | None) -> Answers:
    return Answers(shared / FOLDER if shared else None)


@pytest.fixture(scope="session")
def book(answers: Answers) -> PairBook:
    return answers.book()


def test_a_full_list_of_pairs_is_read(answers: Answers, book: PairBook) -> None:
    assert len(book.pairs) > (250 if answers.folder else 2)
    assert book.pairs["BTC/USD"].venue_id == "XXBTZUSD"
    assert book.symbol("XBTUSD") == "BTC/USD"
    assert all("/" in symbol and pair.tick > 0 and pair.lot > 0 for symbol, pair in book.pairs.items())


def test_todays_pairs_bring_their_tick_size(answers: Answers) -> None:
    for result in answers.of("pairs"):
        (pair, names), *_ = shapes.pairs(result)
        assert (pair.base, pair.tick, pair.min_qty) == ("BTC", Decimal("0.1"), Decimal("0.00005"))
        assert any(name.startswith("XBTUSD") for name in names)


def test_the_forming_row_is_the_one_after_the_committed(answers: Answers) -> None:
    for result in answers.of("ohlc"):
        newest, minutes = int(result["last"]), result["XBTUSDT"]
        assert minutes[-1][0] == newest + 60
        # Every fifth minute stands for a candle of five; the last one is not committed yet.
        fifths = [row for row in minutes if row[0] % 300 == 0]
        five = {"XBTUSDT": fifths, "last": fifths[-2][0]}
        candles = closed_rows(five, "XBTUSDT", Timeframe.M5, newest * 1000 + 600_000)
        assert [one.time_ms // 1000 for one in candles] == [row[0] for row in fifths[:-1]]


def test_open_orders_are_read(answers: Answers, book: PairBook) -> None:
    for result in answers.of("open"):
        orders = [shapes.order(txid, row, book.symbol) for txid, row in result["open"].items()]
        assert orders and {one.status for one in orders} == {OrderStatus.OPEN}
        assert all(one.parent_txid is None and "/" in one.symbol for one in orders)


def test_closed_orders_are_read(answers: Answers, book: PairBook) -> None:
    for result in answers.of("closed"):
        orders = [shapes.order(txid, row, book.symbol) for txid, row in result["closed"].items()]
        assert orders and all(one.status.final and one.closed_ms for one in orders)
        assert all((one.average is None) == (one.filled == 0) for one in orders)


def test_trades_are_read(answers: Answers, book: PairBook) -> None:
    for result in answers.of("trades"):
        fills = [shapes.fill(one, row, book.symbol) for one, row in result["trades"].items()]
        assert len(fills) == 2
        assert all(one.qty > 0 and one.cost > 0 and one.time_ms > 1_600_000_000_000 for one in fills)


def test_balances_fees_permissions_and_status_are_read(answers: Answers) -> None:
    for result in answers.of("balances"):
        assert shapes.balances(result)["BTC"].free == Decimal("1.2435") - Decimal("0.8423")
    for result in answers.of("fees"):
        rates = shapes.fees(result, "XXBTZUSD")
        assert (rates.maker, rates.taker) == (0, Decimal("0.001"))
    for result in answers.of("permissions"):
        assert "withdraw-funds" in shapes.permissions(result)
    for result in answers.of("status"):
        assert shapes.status(result) is ExchangeStatus.ONLINE


def test_a_balance_without_holds_is_not_taken_for_one_with() -> None:
    with pytest.raises(shapes.BadShape):
        shapes.balances({"ZUSD": "171288.6158"})


def test_tickers_are_read(answers: Answers, book: PairBook) -> None:
    for result in answers.of("ticker"):
        for name, row in result.items():
            quote = shapes.quote(book.symbol(name), row, 0)
            assert quote is not None and 0 < quote.bid <= quote.ask


def test_every_recorded_envelope_is_sound_or_an_error(answers: Answers) -> None:
    found = answers.folder.glob if answers.folder else lambda _: iter(())
    replies = [json.loads(path.read_text()) for pattern in ENVELOPES for path in found(pattern)]
    replies = [one.get("response", one) for one in replies] + [
        {"error": [], "result": one} for one in OWN.values()
    ]
    sound = [one for one in replies if one.get("error") == [] and isinstance(one.get("result"), dict)]
    assert all(check_envelope(200, one, write=False, now_ms=0) == one["result"] for one in sound)
    assert len(sound) > (60 if answers.folder else 5)
