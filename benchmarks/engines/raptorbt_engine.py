"""raptorbt on the workload: signal arrays and `run_single_backtest`; its batch runner for the sweep.

It enters again only after an exit signal, so it is given the crosses down as such; its trades are not those of
the others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
import raptorbt
import workload as w

candles = w.load(sys.argv[1])
TIMES = candles.ms.astype(np.int64) * 1_000_000


def settings() -> raptorbt.BacktestConfig:
    made = raptorbt.BacktestConfig(initial_capital=w.CASH, fees=w.FEE, fill_timing="next_bar_open")
    made.set_atr_stop(w.STOP, w.ATR)
    made.set_atr_target(w.TARGET, w.ATR)
    return made


def signals(fast: int, slow: int, rsi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    quick, late = raptorbt.sma(candles.close, fast), raptorbt.sma(candles.close, slow)
    return w.crossed_up(quick, late) & (rsi < w.RSI_MAX), w.crossed_up(late, quick)


def one() -> int:
    both = signals(w.FAST, w.SLOW, raptorbt.rsi(candles.close, w.RSI))
    found = raptorbt.run_single_backtest(
        TIMES, *candles[1:], *both, direction=1, symbol="AAA", config=settings()
    )
    return found.metrics.total_trades


def sweep() -> int:
    rsi = raptorbt.rsi(candles.close, w.RSI)
    items = [raptorbt.BatchSingleItem(f"{fast}_{slow}", *signals(fast, slow, rsi)) for fast, slow in w.SWEEP]
    found = raptorbt.batch_single_backtest(TIMES, *candles[1:], items, settings())
    return sum(result.metrics.total_trades for _, result in found)


def trades() -> Sequence[w.Trade]:
    return []


if __name__ == "__main__":
    w.serve(one, sweep, trades)
