"""Candles of many pairs in files that nobody else sees, mapped into memory a page at a time.

A year of five-minute candles is 4 MB a pair; two hundred pairs would fill a small machine. So each pair's
columns are written out as soon as they are read, column by column behind those of the pair before, and pages
that were looked at are given back when a pair is done.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

COLUMNS = 5
_SIZE = 8  # bytes of a number


class Shelf:
    """`put` each pair in turn, then `close`; from then on `columns` hold all pairs, one behind the other."""

    def __init__(self, folder: Path | None = None) -> None:
        """Files in `folder`, else where temporary files go; they have no name and end with the process."""
        self._files: list[BinaryIO] = [tempfile.TemporaryFile(dir=folder) for _ in range(COLUMNS)]  # noqa: SIM115
        self._ends = [0]  # in numbers, of each pair
        self._maps: list[mmap.mmap] = []
        self.columns: tuple[memoryview[float], ...] = ()

    def put(self, columns: Sequence[array[float] | memoryview[float]]) -> None:
        """One more pair."""
        for file, column in zip(self._files, columns, strict=True):
            file.write(memoryview(column).cast("B"))
        self._ends.append(self._ends[-1] + len(columns[0]))

    def close(self) -> None:
        """No more pairs; map what there is."""
        for file in self._files:
            file.flush()
            # Writable, as columns in memory are: compiled code is made for that. Nobody writes.
            self._maps.append(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
            file.close()
        self.columns = tuple(memoryview(one).cast("B").cast("d") for one in self._maps)

    def __len__(self) -> int:
        """How many pairs."""
        return len(self._ends) - 1

    def pair(self, number: int) -> tuple[memoryview[float], ...]:
        """The columns of one pair."""
        start, end = self._ends[number], self._ends[number + 1]
        return tuple(column[start:end] for column in self.columns)

    def let_go(self, number: int) -> None:
        """Give back the pages of a pair: they are read again when they are looked at again."""
        page = os.sysconf("SC_PAGE_SIZE")
        start = self._ends[number] * _SIZE // page * page
        length = self._ends[number + 1] * _SIZE - start
        for one in self._maps:
            one.madvise(mmap.MADV_DONTNEED, start, length)
