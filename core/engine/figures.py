"""The single figures that results are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from core.ledger.performance import EquityPoint, max_drawdown, sharpe
from core.model.money import to_decimal
from core.model.views import Figure, PnlView


def figure_of(name: str, view: PnlView, curve: Sequence[EquityPoint]) -> Figure | None:
    """The figure of that name from a period's results and its equity, oldest first; None for a stranger."""
    if name in ("win_rate", "profit_factor"):
        return Figure(name, getattr(view, name))
    if name == "fees":
        return Figure(name, view.fees)
    if name == "expectancy":
        return Figure(name, view.realised / view.trades if view.trades else None)
    if name == "max_drawdown":
        return Figure(name, max_drawdown(equity for _, equity in curve))
    if name == "sharpe":
        ratio = sharpe(curve, curve[0][1]) if curve else None
        return Figure(name, to_decimal(ratio) if ratio is not None else None)
    return None
