"""Whether a trade can pay for itself: the move the bracket aims at against the cost of getting in and out."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.model.decisions import Allowed, Denied, Judgement
from core.model.market import FeeRates
from core.model.money import Price
from core.risk.brackets import Distances, Number


@dataclass(frozen=True, slots=True)
class Edge:
    """Shares of the entry price: the move aimed at, the risk taken and the cost of the round trip."""

    move: Decimal
    risk: Decimal
    cost: Decimal

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
            verdict = f"so {self.break_even:.0%} of trades must reach it to come out even"
        return f"the target is {self.move:.2%} away and a round trip costs {self.cost:.2%}, {verdict}"


def round_trip_cost(taker: Number, spread: Number) -> Number:
    """Two takers and one whole spread, as a share of the price."""
    return 2 * taker + spread


def edge_of(entry: Price, away: Distances, fees: FeeRates, spread: Decimal) -> Edge:
    """The edge of a long at `entry`; `spread` is relative."""
    return Edge(away.target / entry, away.stop / entry, round_trip_cost(fees.taker, spread))


def judge_edge(edge: Edge, gate: str) -> Judgement:
    """Denied only by gate `enforce`; under `warn` the caller tells `edge.text()` and goes on."""
    if gate == "enforce" and not edge.pays:
        return Denied("no_edge", edge.text())
    return Allowed()
