"""What closed trades show, slice by slice, each with its count and its interval, net of fees.

These are observations: with few trades every one of them can be luck, and they say so. What is evidence is
said by the learner (`core.learning.claims`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

from core.ledger.performance import Tally, tally
from core.model.account import RoundTrip
from core.model.money import ZERO
from core.model.time_context import TimeContext, from_ms
from core.strategy.rule import rule_in_words

_WIDE = 1.96  # standard errors either side of a mean: 95 % when trades are independent and many
_ENOUGH = 10  # trades before a slice may be said to stand out
_HOUR_MS = 3_600_000
_UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Observation:
    """One slice of the trades. `mean` (the expectancy) and `error` (half a 95 % interval) are net quote money
    a trade; `win_low` to `win_high` is the Wilson 95 % interval of the win rate.
    """

    by: str
    name: str
    tally: Tally
    mean: Decimal
    error: Decimal | None  # None with fewer than two trades
    win_low: float
    win_high: float
    drawdown: Decimal  # deepest fall of the summed results, in quote money
    held_ms: int  # mean holding time

    @property
    def stands_out(self) -> bool:
        """The interval leaves zero out. One of twenty slices of pure luck does so too."""
        return self.error is not None and abs(self.mean) > self.error


@dataclass(frozen=True, slots=True)
class Analysis:
    """All trades together, and the slices of each kind, the best mean first."""

    whole: Observation
    slices: tuple[Observation, ...]

    def of(self, by: str) -> tuple[Observation, ...]:
        return tuple(one for one in self.slices if one.by == by)


def analyse(trips: Sequence[RoundTrip], zone: str, regimes: Mapping[str, str] | None = None) -> Analysis:
    """Slice closed trades; weekdays and hours are the owner's, sessions are UTC.

    `regimes` names the market's regime at the entry by the position's cause.
    """
    keys = _keys(zone, regimes or {})
    slices = [one for by, key in keys.items() for one in _sliced(trips, by, key)]
    return Analysis(_observe("all", "all trades", trips), tuple(slices))


def sliced(
    trips: Sequence[RoundTrip], by: str, zone: str, regimes: Mapping[str, str] | None = None
) -> tuple[Observation, ...]:
    """The slices of one kind, the best mean first; by day, week, month the latest first. Raises KeyError."""
    if by in _CALENDAR:
        owners, form = ZoneInfo(zone), _CALENDAR[by]
        found = _sliced(trips, by, lambda trip: from_ms(trip.closed_ms).astimezone(owners).strftime(form))
        return tuple(sorted(found, key=lambda one: one.name, reverse=True))
    return tuple(_sliced(trips, by, _keys(zone, regimes or {})[by]))


_CALENDAR = {"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}


def _keys(zone: str, known: Mapping[str, str]) -> dict[str, Callable[[RoundTrip], str]]:
    owners = ZoneInfo(zone)
    return {
        "symbol": lambda trip: trip.symbol,
        "rule": lambda trip: trip.rule or "by hand",
        "origin": lambda trip: trip.origin.value,
        "hour": lambda trip: from_ms(trip.opened_ms).astimezone(owners).strftime("%H:00"),
        "weekday": lambda trip: from_ms(trip.opened_ms).astimezone(owners).strftime("%A"),
        "session": lambda trip: TimeContext(trip.opened_ms, "UTC").session,
        "regime": lambda trip: known.get(trip.cause, _UNKNOWN),
        "exit": lambda trip: trip.reason,
    }


def _sliced(trips: Iterable[RoundTrip], by: str, key: Callable[[RoundTrip], str]) -> list[Observation]:
    groups: dict[str, list[RoundTrip]] = defaultdict(list)
    for trip in trips:
        groups[key(trip)].append(trip)
    found = [_observe(by, name, group) for name, group in groups.items()]
    return sorted(found, key=lambda one: (-one.mean, one.name))


def _observe(by: str, name: str, trips: Sequence[RoundTrip]) -> Observation:
    total, n = tally(trips), len(trips)
    mean = total.net_pnl / n if n else ZERO
    low, high = wilson(total.wins, n)
    held = sum(trip.closed_ms - trip.opened_ms for trip in trips) // n if n else 0
    error = _error([float(trip.net_pnl) for trip in trips])
    return Observation(by, name, total, mean, error, low, high, _drawdown(trips), held)


def wilson(wins: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share (Wilson 1927); 0 to 1 without a trade."""
    if not n:
        return 0.0, 1.0
    share, z2 = wins / n, _WIDE**2
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _WIDE / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def _drawdown(trips: Sequence[RoundTrip]) -> Decimal:
    """The deepest fall of the running sum of results from its peak, in order of closing."""
    total = peak = deepest = ZERO
    for trip in sorted(trips, key=lambda one: one.closed_ms):
        total += trip.net_pnl
        peak = max(peak, total)
        deepest = max(deepest, peak - total)
    return deepest


def _error(results: Sequence[float]) -> Decimal | None:
    """Half the 95 % interval of the mean: 1.96 s / sqrt(n), s with n - 1."""
    n = len(results)
    if n < 2:
        return None
    mean = sum(results) / n
    spread = sqrt(sum((one - mean) ** 2 for one in results) / (n - 1))
    return Decimal(repr(_WIDE * spread / sqrt(n)))


def as_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """Every slice as JSON values; money as decimal strings, shares as fractions, undefined as None."""
    return [_row(one) for one in (analysis.whole, *analysis.slices)]


def _row(one: Observation) -> dict[str, Any]:
    cents, total = Decimal("0.01"), one.tally
    factor = total.profit_factor
    return {
        "by": one.by, "name": one.name, "trades": total.trades, "wins": total.wins, "losses": total.losses,
        "win_rate": float(total.win_rate) if total.win_rate is not None else None,
        "win_rate_low": round(one.win_low, 4), "win_rate_high": round(one.win_high, 4),
        "profit_factor": round(float(factor), 4) if factor is not None else None,
        "expectancy": str(one.mean.quantize(cents)),
        "expectancy_error": None if one.error is None else str(one.error.quantize(cents)),
        "net_pnl": str(total.net_pnl), "fees": str(total.fees), "drawdown": str(one.drawdown),
        "holding_minutes": one.held_ms // 60_000,
        "label": "stands out, unproven" if one.stands_out and total.trades >= _ENOUGH else "not yet evidence",
    }  # fmt: skip


_TOPICS = {
    "time_of_day": ("hour", "session"), "day_of_week": ("weekday",), "symbol": ("symbol",),
    "strategy": ("rule", "origin"), "regime": ("regime",), "exit": ("exit",),
}  # fmt: skip
_LABELS = {
    "symbol": "Coins", "rule": "Rules", "origin": "Opened by", "hour": "Hours", "weekday": "Weekdays",
    "session": "Hours (UTC)", "regime": "Markets", "exit": "Exits",
}  # fmt: skip
_USUAL = ("symbol", "session", "exit")


def in_words(analysis: Analysis, currency: str, topic: str | None = None) -> str:
    """What the trades show, and how little that proves; `topic` chooses the slices."""
    whole = analysis.whole.tally
    if not whole.trades:
        return "No trade is closed yet, so there is nothing to learn from."
    won = f"{whole.win_rate:.0%}".replace("%", " %") if whole.win_rate is not None else "-"
    closed = f"{whole.trades} closed trade{'s'[: whole.trades != 1]}"
    net = f"{whole.net_pnl:+,.2f} {currency} after {whole.fees:,.2f} in fees"
    lines = [f"{closed}: {won} won, {net}.", _more(analysis.whole, currency)]
    for by in _TOPICS.get(topic or "", _USUAL):
        lines.append(f"{_LABELS[by]}: {_ranked(analysis.of(by))}.")
    marked = [_name(one) for one in analysis.slices if one.stands_out and one.tally.trades >= _ENOUGH]
    if marked:
        lines.append(f"Standing out from chance, unproven: {', '.join(marked)}.")
    lines.append("These are observations, not yet evidence: with so few trades luck looks the same.")
    return "\n".join(lines)


def _more(one: Observation, currency: str) -> str:
    """Expectancy, profit factor, drawdown and holding time in one line."""
    error = f" ± {one.error:,.2f}" if one.error is not None else ""
    factor = one.tally.profit_factor
    made = f"profit factor {factor:.2f}" if factor is not None else "nothing lost yet"
    hours = one.held_ms / _HOUR_MS
    return (
        f"A trade brings {one.mean:+,.2f}{error} {currency}, {made}, deepest fall {one.drawdown:,.2f}, "
        f"held {hours:.1f} h."
    )


def _name(one: Observation) -> str:
    return rule_in_words(one.name) if one.by == "rule" else one.name


def _ranked(found: Sequence[Observation]) -> str:
    shown = found if len(found) <= 4 else [*found[:2], *found[-2:]]
    return "; ".join(f"{_name(one)} {one.tally.net_pnl:+,.2f} in {one.tally.trades}" for one in shown)
