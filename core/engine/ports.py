"""What the engine needs of the world, shaped by the engine; adapters above implement it.

Every method may raise the errors of `core.model.errors`. Reads raise Transient, RateLimited or AuthFailed.
Writes raise Rejected (nothing happened), UnknownOutcome (reconcile, never resend) or AuthFailed.
All times are milliseconds of market time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from core.model.account import Balance
from core.model.events import Announcement
from core.model.facts import DayBaseline, Fact, Latch
from core.model.market import Advisory, Candle, ExchangeStatus, FeeRates, Latency, Pair, Quote, Timeframe
from core.model.money import Price
from core.model.orders import Fill, OrderIntent, OrderReport, OrderRequest, OwnOrder
from core.model.tuning import TuningEvidence


class WalkForwards(Protocol):
    """What walk-forwards found, which run beside the service."""

    async def last(self) -> TuningEvidence | None:
        """The newest one's evidence; None while there is none."""
        ...


class Market(Protocol):
    """Public data of an exchange."""

    async def pairs(self) -> Mapping[str, Pair]:
        """Every tradable pair by symbol."""
        ...

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        """The latest `limit` (1-720) CLOSED candles, oldest first, without holes."""
        ...

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """Best prices now; a symbol the exchange does not answer for is missing."""
        ...

    async def status(self) -> ExchangeStatus: ...

    async def advisories(self) -> Sequence[Advisory]:
        """Planned maintenance within the next days and emergencies that are not over; planned ones first."""
        ...


class Account(Protocol):
    """What the exchange says the account holds and did."""

    async def balances(self) -> Mapping[str, Balance]:
        """By asset; assets with nothing are left out."""
        ...

    async def open_orders(self) -> list[OrderReport]: ...

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        """Closed, cancelled and expired orders since then, all pages, oldest first."""
        ...

    async def fills(self, since_ms: int) -> list[Fill]:
        """Every execution since then, all pages, oldest first, each once."""
        ...

    async def fees(self, symbol: str) -> FeeRates: ...

    def forget(self) -> None:
        """What was said lacks something that happened: the next questions go to the exchange itself."""
        ...


class Orders(Protocol):
    """The only way to change anything at the exchange. Only the executor holds it."""

    async def place(self, request: OrderRequest) -> str:
        """Send one order once and return its txid (empty for a validated one)."""
        ...

    async def cancel(self, txid: str) -> None:
        """Rejected when it is not open any more."""
        ...

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        """Move a resting stop's trigger in place; refused when it arrives after the deadline, market ms."""
        ...

    async def order(self, txid: str) -> OrderReport: ...

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        """The order with this client id among open and closed ones, or None after valid answers from both."""
        ...


class Line(Protocol):
    """The way to the exchange: its sockets and its clock."""

    def troubles(self) -> Mapping[str, str]:
        """By socket, what is wrong with it in words, empty when nothing is; its part goes over REST then."""
        ...

    def spare(self) -> Mapping[str, tuple[float, float]]:
        """By API key and public endpoint, points of its budget that may be spent now, and at most."""
        ...

    def latency(self) -> Mapping[str, Latency]:
        """By lane to the exchange, how long the newest answers took."""
        ...

    async def learn_time(self) -> int:
        """Ask the exchange's clock; how far it is surely ahead of ours, in ms, 0 when they may agree."""
        ...

    async def warm_up(self) -> None:
        """Wait until the sockets stand, a few seconds at most."""
        ...

    def when_changed(self, call: Callable[[], None]) -> None:
        """`call` is made soon after something happened to the account."""
        ...


class Journal(Protocol):
    """Durable memory. `commit` is one transaction on disk before it returns; `note` is evidence, batched."""

    async def commit(self, *facts: Fact) -> None: ...

    def note(self, *facts: Fact) -> None: ...

    async def intents(self, *, unsettled_only: bool = False, since_ms: int = 0) -> list[OrderIntent]: ...

    async def latches(self) -> list[Latch]: ...

    async def day_baseline(self, day: str) -> DayBaseline | None: ...

    async def fills(self) -> list[Fill]:
        """Every fill that was ever committed, oldest first."""
        ...

    async def own_orders(self) -> list[OwnOrder]:
        """The own orders that were committed."""
        ...

    async def mark(self, name: str) -> int:
        """The highest value of a mark that was committed; 0 when there is none."""
        ...


class Herald(Protocol):
    """Wakes whoever shows things; losing a call loses nothing, for what must be known is in the outbox."""

    def announced(self, announcement: Announcement) -> None: ...

    def changed(self, topic: str) -> None: ...


class Mirror(Protocol):
    """state.json: an atomically replaced mirror that Zyn can be restored from."""

    def save(self, state: Mapping[str, object]) -> None: ...

    def load(self) -> Mapping[str, object] | None:
        """The last good state, or None when there is none or it is torn beyond the previous copy."""
        ...
