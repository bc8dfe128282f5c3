"""Made-up candles for a first backtest without any data: volatility that clusters, trends that come and go.

Nothing in them can be predicted: what a strategy earns here is luck, what it pays in fees is real.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.lab.data import COLUMNS, DataFault
from core.model.market import Pair, Timeframe
from core.model.money import plain, to_decimal
from core.model.pair_table import bundled_pair

DAY_MS = 86_400_000
_START_MS = 1_704_067_200_000  # 2024-01-01T00:00Z
_PRICES = {"BTC": 60_000.0, "ETH": 3_000.0, "SOL": 150.0, "XRP": 0.6, "DOGE": 0.12, "ADA": 0.4, "LTC": 70.0}
_CALM = 0.0011  # usual move of a five-minute close


def generate(folder: Path, symbols: Sequence[str], timeframe: Timeframe, days: int, seed: int) -> list[Path]:
    """Write one candle file a pair, the same for the same seed. Raises DataFault over an existing file."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_write(folder, symbol, timeframe, days, seed) for symbol in symbols]


def _write(folder: Path, symbol: str, timeframe: Timeframe, days: int, seed: int) -> Path:
    pair = bundled_pair(symbol)
    if pair is None:
        raise DataFault(f"{symbol} is not a pair that candles can be made for")
    path = folder / f"{pair.base}{pair.quote}_{timeframe}.csv.gz"
    if path.exists():
        raise DataFault(f"{path} exists already; made-up candles never replace a file")
    lines = [",".join(COLUMNS), *_rows(pair, timeframe, days, random.Random(f"{seed}|{symbol}"))]
    # Without a time in its header the file is the same byte for byte.
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0))
    return path


def _rows(pair: Pair, timeframe: Timeframe, days: int, rng: random.Random) -> Iterator[str]:
    calm = _CALM * (timeframe.ms / Timeframe.M5.ms) ** 0.5
    close, heat, drift = _PRICES.get(pair.base, 10.0), calm, 0.0
    for number in range(days * DAY_MS // timeframe.ms):
        if number % 200 == 0:
            drift = rng.gauss(0, calm / 12)
        move = rng.gauss(drift, heat)
        heat = (0.04 * calm**2 + 0.10 * move**2 + 0.86 * heat**2) ** 0.5
        opened, close = close, close * (1 + move)
        high = max(opened, close) * (1 + abs(rng.gauss(0, heat / 3)))
        low = min(opened, close) * (1 - abs(rng.gauss(0, heat / 3)))
        prices = [plain(pair.price(to_decimal(value))) for value in (opened, high, low, close)]
        volume = rng.lognormvariate(0, 0.8) * (1 + abs(move) / calm)
        yield ",".join([str(_START_MS + number * timeframe.ms), *prices, f"{volume:.6f}"])
        close = float(prices[3])
