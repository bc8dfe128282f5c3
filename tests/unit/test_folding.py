"""Public trades folded into candles."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest

from core.lab.folding import Fold
from core.model.market import Candle, PublicTrade, Timeframe

M5 = 300_000
HOUR = 3_600_000


def trade(number: int, time_ms: int, price: float, volume: float = 1.0) -> PublicTrade:
    return PublicTrade(number, time_ms, price, volume)


def test_trades_become_candles_and_silence_becomes_flat_ones() -> None:
    fold = Fold(Timeframe.M5)
    first = [trade(1, 10, 5.0), trade(2, 20, 7.0, 0.5), trade(3, 30, 4.0), trade(4, M5 - 1, 6.0)]
    assert fold.take(first) == []
    closed = fold.take([trade(5, 3 * M5, 8.0)])
    assert closed == [
        Candle(0, 5.0, 7.0, 4.0, 6.0, 3.5),
        Candle(M5, 6.0, 6.0, 6.0, 6.0, 0.0),
        Candle(2 * M5, 6.0, 6.0, 6.0, 6.0, 0.0),
    ]
    assert fold.close(5 * M5) == [
        Candle(3 * M5, 8.0, 8.0, 8.0, 8.0, 1.0),
        Candle(4 * M5, 8.0, 8.0, 8.0, 8.0, 0.0),
    ]


def test_a_trade_told_twice_counts_once_and_one_older_than_what_is_wanted_not_at_all() -> None:
    fold = Fold(Timeframe.M5, before=Candle(0, 2.0, 2.0, 2.0, 2.0, 0.0))
    fold.take([trade(1, 10, 99.0), trade(2, 2 * M5, 3.0)])
    fold.take([trade(1, 10, 99.0), trade(2, 2 * M5, 3.0), trade(3, 2 * M5, 4.0)])
    assert fold.close(3 * M5) == [Candle(2 * M5, 3.0, 4.0, 3.0, 4.0, 2.0)]


def test_the_close_before_the_first_trade_fills_the_silence_that_follows_it() -> None:
    fold = Fold(Timeframe.M5, before=Candle(0, 2.0, 2.5, 2.0, 2.5, 3.0))
    assert fold.take([trade(1, 2 * M5, 3.0)]) == [Candle(M5, 2.5, 2.5, 2.5, 2.5, 0.0)]
    nothing = Fold(Timeframe.M5)
    assert nothing.close(9 * M5) == []


def test_an_hour_of_krakens_trades_is_krakens_own_candle(shared: Path | None) -> None:
    trades = [trade(1, 0, 3.0), trade(2, 1_000, 9.0), trade(3, HOUR - 1, 4.0)]
    own, start = [3.0, 9.0, 3.0, 4.0, 3.0], 0
    if shared is not None:
        market = shared / "data" / "market"
        rows = _rows(market / "kraken_trades_2019-07-01" / "XBTUSD_trades.csv.gz")
        trades = [trade(int(row[1]), int(row[0]), float(row[3]), float(row[4])) for row in rows]
        start = trades[0].time_ms // HOUR * HOUR
        hours = _rows(market / "kraken_1h_to_2019-10" / "XBTUSD_1h.csv.gz")
        own = next([float(value) for value in row[1:]] for row in hours if int(row[0]) == start)
    fold = Fold(Timeframe.H1)
    (candle,) = fold.take(trades) + fold.close(start + HOUR)
    assert list(candle[1:5]) == own[:4]
    assert candle.volume == pytest.approx(own[4], rel=1e-4)  # one trade at the edge is counted elsewhere


def _rows(path: Path) -> list[list[str]]:
    with gzip.open(path, "rt") as file:
        return list(csv.reader(file))[1:]
