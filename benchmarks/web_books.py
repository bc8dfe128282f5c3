"""What the pages are made of against the local Kraken's own books: random fills, deposits, and kill -9.

The real process trades beside an exchange that stays here. After every few deeds all of /api/v1 is read
and held against the exchange's engine and ledger, digit by digit; what Zyn's own trades made is counted again
from ledger rows alone, by `pnl_histories.fold`.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from benchmarks.pnl_histories import Purse, fold
from core.clock import ScaledClock, SystemClock
from core.matching.orders import PLAIN
from core.model.errors import Refused, Rejected
from core.model.orders import OrderRequest, OrderType, Side
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.server import LocalKraken
from tests.support.process import Page, ZynProcess, eventually

SUMMARY = (
    "every value of /api/v1 equals the local Kraken's books after 1,000 random fills, deposits and restarts"
)
ROUNDS, FILLS = 20, 50
FLAT_S = 90.0  # a flatten that is not played along with waits up to a minute before its next try
FLAT_BUCKETS_S = (1, 5, 30, 90)
SYMBOLS, SPEED, PATIENCE_S, LOOK_EVERY = ("BTC/USD", "ETH/USD"), 20.0, 30.0, 12


async def play(round: int) -> dict[str, int]:
    """A life with 50 fills and two kills."""
    return await live(round, FILLS)


async def live(seed: int, fills: int) -> dict[str, int]:
    """Until the exchange has booked `fills` trades. Raises with the first value that is another one."""
    with tempfile.TemporaryDirectory() as folder:
        kraken = LocalKraken(ScaledClock(SystemClock().wall_ms(), SPEED), seed=seed + 1, symbols=SYMBOLS)
        url = await kraken.start()
        zyn = ZynProcess(
            Path(folder), {"KRAKEN_API_BASE_URL": url, "ZYN_SYMBOLS": ",".join(SYMBOLS), "ZYN_MODE": "demo"}
        )
        try:
            life = Life(kraken, seed)
            for target in (fills // 3, 2 * fills // 3, fills):
                async with _signed_in(zyn) as page:
                    await life.trade_until(page, target)
                await zyn.kill()
            async with _signed_in(zyn) as page:
                await life.close(page)
        finally:
            await zyn.kill()
            await kraken.stop()
    return dict(life.met)


@asynccontextmanager
async def _signed_in(zyn: ZynProcess) -> AsyncIterator[Page]:
    async with Page.of(await zyn.start()) as page:
        yield page


class Life:
    """Whatever happens to an account, and what its owner is shown of it."""

    def __init__(self, kraken: LocalKraken, seed: int) -> None:
        self._kraken, self._rng = kraken, Random(f"web books {seed}")
        self.met: Counter[str] = Counter({"lives": 1})
        self._deeds = (self._by_hand, self._by_hand, self._by_hand, self._own, self._money)
        self._coins = dict.fromkeys(("BTC", "ETH"), Decimal(0))  # that the owner bought by hand

    @property
    def _exchange(self) -> Any:
        return self._kraken.exchange

    def _fills(self) -> int:
        return len(self._exchange.engine.fills())

    async def trade_until(self, page: Page, fills: int) -> None:
        """Deeds until so many trades are booked; everything is compared every few of them."""
        deeds = 0
        while self._fills() < fills:
            with suppress(Rejected, Refused):
                await self._rng.choice(self._deeds)(page)
            deeds += 1
            if deeds % LOOK_EVERY == 0:
                await self.compare(page)
        await self.compare(page)
        self.met["fills"] = self._fills()  # those of orders that filled while Zyn was dead too
        self.met["deeds"] += deeds
        self.met["restarts"] += 1

    async def close(self, page: Page) -> None:
        """Sell all that is Zyn's; then what its trades made is what the pages say."""
        await page.change("pause", {})
        asked = monotonic()
        told = await page.change("flatten", {"now": True})

        async def flat() -> bool:
            return not await page.data("positions")

        try:
            await eventually(flat, FLAT_S, "an empty list of positions")
        except AssertionError as error:
            left, orders = await page.data("positions"), await page.data("orders")
            raise AssertionError(f"{error}; Zyn said {told}; {left}; {orders}") from error
        took = monotonic() - asked
        self.met[f"flat within {min((one for one in FLAT_BUCKETS_S if took <= one), default=120):03} s"] += 1
        await self.compare(page)
        closed = {one["symbol"]: one for one in (await page.data("pnl?period=all"))["by_symbol"]}
        for coin, purse in self._purses().items():
            if purse.held:  # dust: its round trip ends with the next buy
                self.met["coins that ended in dust"] += 1
                continue
            told = closed[f"{coin}/USD"]["net_pnl"]
            assert abs(Fraction(told) - purse.made) < Fraction(1, 10**6), (coin, told, float(purse.made))
            self.met["values"] += 1

    async def _by_hand(self, _: Page) -> None:
        """The owner trades at the exchange's own site."""
        symbol = self._rng.choice(SYMBOLS)
        coin, pair = symbol.partition("/")[0], self._exchange.listing.pairs[symbol]
        price = self._exchange.look(symbol).last
        side = self._rng.choice((Side.BUY, Side.SELL))
        qty = pair.qty(Decimal(self._rng.randint(2000, 40_000)) / 100 / price)
        if side is Side.SELL and qty > self._coins[coin]:
            side = Side.BUY
        kind = self._rng.choice((OrderType.MARKET, OrderType.MARKET, OrderType.LIMIT))
        away = Decimal(self._rng.randint(990, 1010)) / 1000
        limit = pair.price(price * away) if kind is OrderType.LIMIT else None
        if kind is OrderType.LIMIT:
            side = Side.BUY
        self._exchange.advance()
        report = self._exchange.submit(OrderRequest("", symbol, side, kind, qty, limit), PLAIN)
        self._coins[coin] += report.filled if side is Side.BUY else -report.filled
        self.met["by hand"] += 1

    async def _own(self, page: Page) -> None:
        """An order through Zyn: previewed, then a yes; or a position let go."""
        symbol = self._rng.choice(SYMBOLS)
        if self._rng.random() < 0.3:
            await page.change("flatten", {"symbol": symbol, "now": True})
            return
        money = str(self._rng.randint(30, 600))
        wish = {"side": "buy", "symbol": symbol, "amount": [money, "quote"]}
        told = await page.change("do/place_order", wish)
        await page.change("press", {"action": f"yes:{told['proposal']['token']}"})
        self.met["through Zyn"] += 1

    async def _money(self, _: Page) -> None:
        self._exchange.advance()
        asset, amount = self._rng.choice((("USD", "750.25"), ("USD", "-120.5"), ("ETH", "0.25")))
        self._exchange.deposit(asset, Decimal(amount))
        if asset in self._coins:
            self._coins[asset] += Decimal(amount)
        self.met["deposits and withdrawals"] += 1

    async def compare(self, page: Page) -> None:
        """Everything shown against the books, read while they stood still."""
        last = ""

        async def same() -> bool:
            nonlocal last
            before = self._books()
            shown = await self._shown(page)
            if before != self._books():
                return False
            last = next((f"{name}: {shown[name]} is not {before[name]}" for name in before
                         if before[name] != shown[name]), "")  # fmt: skip
            return not last

        try:
            await eventually(same, PATIENCE_S, "equal books")
        except AssertionError as error:
            raise AssertionError(f"{error}; {last}") from error
        self.met["comparisons"] += 1
        self.met["values"] += sum(map(len, self._books().values()))

    def _books(self) -> dict[str, dict[Any, Any]]:
        """What the exchange has, by its own engine and ledger."""
        engine = self._exchange.engine
        return {
            "trades": {
                one.id: (one.order_txid, one.symbol, one.side.value, one.price, one.qty, one.cost, one.fee)
                for one in engine.fills()
            },
            "balances": {name: (one.total, one.held) for name, one in engine.balances().items() if one.total},
            "orders": {
                one.txid: (one.symbol, one.side.value, one.type.value, one.qty, one.filled, one.price)
                for one in engine.open_orders()
            },
            "positions": self._held(),
        }

    def _purses(self) -> dict[str, Purse]:
        """Zyn's own positions, from the ledger's rows alone."""
        orders = self._exchange.engine.register.orders
        own = {
            one.id: one.order_txid for one in self._exchange.engine.fills()
            if orders[one.order_txid].request.cl_ord_id or orders[one.order_txid].parent_txid
        }  # fmt: skip
        least = {}
        for symbol in SYMBOLS:
            pair = self._exchange.listing.pairs[symbol]
            least[symbol.partition("/")[0]] = (Fraction(pair.min_qty), Fraction(pair.min_cost))
        return fold(map(_row, self._exchange.ledger.entries), own, least)

    def _held(self) -> dict[str, Fraction]:
        """Of each purse what an order can still sell; dust is no position."""
        held = {}
        for coin, purse in self._purses().items():
            symbol = f"{coin}/USD"
            pair, bid = self._exchange.listing.pairs[symbol], self._exchange.look(symbol).bid
            qty = pair.qty(Decimal(purse.held.numerator) / purse.held.denominator)
            if pair.too_small(qty, bid) is None:
                held[coin] = purse.held
        return held

    async def _shown(self, page: Page) -> dict[str, dict[Any, Any]]:
        """What the pages are given; the trades to the last page."""
        number = Decimal
        trades: dict[str, tuple[Any, ...]] = {}
        before: str | None = ""
        while before is not None:
            answer = await page.whole(f"trades?limit=40{f'&before={before}' if before else ''}")
            for one in answer["data"]:
                assert one["id"] not in trades, "a trade stands on two pages"
                money = (number(one[name]) for name in ("price", "qty", "cost", "fee"))
                trades[one["id"]] = (one["order_id"], one["symbol"], one["side"], *money)
            before = answer["next"]
        balances, orders = await page.data("balances"), await page.data("orders")
        positions = await page.data("positions")
        assert (await page.data("status"))["open_positions"] == len(positions)
        return {
            "trades": trades,
            "balances": {
                one["asset"]: (number(one["total"]), number(one["held"]))
                for one in balances if number(one["total"])
            },
            "orders": {
                one["id"]: (
                    one["symbol"], one["side"], one["type"], number(one["qty"]), number(one["filled"]),
                    number(one["price"]) if one["price"] else None,
                )
                for one in orders
            },
            "positions": {one["symbol"].partition("/")[0]: Fraction(one["qty"]) for one in positions},
        }  # fmt: skip


def _row(entry: LedgerEntry) -> dict[str, Any]:
    return {
        "type": entry.type, "refid": entry.refid, "asset": entry.asset, "amount": entry.amount,
        "fee": entry.fee, "time": entry.time_ms,
    }  # fmt: skip
