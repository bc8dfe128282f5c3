"""A clean file of candles, read at one stroke. What is unusual is left to the reader that goes row by row."""

from __future__ import annotations

import gzip
import zlib
from array import array
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.lab.block import ENCODING, LAST_MS, MOST_PRICE, Block
from core.lab.grid import finest_step as slow_finest_step

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DECIMALS, _WHOLE = 16, 2.0**53  # further on floats have no digits left to tell


def read_block(path: Path, names: Sequence[str], step_ms: int, low_ms: int, high_ms: int) -> Block | None:
    """The candles in [low, high) of a CSV file; None when there is anything to be looked at closely.

    `names` are the columns in the order timestamp, open, high, low, close, volume.
    """
    try:
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode(ENCODING)
        head, _, body = text.partition("\n")
        there = [name.strip().lower() for name in head.split(",")]
        order = [there.index(name) for name in names]
        if not body.strip():
            return None
        rows = np.loadtxt(StringIO(body), delimiter=",", usecols=order, ndmin=2, comments=None)
    except (OSError, EOFError, zlib.error, ValueError):
        return None
    if body.count(",") != len(rows) * head.count(","):
        return None  # a row with more fields than there are names
    times = rows[:, 0]
    if np.any(times % step_ms) or np.any(np.diff(times) <= 0) or times[-1] >= LAST_MS:
        return None
    wanted = (times >= low_ms) & (times < high_ms)
    inside = rows[wanted]
    if not len(inside) or not _are_candles(inside):
        return None
    block = _block(inside, step_ms)
    if not block.filled:
        return block
    if body.rstrip("\n").count("\n") + 1 != len(rows):
        return None  # with blank lines a row's number is not its place
    before = int(np.argmax(wanted)) + int(np.argmax(np.diff(inside[:, 0]) > step_ms))
    return replace(block, hole=before + 3)  # from 0 to 1, the header, and the row after it


def finest_step(columns: Sequence[Any]) -> Decimal:
    """The finest decimal that any price of these columns is written with, as `grid.finest_step` finds it."""
    left = np.concatenate([np.frombuffer(one) for one in columns])
    for decimals in range(_DECIMALS):
        power = 10.0**decimals
        whole = np.rint(left * power)
        if np.any(whole >= _WHOLE):
            break
        left = left[whole / power != left]
        if not len(left):
            return Decimal(1).scaleb(-decimals)
    return slow_finest_step(chain.from_iterable(columns))


def _are_candles(rows: NDArray[Any]) -> bool:
    opens, highs, lows, closes, volumes = rows[:, 1:].T
    good = (lows > 0) & (lows <= opens) & (opens <= highs) & (lows <= closes) & (closes <= highs)
    return bool(np.all(good & (volumes >= 0) & (highs <= MOST_PRICE) & np.isfinite(volumes)))


def _block(rows: NDArray[Any], step_ms: int) -> Block:
    """With flat candles at the close before each hole, without volume."""
    places = ((rows[:, 0] - rows[0, 0]) // step_ms).astype(np.int64)
    count = int(places[-1]) + 1
    columns = rows[:, 1:]
    if count > len(rows):
        last = np.searchsorted(places, np.arange(count), side="right") - 1
        made = places[last] != np.arange(count)
        columns = columns[last]
        columns[made, :3] = columns[made, 3:4]
        columns[made, 4] = 0.0
    found = tuple(array("d", np.ascontiguousarray(column).tobytes()) for column in columns.T)
    return Block(int(rows[0, 0]), found, len(rows), count - len(rows))
