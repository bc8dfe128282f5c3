"""backtesting.py on the workload: a strategy as its documentation writes them, TA-Lib for the indicators.

A stop is measured from the fill, which is not known when the order is made: the next open is handed in as an
indicator.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
import talib
import workload as w
from backtesting import Strategy
from backtesting.lib import FractionalBacktest

warnings.filterwarnings("ignore")
candles = w.load(sys.argv[1])
FRAME = pd.DataFrame(
    {
        "Open": candles.open,
        "High": candles.high,
        "Low": candles.low,
        "Close": candles.close,
        "Volume": candles.volume,
    },
    index=pd.to_datetime(candles.ms, unit="ms"),
)
UNIT = 1e-8


class Crossing(Strategy):  # type: ignore[misc]
    fast, slow = w.FAST, w.SLOW

    def init(self) -> None:
        close = self.data.Close
        quick, late = talib.SMA(close, self.fast), talib.SMA(close, self.slow)
        wanted = w.crossed_up(quick, late) & (talib.RSI(close, w.RSI) < w.RSI_MAX)
        self.wanted = self.I(lambda: wanted.astype(float), plot=False)
        self.atr = self.I(lambda: talib.ATR(self.data.High, self.data.Low, close, w.ATR), plot=False)
        self.fill = self.I(lambda: np.concatenate([self.data.Open[1:], [np.nan]]), plot=False)

    def next(self) -> None:
        if not self.position and self.wanted[-1] > 0:
            fill, atr = self.fill[-1], self.atr[-1]
            lots = int(w.STAKE / fill)  # a unit costs UNIT coins, and so do these prices
            self.buy(size=lots, sl=fill - w.STOP * atr, tp=fill + w.TARGET * atr)


def backtest() -> FractionalBacktest:
    return FractionalBacktest(
        FRAME, Crossing, cash=w.CASH, commission=w.FEE, finalize_trades=True, fractional_unit=UNIT
    )


def one() -> int:
    return len(backtest().run()["_trades"])


def sweep() -> int:
    return sum(len(backtest().run(fast=fast, slow=slow)["_trades"]) for fast, slow in w.SWEEP)


def trades() -> Sequence[w.Trade]:
    rows = backtest().run()["_trades"]
    return sorted(
        (int(one.EntryBar), int(one.ExitBar), one.EntryPrice, one.ExitPrice) for one in rows.itertuples()
    )


if __name__ == "__main__":
    w.serve(one, sweep, trades)
