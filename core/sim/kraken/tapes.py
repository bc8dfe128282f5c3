"""Recorded candles as a market: reads `<PAIR>_5m.csv.gz` files and plays them on their own time."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.model.errors import ConfigError
from core.sim.kraken.bars import Bar, silent
from core.sim.kraken.listing import Listed, Listing
from core.sim.kraken.walk import BAR_MS

WARM_UP_BARS = 720
_PRICES = ("open", "high", "low", "close")


@dataclass(frozen=True, slots=True)
class TapeBars:
    """One market's recorded bars. Holes, and what lies before and after the tape, are flat without volume."""

    first: int
    bars: list[Bar]

    def bar(self, index: int) -> Bar:
        place = min(max(index - self.first, 0), len(self.bars) - 1)
        bar = self.bars[place]
        if place == index - self.first:
            return bar
        return silent(bar.open if index < self.first else bar.close)


def read_tapes(folder: Path, listing: Listing) -> dict[str, TapeBars]:
    """The tapes of a folder by symbol; ConfigError when there is none that can be played."""
    tapes: dict[str, TapeBars] = {}
    for file in sorted(folder.glob("*_5m.csv.gz")):
        market = listing.find(file.name.removesuffix("_5m.csv.gz"))
        if market is not None:
            tapes[market.pair.symbol] = _read(file, market)
    if not tapes:
        raise ConfigError(
            [f"{folder} holds no <PAIR>_5m.csv.gz of a listed pair; nothing can be played from it"]
        )
    return tapes


def tape_start_ms(tapes: Mapping[str, TapeBars]) -> int:
    """The market time at which the latest-starting tape has a full warm-up behind it."""
    return (max(tape.first for tape in tapes.values()) + WARM_UP_BARS) * BAR_MS


def _read(file: Path, market: Listed) -> TapeBars:
    tick = float(market.grid)
    bars: list[Bar] = []
    first = 0
    with gzip.open(file, "rt", newline="") as text:
        for row in csv.DictReader(text):
            index = int(row["timestamp"]) // BAR_MS
            first = first or index
            while bars and first + len(bars) < index:
                bars.append(silent(bars[-1].close))
            opening, high, low, close = (max(round(float(row[name]) / tick), 1) for name in _PRICES)
            volume = float(row["volume"])
            bars.append(Bar(opening, high, low, close, volume, 1 if volume else 0))
    if not bars:
        raise ConfigError([f"{file} is empty"])
    return TapeBars(first, bars)
