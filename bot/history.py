"""The demo's history: made-up months through the live recorder, in the background, once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from loguru import logger

from core.clock import Clock, WallSeconds
from core.lab.backfill import backfill
from core.lab.data import History, Wanted, load
from core.lab.generated import generate
from core.lab.grid import Grids
from core.lab.run import rates
from core.model.market import Timeframe
from core.model.shadow import Evidence
from core.store.telemetry_db import TelemetryDb
from core.trading_config import Config

_WAIT = WallSeconds(90.0)  # the start belongs to trading
_REST = WallSeconds(0.02)  # between two handfuls of rows
_HANDFUL, _DAYS, _PAIRS = 20, 30, 2


async def backfill_demo(config: Config, store: TelemetryDb, symbols: Sequence[str], clock: Clock) -> None:
    """Fill the shadow ledger from generated candles of a few pairs, marked as backfill."""
    await clock.sleep(_WAIT)
    if await store.count_outcomes(Evidence.BACKFILL):
        return
    histories = await asyncio.to_thread(_made_up, config, symbols[:_PAIRS])
    for number, rows in enumerate(backfill(config, histories, rates(config.costs))):
        store.note(*rows)
        if number % _HANDFUL == 0:
            await clock.sleep(_REST)
    logger.info("{} outcomes of made-up history are in the shadow ledger.",
                await store.count_outcomes(Evidence.BACKFILL))  # fmt: skip


def _made_up(config: Config, symbols: Sequence[str]) -> list[History]:
    folder, timeframe = config.world_dir / "history", Timeframe(config.autopilot.timeframe)
    for symbol in symbols:
        if not _there(folder, symbol, timeframe):
            generate(folder, (symbol,), timeframe, _DAYS, config.demo.seed)
    return load(Wanted(folder, timeframe, tuple(symbols)), Grids(None))


def _there(folder: Path, symbol: str, timeframe: Timeframe) -> bool:
    return any(folder.glob(f"{symbol.replace('/', '')}_{timeframe}.*"))
