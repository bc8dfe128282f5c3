"""Answers while Zyn does not run: the same conversation, dry, over a copy of what is stored.

The copy is thrown away afterwards, so that looking can change nothing; nothing here touches a network.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bot.assembly import build_core, recover
from bot.control import Rehearsal
from bot.worlds import World
from core.clock import ManualClock, SystemClock
from core.model.account import Position
from core.model.market import FeeRates, Pair
from core.model.money import NO_MONEY, Money, Price, Qty, to_decimal
from core.model.orders import Origin
from core.model.pair_table import bundled_pairs
from core.store.backup import back_up
from core.store.state_file import StateFile
from core.store.telemetry_db import FILE_NAME as DATABASE
from core.store.telemetry_db import TelemetryDb
from core.trading_config import Config
from core.venues.stored import Remembered, StoredVenue

_ASLEEP = "not_running"
_FINEST = Decimal("1e-8")
_DECISIONS = 2000  # enough for the last close of every pair that is watched


@asynccontextmanager
async def offline_rehearsal(config: Config) -> AsyncIterator[Rehearsal]:
    """The dry conversation over stored data. Raises StoreError when the database cannot be read."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="zyn-ask-")))
        await asyncio.to_thread(_copy, config.world_dir, folder)
        store = await TelemetryDb.open(folder, config.service.mode)
        stack.push_async_callback(store.close)
        state_file = StateFile(folder)
        stack.callback(state_file.close)
        state = await asyncio.to_thread(state_file.load) or {}
        known = await _remembered(config, store, state)
        core = await build_core(config, _world(config, known), dict(known.pairs), store, state_file)
        stack.push_async_callback(core.close_clients)
        stack.push_async_callback(core.supervisor.stop)
        await recover(core, await asyncio.to_thread(core.engine.mirror.load), lambda _: None)
        await core.engine.latches.set(_ASLEEP, "Zyn is not running; this is what was stored")
        yield core.rehearsal


def _copy(source: Path, target: Path) -> None:
    if (source / DATABASE).is_file():
        back_up(source / DATABASE, target / DATABASE)
    for state in source.glob("state.json*"):
        shutil.copy(state, target / state.name)


def _world(config: Config, known: Remembered) -> World:
    """Its clock stands where Zyn was last seen, so that every answer says how old it is."""
    venue, clock = StoredVenue(known), ManualClock(known.time_ms)
    symbols = tuple(known.closes) or tuple(one for one in config.service.symbols if one in known.pairs)
    return World(venue, venue, venue, venue, clock, symbols, "store", f"{config.service.mode}:stored")


async def _remembered(config: Config, store: TelemetryDb, state: Mapping[str, object]) -> Remembered:
    marks = await store.performance()
    decisions = await store.decisions(_DECISIONS)
    closes = {
        one.symbol: (Price(to_decimal(one.signal.close)), one.decided_ms)
        for one in reversed(decisions)
        if one.signal.close > 0
    }
    saved = state.get("saved_ms")
    return Remembered(
        time_ms=saved if isinstance(saved, int) else SystemClock().wall_ms(),
        currency=config.service.base_currency,
        cash=Money(Decimal(marks[-1].cash)) if marks else NO_MONEY,
        fees=FeeRates(to_decimal(config.costs.maker), to_decimal(config.costs.taker)),
        pairs=_pairs(closes),
        closes=closes,
        intents=await store.intents(),
        fills=await store.fills(),
        positions=[_position(row) for row in _rows(state.get("positions"))],
    )


def _pairs(closes: Mapping[str, object]) -> dict[str, Pair]:
    """The bundled table, and for a pair it does not know the finest grid."""
    unknown = {symbol: _unknown_pair(symbol) for symbol in closes if symbol not in bundled_pairs()}
    return {**bundled_pairs(), **unknown}


def _unknown_pair(symbol: str) -> Pair:
    base, _, quote = symbol.partition("/")
    return Pair(symbol, base, quote, tick=_FINEST, lot=_FINEST)


def _rows(value: object) -> list[dict[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def _position(row: Mapping[str, Any]) -> Position:
    entry, qty = Price(Decimal(row["entry"])), Qty(Decimal(row["qty"]))
    return Position(
        symbol=row["symbol"], qty=qty, entry_price=entry, entry_cost=Money(entry * qty), fees=NO_MONEY,
        opened_ms=row["opened_ms"], origin=Origin(row["origin"]), cause=row["cause"],
        stop=Price(Decimal(row["stop"])) if row.get("stop") else None,
        stop_txids=tuple(row.get("stop_order_ids") or ()), stopped_qty=qty,
    )  # fmt: skip
