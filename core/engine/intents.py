"""Every intention of this account: which ids are used up, which have no end yet, and who follows them."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from core.clock import Clock
from core.model.ids import client_order_id
from core.model.money import Price, Qty
from core.model.orders import (
    LONGEST_DEADLINE_S,
    IntentState,
    Leg,
    OrderIntent,
    OrderRequest,
    OrderType,
    Origin,
    Side,
    TimeInForce,
)


@dataclass(frozen=True, slots=True)
class Ticket:
    """What is wanted, before it has an id: one leg of one cause."""

    symbol: str
    side: Side
    qty: Qty
    leg: Leg
    origin: Origin
    cause: str
    type: OrderType = OrderType.MARKET
    price: Price | None = None  # limit, or trigger of a stop
    close_stop: Price | None = None
    stop_distance: Price | None = None
    target_distance: Price | None = None
    expire_ms: int | None = None
    correlation: str = ""
    rule: str = ""
    post_only: bool = False
    at_once: bool = False  # immediate or cancel: what its limit does not reach is cancelled

    @property
    def time_in_force(self) -> TimeInForce:
        if self.at_once:
            return TimeInForce.IOC
        return TimeInForce.GTD if self.expire_ms else TimeInForce.GTC


class Intents:
    """Makes intents and remembers them. No I/O: the executor commits what is made here."""

    def __init__(self, namespace: uuid.UUID, clock: Clock, deadline_s: float) -> None:
        """`namespace` is the account's, of `core.model.ids`; `deadline_s` is in seconds at speed 1."""
        self._namespace = namespace
        self._clock = clock
        self._deadline_s = deadline_s
        self._attempts: dict[tuple[str, Leg], int] = {}
        self._known: dict[str, OrderIntent] = {}
        self._open: dict[str, OrderIntent] = {}
        self._in_hand: set[str] = set()
        self._entries: deque[int] = deque(maxlen=1000)  # when entries were made, market ms

    def load(self, intents: Iterable[OrderIntent]) -> None:
        """Take over earlier intents: their attempts are used up."""
        for intent in intents:
            key = intent.cause, intent.leg
            self._attempts[key] = max(self._attempts.get(key, 0), intent.attempt + 1)
            self.keep(intent)
        entries = (one.created_ms for one in self._known.values() if one.leg is Leg.ENTRY)
        self._entries = deque(sorted(entries), maxlen=self._entries.maxlen)

    @property
    def entries_ms(self) -> Sequence[int]:
        """When the latest entries were made, oldest first; a restart forgets none."""
        return self._entries

    def make(self, ticket: Ticket) -> OrderIntent:
        """A new attempt at a leg, with its id and deadline."""
        key = ticket.cause, ticket.leg
        attempt = self._attempts.get(key, 0)
        self._attempts[key] = attempt + 1
        now = self._clock.market_ms()
        if ticket.leg is Leg.ENTRY:
            self._entries.append(now)
        cl_ord_id = client_order_id(self._namespace, ticket.cause, ticket.leg, attempt)
        request = OrderRequest(
            cl_ord_id, ticket.symbol, ticket.side, ticket.type, ticket.qty, ticket.price,
            close_stop=ticket.close_stop, post_only=ticket.post_only, expire_ms=ticket.expire_ms,
            time_in_force=ticket.time_in_force,
            deadline_ms=self.deadline_ms(),
        )  # fmt: skip
        return OrderIntent(
            cl_ord_id, ticket.cause, ticket.leg, attempt, ticket.origin, request, now,
            stop_distance=ticket.stop_distance, target_distance=ticket.target_distance,
            correlation=ticket.correlation or ticket.cause, rule=ticket.rule,
        )  # fmt: skip

    def deadline_ms(self) -> int:
        """The market time after which the exchange must refuse what is sent now."""
        allowed_s = min(LONGEST_DEADLINE_S, self._deadline_s * self._clock.speed)
        return self._clock.market_ms() + round(allowed_s * 1000)

    def keep(self, intent: OrderIntent) -> None:
        """Remember an intent as it is now."""
        self._known[intent.id] = intent
        if intent.state.settled:
            self._open.pop(intent.id, None)
        else:
            self._open[intent.id] = intent

    def get(self, intent_id: str) -> OrderIntent | None:
        return self._known.get(intent_id)

    def was_tried(self, cause: str, leg: Leg) -> bool:
        return (cause, leg) in self._attempts

    @contextmanager
    def in_hand(self, intent: OrderIntent) -> Iterator[None]:
        """While somebody follows an intent nobody else takes it up."""
        self._in_hand.add(intent.id)
        try:
            yield
        finally:
            self._in_hand.discard(intent.id)

    def left_open(self) -> list[OrderIntent]:
        """Intents without an end that nobody follows: resting orders, and what was interrupted."""
        return [one for one in self._open.values() if one.id not in self._in_hand]

    def unsure(self, symbol: str) -> bool:
        """Whether an order of a pair was left whose outcome is not known: nothing is sold on top of it."""
        return any(
            one.request.symbol == symbol and (one.state is not IntentState.PLACED or one.request.ends_at_once)
            for one in self.left_open()
        )

    def open_entries(self) -> list[OrderIntent]:
        """Entries without an end: on their way, waiting at their limit, or not found out about yet."""
        return [one for one in self._open.values() if one.leg is Leg.ENTRY]

    def resting_entries(self) -> list[OrderIntent]:
        """Entries that wait at their limit."""
        return [one for one in self.open_entries() if one.request.type is OrderType.LIMIT]
