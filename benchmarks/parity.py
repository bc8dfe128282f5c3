"""Road and kernel, trade by trade: every recorded set there is, and twenty generated pair-years.

A round is one set of candles under each of the settings below. Recorded sets lie beside the clone
(`../shared/data/market`); without them only generated ones are compared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal as D
from pathlib import Path

from core.lab.backtest_mode import backtest
from core.lab.data import History, Wanted, load
from core.lab.engines import Timed, check_same, fast_engine
from core.lab.fast import FastEngine
from core.lab.grid import Grids
from core.matching.fees import FlatFees
from core.model.market import FeeRates, Pair, Timeframe
from core.trading_config import Config, Mode
from core.trading_config import load as load_config
from tests.support.made_markets import market

SUMMARY = "the same trades from road and kernel on every recorded set and on 20 generated pair-years"
GENERATED = 20
A_YEAR = 105_120
FEES = FeeRates(D("0.0016"), D("0.0026"))
RECORDED = Path(__file__).parents[2] / "shared/data/market"

# What is in force: the defaults with all six filters, both crosses, both sizings, every cap, every exit.
SETTINGS: dict[str, dict[str, str]] = {
    "defaults": {},
    "fast_slow": {"indicators.cross": "fast_slow", "risk.max_exposure": "0.3", "risk.risk_per_trade": "0.02"},
    "tight caps": {
        "filters.enabled": "", "risk.max_position": "0.05", "risk.max_exposure": "0.12", "risk.max_open_positions": "2",
        "risk.cooloff_candles": "12", "risk.daily_loss_limit": "0.005", "risk.kill_action": "flatten",
        "risk.gap_stress": "0.5", "edge.gate": "enforce",
    },
    "fixed": {
        "indicators.cross": "fast_slow", "filters.enabled": "rsi", "risk.sizing": "fixed",
        "exits.on_opposite_signal": "false", "risk.cooloff_candles": "0", "costs.spread_bps": "11",
    },
}  # fmt: skip
_GRIDS = (
    Pair("AAA/USD", "AAA", "USD", D("0.01"), D("1E-8")),
    Pair("BBB/USD", "BBB", "USD", D("0.05"), D("0.001"), D("0.002"), D("5")),
    Pair("CCC/USD", "CCC", "USD", D("0.1"), D("1")),
)


@dataclass(frozen=True, slots=True)
class Set:
    """One set of candles to compare on."""

    name: str
    wanted: Wanted | None  # recorded
    seed: int = 0  # generated

    def histories(self) -> list[History]:
        if self.wanted is not None:
            return load(self.wanted, Grids())
        pair = _GRIDS[self.seed % len(_GRIDS)]
        return [market(self.seed, A_YEAR, edge=0.2, pair=pair, timeframe=Timeframe.M5)]


def sets() -> list[Set]:
    """Generated ones first, then every recorded folder at each of its timeframes."""
    return [*(Set(f"generated {k}", None, k) for k in range(GENERATED)), *_recorded()]


def _recorded() -> Iterator[Set]:
    for folder in sorted(RECORDED.glob("*")) if RECORDED.is_dir() else []:
        for timeframe in Timeframe:
            if any(folder.glob(f"*_{timeframe}.csv.gz")):
                yield Set(f"{folder.name} {timeframe}", Wanted(folder, timeframe))


ROUNDS = len(sets())


async def play(number: int) -> dict[str, int]:
    """One set under all settings; raises with the first trade that differs."""
    histories = sets()[number].histories()
    return dict(Counter(sets=1, candles=sum(map(len, histories))) + compare(histories))


def compare(histories: Sequence[History]) -> Counter[str]:
    """Trades that were the same, by settings."""
    found: Counter[str] = Counter()
    engine = fast_engine(histories, config({}), FEES, _nobody)
    for name, flags in SETTINGS.items():
        found[f"{name}: trades"] = _same(engine, histories, config(flags))
        found["trades"] += found[f"{name}: trades"]
    return found


def config(flags: dict[str, str]) -> Config:
    return load_config({}, None, flags, Mode.BACKTEST)


def _same(engine: FastEngine, histories: Sequence[History], settings: Config) -> int:
    fast = engine.run(settings, FEES).outcome()
    road = backtest(settings, histories, FlatFees(FEES.maker, FEES.taker))
    check_same(Timed(fast, 0.0, "fast"), Timed(road, 0.0, "road"))
    assert fast.refused == road.refused, f"{fast.refused} is not {road.refused}"
    return len(fast.trips)


def _nobody(line: str) -> None:
    """Nobody waits."""
