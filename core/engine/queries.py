"""What the owner can ask, answered. Binds the registry's reading entries to the status service."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from core.engine import entries, words
from core.engine.breakdown import REGIME, breakdown, kind_of
from core.engine.edge_report import EdgeReport
from core.engine.figures import figure_of
from core.engine.registry import (
    Answer,
    AssetSlots,
    Door,
    ExplainSlots,
    MarketInfoSlots,
    OrdersSlots,
    Outcome,
    PerformanceSlots,
    PriceSlots,
    Registry,
    Request,
    StatusSlots,
    SymbolSlots,
    TradesSlots,
    slots_of,
)
from core.engine.status_service import StatusService
from core.model.errors import Refused
from core.model.money import ZERO
from core.model.time_context import TimeContext, period_bounds, to_ms
from core.model.views import TextView, View

Panel = Callable[[Request], Awaitable[View]]
_CURVE = 20_000  # points of the equity curve looked at, thinned evenly beyond
Regimes = Callable[[], Awaitable[Mapping[str, str]]]


class Queries:
    """The handlers of the reading entries. Nothing here changes anything."""

    def __init__(
        self,
        status: StatusService,
        edge: EdgeReport,
        panels: Mapping[str, Panel] | None = None,
        regimes: Regimes | None = None,
    ) -> None:
        """`panels` are the views of the status beyond the overview, by name.

        `regimes` has the market in which each closed trade was opened, where it is known.
        """
        self._status = status
        self._edge = edge
        self._regimes = regimes
        self._panels = panels if panels is not None else {}

    def bind(self, registry: Registry) -> None:
        """Offer the reading entries on every door they open on."""
        for entry, handler in (
            (entries.STATUS, self.status),
            (entries.BALANCES, self.balances),
            (entries.POSITIONS, self.positions),
            (entries.ORDERS, self.orders),
            (entries.TRADES, self.trades),
            (entries.PNL, self.pnl),
            (entries.PRICE, self.price),
            (entries.MARKET_INFO, self.market_info),
            (entries.WHY, self.why),
        ):
            registry.add(entry, handler)

    async def status(self, request: Request) -> Outcome:
        view = slots_of(request, StatusSlots).view
        if view == "edge":
            return Answer(TextView(await self._edge.text()))
        if view == "logs" and request.actor.door is Door.MODEL:
            raise Refused("The log is for the owner's eyes.", "closed_door")
        panel = self._panels.get(view or "")
        return Answer(await panel(request) if panel else await self._status.status())

    async def balances(self, request: Request) -> Outcome:
        asset = slots_of(request, AssetSlots).asset
        view = await self._status.balances()
        rows = tuple(row for row in view.rows if asset in (None, row.balance.asset))
        if asset and not rows:
            return Answer(TextView(f"There is no {asset} in the account."))
        return Answer(replace(view, rows=rows))

    async def positions(self, request: Request) -> Outcome:
        symbol = slots_of(request, SymbolSlots).symbol
        view = await self._status.positions()
        rows = tuple(row for row in view.rows if symbol in (None, row.position.symbol))
        return Answer(replace(view, rows=rows, symbol=symbol))

    async def orders(self, request: Request) -> Outcome:
        slots = slots_of(request, OrdersSlots)
        if slots.order_id:
            return Answer(TextView(await self._one_order(slots.order_id)))
        return Answer(await self._status.orders(slots.symbol))

    async def _one_order(self, id: str) -> str:
        """What an order is, or what became of it."""
        resting = await self._status.orders()
        for one in resting.rows:
            if id in (one.txid, one.cl_ord_id):
                at = words.price(one.price) if one.price else "market"
                whose = "mine" if one.txid in resting.ours else "yours"
                return (
                    f"{one.txid} ({whose}): {one.side.value} {words.qty(one.qty)} {words.coin(one.symbol)}, "
                    f"{one.type.value} at {at}; it rests, {words.qty(one.filled)} of it is filled."
                )
        fills = [fill for fill in (await self._status.trades(limit=5000)).rows if fill.order_txid == id]
        if not fills:
            raise Refused(f"I find no order {id}.", "no_order", "/orders lists what rests, /trades what was.")
        qty, cost = sum((one.qty for one in fills), ZERO), sum((one.cost for one in fills), ZERO)
        fee, first = sum((one.fee for one in fills), ZERO), fills[0]
        return (
            f"{id}: {first.side.value} {words.qty(qty)} {words.coin(first.symbol)} at "
            f"{words.price(cost / qty)} in {len(fills)} execution{'s'[: len(fills) != 1]}, fee {fee:,.2f}. "
            "It does not rest any more."
        )

    async def trades(self, request: Request) -> Outcome:
        slots = slots_of(request, TradesSlots)
        view = await self._status.trades(slots.symbol, limit=500)
        start, end = self._bounds(slots.period or "all")
        fits = [
            fill
            for fill in view.rows
            if start <= fill.time_ms < end and slots.side in (None, fill.side.value)
        ]
        return Answer(replace(view, rows=tuple(fits[: slots.limit or 10]), total=len(fits)))

    async def pnl(self, request: Request) -> Outcome:
        slots = slots_of(request, PerformanceSlots)
        start, end = self._bounds(slots.period)
        name = slots.period if isinstance(slots.period, str) else _span(slots.period)
        if slots.by:
            kind = kind_of(slots.by)
            known = await self._regimes() if self._regimes and kind == REGIME else None
            return Answer(await breakdown(self._status, start, end, name, kind, slots.symbol, known))
        view = await self._status.pnl(start, end, name, slots.symbol)
        if slots.metric is None:
            return Answer(view)
        curve = () if slots.symbol else await self._curve(start, end)
        return Answer(replace(view, asked=figure_of(slots.metric, view, curve)))

    async def _curve(self, start: int, end: int) -> tuple[tuple[int, Decimal], ...]:
        """The recorded equity inside a period, oldest first."""
        points = (await self._status.equity(_CURVE)).points
        return tuple(one for one in points if start <= one[0] < end)

    def _bounds(self, period: str | Mapping[Any, str]) -> tuple[int, int]:
        context = self._status.context
        if isinstance(period, str):
            return period_bounds(period, context)
        start, end = period.get("from"), period.get("to")
        return (_moment(start, context) if start else 0, _moment(end, context, after=True) if end else 2**53)

    async def price(self, request: Request) -> Outcome:
        return Answer(await self._status.price(slots_of(request, PriceSlots).symbol))

    async def market_info(self, request: Request) -> Outcome:
        return Answer(await self._status.market_info(slots_of(request, MarketInfoSlots).symbol))

    async def why(self, request: Request) -> Outcome:
        slots = slots_of(request, ExplainSlots)
        start, end = self._bounds(slots.period) if slots.period else (None, None)
        reasons = self._status.reasons
        if slots.decision == "why_not":
            return Answer(await reasons.why_not(slots.symbol, start, end))
        if slots.which in ("best", "worst"):
            return Answer(await reasons.extreme(slots.which, slots.symbol, start, end))
        return Answer(await reasons.why(slots.symbol, slots.side, start, end))


def _span(period: Mapping[Any, str]) -> str:
    return " to ".join(period[end] for end in ("from", "to") if end in period) or "all"


def _moment(text: str, context: TimeContext, after: bool = False) -> int:
    """ms of an ISO date or time in the owner's zone; `after` takes a date to its end."""
    moment = datetime.fromisoformat(text)
    if len(text) <= 10 and after:
        moment = datetime.combine(date.fromisoformat(text) + timedelta(days=1), moment.time())
    return to_ms(moment if moment.tzinfo else moment.replace(tzinfo=context.local.tzinfo))
