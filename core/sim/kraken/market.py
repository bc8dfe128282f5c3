"""The market as the exchange sees it at one moment: quotes, books, trades and the day's figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import NamedTuple

from core.matching.depth import Depth, Level
from core.model.market import Quote
from core.model.money import Price, Qty, to_grid
from core.sim.kraken.bars import STEP_MS, STEPS, Bar, BarSource, GeneratedBars, MarketPath
from core.sim.kraken.listing import Listed, Listing
from core.sim.kraken.tapes import TapeBars
from core.sim.kraken.walk import BAR_MS, BARS_A_DAY, CoinWalk, Weather

# Half the spread in basis points, and dollars standing at the best price, by tier.
_HALF_SPREAD = {1: 1.2, 2: 2.2, 3: 4.0, 4: 10.0}
_TOP_DOLLARS = {1: 9_000.0, 2: 2_500.0, 3: 700.0, 4: 200.0}
DEPTH_LEVELS = 25


class Trade(NamedTuple):
    """One public trade; the exchange's own clients never appear in it."""

    ticks: int
    qty: float
    time_ms: int
    side: str
    number: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """The last 24 hours of a market, prices in ticks."""

    open: int
    high: int
    low: int
    vwap: int
    volume: float
    count: int


class Market:
    """All markets on one seed: every reading is a pure function of seed, moment and pushes made by hand."""

    def __init__(self, listing: Listing, seed: int, tapes: Mapping[str, TapeBars] | None = None) -> None:
        self.listing, self.seed = listing, seed
        self._weather = Weather(seed)
        self._tapes = tapes or {}
        self._walks: dict[str, CoinWalk] = {}
        self._paths: dict[str, MarketPath] = {}
        self._days: dict[str, tuple[int, DayFigures]] = {}

    def path(self, symbol: str) -> MarketPath:
        path = self._paths.get(symbol)
        if path is None:
            key = f"{self.seed}|{symbol}|path"
            path = MarketPath(self._source(symbol), lambda index: Random(f"{key}|{index}"))
            self._paths[symbol] = path
        return path

    def quote(self, symbol: str, now_ms: int) -> Quote:
        """Bid, ask and last at the latest step not after `now_ms`."""
        market = self.listing.by_symbol[symbol]
        step = now_ms // STEP_MS
        last = self.path(symbol).price(step)
        down, up = _half_spreads(market, last, step)
        return Quote(
            symbol,
            Price(market.price(max(last - down, 1))),
            Price(market.price(last + up)),
            Price(market.price(last)),
            now_ms,
        )

    def depth(self, quote: Quote, levels: int = DEPTH_LEVELS) -> Depth:
        """A book around a quote, the same whenever it is asked for."""
        market = self.listing.by_symbol[quote.symbol]
        rng = Random(f"{self.seed}|{quote.symbol}|{quote.time_ms // STEP_MS}|book")
        tick = market.grid
        gap = max(round(float(quote.ask - quote.bid) / float(tick) / 2), 1)
        bids, asks = [], []
        bid, ask = quote.bid, quote.ask
        for number in range(levels):
            bids.append(Level(Price(bid), self._level_size(market, rng, number)))
            asks.append(Level(Price(ask), self._level_size(market, rng, number)))
            ask = Price(ask + tick * rng.randint(1, gap))
            bid = Price(max(bid - tick * rng.randint(1, gap), tick))
        return Depth(tuple(bids), tuple(asks))

    def bar_so_far(self, symbol: str, now_ms: int) -> Bar:
        """The bar that is still open, as its trades have made it until now."""
        index, place = now_ms // BAR_MS, now_ms % BAR_MS // STEP_MS
        path = self.path(symbol)
        seen = path.path(index)[: place + 1]
        whole = path.bar(index)
        share = len(seen) / STEPS
        lot = self.listing.by_symbol[symbol].lot_decimals
        volume = round(whole.volume * share, lot)
        count = max(int(whole.trades * share), 1) if whole.trades else 0
        return Bar(seen[0], max(seen), min(seen), seen[-1], volume, count)

    def day_figures(self, symbol: str, now_ms: int) -> DayFigures:
        """Figures of the 288 bars before this one; a bar old at most."""
        index = now_ms // BAR_MS
        known = self._days.get(symbol)
        if known is None or known[0] != index:
            path = self.path(symbol)
            bars = [path.bar(place) for place in range(index - BARS_A_DAY, index)]
            known = self._days[symbol] = (index, _figures(bars))
        return known[1]

    def trades(self, symbol: str, now_ms: int, count: int) -> list[Trade]:
        """The latest public trades, oldest first, one for each step."""
        market, path = self.listing.by_symbol[symbol], self.path(symbol)
        last = now_ms // STEP_MS
        made = (self._trade(market, path, step) for step in range(last - count + 1, last + 1))
        return [trade for trade in made if trade is not None]

    def trades_after(self, symbol: str, since_ms: int, now_ms: int, count: int) -> list[Trade]:
        """The first `count` public trades after a moment, oldest first."""
        market, path = self.listing.by_symbol[symbol], self.path(symbol)
        steps = range(since_ms // STEP_MS + 1, now_ms // STEP_MS + 1)
        made = (self._trade(market, path, step) for step in steps)
        return list(islice((trade for trade in made if trade is not None), count))

    @staticmethod
    def _trade(market: Listed, path: MarketPath, step: int) -> Trade | None:
        """The trade of one step; none where the whole bar was silent."""
        bar = path.bar(step // STEPS)
        if not bar.volume:
            return None
        before, here = path.price(step - 1), path.price(step)
        qty = round(bar.volume / STEPS, market.lot_decimals)
        side = "b" if here > before or (here == before and step % 2) else "s"
        return Trade(here, qty, step * STEP_MS, side, step)

    def traded(self, symbol: str, first_step: int, last_step: int) -> bool:
        """Whether anybody traded from one step to another, both included."""
        path = self.path(symbol)
        return any(path.bar(index).volume for index in range(first_step // STEPS, last_step // STEPS + 1))

    def _source(self, symbol: str) -> BarSource:
        tape = self._tapes.get(symbol)
        if tape is not None:
            return tape
        market = self.listing.by_symbol[symbol]
        coin = market.pair.base
        if coin not in self._walks:
            self._walks[coin] = CoinWalk(self._weather, coin, market.dollars, market.sigma)
        return GeneratedBars(market, self._walks[coin], self.seed)

    def _level_size(self, market: Listed, rng: Random, number: int) -> Qty:
        dollars = _TOP_DOLLARS[market.tier] * (1 + 0.35 * number) * rng.lognormvariate(0.0, 0.8)
        lots = max(round(dollars / market.dollars * 10**market.lot_places), 1)
        return Qty(to_grid(lots * market.pair.lot, market.pair.lot))


def _half_spreads(market: Listed, last: int, step: int) -> tuple[int, int]:
    """Ticks from the last price down to the bid and up to the ask; a trade happens on one of the two."""
    wide = last * _HALF_SPREAD[market.tier] / 5_000 * (0.7 + (step * 2_654_435_761 % 97) / 97)
    whole = max(round(wide), 1)
    at_bid = step * 40_503 % 11 < 5
    near = min(round(wide * 0.2), whole - 1)
    return (near, whole - near) if at_bid else (whole - near, near)


def _figures(bars: list[Bar]) -> DayFigures:
    volume = sum(bar.volume for bar in bars)
    traded = sum((bar.high + bar.low + bar.close) / 3 * bar.volume for bar in bars)
    return DayFigures(
        open=bars[0].open,
        high=max(bar.high for bar in bars),
        low=min(bar.low for bar in bars),
        vwap=round(traded / volume) if volume else bars[-1].close,
        volume=volume,
        count=sum(bar.trades for bar in bars),
    )
