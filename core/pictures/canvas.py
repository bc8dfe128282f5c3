"""The sheet that pictures are drawn on. Matplotlib's object interface only: no state of a module is touched,
so that pictures can be drawn in threads."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from matplotlib import dates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import Formatter, MaxNLocator

from core.model.money import percent
from core.pictures.theme import DPI, HEIGHT_IN, SMALL, TEXT, TITLE, WIDTH_IN, Theme

_dates: Any = dates  # its helpers carry no types
_Formatter: Any = Formatter
_DAY_MS = 86_400_000
_TAG = 0.05  # of a panel's height: a label so near to a level's tag would lie under it
# Years, months, days, hours, minutes, seconds; the second row is for where the next larger one begins.
_MOMENTS = ["%Y", "%b", "%-d %b", "%H:%M", "%H:%M", "%H:%M:%S"]
_TURNS = ["", "%Y", "%b", "%-d %b", "%H:%M", "%H:%M"]


class Numbers(_Formatter):  # type: ignore[misc]
    """Axis numbers with the decimals that their step asks for; none under a level's tag."""

    def __init__(self, *, share: bool = False) -> None:
        """`share`: fractions of 1, shown as percent."""
        self._share = share
        self.tags: list[float] = []

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        low, high = sorted(self.axis.get_view_interval())
        near = _TAG * (high - low)
        step = min((abs(b - a) for a, b in pairwise(sorted(values))), default=high - low)
        return [
            "" if any(abs(one - tag) < near for tag in self.tags) else self._told(one, step) for one in values
        ]

    def _told(self, value: float, step: float) -> str:
        if self._share:
            return percent(value, _decimals(step * 100))
        return f"{value:,.{_decimals(step)}f}"

    def __call__(self, value: float, position: object = None) -> str:
        return self._told(value, abs(value) or 1.0)


def _decimals(step: float) -> int:
    """As many as tell two labels apart, one step away from each other."""
    return next((digits for digits in range(9) if abs(round(step, digits) - step) < step * 1e-6), 9)


def at(ms: float) -> float:
    """A moment's place on the time axis: days since the epoch, as matplotlib counts."""
    return ms / _DAY_MS


class Sheet:
    """A titled figure of one or two stacked panels over one axis: time, or numbers where there is no zone."""

    def __init__(
        self, theme: Theme, title: str, note: str, heights: tuple[float, ...], zone: str | None
    ) -> None:
        self.theme = theme
        self._figure = Figure(figsize=(WIDTH_IN, HEIGHT_IN), dpi=DPI, facecolor=theme.paper)
        FigureCanvasAgg(self._figure)
        grid = self._figure.add_gridspec(
            len(heights),
            1,
            height_ratios=heights,
            hspace=0.08,
            left=0.04,
            right=0.845,
            top=0.865,
            bottom=0.075,
        )
        self.panels: list[Axes] = []
        for row in range(len(heights)):
            shared = self.panels[0] if self.panels else None
            self.panels.append(self._figure.add_subplot(grid[row, 0], sharex=shared))
        self._numbers = Numbers()  # of the first panel, where the levels are drawn
        for panel in self.panels:
            self._dress(panel)
        self.panels[0].yaxis.set_major_formatter(self._numbers)
        if zone is not None:
            self._time_axis(zone)
        self._figure.text(0.04, 0.955, title, color=theme.ink, size=TITLE, weight="bold", va="center")
        self._figure.text(0.04, 0.905, note, color=theme.faint, size=SMALL + 1, va="center")

    def _dress(self, panel: Axes) -> None:
        theme = self.theme
        panel.set_facecolor(theme.paper)
        panel.grid(visible=True, color=theme.grid, linewidth=1.0)
        panel.set_axisbelow(True)
        panel.yaxis.tick_right()
        panel.yaxis.set_major_locator(MaxNLocator(6, prune="both"))
        panel.yaxis.set_major_formatter(Numbers())
        panel.tick_params(colors=theme.faint, labelsize=SMALL, length=0)
        for spine in panel.spines.values():
            spine.set_visible(False)

    def _time_axis(self, zone: str) -> None:
        locator = _dates.AutoDateLocator(tz=ZoneInfo(zone), minticks=3, maxticks=6)
        axis = self.panels[-1].xaxis
        axis.set_major_locator(locator)
        axis.set_major_formatter(
            _dates.ConciseDateFormatter(
                locator, tz=ZoneInfo(zone), formats=_MOMENTS, zero_formats=_TURNS, show_offset=False
            )
        )
        for panel in self.panels[:-1]:
            panel.tick_params(labelbottom=False)

    @property
    def clear(self) -> dict[str, Any]:
        """What keeps words readable on top of candles."""
        look = {"boxstyle": "round,pad=0.15", "facecolor": self.theme.paper, "edgecolor": "none"}
        return {**look, "alpha": 0.72}

    def level(self, value: float, colour: str, name: str, amount: str, style: str = "--") -> None:
        """A line over the first panel: its name above it on the left, its amount in a tag on the right."""
        panel = self.panels[0]
        panel.axhline(value, color=colour, linewidth=2.0, linestyle=style, zorder=3)
        self._numbers.tags.append(value)
        panel.annotate(
            name, (0.0, value), xycoords=("axes fraction", "data"), xytext=(4, 5), textcoords="offset points",
            color=colour, size=SMALL, weight="bold", zorder=6, bbox=self.clear,
        )  # fmt: skip
        panel.annotate(
            amount, (1.0, value), xycoords=("axes fraction", "data"), xytext=(4, 0),
            textcoords="offset points", color=self.theme.paper, size=SMALL, weight="bold", va="center",
            bbox={"boxstyle": "round,pad=0.2", "facecolor": colour, "edgecolor": "none"},
            annotation_clip=False, zorder=6,
        )  # fmt: skip

    def note_panel(self, number: int, lines: Sequence[str]) -> None:
        """A panel that holds words instead of a drawing; the times stand above it, under what is drawn."""
        panel = self.panels[number]
        self.panels[number - 1].tick_params(labelbottom=True)
        panel.tick_params(labelbottom=False)
        for spine in panel.spines.values():
            spine.set_visible(False)
        panel.grid(visible=False)
        panel.yaxis.set_visible(False)
        for place, line in enumerate(lines):
            panel.text(
                0.0, 0.56 - place * 0.30, line, color=self.theme.ink, size=SMALL, va="center",
                transform=panel.transAxes,
            )  # fmt: skip

    def words(self, text: str) -> None:
        """Words in the middle of the first panel, where there is nothing to draw."""
        self.panels[0].text(
            0.5, 0.5, text, color=self.theme.faint, size=TEXT, ha="center", va="center",
            transform=self.panels[0].transAxes,
        )  # fmt: skip

    def png(self) -> bytes:
        buffer = BytesIO()
        self._figure.savefig(buffer, format="png", facecolor=self.theme.paper)
        return buffer.getvalue()
