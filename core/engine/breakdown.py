"""A period's closed trades, taken apart by what they have in common."""

from __future__ import annotations

from collections.abc import Mapping

from core.engine.status_service import StatusService
from core.learning.trade_analyzer import sliced
from core.model.errors import Refused
from core.model.money import ZERO
from core.model.views import BreakdownView, Slice

REGIME = "regime"
# What a result may be taken apart by, and what the trade analyzer calls it.
BY = {
    "symbol": "symbol", "coin": "symbol", "rule": "rule", "entry": "rule", "origin": "origin",
    "reason": "exit", "exit": "exit", "hour": "hour", "weekday": "weekday", "session": "session",
    "day": "day", "week": "week", "month": "month", "regime": REGIME,
}  # fmt: skip
_ALL_OF_THEM = 1_000_000


def kind_of(by: str) -> str:
    """What a word means to the trade analyzer. Raises Refused for an unknown one."""
    kind = BY.get(by.lower())
    if kind is None:
        ways = f"There are: {', '.join(BY)}."
        raise Refused(f"I cannot take results apart by {by}.", "no_such_slice", ways)
    return kind


async def breakdown(
    status: StatusService,
    from_ms: int,
    to_ms: int,
    period: str,
    kind: str,
    symbol: str | None,
    regimes: Mapping[str, str] | None = None,
) -> BreakdownView:
    """The round trips closed in [from, to), slice by slice; `kind` as of `kind_of`.

    `regimes` names the market's regime at the entry by the position's cause.
    """
    view = await status.round_trips(_ALL_OF_THEM)
    trips = [
        trip for trip in view.rows if from_ms <= trip.closed_ms < to_ms and symbol in (None, trip.symbol)
    ]
    rows = tuple(
        Slice(one.name, one.tally.trades, one.tally.wins, one.tally.net_pnl, one.tally.fees, one.held_ms)
        for one in sliced(trips, kind, status.context.zone, regimes)
    )
    net = sum((trip.net_pnl for trip in trips), ZERO)
    currency = (await status.status()).currency
    return BreakdownView(view.stamp, period, kind, rows, net, len(trips), currency)
