"""Builds what the GETs answer and the live view pushes: one envelope a topic, from the status service."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from core.model.account import RoundTrip
from core.model.decisions import Decision
from core.model.money import ZERO
from core.model.orders import Fill
from core.model.views import Stamp, TradesView
from web.keys import WebDeps
from web.paging import Page, cut
from web.readings import (
    alert_out,
    amount,
    balances_out,
    candle_out,
    decision_out,
    estimate_out,
    health_out,
    order_out,
    position_out,
    price_out,
    round_trip_out,
    status_out,
    trade_out,
    twin_out,
    when,
)
from web.shared import Shared
from web.wire import EquityPointOut, dumps, envelope

Envelope = dict[str, Any]
MOST_CANDLES = 720  # as many as the exchange gives


class Answers:
    """Every list is newest first; `next` continues it or is null."""

    def __init__(self, deps: WebDeps) -> None:
        self._deps = deps
        self._shared = Shared(deps.clock)

    @property
    def timeframe(self) -> str:
        """The candles that signals are judged on."""
        return self._deps.timeframe

    async def text(self, topic: str) -> str:
        """The JSON text of status, balances, positions or orders, built at most twice a second."""
        return await self._shared.get(topic, lambda: self._written(topic))

    def forget(self) -> None:
        """Something changed: the next reader gets it fresh."""
        self._shared.forget()

    async def _written(self, topic: str) -> str:
        builders = {
            "status": self.status,
            "balances": self.balances,
            "positions": self.positions,
            "orders": self.orders,
        }
        return dumps(await builders[topic]())

    @property
    def now(self) -> Stamp:
        """The stamp of what Zyn itself remembers."""
        return Stamp(self._deps.clock.market_ms(), "store", self._deps.mode)

    async def status(self) -> Envelope:
        deps = self._deps
        view = await deps.status.status()
        return envelope(view.stamp, status_out(view, deps.timezone, deps.timeframe, deps.phone is not None))

    async def balances(self) -> Envelope:
        view = await self._deps.status.balances()
        more = {"total": amount(view.total), "currency": view.currency}
        return envelope(view.stamp, balances_out(view), **more, next=None)

    async def positions(self) -> Envelope:
        view = await self._deps.status.positions()
        rows = sorted(view.rows, key=lambda row: -row.position.opened_ms)
        more = {"exposure": amount(view.exposure), "worst_loss": amount(view.worst_loss)}
        return envelope(view.stamp, tuple(map(position_out, rows)), **more, next=None)

    async def round_trips(self, page: Page) -> Envelope:
        stamps: list[Stamp] = []

        async def fetch(limit: int, before_ms: int | None) -> Sequence[RoundTrip]:
            view = await self._deps.status.round_trips(limit, before_ms)
            stamps.append(view.stamp)
            return view.rows

        rows, following = await cut(page, fetch, lambda trip: trip.closed_ms, _trip_id)
        return envelope(stamps[-1], tuple(map(round_trip_out, rows)), next=following)

    async def orders(self) -> Envelope:
        view = await self._deps.status.orders()
        rows = sorted(view.rows, key=lambda order: -order.opened_ms)
        return envelope(view.stamp, [order_out(one, one.txid in view.ours) for one in rows], next=None)

    async def trades(self, page: Page, symbol: str | None = None) -> Envelope:
        views: list[TradesView] = []

        async def fetch(limit: int, before_ms: int | None) -> Sequence[Fill]:
            views.append(await self._deps.status.trades(symbol, limit, before_ms))
            return views[-1].rows

        rows, following = await cut(page, fetch, lambda fill: fill.time_ms, lambda fill: fill.id)
        view = views[-1]
        data = [trade_out(fill, fill.order_txid in view.ours) for fill in rows]
        return envelope(view.stamp, data, total=view.total, next=following)

    async def equity(self, limit: int) -> Envelope:
        view = await self._deps.status.equity(limit)
        points = sorted(view.points)[-limit:]
        peaks = accumulate((value for _, value in points), max)
        rows = [
            EquityPointOut(when(ms), amount(value), amount(round(1 - value / peak, 8) if peak > 0 else ZERO))
            for (ms, value), peak in zip(points, peaks, strict=True)
        ]
        return envelope(view.stamp, rows[::-1], next=None)

    async def parity(self, limit: int) -> Envelope:
        view = await self._deps.status.parity(limit)
        more = {
            "text": view.text, "slippage": estimate_out(view.slippage), "fees": estimate_out(view.fees)
        }  # fmt: skip
        return envelope(view.stamp, tuple(map(twin_out, view.rows)), **more, next=None)

    async def health(self) -> Envelope:
        """The checks, which block; then the gauges, which only measure."""
        view = await self._deps.status.status()
        gauges = tuple(map(health_out, await self._deps.gauges()))
        return envelope(view.stamp, tuple(map(health_out, view.health)), gauges=gauges, next=None)

    async def candles(self, symbol: str, timeframe: str, page: Page) -> Envelope:
        before = page.before_ms
        wanted = MOST_CANDLES if before is not None else min(page.limit + 1, MOST_CANDLES)
        view = await self._deps.status.candles(symbol, timeframe, wanted)
        rows = [one for one in reversed(view.candles) if before is None or one.time_ms < before]
        shown = rows[: page.limit]
        following = str(shown[-1].time_ms) if len(rows) > page.limit else None
        more = {"symbol": view.symbol, "timeframe": view.timeframe, "next": following}
        return envelope(view.stamp, list(map(candle_out, shown)), **more)

    async def decisions(self, page: Page, symbol: str | None = None) -> Envelope:
        async def fetch(limit: int, before_ms: int | None) -> Sequence[Decision]:
            return await self._deps.status.decisions(limit, symbol, before_ms)

        rows, following = await cut(page, fetch, lambda one: one.candle_ms, _decision_id)
        return envelope(self.now, list(map(decision_out, rows)), next=following)

    async def alerts(self, limit: int, before: int | None) -> Envelope:
        rows = await self._deps.alerts.alerts(limit + 1, before)
        data = [alert_out(str(row.id), row.announcement) for row in rows[:limit]]
        following = str(rows[limit - 1].id) if len(rows) > limit else None
        return envelope(self.now, data, next=following)

    async def price(self, symbol: str) -> Envelope:
        view = await self._deps.status.price(symbol)
        return envelope(view.stamp, price_out(view))


def _trip_id(trip: RoundTrip) -> str:
    return f"{trip.symbol}@{trip.opened_ms}"


def _decision_id(decision: Decision) -> str:
    return f"{decision.symbol}@{decision.candle_ms}"
