"""Moments that chance alone seldom brings together: death beside half an order, a fall beside a buy."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from core.matching.orders import Order
from core.model.money import to_decimal
from core.model.orders import OrderType
from core.strategy.signal import LONG
from tests.support.virtual_network import Fate

if TYPE_CHECKING:
    from tests.simulation.schedule import Schedule

_BEFORE_AN_ENTRY = ("BalanceEx", "Ticker")  # asked between a candle and its order
_SLEEPS_MS = (3_600_000, 9 * 3_600_000)  # the longer one is longer than any candle may be old
_UNCLEAR = (Fate.LOST, Fate.LATE, Fate.UNANSWERED)


class Chances:
    """Drawn from the schedule's seed, and only where something is there to be struck."""

    def __init__(self, schedule: Schedule) -> None:
        self._day, self._rng, self._record = schedule, schedule.rng, schedule.record

    async def parts(self) -> None:
        """Somebody takes a part of what waits at its limit; sometimes Zyn dies of it."""
        while True:
            await asyncio.sleep(self._rng.uniform(1.0, 4.0))
            waiting = [one for one in self._day.street.open_orders() if self._waits(one)]
            if self._day.calm or not waiting or self._rng.random() < 0.5:
                continue
            order = self._rng.choice(waiting)
            self._day.street.fill_in_part(order, to_decimal(round(self._rng.uniform(0.2, 0.8), 2)))
            self._record.met["an order was filled in part"] += bool(order.left)
            if self._day.life.ready and self._rng.random() < 0.4:
                self._day.life.fuse.left = self._rng.randint(1, 40)

    def _waits(self, order: Order) -> bool:
        return order.type is OrderType.LIMIT and self._day.auditor.ours(order)

    def sleep(self, method: str) -> None:
        """The lid is closed between a signal and its order; the world goes on meanwhile."""
        day = self._day
        if day.calm or not day.sleepy or method not in _BEFORE_AN_ENTRY or not self._entry_is_judged():
            return
        if self._rng.random() < 0.3:
            day.clock.leap(self._rng.choice(_SLEEPS_MS))
            day.later(0.0, day.break_sockets)
            self._record.fault("the machine slept while an entry was judged", day.clock.monotonic())

    def _entry_is_judged(self) -> bool:
        core = self._day.life.core
        if core is None or not self._day.life.ready:
            return False
        return any(
            one.engine.action == LONG and one.judged_ms < one.engine.last_ms for one in core.engine.tracks
        )

    def fate_of(self, side: str) -> Fate | None:
        """What becomes of an order that leaves now, beyond the weather."""
        if self._day.calm:
            return None
        if side == "buy" and (fate := self._of_a_buy()):
            return fate
        if self._rng.random() >= 0.03:
            return None
        self._record.met["an order's nonce was refused"] += 1
        self._day.sky.nonces_to_refuse = self._rng.choice((1, 1, 2, 4))  # after four it counts as not placed
        return None

    def _of_a_buy(self) -> Fate | None:
        """A buy leaves while another position is held, and just then that one falls."""
        day, held = self._day, [name for name, one in self._day.auditor.accounts.items() if one.qty]
        if not held or day.evidence.killed or self._rng.random() >= 0.15:
            return None
        symbol, share = self._rng.choice(held), -self._rng.choice((0.05, 0.1, 0.2))
        day.later(self._rng.uniform(0.0, 1.0), lambda: day.street.jump(symbol, share))
        self._record.met["the market fell while an entry was on its way"] += 1
        return self._faulty(self._rng.choice(_UNCLEAR))

    def _faulty(self, fate: Fate) -> Fate:
        self._record.fault(f"write {fate.value}", self._day.clock.monotonic())
        return fate
