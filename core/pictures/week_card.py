"""The week on one picture: equity, each day's result, and the figures of the report card."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from matplotlib.ticker import FuncFormatter

from core.engine import words
from core.model.money import ZERO
from core.model.time_context import TimeContext
from core.pictures.canvas import Sheet, at
from core.pictures.theme import SMALL, Theme

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Week:
    """What the picture shows. `days` are (start in ms, net result of what was closed that day)."""

    start_ms: int
    end_ms: int
    days: tuple[tuple[int, Decimal], ...]
    equity: tuple[tuple[int, Decimal], ...]
    trades: int
    wins: int
    fees: Decimal
    hold: Decimal | None  # return of buying and holding the same pairs
    currency: str
    mode: str

    @property
    def net(self) -> Decimal:
        return sum((net for _, net in self.days), ZERO)


def week_picture(week: Week, theme: Theme, zone: str) -> tuple[bytes, str]:
    """(PNG, text alternative) of the servant's week."""
    first, last = (TimeContext(ms, zone).local for ms in (week.start_ms, week.end_ms - 1))
    title = f"{first:%-d %b} to {last:%-d %b}  {words.signed(week.net, week.currency)}"
    sheet = Sheet(theme, title, _note(week), (3.0, 1.6), zone)
    _equity(sheet, week)
    _days(sheet, week, zone)
    return sheet.png(), _alt(week, title)


def _equity(sheet: Sheet, week: Week) -> None:
    if len(week.equity) < 2:
        sheet.words("No equity was recorded this week.")
        return
    theme, upper = sheet.theme, sheet.panels[0]
    times, values = [at(ms) for ms, _ in week.equity], [float(value) for _, value in week.equity]
    upper.plot(times, values, color=theme.line, linewidth=2.6, zorder=3)
    upper.fill_between(times, values, min(values), color=theme.line, alpha=0.14, linewidth=0)
    sheet.level(values[0], theme.faint, "start", f"{values[0]:,.0f}", ":")


def _days(sheet: Sheet, week: Week, zone: str) -> None:
    """A bar a day with its amount, won days up and lost days down."""
    theme, lower = sheet.theme, sheet.panels[1]
    for start, net in week.days:
        middle, value = at(start + DAY_MS / 2), float(net)
        lower.bar([middle], [value], width=0.62, color=theme.up if net >= 0 else theme.down, zorder=3)
        if not net:
            continue  # a day without a trade has nothing to say
        lower.annotate(
            f"{net:+,.0f}" if abs(net) >= 10 else f"{net:+,.1f}", (middle, value),
            xytext=(0, 5 if net >= 0 else -5), textcoords="offset points", ha="center",
            va="bottom" if net >= 0 else "top", color=theme.ink, size=SMALL - 1, zorder=6,
        )  # fmt: skip
    lower.axhline(0, color=theme.faint, linewidth=1.4, zorder=4)
    size = max([abs(float(net)) for _, net in week.days] or [1.0]) or 1.0
    lower.set_ylim(-size * 1.5, size * 1.5)
    lower.tick_params(labelright=False)
    sheet.panels[0].set_xlim(at(week.start_ms), at(week.end_ms))
    lower.set_xticks([at(start + DAY_MS / 2) for start, _ in week.days])
    names = [f"{TimeContext(start, zone).local:%a}" for start, _ in week.days]
    lower.xaxis.set_major_formatter(
        FuncFormatter(lambda _, place: names[place] if place is not None and place < len(names) else "")
    )
    lower.set_title(f"each day after fees, {week.currency}", color=theme.faint, loc="left", pad=4)


def _note(week: Week) -> str:
    won = f"{words.count(week.trades, 'trade')}, {week.wins} won" if week.trades else "no trade"
    hold = f"  ·  holding {words.share(week.hold)}" if week.hold is not None else ""
    return f"{won}  ·  fees {week.fees:,.2f}{hold}  ·  {week.mode}"


def _alt(week: Week, title: str) -> str:
    """What the picture shows, for whoever cannot see it."""
    best = max(week.days, key=lambda day: day[1], default=None)
    worst = min(week.days, key=lambda day: day[1], default=None)
    span = f" Best day {best[1]:+,.2f}, worst {worst[1]:+,.2f}." if best and worst else ""
    trades = words.count(week.trades, "trade")
    told = title.replace("  ", ": ")
    return f"The week {told} after {week.fees:,.2f} in fees, {trades}, {week.wins} won.{span}"
