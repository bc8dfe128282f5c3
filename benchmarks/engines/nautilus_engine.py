"""nautilus_trader on the workload: bars, its own indicators, bracket orders, as its examples do it.

An order that is made on a bar's close fills there, which in these candles is the next open.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import workload as w
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import (
    AverageTrueRange,
    MovingAverageType,
    RelativeStrengthIndex,
    SimpleMovingAverage,
)
from nautilus_trader.model.currencies import BTC, USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CurrencyPair
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy

candles = w.load(sys.argv[1])
VENUE = Venue("SIM")
PAIR = CurrencyPair(
    instrument_id=InstrumentId(Symbol("BTC/USD"), VENUE), raw_symbol=Symbol("BTC/USD"), base_currency=BTC,
    quote_currency=USD, price_precision=2, size_precision=8, price_increment=Price.from_str("0.01"),
    size_increment=Quantity.from_str("0.00000001"), lot_size=None, max_quantity=None, min_quantity=None,
    max_notional=None, min_notional=None, max_price=None, min_price=None, margin_init=Decimal(0),
    margin_maint=Decimal(0), maker_fee=Decimal(repr(w.FEE)), taker_fee=Decimal(repr(w.FEE)), ts_event=0, ts_init=0,
)  # fmt: skip
BARS = BarType.from_str("BTC/USD.SIM-5-MINUTE-LAST-EXTERNAL")


class Crossing(Strategy):  # type: ignore[misc]
    def on_start(self) -> None:
        self.fast, self.slow = SimpleMovingAverage(w.FAST), SimpleMovingAverage(w.SLOW)
        self.rsi = RelativeStrengthIndex(w.RSI, MovingAverageType.WILDER)
        self.atr = AverageTrueRange(w.ATR, MovingAverageType.WILDER)
        for one in (self.fast, self.slow, self.rsi, self.atr):
            self.register_indicator_for_bars(BARS, one)
        self.above = True
        self.subscribe_bars(BARS)

    def on_bar(self, bar: Any) -> None:
        if not self.indicators_initialized():
            return
        above, before = self.fast.value > self.slow.value, self.above
        self.above = above
        if not above or before or self.rsi.value * 100 >= w.RSI_MAX or not self.portfolio.is_flat(PAIR.id):
            return
        close, away = bar.close.as_double(), self.atr.value
        order = self.order_factory.bracket(
            instrument_id=PAIR.id, order_side=OrderSide.BUY, quantity=PAIR.make_qty(w.STAKE / close),
            sl_trigger_price=PAIR.make_price(close - w.STOP * away), tp_price=PAIR.make_price(close + w.TARGET * away),
        )  # fmt: skip
        self.submit_order_list(order)


def build() -> BacktestEngine:
    engine = BacktestEngine(
        BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True), run_analysis=False)
    )
    engine.add_venue(
        venue=VENUE, oms_type=OmsType.NETTING, account_type=AccountType.MARGIN, base_currency=USD,
        starting_balances=[Money(w.CASH, USD)],
    )  # fmt: skip
    engine.add_instrument(PAIR)
    engine.add_data(DATA)
    engine.add_strategy(Crossing(StrategyConfig()))
    return engine


FRAME = pd.DataFrame(
    {
        "open": candles.open,
        "high": candles.high,
        "low": candles.low,
        "close": candles.close,
        "volume": candles.volume,
    },
    index=pd.to_datetime(candles.ms, unit="ms", utc=True),
)
DATA = BarDataWrangler(BARS, PAIR).process(FRAME)
ENGINE = build()


def one() -> int:
    ENGINE.reset()
    ENGINE.run()
    return len(ENGINE.cache.position_snapshots()) + len(ENGINE.cache.positions_closed())


def trades() -> Sequence[w.Trade]:
    return []


if __name__ == "__main__":
    w.serve(one, lambda: 0, trades)
