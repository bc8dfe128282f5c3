"""The equity curve with its drawdown below."""

from __future__ import annotations

from decimal import Decimal
from itertools import accumulate

from matplotlib.ticker import MaxNLocator

from core.engine import words
from core.model.time_context import TimeContext
from core.model.views import EquityView
from core.pictures.canvas import Numbers, Sheet, at
from core.pictures.theme import Theme

_SHALLOW = -0.01  # the lower panel reaches at least so deep, so that a small fall looks small
Points = tuple[tuple[int, Decimal], ...]


def equity_picture(view: EquityView, currency: str, theme: Theme, zone: str) -> tuple[bytes, str]:
    """(PNG, text alternative) of equity over time; the lower panel is the fall from the last peak."""
    points = view.points
    title = f"Equity  {words.money(points[-1][1], currency)}" if points else "Equity"
    sheet = Sheet(theme, title, _note(view, currency, zone), (3.0, 1.2), zone)
    if len(points) < 2:
        sheet.words("Not enough yet for a curve.")
        return sheet.png(), "There is not enough yet for an equity curve."
    _draw(sheet, points)
    return sheet.png(), _alt(points, currency)


def _draw(sheet: Sheet, points: Points) -> None:
    theme = sheet.theme
    times = [at(ms) for ms, _ in points]
    values = [float(value) for _, value in points]
    falls = drawdowns(points)
    upper, lower = sheet.panels
    upper.plot(times, values, color=theme.line, linewidth=2.6, zorder=3)
    upper.fill_between(times, values, min(values), color=theme.line, alpha=0.14, linewidth=0)
    sheet.level(values[0], theme.faint, "start", f"{values[0]:,.0f}", ":")
    lower.fill_between(times, falls, 0, color=theme.down, alpha=0.55, linewidth=0)
    lower.yaxis.set_major_locator(MaxNLocator(3))
    lower.yaxis.set_major_formatter(Numbers(share=True))
    lower.set_ylim(min(*falls, _SHALLOW) * 1.15, 0)
    lower.set_title("fall from the peak", color=theme.faint, loc="left", pad=4)
    upper.margins(x=0.01)


def drawdowns(points: Points) -> list[float]:
    """For every point, the fall from the highest one so far as a negative share."""
    peaks = accumulate((value for _, value in points), max)
    return [float(value / peak - 1) if peak else 0.0 for (_, value), peak in zip(points, peaks, strict=True)]


def _note(view: EquityView, currency: str, zone: str) -> str:
    if len(view.points) < 2:
        return view.stamp.mode
    (start, first), (_, last) = view.points[0], view.points[-1]
    change = f"{words.signed(last - first, currency)} ({words.share(_change(first, last))})"
    return f"{change} since {TimeContext(start, zone).local:%-d %b, %H:%M}  ·  {view.stamp.mode}"


def _change(first: Decimal, last: Decimal) -> Decimal:
    return last / first - 1 if first else Decimal(0)


def _alt(points: Points, currency: str) -> str:
    """What the picture shows, for whoever cannot see it."""
    first, last = points[0][1], points[-1][1]
    worst = min(drawdowns(points))
    return (
        f"Equity from {words.money(first, currency)} to {words.money(last, currency)} "
        f"({words.share(_change(first, last))}); deepest fall from a peak {words.percent(abs(worst))}."
    )
