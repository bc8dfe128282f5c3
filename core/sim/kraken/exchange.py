"""The exchange itself: one account, one market, one clock, and books that survive the process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.clock import Clock, ManualClock, ScaledClock
from core.matching.customs import Customs
from core.matching.depth import Depth, Level
from core.matching.engine import MatchingEngine
from core.matching.fees import TieredFees
from core.matching.orders import Order, Terms
from core.matching.register import ChangeLog, Event
from core.model.errors import InvariantBroken, Rejected
from core.model.market import ExchangeStatus, Quote
from core.model.money import NO_MONEY, Money, Price, Qty
from core.model.orders import OrderReport, OrderRequest
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.books import Books, LedgerEntry, Stored
from core.sim.kraken.faults import Faults
from core.sim.kraken.ledger import Ledger
from core.sim.kraken.limits import Limits
from core.sim.kraken.listing import Listing
from core.sim.kraken.market import Market
from core.sim.kraken.ohlc import OhlcDesk
from core.sim.kraken.tapes import WARM_UP_BARS, TapeBars, tape_start_ms
from core.sim.kraken.tokens import Tokens
from core.sim.kraken.walk import BAR_MS

_DAY_MS = 86_400_000
# The stored clock runs this much wall time ahead, so that a killed exchange never goes back in time.
_CLOCK_AHEAD_MS = 1_000


@dataclass(frozen=True, slots=True)
class Founding:
    """What a new exchange starts with. Books that exist already win over all of it but the tape folder."""

    seed: int = 1
    start_cash: Decimal = Decimal(10_000)
    volume_30d: Money = NO_MONEY
    tape: Path | None = None
    customs: Customs = field(default_factory=Customs)
    tier: str = ""  # whose request limits are enforced; empty: calls are counted, none is refused
    history_days: int = 180  # of the market, that a new exchange already has behind it


@dataclass(slots=True)
class Lag:
    """How late things happen, or are shown by the private calls that read, in market ms."""

    orders_ms: int = 0
    trades_ms: int = 0
    balances_ms: int = 0
    fills_ms: int = 0  # between an order's acceptance and its first execution


class Exchange:
    """Answers questions and takes orders at the clock's market time."""

    def __init__(
        self,
        clock: Clock,
        founding: Founding,
        books: Books,
        listing: Listing,
        tapes: Mapping[str, TapeBars] | None = None,
    ) -> None:
        self.clock, self.books, self.listing = clock, books, listing
        tapes = tapes or {}
        self.fees = TieredFees()
        self._changes = ChangeLog()
        stored = books.load()
        self.nonces = stored.nonces if stored else {}
        self.seed = stored.meta["seed"] if stored else founding.seed
        self.market = Market(self.listing, self.seed, tapes)
        self.ledger = Ledger(self.seed, self.listing.pairs)
        self.tokens = Tokens(clock, self.seed)
        self.customs, self.lag = founding.customs, Lag()
        self.limits = Limits(founding.tier or "intermediate", enforced=bool(founding.tier))
        self.faults = Faults(self.seed)
        self.skew_ms = 0  # by how much the Time endpoint lies
        self.maintenances: list[tuple[int, int]] = []  # planned ones: start and end
        self._status_before: ExchangeStatus | None = None
        self._amends = 0
        self.dead_man_ms: int | None = None
        self.on_booked: list[Callable[[list[Event], list[LedgerEntry]], None]] = []
        self.on_moved: list[Callable[[], None]] = []
        self._clock_kept_ms = 0
        self._now_ms = 0
        self._step = 0
        if stored:
            self._take_up(stored, founding)
        else:
            self._found(founding, tapes)
        self.ohlc = OhlcDesk(self.market, self.listed_ms)

    # Time.

    def now_ms(self) -> int:
        """Market time; it never runs backwards."""
        self._now_ms = max(self._now_ms, self.clock.market_ms())
        return self._now_ms

    def advance(self) -> int:
        """Live through everything that has happened since the last look; the market time now."""
        now_ms = self.now_ms()
        self._keep_to_plan(now_ms)
        target = now_ms // STEP_MS
        working = self.engine.register.working
        while self._step < target and any(working.values()):
            self._step += 1
            self._reach(self._step * STEP_MS - 1)
            for symbol in sorted(symbol for symbol, orders in working.items() if orders):
                self.engine.on_quote(self.market.quote(symbol, self._step * STEP_MS))
        self._step = max(self._step, target)
        self.engine.expire(now_ms)
        self._reach(now_ms)
        self.commit()
        self._keep_clock(now_ms)
        for told in self.on_moved:
            told()
        return now_ms

    def _reach(self, now_ms: int) -> None:
        """What is due between two steps of the market: orders that arrive, the dead man's switch."""
        if self.engine.awaits:
            self.engine.let_arrive(now_ms)
        due = self.dead_man_ms
        if due is not None and due <= now_ms:
            self.dead_man_ms = None
            self.books.note(dead_man_ms=None)
            self._cancel_everything(due)

    def _keep_to_plan(self, now_ms: int) -> None:
        """Begin and end the maintenances that were planned."""
        if any(starts <= now_ms < ends for starts, ends in self.maintenances):
            if self._status_before is None:
                self._status_before, self.engine.status = self.engine.status, ExchangeStatus.MAINTENANCE
        elif self._status_before is not None:
            self.engine.status, self._status_before = self._status_before, None
        self.maintenances = [(starts, ends) for starts, ends in self.maintenances if now_ms < ends]

    def stop(self) -> None:
        """Put the clock down exactly where it stands."""
        self.advance()
        self.books.note(clock_ms=self.now_ms())

    # Orders and money. Callers advance first.

    def submit(self, request: OrderRequest, terms: Terms) -> OrderReport:
        """Place one order; it is on disk before this returns. Rejected with Kraken's words."""
        self.look(request.symbol)
        thin = self.faults.strike("AddOrder", "thin")
        if thin is not None:
            self.engine.thin(request.symbol, Qty(Decimal(thin.value or 0)))
        report = self.engine.submit(request, self._now_ms, terms=terms, latency_ms=self.lag.fills_ms)
        self.commit()
        return report

    def check(self, request: OrderRequest, terms: Terms, *, funded: bool = True) -> Order:
        """The order as it would be placed, after every check, or all but that of its funds."""
        self.look(request.symbol)
        return self.engine.draft(request, self._now_ms, terms=terms, funded=funded)

    def worth(self, symbol: str, cost: Decimal) -> Decimal:
        """How many coins a market buy gets for `cost` now."""
        self.look(symbol)
        return self.engine.worth(symbol, cost)

    def cancel(self, txid: str) -> OrderReport:
        overtaken = self.faults.strike("CancelOrder", "fill")
        if overtaken is not None:
            qty = Qty(Decimal(overtaken.value)) if overtaken.value else None
            self.engine.fill_by_force(txid, qty, self._now_ms)
            self.commit()
        report = self.engine.cancel(txid, self._now_ms)
        self.commit()
        return report

    def check_room(self, symbol: str) -> None:
        """Rejected when this market holds as many open orders as the account's tier allows."""
        self.limits.check_open(len(self.engine.register.working.get(symbol, {})))

    def counted_amends(self) -> int:
        """How many amendments there were, this one included."""
        self._amends += 1
        return self._amends

    def amend(
        self,
        txid: str,
        price: Price | None,
        qty: Qty | None,
        limit: Price | None,
        post_only: bool = False,
        trail_percent: bool | None = None,
        *,
        by_exchange: bool = False,
    ) -> OrderReport:
        order = self.engine.register.open_order(txid)
        if order is None:
            raise Rejected("EOrder:Unknown order")
        self.look(order.symbol)
        report = self.engine.amend(
            txid, self._now_ms, price=price, qty=qty, limit_price=limit, post_only=post_only,
            trail_percent=trail_percent, by_exchange=by_exchange,
        )  # fmt: skip
        self.commit()
        return report

    def cancel_all(self) -> int:
        count = self._cancel_everything(self._now_ms)
        self.commit()
        return count

    def arm_dead_man(self, trigger_ms: int | None) -> None:
        self.dead_man_ms = trigger_ms
        self.books.note(dead_man_ms=trigger_ms)

    def deposit(self, asset: str, amount: Decimal) -> None:
        """Bring money in, or take it out when the amount is below zero."""
        if amount >= 0:
            self.engine.deposit(asset, amount, self._now_ms)
        else:
            self.engine.withdraw(asset, -amount, self._now_ms)
        kind = "deposit" if amount >= 0 else "withdrawal"
        entries = self.ledger.move(kind, asset, amount, self._now_ms)
        self._book([], [], entries)
        self._tell([], entries)

    def look(self, symbol: str) -> Quote:
        """The quote now, shown to the engine once a step so that what was taken from a book stays taken."""
        seen = self.engine.quote(symbol)
        if seen is not None and seen.time_ms // STEP_MS == self._now_ms // STEP_MS:
            return seen
        quote = self.market.quote(symbol, self._now_ms)
        self.engine.on_quote(quote)
        return quote

    def push_price(self, symbol: str, price: Decimal) -> Quote:
        """Move a market by hand, now and for all time to come."""
        listed = self.listing.by_symbol[symbol]
        step = self._now_ms // STEP_MS
        path = self.market.path(symbol)
        path.push(step, max(round(price / listed.grid), 1))
        self.books.note_push(symbol, *path.pushes[-1])
        quote = self.market.quote(symbol, self._now_ms)
        self.engine.on_quote(quote)
        self.commit()
        return quote

    def commit(self) -> None:
        """Write down what the engine has changed since the last time."""
        orders, fills, events = self._changes.drain()
        if orders or fills:
            entries = [entry for fill in fills for entry in self.ledger.trade(fill)]
            self._book(orders, fills, entries)
            self._tell(events, entries)

    def _tell(self, events: list[Event], entries: list[LedgerEntry]) -> None:
        """What is on disk now may be known."""
        for told in self.on_booked:
            told(events, entries)

    # Beginning.

    def _found(self, founding: Founding, tapes: Mapping[str, TapeBars]) -> None:
        start_ms = tape_start_ms(tapes) if tapes else self.clock.market_ms()
        self._set_clock(start_ms)
        self.listed_ms = start_ms - (WARM_UP_BARS * BAR_MS if tapes else founding.history_days * _DAY_MS)
        self.engine = self._engine(founding, self._founding_snapshot(founding))
        cash = self.ledger.move("deposit", "USD", founding.start_cash, start_ms)
        self.books.note(seed=self.seed, listed_ms=self.listed_ms, volume_30d=str(founding.volume_30d))
        self._book([], [], cash)

    def _founding_snapshot(self, founding: Founding) -> dict[str, Any]:
        return {
            "ids": [self.seed, 0, 0],
            "balances": {"USD": str(founding.start_cash)},
            "volume": [str(founding.volume_30d), []],
            "orders": [],
            "closed": [],
            "fills": [],
        }

    def _take_up(self, stored: Stored, founding: Founding) -> None:
        meta = stored.meta
        self._set_clock(meta["clock_ms"])
        self.listed_ms = meta["listed_ms"]
        self.dead_man_ms = meta.get("dead_man_ms")
        self.ledger.take_up(stored.ledger)
        for symbol, step, factor in stored.pushes:
            self.market.path(symbol).pushes.append((step, factor))
        snapshot = {
            "ids": [self.seed, *meta["ids"]],
            "balances": stored.balances,
            "volume": [meta["volume_30d"], [self._volume_row(row) for row in stored.fills]],
            "orders": stored.orders,
            "closed": stored.closed,
            "fills": stored.fills,
        }
        self.engine = self._engine(founding, snapshot)

    def _engine(self, founding: Founding, snapshot: dict[str, Any]) -> MatchingEngine:
        steps = {m.pair.quote: Decimal(1).scaleb(-m.cost_decimals) for m in self.listing.by_symbol.values()}
        return MatchingEngine.restore(
            snapshot,
            self.listing.pairs,
            self.fees,
            customs=founding.customs,
            cost_steps=steps,
            depth_of=self.depth,
            changes=self._changes,
        )

    def depth(self, quote: Quote) -> Depth:
        return self.market.depth(quote)

    def public_book(self, symbol: str, levels: int) -> Depth:
        """The book as anybody sees it: the market's levels with this account's resting orders among them."""
        book = self.market.depth(self.market.quote(symbol, self.now_ms()), levels)
        resting = [order for order in self.engine.register.working.get(symbol, {}).values() if order.rests]
        for order in resting:
            if order.limit is not None:
                book = book.joined(order.side, Level(order.limit, order.left))
        return Depth(book.bids[:levels], book.asks[:levels])

    def _volume_row(self, fill: dict[str, Any]) -> list[Any]:
        dollars = Decimal(self.listing.by_symbol[fill["symbol"]].quote_dollars)
        return [fill["time_ms"], str(Decimal(fill["cost"]) * dollars)]

    def _set_clock(self, market_ms: int) -> None:
        """Start from `market_ms` where the clock can be set; one that shows the wall cannot."""
        clock = self.clock
        if isinstance(clock, ScaledClock):
            clock.jump_to(market_ms)
        elif isinstance(clock, ManualClock):
            clock.advance_to(max(market_ms, clock.now_ms))
        self._now_ms = max(market_ms, clock.market_ms())
        self._step = market_ms // STEP_MS

    # Keeping.

    def _book(self, orders: list[Any], fills: list[Any], entries: list[LedgerEntry]) -> None:
        touched = {entry.asset for entry in entries}
        totals = {asset: self.engine.purse.total(asset) for asset in touched}
        for asset, total in totals.items():
            if total != self.ledger.balances[asset]:
                raise InvariantBroken(f"the exchange's ledger of {asset} does not sum to its balance")
        ids = self.engine.ids
        self.books.book(
            orders,
            fills,
            entries,
            totals,
            {"ids": [ids.orders, ids.trades], "clock_ms": self._clock_to_keep()},
        )

    def _keep_clock(self, now_ms: int) -> None:
        if now_ms + _CLOCK_AHEAD_MS * self.clock.speed / 2 > self._clock_kept_ms:
            self.books.note(clock_ms=self._clock_to_keep())

    def _clock_to_keep(self) -> int:
        self._clock_kept_ms = int(self._now_ms + _CLOCK_AHEAD_MS * self.clock.speed)
        if isinstance(self.clock, ManualClock):
            self._clock_kept_ms = self._now_ms
        return self._clock_kept_ms

    def _cancel_everything(self, now_ms: int) -> int:
        opened = self.engine.open_orders()
        for order in opened:
            self.engine.cancel(order.txid, now_ms)
        return len(opened)
