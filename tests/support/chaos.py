"""An exchange, a disk and a line to both that fail as real ones do, all drawn from one seed.

`Bourse` is the truth: the matching engine with thin books and an owner who trades beside Zyn. `Wire` and
`Disk` are what one life of the engine sees of it: late, lossy, and deadly when the life's fuse is lit.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random
from typing import Any

from core.matching.depth import ENDLESS, Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.model.account import Balance
from core.model.errors import (
    AuthFailed,
    NotSent,
    RateLimited,
    Rejected,
    StoreError,
    Transient,
    UnknownOutcome,
)
from core.model.facts import Fact, Latch
from core.model.market import Advisory, Candle, ExchangeStatus, FeeRates, Pair, Quote, Timeframe
from core.model.money import Price, Qty, to_decimal
from core.model.orders import (
    Fill,
    IntentState,
    OrderIntent,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
)
from tests.support.trading import FEES, PAIRS, KeptJournal
from tests.support.virtual_time import VirtualClock


class Killed(BaseException):
    """What a dead process meets when it touches the world again: nothing catches it."""


@dataclass
class Weather:
    """How likely each fault is just now, and how late the exchange shows things (wall seconds)."""

    reads_fail: float = 0.0
    writes_fail: float = 0.0
    disk_fails: float = 0.0
    offline: bool = False
    late: float = 0.0

    @property
    def clear(self) -> bool:
        return not (self.reads_fail or self.writes_fail or self.disk_fails or self.offline)


@dataclass
class Record:
    """What a schedule met: faults and rare situations by name, and every event for the seed's fingerprint."""

    met: Counter[str] = field(default_factory=Counter)
    events: list[str] = field(default_factory=list)
    last_fault: float = -1000.0  # wall seconds

    def fault(self, name: str, now: float) -> None:
        self.met[f"fault: {name}"] += 1
        self.last_fault = now


class Bourse:
    """The exchange itself, without any wire in between. `checked` is called after every change."""

    def __init__(self, rng: Random, clock: VirtualClock, cash: Decimal, record: Record) -> None:
        self.rng, self.clock, self.record = rng, clock, record
        self.weather = Weather()
        self.status = ExchangeStatus.ONLINE
        self.checked: Callable[[], None] = lambda: None
        self.asked: Callable[[OrderRequest], None] = lambda request: None
        self.buying = 0  # entries on their way just now
        self._salt = rng.random()
        self.thin = rng.random() < 0.5
        fees = FlatFees(FEES.maker, FEES.taker)
        self.matching = MatchingEngine(
            PAIRS, fees, {"USD": cash}, hold_trigger_orders=rng.random() < 0.5,
            depth_of=self._depth if self.thin else None,
        )  # fmt: skip
        self.candles: dict[str, list[Candle]] = {}
        self._purses: deque[tuple[float, dict[str, Balance]]] = deque(maxlen=400)
        self.changed()

    def _depth(self, quote: Quote) -> Depth:
        dice = Random(f"{self._salt}|{quote.symbol}|{quote.time_ms}|{quote.bid}")
        pair = PAIRS[quote.symbol]
        endless = dice.random() < 0.95
        unit = Decimal(300) / quote.last

        def side(best: Price, step: Decimal) -> tuple[Level, ...]:
            levels = [
                Level(Price(best + step * i * 3), pair.qty(unit * to_decimal(round(dice.uniform(0.2, 2), 3))))
                for i in range(4)
            ]
            return tuple(levels) + ((Level(Price(best + step * 30), ENDLESS),) if endless else ())

        return Depth(side(quote.bid, -pair.tick), side(quote.ask, pair.tick))

    def changed(self) -> None:
        """Remember what the account looked like from now on, and let the auditor look."""
        purse = {asset: one for asset, one in self.matching.balances().items() if one.total}
        if not self._purses or self._purses[-1][1] != purse:
            self._purses.append((self.clock.monotonic(), purse))
        self.checked()

    def trade(self, symbol: str, price: Decimal) -> None:
        pair = PAIRS[symbol]
        half = max(pair.tick, price * Decimal("0.0002"))
        now = self.clock.market_ms()
        quote = Quote(symbol, pair.price(price - half), pair.price(price + half), pair.price(price), now)
        self.matching.on_quote(quote)
        self.changed()

    def last(self, symbol: str) -> Decimal:
        quote = self.matching.quote(symbol)
        assert quote is not None
        return quote.last

    def submit(self, request: OrderRequest) -> OrderReport:
        self.matching.status = self.status
        report = self.matching.submit(request, self.clock.market_ms())
        what = f"{request.side} {request.type} {request.qty} {request.symbol} {request.price}"
        self.record.events.append(
            f"{self.clock.market_ms()} {report.txid} {what} {request.cl_ord_id} {report.status}"
        )
        self.changed()
        return report

    def cancel(self, txid: str) -> None:
        self.matching.cancel(txid, self.clock.market_ms())
        self.record.events.append(f"{self.clock.market_ms()} cancelled {txid}")
        self.changed()

    def raise_stop(self, txid: str, price: Price) -> None:
        self.matching.amend(txid, self.clock.market_ms(), price=price)
        self.changed()

    def is_open(self, txid: str) -> bool:
        return self.matching.register.open_order(txid) is not None

    def purse_at(self, wall: float) -> dict[str, Balance]:
        """The balances as they were then."""
        seen = self._purses[0][1]
        for at, purse in self._purses:
            if at > wall:
                break
            seen = purse
        return seen


class Fuse:
    """A life's thread: once it is cut, whatever the dead engine touches raises Killed."""

    def __init__(self) -> None:
        self.dead = False
        self.left: int | None = None  # steps until it burns through; None: not lit
        self.on_death: Callable[[], None] = lambda: None

    def step(self) -> None:
        if self.dead:
            raise Killed
        if self.left is not None:
            self.left -= 1
            if self.left <= 0:
                self.cut()
                raise Killed

    def cut(self) -> None:
        if not self.dead:
            self.dead = True
            self.on_death()


class Wire:
    """Market, Account and Orders as one life of the engine meets them."""

    def __init__(self, bourse: Bourse, fuse: Fuse) -> None:
        self._bourse, self._fuse = bourse, fuse
        self._rng, self._clock = bourse.rng, bourse.clock
        self._lost: set[asyncio.TimerHandle] = set()

    async def _travel(self) -> None:
        self._fuse.step()
        rng = self._rng
        slow = rng.random() < 0.01 and not self._bourse.weather.clear
        await asyncio.sleep(rng.uniform(1.0, 6.0) if slow else rng.uniform(0.005, 0.12))
        self._fuse.step()

    async def _read(self, name: str) -> None:
        await self._travel()
        weather = self._bourse.weather
        if weather.offline or self._rng.random() < weather.reads_fail:
            self._fault(f"{name} failed")
            if self._rng.random() < 0.03:
                raise AuthFailed("EAPI:Invalid key")
            raise RateLimited("slowly", 2.0) if self._rng.random() < 0.2 else Transient("no answer")

    def _fault(self, name: str) -> None:
        self._bourse.record.fault(name, self._clock.monotonic())

    def _hidden_since(self) -> int:
        """Market time from which on things are not shown yet."""
        late = self._bourse.weather.late * self._rng.random()
        return self._clock.market_ms() - int(late * 1000 * self._clock.speed)

    async def pairs(self) -> Mapping[str, Pair]:
        await self._read("pairs")
        return PAIRS

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        await self._read("candles")
        return self._bourse.candles[symbol][-limit:]

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        await self._read("quotes")
        found = {symbol: self._bourse.matching.quote(symbol) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    async def status(self) -> ExchangeStatus:
        await self._read("status")
        return self._bourse.status

    async def advisories(self) -> Sequence[Advisory]:
        return ()

    async def balances(self) -> Mapping[str, Balance]:
        await self._read("balances")
        return self._bourse.purse_at(self._clock.monotonic() - self._bourse.weather.late * self._rng.random())

    async def open_orders(self) -> list[OrderReport]:
        await self._read("open orders")
        since = self._hidden_since()
        shown = [one for one in self._bourse.matching.open_orders() if one.opened_ms <= since]
        if self._rng.random() < 0.5:  # a stale page also shows what was just closed
            shown += [
                replace(one, status=OrderStatus.OPEN, filled=Qty(Decimal(0)), closed_ms=None)
                for one in self._bourse.matching.closed_orders()
                if (one.closed_ms or 0) > since >= one.opened_ms
            ]
        return shown

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        await self._read("closed orders")
        until = self._hidden_since()
        return [
            one for one in self._bourse.matching.closed_orders() if since_ms <= (one.closed_ms or 0) <= until
        ]

    async def fills(self, since_ms: int) -> list[Fill]:
        await self._read("fills")
        until = self._hidden_since()
        return [one for one in self._bourse.matching.fills() if since_ms <= one.time_ms <= until]

    async def fees(self, symbol: str) -> FeeRates:
        await self._read("fees")
        return FEES

    async def order(self, txid: str) -> OrderReport:
        await self._read("order")
        report = self._bourse.matching.order(txid)
        if report is None:
            raise Rejected("EOrder:Unknown order")
        if report.opened_ms > self._clock.market_ms() - int(500 * self._clock.speed) and self._hides():
            raise Transient("the exchange did not answer for the order")
        return report

    def _hides(self) -> bool:
        return self._bourse.weather.late > 0 and self._rng.random() < 0.3

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        await self._read("find")
        return self._bourse.matching.find(cl_ord_id)

    async def place(self, request: OrderRequest) -> str:
        self._fuse.step()
        self._bourse.asked(request)
        self._bourse.buying += request.side is Side.BUY
        try:
            return await self._place(request)
        finally:
            self._bourse.buying -= request.side is Side.BUY

    async def _place(self, request: OrderRequest) -> str:
        if self._rng.random() < 0.06:
            await asyncio.sleep(self._rng.uniform(0.5, 4.0))
        await self._travel()
        weather, rng = self._bourse.weather, self._rng
        if weather.offline or rng.random() < weather.writes_fail:
            await self._lose(request)
        txid = self._bourse.submit(request).txid
        await self._travel()
        if rng.random() < weather.writes_fail:
            self._fault("reply lost after it was placed")
            await asyncio.sleep(rng.uniform(0.5, 5.0))
            raise UnknownOutcome("the answer was lost")
        return txid

    async def _lose(self, request: OrderRequest) -> None:
        rng = self._rng
        kind = rng.choice(("lost", "late", "refused", "unsent", "unreachable"))
        self._fault(f"order {kind}")
        if kind == "refused":
            raise Rejected("EOrder:Rate limit exceeded")
        if kind == "unsent" and not self._bourse.weather.offline:
            raise NotSent("EAPI:Invalid nonce")
        if rng.random() < 0.03:
            raise AuthFailed("EGeneral:Permission denied")
        if kind == "unreachable":
            raise Rejected("cannot be reached, nothing was sent")
        if kind == "late":
            delay = rng.uniform(0.5, 12.0)
            asyncio.get_running_loop().call_later(delay, self._arrive, request)
        await asyncio.sleep(rng.uniform(0.5, 5.0))
        raise UnknownOutcome("no answer")

    def _arrive(self, request: OrderRequest) -> None:
        """An order that everybody had given up knocks at the exchange after all."""
        try:
            self._bourse.submit(request)
        except Rejected as no:
            if "Deadline" in str(no):
                self._bourse.record.met["late arrival rejected by its deadline"] += 1
        else:
            self._bourse.record.met["late arrival in time"] += 1

    async def cancel(self, txid: str) -> None:
        was_open = self._bourse.is_open(txid)
        try:
            await self._write("cancel", lambda: self._bourse.cancel(txid))
        except Rejected:
            if was_open:
                self._bourse.record.met["an order filled while its cancel was under way"] += 1
            raise

    async def raise_stop(self, txid: str, price: Price) -> None:
        await self._write("raise stop", lambda: self._bourse.raise_stop(txid, price))

    async def _write(self, name: str, act: Callable[[], None]) -> None:
        await self._travel()
        weather, rng = self._bourse.weather, self._rng
        if weather.offline or rng.random() < weather.writes_fail:
            self._fault(f"{name} lost")
            await asyncio.sleep(rng.uniform(0.5, 5.0))
            raise UnknownOutcome("no answer")
        act()
        await self._travel()
        if rng.random() < weather.writes_fail:
            self._fault(f"{name} answer lost")
            raise UnknownOutcome("the answer was lost")


class Disk:
    """The journal as one life of the engine meets it. What was written stays for the next life."""

    def __init__(self, kept: KeptJournal, bourse: Bourse, fuse: Fuse) -> None:
        self._kept, self._bourse, self._fuse = kept, bourse, fuse

    async def commit(self, *facts: Fact) -> None:
        self._fuse.step()
        rng = self._bourse.rng
        await asyncio.sleep(rng.uniform(0.0001, 0.01))
        record = self._bourse.record
        if rng.random() < self._bourse.weather.disk_fails:
            record.fault("disk", self._bourse.clock.monotonic())
            if any(isinstance(one, OrderIntent) and one.state is IntentState.NEW for one in facts):
                record.met["disk failed before an order was sent"] += 1
            if rng.random() < 0.2:
                await self._kept.commit(*facts)  # it was written, and nobody knows
            raise StoreError("disk full")
        if self._bourse.buying and any(isinstance(one, Latch) and one.name == "kill_switch" for one in facts):
            record.met["kill switch tripped while an entry was on its way"] += 1
        self._fuse.step()
        await self._kept.commit(*facts)
        self._fuse.step()

    def note(self, *facts: Fact) -> None:
        self._fuse.step()
        self._kept.note(*facts)

    def __getattr__(self, name: str) -> Any:
        self._fuse.step()
        return getattr(self._kept, name)


def by_hand(symbol: str, side: Side, qty: Qty, price: Price | None = None) -> OrderRequest:
    """An order of the owner's own, typed into the exchange's web page."""
    kind = OrderType.MARKET if price is None else OrderType.LIMIT
    return OrderRequest("", symbol, side, kind, qty, price)
