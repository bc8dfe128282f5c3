"""vectorbt on the workload: its own indicators, and `Portfolio.from_signals` with stops and targets.

An order stands on the candle of its signal and fills at the next open, so that its stop is watched from there
on. That way vectorbt drops a signal on the candle of an exit. For the list of trades every candle is therefore
given twice, its open alone and then whole, and an order stands on the open: the same rules as everybody's, at
half the speed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import vectorbt as vbt
import workload as w
from vectorbt.portfolio.enums import StopEntryPrice

candles = w.load(sys.argv[1])
INDEX = pd.DatetimeIndex(pd.to_datetime(candles.ms, unit="ms"))
OPEN, HIGH, LOW, CLOSE = (pd.Series(one, INDEX) for one in candles[1:5])
NEXT = OPEN.shift(-1)


def indicators() -> tuple[pd.Series, pd.Series]:
    """RSI and ATR by Wilder, seeded as TA-Lib seeds them, through vectorbt's bridge to it."""
    rsi = vbt.IndicatorFactory.from_talib("RSI").run(CLOSE, timeperiod=w.RSI).real
    atr = vbt.IndicatorFactory.from_talib("ATR").run(HIGH, LOW, CLOSE, timeperiod=w.ATR).real
    return rsi, atr


def crosses(fast: Any, slow: Any) -> Any:
    return vbt.MA.run(CLOSE, fast, short_name="fast").ma_crossed_above(
        vbt.MA.run(CLOSE, slow, short_name="slow")
    )


def portfolio(entries: Any, stops: Any, targets: Any) -> vbt.Portfolio:
    return vbt.Portfolio.from_signals(
        CLOSE, entries, open=OPEN, high=HIGH, low=LOW, price=NEXT, size=w.STAKE, size_type="value",
        fees=w.FEE, sl_stop=stops, tp_stop=targets, stop_entry_price=StopEntryPrice.FillPrice,
        init_cash=w.CASH, freq="5min",
    )  # fmt: skip


def one() -> int:
    rsi, atr = indicators()
    entries = crosses(w.FAST, w.SLOW) & (rsi < w.RSI_MAX) & NEXT.notna()
    made = portfolio(entries, w.STOP * atr / NEXT, w.TARGET * atr / NEXT)
    return len(made.trades.records)


def sweep() -> int:
    """All combinations side by side in one call, as vectorbt is meant to be used."""
    rsi, atr = indicators()
    fast, slow = [one for one, _ in w.SWEEP], [one for _, one in w.SWEEP]
    found = crosses(fast, slow)
    allowed = ((rsi < w.RSI_MAX) & NEXT.notna()).to_numpy()[:, None]
    entries = pd.DataFrame(found.to_numpy() & allowed, INDEX)
    stops, targets = (times * atr / NEXT for times in (w.STOP, w.TARGET))
    return len(portfolio(entries, stops.to_numpy()[:, None], targets.to_numpy()[:, None]).trades.records)


def trades() -> Sequence[w.Trade]:
    rsi, atr = indicators()
    wanted = (crosses(w.FAST, w.SLOW) & (rsi < w.RSI_MAX)).to_numpy()
    count = len(wanted)
    entries = np.zeros(2 * count, bool)
    entries[2::2] = wanted[:-1]

    def twice(first: Any, second: Any) -> Any:
        return np.column_stack([first, second]).ravel()

    o, h, low, c = candles[1:5]
    away, nothing = np.concatenate([[np.nan], atr.to_numpy()[:-1]]) / o, np.full(count, np.nan)
    made = vbt.Portfolio.from_signals(
        twice(o, c), entries, open=twice(o, o), high=twice(o, h), low=twice(o, low), price=twice(o, c),
        size=w.STAKE, size_type="value", fees=w.FEE, sl_stop=twice(w.STOP * away, nothing),
        tp_stop=twice(w.TARGET * away, nothing), stop_entry_price=StopEntryPrice.FillPrice, init_cash=w.CASH,
    )  # fmt: skip
    rows = made.trades.records
    return [
        (int(one.entry_idx) // 2, int(one.exit_idx) // 2, one.entry_price, one.exit_price)
        for one in rows.itertuples()
    ]


if __name__ == "__main__":
    w.serve(one, sweep, trades)
