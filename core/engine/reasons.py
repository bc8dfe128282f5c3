"""Why a trade, why none, and which was the best or the worst: the receipt that answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from core.engine.account_state import AccountState
from core.engine.portfolio import Portfolio
from core.model.decisions import Decision, Verdict
from core.model.orders import Fill
from core.model.views import Stamp, WhyView

_LOOKED_THROUGH = 500  # newest judged candles that are counted


class Judged(Protocol):
    """The judged candles that the journal keeps, newest first."""

    async def decisions(
        self,
        limit: int = 100,
        symbol: str | None = None,
        before_ms: int | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> list[Decision]: ...


class Reasons:
    """Finds the receipt that answers a why; numbers come from the exchange, reasons from the journal."""

    def __init__(
        self,
        portfolio: Portfolio,
        judged: Judged,
        current: Callable[[], Awaitable[AccountState]],
        stamp: Callable[[AccountState | None], Stamp],
        halted: Callable[[], Awaitable[str]],
    ) -> None:
        """`halted` is why no entry may happen now, or nothing."""
        self._portfolio = portfolio
        self._judged = judged
        self._current = current
        self._stamp = stamp
        self._halted = halted

    async def why(
        self,
        symbol: str | None = None,
        side: str | None = None,
        from_ms: int | None = None,
        to_ms: int | None = None,
    ) -> WhyView:
        """Behind the newest own trade that fits, or behind the newest judged candle of a pair."""
        state = await self._current()
        fill = self._last_own(state, symbol, side, from_ms or 0, to_ms)
        if fill is None:
            return await self.why_not(symbol, from_ms, to_ms)
        order = self._portfolio.order(fill.order_txid)
        assert order is not None
        fills = tuple(one for one in state.fills if one.order_txid == fill.order_txid)
        decision = await self._decision(order.symbol, order.cause)
        trip = next((t for t in reversed(self._portfolio.round_trips) if t.cause == order.cause), None)
        text = "" if decision else f"That was your own order ({order.origin.value}), not a signal of mine."
        position = self._portfolio.position(order.symbol)
        return WhyView(self._stamp(state), order.symbol, decision, fills, trip, position, text)

    async def extreme(
        self, which: str, symbol: str | None = None, from_ms: int | None = None, to_ms: int | None = None
    ) -> WhyView:
        """Behind the best or the worst trade that was closed in [from, to)."""
        state = await self._current()
        trips = [
            trip
            for trip in self._portfolio.round_trips
            if symbol in (None, trip.symbol) and (from_ms or 0) <= trip.closed_ms < (to_ms or 2**53)
        ]
        if not trips:
            what = f"No {symbol} trade" if symbol else "No trade"
            none = f"{what} was closed {'in that time' if from_ms else 'yet'}."
            return WhyView(self._stamp(state), symbol or "", None, (), None, None, none)
        trip = (max if which == "best" else min)(trips, key=lambda one: one.net_pnl)
        fills = tuple(one for one in state.fills if self._cause(one) == trip.cause)
        decision = await self._decision(trip.symbol, trip.cause)
        text = "" if decision else f"That was your own order ({trip.origin.value}), not a signal of mine."
        return WhyView(self._stamp(state), trip.symbol, decision, fills, trip, None, text)

    async def why_not(
        self, symbol: str | None = None, from_ms: int | None = None, to_ms: int | None = None
    ) -> WhyView:
        """Behind the newest judged candle, with what became of all that were judged when no pair is named."""
        many = _LOOKED_THROUGH if symbol is None else 1
        latest = await self._judged.decisions(many, symbol, from_ms=from_ms, to_ms=to_ms)
        what = symbol or (latest[0].symbol if latest else "")
        decision = latest[0] if latest else None
        text = "" if symbol and latest else _summary(latest, from_ms)
        if from_ms is None and (halted := await self._halted()):
            text = f"{text} Nothing is opened now: {halted.removesuffix('.')}.".lstrip()
        return WhyView(self._stamp(None), what, decision, (), None, self._portfolio.position(what), text)

    def _cause(self, fill: Fill) -> str:
        order = self._portfolio.order(fill.order_txid)
        return order.cause if order else ""

    def _last_own(
        self, state: AccountState, symbol: str | None, side: str | None, from_ms: int, to_ms: int | None
    ) -> Fill | None:
        for fill in reversed(state.fills):
            fits = symbol in (None, fill.symbol) and side in (None, fill.side.value)
            inside = from_ms <= fill.time_ms and (to_ms is None or fill.time_ms < to_ms)
            if fits and inside and self._portfolio.order(fill.order_txid):
                return fill
        return None

    async def _decision(self, symbol: str, cause: str) -> Decision | None:
        _, _, candle = cause.partition("@")
        if not candle.isdigit():
            return None
        found = await self._judged.decisions(1, symbol, int(candle) + 1, int(candle))
        return found[0] if found else None


def _summary(latest: Sequence[Decision], from_ms: int | None) -> str:
    """What the judged candles came to."""
    if not latest:
        return "I judged no candle in that time." if from_ms else "I have not judged a candle yet."
    counted = Counter(_outcome(one) for one in latest)
    told = ", ".join(f"{count} {name}" for name, count in counted.most_common(4))
    return f"Of {len(latest)} candles judged{' lately' if from_ms is None else ''}: {told}."


_CAME_TO = {
    Verdict.ENTERED: "bought",
    Verdict.EXITED: "sold",
    Verdict.REFUSED: "refused by a limit",
    Verdict.FAILED: "failed at the exchange",
}


def _outcome(decision: Decision) -> str:
    """What a judged candle came to, in a word or two."""
    failed = decision.signal.failed_filters
    if decision.verdict is Verdict.FILTERED and failed:
        return f"stopped by {failed[0].name.replace('_', ' ')}"
    return _CAME_TO.get(decision.verdict, "without a signal")
