"""The life of accepted orders: they stand, wait, fire, fill, spawn their conditional closes and end."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal

from core.matching.cashier import Cashier
from core.matching.customs import Customs
from core.matching.depth import Level
from core.matching.fees import FeeModel, RollingVolume
from core.matching.orders import TRAILING, CloseTemplate, CoinFeeFill, Order, Terms
from core.matching.register import OrderRegister
from core.matching.tape import Tape
from core.matching.triggers import fires, first_trigger, follow, touched
from core.matching.txids import IdMill
from core.model.errors import Rejected
from core.model.market import FeeRates, Pair, Quote
from core.model.money import ZERO, Money, Price, Qty, Rounding, to_grid
from core.model.orders import Fill, OrderRequest, OrderStatus, Side, TimeInForce

_DOLLARS = frozenset({"USD", "USDT", "USDC", "USDG", "DAI", "PYUSD"})
_AT_ONCE = (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(slots=True)
class Desk:
    """Works the orders of one account. Only MatchingEngine talks to it."""

    fees: FeeModel
    tape: Tape
    cashier: Cashier
    register: OrderRegister
    volume: RollingVolume
    ids: IdMill
    customs: Customs
    travelling: list[Order] = field(default_factory=list)  # accepted, not in the book yet

    def rates(self, symbol: str, now_ms: int) -> FeeRates:
        return self.fees.rates(symbol, now_ms, self.volume.at(now_ms))

    def draft(self, request: OrderRequest, terms: Terms, pair: Pair, now_ms: int) -> Order:
        """An order that is not accepted yet; its fee rates are fixed now."""
        order = Order(
            txid="",
            request=request,
            terms=terms,
            pair=pair,
            rates=self.rates(request.symbol, now_ms),
            opened_ms=now_ms,
            qty=request.qty,
            price=request.price,
            limit_price=request.limit_price,
        )
        order.trigger = first_trigger(order, self.tape.last(request.symbol))
        return order

    def accept(self, order: Order) -> None:
        order.txid = self.ids.next_order()
        self.register.add(order)

    def send(self, order: Order, now_ms: int, latency_ms: int) -> None:
        """Let an accepted order reach the book, at once or after a while in which it only holds its money."""
        if not latency_ms:
            self._arrive(order, now_ms)
            return
        order.status, order.arrives_ms = OrderStatus.PENDING, now_ms + latency_ms
        self.cashier.hold(order)
        self.travelling.append(order)

    def let_arrive(self, now_ms: int) -> None:
        """Orders that have travelled long enough reach the book, each at its own moment."""
        travelling, self.travelling = self.travelling, []
        for order in travelling:
            at_ms = order.arrives_ms or 0
            if at_ms > now_ms:
                self.travelling.append(order)
            elif not order.status.final:
                order.status, order.arrives_ms = OrderStatus.OPEN, None
                self.cashier.release(order)
                self._arrive(order, at_ms)

    def _arrive(self, order: Order, now_ms: int) -> None:
        if order.request.post_only and self.tape.crosses(order):
            self._cancel(order, now_ms, "Post only order")
            return
        try:
            self.cashier.hold(order)
        except Rejected:
            self._cancel(order, now_ms, "Insufficient funds")
        else:
            self.begin(order, now_ms)

    def begin(self, order: Order, now_ms: int) -> None:
        """A new order is live: do at once what the last quote already allows."""
        self.register.happened("new", order, now_ms)
        self.look_again(order, now_ms)

    def look_again(self, order: Order, now_ms: int) -> None:
        """Do what the last quote allows an order that is live."""
        quote = self.tape.quotes.get(order.symbol)
        if quote is None or order.travels:
            return
        if not order.waits:
            self._stand(order, now_ms)
        elif fires(order, quote):
            self._fire(order, now_ms)

    def work(self, quote: Quote) -> list[Fill]:
        """Expire, fire and fill the open orders of one market; the new fills."""
        before = len(self.register.fills)
        orders = list(self.register.working[quote.symbol].values())
        for order in orders:
            self.expire_if_due(order, quote.time_ms)
        standing = sorted((order for order in orders if order.rests), key=_best_price_first)
        for order in orders:
            if order.waits and not order.status.final:
                self._watch(order, quote)
        for order in standing:
            if not order.status.final and touched(order, quote):
                self._meet(order, quote)
        return self.register.fills[before:]

    def expire_if_due(self, order: Order, now_ms: int) -> None:
        due = order.request.expire_ms
        if due is not None and now_ms >= due and not order.status.final:
            self.close(order, OrderStatus.EXPIRED, due, "Order expired")

    def close(self, order: Order, status: OrderStatus, now_ms: int, reason: str = "") -> None:
        self.cashier.release(order)
        order.status, order.closed_ms, order.reason = status, now_ms, reason
        self.register.close(order)

    def _cancel(self, order: Order, now_ms: int, reason: str) -> None:
        self.close(order, OrderStatus.CANCELED, now_ms, reason)

    def _watch(self, order: Order, quote: Quote) -> None:
        if order.type in TRAILING:
            before = order.trigger
            follow(order, quote.last)
            if order.trigger != before:
                self.register.happened("status", order, quote.time_ms)
        if fires(order, quote):
            self._fire(order, quote.time_ms)

    def _fire(self, order: Order, now_ms: int) -> None:
        order.triggered = True
        self.register.happened("status", order, now_ms)
        try:
            self.cashier.hold_when_fired(order)
        except Rejected:
            self._cancel(order, now_ms, "Insufficient funds")
        else:
            self._stand(order, now_ms)

    def _stand(self, order: Order, now_ms: int) -> None:
        """Take what is there, then rest or end, as the order's kind and time in force say."""
        lasting = order.request.time_in_force
        if self._would_meet_itself(order, now_ms):
            return
        if lasting is TimeInForce.FOK and self.tape.planned_qty(order) < order.left:
            self._cancel(order, now_ms, "Fill or kill")
            return
        if order.limit is None or self.tape.crosses(order):
            self._take(order, now_ms)
        if order.status.final:
            return
        if order.limit is None:
            self._cancel(order, now_ms, "Insufficient liquidity")
        elif lasting in _AT_ONCE:
            self._cancel(order, now_ms, "Immediate or cancel")

    def _would_meet_itself(self, order: Order, now_ms: int) -> bool:
        """Nobody trades with himself: end the newest, the oldest or both; whether this one is ended."""
        resting = self.register.working[order.symbol].values()
        own = [other for other in resting if other.rests and self.tape.meets(order, other)]
        if not own:
            return False
        if order.terms.stp != "cancel-newest":
            for other in own:
                self._cancel(other, now_ms, "Self trade prevention")
        if order.terms.stp != "cancel-oldest":
            self._cancel(order, now_ms, "Self trade prevention")
        return order.status.final

    def fill_by_force(self, order: Order, qty: Qty | None, now_ms: int) -> None:
        """Let an open order execute as if the market had just come to it: `qty` of it, or all."""
        if order.waits:
            self._fire(order, now_ms)
        elif order.limit is not None:
            part = order.left if qty is None else min(qty, order.left)
            level = Level(order.limit, Qty(to_grid(part, order.pair.lot, Rounding.DOWN)))
            if level.qty:
                self._fill(order, level, self._rates_now(order, now_ms).maker, now_ms, maker=True)

    def _take(self, order: Order, now_ms: int) -> None:
        """Execute against the book as taker, level by level."""
        plan = self.tape.plan(order)
        if not self.cashier.covers(order, plan):
            self._cancel(order, now_ms, "Insufficient funds")
            return
        self.tape.take(order, sum((level.qty for level in plan), ZERO))
        for level in plan:
            self._fill(order, level, self._rates_now(order, now_ms).taker, now_ms)

    def _meet(self, order: Order, quote: Quote) -> None:
        """Fill a resting limit at its price as maker, as far as the other side of the book reaches."""
        limit = order.limit
        qty = self.tape.reachable(order, limit) if limit is not None else None
        if limit is None or not qty:
            return
        self.tape.take(order, qty)
        rate = self._rates_now(order, quote.time_ms).maker
        self._fill(order, Level(limit, qty), rate, quote.time_ms, maker=True)

    def _rates_now(self, order: Order, now_ms: int) -> FeeRates:
        """The rates of this moment; a buy never pays more than what it held for when it was accepted."""
        now, then = self.rates(order.symbol, now_ms), order.rates
        if order.side is Side.SELL:
            return now
        return FeeRates(min(now.maker, then.taker), min(now.taker, then.taker), now.volume_30d)

    def _fill(self, order: Order, level: Level, rate: Decimal, now_ms: int, *, maker: bool = False) -> None:
        cost, fee = self.cashier.price(order, level, rate)
        self.cashier.release(order)
        coin_fee = self.cashier.coin_fee(order, level.qty, rate)
        self.cashier.settle(order.side, order.pair, level.qty, cost, fee, coin_fee)
        order.filled = Qty(order.filled + level.qty)
        order.cost, order.fee = Money(order.cost + cost), Money(order.fee + fee)
        fill = Fill(
            id=self.ids.next_trade(),
            order_txid=order.txid,
            symbol=order.symbol,
            side=order.side,
            price=level.price,
            qty=level.qty,
            cost=cost,
            fee=fee,
            time_ms=now_ms,
            maker=maker,
        )
        if coin_fee:
            fill = CoinFeeFill(**{f.name: getattr(fill, f.name) for f in fields(fill)}, coin_fee=coin_fee)
        self.register.booked(order, fill)
        self.volume.add(now_ms, self._dollars(order.pair.quote, cost))
        self._after_fill(order, fill, now_ms)

    def _after_fill(self, order: Order, fill: Fill, now_ms: int) -> None:
        if order.left == 0:
            self.close(order, OrderStatus.CLOSED, now_ms)
        else:
            self.cashier.hold(order)
        template = order.close_template()
        if template is not None:
            self._spawn(order, template, fill, now_ms)

    def _spawn(self, parent: Order, template: CloseTemplate, fill: Fill, now_ms: int) -> None:
        """Place a conditional close: an order of its own from now on, however small the fill was."""
        if fill.qty < parent.pair.min_qty and not self.customs.fragments_below_minimum:
            return
        request = OrderRequest(
            cl_ord_id=parent.request.cl_ord_id if self.customs.children_inherit_client_id else "",
            symbol=parent.symbol,
            side=parent.side.opposite,
            type=template.type,
            qty=fill.qty,
            price=template.price,
            limit_price=template.limit_price,
        )
        terms = Terms(parent.terms.userref, parent.terms.flags, trail_percent=template.trail_percent)
        child = self.draft(request, terms, parent.pair, now_ms)
        child.parent_txid = parent.txid
        self.accept(child)
        try:
            self.cashier.hold(child)
        except Rejected:
            self._cancel(child, now_ms, "Insufficient funds")
        else:
            self.begin(child, now_ms)

    def _dollars(self, quote_asset: str, cost: Money) -> Decimal:
        rate: Price | None = None
        if quote_asset not in _DOLLARS:
            rate = self.tape.last(f"{quote_asset}/USD")
        return cost * rate if rate is not None else cost


def _best_price_first(order: Order) -> Decimal:
    """Price before time: sorting by it keeps the older of two equal ones first."""
    limit = order.limit or ZERO
    return -limit if order.side is Side.BUY else limit
