"""Zyn's own fast engine on the workload, every candle judged anew in each run."""

from __future__ import annotations

import os
import sys
from array import array
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

from benchmarks.engines import workload as w
from core.lab.data import History
from core.lab.engines import fast_engine
from core.lab.fast import FastEngine
from core.model.market import FeeRates, Pair, Timeframe
from core.trading_config import Config, Mode, load

# A tick so fine that no stop or target is moved by it: the others know no grid.
PAIR = Pair("AAA/USD", "AAA", "USD", Decimal("1E-6"), Decimal("1E-8"))
FEES = FeeRates(Decimal("0.0016"), Decimal(repr(w.FEE)))
_RULES = {
    "indicators.cross": "fast_slow", "filters.enabled": "rsi", "risk.sizing": "fixed",
    "risk.daily_loss_limit": "1", "risk.cooloff_candles": "0", "risk.max_position": "1",
    "risk.max_exposure": "1", "exits.on_opposite_signal": "false", "costs.spread_bps": "0",
    "paper.start_cash": repr(w.CASH),
}  # fmt: skip


def config(fast: int = w.FAST, slow: int = w.SLOW) -> Config:
    rules = {**_RULES, "indicators.sma_fast": str(fast), "indicators.sma_slow": str(slow)}
    return load({}, None, rules, Mode.BACKTEST)


def history(candles: w.Candles) -> History:
    columns = [array("d", column.tobytes()) for column in candles[1:]]
    opened, high, low, close, volume = columns
    start, count = int(candles.ms[0]), len(candles.ms)
    return History(PAIR, Timeframe.M5, start, opened, high, low, close, volume, count, 0)


class Zyn:
    """The workload on one pair's candles."""

    def __init__(self, candles: w.Candles) -> None:
        self._history = history(candles)
        self._config = config()
        self._sweep = [config(fast, slow) for fast, slow in w.SWEEP]
        self._compiled = fast_engine([self._history], self._config, FEES, print)

    def fresh(self) -> FastEngine:
        """Knows nothing of any run before."""
        return self._compiled.fresh()

    def one(self) -> int:
        return len(self.fresh().run(self._config, FEES).trades)

    def sweep(self) -> int:
        """All cores, as `zyn optimize` uses them."""
        engine = self.fresh()
        with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            return sum(pool.map(lambda one: len(engine.run(one, FEES).trades), self._sweep))

    def trades(self) -> Sequence[w.Trade]:
        start = self._history.start_ms
        found = self.fresh().run(self._config, FEES).outcome().trips
        return [
            (
                (one.opened_ms - start) // w.STEP_MS, (one.closed_ms - start) // w.STEP_MS,
                float(one.entry_price), float(one.exit_price),
            )
            for one in found
        ]  # fmt: skip


if __name__ == "__main__":
    zyn = Zyn(w.load(sys.argv[1]))
    w.serve(zyn.one, zyn.sweep, zyn.trades)
