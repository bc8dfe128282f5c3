"""What a file of candles holds, whoever read it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass

ENCODING = "utf-8-sig"  # with or without a mark at its beginning
MOST_PRICE = 1e15  # more is no price of anything, and a float could not tell its ticks
LAST_MS = 4_102_444_800_000  # the year 2100: a later timestamp is not in ms


@dataclass(frozen=True, slots=True)
class Block:
    """Candles on an unbroken grid of time; `rows` were read and `filled` made up.

    `columns` are open, high, low, close and volume; `hole` is the row of the file before which the first
    candle is missing, 0 without one.
    """

    start_ms: int
    columns: tuple[array[float], ...]
    rows: int
    filled: int
    hole: int = 0
