"""Whether a trade can pay for itself: the move the bracket aims at against the cost of getting in and out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.model.decisions import Allowed, Denied, Judgement
from core.model.market import FeeRates
from core.model.money import ZERO, Price, percent
from core.risk.brackets import Distances, Number
from core.risk.record import Record


@dataclass(frozen=True, slots=True)
class Edge:
    """Shares of the entry price: the move aimed at, the risk taken and the cost of the round trip.

    The cost is `fees` for both sides, one whole `spread` and the measured `slippage` of both sides.
    """

    move: Decimal
    risk: Decimal
    cost: Decimal
    fees: Decimal = ZERO
    spread: Decimal = ZERO
    slippage: Decimal = ZERO

    @property
    def pays(self) -> bool:
        """Whether reaching the target earns more than trading costs."""
        return self.move > self.cost

    @property
    def break_even(self) -> Decimal:
        """The share of trades that must reach the target to come out even; above 1: not even all of them."""
        return (self.risk + self.cost) / (self.risk + self.move)

    def text(self) -> str:
        """One line with the numbers."""
        if not self.pays:
            verdict = "so even a trade that reaches its target loses"
        else:
            verdict = f"so {percent(self.break_even, 0)} of trades must reach it to come out even"
        return (
            f"the target is {percent(self.move)} away and a round trip costs {percent(self.cost)}, {verdict}"
        )

    def parts(self) -> str:
        """What the cost is made of."""
        parts = (("fees", self.fees), ("spread", self.spread), ("slippage", self.slippage))
        return ", ".join(f"{name} {percent(share)}" for name, share in parts)


def round_trip_cost(taker: Number, spread: Number) -> Number:
    """Two takers and one whole spread, as a share of the price."""
    return 2 * taker + spread


def edge_of(entry: Price, away: Distances, fees: FeeRates, spread: Decimal, slippage: Decimal = ZERO) -> Edge:
    """The edge of a long at `entry`, taken on both sides; relative `spread`, `slippage` of one side."""
    cost = round_trip_cost(fees.taker, spread) + 2 * slippage
    return Edge(away.target / entry, away.stop / entry, cost, 2 * fees.taker, spread, 2 * slippage)


def as_maker(edge: Edge, fees: FeeRates) -> Edge:
    """The same trade entered by a resting limit: the maker's fee, half the spread, no slippage going in."""
    cost = edge.cost - (fees.taker - fees.maker) - (edge.spread + edge.slippage) / 2
    return Edge(edge.move, edge.risk, cost, fees.taker + fees.maker, edge.spread / 2, edge.slippage / 2)


def judge_edge(edge: Edge, gate: str, record: Record | None = None, min_record: int = 0) -> Judgement:
    """Denied only by gate `enforce`: the move does not pay, or the rule's own record says that it loses.

    The record counts from `min_record` trades on; 0 leaves it out. Under `warn` the caller tells
    `edge.text()` and goes on.
    """
    if gate != "enforce":
        return Allowed()
    if not edge.pays:
        return Denied("no_edge", edge.text())
    if record is not None and 0 < min_record <= record.trades and record.loses:
        return Denied("no_edge", f"the rule's own record loses: {record.text()}")
    return Allowed()
