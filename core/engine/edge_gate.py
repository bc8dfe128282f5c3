"""The last question before money moves: can this trade pay for itself, and has this rule ever?

Under `enforce` a closed gate refuses, tells the owner once a day what stands against it and what they can do,
and lets only a granted tuition through. Under `warn` the numbers are kept and shown, and trading goes on.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from core.clock import Clock
from core.engine.entrance import EntryPlan
from core.engine.parity import Parity
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Journal, WalkForwards
from core.engine.tuition import Tuition
from core.engine.values import Values
from core.learning.tuning import NO_WALK_FORWARD, would_change
from core.model.decisions import Denied, Judgement
from core.model.events import Announcement, EventKind, Severity
from core.model.market import FeeRates, Quote
from core.model.money import Price, percent, to_decimal
from core.model.orders import Origin
from core.model.time_context import TimeContext
from core.risk.brackets import Distances
from core.risk.edge import Edge, as_maker, edge_of, judge_edge
from core.risk.record import Record, record_of
from core.trading_config import EdgeConfig

_KEY = "edge_told"
_WAYS = (
    "You can: 1. stay in paper, where it costs nothing (ZYN_MODE=paper); 2. let me learn with a sum you can "
    "spare, which ends by itself: /risk tuition 50; 3. look at what a walk-forward would change. {found} "
    "/edge has the numbers and the cheaper ways."
)


class EdgeGate:
    """Measures the edge of every entry and keeps the gate."""

    def __init__(
        self,
        config: EdgeConfig,
        portfolio: Portfolio,
        tuition: Tuition,
        parity: Parity | None,
        values: Values,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        zone: str,
        rule: Callable[[], str],
        resting: bool = False,
        findings: WalkForwards | None = None,
    ) -> None:
        """`rule` names the rule in force; `parity` is there where slippage can be measured; `resting` says
        that entries rest as limits."""
        self._config = config
        self._portfolio = portfolio
        self.tuition = tuition
        self._parity = parity
        self._values = values
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._zone = zone
        self._rule = rule
        self._findings = findings
        self.resting = resting

    @property
    def enforced(self) -> bool:
        return self._config.gate == "enforce"

    @property
    def gate(self) -> str:
        return self._config.gate

    def record(self) -> Record:
        """What the rule in force has earned a trade, net of fees, as a share of what was put in."""
        rule = self._rule()
        return record_of(
            [
                float(trip.net_pnl / (trip.qty * trip.entry_price))
                for trip in self._portfolio.round_trips
                if trip.rule == rule and trip.origin is Origin.AUTOPILOT
            ]
        )

    async def walk_forward(self) -> str:
        """What the last walk-forward would change and how it did, or how to make one."""
        found = await self._findings.last() if self._findings else None
        return would_change(found) if found else NO_WALK_FORWARD

    def slippage(self, symbol: str) -> Decimal:
        """One side's slippage as a share: measured, or assumed while too little is measured."""
        assumed = to_decimal(self._config.slippage_bps) / 10_000
        return self._parity.measured_slippage(symbol, assumed) if self._parity else assumed

    def edge(self, plan: EntryPlan, quote: Quote) -> Edge:
        """The expected move of a planned entry against its round-trip cost."""
        return self.edge_at(quote, plan.reference, plan.away, plan.fees)

    def edge_at(self, quote: Quote, entry: Price, away: Distances, fees: FeeRates) -> Edge:
        """The same of a long at `entry`, entered in the way that is configured."""
        edge = edge_of(entry, away, fees, quote.spread, self.slippage(quote.symbol))
        return as_maker(edge, fees) if self.resting else edge

    def verdict(self, edge: Edge) -> Judgement:
        """Whether an entry of this edge may pass, tuition aside."""
        return judge_edge(edge, self._config.gate, self.record(), self._config.min_record)

    async def judge(self, plan: EntryPlan, edge: Edge) -> EntryPlan | Denied:
        """The plan as it may be sent, or why not."""
        if not self.enforced:
            return plan
        verdict = self.verdict(edge)
        if not isinstance(verdict, Denied):
            return plan
        if self.tuition.budget is not None:
            return await self.tuition.fit(plan)
        await self._tell(plan.symbol, edge, plan.fees)
        return verdict

    async def _tell(self, symbol: str, edge: Edge, fees: FeeRates) -> None:
        """Once a day, also across restarts."""
        now = self._clock.market_ms()
        day = TimeContext(now, self._zone).day_key()
        if await self._values.get_value(_KEY) == day:
            return
        text = (
            f"I am not trading, and here is why: on {symbol} {edge.text()} ({edge.parts()}). My rule's own "
            f"record: {self.record().text()}. {self._resting_instead(edge, fees)}"
            f"{_WAYS.format(found=await self.walk_forward())}"
        )
        news = Announcement(f"edge_closed:{day}", EventKind.NOT_TRADING, Severity.INFO, text, now)
        await self._journal.commit(news)
        await self._values.set_value(_KEY, day)
        self._herald.announced(news)

    def _resting_instead(self, edge: Edge, fees: FeeRates) -> str:
        if self.resting:
            return ""
        return f"A resting limit would cost {percent(as_maker(edge, fees).cost)} instead. "
