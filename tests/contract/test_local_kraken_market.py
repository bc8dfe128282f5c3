"""The local Kraken's market: repeatable, plausible, arranged for nobody."""

from __future__ import annotations

import csv
import gzip
import json
import time
from decimal import Decimal as D
from pathlib import Path
from statistics import fmean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import ManualClock
from core.matching.orders import Terms
from core.model.errors import ConfigError
from core.model.orders import OrderRequest, OrderType, Side
from core.sim.kraken.bars import STEP_MS, STEPS
from core.sim.kraken.books import Books
from core.sim.kraken.exchange import Exchange, Founding
from core.sim.kraken.listing import DEMO_SYMBOLS, Listing
from core.sim.kraken.market import Market
from core.sim.kraken.server import LocalKraken
from core.sim.kraken.walk import BAR_MS

NOW_MS = 1_795_400_000_000
NOW = NOW_MS // BAR_MS
LISTING = Listing()
LIQUID = tuple(symbol for symbol in DEMO_SYMBOLS if LISTING.by_symbol[symbol].tier < 3)[:24]


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 1000), st.sampled_from(sorted(LISTING.pairs)), st.lists(st.integers(0, 3000), min_size=1)
)
def test_a_bar_is_the_same_whenever_and_however_it_is_asked_for(
    seed: int, symbol: str, backs: list[int]
) -> None:
    one, two = Market(LISTING, seed).path(symbol), Market(LISTING, seed).path(symbol)
    seen = {back: one.bar(NOW - back) for back in backs}
    assert {back: two.bar(NOW - back) for back in sorted(backs)} == seen


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1000), st.sampled_from(sorted(LISTING.pairs)))
def test_the_path_inside_a_bar_makes_exactly_that_bar(seed: int, symbol: str) -> None:
    market = Market(LISTING, seed).path(symbol)
    for index in range(NOW - 12, NOW):
        bar, path = market.bar(index), market.path(index)
        assert len(path) == STEPS
        assert (path[0], max(path), min(path), path[-1]) == (bar.open, bar.high, bar.low, bar.close)


def test_other_seeds_are_other_markets() -> None:
    closes = {Market(LISTING, seed).path("BTC/USD").bar(NOW).close for seed in range(20)}
    assert len(closes) == 20


def test_liquid_pairs_move_as_much_as_real_ones() -> None:
    market = Market(LISTING, 7)
    for symbol in LIQUID:
        bars = [market.path(symbol).bar(index) for index in range(NOW - 720, NOW)]
        assert 0.0005 < fmean((bar.high - bar.low) / bar.close for bar in bars) < 0.006
        assert all(before.close == after.open for before, after in zip(bars, bars[1:], strict=False))
        assert all(bar.volume > 0 for bar in bars)


def test_returns_are_no_coin_flips_but_nobody_can_foresee_them() -> None:
    """Volatility clusters as in real markets, while the next move's sign follows from nothing."""
    signs, sizes = [], []
    for seed in range(8):
        path = Market(LISTING, seed).path("ETH/USD")
        closes = [path.bar(index).close for index in range(NOW - 1400, NOW)]
        moves = [b / a - 1 for a, b in zip(closes, closes[1:], strict=False)]
        signs.append(correlation(moves[:-1], moves[1:]))
        sizes.append(correlation([abs(m) for m in moves[:-1]], [abs(m) for m in moves[1:]]))
    assert abs(fmean(signs)) < 0.06
    assert fmean(sizes) > 0.08


def correlation(xs: list[float], ys: list[float]) -> float:
    mx, my = fmean(xs), fmean(ys)
    cov = sum((x - mx) * (y - my) for x, y in zip(xs, ys, strict=True))
    return float(cov / (sum((x - mx) ** 2 for x in xs) * sum((y - my) ** 2 for y in ys)) ** 0.5)


def test_twenty_four_pairs_have_their_history_quickly() -> None:
    started = time.process_time()
    market = Market(LISTING, 3)
    for symbol in LIQUID:
        assert all(market.path(symbol).bar(index) for index in range(NOW - 720, NOW))
    assert time.process_time() - started < 1.5


def test_the_quote_brackets_the_last_price_on_the_grid() -> None:
    market = Market(LISTING, 1)
    for symbol in LISTING.pairs:
        quote, tick = market.quote(symbol, NOW_MS), LISTING.pairs[symbol].tick
        assert quote.bid <= quote.last <= quote.ask
        assert quote.bid < quote.ask
        assert not any(price % tick for price in (quote.bid, quote.last, quote.ask))


def test_the_book_stands_around_the_quote_and_lies_on_the_lot_grid() -> None:
    market = Market(LISTING, 1)
    for symbol in ("BTC/USD", "SUI/USD", "KAVA/EUR", "MOG/USD"):
        quote = market.quote(symbol, NOW_MS)
        book = market.depth(quote)
        assert (book.bids[0].price, book.asks[0].price) == (quote.bid, quote.ask)
        assert all(level.qty % LISTING.pairs[symbol].lot == 0 for level in book.bids + book.asks)
        assert [lv.price for lv in book.asks] == sorted(lv.price for lv in book.asks)


def test_a_push_by_hand_leaves_the_past_alone_and_moves_the_future() -> None:
    moved, alone = Market(LISTING, 1).path("BTC/USD"), Market(LISTING, 1).path("BTC/USD")
    step = NOW * STEPS + 7
    target = alone.price(step) // 2
    moved.push(step, target)
    assert moved.price(step) == pytest.approx(target, abs=1)
    assert [moved.bar(i) for i in range(NOW - 50, NOW)] == [alone.bar(i) for i in range(NOW - 50, NOW)]
    assert moved.path(NOW)[:7] == alone.path(NOW)[:7]
    assert moved.bar(NOW).low <= target <= moved.bar(NOW).high
    assert moved.bar(NOW + 1).close == pytest.approx(alone.bar(NOW + 1).close / 2, abs=2)


def test_the_exchange_lives_through_every_step_for_open_orders() -> None:
    """A stop that the market touched for ten seconds only has fired, however late somebody looks."""
    clock, books = ManualClock(NOW_MS), Books(None)
    exchange = Exchange(clock, Founding(start_cash=D(100_000)), books, LISTING)
    exchange.advance()
    buy = OrderRequest("", "BTC/USD", Side.BUY, OrderType.MARKET, LISTING.pairs["BTC/USD"].qty(D("0.01")))
    exchange.submit(buy, Terms())
    path = exchange.market.path("BTC/USD")
    first = NOW_MS // STEP_MS + 1
    lows = [path.price(step) for step in range(first, first + 8000)]
    trigger = LISTING.by_symbol["BTC/USD"].price(min(lows))
    stop = OrderRequest("", "BTC/USD", Side.SELL, OrderType.STOP_LOSS, buy.qty, pair_price(trigger))
    exchange.submit(stop, Terms())
    clock.advance(8000 * STEP_MS)
    exchange.advance()
    fired = exchange.engine.fills()[-1]
    assert fired.side is Side.SELL
    assert fired.time_ms == (first + lows.index(min(lows))) * STEP_MS
    books.close()


def pair_price(value: D):  # type: ignore[no-untyped-def]
    return LISTING.pairs["BTC/USD"].price(value)


def write_tape(folder: Path, name: str, skipped: int) -> None:
    with gzip.open(folder / f"{name}_5m.csv.gz", "wt", newline="") as text:
        rows = csv.writer(text)
        rows.writerow(["timestamp", "open", "high", "low", "close", "volume"])
        for number in range(800):
            if number != skipped:
                price = 100 + number
                rows.writerow([(10_000 + number) * BAR_MS, price, price + 2, price - 1, price + 1, 3.5])


async def test_a_tape_is_played_from_where_720_candles_are_behind(tmp_path: Path) -> None:
    write_tape(tmp_path, "XBTUSD", skipped=700)
    clock = ManualClock(0)
    kraken = LocalKraken(clock, tape=tmp_path, symbols=())
    await kraken.start()
    exchange = kraken.exchange
    assert clock.now_ms == (10_000 + 720) * BAR_MS
    path = exchange.market.path("BTC/USD")
    tick = D("0.1")
    assert [path.bar(10_001)[place] * tick for place in range(4)] == [101, 103, 100, 102]
    hole, after = path.bar(10_700), path.bar(10_900)
    assert (hole.open, hole.close, hole.volume) == (8000, 8000, 0)
    assert (after.close, after.volume) == (9000, 0)
    rows = json.loads(exchange.ohlc.answer(LISTING.by_symbol["BTC/USD"], 5, None, clock.now_ms))["XXBTZUSD"]
    assert (len(rows), rows[0][0]) == (721, 10_000 * BAR_MS // 1000)
    clock.advance(300_000)
    assert exchange.market.quote("BTC/USD", clock.now_ms).last == 821
    await kraken.stop()


async def test_a_folder_without_tapes_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="5m.csv.gz"):
        await LocalKraken(ManualClock(0), tape=tmp_path).start()
