"""Orders on their way from an intention to a fill."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.model.money import NO_MONEY, NO_QTY, Money, Price, Qty


class Side(StrEnum):
    BUY = "buy"
    SELL = "sell"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class OrderType(StrEnum):
    """Kraken's names for what an order does."""

    MARKET = "market"
    LIMIT = "limit"
    STOP_LOSS = "stop-loss"
    TAKE_PROFIT = "take-profit"
    STOP_LOSS_LIMIT = "stop-loss-limit"
    TAKE_PROFIT_LIMIT = "take-profit-limit"
    TRAILING_STOP = "trailing-stop"
    TRAILING_STOP_LIMIT = "trailing-stop-limit"


class TimeInForce(StrEnum):
    GTC = "gtc"
    IOC = "ioc"
    GTD = "gtd"
    FOK = "fok"


class OrderStatus(StrEnum):
    """Kraken's life of an order. A cancelled or expired one may still have filled in part."""

    PENDING = "pending"
    OPEN = "open"
    CLOSED = "closed"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def final(self) -> bool:
        return self in (OrderStatus.CLOSED, OrderStatus.CANCELED, OrderStatus.EXPIRED)


class Leg(StrEnum):
    """What an order is for in the life of a position."""

    ENTRY = "entry"
    STOP = "stop"
    TARGET = "target"
    EXIT = "exit"  # an opposite signal, or the owner's sell
    FLATTEN = "flatten"


class Origin(StrEnum):
    """Whose idea it was."""

    AUTOPILOT = "autopilot"
    CHAT = "chat"
    MANUAL = "manual"  # by hand on the exchange, outside Zyn


class IntentState(StrEnum):
    """The life of an intention. Ambiguous is a state of its own: the order may exist."""

    NEW = "new"  # committed, not yet sent
    PLACED = "placed"  # the exchange gave a txid
    DONE = "done"
    REJECTED = "rejected"
    AMBIGUOUS = "ambiguous"
    NOT_PLACED = "not_placed"  # proven after an ambiguity

    @property
    def settled(self) -> bool:
        return self in (IntentState.DONE, IntentState.REJECTED, IntentState.NOT_PLACED)


# Kraken refuses a deadline more than 60 s ahead of its own clock, which may be some seconds behind ours.
LONGEST_DEADLINE_S = 45


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """One order exactly as it goes to the venue."""

    cl_ord_id: str
    symbol: str
    side: Side
    type: OrderType
    qty: Qty
    price: Price | None = None  # limit price, or the trigger of a stop
    limit_price: Price | None = None  # second price of the -limit kinds
    close_stop: Price | None = (
        None  # conditional close: a stop-loss of each fill's size, placed by the exchange
    )
    post_only: bool = False
    time_in_force: TimeInForce = TimeInForce.GTC
    expire_ms: int | None = None  # market time, for GTD
    deadline_ms: int | None = None  # market time after which the exchange must refuse it
    validate_only: bool = False

    @property
    def ends_at_once(self) -> bool:
        """Whether it never rests: it executes as far as it can and is over."""
        return self.type is OrderType.MARKET or self.time_in_force in (TimeInForce.IOC, TimeInForce.FOK)


@dataclass(frozen=True, slots=True)
class OrderIntent:
    """An intention as it is committed before anything is sent."""

    id: str  # equals request.cl_ord_id
    cause: str
    leg: Leg
    attempt: int
    origin: Origin
    request: OrderRequest
    created_ms: int
    state: IntentState = IntentState.NEW
    txid: str | None = None
    stop_distance: Price | None = None  # quote units a base unit, measured from the fill
    target_distance: Price | None = None
    correlation: str = ""  # one id from decision to order to message to log line
    rule: str = ""  # the rule and its version that asked for it
    note: str = ""

    def stop_from(self, paid: Price) -> Price | None:
        """The first stop of what this entry bought: its distance from what was paid, and never below the one
        that was sent with it; None where it had none."""
        sent = self.request.close_stop
        if self.stop_distance is None:
            return sent
        measured = Price(paid - self.stop_distance)
        return measured if sent is None else max(sent, measured)


@dataclass(frozen=True, slots=True)
class OrderReport:
    """What the exchange says of one order now."""

    txid: str
    cl_ord_id: str | None
    symbol: str
    side: Side
    type: OrderType
    status: OrderStatus
    qty: Qty
    filled: Qty = NO_QTY
    cost: Money = NO_MONEY
    fee: Money = NO_MONEY
    price: Price | None = None  # limit price or trigger
    average: Price | None = None
    opened_ms: int = 0
    closed_ms: int | None = None
    parent_txid: str | None = None  # the order whose conditional close this is
    reason: str = ""

    @property
    def left(self) -> Qty:
        return Qty(self.qty - self.filled)


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order that Zyn placed, or that the exchange placed for it as a conditional close."""

    txid: str
    symbol: str
    side: Side
    leg: Leg
    origin: Origin
    cause: str
    rule: str = ""
    intent_id: str = ""


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution as the exchange booked it."""

    id: str
    order_txid: str
    symbol: str
    side: Side
    price: Price
    qty: Qty
    cost: Money
    fee: Money  # quote units
    time_ms: int
    maker: bool = False
