"""Candles of a pair with what Zyn did on them: entries, exits, and the open position's stop and target."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from core.engine import words
from core.model.market import Candle, Timeframe
from core.model.money import to_decimal as _decimal
from core.model.orders import Fill, Origin, Side
from core.model.views import CandlesView
from core.pictures.canvas import Sheet, at
from core.pictures.theme import SMALL, Theme

CANDLES_MAX = 144  # more are thinner than a phone can show


def candles_picture(view: CandlesView, theme: Theme, zone: str) -> tuple[bytes, str]:
    """(PNG, text alternative) of a pair's latest candles."""
    candles = view.candles[-CANDLES_MAX:]
    coin = words.coin(view.symbol)
    title = f"{coin}  {_last_price(candles)}"
    sheet = Sheet(theme, title, _note(view, candles), (5.0, 1.0), zone)
    if not candles:
        sheet.words("No candles yet.")
        return sheet.png(), f"No candles of {coin} yet."
    step = Timeframe(view.timeframe).ms
    draw_candles(sheet.panels[0], sheet.panels[1], theme, candles, step)
    fills = [fill for fill in view.fills if fill.time_ms >= candles[0].time_ms]
    _draw_fills(sheet, fills)
    _draw_trips(sheet, view, candles)
    _draw_position(sheet, view)
    _frame(sheet, view, candles, step)
    return sheet.png(), _alt(view, candles, fills)


def draw_candles(
    price: Axes, volume: Axes | None, theme: Theme, candles: tuple[Candle, ...], step_ms: int
) -> None:
    """Candles on one panel, and their volume on another where there is one."""
    half = step_ms * 0.36
    for rising, colour in ((True, theme.up), (False, theme.down)):
        some = [one for one in candles if (one.close >= one.open) is rising]
        wicks = [
            [(at(_middle(one, step_ms)), one.low), (at(_middle(one, step_ms)), one.high)] for one in some
        ]
        price.add_collection(LineCollection(wicks, colors=colour, linewidths=1.4))
        bodies = [
            _box(one, step_ms, half, min(one.open, one.close), max(one.open, one.close)) for one in some
        ]
        price.add_collection(PolyCollection(bodies, facecolors=colour, edgecolors=colour, linewidths=1.0))
        if volume is None:
            continue
        bars = [_box(one, step_ms, half, 0.0, one.volume) for one in some]
        volume.add_collection(PolyCollection(bars, facecolors=colour, alpha=0.55, linewidths=0))
    if volume is None:
        return
    volume.set_ylim(0, max(one.volume for one in candles) * 1.1 or 1)
    volume.tick_params(labelright=False)
    volume.grid(visible=False, axis="y")
    volume.set_title("volume", color=theme.faint, loc="left", pad=4, size=SMALL)


def _box(candle: Candle, step_ms: int, half_ms: float, low: float, high: float) -> list[tuple[float, float]]:
    left, right = at(_middle(candle, step_ms) - half_ms), at(_middle(candle, step_ms) + half_ms)
    return [(left, low), (left, high), (right, high), (right, low)]


def _draw_fills(sheet: Sheet, fills: list[Fill]) -> None:
    panel, theme = sheet.panels[0], sheet.theme
    for side, sign, colour in ((Side.BUY, "^", theme.mark), (Side.SELL, "v", theme.line)):
        some = [fill for fill in fills if fill.side is side]
        times = [at(fill.time_ms) for fill in some]
        prices = [float(fill.price) for fill in some]
        panel.scatter(
            times, prices, s=190, marker=sign, c=colour, edgecolors=theme.ink, linewidths=1.4, zorder=5
        )


def _draw_trips(sheet: Sheet, view: CandlesView, candles: tuple[Candle, ...]) -> None:
    """What was bought and sold again: entry to exit, with the reason and the result at its end."""
    panel, theme = sheet.panels[0], sheet.theme
    for trip in view.trips:
        if trip.closed_ms < candles[0].time_ms:
            continue
        colour = theme.up if trip.won else theme.down
        ends = [at(trip.opened_ms), at(trip.closed_ms)]
        panel.plot(ends, [float(trip.entry_price), float(trip.exit_price)], color=colour, lw=2.2, zorder=4)
        panel.annotate(
            f"{trip.reason} {trip.net_pnl:+,.2f}", (ends[1], float(trip.exit_price)), xytext=(0, -16),
            textcoords="offset points", color=colour, size=SMALL, weight="bold", ha="center", va="top",
            zorder=6, annotation_clip=True, bbox=sheet.clear,
        )  # fmt: skip


def _draw_position(sheet: Sheet, view: CandlesView) -> None:
    position, theme = view.position, sheet.theme
    if position is None:
        return
    sheet.level(float(position.entry_price), theme.faint, "entry", words.price(position.entry_price), ":")
    if position.stop is not None:
        sheet.level(float(position.stop), theme.down, "stop", words.price(position.stop))
    if position.target is not None:
        sheet.level(float(position.target), theme.up, "target", words.price(position.target))


def _frame(sheet: Sheet, view: CandlesView, candles: tuple[Candle, ...], step_ms: int) -> None:
    """Limits that hold every candle and the position's lines, with a little air."""
    low, high = min(one.low for one in candles), max(one.high for one in candles)
    position = view.position
    lines = [position.entry_price, position.stop, position.target] if position else []
    levels = [float(line) for line in lines if line is not None]
    low, high = min([low, *levels]), max([high, *levels])
    air = (high - low) * 0.05 or high * 0.01
    sheet.panels[0].set_ylim(low - air, high + air)
    sheet.panels[0].set_xlim(at(candles[0].time_ms - step_ms), at(candles[-1].time_ms + 6 * step_ms))
    if not view.fills and position is None:
        return
    sheet.panels[1].set_xlabel("▲ bought   ▼ sold", color=sheet.theme.faint, size=SMALL, loc="right")


def _note(view: CandlesView, candles: tuple[Candle, ...]) -> str:
    parts = [f"{view.symbol} · {view.timeframe} candles"]
    if len(candles) > 1 and candles[0].open:
        parts.append(f"{words.share(candles[-1].close / candles[0].open - 1)} over {_span(candles)}")
    if view.position is not None:
        by = "your order" if view.position.origin is Origin.CHAT else view.position.rule or "my rule"
        parts.append(f"open by {by}")
    parts.append(view.stamp.mode)
    return "  ·  ".join(parts)


def _span(candles: tuple[Candle, ...]) -> str:
    hours = (candles[-1].time_ms - candles[0].time_ms) / 3_600_000
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"


def _last_price(candles: tuple[Candle, ...]) -> str:
    return words.price(_decimal(candles[-1].close)) if candles else ""


def _alt(view: CandlesView, candles: tuple[Candle, ...], fills: list[Fill]) -> str:
    """What the picture shows, for whoever cannot see it."""
    first, last = candles[0], candles[-1]
    low, high = min(one.low for one in candles), max(one.high for one in candles)
    text = (
        f"{view.symbol}, {len(candles)} candles of {view.timeframe}: from {_price(first.open)} to "
        f"{_price(last.close)}, between {_price(low)} and {_price(high)}."
    )
    buys = sum(fill.side is Side.BUY for fill in fills)
    if fills:
        text += f" {buys} bought, {len(fills) - buys} sold."
    ended = [trip for trip in view.trips if trip.closed_ms >= candles[0].time_ms]
    if ended:
        text += " Closed: " + ", ".join(f"{trip.reason} {trip.net_pnl:+,.2f}" for trip in ended) + "."
    position = view.position
    if position is not None:
        text += f" Open from {words.price(position.entry_price)}"
        text += f", stop {words.price(position.stop)}" if position.stop is not None else ", no stop"
        text += f", target {words.price(position.target)}." if position.target is not None else "."
    return text


def _price(value: float) -> str:
    return words.price(_decimal(value))


def _middle(candle: Candle, step_ms: int) -> float:
    return candle.time_ms + step_ms / 2
