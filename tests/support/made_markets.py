"""Markets made with numpy for searches: pure noise, or drifts that last long enough to be followed."""

from __future__ import annotations

from array import array
from decimal import Decimal as D

import numpy as np

from core.lab.data import History
from core.model.market import Pair, Timeframe
from tests.support.made_candles import MONDAY

PAIR = Pair("AAA/USD", "AAA", "USD", D("0.01"), D("1E-8"))
_CALM = 0.004  # usual move of a close


def market(
    seed: int, count: int, edge: float = 0.0, pair: Pair = PAIR, timeframe: Timeframe = Timeframe.H1
) -> History:
    """`edge` is the size of drifts that last 48 candles, in usual moves; 0: nothing can be predicted."""
    rng = np.random.default_rng(seed)
    shocks, moves = rng.standard_normal(count), np.empty(count)
    variance, drift = _CALM**2, 0.0
    for i in range(count):
        if i % 48 == 0:
            drift = edge * _CALM * rng.standard_normal()
        shock = shocks[i] * variance**0.5
        moves[i] = drift + shock
        variance = 0.04 * _CALM**2 + 0.1 * shock**2 + 0.86 * variance
    closes = np.maximum(np.round(3000 * np.exp(np.cumsum(moves)), 2), 1.0)
    opens = np.concatenate([[3000.0], closes[:-1]])
    reach = 1 + np.abs(rng.normal(0, _CALM / 3, (2, count)))
    highs = np.round(np.maximum(opens, closes) * reach[0], 2)
    lows = np.round(np.minimum(opens, closes) / reach[1], 2)
    columns = (opens, highs, lows, closes, np.round(rng.lognormal(0, 1, count), 6))
    opened, high, low, close, volume = (array("d", one.tobytes()) for one in columns)
    return History(pair, timeframe, MONDAY, opened, high, low, close, volume, count, 0)


def save(history: History, folder: str, name: str) -> None:
    """As a candle file that the commands read."""
    rows = (history.candle(i) for i in range(len(history)))
    lines = ["timestamp,open,high,low,close,volume", *(",".join(map(str, row)) for row in rows)]
    with open(f"{folder}/{name}_{history.timeframe}.csv", "w") as file:
        file.write("\n".join(lines) + "\n")
