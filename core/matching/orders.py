"""An order at work in the engine, and the terms that only the exchange's wire knows."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.model.market import FeeRates, Pair
from core.model.money import NO_MONEY, NO_QTY, ZERO, Money, Price, Qty
from core.model.orders import Fill, OrderReport, OrderRequest, OrderStatus, OrderType, Side

TRAILING = frozenset({OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT})
STOPS = frozenset({OrderType.STOP_LOSS, OrderType.STOP_LOSS_LIMIT, *TRAILING})
TRIGGERED_KINDS = STOPS | {OrderType.TAKE_PROFIT, OrderType.TAKE_PROFIT_LIMIT}
LIMIT_KINDS = frozenset(
    {
        OrderType.LIMIT,
        OrderType.STOP_LOSS_LIMIT,
        OrderType.TAKE_PROFIT_LIMIT,
        OrderType.TRAILING_STOP_LIMIT,
    }
)

STP_KINDS = ("cancel-newest", "cancel-oldest", "cancel-both")


@dataclass(frozen=True, slots=True)
class CloseTemplate:
    """A conditional close: what every fill of the primary order spawns on the other side."""

    type: OrderType
    price: Price
    limit_price: Price | None = None
    trail_percent: bool = False  # as in Terms


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order carries beyond OrderRequest. `flags` are Kraken's oflags as they were sent."""

    userref: int = 0
    flags: tuple[str, ...] = ("fciq",)
    close: CloseTemplate | None = None
    trail_percent: bool = False  # a trailing order's price is a percentage instead of quote units
    trigger: str = "last"  # which price fires it: last, or index, which follows last here
    stp: str = "cancel-newest"  # what ends when it would meet an order of its own account


PLAIN = Terms()


def client_key(cl_ord_id: str) -> str:
    """What makes two client ids the same: a UUID is a number, with dashes or without, in either case."""
    return cl_ord_id.replace("-", "").lower() if len(cl_ord_id) in (32, 36) else cl_ord_id


@dataclass(frozen=True, slots=True)
class CoinFeeFill(Fill):
    """A fill whose fee was taken in the coin that was traded; `fee` only says what that was worth."""

    coin_fee: Qty = NO_QTY


@dataclass(slots=True)
class Order:
    """One accepted order. The engine alone changes it; others read it.

    `price` is the limit of a limit order, the trigger of a triggered one, the offset of a trailing one.
    """

    txid: str
    request: OrderRequest
    terms: Terms
    pair: Pair
    rates: FeeRates  # when accepted: what is held covers these, and a buy never pays more
    opened_ms: int
    qty: Qty
    price: Price | None
    limit_price: Price | None
    status: OrderStatus = OrderStatus.OPEN
    filled: Qty = NO_QTY
    cost: Money = NO_MONEY
    fee: Money = NO_MONEY
    held: Money = NO_MONEY  # quote of a buy, base of a sell
    trigger: Price | None = None  # where it fires; moves for trailing kinds
    triggered: bool = False
    amended: bool = False
    closed_ms: int | None = None
    parent_txid: str | None = None
    reason: str = ""
    arrives_ms: int | None = None  # when it reaches the book, while it is still pending
    fill_ids: list[str] = field(default_factory=list)

    @property
    def side(self) -> Side:
        return self.request.side

    @property
    def type(self) -> OrderType:
        return self.request.type

    @property
    def symbol(self) -> str:
        return self.request.symbol

    @property
    def left(self) -> Qty:
        return Qty(self.qty - self.filled)

    @property
    def waits(self) -> bool:
        """Whether it still waits for its trigger."""
        return self.type in TRIGGERED_KINDS and not self.triggered and not self.travels

    @property
    def rests(self) -> bool:
        """Whether it stands in the book with a limit."""
        return self.type in LIMIT_KINDS and not self.waits and not self.travels

    @property
    def travels(self) -> bool:
        """Whether it was accepted and is still on its way to the book."""
        return self.arrives_ms is not None

    @property
    def limit(self) -> Price | None:
        """The worst price it may execute at, once it stands in the book."""
        if self.type is OrderType.LIMIT:
            return self.price
        if self.type not in LIMIT_KINDS:
            return None
        if self.type is OrderType.TRAILING_STOP_LIMIT:
            return Price((self.trigger or ZERO) + (self.limit_price or ZERO))
        return self.limit_price

    @property
    def held_asset(self) -> str:
        return self.pair.quote if self.side is Side.BUY else self.pair.base

    def close_template(self) -> CloseTemplate | None:
        if self.terms.close is not None:
            return self.terms.close
        stop = self.request.close_stop
        return CloseTemplate(OrderType.STOP_LOSS, stop) if stop is not None else None

    def report(self) -> OrderReport:
        average = Price(self.cost / self.filled) if self.filled else None
        price = self.trigger if self.type in TRAILING else self.price
        return OrderReport(
            txid=self.txid,
            cl_ord_id=self.request.cl_ord_id or None,
            symbol=self.symbol,
            side=self.side,
            type=self.type,
            status=self.status,
            qty=self.qty,
            filled=self.filled,
            cost=self.cost,
            fee=self.fee,
            price=price,
            average=average,
            opened_ms=self.opened_ms,
            closed_ms=self.closed_ms,
            parent_txid=self.parent_txid,
            reason=self.reason,
        )
