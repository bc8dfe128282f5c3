"""What the pages need of the rest of Zyn, shaped by the pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from core.agent.replies import Reply
from core.engine.registry import Actor
from core.model.decisions import Decision
from core.model.events import Announcement
from core.model.views import (
    BalancesView,
    CandlesView,
    EquityView,
    OrdersView,
    ParityView,
    PnlView,
    PositionsView,
    PriceView,
    RoundTripsView,
    StatusView,
    TradesView,
)

Partial = Callable[[str], Awaitable[None]]


class Books(Protocol):
    """Money as the exchange says it is. May raise Transient or AuthFailed when nothing is known yet."""

    async def balances(self) -> BalancesView: ...

    async def positions(self) -> PositionsView: ...

    async def orders(self) -> OrdersView: ...

    async def trades(
        self, symbol: str | None = None, limit: int = 50, before_ms: int | None = None
    ) -> TradesView: ...

    async def round_trips(self, limit: int = 50, before_ms: int | None = None) -> RoundTripsView: ...

    async def pnl(self, from_ms: int, to_ms: int, period: str, symbol: str | None = None) -> PnlView: ...


class Outlook(Protocol):
    """How things stand, and what was judged."""

    async def status(self) -> StatusView: ...

    async def price(self, symbol: str) -> PriceView: ...

    async def candles(self, symbol: str, timeframe: str = "5m", limit: int = 288) -> CandlesView: ...

    async def equity(self, limit: int = 2000) -> EquityView: ...

    async def parity(self, limit: int = 50) -> ParityView: ...

    async def decisions(
        self, limit: int = 100, symbol: str | None = None, before_ms: int | None = None
    ) -> Sequence[Decision]: ...


class StatusService(Books, Outlook, Protocol):
    """The single source of everything that is shown."""


class Conversation(Protocol):
    """The one mouth and ear of every chat door. Never raises for a user's mistake: it replies."""

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]: ...

    async def press(self, action: str, actor: Actor) -> list[Reply]: ...


class AlertRow(Protocol):
    """One thing that was told. `id` grows with time."""

    @property
    def id(self) -> int: ...

    @property
    def announcement(self) -> Announcement: ...


class Alerts(Protocol):
    async def alerts(self, limit: int, before: int | None = None) -> Sequence[AlertRow]:
        """Newest first, each announcement once; `before` is the id of the last row already seen."""
        ...


class Turn(Protocol):
    """One remembered turn of a conversation. `role` is user or assistant."""

    @property
    def role(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def time_ms(self) -> int: ...


class Turns(Protocol):
    async def turns(self, session: str, limit: int) -> Sequence[Turn]:
        """The latest turns, oldest first."""
        ...


class PhoneMessage(Protocol):
    """One bubble. `entities` are Bot API entities in UTF-16 units; `buttons` rows of (label, data)."""

    @property
    def id(self) -> int: ...

    @property
    def sender(self) -> str:
        """zyn or me."""
        ...

    @property
    def text(self) -> str: ...

    @property
    def time_ms(self) -> int: ...

    @property
    def entities(self) -> Sequence[Mapping[str, Any]]: ...

    @property
    def buttons(self) -> Sequence[Sequence[tuple[str, str]]]: ...

    @property
    def photo(self) -> str: ...

    @property
    def document(self) -> str: ...

    @property
    def file_name(self) -> str: ...

    @property
    def edited(self) -> bool: ...

    @property
    def silent(self) -> bool: ...

    @property
    def reaction(self) -> str: ...


class PhoneSms(Protocol):
    @property
    def sender(self) -> str: ...

    @property
    def to(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def time_ms(self) -> int: ...

    @property
    def direction(self) -> str: ...


class PhoneScreen(Protocol):
    """Everything on the phone at one moment, oldest first."""

    @property
    def messages(self) -> Sequence[PhoneMessage]: ...

    @property
    def typing(self) -> bool: ...

    @property
    def sms(self) -> Sequence[PhoneSms]: ...

    @property
    def draft(self) -> str: ...

    @property
    def toast(self) -> str: ...

    @property
    def menu(self) -> Sequence[tuple[str, str]]: ...


class Phone(Protocol):
    """The demo's phone: what a thumb can do and an eye can see."""

    def screen(self) -> PhoneScreen: ...

    async def type(self, text: str) -> object:
        """Send a text. Raises ValueError when there is nothing to send."""
        ...

    def text(self, body: str) -> object:
        """Answer by SMS. Raises ValueError when there is nothing to send."""
        ...

    async def tap(self, message_id: int, data: str) -> object:
        """Tap a button. Raises ValueError when the message has none like it."""
        ...

    def photo(self, file_id: str) -> bytes:
        """A picture's or document's content. Raises KeyError on an unknown id."""
        ...

    def on_change(self, callback: Callable[[], None]) -> None: ...
