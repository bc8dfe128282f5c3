"""The auditor: reads the exchange's own books, knows nothing of the engine's, and says what must never be.

Numbers in brackets are the invariants of the safety notes: I1 one order an intent, I2 committed before sent,
I3 never sells what it did not buy, I4 protected, I5 one live exit a unit, I6 no entry under the kill switch,
I7 caps, I8 no entry of an open or an old candle or beside an unknown order, I9 one entry a candle, I11
authority, I12 stops only rise, I13 no nonce twice and no question past an open breaker. What must hold in the
end, I14 to I22, is in verdict.py. I10 needs a world without a key: the scenario test of the paper world
counts what reaches the exchange's private side.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import InitVar, dataclass, field
from datetime import datetime
from decimal import Decimal

from core.engine.api_watchdog.breaker import FIRST_S, Breaker
from core.matching.orders import Order
from core.model.orders import Fill, Leg, OrderRequest, OrderType, Side
from core.model.time_context import to_ms
from core.trading_config import RiskConfig
from tests.simulation.evidence import Evidence
from tests.simulation.permits import Permits
from tests.simulation.record import Broken
from tests.simulation.street import Street

NAKED_S = 15.0  # longest gap in a position's protection while nothing is at fault
HAND_S = 150.0  # how long a hand on Zyn's coins may stay unnoticed: two looks at the account


@dataclass
class Account:
    """What one coin's executions add up to: average cost, fees pro rata. Written from the fills alone."""

    qty: Decimal = Decimal(0)
    paid: Decimal = Decimal(0)  # cost and fees of what is held
    realised: Decimal = Decimal(0)
    owners: Decimal = Decimal(0)  # coins of the owner
    bought_at: float = -1.0  # wall seconds of the last buy
    sold: bool = False  # a part of what is held was sold
    cause: str = ""  # of the entry that bought last
    dust: Decimal = Decimal(0)  # left of the position before: too little for an order, but its stop may rest

    def buy(self, fill: Fill, cause: str, is_dust: bool) -> None:
        if self.sold and is_dust and cause != self.cause:
            self.realised -= self.paid  # dust that no order can sell: the next buy is a new position
            self.dust = self.qty
            self.owners += self.qty  # it left the book: a sale by hand takes it first
            self.qty = self.paid = Decimal(0)
            self.sold = False
        self.cause = cause
        self.qty += fill.qty
        self.paid += fill.cost + fill.fee

    def sell(self, fill: Fill, qty: Decimal) -> None:
        part, share = qty / fill.qty, qty / self.qty
        self.realised += (fill.cost - fill.fee) * part - self.paid * share
        self.paid -= self.paid * share
        self.qty -= qty
        self.sold = bool(self.qty)
        if not self.qty:
            self.paid = self.dust = Decimal(0)


@dataclass
class Auditor:
    street: Street
    evidence: Evidence
    risk: InitVar[RiskConfig]
    accounts: dict[str, Account] = field(default_factory=dict)
    excused_until: float = 0.0  # wall seconds; a dead or waking Zyn cannot repair
    hand_until: float = 0.0
    entries: dict[str, str] = field(default_factory=dict)  # the cause of every entry that left, by id
    overdue: set[str] = field(default_factory=set)  # entries that left under a kill switch, too late to count
    dust_sold: list[Decimal] = field(default_factory=list)  # what dust of Zyn's earned by hand, sale by sale
    _nonces: dict[object, set[str]] = field(default_factory=dict)
    _tried: dict[Breaker, float] = field(default_factory=dict)  # when one was asked past an open breaker
    _seen: int = 0
    _state: tuple[int, ...] = ()
    _naked_since: dict[str, float] = field(default_factory=dict)
    _stops: dict[str, Decimal] = field(default_factory=dict)

    def __post_init__(self, risk: RiskConfig) -> None:
        self.permits = Permits(self, risk)
        self.accounts = {symbol: Account() for symbol in self.street.symbols}

    def now(self) -> float:
        return self.street.clock.monotonic()

    def ours(self, order: Order) -> bool:
        """Whether Zyn sent this order, or the exchange placed it as a conditional close of one."""
        if order.parent_txid:
            return self.ours(self.street.matching.register.orders[order.parent_txid])
        return bool(order.request.cl_ord_id)

    def leaves(self, fields: dict[str, str]) -> None:
        """At the moment an order leaves Zyn [I2, I6, I7, I8, I11]."""
        intent = self.evidence.intent(fields.get("cl_ord_id", ""))
        if intent is None or _differs(intent.request, fields, self.street):
            raise Broken(f"I2: an order left without its committed intent: {fields}, but {intent}")
        if intent.leg is Leg.ENTRY:
            self.entries[intent.id] = intent.cause
            self.permits.check(intent)
        if intent.request.side is Side.BUY and self.evidence.killed:
            if not self._overdue(fields):
                raise Broken(f"I6: an entry left under the kill switch: {fields}")
            self.overdue.add(intent.id)

    def _overdue(self, fields: dict[str, str]) -> bool:
        """Whether the exchange must refuse it: its deadline came before it left, so slow was the line."""
        deadline = datetime.fromisoformat(fields["deadline"])
        return self.street.clock.market_ms() > to_ms(deadline)

    def sent(self, process: object, nonce: str) -> None:
        """A private call leaves a process [I13]: they may overtake each other, but none is like another."""
        known = self._nonces.setdefault(process, set())
        if nonce in known:
            raise Broken(f"I13: the nonce {nonce} left twice")
        known.add(nonce)

    def called(self, breaker: Breaker) -> None:
        """A question that heeds a breaker is asked: while it is open one at a time, seconds apart [I13]."""
        tried, now = self._tried.get(breaker), self.now()
        self._tried[breaker] = now
        if not breaker.open:
            del self._tried[breaker]
        elif breaker.tried_at < now and breaker.left_s or tried is not None and now - tried < FIRST_S:
            raise Broken(f"I13: the breaker is open for {breaker.left_s:.1f} s, and yet a question is asked")
        else:
            self.street.record.met["an exchange that had not answered was tried again"] += 1

    def check(self) -> None:
        """After every request and look [I1, I3, I5, I9, I12]."""
        register = self.street.matching.register
        fills = register.fills
        for fill in sorted(fills[self._seen :], key=lambda one: (one.time_ms, one.side is Side.SELL, one.id)):
            self._book(fill)
        self._seen = len(fills)
        state = (len(fills), len(register.orders), len(register.closed))
        if state != self._state:
            self._state = state
            self._one_order_an_intent()
        self._one_exit_a_unit()
        self._stops_only_rise()

    def _book(self, fill: Fill) -> None:
        account = self.accounts[fill.symbol]
        order = self.street.matching.register.orders[fill.order_txid]
        self.street.record.events.append(f"{fill.time_ms} {fill.id} {fill.side} {fill.qty} at {fill.price}")
        if self.ours(order):
            self._book_ours(account, fill, self.entries.get(order.request.cl_ord_id, ""))
        elif fill.side is Side.BUY:
            account.owners += fill.qty
        else:
            mine = min(account.owners, fill.qty)
            account.owners -= mine
            if taken := fill.qty - mine:
                if self._is_dust(account, fill):
                    self.dust_sold.append((fill.cost - fill.fee) * taken / fill.qty)
                account.sell(fill, taken)
                self.hand_until = self.now() + HAND_S
                self.street.record.met["owner sold Zyn's coins by hand"] += 1

    def _book_ours(self, account: Account, fill: Fill, cause: str) -> None:
        if fill.side is Side.BUY:
            account.buy(fill, cause, self._is_dust(account, fill))
            account.bought_at = self.now()
            return
        if fill.qty > account.qty:
            raise Broken(f"I3: sold {fill.qty} {fill.symbol} while Zyn held {account.qty}: {fill}")
        account.sell(fill, fill.qty)

    def _is_dust(self, account: Account, fill: Fill) -> bool:
        pair = self.street.pairs[fill.symbol]
        return pair.too_small(pair.qty(account.qty), fill.price) is not None

    def _one_order_an_intent(self) -> None:
        entries: Counter[str] = Counter()
        ids: Counter[str] = Counter()
        for order in self.street.matching.register.orders.values():
            name = order.request.cl_ord_id
            if not name or (order.status.final and not order.filled):
                continue
            ids[name] += 1
            if name in self.overdue:
                raise Broken(f"I6: an overdue entry was taken under the kill switch: {name}")
            if name in self.entries:
                entries[self.entries[name]] += 1
        for what, count in (*ids.items(), *entries.items()):
            if count > 1:
                raise Broken(f"I1/I9: {what} has {count} live or executed orders")

    def exits(self, symbol: str) -> list[Order]:
        """Zyn's open sell orders of a pair."""
        working = self.street.matching.register.working.get(symbol, {})
        return [one for one in working.values() if one.side is Side.SELL and self.ours(one)]

    def out(self, symbol: str) -> Decimal:
        """How much of a pair Zyn's open sell orders would sell."""
        return sum((one.left for one in self.exits(symbol)), Decimal(0))

    def owners_orders(self, symbol: str) -> list[Order]:
        """The owner's own open orders of a pair."""
        working = self.street.matching.register.working.get(symbol, {})
        return [one for one in working.values() if not self.ours(one)]

    def _one_exit_a_unit(self) -> None:
        if self.now() < self.hand_until:
            return
        for symbol, account in self.accounts.items():
            if (out := self.out(symbol)) > account.qty + account.dust:
                raise Broken(f"I5: exits for {out} {symbol} rest while Zyn holds {account.qty}")

    def _stops_only_rise(self) -> None:
        for symbol in self.accounts:
            for one in self.exits(symbol):
                if one.price is not None and one.price < self._stops.get(one.txid, one.price):
                    raise Broken(f"I12: the stop {one.txid} of {symbol} was lowered to {one.price}")
                if one.price is not None:
                    self._stops[one.txid] = one.price

    def watch(self) -> None:
        """From time to time: is every position covered, unless something is at fault [I4]."""
        now = self.now()
        if not self.street.open_everywhere:
            self.street.record.last_fault = now
        excused = max(self.excused_until, self.street.record.last_fault + NAKED_S, self.hand_until)
        for symbol, account in self.accounts.items():
            if now < excused or not self.gap(symbol):
                self._naked_since.pop(symbol, None)
            elif now - self._naked_since.setdefault(symbol, now) > NAKED_S:
                raise Broken(
                    f"I4: {self.gap(symbol)} of {account.qty} {symbol} without a stop for {NAKED_S} s"
                )

    def gap(self, symbol: str) -> Decimal:
        """How much of a position lacks its stop; nothing when that is too little for an order."""
        account, pair = self.accounts[symbol], self.street.pairs[symbol]
        stops = (one.left for one in self.exits(symbol) if one.type is OrderType.STOP_LOSS)
        gap = account.qty - sum(stops, Decimal(0))
        if gap <= pair.lot:
            return Decimal(0)
        gap = min(gap, self.street.matching.purse.free(pair.base))
        stop = self.street.last(symbol) * Decimal("0.7")
        return Decimal(0) if gap <= pair.lot or pair.too_small(pair.qty(gap), stop) else gap

    @property
    def realised(self) -> Decimal:
        return sum((one.realised for one in self.accounts.values()), Decimal(0))


def _differs(request: OrderRequest, fields: dict[str, str], street: Street) -> bool:
    """Whether what is sent is not what was committed."""
    sent = {
        "pair": street.pairs[request.symbol].venue_id, "type": request.side.value,
        "ordertype": request.type.value,
    }  # fmt: skip
    amounts = {"volume": request.qty, "price": request.price, "close[price]": request.close_stop}
    return any(fields.get(name) != value for name, value in sent.items()) or any(
        (Decimal(fields[name]) if name in fields else None) != value for name, value in amounts.items()
    )
