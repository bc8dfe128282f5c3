"""The chart entry of the registry: candles of a pair, or the equity curve, drawn in a thread."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from core.engine import words
from core.engine.entries import CHART
from core.engine.registry import Answer, ChartSlots, Outcome, Registry, Request
from core.model.account import RoundTrip
from core.model.errors import Refused
from core.model.market import Candle, Timeframe
from core.model.money import ZERO, Price
from core.model.orders import Leg, OrderIntent
from core.model.time_context import TimeContext
from core.model.views import (
    CandlesView,
    EquityView,
    PictureView,
    PnlView,
    PositionsView,
    RoundTripsView,
    StatusView,
    WhyView,
)
from core.pictures.theme import DARK, LIGHT, Theme

EQUITY = frozenset({"equity", "pnl", "balance", "performance", "drawdown"})
DAY_MS = 86_400_000
Points = tuple[tuple[int, Decimal], ...]
_CANDLES = 700  # the exchange hands out 720
_FRAMES = (Timeframe.M5, Timeframe.M15, Timeframe.H1, Timeframe.H4, Timeframe.D1)
_THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


class ChartFacts(Protocol):
    """What a chart reads of the status service."""

    async def candles(self, symbol: str, timeframe: str = ..., limit: int = ...) -> CandlesView: ...

    async def equity(self, limit: int = ...) -> EquityView: ...

    async def status(self) -> StatusView: ...

    async def positions(self) -> PositionsView: ...

    async def round_trips(self, limit: int = ...) -> RoundTripsView: ...

    async def pnl(self, from_ms: int, to_ms: int, period: str) -> PnlView: ...

    async def why(
        self, symbol: str | None = ..., side: str | None = ..., from_ms: int | None = ...,
        to_ms: int | None = ...,
    ) -> WhyView: ...  # fmt: skip

    @property
    def context(self) -> TimeContext: ...


class Kept(Protocol):
    """Where the owner's wish for a light or dark picture is kept, and what every trade had planned."""

    async def preferences(self) -> dict[str, str]: ...

    async def intents(self, *, since_ms: int) -> Sequence[OrderIntent]: ...


class Charts:
    """Answers the chart entry. The look is the preference `theme`: dark, or light."""

    def __init__(self, facts: ChartFacts, kept: Kept, zone: str, timeframe: str) -> None:
        """`zone` is the owner's; `timeframe` is the one Zyn trades on."""
        self._facts = facts
        self._kept = kept
        self._zone = zone
        self._timeframe = timeframe

    def bind(self, registry: Registry) -> None:
        registry.add(CHART, self.chart)

    async def chart(self, request: Request) -> Outcome:
        """The picture asked for; without a pair, of what was bought last."""
        slots = request.slots
        assert isinstance(slots, ChartSlots)
        named = (slots.kind or "").lower().split()
        theme = await self._theme(named)
        if EQUITY.intersection(named):
            return Answer(await self._equity(theme))
        if "week" in named:
            today = self._facts.context
            return Answer(await self.week(today.day_bounds(6)[0], today.day_bounds()[1], theme=theme))
        if "trade" in named:
            return Answer(await self._trade(slots.symbol, theme))
        view = await self._candles(slots, theme)
        return Answer(view if slots.symbol else replace(view, more=await self._more()))

    async def _more(self) -> tuple[tuple[str, str], ...]:
        """What else there is to look at, for whoever named no coin."""
        coins = [words.coin(symbol) for symbol in (await self._facts.status()).symbols[:6]]
        kinds = (("Equity", "/chart equity"), ("Week", "/chart week"), ("Last trade", "/chart trade"))
        return (*((coin, f"/chart {coin}") for coin in coins), *kinds)

    async def week(
        self, start_ms: int, end_ms: int, hold: Decimal | None = None, theme: Theme | None = None
    ) -> PictureView:
        """The week's picture; `hold` is the return of buying and holding, where somebody reckoned it."""
        facts, theme = self._facts, theme or await self._theme(())
        whole, status = await facts.pnl(start_ms, end_ms, "week"), await facts.status()
        spans = list(_days(start_ms, end_ms, self._zone))
        days = [(start, (await facts.pnl(start, end, "day")).realised) for start, end in spans]
        curve = (await facts.equity(5000)).points
        equity = tuple(point for point in curve if start_ms <= point[0] < end_ms)
        picture = functools.partial(
            _draw_week, start_ms, end_ms, tuple(days), equity, whole, hold, status, theme, self._zone
        )
        return PictureView(*await asyncio.to_thread(picture))

    async def _trade(self, symbol: str | None, theme: Theme) -> PictureView:
        """The newest closed trade, of one pair or of all."""
        rows = (await self._facts.round_trips(500)).rows
        trip = next((one for one in rows if symbol in (None, one.symbol)), None)
        if trip is None:
            raise Refused("No trade is closed yet.", "no_trade", "/positions shows what is open.")
        timeframe = self._fitting(trip)
        view = await self._facts.candles(trip.symbol, timeframe, _CANDLES)
        step = Timeframe(timeframe).ms
        around = tuple(
            one
            for one in view.candles
            if trip.opened_ms - 40 * step <= one.time_ms <= trip.closed_ms + 20 * step
        )
        stop, target = await self._plan(trip)
        why = await self._why(trip)
        currency = (await self._facts.status()).currency
        draw = functools.partial(
            _draw_trade, trip, around, timeframe, stop, target, why, currency, view.stamp.mode, theme,
            self._zone,
        )  # fmt: skip
        return PictureView(*await asyncio.to_thread(draw))

    def _fitting(self, trip: RoundTrip) -> str:
        """The finest candles that still reach back to the entry and show the whole trade."""
        now = self._facts.context.now_ms
        for one in _FRAMES:
            reaches = now - trip.opened_ms + 40 * one.ms <= _CANDLES * one.ms
            if reaches and trip.closed_ms - trip.opened_ms <= 90 * one.ms:
                return one.value
        return _FRAMES[-1].value

    async def _plan(self, trip: RoundTrip) -> tuple[Price | None, Price | None]:
        """The stop and target that its entry was committed with, measured from what was paid."""
        intents = await self._kept.intents(since_ms=trip.opened_ms - DAY_MS)
        entry = next((one for one in intents if one.leg is Leg.ENTRY and one.cause == trip.cause), None)
        if entry is None:
            return None, None
        up = entry.target_distance
        target = Price(trip.entry_price + up) if up is not None else None
        return entry.stop_from(trip.entry_price), target

    async def _why(self, trip: RoundTrip) -> str:
        view = await self._facts.why(trip.symbol, "buy", trip.opened_ms, trip.opened_ms + 1)
        decision = view.decision
        if decision is None:
            return view.text or "no receipt was kept"
        passed = ", ".join(one.name.replace("_", " ") for one in decision.signal.passed_filters)
        return f"{decision.signal.reason or decision.reason}{f'; passed {passed}' if passed else ''}"

    async def _candles(self, slots: ChartSlots, theme: Theme) -> PictureView:
        timeframe = _checked(slots.timeframe or self._timeframe)
        symbol = slots.symbol or await self._first_symbol()
        view = await self._facts.candles(symbol, timeframe, 288)
        # Matplotlib is heavy and slow to start: it is loaded with the first picture, off the loop.
        png, alt = await asyncio.to_thread(_draw_candles, view, theme, self._zone)
        return PictureView(png, alt)

    async def _equity(self, theme: Theme) -> PictureView:
        view, status = await self._facts.equity(2000), await self._facts.status()
        png, alt = await asyncio.to_thread(_draw_equity, view, status.currency, theme, self._zone)
        return PictureView(png, alt)

    async def _first_symbol(self) -> str:
        """The pair that was bought last, else the first one watched."""
        held = [row.position for row in (await self._facts.positions()).rows]
        if held:
            return max(held, key=lambda position: position.opened_ms).symbol
        watched = (await self._facts.status()).symbols
        if not watched:
            raise Refused("I watch no pair yet.", "no_symbols", "Set ZYN_SYMBOLS, such as BTC/USD.")
        return watched[0]

    async def _theme(self, named: Collection[str]) -> Theme:
        """The look that was named, else the one that is preferred."""
        wish = (await self._kept.preferences()).get("theme", "").lower()
        return next((look for name, look in _THEMES.items() if name in named), _THEMES.get(wish, DARK))


def _checked(timeframe: str) -> str:
    if timeframe not in set(Timeframe):
        known = ", ".join(one.value for one in Timeframe)
        raise Refused(f"I have no candles of {timeframe}.", "bad_timeframe", f"There are {known}.")
    return timeframe


def _days(start_ms: int, end_ms: int, zone: str) -> Iterator[tuple[int, int]]:
    """The owner's days of a span, of 23 or 25 hours where the clocks are changed."""
    while start_ms < end_ms:
        next_ms = min(TimeContext(start_ms, zone).day_bounds()[1], end_ms)
        yield start_ms, next_ms
        start_ms = next_ms


def _draw_candles(view: CandlesView, theme: Theme, zone: str) -> tuple[bytes, str]:
    from core.pictures.candles import candles_picture  # noqa: PLC0415  loads matplotlib

    return candles_picture(view, theme, zone)


def _draw_week(
    start_ms: int, end_ms: int, days: Points, equity: Points,
    whole: PnlView, hold: Decimal | None, status: StatusView, theme: Theme, zone: str,
) -> tuple[bytes, str]:  # fmt: skip
    from core.pictures.week_card import Week, week_picture  # noqa: PLC0415  loads matplotlib

    fees = sum((row.fees for row in whole.by_symbol), ZERO)  # of closed trades, as their result is
    week = Week(
        start_ms, end_ms, days, equity, whole.trades, whole.wins, fees, hold, whole.currency,
        status.stamp.mode,
    )  # fmt: skip
    return week_picture(week, theme, zone)


def _draw_trade(
    trip: RoundTrip, candles: tuple[Candle, ...], timeframe: str, stop: Price | None, target: Price | None,
    why: str, currency: str, mode: str, theme: Theme, zone: str,
) -> tuple[bytes, str]:  # fmt: skip
    from core.pictures.trade_card import TradeEvidence, trade_picture  # noqa: PLC0415  loads matplotlib

    return trade_picture(
        TradeEvidence(trip, candles, timeframe, stop, target, why, currency, mode), theme, zone
    )


def _draw_equity(view: EquityView, currency: str, theme: Theme, zone: str) -> tuple[bytes, str]:
    from core.pictures.equity import equity_picture  # noqa: PLC0415  loads matplotlib

    return equity_picture(view, currency, theme, zone)
