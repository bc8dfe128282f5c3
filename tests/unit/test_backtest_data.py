"""Reading recorded candles: names, forms, grids, holes, and every fault with its file and row."""

from __future__ import annotations

import gzip
import json
import random
from array import array
from decimal import Decimal as D
from pathlib import Path

import pandas
import pytest

from core.lab import bulk
from core.lab.data import DataFault, History, Wanted, load
from core.lab.grid import Grids, finest_step, read_pairs
from core.lab.remarks import never_judged, remarks
from core.model.errors import ConfigError
from core.model.market import Timeframe
from core.trading_config import load as load_config

HEAD = "timestamp,open,high,low,close,volume"
M5 = 300_000


def csv_file(folder: Path, name: str, *rows: str, head: str = HEAD) -> Path:
    path = folder / name
    text = "\n".join([head, *rows]) + "\n"
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


def row(place: int, close: float = 10.0) -> str:
    return f"{place * M5},{close},{close + 1},{close - 1},{close},5"


def read(folder: Path, *symbols: str, **bounds: int) -> list[History]:
    return load(Wanted(folder, Timeframe.M5, symbols, **bounds), Grids())


@pytest.mark.parametrize("name", ["XBTUSD_5m.csv.gz", "BTCUSD_5m.csv", "BTC-USD_5m.csv", "XXBTZUSD_5m.csv"])
def test_a_pair_is_found_under_any_of_its_names(name: str, tmp_path: Path) -> None:
    csv_file(tmp_path, name, row(1), row(2))
    (found,) = read(tmp_path, "BTC/USD")
    assert (found.symbol, found.pair.tick, found.rows, found.start_ms) == ("BTC/USD", D("0.1"), 2, M5)


def test_without_symbols_every_pair_of_the_timeframe_is_read_in_order(tmp_path: Path) -> None:
    for name in ("XDGUSD_5m.csv", "ADAUSD_5m.csv.gz", "ETHUSD_1h.csv"):
        csv_file(tmp_path, name, row(1))
    assert [one.symbol for one in read(tmp_path)] == ["ADA/USD", "DOGE/USD"]


def test_parquet_reads_as_csv_does(tmp_path: Path) -> None:
    rows = [(i * M5, 10.5, 11.0, 10.0, 10.25, float(i)) for i in range(1, 5)]
    frame = pandas.DataFrame(rows, columns=HEAD.split(","))
    frame.to_parquet(tmp_path / "ETHUSD_5m.parquet")
    (first,) = read(tmp_path)
    (tmp_path / "ETHUSD_5m.parquet").unlink()
    csv_file(tmp_path, "ETHUSD_5m.csv", *(",".join(map(str, one)) for one in rows))
    (second,) = read(tmp_path)
    assert [first.candle(i) for i in range(4)] == [second.candle(i) for i in range(4)]


def test_columns_may_stand_in_any_order_and_others_are_ignored(tmp_path: Path) -> None:
    csv_file(
        tmp_path, "ETHUSD_5m.csv", "9,5,10,12,8,11,300000", head="count,volume,open,high,low,close,timestamp"
    )
    assert read(tmp_path)[0].candle(0) == (M5, 10.0, 12.0, 8.0, 11.0, 5.0)


@pytest.mark.parametrize("more", ["", "\n"])
def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_its_first_name(more: str, tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1), row(2) + more, head="\ufeff" + HEAD)
    assert read(tmp_path)[0].rows == 2


def test_a_missing_candle_is_a_flat_one_without_volume(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1, 10), row(4, 20))
    (found,) = read(tmp_path)
    assert (len(found), found.rows, found.filled) == (4, 2, 2)
    assert found.candle(2) == (3 * M5, 10.0, 10.0, 10.0, 10.0, 0.0)


@pytest.mark.parametrize(("odd", "later"), [("", 0), ("\n", 1), (",", 0)])
def test_the_first_hole_is_told_with_its_file_and_row(odd: str, later: int, tmp_path: Path) -> None:
    rows = [row(place) for place in (1, 2, 3, 6, 7, 9)]
    csv_file(tmp_path, "ETHUSD_5m.csv", rows[0] + odd, *rows[1:], head=HEAD + odd.replace("\n", ""))
    for bounds, filled, at in (({}, 3, 5), ({"from_ms": 6 * M5}, 1, 7)):
        histories = read(tmp_path, **bounds)
        (said,) = remarks(Wanted(tmp_path, Timeframe.M5), histories)
        many = "candles are" if filled > 1 else "candle is"
        assert said.startswith(f"ETHUSD_5m.csv: {filled} {many} missing, the first before row {at + later};")
    assert not list(remarks(Wanted(tmp_path, Timeframe.M5), read(tmp_path, to_ms=4 * M5)))


def test_a_file_whose_name_is_no_pair_is_told_to_be_left_out(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1), row(2))
    csv_file(tmp_path, "ETHUSD_5m.csv.gz", row(1))
    csv_file(tmp_path, "results_5m.csv", row(1))
    twice, said = remarks(Wanted(tmp_path, Timeframe.M5), read(tmp_path))
    assert said == "results_5m.csv is left out: its name is no pair; write it like BTCUSD_5m.csv"
    assert twice == "ETHUSD_5m.csv is left out: the same pair is there in another form, which is read"
    assert not list(remarks(Wanted(tmp_path, Timeframe.M5, ("ETH/USD",)), read(tmp_path)))


def test_a_history_too_short_to_be_judged_is_told_with_what_it_needs(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", *(row(place) for place in range(1, 61)))
    csv_file(tmp_path, "BTCUSD_5m.csv", *(row(place) for place in range(1, 98)))
    (said,) = never_judged(load_config({}), read(tmp_path))
    assert said.startswith("Nothing is judged: ETHUSD_5m.csv has 60 candles in the wanted time")
    assert "the first judgement of ETH/USD needs 97: take more data" in said


@pytest.mark.parametrize(
    "bounds", [{}, {"from_ms": 3 * M5}, {"to_ms": 30 * M5}, {"from_ms": 9 * M5, "to_ms": 21 * M5}]
)
@pytest.mark.parametrize("odd", ["", "\n", ',"7"'])
def test_a_clean_file_and_an_odd_one_of_the_same_candles_read_the_same(
    bounds: dict[str, int], odd: str, tmp_path: Path
) -> None:
    places = [1, 2, 3, 8, 9, 10, 11, 20, 21, 22, 40]
    rows = [row(place, 10 + place / 100) + (",7" if odd.startswith(",") else "") for place in places]
    head = HEAD + (",count" if odd.startswith(",") else "")
    csv_file(tmp_path, "ETHUSD_5m.csv.gz", *rows, head=head)
    (clean,) = read(tmp_path, **bounds)
    odd_rows = [*rows[:4], rows[4].removesuffix(",7") + odd, *rows[5:]]
    csv_file(tmp_path, "ETHUSD_5m.csv.gz", *odd_rows, head=head)
    assert read(tmp_path, **bounds) == [clean]
    csv_file(tmp_path, "ETHUSD_5m.csv.gz", *(line + "\r" for line in rows), head=head + "\r")
    assert read(tmp_path, **bounds) == [clean]


def test_only_candles_from_and_before_the_bounds_are_read(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", *(row(i) for i in range(1, 10)))
    (found,) = read(tmp_path, from_ms=3 * M5, to_ms=6 * M5)
    assert (found.start_ms, found.rows) == (3 * M5, 3)


def test_an_unknown_pair_trades_on_the_finest_decimal_of_its_file(tmp_path: Path) -> None:
    csv_file(tmp_path, "WHATUSD_5m.csv", f"{M5},1.5,1.502,1.50,1.5,1", f"{2 * M5},1.5,1.5,1.4,1.5,1")
    pair = read(tmp_path)[0].pair
    assert (pair.tick, pair.lot, pair.min_qty) == (D("0.001"), D("1E-8"), 0)
    assert finest_step([100.0, 2500.0]) == 1
    assert finest_step([0.0000001, 1.0]) == D("1E-7")


def test_a_given_table_wins_over_the_bundled_one(tmp_path: Path) -> None:
    answer = {"error": [], "result": {
        "XXBTZUSD": {"altname": "XBTUSD", "wsname": "XBT/USD", "pair_decimals": 1, "lot_decimals": 4,
                     "tick_size": "0.5", "ordermin": "0.01", "costmin": "5"},
        "WHATUSD": {"altname": "WHATUSD", "pair_decimals": 3, "lot_decimals": 8, "ordermin": "2"},
        "ETHXBT.d": {"altname": "ETHXBT.d", "pair_decimals": 3, "lot_decimals": 8},
    }}  # fmt: skip
    path = tmp_path / "pairs.json"
    path.write_text(json.dumps(answer))
    found = read_pairs(path)
    assert set(found) == {"BTC/USD", "WHAT/USD"}
    bitcoin = found["BTC/USD"]
    assert (bitcoin.tick, bitcoin.lot, bitcoin.min_qty, bitcoin.min_cost) == (
        D("0.5"),
        D("0.0001"),
        D("0.01"),
        5,
    )
    assert found["WHAT/USD"].tick == D("0.001")
    assert Grids(found).pair("BTC/USD", lambda: D(1)) is bitcoin
    path.write_text(json.dumps(answer["result"]))
    assert set(read_pairs(path)) == set(found)


@pytest.mark.parametrize("text", ["not json", "[]", '{"A": 3}', '{"BTCUSD": {"altname": "BTCUSD"}}'])
def test_a_pairs_file_of_another_shape_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "pairs.json"
    path.write_text(text)
    with pytest.raises(ConfigError, match="not Kraken's AssetPairs"):
        read_pairs(path)


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([row(1), row(1)], "row 3: the candle of 300000 stands there twice"),
        ([row(2), row(1)], "row 3: 300000 comes after 600000; sort the rows"),
        ([row(1), "600000,nan,1,1,1,1"], "row 3: open nan.* is not a candle"),
        ([row(1), "600000,1,2,1,inf,1"], "row 3: .* is not a candle"),
        ([row(1), "600000,1,inf,1,1,1"], "row 3: .* is not a candle"),
        ([row(1), "600000,1,0.5,1,1,1"], "row 3: .* is not a candle"),
        ([row(1), "600000,0,1,0,1,1"], "row 3: .* is not a candle"),
        ([row(1), "600000,1,1,1,1,-1"], "row 3: .* is not a candle"),
        ([row(1), "600000,1,1,1,x,1"], "row 3: '600000,1,1,1,x,1' is not a candle"),
        ([row(1), "600000,1"], "row 3: '600000,1' is not a candle"),
        (["300001,1,1,1,1,1"], "row 2: timestamp 300001 is not the open of a candle"),
        (["1700000000,1,1,1,1,1"], "row 2: timestamp 1700000000 is not the open of a candle"),
        (
            [row(1), "600000,1,1e308,1,1,1"],
            "row 3: .* is not a candle: prices must be above 0 and up to 1e.15",
        ),
        ([row(1), "600000,1,1,1,1,1,5"], "row 3: 7 fields under 6 names"),
        ([row(1), "1700060100000000,1,1,1,1,1"], "row 3: timestamp 1700060100000000 is not the open"),
        ([], "no candle in the wanted time"),
    ],
)
def test_a_fault_names_the_file_and_the_row(rows: list[str], fault: str, tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", *rows)
    with pytest.raises(DataFault, match=f"ETHUSD_5m.csv.*{fault}"):
        read(tmp_path)


def test_missing_columns_are_named(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1), head="time,open,high,low,close,vol")
    with pytest.raises(DataFault, match="row 1: no column timestamp, volume"):
        read(tmp_path)


def test_a_pair_without_candles_in_the_wanted_time_is_left_out_and_told(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1), row(2))
    csv_file(tmp_path, "SOLUSD_5m.csv", row(8), row(9))
    (found,) = read(tmp_path, from_ms=8 * M5)
    (said,) = remarks(Wanted(tmp_path, Timeframe.M5, from_ms=8 * M5), [found])
    assert (found.symbol, said) == (
        "SOL/USD", "ETHUSD_5m.csv is left out: it has no candle in the wanted time",
    )  # fmt: skip
    with pytest.raises(DataFault, match="ETHUSD_5m.csv has no candle in the wanted time"):
        read(tmp_path, "ETH/USD", "SOL/USD", from_ms=8 * M5)
    with pytest.raises(DataFault, match="no candle in the wanted time"):
        read(tmp_path, from_ms=20 * M5)


@pytest.mark.parametrize("odd", ["", ","])
def test_the_price_step_is_the_whole_files_whatever_time_is_wanted(odd: str, tmp_path: Path) -> None:
    rows = [row(1, 10.001), row(2), row(3)]
    csv_file(tmp_path, "AAAUSD_5m.csv", *(one + odd for one in rows), head=HEAD + odd)
    (found,) = read(tmp_path, from_ms=2 * M5)
    assert (found.rows, found.pair.tick) == (2, D("0.001"))


def test_what_is_not_there_is_said_with_what_is(tmp_path: Path) -> None:
    csv_file(tmp_path, "ETHUSD_5m.csv", row(1))
    with pytest.raises(DataFault, match=r"no 5m candles of BTC/USD in .*; there is: ETH/USD"):
        read(tmp_path, "BTC/USD")
    with pytest.raises(DataFault, match="is not a folder"):
        read(tmp_path / "nowhere")
    with pytest.raises(DataFault, match="files are named like"):
        load(Wanted(tmp_path, Timeframe.H1), Grids())
    with pytest.raises(DataFault, match="what is not a pair"):
        read(tmp_path, "what")


def test_two_files_of_one_pair_are_refused(tmp_path: Path) -> None:
    csv_file(tmp_path, "XBTUSD_5m.csv", row(1))
    csv_file(tmp_path, "BTCUSD_5m.csv", row(1))
    with pytest.raises(DataFault, match="are both BTC/USD; keep one"):
        read(tmp_path)


def test_a_torn_gzip_is_said(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "ETHUSD_5m.csv.gz", *(row(i) for i in range(1, 500)))
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DataFault, match="cannot be read"):
        read(tmp_path)


def test_a_grid_coarser_than_the_price_is_refused(tmp_path: Path) -> None:
    csv_file(tmp_path, "BTCUSD_5m.csv", f"{M5},0.01,0.02,0.01,0.01,1")
    with pytest.raises(DataFault, match="below one tick"):
        read(tmp_path)


def test_the_finest_decimal_is_the_same_however_it_is_found() -> None:
    dice = random.Random(1)
    for decimals in range(13):
        prices = [round(dice.uniform(0.001, 90_000), decimals) for _ in range(200)]
        assert bulk.finest_step([array("d", prices)]) == finest_step(prices)
    for prices in ([1e5, 2.0], [1e-9, 0.5], [0.1 + 0.2, 3.0], [123456789012.123, 1.0], [1e-18]):
        assert bulk.finest_step([array("d", prices)]) == finest_step(prices)
