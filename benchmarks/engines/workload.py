"""What every engine is given and asked: needs numpy alone, for it is loaded in all their environments.

An engine's process says `ready` with the seconds that its first run took, then answers one JSON line for each
line it reads: `one` (the workload on one pair), `sweep` (100 combinations), `trades FILE`, `memory`.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

FAST, SLOW, RSI, RSI_MAX, ATR = 20, 50, 14, 70.0, 14
STOP, TARGET, FEE, STAKE, CASH = 2.0, 3.0, 0.0026, 1_000.0, 1_000_000.0
SWEEP = [(fast, slow) for fast in range(5, 55, 5) for slow in range(60, 260, 20)]
STEP_MS, A_YEAR = 300_000, 105_120
START_MS = 1_704_067_200_000

Trade = tuple[int, int, float, float]  # candle of entry and of exit, prices


class Candles(NamedTuple):
    """One pair, a column each; `ms` are the opens' times."""

    ms: Any
    open: Any
    high: Any
    low: Any
    close: Any
    volume: Any


def make(seed: int, count: int = A_YEAR) -> Candles:
    """Five-minute candles whose volatility clusters (GARCH), prices to the cent."""
    rng = np.random.default_rng(seed)
    calm, shocks, moves = 0.0011**2, rng.standard_normal(count), np.empty(count)
    variance = calm
    for i in range(count):
        moves[i] = shocks[i] * variance**0.5
        variance = 0.04 * calm + 0.10 * moves[i] ** 2 + 0.86 * variance
    close = np.round(30_000 * np.exp(np.cumsum(moves)), 2)
    opened = np.concatenate([[30_000.0], close[:-1]])
    reach = np.abs(rng.normal(0, 0.0004, (2, count)))
    high = np.round(np.maximum(opened, close) * (1 + reach[0]), 2)
    low = np.round(np.minimum(opened, close) * (1 - reach[1]), 2)
    volume = np.round(rng.lognormal(0, 1, count), 6)
    return Candles(START_MS + np.arange(count) * STEP_MS, opened, high, low, close, volume)


def load(path: str) -> Candles:
    kept = np.load(path)
    return Candles(*(kept[name] for name in Candles._fields))


def crossed_up(fast: Any, slow: Any) -> Any:
    """Where `fast` is above `slow` and was not on the candle before."""
    above = fast > slow
    known = np.isfinite(fast) & np.isfinite(slow)
    before = np.concatenate([[False], (~above & known)[:-1]])
    return above & before


def serve(one: Callable[[], int], sweep: Callable[[], int], trades: Callable[[], Sequence[Trade]]) -> None:
    """Answer until there is nothing more to read. `one` and `sweep` return how many trades there were."""
    _say(ready=_timed(one)[0])
    for line in sys.stdin:
        word, _, rest = line.strip().partition(" ")
        if word == "one":
            seconds, count = _timed(one)
            _say(seconds=seconds, trades=count)
        elif word == "sweep":
            before = _memory()
            seconds, count = _timed(sweep)
            _say(seconds=seconds, trades=count, memory=_memory(), before=before)
        elif word == "trades":
            with open(rest, "w") as file:
                json.dump([list(map(float, trade)) for trade in trades()], file)
            _say(written=rest)


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    started = perf_counter()
    found = work()
    return perf_counter() - started, int(found)


def _memory() -> int:
    """Most resident kilobytes so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _say(**what: Any) -> None:
    print(json.dumps({**what, "pid": os.getpid()}), flush=True)
