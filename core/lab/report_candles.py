"""Trades on candles as one inline SVG a pair: the candles thinned to what a screen can show."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from core.lab.data import History
from core.lab.report import Result
from core.model.account import RoundTrip
from core.model.market import Candle
from core.model.time_context import from_ms
from core.strategy.multi_timeframe import joined

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 960, 320, 70, 24
_BARS = 240
_PAIRS = 8


def trades_on_candles(result: Result) -> str:
    """A chart for each pair, the most traded first; later pairs are named only."""
    trips: dict[str, list[RoundTrip]] = {one.symbol: [] for one in result.histories}
    for trip in result.outcome.trips:
        trips[trip.symbol].append(trip)
    ranked = sorted(result.histories, key=lambda one: -len(trips[one.symbol]))
    charts = [_chart(one, trips[one.symbol]) for one in ranked[:_PAIRS]]
    if rest := ranked[_PAIRS:]:
        charts.append(f'<p class="note">Not drawn: {escape(", ".join(one.symbol for one in rest))}.</p>')
    return "".join(charts)


def _chart(history: History, trips: Sequence[RoundTrip]) -> str:
    bars = thinned_candles(history, _BARS)
    frame = _Frame(history, min(one.low for one in bars), max(one.high for one in bars))
    drawn = [frame.bar(one, history.timeframe.ms * -(-len(history) // _BARS)) for one in bars]
    marks = [frame.marks(trip) for trip in trips]
    count = f"{len(trips)} trade{'s'[: len(trips) != 1]}"
    title = f"{history.symbol}: {count}. Triangles up are buys, down are sells (green won, red lost)"
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{frame.axes()}{"".join(drawn)}{"".join(marks)}</svg></figure>'
    )


def thinned_candles(history: History, most: int) -> list[Candle]:
    """At most `most` candles, neighbours joined."""
    step = max(1, -(-len(history) // most))
    bars: list[Candle] = []
    for at in range(len(history)):
        candle = history.candle(at)
        if at % step:
            bars[-1] = joined(bars[-1], candle)
        else:
            bars.append(candle)
    return bars


class _Frame:
    """Where times and prices lie on the picture."""

    def __init__(self, history: History, low: float, high: float) -> None:
        self._start, self._end = history.start_ms, history.end_ms
        self._low, self._high = low, high if high > low else low + 1

    def _x(self, time_ms: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - 8) * (time_ms - self._start) / (self._end - self._start)

    def _y(self, price: float) -> float:
        return 8 + (_HEIGHT - _BOTTOM - 16) * (self._high - price) / (self._high - self._low)

    def bar(self, one: Candle, length_ms: int) -> str:
        """A wick and a body."""
        colour = "#0a6b2d" if one.close >= one.open else "#b00020"
        x, wide = self._x(one.time_ms + length_ms / 2), (_WIDTH - _LEFT) / _BARS * 0.7
        top, bottom = self._y(max(one.open, one.close)), self._y(min(one.open, one.close))
        wick = f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{self._y(one.high):.1f}" y2="{self._y(one.low):.1f}" '
        tall = max(bottom - top, 0.6)
        body = f'<rect x="{x - wide / 2:.1f}" y="{top:.1f}" width="{wide:.1f}" height="{tall:.1f}" '
        return f'{wick}stroke="{colour}" stroke-opacity=".45"/>{body}fill="{colour}" fill-opacity=".45"/>'

    def marks(self, trip: RoundTrip) -> str:
        """A buy, a sell, and the way between them."""
        colour = "#0a6b2d" if trip.won else "#b00020"
        x1, y1 = self._x(trip.opened_ms), self._y(float(trip.entry_price))
        x2, y2 = self._x(trip.closed_ms), self._y(float(trip.exit_price))
        told = f"bought {trip.entry_price}, sold {trip.exit_price} by {trip.reason}: {trip.net_pnl:+,.2f}"
        return (
            f'<g stroke="{colour}" fill="{colour}"><title>{escape(told)}</title>'
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
            f'<path d="M{x1 - 4:.1f} {y1 + 7:.1f}h8l-4 -7z" fill="#1f6feb" stroke="#1f6feb"/>'
            f'<path d="M{x2 - 4:.1f} {y2 - 7:.1f}h8l-4 7z"/></g>'
        )

    def axes(self) -> str:
        lines = []
        for step in range(5):
            price = self._high - (self._high - self._low) * step / 4
            y = self._y(price)
            lines.append(
                f'<line x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}" stroke="#8884"/>'
                f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" font-size="11" text-anchor="end" fill="currentColor">'
                f"{price:,.6g}</text>"
            )
        for x, anchor, moment in ((_LEFT, "start", self._start), (_WIDTH, "end", self._end)):
            lines.append(
                f'<text x="{x}" y="{_HEIGHT - 6}" font-size="11" text-anchor="{anchor}" fill="currentColor">'
                f"{from_ms(moment):%Y-%m-%d}</text>"
            )
        return "".join(lines)
