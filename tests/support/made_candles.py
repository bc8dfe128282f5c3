"""Generated markets with volatility that clusters, holes and gaps, on a grid; the same for the same seed."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

from tests.support.reference_backtest import Bar

MONDAY = 1_704_067_200_000  # 2024-01-01T00:00Z


def bars(
    seed: int, count: int, *, length_ms: int = 300_000, price: float = 100.0, decimals: int = 2,
    start_ms: int = MONDAY, calm: float = 0.0015, still: float = 0.02,
) -> list[Bar]:  # fmt: skip
    """`still` is the share of candles without a trade, `calm` the usual move of a close."""
    rng = random.Random(seed)
    close, heat, found = price, calm, []
    text = f"{{:.{decimals}f}}"
    floor = 10.0**-decimals
    for i in range(count):
        at = start_ms + i * length_ms
        if i and rng.random() < still:
            same = text.format(close)
            found.append((at, same, same, same, same, 0.0))
            continue
        heat = max(calm / 3, 0.9 * heat + 0.1 * calm + 0.25 * (abs(rng.gauss(0, heat)) - 0.8 * heat))
        gap = rng.gauss(0, heat) if rng.random() < 0.1 else 0.0
        opened = max(floor, close * (1 + gap))
        close = max(floor, opened * (1 + rng.gauss(0, heat)))
        high = max(opened, close) * (1 + abs(rng.gauss(0, heat / 2)))
        low = max(floor, min(opened, close) * (1 - abs(rng.gauss(0, heat / 2))))
        o, h, w, c = (text.format(value) for value in (opened, high, low, close))
        close = float(c)
        found.append((at, o, h, w, c, round(rng.lognormvariate(0, 1), 6)))
    return found


def write(folder: Path, name: str, rows: list[Bar], timeframe: str = "5m") -> Path:
    """A csv.gz file as the backtest reads it."""
    path = folder / f"{name}_{timeframe}.csv.gz"
    lines = ["timestamp,open,high,low,close,volume"]
    lines += [",".join(map(str, row)) for row in rows]
    with gzip.open(path, "wt") as file:
        file.write("\n".join(lines) + "\n")
    return path
