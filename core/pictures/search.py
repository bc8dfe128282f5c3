"""Searches drawn: how all trials scatter beside what luck would show, and what came of the choices."""

from __future__ import annotations

from collections.abc import Sequence

from core.pictures.canvas import Sheet, at
from core.pictures.theme import SMALL, Theme

Curve = Sequence[tuple[int, float]]  # market ms, equity


def trials_picture(sharpes: Sequence[float], best: float, luck: float, theme: Theme) -> tuple[bytes, str]:
    """(PNG, text alternative) of the trials' yearly Sharpe ratios; two lines: the best, and what is luck."""
    sheet = Sheet(theme, f"{len(sharpes):,} trials", "Sharpe ratio a year, after fees", (1.0,), None)
    panel = sheet.panels[0]
    panel.hist(sharpes, bins=min(60, max(10, len(sharpes) // 8)), color=theme.line, alpha=0.8)
    for value, colour, name, height in (
        (luck, theme.mark, "luck alone", 0.94), (best, theme.up, "the best", 0.86),
    ):  # fmt: skip
        panel.axvline(value, color=colour, linewidth=2.4, zorder=3)
        panel.annotate(
            f"{name} {value:.2f} ", (value, height), xycoords=("data", "axes fraction"), ha="right",
            color=colour, size=SMALL, weight="bold", zorder=6,
        )  # fmt: skip
    panel.margins(x=0.06)
    return sheet.png(), (
        f"Sharpe ratios of {len(sharpes):,} trials from {min(sharpes):.2f} to {max(sharpes):.2f}; "
        f"the best {best:.2f}, luck alone {luck:.2f}."
    )


def walk_picture(
    proposed: Curve, kept: Curve, borders: Sequence[int], theme: Theme, zone: str
) -> tuple[bytes, str]:
    """(PNG, text alternative) of equity on unseen candles: as chosen window by window, and unchanged."""
    sheet = Sheet(theme, "Walk-forward", "equity on candles that had no part in the choice", (1.0,), zone)
    panel = sheet.panels[0]
    for curve, colour, name in (
        (kept, theme.faint, "unchanged settings"),
        (proposed, theme.line, "as chosen"),
    ):
        panel.plot(
            [at(ms) for ms, _ in curve],
            [value for _, value in curve],
            color=colour,
            linewidth=2.4,
            label=name,
        )
    for border in borders:
        panel.axvline(at(border), color=theme.grid, linewidth=1.6, zorder=1)
    legend = panel.legend(loc="upper left", frameon=False, fontsize=SMALL)
    for text in legend.get_texts():
        text.set_color(theme.ink)
    return sheet.png(), (
        f"Equity on unseen candles: as chosen {proposed[-1][1]:,.2f}, "
        f"with unchanged settings {kept[-1][1]:,.2f}."
    )
