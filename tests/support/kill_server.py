"""Lives of the real service, forked from a process that has imported everything once.

Reads one JSON line a life from stdin: {"env": {...}, "deed": "trade"|"recover", "point": str, "nth": int};
answers with one JSON line: {"code": exit code, "told": what the life told before it ended}.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import suppress
from decimal import Decimal
from typing import Any

import bot.app
import core.venues.exchange_manager  # noqa: F401 - imported before the fork
from core.engine.latches import FLATTENING
from core.engine.registry import Actor, Door, Proposal
from core.model.errors import ZynError
from core.model.ids import is_ours
from core.model.orders import OrderReport, OrderType, Side
from core.trading_config import load
from tests.support.deadly_ports import Fuse, deadly

JIMMY = Actor("jimmy", Door.SHELL, "shell")
SYMBOL = "ETH/USD"
SAFE_S = 15.0


async def _live(job: dict[str, Any], told: dict[str, Any]) -> None:
    began = time.monotonic()
    fuse = Fuse(job.get("point", ""), job.get("nth", 1))
    told["passed"] = fuse.passed
    config = load(job["env"])
    async with bot.app.service(
        config, frozenset(), say=lambda line: None, through=lambda ports: deadly(ports, fuse)
    ) as running:
        told["ready_s"] = round(time.monotonic() - began, 2)
        if job["deed"] == "trade":
            await _trade(running.core, job["name"])
        else:
            told["trouble"] = await _safe(running.core)
            await _ask(running.core, "flatten", f"{job['name']}-end", now=True)
            told["left"] = await _left(running.core)
            await _ask(running.core, "resume", f"{job['name']}-on")  # the last life may have died paused


async def _ask(core: Any, intent: str, name: str, **slots: Any) -> None:
    """As the owner asks, yes included; what is refused or fails is for the reckoning to judge."""
    with suppress(ZynError):
        outcome = await core.registry.carry_out(core.registry.request(intent, slots, JIMMY, name))
        if isinstance(outcome, Proposal):
            await core.confirmations.confirm(outcome.token, JIMMY)


async def _trade(core: Any, name: str) -> None:
    """Everything that moves money once: buy, rest, cancel, sell a part, move the target, sell it all."""
    buy = {"side": "buy", "symbol": SYMBOL, "stop": ("8", "percent"), "take_profit": ("9", "percent")}
    await _ask(core, "place_order", f"{name}-buy", **buy, amount=("300", "quote"))
    quote = await core.engine.entrance.quote(SYMBOL)
    low = str((quote.bid * Decimal("0.97")).quantize(Decimal("0.01")))
    await _ask(
        core, "place_order", f"{name}-rest", **{**buy, "take_profit": None}, amount=("60", "quote"),
        type="limit", limit_price=low,
    )  # fmt: skip
    await _ask(core, "cancel_order", f"{name}-cancel")
    await _ask(core, "pause", f"{name}-pause")
    await _ask(
        core, "place_order", f"{name}-part", side="sell", symbol=SYMBOL, amount=("40", "percent_position")
    )
    await core.engine.sync.refresh()
    await _ask(core, "resume", f"{name}-resume")
    await _ask(core, "flatten", f"{name}-flat", now=True)


async def _safe(core: Any) -> str:
    """Why the position is neither guarded nor on its way out after a while, or nothing."""
    until = time.monotonic() + SAFE_S
    while True:
        trouble = await _unsafe(core)
        flattening = any(one.name.startswith(FLATTENING) for one in core.engine.latches.all())
        if not trouble or (flattening and "sold" not in trouble):
            return ""
        if time.monotonic() > until:
            return trouble
        await asyncio.sleep(0.3)


async def _unsafe(core: Any) -> str:
    """The exchange's own orders and executions, added up without Zyn's book."""
    account = core.world.at_once
    fills, resting = await account.fills(0), await account.open_orders()
    orders = {one.txid: one for one in (*resting, *await account.closed_orders(0))}
    mine = [one for one in fills if _ours(orders, orders[one.order_txid])]
    held = sum((one.qty if one.side is Side.BUY else -one.qty for one in mine), Decimal(0))
    stops = sum(
        (one.left for one in resting if one.type is OrderType.STOP_LOSS and _ours(orders, one)), Decimal(0)
    )
    pair = core.engine.portfolio.pair(SYMBOL)
    if held < 0:
        return f"sold {-held} more than was bought"
    if stops > held:
        return f"stops for {stops} rest while {held} is held"
    twice = _twice(orders)
    if twice:
        return f"bought twice and more than sold once: {twice}"
    bare = held - stops
    return f"{bare} of {held} has no stop" if bare >= pair.min_qty else ""


def _ours(orders: dict[str, OrderReport], one: OrderReport) -> bool:
    parent = orders.get(one.parent_txid or "")
    return _ours(orders, parent) if parent else is_ours(one.cl_ord_id)


def _twice(orders: dict[str, OrderReport]) -> list[str]:
    seen: dict[str, int] = {}
    for one in orders.values():
        if one.cl_ord_id and (one.filled or not one.status.final):
            seen[one.cl_ord_id] = seen.get(one.cl_ord_id, 0) + 1
    return [name for name, count in seen.items() if count > 1]


async def _left(core: Any) -> str:
    """What is still there after everything was to be sold."""
    until = time.monotonic() + SAFE_S
    while True:
        resting = [one for one in await core.world.at_once.open_orders() if is_ours(one.cl_ord_id)]
        if not core.engine.portfolio.invested(SYMBOL) and not resting:
            return ""
        if time.monotonic() > until:
            return f"{core.engine.portfolio.position(SYMBOL)} and {resting}"
        await asyncio.sleep(0.3)


def _child(job: dict[str, Any], out: int) -> None:
    told: dict[str, Any] = {}
    try:
        asyncio.run(_live(job, told))
    except BaseException as error:  # noqa: BLE001 - whatever ends a life is its verdict
        told["error"] = repr(error)
    os.write(out, json.dumps(told).encode())
    os._exit(1 if "error" in told else 0)


def _life(job: dict[str, Any]) -> dict[str, Any]:
    """Fork one life and wait for its end."""
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(read)
        _child(job, write)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(pid, 0)
    return {"code": os.waitstatus_to_exitcode(status), "told": json.loads(told) if told else {}}


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(_life(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
