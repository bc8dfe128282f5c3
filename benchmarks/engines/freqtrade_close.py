"""Run by freqtrade's own Python: milliseconds to analyse the newest candle of every pair in a file."""

import json
import sys
import time

import pandas as pd
import talib.abstract as ta
from freqtrade.enums import CandleType, RunMode
from freqtrade.strategy import IStrategy


class Close(IStrategy):
    """The seed's indicators as a freqtrade user writes them."""

    INTERFACE_VERSION = 3
    timeframe = "5m"
    minimal_roi = {"0": 10}
    stoploss = -0.5
    process_only_new_candles = False

    def populate_indicators(self, dataframe, metadata):
        dataframe["fast"] = ta.SMA(dataframe, 20)
        dataframe["slow"] = ta.SMA(dataframe, 50)
        dataframe["rsi"] = ta.RSI(dataframe, 14)
        dataframe["atr"] = ta.ATR(dataframe, 14)
        return dataframe

    def populate_entry_trend(self, dataframe, metadata):
        crossed = (dataframe["close"] > dataframe["fast"]) & (
            dataframe["close"].shift(1) <= dataframe["fast"].shift(1)
        )
        dataframe.loc[crossed & (dataframe["rsi"] < 70), "enter_long"] = 1
        return dataframe

    def populate_exit_trend(self, dataframe, metadata):
        crossed = (dataframe["close"] < dataframe["fast"]) & (
            dataframe["close"].shift(1) >= dataframe["fast"].shift(1)
        )
        dataframe.loc[crossed, "exit_long"] = 1
        return dataframe


def main() -> None:
    config = {
        "stake_currency": "USD", "runmode": RunMode.DRY_RUN, "timeframe": "5m",
        "exchange": {"name": "kraken"}, "candle_type_def": CandleType.SPOT, "trading_mode": "spot",
    }  # fmt: skip
    strategy = Close(config)
    with open(sys.argv[1]) as file:
        raw = json.load(file)
    frames = {}
    for pair, rows in raw.items():
        frame = pd.DataFrame(rows, columns=["date", "open", "high", "low", "close", "volume"])
        frame["date"] = pd.to_datetime(frame["date"], unit="ms", utc=True)
        frames[pair] = frame
    times = []
    for _ in range(3):
        began = time.process_time()
        for pair, frame in frames.items():
            analysed = strategy.analyze_ticker(frame.copy(), {"pair": pair})
            last = analysed.iloc[-1]
            (last.get("enter_long"), last.get("exit_long"))
        times.append((time.process_time() - began) * 1000)
    print(json.dumps({"ms": sorted(times)[1], "pairs": len(frames)}))


if __name__ == "__main__":
    main()
