"""Orders whose requests and answers are lost, late or doubled: none is sent twice, none is forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter
from decimal import Decimal
from random import Random

from core.model.errors import VenueError
from core.model.orders import IntentState, Leg, Origin
from tests.support.lossy import Faults, Village, Wrong, live
from tests.support.trading import PAIRS
from tests.support.virtual_time import VirtualLoop

SUMMARY = "10,000 orders under lost, late and doubled replies: 0 duplicates, 0 lost"
ROUNDS = 700  # each sends some fifteen orders
PROCESSES = 2
TRADES = 7  # a buy, its stop where it has to be placed anew, and a sale


async def play(number: int) -> dict[str, int]:
    """One bad line: what it did to how many orders."""
    return await asyncio.to_thread(lambda: live(lambda loop: _play(loop, number)))


async def _play(loop: VirtualLoop, seed: int) -> dict[str, int]:
    rng = Random(f"line {seed}")
    faults = Faults(
        lost=0.08, unanswered=0.12, late=0.08, nonce=0.05, reads=rng.choice((0.0, 0.1)), doubled=0.2,
        forgets_ids=rng.random() < 0.5,
    )  # fmt: skip
    village = Village(loop, seed, faults, risk__max_entries_per_hour="1000")
    await village.start()
    village.keep("sync")
    for trade in range(TRADES):
        symbol = rng.choice(tuple(PAIRS))
        await _trade(village, symbol, f"{seed}-{trade}")
        village.venue.trade(symbol, village.venue.last(symbol))
    village.venue.faults = Faults(forgets_ids=faults.forgets_ids)
    await asyncio.sleep(60.0)  # the line is good again: whatever was left open has its end by now
    village.check()
    orders = _reckoning(village)
    return {"orders": orders, "duplicates": 0, "lost": 0, **village.venue.met}


async def _trade(village: Village, symbol: str, cause: str) -> None:
    try:
        await village.buy(symbol, Decimal(400), Decimal("0.02"), Decimal("0.03"), cause)
        part = village.engine.portfolio.on_hand(symbol) * village.rng.choice((Decimal("0.5"), Decimal(1)))
        qty = PAIRS[symbol].qty(part)
        await village.engine.protection.leave(symbol, Leg.EXIT, Origin.CHAT, qty)
    except VenueError:
        await asyncio.sleep(5.0)  # a question stayed unanswered: the account's next look goes on


def _reckoning(village: Village) -> int:
    """The exchange's orders against the intents on disk: how many there are, each exactly once."""
    register, intents = village.venue.matching.register, village.journal._intents
    placed = Counter(one.request.cl_ord_id for one in register.orders.values() if one.request.cl_ord_id)
    for name, count in placed.items():
        if count > 1:
            raise Wrong(f"{name} was placed {count} times")
        if name not in intents:
            raise Wrong(f"{name} was placed and nobody wrote it down")
    for intent in intents.values():
        there, known = intent.id in placed, intent.txid is not None
        if there != known or (there and intent.state is IntentState.NOT_PLACED):
            raise Wrong(f"the exchange has it: {there}, and Zyn says {intent}")
        if intent.state not in (IntentState.DONE, IntentState.REJECTED, IntentState.NOT_PLACED) and (
            not there or register.orders[intent.txid or ""].status.final
        ):
            raise Wrong(f"an order without an end: {intent}")
    _same_positions(village)
    return len(intents)


def _same_positions(village: Village) -> None:
    for symbol, held in village.witness.held.items():
        position = village.engine.portfolio.position(symbol)
        booked = position.qty if position else Decimal(0)
        if booked != held:
            raise Wrong(f"{booked} {symbol} in the book, {held} by the exchange's fills")


def check(counts: Counter[str]) -> None:
    """Every kind of trouble was met."""
    for kind in ("order lost", "order late", "answer lost", "rows doubled", "order nonce"):
        assert counts[kind] >= 20, f"{kind} was met {counts[kind]} times only"
