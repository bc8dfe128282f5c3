"""The exchange and its owner's hands on it: the local Kraken behind its own door, seen from inside."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from random import Random

from aiohttp import web

from core.clock import Clock
from core.matching.customs import Customs
from core.matching.engine import MatchingEngine
from core.matching.orders import PLAIN, Order
from core.model.market import ExchangeStatus, Pair, PairStatus
from core.model.money import Price, Qty
from core.model.orders import OrderRequest, OrderType, Side
from core.sim.kraken.server import LocalKraken
from tests.simulation.record import Record
from tests.simulation.weather import Sky

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

CASH = Decimal(10_000)
HISTORY_DAYS = 10  # what the averages of the slower candles need; a longer past costs the most of a day's CPU
COINS = ("ETH", "SOL", "XRP", "ADA", "SUI", "PEPE", "DASH", "JUP", "SHIB", "JTO", "RAY")  # deep to thin


class Street:
    """Where the market is made. `checked` is called whenever something is booked, and after every request."""

    def __init__(self, rng: Random, clock: Clock, record: Record, sky: Sky, seed: int) -> None:
        self.clock, self.record, self._sky = clock, record, sky
        self.symbols = ("BTC/USD", f"{rng.choice(COINS)}/USD")
        self.checked: Callable[[], None] = lambda: None
        customs = Customs(hold_trigger_orders=rng.random() < 0.5, pairs_tell_fees=seed % 4 == 0)
        volume = Decimal(rng.choice((0, 0, 2_400, 9_900, 60_000)))
        self.kraken = LocalKraken(
            clock, seed=seed, start_cash=CASH, symbols=self.symbols, customs=customs, volume_30d=volume,
            history_days=HISTORY_DAYS,
        )  # fmt: skip
        self.kraken.app.middlewares.append(self._serve)
        self.url = ""
        self._late_ms = self._shown_ms = 0  # how far the lists may lag, and up to when they have shown things

    async def open(self) -> None:
        self.url = await self.kraken.start()
        self.kraken.exchange.on_booked.append(lambda events, entries: self.checked())

    async def close(self) -> None:
        await self.kraken.stop()

    @web.middleware
    async def _serve(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Every call: the front, the exchange, and what the auditor says."""
        method = request.match_info.get("method", "")

        async def nonce() -> str:
            return str((await request.post()).get("nonce", ""))

        return await self._sky.front(method, lambda: self._answered(method, request, handler), nonce)

    async def _answered(self, method: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._lag()
        response = await handler(request)
        body = response.body if isinstance(response, web.Response) else b""
        text = body.decode() if isinstance(body, bytes) else ""
        if method == "AddOrder" and "Deadline elapsed" in text:
            self.record.met["late arrival rejected by its deadline"] += 1
        if method == "CancelOrder" and "Unknown order" in text:
            self.record.met["an order ended while its cancel was under way"] += 1
        self.record.events.append(f"{self.clock.market_ms()} {method} {hash_of(text)}")
        self.checked()
        return response

    # The exchange from inside.

    @property
    def matching(self) -> MatchingEngine:
        return self.kraken.exchange.engine

    @property
    def pairs(self) -> dict[str, Pair]:
        return {symbol: self.kraken.exchange.listing.pairs[symbol] for symbol in self.symbols}

    @property
    def status(self) -> ExchangeStatus:
        return self.matching.status

    def set_status(self, status: ExchangeStatus) -> None:
        self.matching.status = status

    def show_late(self, seconds: float, speed: float) -> None:
        """Reads lag behind by so much wall time."""
        self._late_ms = round(min(seconds * speed, 60.0) * 1000)

    def _lag(self) -> None:
        """Lists fall behind by standing still: what was shown once stays shown."""
        now, lag = self.clock.market_ms(), self.kraken.exchange.lag
        self._shown_ms = max(self._shown_ms, now - self._late_ms)
        lag.orders_ms = lag.trades_ms = lag.balances_ms = max(now - self._shown_ms, 0)

    def plan_maintenance(self, in_ms: int, for_ms: int) -> None:
        starts = self.clock.market_ms() + in_ms
        self.kraken.exchange.maintenances.append((starts, starts + for_ms))

    def end_maintenance(self) -> None:
        self.kraken.exchange.maintenances = []
        self.kraken.exchange.advance()

    def close_market(self, symbol: str, status: str) -> None:
        self.kraken.exchange.listing.change(symbol, {"status": status})

    def reopen(self) -> None:
        for symbol in self.symbols:
            if not self.open_everywhere:
                self.kraken.exchange.listing.change(symbol, {"status": "online"})

    @property
    def open_everywhere(self) -> bool:
        """Whether the exchange and all its markets take every order."""
        return self.status is ExchangeStatus.ONLINE and all(
            pair.status is PairStatus.ONLINE for pair in self.pairs.values()
        )

    def last(self, symbol: str) -> Decimal:
        return self.kraken.exchange.look(symbol).last

    def look(self) -> None:
        """Let the market live up to now, and the auditor look."""
        self.kraken.exchange.advance()
        self.checked()

    def jump(self, symbol: str, share: float) -> None:
        """The market moves all at once."""
        price = self.last(symbol) * Decimal(str(round(1 + share, 6)))
        self.kraken.exchange.push_price(symbol, self.pairs[symbol].price(price))
        self.checked()

    def fill_in_part(self, order: Order, share: Decimal) -> None:
        """Somebody sells into, or buys from, an order that waits at its limit."""
        self.kraken.exchange.advance()
        if not order.status.final:
            qty = self.pairs[order.symbol].qty(order.left * share)
            self.matching.fill_by_force(order.txid, qty, self.clock.market_ms())
            self.kraken.exchange.commit()
        self.checked()

    # The owner's hands.

    def submit(self, symbol: str, side: Side, qty: Qty, price: Price | None = None) -> None:
        kind = OrderType.MARKET if price is None else OrderType.LIMIT
        self.kraken.exchange.advance()
        self.kraken.exchange.submit(OrderRequest("", symbol, side, kind, qty, price), PLAIN)
        self.checked()

    def cancel(self, txid: str) -> None:
        self.kraken.exchange.advance()
        self.kraken.exchange.cancel(txid)
        self.checked()

    def move(self, asset: str, amount: Decimal) -> None:
        """A deposit, or a withdrawal below zero."""
        self.kraken.exchange.advance()
        self.kraken.exchange.deposit(asset, amount)
        self.checked()

    def trade_elsewhere(self, dollars: Decimal) -> None:
        """Volume of another bot of the owner's: the fee tier changes."""
        self.matching.volume.add(self.clock.market_ms(), dollars)

    def open_orders(self) -> list[Order]:
        return self.matching.register.open_orders()


def hash_of(text: str) -> int:
    """Short and the same in every process."""
    return sum(text.encode()) if len(text) < 4_000 else len(text)
