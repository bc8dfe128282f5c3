"""A bounded sum that the owner pays for learning while the edge gate is closed. It ends by itself.

Everything the autopilot buys since the budget began counts: what those trades lost after fees, and what the
open ones would still lose at their stops. An entry is cut until all of it together fits; when nothing fits
any more the tuition is over and the gate is closed again.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from core.clock import Clock
from core.engine import words
from core.engine.entrance import EntryPlan
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Journal
from core.engine.values import Values
from core.model.account import Position, RoundTrip
from core.model.decisions import Denied
from core.model.events import Announcement, EventKind, Severity
from core.model.money import ZERO, to_decimal
from core.model.orders import Origin

_KEY = "tuition"


@dataclass(frozen=True, slots=True)
class Budget:
    """What was granted, and when."""

    money: str  # decimal text
    started_ms: int

    @property
    def total(self) -> Decimal:
        return Decimal(self.money)


class Tuition:
    """The budget in force, if there is one."""

    def __init__(
        self,
        portfolio: Portfolio,
        values: Values,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        taker: float,
    ) -> None:
        """`taker` is the fee that is assumed for leaving at a stop, as a share."""
        self._portfolio = portfolio
        self._values = values
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._taker = to_decimal(taker)
        self.budget: Budget | None = None

    async def load(self) -> None:
        """Take over what was granted before a restart."""
        kept = await self._values.get_value(_KEY)
        self.budget = Budget(**json.loads(kept)) if kept else None

    async def begin(self, money: Decimal) -> None:
        """Grant a budget from now on, in place of the one before."""
        self.budget = Budget(str(money), self._clock.market_ms())
        await self._values.set_value(_KEY, json.dumps(asdict(self.budget)))

    async def end(self, reason: str) -> None:
        """No more tuition; what is open keeps its brackets."""
        budget, self.budget = self.budget, None
        await self._values.set_value(_KEY, "")
        if budget is None:
            return
        now = self._clock.market_ms()
        text = (
            f"The tuition of {budget.total:,.2f} is over: {reason}. {self.so_far(budget)}. I stay out again."
        )
        news = Announcement(f"tuition:{now}", EventKind.NOT_TRADING, Severity.INFO, text, now)
        await self._journal.commit(news)
        self._herald.announced(news)

    def so_far(self, budget: Budget) -> str:
        """What it bought, in one line."""
        trips = self._trips(budget)
        net = sum((trip.net_pnl for trip in trips), ZERO)
        return f"{len(trips)} trade{'s'[: len(trips) != 1]} closed, {net:+,.2f} after fees"

    def _trips(self, budget: Budget) -> list[RoundTrip]:
        return [
            trip
            for trip in self._portfolio.round_trips
            if trip.origin is Origin.AUTOPILOT and trip.opened_ms >= budget.started_ms
        ]

    def _open(self, budget: Budget) -> list[Position]:
        return [
            one
            for one in self._portfolio.positions.values()
            if one.origin is Origin.AUTOPILOT and one.opened_ms >= budget.started_ms
        ]

    @property
    def left(self) -> Decimal:
        """What may still be lost, with every open trade at its stop."""
        if self.budget is None:
            return ZERO
        lost = -sum((trip.net_pnl for trip in self._trips(self.budget)), ZERO)
        at_stake = sum(map(self._worst, self._open(self.budget)), ZERO)
        return self.budget.total - lost - max(ZERO, at_stake)

    def _worst(self, position: Position) -> Decimal:
        """Lost when the stop is hit where it rests, fees in."""
        out = position.qty * (position.stop or Decimal(0))
        return position.entry_cost + position.fees - position.realised - out * (1 - self._taker)

    async def fit(self, plan: EntryPlan) -> EntryPlan | Denied:
        """The entry cut to what is left; when even the smallest does not fit, the tuition may be over."""
        assert self.budget is not None
        left, pair = self.left, self._portfolio.pair(plan.symbol)
        if plan.worst_loss > left:
            qty = pair.qty(max(ZERO, plan.qty * left / plan.worst_loss))
            plan = replace(plan, qty=qty, cut_by="tuition")
        small = pair.too_small(plan.qty, plan.reference)
        if not small:
            return plan
        if not self._open(self.budget):
            await self.end(f"{max(ZERO, left):,.2f} is left, too little for a trade")
        return Denied("tuition", f"{max(ZERO, left):,.2f} of the tuition is left: {small}")

    async def check(self) -> None:
        """End what is used up."""
        if self.budget is not None and self.left <= 0 and not self._open(self.budget):
            await self.end("it is used up")

    def text(self) -> str:
        """How it stands, for /edge and /risk."""
        if self.budget is None:
            return "No tuition is granted."
        left = words.money(max(ZERO, self.left), "").strip()
        return f"Tuition: {left} of {self.budget.total:,.2f} may still be lost; {self.so_far(self.budget)}."
