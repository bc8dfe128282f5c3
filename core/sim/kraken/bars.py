"""Five-minute bars of one market on its tick grid, and the path of the last price inside each bar."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple, Protocol

from core.sim.kraken.listing import Listed
from core.sim.kraken.walk import BARS_A_DAY, CoinWalk, Move, forget_oldest

STEP_MS = 10_000
STEPS = 30  # in a bar
_DAYS_KEPT = 6  # enough for 720 bars and the last 24 hours
_BARS_KEPT = _DAYS_KEPT * BARS_A_DAY

# Dollars traded in five minutes, and the share of bars without a trade, by tier.
_TURNOVER = {1: 400_000.0, 2: 60_000.0, 3: 8_000.0, 4: 700.0}
_SILENCE = {1: 0.0, 2: 0.0, 3: 0.02, 4: 0.3}


class Bar(NamedTuple):
    """Prices in ticks, volume in base units, and how many trades made it."""

    open: int
    high: int
    low: int
    close: int
    volume: float
    trades: int

    def scaled(self, factor: float) -> Bar:
        opening, high, low, close = (max(round(price * factor), 1) for price in self[:4])
        return Bar(opening, high, low, close, self.volume, self.trades)


class BarSource(Protocol):
    """Where a market's bars come from. `index` counts five-minute bars since the epoch."""

    def bar(self, index: int) -> Bar: ...


class GeneratedBars:
    """Bars of a market whose coin walks."""

    def __init__(self, market: Listed, walk: CoinWalk, seed: int) -> None:
        self._market, self._walk, self._seed = market, walk, seed
        self._days: dict[int, list[Bar]] = {}

    def bar(self, index: int) -> Bar:
        day, place = divmod(index, BARS_A_DAY)
        bars = self._days.get(day)
        if bars is None:
            bars = self._days[day] = self._make_day(day)
            forget_oldest(self._days, _DAYS_KEPT)
        return bars[place]

    def _make_day(self, day: int) -> list[Bar]:
        market = self._market
        tick = float(market.grid) * market.quote_dollars
        turnover = _TURNOVER[market.tier] / market.dollars
        silence = _SILENCE[market.tier]
        rng = Random(f"{self._seed}|{market.pair.symbol}|{day}|trades") if silence else None
        bars: list[Bar] = []
        for move in self._walk.day(day):
            if rng is not None and bars and rng.random() < silence:
                bars.append(silent(bars[-1].close))
            else:
                bars.append(_on_grid(move, tick, turnover, market.lot_decimals))
        return bars


def _on_grid(move: Move, tick: float, turnover: float, lot_decimals: int) -> Bar:
    opening, high, low, close = (max(round(price / tick), 1) for price in move[:4])
    volume = round(turnover * move.heat, lot_decimals)
    return Bar(opening, high, low, close, volume, 3 + int(40 * move.heat))


def silent(price: int) -> Bar:
    """A bar in which nobody traded."""
    return Bar(price, price, price, price, 0.0, 0)


def path_of(bar: Bar, rng: Random) -> list[int]:
    """The last price at each ten-second step: from open to close, touching high and low on the way."""
    if bar.high == bar.low:
        return [bar.close] * STEPS
    first, second = (
        (bar.low, bar.high) if (bar.close >= bar.open) is (rng.random() < 0.7) else (bar.high, bar.low)
    )
    early = rng.randint(1, STEPS - 4)
    late = rng.randint(early + 1, STEPS - 2)
    knots = ((0, bar.open), (early, first), (late, second), (STEPS - 1, bar.close))
    jitter = (bar.high - bar.low) * 0.1
    path = [bar.open]
    for (start, here), (end, there) in zip(knots, knots[1:], strict=False):
        slope = (there - here) / (end - start)
        for step in range(1, end - start):
            wanted = here + slope * step + rng.uniform(-jitter, jitter)
            path.append(min(max(round(wanted), bar.low), bar.high))
        path.append(there)
    return path


class MarketPath:
    """One market's bars and steps, moved by hand where somebody asked for it.

    A push multiplies every price from its step on; what was seen before stays as it was.
    """

    def __init__(self, source: BarSource, rng_of: Callable[[int], Random]) -> None:
        self._source, self._rng_of = source, rng_of
        self.pushes: list[tuple[int, float]] = []  # step, factor in force from it on
        self._paths: dict[int, list[int]] = {}
        self._bars: dict[int, Bar] = {}  # as the pushes left them

    def bar(self, index: int) -> Bar:
        if not self.pushes:
            return self._source.bar(index)
        bar = self._bars.get(index)
        if bar is None:
            if len(self._bars) >= _BARS_KEPT:
                self._bars.clear()
            bar = self._bars[index] = self._moved(index)
        return bar

    def path(self, index: int) -> list[int]:
        """Last prices in ticks at the thirty steps of a bar."""
        path = self._paths.get(index)
        if path is None:
            path = path_of(self._source.bar(index), self._rng_of(index))
            if self.pushes:
                first = index * STEPS
                path = [max(round(p * self._factor(first + k)), 1) for k, p in enumerate(path)]
            self._remember(index, path)
        return path

    def price(self, step: int) -> int:
        """The last price in ticks at a step counted since the epoch."""
        index, place = divmod(step, STEPS)
        return self.path(index)[place]

    def push(self, step: int, ticks: int) -> None:
        """Let the price at `step` be `ticks`, and everything after it move along."""
        factor = self._factor(step) * ticks / self.price(step)
        self.pushes.append((step, factor))
        self._paths.clear()
        self._bars.clear()

    def _moved(self, index: int) -> Bar:
        bar = self._source.bar(index)
        first = index * STEPS
        if any(first < step < first + STEPS for step, _ in self.pushes):
            path = self.path(index)
            return Bar(path[0], max(path), min(path), path[-1], bar.volume, bar.trades)
        return bar.scaled(self._factor(first))

    def _factor(self, step: int) -> float:
        factor = 1.0
        for since, value in self.pushes:
            if step >= since:
                factor = value
        return factor

    def _remember(self, index: int, path: list[int]) -> None:
        if len(self._paths) > 400:
            self._paths.clear()
        self._paths[index] = path
