"""Write generated 5-minute candles for `zyn backtest`: the local Kraken's own market, no download.

    python tools/make_candles.py FOLDER [--days 30] [--seed 1] [--symbols BTC/USD,ETH/USD]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from core.sim.kraken.listing import Listing
from core.sim.kraken.market import Market

BAR_MS, BARS_A_DAY = 300_000, 288
FIRST_BAR = 1_735_689_600_000 // BAR_MS  # 2025-01-01


def write(market: Market, symbol: str, folder: Path, days: int) -> Path:
    """One pair's file; columns timestamp (ms UTC of the open), open, high, low, close, volume."""
    listed, path = market.listing.by_symbol[symbol], market.path(symbol)
    target = folder / f"{symbol.replace('/', '')}_5m.csv.gz"
    with gzip.open(target, "wt", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("timestamp", "open", "high", "low", "close", "volume"))
        for index in range(FIRST_BAR, FIRST_BAR + days * BARS_A_DAY):
            bar = path.bar(index)
            prices = (listed.price_text(ticks) for ticks in (bar.open, bar.high, bar.low, bar.close))
            rows.writerow((index * BAR_MS, *prices, f"{bar.volume:.8f}"))
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--symbols", default="BTC/USD,ETH/USD")
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    market = Market(Listing(), args.seed)
    for symbol in args.symbols.split(","):
        print(write(market, symbol, args.folder, args.days))


if __name__ == "__main__":
    main()
