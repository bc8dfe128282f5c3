"""What closed trades show, by symbol, session, weekday, exit and origin, each with its count and its error.

These are observations: with few trades every one of them can be luck, and they say so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from zoneinfo import ZoneInfo

from core.ledger.performance import Tally, tally
from core.model.account import RoundTrip
from core.model.money import ZERO
from core.model.time_context import TimeContext, from_ms

_WIDE = 1.96  # standard errors either side of a mean: 95 % when trades are independent and many


@dataclass(frozen=True, slots=True)
class Observation:
    """One slice of the trades. `mean` and `error` (half a 95 % interval) are net quote money a trade."""

    by: str
    name: str
    tally: Tally
    mean: Decimal
    error: Decimal | None  # None with fewer than two trades

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


def analyse(trips: Sequence[RoundTrip], zone: str) -> Analysis:
    """Slice closed trades; weekdays are the owner's, sessions are UTC."""
    keys: dict[str, Callable[[RoundTrip], str]] = {
        "symbol": lambda trip: trip.symbol,
        "session": lambda trip: TimeContext(trip.opened_ms, "UTC").session,
        "weekday": lambda trip: from_ms(trip.opened_ms).astimezone(ZoneInfo(zone)).strftime("%A"),
        "exit": lambda trip: trip.reason,
        "origin": lambda trip: trip.origin.value,
    }
    slices = [one for by, key in keys.items() for one in _sliced(trips, by, key)]
    return Analysis(_observe("all", "all trades", trips), tuple(slices))


def _sliced(trips: Iterable[RoundTrip], by: str, key: Callable[[RoundTrip], str]) -> list[Observation]:
    groups: dict[str, list[RoundTrip]] = defaultdict(list)
    for trip in trips:
        groups[key(trip)].append(trip)
    found = [_observe(by, name, group) for name, group in groups.items()]
    return sorted(found, key=lambda one: (-one.mean, one.name))


def _observe(by: str, name: str, trips: Sequence[RoundTrip]) -> Observation:
    total = tally(trips)
    mean = total.net_pnl / total.trades if total.trades else ZERO
    return Observation(by, name, total, mean, _error([float(trip.net_pnl) for trip in trips]))


def _error(results: Sequence[float]) -> Decimal | None:
    """Half the 95 % interval of the mean: 1.96 s / sqrt(n), s with n - 1."""
    n = len(results)
    if n < 2:
        return None
    mean = sum(results) / n
    spread = sqrt(sum((one - mean) ** 2 for one in results) / (n - 1))
    return Decimal(repr(_WIDE * spread / sqrt(n)))


def in_words(analysis: Analysis, currency: str) -> str:
    """What the trades show, and how little that proves."""
    whole = analysis.whole.tally
    if not whole.trades:
        return "No trade is closed yet, so there is nothing to learn from."
    won = f"{whole.win_rate:.0%}".replace("%", " %") if whole.win_rate is not None else "-"
    net = f"{whole.net_pnl:+,.2f} {currency} after {whole.fees:,.2f} in fees"
    lines = [f"{whole.trades} closed trades: {won} won, {net}."]
    for by, label in (("symbol", "Coins"), ("session", "Hours (UTC)"), ("exit", "Exits")):
        lines.append(f"{label}: {_ranked(analysis.of(by))}.")
    marked = [one.name for one in analysis.slices if one.stands_out and one.tally.trades >= 10]
    if marked:
        lines.append(f"Standing out from chance, unproven: {', '.join(marked)}.")
    lines.append("These are observations, not yet evidence: with so few trades luck looks the same.")
    return "\n".join(lines)


def _ranked(found: Sequence[Observation]) -> str:
    shown = found if len(found) <= 4 else [*found[:2], *found[-2:]]
    return ", ".join(f"{one.name} {one.tally.net_pnl:+,.2f} in {one.tally.trades}" for one in shown)
