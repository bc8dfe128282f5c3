"""Candle files from the public data of the local Kraken, and how they grow."""

from __future__ import annotations

import asyncio
import gzip
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.clock import ManualClock
from core.lab.data import COLUMNS, DataFault, read_rows
from core.lab.download import Downloader, Got, Order
from core.model.errors import Refused, Transient, VenueError
from core.model.market import Candle, Timeframe, TradePage
from core.sim.kraken.server import LocalKraken
from core.venues.exchange_manager import Access, KrakenVenue

ROOT = Path(__file__).parents[2]
OPEN = 1_750_000_000_000 // 300_000 * 300_000  # of the candle that forms
START = OPEN + 60_000
STEP = 300_000
DAY = 288 * STEP


class Counted:
    """The exchange's public data; pages are counted, and fail from the number in `fails` on."""

    def __init__(self, venue: KrakenVenue) -> None:
        self.venue, self.pages, self.fails = venue, 0, 10**9

    async def fetch_ohlc(self, symbol: str, timeframe: str, limit: int) -> list[Candle]:
        return await self.venue.fetch_ohlc(symbol, timeframe, limit)

    async def trades(self, symbol: str, since_ns: int) -> TradePage:
        self.pages += 1
        if self.pages > self.fails:
            raise Transient("no answer")
        return await self.venue.trades(symbol, since_ns)


@dataclass(slots=True)
class Bench:
    source: Counted
    clock: ManualClock
    kraken: LocalKraken
    order: Order

    async def get(self, **changes: object) -> Got:
        order = replace(self.order, **changes)  # type: ignore[arg-type]
        return await Downloader(self.source, order, self.clock, lambda *_: None).run()

    async def rows(self, symbol: str = "BTC/USD") -> list[Candle]:
        """The candles in the file."""
        path = self.order.folder / f"{symbol.replace('/', '')}_5m.csv.gz"
        block = await asyncio.to_thread(read_rows, path, STEP)
        assert block.filled == 0
        return [
            Candle(block.start_ms + at * STEP, *values)
            for at, values in enumerate(zip(*block.columns, strict=True))
        ]

    def truth(self, first: Candle, count: int, symbol: str = "BTC/USD") -> list[Candle]:
        """What the exchange's own books say of the same candles."""
        listed = self.kraken.exchange.listing.by_symbol[symbol]
        path, found = self.kraken.exchange.market.path(symbol), []
        for index in range(first.time_ms // STEP, first.time_ms // STEP + count):
            bar = path.bar(index)
            prices = (float(listed.price_text(ticks)) for ticks in bar[:4])
            found.append(Candle(index * STEP, *prices, bar.volume))
        return found


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    clock = ManualClock(START)
    kraken = LocalKraken(clock, symbols=("BTC/USD",), history_days=12)
    venue = KrakenVenue(Access(await kraken.start()), clock)
    await venue.start()
    yield Bench(Counted(venue), clock, kraken, Order(tmp_path / "candles", "BTC/USD", Timeframe.M5))
    await venue.close()
    await kraken.stop()


def alike(found: list[Candle], truth: list[Candle]) -> bool:
    """Prices to the last digit; volumes as far as trades were rounded to lots."""
    pairs = list(zip(found, truth, strict=True))
    return all(a[:5] == b[:5] and a.volume == pytest.approx(b.volume, rel=1e-3, abs=1e-5) for a, b in pairs)


async def test_without_a_wish_the_newest_candles_are_one_request_and_the_next_day_continues_them(
    bench: Bench,
):
    got = await bench.get()
    assert (got.candles, got.trades, bench.source.pages) == (720, 0, 0)
    bench.clock.advance(DAY)
    got = await bench.get()
    assert (got.candles, got.added, got.trades) == (720 + 288, 288, 0)
    rows = await bench.rows()
    assert alike(rows, bench.truth(rows[0], len(rows)))
    assert (await bench.get()).added == 0


async def test_older_candles_are_folded_from_trades_and_equal_the_exchanges_own(bench: Bench) -> None:
    got = await bench.get(from_ms=OPEN - 5 * DAY)
    assert got.trades > 20_000 and got.candles == 5 * 288
    rows = await bench.rows()
    assert rows[0].time_ms == OPEN - 5 * DAY
    assert alike(rows, bench.truth(rows[0], len(rows)))


async def test_what_came_before_an_answer_failed_is_kept_and_the_same_wish_goes_on_there(
    bench: Bench,
) -> None:
    bench.source.fails = 12
    with pytest.raises(VenueError, match="candles are kept in .*, and the same command goes on from there"):
        await bench.get(from_ms=OPEN - 6 * DAY)
    kept = len(await bench.rows())
    assert kept > 300
    bench.source.pages, bench.source.fails = 0, 10**9
    got = await bench.get(from_ms=OPEN - 6 * DAY)
    assert got.candles == 6 * 288 and got.added == got.candles - kept
    rows = await bench.rows()
    assert alike(rows, bench.truth(rows[0], len(rows)))


async def test_an_answer_that_fails_now_and_then_costs_patience_and_nothing_else(bench: Bench) -> None:
    asked = bench.source.trades

    async def shaky(symbol: str, since_ns: int) -> TradePage:
        if bench.source.pages % 3 == 0:
            bench.source.pages += 1
            raise Transient("no answer")
        return await asked(symbol, since_ns)

    bench.source.trades = shaky  # type: ignore[method-assign]
    assert (await bench.get(from_ms=OPEN - 4 * DAY)).candles == 4 * 288


async def test_older_candles_are_put_in_front_and_are_not_lost_on_the_way(bench: Bench) -> None:
    await bench.get()
    bench.source.fails = 8
    with pytest.raises(VenueError):
        await bench.get(from_ms=OPEN - 5 * DAY)
    assert len(await bench.rows()) == 720  # untouched until the older ones reach it
    bench.source.fails, asked = 10**9, bench.source.pages
    got = await bench.get(from_ms=OPEN - 5 * DAY + 3 * STEP)  # as --days means it some minutes later
    assert bench.source.pages - asked < 16  # of 22: what was begun goes on, and is not begun again
    assert got.candles == 5 * 288 and [one.name for one in bench.order.folder.iterdir()] == [got.path.name]
    rows = await bench.rows()
    assert alike(rows, bench.truth(rows[0], len(rows)))


async def test_a_silent_market_has_flat_candles_and_no_holes(bench: Bench) -> None:
    symbol = next(s for s, one in bench.kraken.exchange.listing.by_symbol.items() if one.tier == 4)
    await bench.get(symbol=symbol, from_ms=OPEN - 5 * DAY)
    rows = await bench.rows(symbol)
    silent = sum(one.volume == 0 for one in rows)
    assert silent > 50
    assert alike(rows, bench.truth(rows[0], len(rows), symbol))


async def test_before_its_first_trade_a_pair_has_no_candles(bench: Bench) -> None:
    got = await bench.get(from_ms=OPEN - 14 * DAY, to_ms=OPEN - 11 * DAY)
    assert got.first_ms >= OPEN - 12 * DAY - STEP
    with pytest.raises(Refused, match="BTC/USD has no candle between"):
        await bench.get(folder=bench.order.folder / "none", from_ms=OPEN - 20 * DAY, to_ms=OPEN - 15 * DAY)


async def test_nothing_is_put_behind_candles_of_something_else(bench: Bench) -> None:
    got = await bench.get(to_ms=OPEN - DAY)
    body = [f"{one.time_ms},9,9,9,9,1" for one in await bench.rows()]
    plain = got.path.with_suffix("")
    got.path.unlink()
    plain.write_text("\n".join([",".join(COLUMNS), *body]) + "\n")
    with pytest.raises(DataFault, match="holds BTC/USD already, and only BTCUSD_5m.csv.gz can grow"):
        await bench.get()
    got.path.write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    before = got.path.read_bytes()
    with pytest.raises(
        DataFault, match="closed at 9, the exchange's at .* these are candles of something else"
    ):
        await bench.get()
    assert got.path.read_bytes() == before
    got.path.write_bytes(gzip.compress(b"timestamp,open,high,low,close,volume\n1,2,3\n"))
    with pytest.raises(DataFault, match="BTCUSD_5m.csv.gz row 2"):
        await bench.get()


async def test_a_pair_that_nobody_has_is_refused_before_a_file_is_made(bench: Bench) -> None:
    with pytest.raises(Refused, match="no pair NO/PE"):
        await bench.get(symbol="NO/PE")
    assert not bench.order.folder.exists()


async def test_the_command_writes_files_that_a_backtest_reads_and_says_what_is_wrong_at_once(
    bench: Bench, tmp_path: Path
) -> None:
    address = bench.source.venue.access.base_url
    await bench.source.venue.close()

    async def zyn(*words: str) -> tuple[int | None, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *words, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "KRAKEN_API_BASE_URL": address},
        )  # fmt: skip
        said, _ = await process.communicate()
        return process.returncode, said.decode()

    code, said = await zyn("download", "--data", "here", "--symbols", "btc,SOL/USD")
    assert code == 0, said
    assert "BTC/USD 5m: 720 candles" in said and "zyn backtest --data here --timeframe 5m" in said
    code, said = await zyn("backtest", "--data", "here", "--json", "--engine", "road")
    assert code == 0 and '"candles": 1440' in said, said
    code, said = await zyn("download", "--data", "here", "--symbols", "BTC/USD,NOPE,XX/YY")
    assert (code, said) == (1, "zyn: Kraken has no pair NOPE, XX/YY. Write it like BTC/USD.\n")
    code, said = await zyn("download", "--data", "here", "--days", "0", "--timeframe", "7m", "--to", "soon")
    assert code == 2 and all(word in said for word in ("--days", "7m", "--to soon")), said
    (tmp_path / "file").write_text("")
    code, said = await zyn("download", "--data", "file")
    assert code == 1 and "file" in said, said
