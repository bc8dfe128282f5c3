"""What closed trades and an equity curve add up to. What is undefined is None, never a made-up zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

from core.model.account import RoundTrip
from core.model.money import ZERO, Money

DAY_MS = 86_400_000
DAYS_A_YEAR = 365  # crypto never closes

EquityPoint = tuple[int, Decimal]  # market ms, equity in quote units


@dataclass(frozen=True, slots=True)
class Tally:
    """Closed trades in one glance; money in quote units, fees off."""

    trades: int
    wins: int
    losses: int
    net_pnl: Money
    fees: Money
    gross_profit: Money  # sum of the winners
    gross_loss: Money  # sum of the losers, above zero

    @property
    def win_rate(self) -> Decimal | None:
        return Decimal(self.wins) / self.trades if self.trades else None

    @property
    def profit_factor(self) -> Decimal | None:
        """Won money for each unit lost; None when nothing was lost."""
        return self.gross_profit / self.gross_loss if self.gross_loss else None


def tally(trips: Iterable[RoundTrip]) -> Tally:
    """Add up closed trades; a trade of exactly zero is neither win nor loss."""
    nets = []
    fees = ZERO
    for trip in trips:
        nets.append(trip.net_pnl)
        fees += trip.fees
    won = [net for net in nets if net > 0]
    lost = [net for net in nets if net < 0]
    profit, loss = sum(won, ZERO), -sum(lost, ZERO)
    return Tally(
        len(nets), len(won), len(lost), Money(profit - loss), Money(fees), Money(profit), Money(loss)
    )


def by_symbol(trips: Iterable[RoundTrip]) -> dict[str, Tally]:
    """One tally a symbol, in order of symbol."""
    groups: dict[str, list[RoundTrip]] = {}
    for trip in trips:
        groups.setdefault(trip.symbol, []).append(trip)
    return {symbol: tally(groups[symbol]) for symbol in sorted(groups)}


def max_drawdown(equity: Iterable[Decimal]) -> Decimal | None:
    """The deepest fall from a peak as a positive share of that peak; None without a point."""
    peak: Decimal | None = None
    worst = ZERO
    for value in equity:
        if peak is None or value > peak:
            peak = value
        elif peak > 0:
            worst = max(worst, (peak - value) / peak)
    return None if peak is None else worst


def sharpe(points: Sequence[EquityPoint], start: Decimal) -> float | None:
    """Mean over standard deviation (n - 1) of UTC-daily returns, times sqrt(365), rate 0.

    `points` in order of time, `start` the equity before the first. A day's return is its last equity over the
    day's before. None with fewer than two days or when no day differs from another.
    """
    returns = _daily_returns(points, start)
    if len(returns) < 2:
        return None
    mean = sum(returns) / len(returns)
    variance = sum((one - mean) ** 2 for one in returns) / (len(returns) - 1)
    return mean / sqrt(variance) * sqrt(DAYS_A_YEAR) if variance > 0 else None


def _daily_returns(points: Sequence[EquityPoint], start: Decimal) -> list[float]:
    last_of_day: dict[int, Decimal] = {}
    for time_ms, equity in points:
        last_of_day[time_ms // DAY_MS] = equity
    returns, before = [], start
    for day in range(min(last_of_day, default=0), max(last_of_day, default=-1) + 1):
        equity = last_of_day.get(day, before)
        returns.append(float(equity / before) - 1 if before > 0 else 0.0)
        before = equity
    return returns
