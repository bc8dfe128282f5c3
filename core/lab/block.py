"""What a file of candles holds, whoever read it."""

from __future__ import annotations

from array import array
from dataclasses import dataclass


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
