"""Recorded candles from files: names, grids, holes and faults.

A folder holds `<PAIR>_<timeframe>.csv.gz`, `.csv` or `.parquet` with the columns timestamp (ms UTC of the
candle's open), open, high, low, close, volume. XBT is BTC, XDG is DOGE. A missing candle becomes a flat one
without volume; everything else that is wrong is refused with the file and the row.
"""

from __future__ import annotations

import csv
import gzip
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import Any, TypeAlias

from core.lab.block import ENCODING, LAST_MS, MOST_PRICE, Block
from core.lab.grid import Grids
from core.lab.grid import finest_step as slow_finest_step
from core.lab.shelf import Shelf
from core.model.errors import ZynError
from core.model.market import Candle, Pair, Timeframe
from core.model.pair_table import symbol_of

COLUMNS = ("timestamp", "open", "high", "low", "close", "volume")
SUFFIXES = (".csv.gz", ".csv", ".parquet")
Row = tuple[float, float, float, float, float]
Column: TypeAlias = "array[float] | memoryview[float]"
_FETCH = "zyn download fetches Kraken's"
_FEW = 8  # pairs that are simply kept in memory


class DataFault(ZynError):
    """The recorded data cannot be used; the text names the file, the row and the way out."""


class NoCandles(DataFault):
    """A file holds nothing of the wanted time."""


class Unfit(ZynError):
    """What the fast engine cannot count exactly, or that it is not there; the road can do it."""


@dataclass(frozen=True, slots=True)
class History:
    """One pair's candles on an unbroken grid of time; `rows` were read and `filled` made up."""

    pair: Pair
    timeframe: Timeframe
    start_ms: int
    opens: Column
    highs: Column
    lows: Column
    closes: Column
    volumes: Column
    rows: int
    filled: int
    file: str = field(default="", compare=False)  # where they were read
    hole: int = field(default=0, compare=False)  # its row before which the first candle is missing, or 0
    shelf: Shelf | None = None  # where many pairs lie together, in their order
    number: int = 0  # of this pair on the shelf

    def __len__(self) -> int:
        return len(self.closes)

    def __reduce__(self) -> tuple[Any, ...]:
        """With its own columns, wherever they lie here."""
        columns = (self.opens, self.highs, self.lows, self.closes, self.volumes)
        kept = (array("d", memoryview(one).cast("B").tobytes()) for one in columns)
        told = (self.rows, self.filled, self.file, self.hole)
        return History, (self.pair, self.timeframe, self.start_ms, *kept, *told)

    def let_go(self) -> None:
        """Its candles are not looked at for a while."""
        if self.shelf is not None:
            self.shelf.let_go(self.number)

    @property
    def symbol(self) -> str:
        return self.pair.symbol

    @property
    def end_ms(self) -> int:
        """Where the last candle closes."""
        return self.start_ms + len(self) * self.timeframe.ms

    def head(self, count: int) -> History:
        """The first candles alone."""
        return replace(
            self, opens=self.opens[:count], highs=self.highs[:count], lows=self.lows[:count],
            closes=self.closes[:count], volumes=self.volumes[:count], shelf=None,
        )  # fmt: skip

    def candle(self, index: int) -> Candle:
        return Candle(
            self.start_ms + index * self.timeframe.ms, self.opens[index], self.highs[index],
            self.lows[index], self.closes[index], self.volumes[index],
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to read: no symbols means every pair there is; times are [from, to) in ms."""

    folder: Path
    timeframe: Timeframe
    symbols: tuple[str, ...] = ()
    from_ms: int | None = None
    to_ms: int | None = None


def load(wanted: Wanted, grids: Grids) -> list[History]:
    """Every wanted pair in order of its symbol. Raises DataFault.

    A pair without a candle in the wanted time is left out where none was named.
    """
    files = find_files(wanted.folder, wanted.timeframe)
    symbols = sorted({_symbol(text) for text in wanted.symbols} or files)
    missing = [symbol for symbol in symbols if symbol not in files]
    if missing:
        there = ", ".join(sorted(files)) or "nothing"
        raise DataFault(
            f"no {wanted.timeframe} candles of {', '.join(missing)} in {wanted.folder}; there is: {there}. "
            f"{_FETCH}"
        )
    if not symbols:
        others = [one.value for one in Timeframe if find_files(wanted.folder, one)]
        instead = f"there are some of {' and '.join(others)}; " if others else ""
        raise DataFault(
            f"no {wanted.timeframe} candles in {wanted.folder}; {instead}"
            f"files are named like BTCUSD_{wanted.timeframe}.csv.gz. {_FETCH}"
        )
    read = _those_with_candles({symbol: files[symbol] for symbol in symbols}, wanted, grids)
    return list(read) if len(symbols) <= _FEW else _shelved(read)


def _those_with_candles(files: Mapping[str, Path], wanted: Wanted, grids: Grids) -> Iterator[History]:
    empty: list[NoCandles] = []
    for symbol, path in files.items():
        try:
            yield _read(path, symbol, wanted, grids)
        except NoCandles as error:
            empty.append(error)
    if empty and (wanted.symbols or len(empty) == len(files)):
        raise empty[0]


def _shelved(histories: Iterable[History]) -> list[History]:
    """Many pairs: only one at a time in memory."""
    shelf, found = Shelf(), []
    for one in histories:
        shelf.put((one.opens, one.highs, one.lows, one.closes, one.volumes))
        nothing = array("d")
        found.append(
            replace(one, opens=nothing, highs=nothing, lows=nothing, closes=nothing, volumes=nothing)
        )
    shelf.close()
    return [_on(shelf, number, one) for number, one in enumerate(found)]


def _on(shelf: Shelf, number: int, history: History) -> History:
    opens, highs, lows, closes, volumes = shelf.pair(number)
    return replace(
        history,
        opens=opens,
        highs=highs,
        lows=lows,
        closes=closes,
        volumes=volumes,
        shelf=shelf,
        number=number,
    )


def find_files(folder: Path, timeframe: Timeframe) -> dict[str, Path]:
    """The file of each pair at this timeframe; of two forms of one name the first suffix counts."""
    if not folder.is_dir():
        raise DataFault(f"{folder} is not a folder; --data names the folder with the candle files. {_FETCH}")
    found: dict[str, Path] = {}
    for suffix in SUFFIXES:
        for path in sorted(folder.glob(f"*_{timeframe}{suffix}")):
            symbol = symbol_of(path.name.removesuffix(f"_{timeframe}{suffix}"))
            other = found.setdefault(symbol, path) if symbol else path
            if other.name.split(".")[0] != path.name.split(".")[0]:
                raise DataFault(
                    f"{other.name} and {path.name} in {folder} are both {symbol}; keep one of them"
                )
    return found


def left_out(folder: Path, timeframe: Timeframe) -> Iterator[tuple[str, str]]:
    """(name, why) of each candle file of this timeframe that `find_files` does not take."""
    taken = {path.name for path in find_files(folder, timeframe).values()}
    for suffix in SUFFIXES:
        for path in sorted(folder.glob(f"*_{timeframe}{suffix}")):
            if symbol_of(path.name.removesuffix(f"_{timeframe}{suffix}")) is None:
                yield path.name, f"its name is no pair; write it like BTCUSD_{timeframe}.csv"
            elif path.name not in taken:
                yield path.name, "the same pair is there in another form, which is read"


def _symbol(text: str) -> str:
    symbol = symbol_of(text)
    if symbol is None:
        raise DataFault(f"{text} is not a pair; write it like BTC/USD")
    return symbol


def _read(path: Path, symbol: str, wanted: Wanted, grids: Grids) -> History:
    low = wanted.from_ms if wanted.from_ms is not None else 0
    high = wanted.to_ms if wanted.to_ms is not None else 1 << 62
    from core.lab.bulk import read_block  # noqa: PLC0415 - numpy, which the service has no use for

    block = None
    if path.suffix != ".parquet":
        block = read_block(path, COLUMNS, wanted.timeframe.ms, low, high)
    block = block or _row_by_row(path, wanted.timeframe.ms, low, high)
    bounded = wanted.from_ms is not None or wanted.to_ms is not None
    pair = grids.pair(symbol, lambda: _finest_step(path, wanted.timeframe.ms, None if bounded else block))
    _check_grid(path, pair, block)
    opens, highs, lows, closes, volumes = block.columns
    return History(
        pair, wanted.timeframe, block.start_ms, opens, highs, lows, closes, volumes, block.rows, block.filled,
        path.name, block.hole,
    )  # fmt: skip


def _finest_step(path: Path, step_ms: int, block: Block | None) -> Decimal:
    """The finest decimal of the whole file; `block` is what it holds, where that was read."""
    from core.lab.bulk import finest_step, read_block  # noqa: PLC0415 - numpy, which the service has no use for

    if block is None and path.suffix != ".parquet":
        block = read_block(path, COLUMNS, step_ms, 0, LAST_MS)
    if block is not None:
        return finest_step(block.columns[:4])
    return slow_finest_step(price for _, _, row in _rows(path) for price in row[:4] if isfinite(price))


def _rows(path: Path) -> Iterator[tuple[int, int, Row]]:
    return _parquet_rows(path) if path.suffix == ".parquet" else _csv_rows(path)


def read_rows(path: Path, step_ms: int) -> Block:
    """A whole file, every row looked at. Raises DataFault naming the first that is wrong."""
    return _row_by_row(path, step_ms, 0, LAST_MS)


def _row_by_row(path: Path, step_ms: int, low_ms: int, high_ms: int) -> Block:
    """Every row looked at closely. Raises DataFault naming the first that is wrong."""
    builder = _Builder(path, step_ms)
    for number, time_ms, row in _rows(path):
        if low_ms <= time_ms < high_ms:
            builder.add(number, time_ms, row)
    if not builder.rows:
        raise NoCandles(f"{path.name} has no candle in the wanted time")
    return Block(builder.start_ms, builder.columns, builder.rows, builder.filled, builder.hole)


def _check_grid(path: Path, pair: Pair, block: Block) -> None:
    lowest = min(block.columns[2])
    if Decimal(repr(lowest)) < pair.tick:
        raise DataFault(f"{path.name} has a price of {lowest}, below one tick ({pair.tick}) of {pair.symbol}")


class _Builder:
    """Checks rows one by one and fills holes."""

    def __init__(self, path: Path, step_ms: int) -> None:
        self._path = path
        self._step = step_ms
        self.columns = tuple(array("d") for _ in range(5))
        self.start_ms = 0
        self._last_ms = 0
        self.rows = 0
        self.filled = 0
        self.hole = 0

    def add(self, number: int, time_ms: int, row: Row) -> None:
        if self.rows == 0:
            self._check_aligned(number, time_ms)
            self.start_ms = time_ms
        elif time_ms - self._last_ms != self._step:
            self._bridge(number, time_ms)
        self._check_row(number, row)
        self._append(row)
        self._last_ms = time_ms
        self.rows += 1

    def _append(self, row: Row) -> None:
        for column, value in zip(self.columns, row, strict=True):
            column.append(value)

    def _bridge(self, number: int, time_ms: int) -> None:
        """Fill the hole before a row with flat candles; refuse a row that goes back or stands."""
        self._check_aligned(number, time_ms)
        if time_ms == self._last_ms:
            raise self._fault(number, f"the candle of {time_ms} stands there twice")
        if time_ms < self._last_ms:
            raise self._fault(number, f"{time_ms} comes after {self._last_ms}; sort the rows by timestamp")
        close = self.columns[3][-1]
        missing = (time_ms - self._last_ms) // self._step - 1
        for _ in range(missing):
            self._append((close, close, close, close, 0.0))
        self.filled += missing
        self.hole = self.hole or number

    def _check_aligned(self, number: int, time_ms: int) -> None:
        if time_ms % self._step or time_ms >= LAST_MS:
            raise self._fault(
                number, f"timestamp {time_ms} is not the open of a candle of this timeframe (ms UTC)"
            )

    def _check_row(self, number: int, row: Row) -> None:
        opened, high, low, close, volume = row
        whole = low <= close <= high <= MOST_PRICE and volume >= 0 and isfinite(volume)
        if not (whole and 0 < low <= opened <= high):
            raise self._fault(
                number,
                f"open {opened}, high {high}, low {low}, close {close}, volume {volume} is not a candle: "
                f"prices must be above 0 and up to {MOST_PRICE:g} with low <= open, close <= high, and "
                "volume not below 0",
            )

    def _fault(self, number: int, text: str) -> DataFault:
        return DataFault(f"{self._path.name} row {number}: {text}")


def _csv_rows(path: Path) -> Iterator[tuple[int, int, Row]]:
    """(row number as an editor counts, timestamp, values) of a CSV file, plain or gzipped."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as raw:
            reader = csv.reader(TextIOWrapper(raw, encoding=ENCODING, newline=""))
            header = next(reader, [])
            order = _column_order(path, header)
            for number, fields in enumerate(reader, 2):
                if len(fields) > len(header):
                    raise DataFault(
                        f"{path.name} row {number}: {len(fields)} fields under {len(header)} names"
                    )
                if fields:
                    yield number, *_parse(path, number, fields, order)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise DataFault(f"{path.name} cannot be read: {error}") from None


def _column_order(path: Path, header: Sequence[str]) -> tuple[int, ...]:
    names = [name.strip().lower() for name in header]
    missing = [column for column in COLUMNS if column not in names]
    if missing:
        raise DataFault(
            f"{path.name} row 1: no column {', '.join(missing)}; the columns are {', '.join(COLUMNS)}"
        )
    return tuple(names.index(column) for column in COLUMNS)


def _parse(path: Path, number: int, fields: list[str], order: tuple[int, ...]) -> tuple[int, Row]:
    try:
        t, o, h, w, c, v = order
        row = float(fields[o]), float(fields[h]), float(fields[w]), float(fields[c]), float(fields[v])
        return int(fields[t]), row
    except (ValueError, IndexError):
        raise DataFault(f"{path.name} row {number}: {','.join(fields)!r} is not a candle") from None


def _parquet_rows(path: Path) -> Iterator[tuple[int, int, Row]]:
    import pandas  # noqa: PLC0415 - half a second that CSV files do not need

    try:
        frame = pandas.read_parquet(path)
    except ImportError:
        raise DataFault(f"{path.name}: reading Parquet needs pyarrow (pip install 'zyn[parquet]')") from None
    except (OSError, ValueError) as error:
        raise DataFault(f"{path.name} cannot be read: {error}") from None
    order = _column_order(path, [str(name) for name in frame.columns])
    columns = [frame.iloc[:, at].tolist() for at in order]
    for number, (time_ms, *values) in enumerate(zip(*columns, strict=True), 1):
        try:
            o, h, w, c, v = map(float, values)
            yield number, int(time_ms), (o, h, w, c, v)
        except (TypeError, ValueError):
            raise DataFault(f"{path.name} row {number}: {values} is not a candle") from None
