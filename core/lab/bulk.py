"""A clean file of candles, read at one stroke. What is unusual is left to the reader that goes row by row."""

from __future__ import annotations

import gzip
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from math import inf
from operator import ge, le, methodcaller, sub
from pathlib import Path

_CHUNK = 4096  # lines split at a time, so that little memory is held

Columns = tuple["array[float]", ...]  # open, high, low, close, volume


@dataclass(frozen=True, slots=True)
class Block:
    """Candles on an unbroken grid of time; `rows` were read and `filled` made up."""

    start_ms: int
    columns: Columns
    rows: int
    filled: int


def read_block(path: Path, names: Sequence[str], step_ms: int, low_ms: int, high_ms: int) -> Block | None:
    """The candles in [low, high) of a CSV file; None when there is anything to be looked at closely.

    `names` are the columns in the order timestamp, open, high, low, close, volume.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
        head, *lines = text.replace("\r\n", "\n").rstrip("\n").split("\n")
        there = [name.strip().lower() for name in head.split(",")]
        times, columns = _parsed(lines, len(there), [there.index(name) for name in names])
    except (OSError, EOFError, zlib.error, ValueError):
        return None
    gaps = list(map(sub, times[1:], times))
    if not times or times[0] % step_ms or any(gap <= 0 or gap % step_ms for gap in set(gaps)):
        return None
    first, last = bisect_left(times, low_ms), bisect_left(times, high_ms)
    wanted = tuple(column[first:last] for column in columns)
    if first == last or not _are_candles(*wanted):
        return None
    holes = [
        (at - first + 1, gap // step_ms - 1)
        for at, gap in enumerate(gaps)
        if gap != step_ms and first <= at < last - 1
    ]
    return Block(times[first], _filled(wanted, holes), last - first, sum(count for _, count in holes))


def _parsed(lines: Sequence[str], width: int, order: Sequence[int]) -> tuple[list[int], Columns]:
    """Raises ValueError for what is no number and for rows of another width."""
    if set(map(methodcaller("count", ","), lines)) != {width - 1}:
        raise ValueError("a row has more or fewer fields than the header")
    times: list[int] = []
    columns = tuple(array("d") for _ in order[1:])
    for chunk in _chunks(lines):
        fields = ",".join(chunk).split(",")
        times.extend(map(int, fields[order[0] :: width]))
        for column, at in zip(columns, order[1:], strict=True):
            column.extend(map(float, fields[at::width]))
    return times, columns


def _chunks(lines: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(lines), _CHUNK):
        yield lines[at : at + _CHUNK]


def _are_candles(
    opens: array[float], highs: array[float], lows: array[float], closes: array[float], volumes: array[float]
) -> bool:
    return (
        min(lows) > 0
        and max(highs) < inf
        and max(volumes) < inf
        and all(map(le, lows, opens))
        and all(map(le, opens, highs))
        and all(map(le, lows, closes))
        and all(map(le, closes, highs))
        and all(map(ge, volumes, repeat(0.0)))
    )


def _filled(columns: Columns, holes: Sequence[tuple[int, int]]) -> Columns:
    """Flat candles at the close before each hole, without volume."""
    if not holes:
        return columns
    closes, found = columns[3], tuple(array("d") for _ in columns)
    before = 0
    for at, count in (*holes, (len(closes), 0)):
        for number, (column, whole) in enumerate(zip(columns, found, strict=True)):
            whole.extend(column[before:at])
            whole.extend(repeat(closes[at - 1] if number < 4 else 0.0, count))
        before = at
    return found
