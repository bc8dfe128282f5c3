"""Prices orders in money: what they must hold, whether they can pay, and how a fill is settled."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from core.matching.customs import Customs
from core.matching.depth import Level
from core.matching.funds import INSUFFICIENT, Purse
from core.matching.orders import LIMIT_KINDS, Order
from core.model.errors import Rejected
from core.model.market import Pair
from core.model.money import NO_MONEY, NO_QTY, ZERO, Money, Qty
from core.model.orders import OrderType, Side

MONEY_STEP = Decimal("1E-10")


class Cashier:
    """Holds and settles for one purse. Costs and fees are rounded towards zero, holds away from it."""

    def __init__(self, purse: Purse, cost_steps: Mapping[str, Decimal], customs: Customs) -> None:
        self.purse, self._customs = purse, customs
        self._cost_steps = dict(cost_steps)

    def price(self, order: Order, level: Level, rate: Decimal) -> tuple[Money, Money]:
        """Cost and fee of one execution, in quote units."""
        step = self._cost_steps.get(order.pair.quote, MONEY_STEP)
        cost = (level.price * level.qty).quantize(step, ROUND_DOWN)
        return Money(cost), Money((cost * rate).quantize(step, ROUND_DOWN))

    def coin_fee(self, order: Order, qty: Qty, rate: Decimal) -> Qty:
        """The fee of an execution in coins, for an order that prefers it so; 0 where the coins are short.

        Asked while nothing is held for the order: what is left of it must stay covered.
        """
        if "fcib" not in order.terms.flags:
            return NO_QTY
        fee = Qty((qty * rate).quantize(MONEY_STEP, ROUND_DOWN))
        spare = self.purse.free(order.pair.base) - order.left
        return fee if order.side is Side.BUY or fee <= spare else NO_QTY

    def settle(self, side: Side, pair: Pair, qty: Qty, cost: Money, fee: Money, coin_fee: Qty) -> None:
        """Move the money of one execution; a fee in coins stands in for the one in money."""
        fee = NO_MONEY if coin_fee else fee
        if side is Side.BUY:
            self.purse.debit(pair.quote, cost + fee)
            self.purse.credit(pair.base, qty - coin_fee)
        else:
            self.purse.debit(pair.base, qty + coin_fee)
            self.purse.credit(pair.quote, cost - fee)

    def hold(self, order: Order) -> None:
        """Reserve what the order needs while it is open; Rejected when it is not free."""
        need = self._needed(order)
        self.purse.hold(order.held_asset, need)
        order.held = Money(need)

    def hold_when_fired(self, order: Order) -> None:
        """Reserve for a -limit order that held nothing while it waited; the market kinds execute at once."""
        if order.type in LIMIT_KINDS and not order.held:
            self.hold(order)

    def release(self, order: Order) -> None:
        self.purse.release(order.held_asset, order.held)
        order.held = NO_MONEY

    def check_order(self, order: Order) -> None:
        """Rejected when an order that is to rest cannot be held."""
        if self._needed(order) > self.purse.free(order.held_asset):
            raise Rejected(INSUFFICIENT)

    def check_plan(self, order: Order, plan: Iterable[Level]) -> None:
        """Rejected when the executions of `plan` cannot be paid for."""
        if not self.covers(order, plan):
            raise Rejected(INSUFFICIENT)

    def covers(self, order: Order, plan: Iterable[Level]) -> bool:
        """Whether what is free, with what the order holds, pays for `plan`."""
        need = _cost_with_fee(order, plan) if order.side is Side.BUY else order.left
        return need <= self.purse.free(order.held_asset) + order.held

    def _needed(self, order: Order) -> Decimal:
        if order.type is OrderType.MARKET or (order.waits and not self._customs.hold_trigger_orders):
            return ZERO
        if order.triggered and order.type not in LIMIT_KINDS:
            return ZERO  # it is executing at this moment
        if order.side is Side.SELL:
            return order.left
        price = order.limit if order.type in LIMIT_KINDS else order.trigger
        cost = order.left * (price or ZERO) * (1 + order.rates.taker)
        if cost > self.purse.total(order.pair.quote):
            return cost
        return cost.quantize(self._cost_steps.get(order.pair.quote, MONEY_STEP), ROUND_UP)


def _cost_with_fee(order: Order, plan: Iterable[Level]) -> Decimal:
    return sum((level.price * level.qty for level in plan), ZERO) * (1 + order.rates.taker)
