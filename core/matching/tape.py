"""The market as the engine last saw it: quotes, and the books behind them less what was taken since."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from core.matching.depth import Depth, Level, within
from core.matching.orders import Order
from core.model.market import Quote
from core.model.money import ZERO, Price, Qty
from core.model.orders import Side

DepthSource = Callable[[Quote], Depth]


class Tape:
    """Last quote and book of every market. `depth_of` is asked for a book only when one is needed."""

    def __init__(self, depth_of: DepthSource | None = None) -> None:
        self.quotes: dict[str, Quote] = {}
        self._depths: dict[str, Depth] = {}
        self._depth_of = depth_of

    def see(self, quote: Quote, depth: Depth | None) -> None:
        self.quotes[quote.symbol] = quote
        if self._depths:
            self._depths.pop(quote.symbol, None)
        if depth is not None:
            self._depths[quote.symbol] = depth

    def last(self, symbol: str) -> Price | None:
        quote = self.quotes.get(symbol)
        return quote.last if quote is not None else None

    def depth(self, symbol: str) -> Depth:
        """The book now; the market must have been quoted."""
        depth = self._depths.get(symbol)
        if depth is not None:
            return depth
        quote = self.quotes[symbol]
        return self._depth_of(quote) if self._depth_of is not None else Depth.of(quote)

    def take(self, order: Order, qty: Decimal) -> None:
        """Remove what an order executed, until the next quote brings a new book."""
        if order.symbol in self._depths or self._depth_of is not None:
            self._depths[order.symbol] = self.depth(order.symbol).without(order.side, qty)

    def thin(self, symbol: str, qty: Qty) -> None:
        """Let both sides of a book hold `qty` only, until the next quote brings a new book."""
        depth = self.depth(symbol)
        bids, asks = (tuple(depth.sweep(side, qty)) for side in (Side.SELL, Side.BUY))
        self._depths[symbol] = Depth(bids, asks)

    def meets(self, order: Order, own: Order) -> bool:
        """Whether an order that stands in the book now would reach a resting one of its own account."""
        if own.limit is None or own.side is order.side or not within(order.side, own.limit, order.limit):
            return False
        plan = self.plan(order)
        if sum((level.qty for level in plan), ZERO) < order.left:
            return True
        return within(order.side, own.limit, plan[-1].price)

    def plan(self, order: Order) -> list[Level]:
        """The executions the order would have now, within its limit."""
        return self.depth(order.symbol).sweep(order.side, order.left, order.limit)

    def planned_qty(self, order: Order) -> Qty:
        return Qty(sum((level.qty for level in self.plan(order)), ZERO))

    def reachable(self, order: Order, limit: Price) -> Qty:
        """How much of a resting order the market that touched it can fill."""
        depth = self.depth(order.symbol)
        through = depth.size(order.side, limit)
        if through:
            return Qty(min(order.left, through))
        best = depth.against(order.side)
        return Qty(min(order.left, best[0].qty)) if best else Qty(ZERO)

    def crosses(self, order: Order) -> bool:
        """Whether an order in the book would execute at once."""
        quote = self.quotes.get(order.symbol)
        if quote is None or not order.rests:
            return False
        best = quote.ask if order.side is Side.BUY else quote.bid
        return within(order.side, best, order.limit)
