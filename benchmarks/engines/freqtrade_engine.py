"""freqtrade on the workload: a strategy as its documentation writes them, its own `Backtesting`, no network.

The market's description, which it would ask an exchange for, is handed in. The ATR of the signal's candle
travels in the entry's tag, the quickest way it has.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import talib.abstract as ta
import workload as w
from freqtrade.commands import Arguments  # noqa: F401 - loads what its command loads
from freqtrade.configuration import Configuration
from freqtrade.enums import RunMode
from freqtrade.exchange import Exchange
from freqtrade.optimize.backtesting import Backtesting
from freqtrade.strategy import IStrategy, stoploss_from_absolute

PAIR = "AAA/USD"
STRATEGY = Path(__file__)
_MARKET = {
    "id": "AAAUSD", "symbol": PAIR, "base": "AAA", "quote": "USD", "active": True, "spot": True, "type": "spot",
    "margin": False, "swap": False, "future": False, "option": False, "contract": False, "linear": None,
    "inverse": None, "taker": w.FEE, "maker": w.FEE, "precision": {"amount": 1e-8, "price": 1e-6},
    "limits": {"amount": {"min": 1e-8, "max": None}, "cost": {"min": None, "max": None},
               "price": {"min": None, "max": None}, "leverage": {"min": None, "max": None}}, "info": {},
}  # fmt: skip


class Crossing(IStrategy):  # type: ignore[misc]
    INTERFACE_VERSION = 3
    timeframe = "5m"
    startup_candle_count = 51
    stoploss = -0.99
    use_custom_stoploss = True
    use_custom_roi = True
    minimal_roi: dict[str, float] = {}
    process_only_new_candles = True
    can_short = False

    def populate_indicators(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        dataframe["fast"] = ta.SMA(dataframe, timeperiod=w.FAST)
        dataframe["slow"] = ta.SMA(dataframe, timeperiod=w.SLOW)
        dataframe["rsi"] = ta.RSI(dataframe, timeperiod=w.RSI)
        dataframe["atr"] = ta.ATR(dataframe, timeperiod=w.ATR)
        return dataframe

    def populate_entry_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        crossed = w.crossed_up(dataframe["fast"].to_numpy(), dataframe["slow"].to_numpy())
        wanted = crossed & (dataframe["rsi"] < w.RSI_MAX)
        dataframe.loc[wanted, "enter_long"] = 1
        dataframe.loc[wanted, "enter_tag"] = dataframe.loc[wanted, "atr"].astype(str)
        return dataframe

    def populate_exit_trend(self, dataframe: pd.DataFrame, metadata: dict[str, Any]) -> pd.DataFrame:
        return dataframe

    def custom_stoploss(
        self, pair: str, trade: Any, current_time: Any, current_rate: float, *_: Any, **__: Any
    ) -> float:
        stop = trade.open_rate - w.STOP * float(trade.enter_tag)
        return float(stoploss_from_absolute(stop, current_rate, is_short=False))

    def custom_roi(self, pair: str, trade: Any, *_: Any, **__: Any) -> float:
        # Its profit is after fees; so is the ratio that it is compared with.
        target = trade.open_rate + w.TARGET * float(trade.enter_tag)
        return float(target * (1 - w.FEE) / (trade.open_rate * (1 + w.FEE)) - 1)


def settings(folder: Path) -> dict[str, Any]:
    return {
        "exchange": {"name": "kraken", "key": "", "secret": "", "pair_whitelist": [PAIR], "pair_blacklist": []},
        "pairlists": [{"method": "StaticPairList"}], "stake_currency": "USD", "stake_amount": w.STAKE,
        "dry_run": True, "dry_run_wallet": w.CASH, "max_open_trades": 1, "timeframe": "5m", "fee": w.FEE,
        "trading_mode": "spot", "strategy": "Crossing", "strategy_path": str(STRATEGY.parent),
        "user_data_dir": str(folder), "datadir": str(folder / "data"), "dataformat_ohlcv": "feather",
        "export": "none", "entry_pricing": {"price_side": "same", "use_order_book": False},
        "exit_pricing": {"price_side": "same", "use_order_book": False}, "internals": {},
    }  # fmt: skip


def offline() -> None:
    """What freqtrade would ask the exchange for stands there already."""

    def markets(self: Any, *_: Any, **__: Any) -> None:
        self._markets = {PAIR: _MARKET}
        self._api.set_markets(self._markets)
        self._api_async.set_markets(self._markets)
        self._last_markets_refresh = 1 << 60

    Exchange.reload_markets = markets
    Exchange.validate_timeframes = lambda self, timeframe: None


def write(candles: w.Candles, folder: Path) -> None:
    frame = pd.DataFrame({
        "date": pd.to_datetime(candles.ms, unit="ms", utc=True), "open": candles.open, "high": candles.high,
        "low": candles.low, "close": candles.close, "volume": candles.volume,
    })  # fmt: skip
    (folder / "data").mkdir(parents=True, exist_ok=True)
    frame.to_feather(folder / "data" / "AAA_USD-5m.feather")


def prepare(folder: Path) -> tuple[Backtesting, Any, Any]:
    (folder / "config.json").write_text(json.dumps(settings(folder)))
    config = Configuration({"config": [str(folder / "config.json")]}, RunMode.BACKTEST).get_config()
    config.update(settings(folder))
    config["datadir"] = folder / "data"
    config["user_data_dir"] = folder
    backtesting = Backtesting(config)
    data, timerange = backtesting.load_bt_data()
    return backtesting, data, timerange


class Freqtrade:
    def __init__(self, candles: w.Candles, folder: Path) -> None:
        offline()
        write(candles, folder)
        self._tester, self._data, self._range = prepare(folder)

    def one(self) -> int:
        tester = self._tester
        tester.backtest_one_strategy(tester.strategylist[0], self._data, self._range)
        return len(tester.all_bt_content[tester.strategylist[0].get_strategy_name()]["results"])

    def trades(self) -> Sequence[w.Trade]:
        self.one()
        found = self._tester.all_bt_content[self._tester.strategylist[0].get_strategy_name()]["results"]
        index = {ms: k for k, ms in enumerate(candles.ms)}
        return [
            (
                index[int(one.open_date.timestamp() * 1000)],
                index[int(one.close_date.timestamp() * 1000)],
                one.open_rate,
                one.close_rate,
            )
            for one in found.itertuples()
        ]


if __name__ == "__main__":
    candles = w.load(sys.argv[1])
    with tempfile.TemporaryDirectory() as kept:
        freqtrade = Freqtrade(candles, Path(kept))
        w.serve(freqtrade.one, lambda: 0, freqtrade.trades)
