"""A year of one pair through the real Autopilot, twice and bit-identical, beside freqtrade on the same.

Both trade SMA20 over SMA50 with RSI below 70, brackets of 2 and 3 ATR and 0.26 %, one after the other
in one run. freqtrade runs in an environment of its own (`tools/install_rivals.sh freqtrade`); without it,
Zyn is measured alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from array import array
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from core.lab.backtest_mode import backtest
from core.lab.data import History
from core.matching.fees import FlatFees
from core.model.market import Pair, Timeframe
from core.trading_config import Mode, load

SUMMARY = "candles a second through the real Autopilot: at least 2 x freqtrade's, bit-identical on repeat"
ROUNDS = 1
CANDLES = 105_120
FEE = 0.0026
START = 1_704_067_200_000
PAIR = Pair("AAA/USD", "AAA", "USD", Decimal("1E-6"), Decimal("1E-8"))
RULES = {
    "indicators.cross": "fast_slow", "filters.enabled": "rsi", "risk.sizing": "fixed",
    "risk.daily_loss_limit": "1", "risk.cooloff_candles": "0", "risk.max_position": "1",
    "risk.max_exposure": "1", "exits.on_opposite_signal": "false", "costs.spread_bps": "0",
    "paper.start_cash": "1000000",
}  # fmt: skip
_ROOT = Path(__file__).parents[1]
RIVAL = _ROOT / ".venv-rivals" / "freqtrade" / "bin" / "python"
ENGINE = _ROOT / "benchmarks" / "engines" / "freqtrade_engine.py"


def made(seed: int, count: int) -> dict[str, np.ndarray]:
    """Five-minute candles whose volatility clusters, prices to the cent."""
    rng = np.random.default_rng(seed)
    heat = np.exp(np.cumsum(rng.normal(0, 0.05, count)) * 0.2)
    close = np.round(30_000 * np.exp(np.cumsum(rng.normal(0, 0.0011, count) * np.clip(heat, 0.3, 3))), 2)
    opened = np.concatenate([[30_000.0], close[:-1]])
    reach = np.abs(rng.normal(0, 0.0004, (2, count)))
    return {
        "ms": START + np.arange(count) * 300_000, "open": opened,
        "high": np.round(np.maximum(opened, close) * (1 + reach[0]), 2),
        "low": np.round(np.minimum(opened, close) * (1 - reach[1]), 2),
        "close": close, "volume": np.round(rng.lognormal(0, 1, count), 6),
    }  # fmt: skip


def road(candles: Mapping[str, np.ndarray]) -> tuple[float, int]:
    """Seconds of one run, and its trades; the second run must be the same to the last digit."""
    columns = [array("d", candles[name].tobytes()) for name in ("open", "high", "low", "close", "volume")]
    opens, highs, lows, closes, volumes = columns
    count = len(closes)
    history = History(PAIR, Timeframe.M5, START, opens, highs, lows, closes, volumes, count, 0)
    config, fees = load({}, None, RULES, Mode.BACKTEST), FlatFees(Decimal(0), Decimal(str(FEE)))
    started = perf_counter()
    first = backtest(config, [history], fees)
    seconds = perf_counter() - started
    assert backtest(config, [history], fees) == first, "a repeated run differs"
    return seconds, len(first.trips)


async def freqtrade(candles: Mapping[str, Any]) -> tuple[float, int] | None:
    if not (RIVAL.exists() and ENGINE.exists()):
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "candles.npz"
        np.savez(path, **candles)
        process = await asyncio.create_subprocess_exec(
            str(RIVAL), str(ENGINE), str(path), cwd=ENGINE.parent, stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        out, _ = await process.communicate(b"one\n")
    told = [json.loads(line) for line in out.decode().splitlines() if line.startswith("{")]
    answer = next(line for line in told if "seconds" in line)
    return float(answer["seconds"]), int(answer["trades"])


async def play(number: int) -> dict[str, int]:
    candles = made(number + 1, CANDLES)
    seconds, trades = await asyncio.to_thread(road, candles)
    counts = {"candles": CANDLES, "road candles a second": round(CANDLES / seconds), "road trades": trades}
    rival = await freqtrade(candles)
    if rival is None:
        print("freqtrade is not here (tools/install_rivals.sh freqtrade): Zyn alone", file=sys.stderr)
    else:
        counts |= {
            "freqtrade candles a second": round(CANDLES / rival[0]), "freqtrade trades": rival[1],
            "road per freqtrade/100": round(100 * rival[0] / seconds),
        }  # fmt: skip
    return counts


def check(counts: Mapping[str, int]) -> None:
    assert counts.get("road per freqtrade/100", 200) >= 200, counts
