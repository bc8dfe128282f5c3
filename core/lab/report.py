"""What a backtest came to, in the figures of the contract: JSON, trades, equity and the months between."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TextIO

from core.lab.data import History
from core.lab.outcome import Outcome
from core.ledger.performance import EquityPoint, Tally, by_symbol, max_drawdown, sharpe, tally
from core.model.account import RoundTrip
from core.model.market import FeeRates
from core.model.money import plain, to_decimal
from core.model.time_context import from_ms

TRADE_COLUMNS = (
    "symbol", "side", "entry_time", "entry_price", "exit_time", "exit_price", "qty", "reason", "fees",
    "net_pnl",
)  # fmt: skip
_CENTIMONEY = Decimal("1E-8")


@dataclass(frozen=True, slots=True)
class Result:
    """One run with what it was run on. `seconds` is the engine's time, `label` says whose fees were paid."""

    outcome: Outcome
    histories: tuple[History, ...]
    fees: FeeRates
    seconds: float
    label: str
    engine: str = "road"

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(one.symbol for one in self.histories)

    @property
    def length_ms(self) -> int:
        return self.histories[0].timeframe.ms

    @property
    def start_ms(self) -> int:
        return min(one.start_ms for one in self.histories)

    @property
    def end_ms(self) -> int:
        return max(one.end_ms for one in self.histories)

    @property
    def total(self) -> Tally:
        return tally(self.outcome.trips)

    @property
    def by_symbol(self) -> dict[str, Tally]:
        """Every pair of the run, with or without trades."""
        found = by_symbol(self.outcome.trips)
        return {symbol: found.get(symbol) or tally(()) for symbol in self.symbols}

    @property
    def curve(self) -> list[EquityPoint]:
        """Equity from the first candle to the last, by their opens."""
        cash, points = self.outcome.start_equity, self.outcome.equity
        last = points[-1][1] if points else cash
        return [(self.start_ms, cash), *points, (self.end_ms - self.length_ms, last)]

    @property
    def max_drawdown(self) -> Decimal:
        return max_drawdown(value for _, value in self.curve) or Decimal(0)

    @property
    def sharpe(self) -> float | None:
        return sharpe(self.curve, self.outcome.start_equity)

    @property
    def hold(self) -> Decimal:
        """Buy-and-hold beside it: the mean move of the pairs from first open to last close, without fees."""
        moves = [to_decimal(one.closes[-1]) / to_decimal(one.opens[0]) - 1 for one in self.histories]
        return sum(moves, Decimal(0)) / len(moves)


def as_json(result: Result) -> dict[str, Any]:
    """The contract's JSON object; fractions, not percent; what is undefined is None."""
    total, outcome = result.total, result.outcome
    return {
        "candles": outcome.candles,
        "filled": outcome.filled,
        "seconds": round(result.seconds, 6),
        "candles_per_second": round(outcome.candles / result.seconds, 1) if result.seconds else None,
        "trades": total.trades,
        "wins": total.wins,
        "losses": total.losses,
        "win_rate": _number(total.win_rate),
        "profit_factor": _number(total.profit_factor),
        "net_pnl": _number(total.net_pnl),
        "fees": _number(total.fees),
        "max_drawdown": _number(result.max_drawdown),
        "sharpe": result.sharpe,
        "per_symbol": {symbol: _brief(one) for symbol, one in result.by_symbol.items()},
    }


def _brief(one: Tally) -> dict[str, Any]:
    return {
        "trades": one.trades, "wins": one.wins, "net_pnl": _number(one.net_pnl), "fees": _number(one.fees),
    }  # fmt: skip


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(round(value, 10))


def write_trades(file: TextIO, result: Result) -> None:
    """One closed trade a row, oldest exit first; times in ms of the candle's open."""
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(TRADE_COLUMNS)
    writer.writerows(trade_rows(result))


def trade_rows(result: Result) -> Iterable[list[str]]:
    ticks = {one.symbol: one.pair for one in result.histories}
    length = result.length_ms
    for trip in result.outcome.trips:
        pair = ticks[trip.symbol]
        yield [
            trip.symbol, "long", str(trip.opened_ms // length * length), plain(pair.price(trip.entry_price)),
            str(trip.closed_ms // length * length), plain(pair.price(trip.exit_price)), plain(trip.qty),
            trip.reason, _money(trip.fees), _money(trip.net_pnl),
        ]  # fmt: skip


def _money(value: Decimal) -> str:
    return plain(value.quantize(_CENTIMONEY))


@dataclass(frozen=True, slots=True)
class Month:
    """One UTC month: its trades by exit, their result, and the change of equity as a share."""

    name: str
    trades: int
    net_pnl: Decimal
    change: Decimal


def months(result: Result) -> list[Month]:
    """Every month of the run, oldest first."""
    ends: dict[str, Decimal] = {}
    for time_ms, equity in result.curve:
        ends[_month(time_ms)] = equity
    trips: dict[str, list[RoundTrip]] = {}
    for trip in result.outcome.trips:
        trips.setdefault(_month(trip.closed_ms), []).append(trip)
    found, before = [], Decimal(result.outcome.start_equity)
    for name in sorted({*ends, *trips}):
        after = ends.get(name, before)
        total = tally(trips.get(name, ()))
        found.append(Month(name, total.trades, total.net_pnl, after / before - 1 if before else Decimal(0)))
        before = after
    return found


def _month(time_ms: int) -> str:
    return from_ms(time_ms).strftime("%Y-%m")


def hold_curve(result: Result, points: int) -> list[EquityPoint]:
    """The start cash split evenly and held from each pair's first open, at most `points` samples."""
    share = result.outcome.start_equity / len(result.histories)
    steps = (result.end_ms - result.start_ms) // result.length_ms
    stride = max(1, steps // points)
    places = sorted({*range(0, steps, stride), steps - 1})
    return [
        (at, sum((_held(one, at, share) for one in result.histories), Decimal(0)))
        for at in (result.start_ms + place * result.length_ms for place in places)
    ]


def _held(one: History, at_ms: int, share: Decimal) -> Decimal:
    index = min((at_ms - one.start_ms) // one.timeframe.ms, len(one) - 1)
    return share * to_decimal(one.closes[index]) / to_decimal(one.opens[0]) if index >= 0 else share


def thinned(points: Sequence[EquityPoint], most: int) -> list[EquityPoint]:
    """About `most` points that keep every extreme: first, lowest, highest and last of each bin."""
    if len(points) <= most:
        return list(points)
    size = -(-len(points) * 4 // most)
    kept: list[EquityPoint] = []
    for at in range(0, len(points), size):
        chunk = points[at : at + size]
        extremes = {0, len(chunk) - 1}
        extremes |= {
            min(range(len(chunk)), key=lambda i: chunk[i][1]),
            max(range(len(chunk)), key=lambda i: chunk[i][1]),
        }
        kept += [chunk[i] for i in sorted(extremes)]
    return kept
