"""The real engine beside an exchange whose line loses, delays and doubles, on virtual time and one seed.

`LossyVenue` is market, account and order desk in one; `Witness` looks at the exchange's own orders and fills
after every change and knows nothing of the engine; `Village` puts an engine around both.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from core.engine.assembly import Engine, Ports, build_engine
from core.engine.ports import Account
from core.engine.receipts import JournalReceipts
from core.engine.supervisor import Supervisor
from core.matching.depth import ENDLESS, Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.matching.orders import Order
from core.model.account import Balance
from core.model.errors import NonceRefused, Rejected, Transient, UnknownOutcome
from core.model.ids import account_namespace
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import Price, Qty, to_decimal
from core.model.orders import Fill, OrderReport, OrderRequest, OrderType, Side
from core.trading_config import Config, load
from core.venues.simulated import SimulatedVenue
from tests.support.trading import FEES, PAIRS, START_MS, KeptJournal, Silent
from tests.support.virtual_time import VirtualClock, VirtualLoop

T = TypeVar("T")


@dataclass(frozen=True)
class Faults:
    """How the line behaves; shares of all calls."""

    lost: float = 0.0  # the order never arrives and nobody says so
    unanswered: float = 0.0  # it arrives, and the answer is lost
    late: float = 0.0  # it arrives seconds after everybody gave it up
    nonce: float = 0.0  # refused for its nonce again and again: proven not placed
    reads: float = 0.0  # a question gets no answer
    doubled: float = 0.0  # an answer holds rows twice
    forgets_ids: bool = False  # closed orders are not found by their client id
    quickest: float = 0.005  # wall seconds one way
    slowest: float = 0.12


class LossyVenue(SimulatedVenue):
    """Market, Account and Orders over a matching engine, behind a bad line."""

    def __init__(self, matching: MatchingEngine, clock: VirtualClock, rng: Random, faults: Faults) -> None:
        super().__init__(matching, clock)
        self.matching, self.rng, self.faults = matching, rng, faults
        self.changed: Callable[[], None] = lambda: None
        self.met: Counter[str] = Counter()
        self.history: dict[str, list[Candle]] = {}
        self.bid_depth: tuple[tuple[Decimal, Decimal], ...] = ()  # share below the bid, base units
        self.ask_depth = ENDLESS  # what the ask of a thin book holds, base units

    async def _trip(self) -> None:
        await asyncio.sleep(self.rng.uniform(self.faults.quickest, self.faults.slowest))

    async def _ask(self) -> None:
        await self._trip()
        if self.rng.random() < self.faults.reads:
            self.met["question unanswered"] += 1
            raise Transient("no answer")

    def _rows(self, rows: list[T]) -> list[T]:
        if rows and self.rng.random() < self.faults.doubled:
            self.met["rows doubled"] += 1
            return [*rows, *rows]
        return rows

    # The market.

    def trade(self, symbol: str, price: Decimal) -> None:
        """The market trades at a price; the book is endless unless `bid_depth` says how thin its bids are."""
        pair = PAIRS[symbol]
        half = max(pair.tick, price * Decimal("0.0002"))
        bid, ask = pair.price(price - half), pair.price(price + half)
        depth = None
        if self.bid_depth:
            bids = tuple(Level(pair.price(bid * (1 - share)), pair.qty(qty)) for share, qty in self.bid_depth)
            depth = Depth(bids, (Level(ask, self.ask_depth),))
        self.matching.on_quote(Quote(symbol, bid, ask, pair.price(price), self._clock.market_ms()), depth)
        self.changed()

    def last(self, symbol: str) -> Decimal:
        quote = self.matching.quote(symbol)
        assert quote is not None
        return quote.last

    async def pairs(self) -> Mapping[str, Pair]:
        return PAIRS

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        await self._ask()
        return self.history.get(symbol, [])[-limit:]

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        await self._ask()
        found = {symbol: self.matching.quote(symbol) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    async def status(self) -> ExchangeStatus:
        await self._ask()
        return self.matching.status

    async def advisories(self) -> Sequence[Advisory]:
        return ()

    # The account.

    async def balances(self) -> Mapping[str, Balance]:
        await self._ask()
        return await super().balances()

    async def open_orders(self) -> list[OrderReport]:
        await self._ask()
        return self._rows(await super().open_orders())

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        await self._ask()
        return self._rows(await super().closed_orders(since_ms))

    async def fills(self, since_ms: int) -> list[Fill]:
        await self._ask()
        return self._rows(await super().fills(since_ms))

    # Orders.

    async def place(self, request: OrderRequest) -> str:
        await self._trip()
        fate, faults = self.rng.random(), self.faults
        for name, share in (("lost", faults.lost), ("late", faults.late), ("nonce", faults.nonce)):
            if fate < share:
                return await self._not_now(name, request)
            fate -= share
        txid = await super().place(request)
        self.changed()
        await self._trip()
        if fate < faults.unanswered:
            self.met["answer lost"] += 1
            raise UnknownOutcome("the answer was lost")
        return txid

    async def _not_now(self, name: str, request: OrderRequest) -> str:
        self.met[f"order {name}"] += 1
        if name == "nonce":
            raise NonceRefused("EAPI:Invalid nonce")
        if name == "late":
            delay = self.rng.uniform(0.5, 12.0)
            asyncio.get_running_loop().call_later(delay, self._arrive, request)
        await asyncio.sleep(self.rng.uniform(0.5, 3.0))
        raise UnknownOutcome("no answer")

    def _arrive(self, request: OrderRequest) -> None:
        """An order that everybody had given up knocks at the exchange after all."""
        try:
            self.matching.submit(request, self._clock.market_ms())
        except Rejected as no:
            self.met["late order refused by its deadline" if "Deadline" in str(no) else "late refused"] += 1
        else:
            self.met["late order in time"] += 1
            self.changed()

    async def cancel(self, txid: str) -> None:
        await self._change(lambda: self.matching.cancel(txid, self._clock.market_ms()))

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        await self._change(lambda: self.matching.amend(txid, self._clock.market_ms(), price=price))

    async def _change(self, act: Callable[[], object]) -> None:
        await self._trip()
        fate = self.rng.random()
        if fate < self.faults.lost:
            self.met["change lost"] += 1
            raise UnknownOutcome("no answer")
        act()
        self.changed()
        await self._trip()
        if fate < self.faults.lost + self.faults.unanswered:
            self.met["change's answer lost"] += 1
            raise UnknownOutcome("the answer was lost")

    async def order(self, txid: str) -> OrderReport:
        await self._ask()
        return await super().order(txid)

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        await self._ask()
        found = self.matching.find(cl_ord_id)
        if found is not None and found.status.final and self.faults.forgets_ids:
            self.met["closed order not listed under its id"] += 1
            return None
        return found


class Wrong(AssertionError):
    """Something that must never be."""


@dataclass
class Witness:
    """What the exchange's own books say of Zyn's orders, checked after every change."""

    venue: LossyVenue
    clock: VirtualClock
    held: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(PAIRS, Decimal(0)))
    naked: list[float] = field(default_factory=list)  # wall seconds of every gap in a position's protection
    wrong: Wrong | None = None
    filled: Callable[[], object] = lambda: None  # called when something executed
    _seen: int = 0
    _bare_since: dict[str, float] = field(default_factory=dict)

    def ours(self, order: Order) -> bool:
        """Whether Zyn sent this order, or the exchange placed it as a conditional close of one."""
        if order.parent_txid:
            return self.ours(self.venue.matching.register.orders[order.parent_txid])
        return bool(order.request.cl_ord_id)

    def look(self) -> None:
        """The first thing that is wrong is kept: inside a call of the engine nobody would see it."""
        try:
            self._look()
        except Wrong as found:
            self.wrong = self.wrong or found

    def _look(self) -> None:
        register = self.venue.matching.register
        for fill in register.fills[self._seen :]:
            if self.ours(register.orders[fill.order_txid]):
                self._take(fill)
        if len(register.fills) > self._seen:
            self.filled()
        self._seen = len(register.fills)
        for symbol, held in self.held.items():
            out = sum((one.left for one in self.exits(symbol)), Decimal(0))
            if out > held:
                raise Wrong(f"exits for {out} {symbol} rest while {held} is held")
            self._watch(symbol, held)

    def _take(self, fill: Fill) -> None:
        change = fill.qty if fill.side is Side.BUY else -fill.qty
        self.held[fill.symbol] += change
        if self.held[fill.symbol] < 0:
            raise Wrong(f"sold more than was held: {fill}")

    def _watch(self, symbol: str, held: Decimal) -> None:
        pair = PAIRS[symbol]
        stops = (one.left for one in self.exits(symbol) if one.type is OrderType.STOP_LOSS)
        bare = held - sum(stops, Decimal(0))
        guarded = (
            bare < pair.lot or pair.too_small(pair.qty(bare), Price(self.venue.last(symbol))) is not None
        )
        if not guarded:
            self._bare_since.setdefault(symbol, self.clock.monotonic())
        elif symbol in self._bare_since:
            self.naked.append(self.clock.monotonic() - self._bare_since.pop(symbol))

    def exits(self, symbol: str) -> list[Order]:
        """Zyn's open sell orders of a pair."""
        working = self.venue.matching.register.working.get(symbol, {})
        return [one for one in working.values() if one.side is Side.SELL and self.ours(one)]

    def resting(self) -> list[Order]:
        """Everything of Zyn's that rests."""
        return [one for one in self.venue.matching.register.open_orders() if self.ours(one)]


class Village:
    """An engine, its disk and its exchange. Nothing runs in it but what a test starts."""

    def __init__(
        self,
        loop: VirtualLoop,
        seed: int,
        faults: Faults,
        speed: float = 1.0,
        account: Callable[[LossyVenue], Account] | None = None,
        **settings: str,
    ) -> None:
        """`account` reads the exchange in another way than the venue's own."""
        self.rng = Random(seed)
        self.clock = VirtualClock(loop, START_MS, speed)
        hold = self.rng.random() < 0.5  # whether stops that wait hold their coins is not documented
        fees = FlatFees(FEES.maker, FEES.taker)
        matching = MatchingEngine(
            PAIRS, fees, {"USD": Decimal(10_000)}, hold_trigger_orders=hold,
            cost_steps={"USD": Decimal("0.00001")},
        )  # fmt: skip
        self.venue = LossyVenue(matching, self.clock, self.rng, faults)
        self.account: Account = account(self.venue) if account else self.venue
        for symbol, price in (("ETH/USD", Decimal(2000)), ("BTC/USD", Decimal(60_000))):
            self.venue.trade(symbol, price)
        self.witness = Witness(self.venue, self.clock)
        self.venue.changed = self.witness.look
        self.journal, self.silent = KeptJournal(), Silent()
        overrides = {key.replace("__", "."): value for key, value in settings.items()}
        self.config: Config = load({}, {}, {"filters.enabled": "", **overrides})
        self.failures: list[str] = []
        self.tasks: list[asyncio.Task[Any]] = []
        self.engine = self._engine()

    def _engine(self) -> Engine:
        async def failed(name: str, error: BaseException) -> None:
            self.failures.append(f"{name}: {error!r}")

        self.supervisor = Supervisor(self.clock, failed)
        receipts = JournalReceipts(self.journal, self.silent, self.clock)
        venue, clock = self.venue, self.clock
        ports = Ports(venue, self.account, self.account, venue, self.journal, self.silent, self.silent, clock)
        namespace = account_namespace("demo", "village")
        return build_engine(self.config, ports, self.supervisor, receipts, PAIRS, tuple(PAIRS), namespace, {})

    async def start(self) -> None:
        """As the composition root does it."""
        engine = self.engine
        await engine.latches.load()
        await self.patiently(engine.sync.recover)
        engine.mirror.restore_targets(engine.mirror.load())
        await self.patiently(engine.treasury.refresh)
        await engine.treasury.roll_day(self.clock.market_ms())

    async def restart(self) -> None:
        """The process ends and another one takes over."""
        await self.supervisor.stop()
        self.engine = self._engine()
        await self.start()

    async def patiently(self, ask: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        while True:
            try:
                await ask()
                return
            except Transient:
                await asyncio.sleep(1.0)

    def keep(self, *parts: str) -> None:
        """Let these of the engine's own tasks run."""
        for name in parts:
            self.supervisor.keep(name, getattr(self.engine, name).run)

    async def buy(self, symbol: str, quote: Decimal, stop: Decimal, target: Decimal, cause: str) -> Any:
        """A buy as the owner asks for it, distances as shares of the price; what it came to."""
        from core.model.orders import Origin
        from core.risk.brackets import Distances

        seen = await self.engine.entrance.quote(symbol)
        assert seen is not None
        qty = PAIRS[symbol].qty(quote / seen.ask)
        away = Distances(seen.ask * stop, seen.ask * target)
        plan = await self.engine.entrance.plan_by_hand(symbol, seen.ask, Qty(qty), away, False)
        if not hasattr(plan, "bracket"):
            return plan
        return await self.engine.entrance.enter(plan, Origin.CHAT, cause, "manual", cause)

    def feed(self) -> None:
        """Let Zyn hear of executions as its private socket tells them: a moment later."""
        loop = asyncio.get_running_loop()
        self.witness.filled = lambda: loop.call_later(0.05, self.engine.sync.soon)

    def walk(self, symbol: str, steps: int, width: float) -> list[Decimal]:
        """Prices of a random walk from the last one."""
        prices, price = [], self.venue.last(symbol)
        for _ in range(steps):
            price *= to_decimal(round(1 + self.rng.gauss(0, width), 6))
            prices.append(PAIRS[symbol].price(price))
        return prices

    def check(self) -> None:
        if self.witness.wrong is not None:
            raise self.witness.wrong
        assert not self.failures, self.failures


def live(work: Callable[[VirtualLoop], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine on a virtual loop of its own, and end what it left running."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(work(loop))
    finally:
        rest = asyncio.all_tasks(loop)
        for task in rest:
            task.cancel()
        if rest:
            loop.run_until_complete(asyncio.gather(*rest, return_exceptions=True))
        loop.close()
