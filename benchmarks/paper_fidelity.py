"""The paper account on an hour of recorded Kraken trades: how far its fills lie from what really traded.

Before each recorded order the paper account, which knows the prices only as quotes, sends the same one; its
price is held against the recorded one. A resting limit is truly filled when trades went through its price,
and truly not when none reached it; trades exactly at it depend on the queue, which no record shows: those
are left out and counted. The quote is the last trade of either side, for a record of trades holds no book.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal as D
from pathlib import Path
from statistics import median, quantiles

from core.clock import ManualClock
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.venues.paper_trading import PaperVenue

SUMMARY = "the paper account's fills on recorded Kraken trades: price errors in bps, and limits filled alike"
ROUNDS = 1
RECORD = "data/market/kraken_trades_2019-07-01/XBTUSD_trades.csv.gz"
BTC = Pair("BTC/USD", "BTC", "USD", D("0.1"), D("0.00000001"), D("0.0001"), D("0.5"))
_HORIZON_MS = 120_000  # how long a resting limit waits
_LIMITS = 400
_BURST_MS = 100
_FRESH_MS = 500
_LOOK_MS = 2_000  # the paper account's pause between looks
_WHICH: Mapping[str, tuple[int, bool | None]] = {
    "all": (1 << 40, None), "fresh": (_FRESH_MS, None), "fresh, one price": (_FRESH_MS, True),
    "fresh, several prices": (_FRESH_MS, False),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trade:
    """One recorded trade; `side` is the taker's."""

    time_ms: int
    side: Side
    price: D
    qty: D


class Recorded:
    """Public prices as the record has them so far: the last trade of each side is that side's best price."""

    def __init__(self, trades: Sequence[Trade]) -> None:
        self.trades = trades
        self._next = 0
        self._bid = next(one.price for one in trades if one.side is Side.SELL)
        self._ask = next(one.price for one in trades if one.side is Side.BUY)
        self._last = trades[0].price
        self.clock = ManualClock(trades[0].time_ms)

    def reach(self, time_ms: int, before: int | None = None) -> None:
        """Let the trades until then happen; `before` stops in front of one of them."""
        self.clock.advance_to(max(self.clock.now_ms, time_ms))
        end = len(self.trades) if before is None else before
        while self._next < end and self.trades[self._next].time_ms <= time_ms:
            one = self.trades[self._next]
            self._bid, self._ask = (one.price, self._ask) if one.side is Side.SELL else (self._bid, one.price)
            if self._bid > self._ask:  # the price has moved past the older side
                self._bid = self._ask = one.price
            self._last = one.price
            self._next += 1

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        now = self.clock.market_ms()
        return {BTC.symbol: Quote(BTC.symbol, Price(self._bid), Price(self._ask), Price(self._last), now)}

    async def pairs(self) -> Mapping[str, Pair]:
        return {BTC.symbol: BTC}

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        return []

    async def status(self) -> ExchangeStatus:
        return ExchangeStatus.ONLINE

    async def advisories(self) -> Sequence[Advisory]:
        return ()


def recorded(path: Path) -> list[Trade]:
    """The trades of a record, oldest first."""
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return [Trade(int(r["timestamp"]), Side(r["side"]), D(r["price"]), D(r["amount"])) for r in rows]


def made(seed: int, count: int) -> list[Trade]:
    """A made record with the same shape: a walking middle, a spread of a few ticks, orders in bursts."""
    rng, mid, at, found = random.Random(seed), 10_750.0, 1_561_939_200_000, []
    for _ in range(count):
        at += int(rng.expovariate(1 / 1_300))
        mid *= 1 + rng.gauss(0, 0.0001)
        side = rng.choice((Side.BUY, Side.SELL))
        away = rng.choice((0.1, 0.1, 0.5, 2.0)) * (1 if side is Side.BUY else -1)
        found.append(
            Trade(at, side, D(str(round(mid + away, 1))), D(str(round(rng.expovariate(5) + 0.001, 6))))
        )
    return found


def account(market: Recorded, spread_bps: float) -> PaperVenue:
    money = {"USD": D(10_000_000), "BTC": D(1_000)}
    matching = MatchingEngine({BTC.symbol: BTC}, FlatFees(D("0.0016"), D("0.0026")), money)
    return PaperVenue(matching, market, {BTC.symbol: BTC}, spread_bps, market.clock)


def orders(trades: Sequence[Trade], start: int = 20) -> list[list[int]]:
    """Places of the trades that one taker's order made: the same side within a tenth of a second."""
    found: list[list[int]] = []
    for at in range(start, len(trades)):
        one, before = trades[at], trades[at - 1]
        if found and one.side is before.side and one.time_ms - before.time_ms <= _BURST_MS:
            found[-1].append(at)
        else:
            found.append([at])
    return found


async def price_errors(
    trades: Sequence[Trade], spread_bps: float, fresh_ms: int = 1 << 40, one_price: bool | None = None
) -> list[float]:
    """How far the paper account's market orders lie from the recorded ones they stand before, in bps.

    `fresh_ms` leaves out orders whose side was last traded longer ago: their price is not in the record.
    `one_price` takes only orders that filled at one price, or only those that went through several.
    """
    market, errors = Recorded(trades), []
    paper = account(market, spread_bps)
    for places in orders(trades):
        rows = [trades[at] for at in places]
        qty = sum((one.qty for one in rows), D(0))
        cost = sum((one.qty * one.price for one in rows), D(0))
        market.reach(rows[0].time_ms, before=places[0])
        ages = [rows[0].time_ms - one.time_ms for one in trades[: places[0]] if one.side is rows[0].side]
        if not ages or ages[-1] > fresh_ms or one_price is (len({one.price for one in rows}) > 1):
            continue
        size = Qty(max(qty, BTC.min_qty))
        txid = await paper.place(
            OrderRequest(f"m{places[0]}", BTC.symbol, rows[0].side, OrderType.MARKET, BTC.qty(size))
        )
        report = await paper.order(txid)
        errors.append(abs(float(report.cost / report.filled / (cost / qty) - 1)) * 10_000)
    return errors


async def limits(trades: Sequence[Trade], spread_bps: float, seed: int) -> Counter[str]:
    """Resting limits near the market: what the paper account made of them against what was traded."""
    rng, counts = random.Random(seed), Counter[str]()
    starts = sorted(rng.sample(range(20, len(trades) - 50), min(_LIMITS, len(trades) - 80)))
    for at in starts:
        begin, side = trades[at], rng.choice((Side.BUY, Side.SELL))
        away = D(str(round(rng.uniform(0, 8), 1))) * (-1 if side is Side.BUY else 1)
        limit = BTC.price(begin.price + away)
        filled = await _rests(trades, at, side, limit, spread_bps)
        truth = _truly(trades[at + 1 :], begin.time_ms + _HORIZON_MS, side, limit)
        if filled is None or truth is None:
            counts["limits that the record cannot judge"] += 1
        else:
            counts["limits"] += 1
            counts["limits alike"] += filled == truth
            counts["limits missed"] += truth and not filled
            counts["limits too many"] += filled and not truth
    return counts


async def _rests(
    trades: Sequence[Trade], at: int, side: Side, limit: Price, spread_bps: float
) -> bool | None:
    """Whether the paper account fills it in time; None when it was taken at once."""
    market = Recorded(trades[max(0, at - 20) :])
    offset = at - max(0, at - 20)
    paper = account(market, spread_bps)
    market.reach(market.trades[offset].time_ms, before=offset + 1)
    txid = await paper.place(OrderRequest("l", BTC.symbol, side, OrderType.LIMIT, Qty(D("0.01")), limit))
    if (await paper.order(txid)).status.final:
        return None
    end = market.trades[offset].time_ms + _HORIZON_MS
    while market.clock.now_ms < end:
        market.reach(market.clock.now_ms + _LOOK_MS)
        await paper.look()
        if (await paper.order(txid)).status.final:
            return True
    return False


def _truly(trades: Sequence[Trade], until_ms: int, side: Side, limit: D) -> bool | None:
    """Whether it filled in truth: traded through; None when trades only touched its price."""
    prices = [one.price for one in trades if one.time_ms <= until_ms and one.side is not side]
    best = (min if side is Side.BUY else max)(prices, default=None)
    if best is None or (best > limit if side is Side.BUY else best < limit):
        return False
    return None if best == limit else True


def measure(trades: Sequence[Trade], seed: int = 1) -> dict[str, int]:
    """Errors in hundredths of a bp for all orders, and for those whose side had just been traded."""
    counts = Counter[str]()
    for spread, name in ((5.0, "5 bps spread"), (0.0, "quoted spread")):
        for which, wanted in _WHICH.items():
            errors = asyncio.run(price_errors(trades, spread, *wanted))
            counts[f"{which} at {name}: orders"] = len(errors)
            counts[f"{which} at {name}: median bp/100"] = round(median(errors) * 100)
            counts[f"{which} at {name}: p95 bp/100"] = round(quantiles(errors, n=20)[-1] * 100)
    counts.update(asyncio.run(limits(trades, 5.0, seed)))
    return dict(counts)


def check(counts: Mapping[str, int]) -> None:
    """What holds: prices that were just seen are met within a bp, and limits fill alike."""
    assert counts["fresh at quoted spread: median bp/100"] <= 100
    assert counts["limits alike"] >= 0.95 * counts["limits"]


async def play(number: int) -> dict[str, int]:
    path = Path(__file__).parents[2] / "shared" / RECORD
    return await asyncio.to_thread(measure, recorded(path))
