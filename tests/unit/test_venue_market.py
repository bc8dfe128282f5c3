"""Public data of the exchange manager: names, grids, candles and quotes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from core.clock import ManualClock
from core.model.errors import Refused, Transient
from core.model.market import Candle, ExchangeStatus, PairStatus, Timeframe
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_candles import closed_rows, fill_holes
from core.venues.kraken_names import asset_code
from core.venues.kraken_shapes import BadShape
from tests.support.scripted_kraken import PAIRS, Answer, ScriptedKraken, said

STEP = Timeframe.M5.ms
START = 1_700_000_100_000 // STEP * STEP


def row(index: int, price: float = 100.0, volume: str = "1.5") -> list[Any]:
    text = f"{price:.1f}"
    return [(START + index * STEP) // 1000, text, text, text, text, text, volume, 3]


def ohlc(*indexes: int, last: int | None = None) -> dict[str, Any]:
    """Rows by index; `last` is the newest committed one, else the one before the end."""
    committed = indexes[-2] if last is None else last
    return {"XXBTZUSD": [row(i) for i in indexes], "last": (START + committed * STEP) // 1000}


@pytest.fixture
async def kraken() -> AsyncIterator[ScriptedKraken]:
    server = await ScriptedKraken().start()
    yield server
    await server.stop()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START + 3 * STEP + 2000)


@pytest.fixture
async def venue(kraken: ScriptedKraken, clock: ManualClock) -> AsyncIterator[KrakenVenue]:
    one = KrakenVenue(Access(kraken.url), clock)
    await one.start()
    yield one
    await one.close()


async def test_the_grid_is_the_tick_size_and_not_the_printed_decimals(venue: KrakenVenue) -> None:
    pairs = await venue.pairs()
    doge = pairs["DOGE/EUR"]
    assert (doge.tick, doge.lot, doge.min_qty) == (Decimal("0.005"), Decimal("0.00001"), Decimal(13))
    assert doge.price(Decimal("150.003")) == Decimal("150.005")
    assert pairs["BTC/USD"].venue_id == "XXBTZUSD"


async def test_pairs_are_read_once_in_four_hours(
    kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock
) -> None:
    await venue.pairs()
    await venue.pairs()
    assert len(kraken.requests("AssetPairs")) == 1
    kraken.results("AssetPairs", {**PAIRS, "XXBTZUSD": {**PAIRS["XXBTZUSD"], "status": "cancel_only"}})
    clock.advance(4 * 3_600_000)
    assert (await venue.pairs())["BTC/USD"].status is PairStatus.CANCEL_ONLY


async def test_an_old_table_of_pairs_serves_on_while_kraken_is_away(
    kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock
) -> None:
    await venue.pairs()
    kraken.answers("AssetPairs", Answer("<html>"))
    clock.advance(5 * 3_600_000)
    assert "BTC/USD" in await venue.pairs()


async def test_no_pairs_at_all_are_not_believed(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("AssetPairs", {})
    with pytest.raises(Transient):
        await venue.pairs()


async def test_one_odd_row_does_not_cost_the_table(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("AssetPairs", {**PAIRS, "ODD": {"base": 1}, "XXBTZUSD.d": PAIRS["XXBTZUSD"], "NULL": None})
    assert set(await venue.pairs()) == {"BTC/USD", "ETH/USD", "DOGE/EUR"}


@pytest.mark.parametrize(
    ("said_as", "meant"),
    [
        ("btc", "BTC/USD"), ("xbt", "BTC/USD"), ("Bitcoin", "BTC/USD"), ("XBTUSD", "BTC/USD"),
        ("XXBTZUSD", "BTC/USD"), ("xbt/usd", "BTC/USD"), ("BTC-USD", "BTC/USD"), ("eth usd", "ETH/USD"),
        ("doge", "DOGE/EUR"), ("xdgeur", "DOGE/EUR"), ("doge/eur", "DOGE/EUR"), ("ripple", None), ("", None),
        ("banana", None), ("BTC/EUR", None),
    ],
)  # fmt: skip
async def test_every_usual_name_of_a_pair_is_understood(
    venue: KrakenVenue, said_as: str, meant: str | None
) -> None:
    await venue.pairs()
    assert venue.resolve(said_as) == meant


async def test_names_are_understood_before_kraken_has_answered(venue: KrakenVenue) -> None:
    assert venue.resolve("bitcoin") == "BTC/USD"
    assert venue.resolve("XBTEUR") == "BTC/EUR"


def test_only_old_assets_carry_a_class_letter() -> None:
    ids = ["XXBT", "ZUSD", "XTZ", "XXDG", "XETH", "SOL", "ZEC", "XZEC", "ZRX", "REPV2", "LUNA2"]
    assert [asset_code(one) for one in ids] == [
        "BTC", "USD", "XTZ", "DOGE", "ETH", "SOL", "ZEC", "ZEC", "ZRX", "REP", "LUNA",
    ]  # fmt: skip


async def test_the_forming_candle_is_dropped(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("OHLC", ohlc(0, 1, 2, 3))
    candles = await venue.fetch_ohlc("BTC/USD", "5m", 720)
    assert [one.time_ms for one in candles] == [START, START + STEP, START + 2 * STEP]
    assert candles[0] == Candle(START, 100.0, 100.0, 100.0, 100.0, 1.5)
    assert kraken.requests("OHLC") == [{"pair": "XXBTZUSD", "interval": "5"}]


async def test_a_row_that_cannot_be_over_is_not_believed_closed(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("OHLC", ohlc(0, 1, 2, 3, last=9))
    assert len(await venue.candles("BTC/USD", Timeframe.M5)) == 3


async def test_missing_rows_are_filled_flat(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("OHLC", ohlc(-3, -2, 1, 2, 3))
    candles = await venue.candles("BTC/USD", Timeframe.M5)
    assert [(one.time_ms - START) // STEP for one in candles] == [-3, -2, -1, 0, 1, 2]
    assert candles[2] == Candle(START - STEP, 100.0, 100.0, 100.0, 100.0, 0.0)


async def test_after_the_first_720_only_new_rows_are_asked_for(
    kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock
) -> None:
    kraken.results("OHLC", ohlc(0, 1, 2, 3), ohlc(3, 4))
    await venue.candles("BTC/USD", Timeframe.M5)
    await venue.candles("BTC/USD", Timeframe.M5, 2)
    assert len(kraken.requests("OHLC")) == 1, "nothing has closed since"
    clock.advance(STEP)
    candles = await venue.candles("BTC/USD", Timeframe.M5)
    assert kraken.requests("OHLC")[1]["since"] == str((START + 2 * STEP) // 1000)
    assert [(one.time_ms - START) // STEP for one in candles] == [0, 1, 2, 3]


async def test_a_late_reader_after_a_long_sleep_begins_anew(
    kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock
) -> None:
    kraken.results("OHLC", ohlc(0, 1, 2, 3), ohlc(900, 901, 902))
    await venue.candles("BTC/USD", Timeframe.M5)
    clock.advance(900 * STEP)
    candles = await venue.candles("BTC/USD", Timeframe.M5)
    assert "since" not in kraken.requests("OHLC")[1]
    assert [(one.time_ms - START) // STEP for one in candles] == [900, 901]


@pytest.mark.parametrize(
    ("timeframe", "limit"),
    [("7m", 720), ("1M", 10), ("", 10), ("5", 10), ("5m", 0), ("5m", 721), ("5m", -1), ("5m", True)],
)
async def test_unknown_timeframes_and_limits_are_refused(
    kraken: ScriptedKraken, venue: KrakenVenue, timeframe: str, limit: int
) -> None:
    with pytest.raises(Refused):
        await venue.fetch_ohlc("BTC/USD", timeframe, limit)
    assert kraken.asked == []


async def test_candles_of_an_unknown_pair_are_refused(venue: KrakenVenue) -> None:
    with pytest.raises(Refused, match="no pair MOON/USD"):
        await venue.fetch_ohlc("MOON/USD", "5m", 10)


GOOD = ["100", "110", "90", "105", "100", "1"]
BAD_ROWS = [
    ["100", "110", "101", "105", "100", "1"],  # low above the open
    ["100", "104", "90", "105", "100", "1"],  # high below the close
    ["0", "110", "0", "105", "100", "1"],
    ["100", "110", "-90", "105", "100", "1"],
    ["NaN", "110", "90", "105", "100", "1"],
    ["100", "Infinity", "90", "105", "100", "1"],
    ["100", "110", "90", "105", "100", "-1"],
    ["100", None, "90", "105", "100", "1"],
    ["100", "110", "90"],
]


@pytest.mark.parametrize("bad", BAD_ROWS)
def test_a_row_that_cannot_be_true_spoils_the_answer(bad: list[Any]) -> None:
    first, second = START // 1000, (START + STEP) // 1000
    result = {"P": [[first, *GOOD, 1], [second, *bad, 1], [second + 300, *GOOD, 1]], "last": second}
    with pytest.raises(BadShape):
        closed_rows(result, "P", Timeframe.M5, START + 3 * STEP)


@pytest.mark.parametrize("times", [(0, 0), (300, 0), (0, 301)])
def test_times_off_the_grid_or_out_of_order_spoil_the_answer(times: tuple[int, int]) -> None:
    rows = [[START // 1000 + one, *GOOD, 1] for one in times]
    with pytest.raises(BadShape):
        closed_rows({"P": rows, "last": START // 1000 + 600}, "P", Timeframe.M5, START + 9 * STEP)


@pytest.mark.parametrize("result", [{}, {"P": {}, "last": 1}, {"last": 1}, {"P": [], "last": "x"}, {"P": []}])
def test_an_answer_without_rows_or_end_is_not_believed(result: dict[str, Any]) -> None:
    with pytest.raises(BadShape):
        closed_rows(result, "P", Timeframe.M5, START)


def test_nothing_is_filled_before_the_first_or_after_the_last() -> None:
    one = Candle(START, 1, 1, 1, 1, 1)
    assert fill_holes([], Timeframe.M5) == []
    assert fill_holes([one], Timeframe.M5) == [one]


TICKER = {
    "a": ["100.2", "1", "1.0"], "b": ["100.0", "1", "1.0"], "c": ["100.1", "0.5"], "v": ["5", "12.5"],
    "p": ["100", "100"], "t": [1, 2], "l": ["90", "90"], "h": ["110", "110"], "o": "99.5",
}  # fmt: skip


async def test_quotes_are_exact_and_leave_out_what_is_not_there(
    kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock
) -> None:
    dead = {**TICKER, "b": ["0.0", "0", "0"]}
    kraken.results("Ticker", {"XXBTZUSD": TICKER, "XETHZUSD": dead})
    quotes = await venue.quotes(["BTC/USD", "ETH/USD", "MOON/USD"])
    assert set(quotes) == {"BTC/USD"}
    one = quotes["BTC/USD"]
    assert (one.bid, one.ask, one.last) == (Decimal("100.0"), Decimal("100.2"), Decimal("100.1"))
    assert (one.volume_24h, one.open_24h, one.time_ms) == (
        Decimal("12.5"),
        Decimal("99.5"),
        clock.market_ms(),
    )
    assert kraken.requests("Ticker") == [{"pair": "XXBTZUSD,XETHZUSD"}]


async def test_a_pair_that_is_gone_does_not_spoil_the_other_quotes(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.answers("Ticker", said("EQuery:Unknown asset pair"), said(result={"XXBTZUSD": TICKER}))
    assert set(await venue.quotes(["BTC/USD", "ETH/USD"])) == {"BTC/USD"}
    assert kraken.requests("Ticker")[1] == {}


async def test_a_ticker_without_its_numbers_is_not_believed(
    kraken: ScriptedKraken, venue: KrakenVenue
) -> None:
    kraken.results("Ticker", {"XXBTZUSD": {"a": []}})
    with pytest.raises(Transient):
        await venue.quotes(["BTC/USD"])


async def test_an_unknown_status_is_taken_for_maintenance(kraken: ScriptedKraken, venue: KrakenVenue) -> None:
    kraken.results("SystemStatus", {"status": "online"}, {"status": "post_only"}, {"status": "brand_new"})
    found = [await venue.status() for _ in range(3)]
    assert found == [ExchangeStatus.ONLINE, ExchangeStatus.POST_ONLY, ExchangeStatus.MAINTENANCE]


async def test_krakens_clock_is_asked(kraken: ScriptedKraken, venue: KrakenVenue, clock: ManualClock) -> None:
    kraken.results("Time", {"unixtime": clock.market_ms() // 1000 + 60, "rfc1123": ""})
    assert 59_000 < await venue.learn_time() < 61_000


async def test_what_the_exchange_announces_comes_with_its_status(kraken: ScriptedKraken) -> None:
    clock = ManualClock(START)
    venue = KrakenVenue(Access(kraken.url), clock)
    await venue.start()
    try:
        kraken.results(
            "SystemStatus",
            {
                "status": "online",
                "upcoming_maintenance": [
                    {
                        "name": "Spot upgrade",
                        "scheduled_for": "2023-11-16T10:00:00Z",
                        "scheduled_until": None,
                    },
                    {"title": "Earlier one", "start_time": 1700003600, "end_time": 1700007200.5},
                ],
                "emergency": [{"message": "Delayed deposits"}, "no details at all"],
            },
        )
        earlier, planned, *emergencies = await venue.advisories()
        assert (earlier.text, earlier.from_ms, earlier.until_ms) == (
            "Earlier one", 1700003600_000, 1700007200_500,
        )  # fmt: skip
        assert (planned.text, planned.from_ms, planned.until_ms) == ("Spot upgrade", 1700128800_000, None)
        assert not planned.emergency
        assert [(one.text, one.emergency, one.from_ms) for one in emergencies] == [
            ("Delayed deposits", True, None),
            ("no details at all", True, None),
        ]
        assert len(kraken.requests("SystemStatus")) == 1
        await venue.advisories()
        assert len(kraken.requests("SystemStatus")) == 1, "told with the same answer"
        kraken.results("SystemStatus", {"status": "online", "timestamp": "2023-11-14T22:13:20Z"})
        clock.advance(60_000)
        assert list(await venue.advisories()) == []
    finally:
        await venue.close()
