"""When a waiting order fires, by the last trade."""

from __future__ import annotations

from core.matching.orders import STOPS, TRAILING, Order
from core.model.market import Quote
from core.model.money import Price, Rounding, to_grid
from core.model.orders import Side


def first_trigger(order: Order, last: Price | None) -> Price | None:
    """Where a new order fires; None for one that does not wait, or a trailing one before any trade."""
    if order.type not in TRAILING:
        return order.price if order.waits else None
    return _behind(order, last) if last is not None else None


def follow(order: Order, last: Price) -> None:
    """Move a trailing order's trigger behind the best price seen; it never moves back."""
    behind = _behind(order, last)
    if order.trigger is None:
        order.trigger = behind
    elif order.side is Side.SELL:
        order.trigger = max(order.trigger, behind)
    else:
        order.trigger = min(order.trigger, behind)


def _behind(order: Order, last: Price) -> Price:
    offset = order.price or Price(last * 0)
    if order.terms.trail_percent:
        offset = Price(last * offset / 100)
    if order.side is Side.SELL:
        return Price(to_grid(last - offset, order.pair.tick, Rounding.DOWN))
    return Price(to_grid(last + offset, order.pair.tick, Rounding.UP))


def fires(order: Order, quote: Quote) -> bool:
    """A stop fires against its holder's interest, a take-profit in it; touching is enough."""
    trigger = order.trigger
    if trigger is None:
        return False
    falling = (order.type in STOPS) is (order.side is Side.SELL)
    return quote.last <= trigger if falling else quote.last >= trigger


def touched(order: Order, quote: Quote) -> bool:
    """Whether the market reached a resting limit: it trades at it, or the other side quotes through it."""
    limit = order.limit
    if limit is None:
        return False
    if order.side is Side.BUY:
        return quote.ask <= limit or quote.last <= limit
    return quote.bid >= limit or quote.last >= limit
