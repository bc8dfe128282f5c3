"""The road against a backtester written from the rules alone: the same trades, one by one."""

from __future__ import annotations

import csv
import gzip
from dataclasses import fields
from decimal import Decimal as D
from pathlib import Path

import pytest

from core.lab.backtest_mode import backtest
from core.lab.data import Wanted, load
from core.lab.grid import Grids
from core.lab.outcome import Outcome
from core.matching.fees import FlatFees
from core.model.account import RoundTrip
from core.model.market import Pair, Timeframe
from core.trading_config import FILTER_NAMES, Mode
from core.trading_config import load as load_config
from tests.support.made_candles import bars, write
from tests.support.reference_backtest import Bar, Market, Rules, Trade, run

SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "market"
M5 = 300_000

KEYS = {
    "cross": "indicators.cross", "filters": "filters.enabled", "sizing": "risk.sizing",
    "risk_per_trade": "risk.risk_per_trade", "fixed_stake": "risk.fixed_stake",
    "max_position": "risk.max_position", "max_exposure": "risk.max_exposure",
    "max_open": "risk.max_open_positions", "daily_loss": "risk.daily_loss_limit",
    "cooloff": "risk.cooloff_candles", "on_opposite": "exits.on_opposite_signal",
    "stop_atr": "risk.stop_atr", "take_profit_atr": "risk.take_profit_atr", "fast": "indicators.sma_fast",
    "slow": "indicators.sma_slow", "spread_bps": "costs.spread_bps", "taker": "costs.taker",
    "cash": "paper.start_cash",
    **{name: f"filters.{name}" for name in (
        "rsi_long_max", "volume_lookback", "volume_percentile_min", "volatility_min", "volatility_max",
        "chop_lookback", "chop_slope_min", "chop_range_min", "atr_spike_lookback", "atr_spike_max",
        "trend_min",
    )},
}  # fmt: skip


def settings(rules: Rules) -> dict[str, str]:
    """The reference's rules as --set flags of the road."""
    found = {}
    for one in fields(rules):
        if one.name in KEYS:
            value = getattr(rules, one.name)
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            found[KEYS[one.name]] = text.lower() if isinstance(value, bool) else text
    return found


def road(markets: dict[str, Market], rules: Rules, folder: Path, timeframe: str = "5m") -> Outcome:
    config = load_config({}, None, {**settings(rules), "autopilot.timeframe": timeframe}, Mode.BACKTEST)
    table = {}
    for symbol, market in markets.items():
        base, quote = symbol.split("/")
        write(folder, base + quote, market.bars, timeframe)
        table[symbol] = Pair(symbol, base, quote, market.tick, market.lot, market.min_qty, market.min_cost)
    histories = load(Wanted(folder, Timeframe(timeframe)), Grids(table))
    fees = FlatFees(D(str(config.costs.maker)), D(str(config.costs.taker)))
    return backtest(config, histories, fees)


def same_trades(
    ours: tuple[RoundTrip, ...], theirs: list[Trade], markets: dict[str, Market], length: int
) -> None:
    assert len(ours) == len(theirs)
    in_order = sorted(ours, key=lambda trip: (trip.closed_ms // length, trip.symbol))
    for mine, other in zip(in_order, theirs, strict=True):
        tick = markets[other.symbol].tick
        got = (
            mine.symbol, mine.opened_ms // length * length, mine.entry_price.quantize(tick),
            mine.closed_ms // length * length, mine.exit_price.quantize(tick), mine.qty, mine.reason,
        )  # fmt: skip
        assert got == (
            other.symbol, other.entry_time, other.entry_price, other.exit_time, other.exit_price, other.qty,
            other.reason,
        )  # fmt: skip
        assert abs(mine.net_pnl - other.net) < D("0.00001")
        assert abs(mine.fees - other.fees) < D("0.00001")


def compare(markets: dict[str, Market], rules: Rules, folder: Path, timeframe: str = "5m") -> list[Trade]:
    theirs, curve = run(markets, rules)
    ours = road(markets, rules, folder, timeframe)
    same_trades(ours.trips, theirs, markets, rules.length_ms)
    known: dict[int, list[D]] = {}
    for time_ms, equity in curve:
        known.setdefault(time_ms, []).append(equity)
    for time_ms, equity in ours.equity:
        assert any(abs(one - equity) < D("0.0001") for one in known[time_ms])
    if theirs:
        assert abs(ours.equity[-1][1] - curve[-1][1]) < D("0.0001")
    return theirs


def three(count: int) -> dict[str, Market]:
    return {
        "AAA/USD": Market(bars(1, count), D("0.01")),
        "BBB/USD": Market(bars(2, count - 300, price=0.05, decimals=5, start_ms=1_704_067_200_000 + 90 * M5),
                          D("0.00001"), D("1"), D("10"), D("5")),
        "CCC/USD": Market(bars(3, count - 200, price=30_000, decimals=1), D("0.5"), D("0.0001")),
    }  # fmt: skip


@pytest.mark.parametrize("cross", ["price_fast", "fast_slow"])
@pytest.mark.parametrize("sizing", ["risk_percent", "fixed"])
@pytest.mark.parametrize("filters", [(), ("rsi",), FILTER_NAMES])
def test_the_road_trades_as_the_rules_say(
    cross: str, sizing: str, filters: tuple[str, ...], tmp_path: Path
) -> None:
    rules = Rules(M5, cross=cross, sizing=sizing, filters=filters, daily_loss="0.03")
    trades = compare(three(1100), rules, tmp_path)
    assert trades or (cross == "fast_slow" and filters == FILTER_NAMES)


@pytest.mark.parametrize(
    "rules",
    [
        Rules(M5, cooloff=0, on_opposite=False),
        Rules(M5, cooloff=25, stop_atr=0.5, take_profit_atr=0.7),
        Rules(M5, max_position="1", max_exposure="1", risk_per_trade="0.05"),
        Rules(M5, sizing="fixed", fixed_stake="9000", max_position="1", max_exposure="1", max_open=1),
        Rules(M5, cash="40", sizing="fixed", fixed_stake="8", max_position="1", max_exposure="1"),
        Rules(M5, cash="40", sizing="fixed", fixed_stake="5.01", max_position="1", max_exposure="1"),
        Rules(M5, daily_loss="0.004", cooloff=0),
        Rules(M5, spread_bps="80", taker="0", cooloff=0),
        Rules(M5, fast=2, slow=3, cross="fast_slow", cooloff=1),
    ],
    ids=[
        "patient",
        "tight",
        "large risk",
        "one position",
        "minimums",
        "left at any size",
        "daily loss",
        "wide",
        "fast",
    ],
)
def test_every_cap_and_switch_trades_as_the_rules_say(rules: Rules, tmp_path: Path) -> None:
    assert compare(three(900), rules, tmp_path)


def test_a_still_market_trades_as_the_rules_say(tmp_path: Path) -> None:
    markets = {"AAA/USD": Market(bars(9, 1000, calm=0.0004, still=0.5), D("0.01"))}
    compare(markets, Rules(M5, cooloff=0), tmp_path)


def recorded(name: str, count: int, skip: int = 0) -> list[Bar]:
    """Real candles as text with their holes filled flat."""
    path = SHARED / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip("no recorded candles beside the project")
    found: list[Bar] = []
    with gzip.open(path, "rt") as file:
        for number, row in enumerate(csv.DictReader(file)):
            if number < skip or len(found) >= count:
                continue
            at = int(row["timestamp"])
            while found and found[-1][0] + M5 < at:
                close = found[-1][4]
                found.append((found[-1][0] + M5, close, close, close, close, 0.0))
            found.append((at, row["open"], row["high"], row["low"], row["close"], float(row["volume"])))
    return found


@pytest.mark.parametrize("filters", [("rsi",), FILTER_NAMES])
def test_the_road_trades_recorded_candles_as_the_rules_say(filters: tuple[str, ...], tmp_path: Path) -> None:
    folder = "kraken_2024-07_2024-09"
    markets = {
        "ETH/USD": Market(recorded(f"{folder}/ETHUSD_5m", 2000, 9000), D("0.01"), D("1E-8"), D("0.001")),
        "FLR/USD": Market(recorded(f"{folder}/FLRUSD_5m", 1500, 5000), D("0.00001"), D("1E-8"), D("250")),
    }
    assert compare(markets, Rules(M5, filters=filters, daily_loss="0.03"), tmp_path)
