"""A conversation over fakes: a small account, handlers that count their deeds, memory in a list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.agent.llm_agent import Conversation, Profile
from core.agent.memory import Keeper, Memory
from core.agent.thinking import Thinker
from core.clock import ManualClock
from core.engine import entries
from core.engine.confirmations import Confirmations
from core.engine.registry import Actor, Answer, Door, Entry, Outcome, Registry, Request
from core.model.account import Balance, Position
from core.model.errors import Refused, Transient
from core.model.facts import Fact
from core.model.market import Quote
from core.model.memory import Memory as Kept
from core.model.memory import Turn
from core.model.money import Money, Price, Qty
from core.model.views import (
    BalanceRow,
    BalancesView,
    OrdersView,
    PnlView,
    PositionRow,
    PositionsView,
    Preview,
    PriceView,
    Stamp,
    StatusView,
    TextView,
)

NOW_MS = 1_795_186_800_000  # 2026-11-20 15:00 UTC
STAMP = Stamp(NOW_MS, "kraken", "demo")
OWNER = Actor("jimmy", Door.WEB, "web")
D = Decimal


def price_view(symbol: str) -> PriceView:
    quote = Quote(
        symbol,
        Price(D("3266.90")),
        Price(D("3267.12")),
        Price(D("3267.00")),
        NOW_MS,
        Qty(D(1000)),
        Price(D("3200")),
    )
    return PriceView(STAMP, quote, 1500)


def position_row(symbol: str = "ETH/USD") -> PositionRow:
    position = Position(
        symbol, Qty(D("0.5")), Price(D("3100")), Money(D("1550")), Money(D("4")), NOW_MS - 10**7,
        stop=Price(D("3000")), stopped_qty=Qty(D("0.5")), target=Price(D("3400")),
    )  # fmt: skip
    return PositionRow(
        position, Price(D("3267")), D("1633.5"), D("79.25"), D("0.0511"), D("0.08"), D("0.04"), True
    )


class FakeBooks:
    """What is held; `down` makes every read fail."""

    def __init__(self) -> None:
        self.rows: tuple[PositionRow, ...] = (position_row(),)
        self.down = False

    async def positions(self) -> PositionsView:
        if self.down:
            raise Transient("Kraken does not answer")
        return PositionsView(STAMP, self.rows, D("1633.5"), D("54"))

    async def orders(self, symbol: str | None = None) -> OrdersView:
        if self.down:
            raise Transient("Kraken does not answer")
        return OrdersView(STAMP, (), frozenset())


class FakeStore:
    """Turns, facts, preferences and small values in memory."""

    def __init__(self) -> None:
        self.kept: list[Turn] = []
        self.facts: list[Kept] = []
        self.liked: dict[str, str] = {}
        self.values: dict[str, str] = {}
        self.committed: list[Fact] = []

    async def add_turn(
        self, session: str, role: str, text: str, time_ms: int, data: Mapping[str, Any] | None = None
    ) -> None:
        self.kept.append(Turn(session, role, text, time_ms, dict(data or {})))

    async def turns(self, session: str, limit: int = 20) -> Sequence[Turn]:
        return [turn for turn in self.kept if turn.session == session][-limit:]

    async def remember(self, subject: str, text: str, kind: str, session: str, time_ms: int) -> None:
        self.facts.append(Kept(len(self.facts), subject, text, kind, session, time_ms))

    async def memories(self, query: str | None = None) -> Sequence[Kept]:
        words = (query or "").lower().split()
        return [fact for fact in reversed(self.facts) if all(word in fact.text.lower() for word in words)]

    async def forget(self, query: str) -> int:
        gone = await self.memories(query)
        self.facts = [fact for fact in self.facts if fact not in gone]
        return len(gone)

    async def preferences(self) -> dict[str, str]:
        return dict(self.liked)

    async def set_preference(self, key: str, value: str) -> None:
        self.liked[key] = value

    async def get_value(self, key: str) -> str | None:
        return self.values.get(key)

    async def set_value(self, key: str, value: str) -> None:
        self.values[key] = value

    async def commit(self, *facts: Fact) -> None:
        self.committed += facts


@dataclass(slots=True)
class Hands:
    """The trading handlers: deeds are counted, never done."""

    confirmations: Confirmations
    books: FakeBooks
    done: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    paused: bool = False
    refuses: str = ""  # the reason why nothing is proposed now

    def bind(self, registry: Registry) -> None:
        handlers: dict[Entry, Callable[[Request], Awaitable[Outcome]]] = {
            entries.STATUS: self.status, entries.BALANCES: self.balances, entries.POSITIONS: self.positions,
            entries.ORDERS: self.orders, entries.PRICE: self.price, entries.PNL: self.pnl,
            entries.ORDER: self.order, entries.BRACKET: self.order, entries.FLATTEN: self.flatten,
            entries.CANCEL: self.deed, entries.PAUSE: self.deed, entries.RESUME: self.order,
            entries.PANIC: self.deed, entries.UNLOCK: self.order, entries.RISK: self.order,
            entries.MANDATE: self.order,
        }  # fmt: skip
        for entry, handler in handlers.items():
            registry.add(entry, self._noting(handler))

    def _noting(
        self, handler: Callable[[Request], Awaitable[Outcome]]
    ) -> Callable[[Request], Awaitable[Outcome]]:
        async def noted(request: Request) -> Outcome:
            given = request.slots.model_dump(exclude_none=True, exclude_defaults=True)
            self.asked.append((request.entry.intent, given))
            if self.refuses:
                raise Refused(self.refuses, "limit")
            return await handler(request)

        return noted

    async def status(self, request: Request) -> Outcome:
        return Answer(
            StatusView(
                STAMP, "jimmy", False, "the kill switch is on until midnight", D("10012.50"), D("8000"),
                "USD",
                D("12.50"), D("0.00125"), D("300"), D("312"), 1, 2, ("BTC/USD", "ETH/USD"), NOW_MS,
                NOW_MS + 300_000, NOW_MS, 60.0, self.paused, True,
            )
        )  # fmt: skip

    async def balances(self, request: Request) -> Outcome:
        row = BalanceRow(Balance("USD", D("8000"), D(0)), D(1), D("8000"))
        return Answer(BalancesView(STAMP, (row,), D("9633.50"), "USD"))

    async def positions(self, request: Request) -> Outcome:
        return Answer(await self.books.positions())

    async def orders(self, request: Request) -> Outcome:
        return Answer(await self.books.orders())

    async def price(self, request: Request) -> Outcome:
        symbol = request.slots.model_dump()["symbol"]
        if symbol.startswith("NOPE"):
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair")
        return Answer(price_view(symbol))

    async def pnl(self, request: Request) -> Outcome:
        period = request.slots.model_dump()["period"]
        return Answer(
            PnlView(
                STAMP, str(period), 0, NOW_MS, D("21.40"), D("3.10"), D("1.20"), 5, 3, 2, D("0.6"), D("1.85"),
                None, None, (), "USD",
            )
        )  # fmt: skip

    async def order(self, request: Request) -> Outcome:
        slots = request.slots.model_dump(mode="json", exclude_none=True)
        preview = Preview(
            f"{request.entry.summary}", request.entry.intent, slots, slots.get("symbol"),
            slots.get("side"),
            D("0.0153"), D("3267.12"), D("50"), D("0.13"), D("3200"),
            None, D("1.16"), D("0.0037"), mode="demo",
        )  # fmt: skip
        return self.confirmations.propose(preview, request.actor, lambda: self._did(request), 60.0)

    async def flatten(self, request: Request) -> Outcome:
        slots = request.slots.model_dump(mode="json", exclude_none=True)
        if slots.get("now"):
            return await self._did(request)
        preview = Preview("Sell 1 position worth 1,633.50", "flatten", slots, mode="demo", lines=("0.5 ETH",))
        return self.confirmations.propose(
            preview, request.actor, lambda: self._did(request), 600.0, one_button=True
        )

    async def deed(self, request: Request) -> Outcome:
        return await self._did(request)

    async def _did(self, request: Request) -> Answer:
        self.done.append(request.entry.intent)
        return Answer(TextView(f"Done: {request.entry.intent}."), done=True)


@dataclass(slots=True)
class Chat:
    """One owner talking to one conversation."""

    conversation: Conversation
    registry: Registry
    confirmations: Confirmations
    hands: Hands
    store: FakeStore
    books: FakeBooks
    clock: ManualClock
    profile: Profile

    async def say(self, text: str, actor: Actor = OWNER) -> str:
        return "\n".join(reply.plain for reply in await self.conversation.hear(text, actor))

    async def press(self, action: str, actor: Actor = OWNER) -> str:
        return "\n".join(reply.plain for reply in await self.conversation.press(action, actor))


def chatting(thinker: Callable[[Registry, FakeStore, ManualClock, Profile], Thinker] | None = None) -> Chat:
    """A conversation with everything behind it faked; `thinker` builds the brain with a model."""
    clock, store, books = ManualClock(NOW_MS), FakeStore(), FakeBooks()
    profile = Profile("jimmy", "demo", "UTC")
    confirmations = Confirmations(clock, store, lambda _: None)  # type: ignore[arg-type]
    registry, hands = Registry(), Hands(confirmations, books)
    hands.bind(registry)
    Keeper(store, registry, clock, profile).bind(registry)
    brain = thinker(registry, store, clock, profile) if thinker else None
    memory = Memory(store, clock, 20)
    conversation = Conversation(registry, confirmations, memory, books, clock, profile, brain)
    return Chat(conversation, registry, confirmations, hands, store, books, clock, profile)
