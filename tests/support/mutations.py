"""Candle series spoilt in every way an exchange or a file can spoil them, and what must become of each.

A mutation is either *broken* (the door must refuse it and name the row), *mended* (a hole: filled flat, so
that it decides as the same series with flat candles in it) or *early* (still forming: not judged).
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.model.market import Candle, Timeframe
from core.strategy.signal_engine import SignalEngine
from core.trading_config import IndicatorConfig, MarketFilters
from core.venues.kraken_candles import closed_rows
from core.venues.kraken_shapes import BadShape

M5 = Timeframe.M5.ms
START = 1_700_000_100_000
HEAD = ("timestamp", "open", "high", "low", "close", "volume")
Row = list[Any]  # time in ms and five numbers
NASTY = ("nan", "inf", "-inf", "-1", "0", "", "abc", "1e999")
BROKEN, MENDED, EARLY = "broken", "mended", "early"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A spoilt series. `row` is the index in `rows` of the first row that is wrong."""

    kind: str
    name: str
    rows: list[Row]
    row: int = -1


def series(rng: random.Random, count: int) -> list[Row]:
    """A clean walk on a grid of cents."""
    close, rows = rng.uniform(20, 2000), []
    for i in range(count):
        opened = close
        close = round(max(1.0, opened * (1 + rng.gauss(0, 0.003))), 2)
        opened = round(opened, 2)
        high, low = max(opened, close) + 0.02, max(0.01, min(opened, close) - 0.02)
        rows.append(
            [START + i * M5, opened, round(high, 2), round(low, 2), close, round(rng.random() * 9, 4)]
        )
    return rows


def mutate(rng: random.Random, rows: list[Row]) -> Mutant:
    """One way of spoiling, drawn from all of them."""
    rows = [list(row) for row in rows]
    spoil = rng.choice(_WAYS)
    return spoil(rng, rows)


def _nasty_number(rng: random.Random, rows: list[Row]) -> Mutant:
    at, column, text = rng.randrange(len(rows)), rng.randrange(1, 6), rng.choice(NASTY)
    if column == 5 and text == "0":
        text = "-0.5"
    rows[at][column] = text
    return Mutant(BROKEN, f"{text or 'nothing'} as {HEAD[column]}", rows, at)


def _negative(rng: random.Random, rows: list[Row]) -> Mutant:
    at, column = rng.randrange(len(rows)), rng.randrange(1, 6)
    rows[at][column] = -float(rows[at][column]) - 0.01
    return Mutant(BROKEN, f"negative {HEAD[column]}", rows, at)


def _high_below_low(rng: random.Random, rows: list[Row]) -> Mutant:
    at = rng.randrange(len(rows))
    rows[at][2], rows[at][3] = rows[at][3], rows[at][2]
    return Mutant(BROKEN, "high below low", rows, at)


def _twice(rng: random.Random, rows: list[Row]) -> Mutant:
    at = rng.randrange(len(rows))
    rows.insert(at + 1, list(rows[at]))
    return Mutant(BROKEN, "twice", rows, at + 1)


def _disorder(rng: random.Random, rows: list[Row]) -> Mutant:
    at = rng.randrange(len(rows) - 1)
    rows[at], rows[at + 1] = rows[at + 1], rows[at]
    return Mutant(BROKEN, "disorder", rows, at + 1)


def _off_the_grid(rng: random.Random, rows: list[Row]) -> Mutant:
    at = rng.randrange(len(rows))
    rows[at][0] += rng.randrange(1, M5)
    return Mutant(BROKEN, "off the grid of time", rows, at)


def _hole(rng: random.Random, rows: list[Row]) -> Mutant:
    at = rng.randrange(1, len(rows) - 1)
    del rows[at : min(len(rows) - 1, at + rng.randrange(1, 6))]
    return Mutant(MENDED, "hole", rows)


def _forming(rng: random.Random, rows: list[Row]) -> Mutant:
    last = rows[-1]
    jump = round(last[4] * rng.choice((0.5, 0.97, 1.03, 2.0)), 2)
    rows.append([last[0] + M5, last[4], max(jump, last[4]), min(jump, last[4]), jump, 1.0])
    return Mutant(EARLY, "forming candle", rows)


_WAYS: tuple[Callable[[random.Random, list[Row]], Mutant], ...] = (
    _nasty_number, _negative, _high_below_low, _twice, _disorder, _off_the_grid, _hole, _forming,
)  # fmt: skip


def as_csv(rows: list[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HEAD)
    writer.writerows(rows)
    return text.getvalue()


def live(rows: list[Row], now_ms: int) -> list[Candle]:
    """The rows as Kraken's REST would answer them, read by the venue. Raises BadShape."""
    reply = [[_seconds(row[0]), *map(str, row[1:5]), "0", str(row[5]), 1] for row in rows]
    committed = max((row[0] for row in rows if row[0] + M5 <= now_ms), default=0)
    return closed_rows({"X": reply, "last": _seconds(committed)}, "X", Timeframe.M5, now_ms)


def _seconds(ms: int) -> Decimal:
    return Decimal(ms) / 1000


def judged_live(rows: list[Row], now_ms: int, tick: Any) -> tuple[int, int] | str:
    """(action, time of the candle it was judged on) of the newest closed candle, or why it was refused."""
    try:
        candles = live(rows, now_ms)
    except BadShape as why:
        return str(why)
    engine = SignalEngine(IndicatorConfig(sma_fast=5, sma_slow=12), MarketFilters(enabled=("rsi",)), tick)
    engine.rebuild(candles)
    return engine.action, engine.last_ms
