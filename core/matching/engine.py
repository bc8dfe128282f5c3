"""One account's orders against a stream of quotes: the exchange's side of every trade, without any IO.

The local Kraken, paper trading and the backtest replay share it. Time comes in as `now_ms` (market time);
the same calls in the same order give the same orders, ids and money.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Self

from core.matching import checks
from core.matching.cashier import Cashier
from core.matching.customs import Customs
from core.matching.depth import Depth
from core.matching.desk import Desk
from core.matching.fees import FeeModel, RollingVolume
from core.matching.funds import Purse
from core.matching.orders import PLAIN, TRAILING, Order, Terms
from core.matching.register import ChangeLog, OrderRegister
from core.matching.snapshot import (
    departed_pair,
    fill_from_json,
    fill_to_json,
    order_from_json,
    order_to_json,
)
from core.matching.tape import DepthSource, Tape
from core.matching.triggers import first_trigger
from core.matching.txids import IdMill
from core.model.account import Balance
from core.model.errors import Rejected
from core.model.market import ExchangeStatus, FeeRates, Pair, Quote
from core.model.money import NO_MONEY, Money, Price, Qty
from core.model.orders import Fill, OrderReport, OrderRequest, OrderStatus, OrderType, Side


class MatchingEngine:
    """Accepts, holds, triggers and fills the orders of one account.

    `customs` says how the exchange is where nobody knows; without them, `hold_trigger_orders` says whether
    untriggered stops hold funds. `depth_of` is asked for the book beyond a
    quote, only when something executes. `cost_steps` rounds costs and fees of a quote currency (towards
    zero; default 1e-10). `volume_30d` is what the account traded elsewhere, in dollars. `changes` is told
    of every changed order and new fill. `status` may be set to refuse what the exchange does not take.
    """

    def __init__(
        self,
        pairs: Mapping[str, Pair],
        fees: FeeModel,
        balances: Mapping[str, Decimal],
        *,
        hold_trigger_orders: bool = True,
        customs: Customs | None = None,
        id_seed: int = 0,
        volume_30d: Money = NO_MONEY,
        cost_steps: Mapping[str, Decimal] | None = None,
        depth_of: DepthSource | None = None,
        changes: ChangeLog | None = None,
    ) -> None:
        self.pairs = pairs
        self.status = ExchangeStatus.ONLINE
        self.ids = IdMill(id_seed)
        self.volume = RollingVolume(volume_30d)
        self.purse = Purse(balances)
        self.register = OrderRegister(changes)
        self.customs = customs if customs is not None else Customs(hold_trigger_orders=hold_trigger_orders)
        self._cashier = Cashier(self.purse, cost_steps or {}, self.customs)
        self._tape = Tape(depth_of)
        self._desk = Desk(fees, self._tape, self._cashier, self.register, self.volume, self.ids, self.customs)
        self._working = self.register.working

    # What a trader asks for.

    def submit(
        self, request: OrderRequest, now_ms: int, *, terms: Terms = PLAIN, latency_ms: int = 0
    ) -> OrderReport:
        """Accept an order and execute what is marketable, `latency_ms` later; Rejected with Kraken's words.

        With `validate_only` nothing is placed: the report has no txid and stays pending.
        """
        order = self._checked(request, terms, now_ms)
        if request.validate_only:
            return replace(order.report(), status=OrderStatus.PENDING)
        self._desk.accept(order)
        self._desk.send(order, now_ms, latency_ms)
        return order.report()

    def draft(
        self, request: OrderRequest, now_ms: int, *, terms: Terms = PLAIN, funded: bool = True
    ) -> Order:
        """The order as it would be accepted; Rejected like submit, but nothing is placed.

        Without `funded` it is not asked whether it can be paid for.
        """
        return self._checked(request, terms, now_ms, funded=funded)

    def cancel(self, txid: str, now_ms: int, reason: str = "User requested") -> OrderReport:
        """Cancel an open order; Rejected("EOrder:Unknown order") when there is none."""
        order = self._open_order(txid)
        self._desk.close(order, OrderStatus.CANCELED, now_ms, reason)
        return order.report()

    def amend(
        self,
        txid: str,
        now_ms: int,
        *,
        price: Price | None = None,
        qty: Qty | None = None,
        limit_price: Price | None = None,
        post_only: bool = False,
        trail_percent: bool | None = None,
        by_exchange: bool = False,
    ) -> OrderReport:
        """Change an open order in place; ids and priority stay.

        `price` is the limit, the trigger or the trailing offset, by kind, the last in percent or not as
        `trail_percent` says; `limit_price` the second price of the -limit kinds. A quantity not above what is
        filled cancels the rest. What the exchange changes by itself is told as restated. Rejected leaves the
        order as it was.
        """
        order = self._open_order(txid)
        self.check_changes(order.symbol)
        checks.check_amounts(price, qty)
        if qty is not None and qty <= order.filled:
            return self.cancel(txid, now_ms)
        self._check_amendment(order, price, qty, limit_price)
        before = (order.price, order.limit_price, order.qty, order.trigger, order.terms)
        self._cashier.release(order)
        order.price, order.limit_price = price or order.price, limit_price or order.limit_price
        order.qty = qty or order.qty
        if trail_percent is not None:
            order.terms = replace(order.terms, trail_percent=trail_percent)
        if price is not None:
            order.trigger = first_trigger(order, self._tape.last(order.symbol))
        try:
            self._refuse_crossing_post(order, post_only)
            self._cashier.hold(order)
        except Rejected:
            order.price, order.limit_price, order.qty, order.trigger, order.terms = before
            self._cashier.hold(order)
            raise
        order.amended = True
        self.register.happened("restated" if by_exchange else "amended", order, now_ms)
        self._desk.look_again(order, now_ms)
        return order.report()

    def on_quote(self, quote: Quote, depth: Depth | None = None) -> list[Fill]:
        """The market moved: expire, fire triggers, fill resting limits, oldest order first.

        Returns the new fills; there are none while the exchange or the market is halted. Without `depth`
        (and without `depth_of`) the best prices fill any size.
        """
        self._tape.see(quote, depth)
        if not self._working.get(quote.symbol) or not self._trades(quote.symbol):
            return []
        return self._desk.work(quote)

    def fill_by_force(self, txid: str, qty: Qty | None, now_ms: int) -> None:
        """Let an open order execute now, `qty` of it or all; Rejected when there is none."""
        self._desk.fill_by_force(self._open_order(txid), qty, now_ms)

    def thin(self, symbol: str, qty: Qty) -> None:
        """Let a quoted market hold `qty` a side only, until its next quote."""
        self._tape.thin(symbol, qty)

    @property
    def awaits(self) -> bool:
        """Whether an accepted order is still on its way to the book."""
        return bool(self._desk.travelling)

    def let_arrive(self, now_ms: int) -> None:
        """Orders that have travelled long enough reach the book, unless the exchange is halted."""
        if self._desk.travelling and checks.takes_trades(self.status):
            self._desk.let_arrive(now_ms)

    def expire(self, now_ms: int) -> None:
        """Expire what has passed its time on every market, quoted or not."""
        for order in self.register.open_orders():
            self._desk.expire_if_due(order, now_ms)

    def deposit(self, asset: str, amount: Decimal, now_ms: int) -> None:
        self.purse.credit(asset, amount)

    def withdraw(self, asset: str, amount: Decimal, now_ms: int) -> None:
        """Rejected when that much is not free."""
        if amount > self.purse.free(asset):
            raise Rejected("EFunding:Insufficient funds")
        self.purse.debit(asset, amount)

    # What a trader looks at.

    def order(self, txid: str) -> OrderReport | None:
        order = self.register.orders.get(txid)
        return order.report() if order is not None else None

    def find(self, cl_ord_id: str) -> OrderReport | None:
        """The latest order that carried this client id, open or closed."""
        order = self.register.by_client(cl_ord_id)
        return order.report() if order is not None else None

    def open_orders(self) -> list[OrderReport]:
        """By market, oldest first."""
        return [order.report() for order in self.register.open_orders()]

    def closed_orders(self) -> list[OrderReport]:
        """In the order they closed."""
        return [order.report() for order in self.register.closed.values()]

    def fills(self) -> list[Fill]:
        """In the order they executed."""
        return list(self.register.fills)

    def balances(self) -> dict[str, Balance]:
        return self.purse.balances()

    def worth(self, symbol: str, cost: Decimal) -> Decimal:
        """How many coins `cost` buys of the book now; the market must have been quoted."""
        return self._tape.depth(symbol).worth(Side.BUY, cost)

    def quote(self, symbol: str) -> Quote | None:
        return self._tape.quotes.get(symbol)

    def rates(self, symbol: str, now_ms: int) -> FeeRates:
        """The fee rates that an order placed now would pay."""
        return self._desk.rates(symbol, now_ms)

    # Put away and taken up again.

    def snapshot(self, keep: int = 1_000_000) -> dict[str, Any]:
        """Everything but quotes, as JSON values: open orders, the latest `keep` closed ones and fills."""
        register = self.register
        closed = list(register.closed)[-keep:]
        wanted = {order.txid for order in register.open_orders()}.union(closed)
        return {
            "ids": [self.ids.seed, self.ids.orders, self.ids.trades],
            "balances": {asset: str(balance.total) for asset, balance in self.balances().items()},
            "volume": [str(self.volume.brought), [[ms, str(usd)] for ms, usd in self.volume.rows()]],
            "orders": [order_to_json(o) for txid, o in register.orders.items() if txid in wanted],
            "closed": closed,
            "fills": [fill_to_json(fill) for fill in register.fills[-keep:]],
        }

    @classmethod
    def restore(
        cls,
        snapshot: Mapping[str, Any],
        pairs: Mapping[str, Pair],
        fees: FeeModel,
        *,
        hold_trigger_orders: bool = True,
        customs: Customs | None = None,
        cost_steps: Mapping[str, Decimal] | None = None,
        depth_of: DepthSource | None = None,
        changes: ChangeLog | None = None,
    ) -> Self:
        """The engine that a snapshot was taken of; nothing executes before the next quote."""
        brought, volume = snapshot["volume"]
        seed, orders, trades = snapshot["ids"]
        engine = cls(
            pairs,
            fees,
            {asset: Decimal(total) for asset, total in snapshot["balances"].items()},
            hold_trigger_orders=hold_trigger_orders,
            customs=customs,
            id_seed=seed,
            volume_30d=Money(Decimal(brought)),
            cost_steps=cost_steps,
            depth_of=depth_of,
        )
        engine.ids.orders, engine.ids.trades = orders, trades
        for ms, dollars in volume:
            engine.volume.add(ms, Decimal(dollars))
        engine._take_up(snapshot)
        engine.register.log_to(changes)
        return engine

    def _take_up(self, snapshot: Mapping[str, Any]) -> None:
        for row in snapshot["orders"]:
            symbol = row["request"]["symbol"]
            order = order_from_json(row, self.pairs.get(symbol) or departed_pair(symbol))
            self.register.add(order)
            self.purse.hold(order.held_asset, order.held)
            if order.travels and not order.status.final:
                self._desk.travelling.append(order)
        for txid in snapshot["closed"]:
            self.register.close(self.register.orders[txid])
        self.register.fills.extend(fill_from_json(row) for row in snapshot["fills"])

    # Refusing.

    def _checked(self, request: OrderRequest, terms: Terms, now_ms: int, *, funded: bool = True) -> Order:
        """A drafted order that may be accepted, looked at in Kraken's order of refusals."""
        pair = self.pairs.get(request.symbol)
        if pair is None:
            raise Rejected(checks.UNKNOWN_PAIR)
        checks.check_mode(request.type, request.post_only, pair, self.status)
        checks.check_arguments(request)
        checks.check_grid(request, terms, pair)
        order = self._desk.draft(request, terms, pair, now_ms)
        checks.check_minimum(order.qty, self._expected_price(order), pair, self.customs)
        checks.check_client_id(request.cl_ord_id)
        self.register.check_unique(request.cl_ord_id, self.customs)
        if request.deadline_ms is not None and now_ms > request.deadline_ms:
            raise Rejected(checks.LATE)
        if funded:
            self._check_funds(order)
        return order

    def check_mode(self, symbol: str, kind: str, post_only: bool) -> None:
        """Rejected while the exchange or this market takes no order of this kind."""
        checks.check_mode(kind, post_only, self.pairs[symbol], self.status)

    def check_changes(self, symbol: str) -> None:
        """Rejected while no order of this market may be amended."""
        pair = self.pairs.get(symbol)
        if pair is not None:
            checks.check_change(pair, self.status)

    def check_cancels(self) -> None:
        """Rejected while the exchange takes not even cancels."""
        if self.status is ExchangeStatus.MAINTENANCE:
            raise Rejected(checks.UNAVAILABLE)

    def _trades(self, symbol: str) -> bool:
        pair = self.pairs.get(symbol)
        halted = pair is not None and not checks.takes_trades(pair.status)
        return not halted and checks.takes_trades(self.status)

    def _expected_price(self, order: Order) -> Price | None:
        if order.type is not OrderType.MARKET and order.type not in TRAILING:
            return order.limit or order.trigger
        quote = self._tape.quotes.get(order.symbol)
        if quote is None:
            raise Rejected(checks.UNAVAILABLE)
        return quote.ask if order.side is Side.BUY else quote.bid

    def _check_funds(self, order: Order) -> None:
        if order.type is OrderType.MARKET:
            self._cashier.check_plan(order, self._tape.plan(order))
        else:
            self._cashier.check_order(order)

    def _check_amendment(
        self, order: Order, price: Price | None, qty: Qty | None, limit: Price | None
    ) -> None:
        checks.check_lot(qty, order.pair)
        if order.type in TRAILING:  # their prices are offsets
            checks.check_minimum(qty or order.qty, order.trigger, order.pair, self.customs)
            return
        checks.check_tick(price, order.pair)
        checks.check_tick(limit, order.pair)
        where = limit or price or order.limit or order.trigger
        checks.check_minimum(qty or order.qty, where, order.pair, self.customs)

    def _refuse_crossing_post(self, order: Order, post_only: bool) -> None:
        makers_only = post_only or order.request.post_only or not self._trades(order.symbol)
        if makers_only and self._tape.crosses(order):
            raise Rejected("EOrder:Post only order")

    def _open_order(self, txid: str) -> Order:
        order = self.register.open_order(txid)
        if order is None:
            raise Rejected("EOrder:Unknown order")
        return order
