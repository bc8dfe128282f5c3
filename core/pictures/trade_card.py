"""The evidence of one closed trade: its candles, what was planned, what came of it, and the reasons."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from textwrap import wrap

from core.engine import words
from core.model.account import RoundTrip
from core.model.market import Candle, Timeframe
from core.model.money import Price
from core.pictures.candles import draw_candles
from core.pictures.canvas import Sheet, at
from core.pictures.theme import Theme

_LINE, _LINES = 66, 3  # characters a line of reasons, and lines, that read on a phone


@dataclass(frozen=True, slots=True)
class TradeEvidence:
    """Everything a trade card shows. `stop` and `target` are the plan's; None where nobody wrote one down."""

    trip: RoundTrip
    candles: tuple[Candle, ...]
    timeframe: str
    stop: Price | None
    target: Price | None
    why: str
    currency: str
    mode: str

    @property
    def planned_loss(self) -> Decimal | None:
        """The result that the planned stop had promised, fees as booked."""
        return self._at(self.stop)

    @property
    def planned_gain(self) -> Decimal | None:
        return self._at(self.target)

    def _at(self, price: Price | None) -> Decimal | None:
        trip = self.trip
        return None if price is None else (price - trip.entry_price) * trip.qty - trip.fees


def trade_picture(evidence: TradeEvidence, theme: Theme, zone: str) -> tuple[bytes, str]:
    """(PNG, text alternative) of one closed trade."""
    trip = evidence.trip
    title = f"{words.coin(trip.symbol)}  {trip.net_pnl:+,.2f} {evidence.currency}"
    sheet = Sheet(theme, title, _note(evidence), (5.0, 1.15), zone)
    if evidence.candles:
        _draw(sheet, evidence)
    else:
        sheet.words("The candles of that time are gone.")
    _reasons(sheet, evidence)
    return sheet.png(), _alt(evidence)


def _draw(sheet: Sheet, evidence: TradeEvidence) -> None:
    trip, theme, step = evidence.trip, sheet.theme, Timeframe(evidence.timeframe).ms
    panel = sheet.panels[0]
    draw_candles(panel, None, theme, evidence.candles, step)
    colour = theme.up if trip.won else theme.down
    panel.axvspan(at(trip.opened_ms), at(max(trip.closed_ms, trip.opened_ms + 1)), color=colour, alpha=0.10)
    bought = (trip.opened_ms, trip.entry_price, "^", theme.mark)
    sold = (trip.closed_ms, trip.exit_price, "v", theme.line)
    for ms, price, sign, paint in (bought, sold):
        panel.scatter(
            [at(ms)], [float(price)], s=260, marker=sign, c=paint, edgecolors=theme.ink, lw=1.6, zorder=6
        )
    levels: list[tuple[Price | None, str, str]] = [
        (evidence.target, theme.up, "planned target"), (evidence.stop, theme.down, "planned stop"),
        (trip.entry_price, theme.faint, "entry"),
    ]  # fmt: skip
    for level, paint, name in levels:
        if level is not None:
            sheet.level(float(level), paint, name, words.price(level), ":" if name == "entry" else "--")
    _frame(sheet, evidence, step)


def _frame(sheet: Sheet, evidence: TradeEvidence, step: int) -> None:
    """Every candle, both ends and the plan inside, with a little air."""
    trip, candles = evidence.trip, evidence.candles
    prices = [price for price in (evidence.stop, evidence.target) if price is not None]
    shown = [float(price) for price in (*prices, trip.entry_price, trip.exit_price)]
    low, high = min(*shown, *(one.low for one in candles)), max(*shown, *(one.high for one in candles))
    air = (high - low) * 0.05 or high * 0.01
    sheet.panels[0].set_ylim(low - air, high + air)
    sheet.panels[0].set_xlim(at(candles[0].time_ms - step), at(candles[-1].time_ms + 6 * step))


def _reasons(sheet: Sheet, evidence: TradeEvidence) -> None:
    """The reasons in words below the candles."""
    sheet.note_panel(1, [*_cut(f"▲ {evidence.why}"), f"▼ {_exit(evidence)}"])


def _cut(text: str) -> list[str]:
    lines = wrap(text, _LINE)
    return lines if len(lines) < _LINES else [*lines[: _LINES - 2], f"{lines[_LINES - 2]} ..."]


def _exit(evidence: TradeEvidence) -> str:
    trip = evidence.trip
    prices = f"{words.price(trip.entry_price)} to {words.price(trip.exit_price)}"
    return f"{trip.reason}: {prices}, fees {trip.fees:,.2f}"


def _note(evidence: TradeEvidence) -> str:
    plan = [
        f"{name} {value:+,.2f}"
        for name, value in (("at worst", evidence.planned_loss), ("at best", evidence.planned_gain))
        if value is not None
    ]
    planned = f"planned {', '.join(plan)}" if plan else "no plan was written down"
    return f"{planned}  ·  {_held(evidence.trip)}  ·  {evidence.mode}"


def _held(trip: RoundTrip) -> str:
    minutes = (trip.closed_ms - trip.opened_ms) // 60_000
    return f"held {minutes} min" if minutes < 120 else f"held {minutes / 60:.1f} h"


def _alt(evidence: TradeEvidence) -> str:
    """What the picture shows, for whoever cannot see it."""
    trip = evidence.trip
    plan = [
        f"planned {name} {words.price(price)}"
        for name, price in (("stop", evidence.stop), ("target", evidence.target))
        if price is not None
    ]
    parts = [
        f"{trip.symbol}: bought at {words.price(trip.entry_price)}, sold at {words.price(trip.exit_price)} "
        f"({trip.reason}), {trip.net_pnl:+,.2f} {evidence.currency} net of {trip.fees:,.2f} in fees, "
        f"{_held(trip)}.",
        f"{', '.join(plan)[:1].upper()}{', '.join(plan)[1:]}." if plan else "",
        f"Why: {evidence.why}",
    ]
    return " ".join(part for part in parts if part)
