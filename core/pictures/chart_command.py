"""The chart entry of the registry: candles of a pair, or the equity curve, drawn in a thread."""

from __future__ import annotations

import asyncio
from typing import Protocol

from core.engine.entries import CHART
from core.engine.registry import Answer, ChartSlots, Outcome, Registry, Request
from core.model.errors import Refused
from core.model.market import Timeframe
from core.model.views import CandlesView, EquityView, PictureView, PositionsView, StatusView
from core.pictures.theme import DARK, LIGHT, Theme

EQUITY = frozenset({"equity", "pnl", "balance", "performance", "drawdown"})
_THEMES = {theme.name: theme for theme in (DARK, LIGHT)}


class ChartFacts(Protocol):
    """What a chart reads of the status service."""

    async def candles(self, symbol: str, timeframe: str = ..., limit: int = ...) -> CandlesView: ...

    async def equity(self, limit: int = ...) -> EquityView: ...

    async def status(self) -> StatusView: ...

    async def positions(self) -> PositionsView: ...


class Preferences(Protocol):
    """Where the owner's wish for a light or dark picture is kept."""

    async def preferences(self) -> dict[str, str]: ...


class Charts:
    """Answers the chart entry. The look is the preference `theme`: dark, or light."""

    def __init__(self, facts: ChartFacts, preferences: Preferences, zone: str, timeframe: str) -> None:
        """`zone` is the owner's; `timeframe` is the one Zyn trades on."""
        self._facts = facts
        self._preferences = preferences
        self._zone = zone
        self._timeframe = timeframe

    def bind(self, registry: Registry) -> None:
        registry.add(CHART, self.chart)

    async def chart(self, request: Request) -> Outcome:
        """The picture asked for; without a pair, of what was bought last."""
        slots = request.slots
        assert isinstance(slots, ChartSlots)
        theme = await self._theme(slots.kind)
        if (slots.kind or "").lower() in EQUITY:
            return Answer(await self._equity(theme))
        return Answer(await self._candles(slots, theme))

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

    async def _theme(self, kind: str | None) -> Theme:
        wish = (await self._preferences.preferences()).get("theme", "")
        return _THEMES.get((kind or "").lower()) or _THEMES.get(wish.lower()) or DARK


def _checked(timeframe: str) -> str:
    if timeframe not in set(Timeframe):
        known = ", ".join(one.value for one in Timeframe)
        raise Refused(f"I have no candles of {timeframe}.", "bad_timeframe", f"There are {known}.")
    return timeframe


def _draw_candles(view: CandlesView, theme: Theme, zone: str) -> tuple[bytes, str]:
    from core.pictures.candles import candles_picture  # noqa: PLC0415  loads matplotlib

    return candles_picture(view, theme, zone)


def _draw_equity(view: EquityView, currency: str, theme: Theme, zone: str) -> tuple[bytes, str]:
    from core.pictures.equity import equity_picture  # noqa: PLC0415  loads matplotlib

    return equity_picture(view, currency, theme, zone)
