"""A file of one pair's candles that grows: every change of it is whole on disk, or not there."""

from __future__ import annotations

import gzip
import os
from collections.abc import Sequence
from pathlib import Path

from core.lab.data import COLUMNS, DataFault, find_files, read_rows
from core.model.market import Candle, Timeframe
from core.model.money import plain, to_decimal
from core.model.time_context import from_ms

_ALIKE = 0.005  # by how much a price of the same candle may differ: trades are corrected, rarely and little
_NONE = Candle(0, 0.0, 0.0, 0.0, 0.0, 0.0)


class CandleFile:
    """`candles` lie in it from `first_ms` to the open of `last`; `filled` are missing between its rows."""

    def __init__(self, path: Path, timeframe: Timeframe) -> None:
        """Raises DataFault for a file that is there and is not sound, naming the row."""
        self.path, self._step = path, timeframe.ms
        self.candles = self.filled = self.first_ms = 0
        self.last = _NONE
        if path.exists():
            self._read()

    @classmethod
    def of(cls, folder: Path, symbol: str, timeframe: Timeframe) -> CandleFile:
        """The file of a pair in a folder. Raises DataFault where the pair lies in another form."""
        path = folder / f"{symbol.replace('/', '')}_{timeframe}.csv.gz"
        there = find_files(folder, timeframe).get(symbol, path) if folder.exists() else path
        if there != path:
            raise DataFault(f"{there} holds {symbol} already, and only {path.name} can grow; {_ELSEWHERE}")
        return cls(path, timeframe)

    def _read(self) -> None:
        block = read_rows(self.path, self._step)
        self.candles, self.filled, self.first_ms = len(block.columns[0]), block.filled, block.start_ms
        opened, high, low, close, volume = (column[-1] for column in block.columns)
        at = block.start_ms + (self.candles - 1) * self._step
        self.last = Candle(at, opened, high, low, close, volume)

    @property
    def end_ms(self) -> int:
        """Where the last candle closes."""
        return self.last.time_ms + self._step

    @property
    def before_last(self) -> Candle | None:
        """The candle before the last as far as it is felt: its close is where a silent one opens."""
        if not self.candles:
            return None
        opened = self.last.open
        return Candle(self.last.time_ms - self._step, opened, opened, opened, opened, 0.0)

    def add(self, candles: Sequence[Candle]) -> None:
        """Put what is newer, without holes, behind the rest. DataFault when it is of another market."""
        self._check_same(candles)
        fresh = [one for one in candles if not self.candles or one.time_ms > self.last.time_ms]
        if fresh:
            start = self.path.read_bytes() if self.candles else _packed([",".join(COLUMNS)])
            self._write(start + _packed(list(map(_row, fresh))))
            self.first_ms = self.first_ms if self.candles else fresh[0].time_ms
            self.candles += len(fresh)
            self.last = fresh[-1]

    def _check_same(self, candles: Sequence[Candle]) -> None:
        """The newest candle must be the exchange's: nothing is put behind made-up or foreign ones."""
        again = next((one for one in candles if self.candles and one.time_ms == self.last.time_ms), None)
        if again and any(abs(a - b) > _ALIKE * b for a, b in zip(self.last[1:5], again[1:5], strict=True)):
            raise DataFault(
                f"{self.path}: its last candle, {day(self.last.time_ms)}, closed at {self.last.close:g}, the "
                f"exchange's at {again.close:g}: these are candles of something else; {_ELSEWHERE}"
            )

    def put_before(self, older: CandleFile) -> None:
        """`older`, which ends where this file begins, in front of it; its own file is gone then."""
        if older.candles:
            rest = gzip.decompress(self.path.read_bytes()).partition(b"\n")[2]
            self._write(older.path.read_bytes() + gzip.compress(rest, mtime=0))
            self._read()
        older.remove()

    def remove(self) -> None:
        """The file, and its folder when nothing else is in it."""
        self.path.unlink(missing_ok=True)
        self.candles = 0
        if self.path.parent.exists() and not any(self.path.parent.iterdir()):
            self.path.parent.rmdir()

    def _write(self, content: bytes) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_name(f"{self.path.name}.new")
        with fresh.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)


_ELSEWHERE = "name another folder with --data"


def _row(one: Candle) -> str:
    return ",".join((str(one.time_ms), *(plain(to_decimal(value)) for value in one[1:])))


def _packed(lines: Sequence[str]) -> bytes:
    """Lines as a part of a gzip file: parts follow each other as one text."""
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def day(ms: int) -> str:
    """A moment to the minute."""
    return from_ms(ms).strftime("%Y-%m-%d %H:%M UTC")
