"""A small trading world in one process: the real engine over the real matching engine, with hands on both.

`Desk` is an exchange whose replies can be lost or refused; `trading(...)` gives a ready engine around it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.clock import ManualClock
from core.engine.assembly import Engine, Ports, build_engine
from core.engine.ports import Account
from core.engine.receipts import JournalReceipts
from core.engine.supervisor import Supervisor
from core.learning.school import Lesson
from core.matching.engine import MatchingEngine
from core.matching.fees import FlatFees
from core.model.account import RoundTrip
from core.model.errors import NonceRefused, Rejected, UnknownOutcome
from core.model.events import Announcement
from core.model.facts import TUNING, Fact, Insight, SafetyEvent
from core.model.ids import account_namespace
from core.model.mandate import PolicyRow
from core.model.market import Advisory, Candle, ExchangeStatus, FeeRates, Pair, Quote, Timeframe
from core.model.money import Price
from core.model.orders import OrderRequest
from core.model.shadow import Evidence, Policy, ShadowOutcome, ShadowSignal
from core.store.memory_journal import MemoryJournal
from core.trading_config import Config, load
from core.venues.simulated import SimulatedVenue

START_MS = 1_700_000_100_000  # a whole 5-minute mark
ETH = Pair("ETH/USD", "ETH", "USD", Decimal("0.01"), Decimal("0.00000001"), Decimal("0.001"), Decimal("0.5"))
BTC = Pair("BTC/USD", "BTC", "USD", Decimal("0.1"), Decimal("0.00000001"), Decimal("0.00005"), Decimal("0.5"))
load({})  # reads the zone's file here, for a running loop must not wait for a disk
PAIRS: Mapping[str, Pair] = MappingProxyType({"ETH/USD": ETH, "BTC/USD": BTC})
FEES = FeeRates(Decimal("0.0016"), Decimal("0.0026"))


class Desk(SimulatedVenue):
    """Market, Account and Orders of a test. Queue what the next calls should meet."""

    def __init__(self, matching: MatchingEngine, clock: ManualClock) -> None:
        super().__init__(matching, clock)
        self.matching = matching
        self.lose_before: int = 0  # this many orders never arrive, without an answer
        self.lose_after: int = 0  # this many arrive, and their answer is lost
        self.refuse: list[str] = []  # reasons of the next refusals
        self.refuse_nonces: int = 0  # of the next orders
        self.meanwhile: Callable[[], Awaitable[None]] | None = None  # happens while a nonce is refused
        self.deaf_cancels: int = 0
        self.lose_raises: int = 0  # this many stops are moved, and the answer is lost
        self.history: dict[str, list[Candle]] = {}
        self.sent: list[OrderRequest] = []
        self.online = ExchangeStatus.ONLINE
        self.announced: tuple[Advisory, ...] = ()
        self.account_reads = 0
        self.answer_ms = 0  # market time that passes while prices are asked for
        self.time = clock

    async def pairs(self) -> Mapping[str, Pair]:
        return PAIRS

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        return self.history.get(symbol, [])[-limit:]

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        self.time.advance(self.answer_ms)
        found = {symbol: self.matching.quote(symbol) for symbol in symbols}
        return {symbol: quote for symbol, quote in found.items() if quote is not None}

    async def status(self) -> ExchangeStatus:
        return self.online

    async def advisories(self) -> Sequence[Advisory]:
        return self.announced

    async def balances(self) -> Mapping[str, Any]:
        self.account_reads += 1
        return await super().balances()

    async def place(self, request: OrderRequest) -> str:
        self.sent.append(request)
        if self.refuse:
            raise Rejected(self.refuse.pop(0))
        if self.refuse_nonces:
            self.refuse_nonces -= 1
            if self.meanwhile is not None:
                await self.meanwhile()
            raise NonceRefused("the nonce was refused")
        if self.lose_before:
            self.lose_before -= 1
            raise UnknownOutcome("no answer")
        txid = await super().place(request)
        if self.lose_after:
            self.lose_after -= 1
            raise UnknownOutcome("the answer was lost")
        return txid

    async def cancel(self, txid: str) -> None:
        if self.deaf_cancels:
            self.deaf_cancels -= 1
            raise UnknownOutcome("no answer")
        await super().cancel(txid)

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        await super().raise_stop(txid, price, deadline_ms)
        if self.lose_raises:
            self.lose_raises -= 1
            raise UnknownOutcome("no answer")

    def trade(self, symbol: str, price: str, spread: str = "0") -> None:
        """The market trades at `price`; bid and ask lie half a spread beside it."""
        pair, at, half = PAIRS[symbol], Decimal(price), Decimal(spread) / 2
        quote = Quote(
            symbol, pair.price(at - half), pair.price(at + half), Price(at), self._clock.market_ms()
        )
        self.matching.on_quote(quote)


class KeptPolicies:
    """The rows of a mandate in a list."""

    def __init__(self) -> None:
        self.rows: dict[str, PolicyRow] = {}

    async def policies(self) -> list[PolicyRow]:
        return list(self.rows.values())

    async def keep_policies(self, rows: Sequence[PolicyRow], dropped: Sequence[str] = ()) -> None:
        for name in dropped:
            self.rows.pop(name, None)
        self.rows.update({row.name: row for row in rows})


class KeptJournal(MemoryJournal):
    """A memory journal that shows what was written, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[Fact] = []
        self.noted: list[Fact] = []

    async def commit(self, *facts: Fact) -> None:
        self.written.extend(facts)
        super().note(*facts)

    def note(self, *facts: Fact) -> None:
        self.noted.extend(facts)
        super().note(*facts)

    @property
    def told(self) -> list[Announcement]:
        return [fact for fact in self.written if isinstance(fact, Announcement)]

    def safety(self, kind: str) -> list[SafetyEvent]:
        return [fact for fact in self.written if isinstance(fact, SafetyEvent) and fact.kind == kind]


class KeptLessons:
    """The shadow ledger and the learning steps as a journal in memory holds them."""

    def __init__(self, journal: KeptJournal) -> None:
        self._journal = journal

    def _all(self, kind: type) -> list[Any]:
        return [one for one in (*self._journal.written, *self._journal.noted) if isinstance(one, kind)]

    async def lessons(self, evidence: Evidence, after: int = 0) -> list[Lesson]:
        signals = {one.id: one for one in self._all(ShadowSignal) if one.evidence is evidence}
        ended = (one for one in enumerate(self._all(ShadowOutcome), 1) if one[1].signal_id in signals)
        return [Lesson(number, signals[one.signal_id], one) for number, one in ended if number > after]

    async def count_outcomes(self, evidence: Evidence) -> int:
        return len(await self.lessons(evidence))

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]:
        ended = {one.signal_id for one in self._all(ShadowOutcome)}
        return [one for one in self._all(ShadowSignal) if one.evidence is evidence and one.id not in ended]

    async def traded_signals(self) -> list[ShadowSignal]:
        closed = {(one.cause, one.rule) for one in self._all(RoundTrip)}
        shadows = [one for one in self._all(ShadowSignal) if one.evidence is Evidence.SHADOW]
        return [one for one in shadows if (f"{one.symbol}@{one.candle_ms}", one.rule) in closed]

    async def learning_steps(self) -> list[Policy]:
        return sorted(self._all(Policy), key=lambda one: one.version)

    async def proposals(self, limit: int = 20) -> list[Insight]:
        return [one for one in self._all(Insight) if one.subject == TUNING][-limit:]

    async def own_beside_shadow(self) -> list[tuple[float, float]]:
        return []


class Silent:
    """A herald nobody listens to, and a mirror that only remembers."""

    def __init__(self) -> None:
        self.saved: Mapping[str, object] | None = None

    def announced(self, announcement: Announcement) -> None:
        """Nobody listens."""

    def changed(self, topic: str) -> None:
        """Nobody listens."""

    def save(self, state: Mapping[str, object]) -> None:
        self.saved = state

    def load(self) -> Mapping[str, object] | None:
        return self.saved


@dataclass
class Trading:
    """The world of a test."""

    config: Config
    clock: ManualClock
    desk: Desk
    journal: KeptJournal
    supervisor: Supervisor
    receipts: JournalReceipts
    silent: Silent
    engine: Engine
    failures: list[tuple[str, BaseException]] = field(default_factory=list)

    def restarted(self) -> Trading:
        """The same exchange and database met by a new process."""
        return around(self.config, self.clock, self.desk, self.journal, self.silent)


def trading(cash: str = "10000", **settings: str) -> Trading:
    """A ready world; `settings` are dotted keys with __ for the dot, such as risk__max_position."""
    overrides = {key.replace("__", "."): value for key, value in settings.items()}
    config = load({}, {}, {"filters.enabled": "", **overrides})
    clock = ManualClock(START_MS)
    matching = MatchingEngine(PAIRS, FlatFees(FEES.maker, FEES.taker), {"USD": Decimal(cash)})
    desk = Desk(matching, clock)
    desk.trade("ETH/USD", "2000", "1")
    desk.trade("BTC/USD", "60000", "10")
    return around(config, clock, desk, KeptJournal(), Silent())


def around(
    config: Config,
    clock: ManualClock,
    desk: Desk,
    journal: KeptJournal,
    silent: Silent,
    at_once: Account | None = None,
) -> Trading:
    """An engine as a new process would build it, around what is there already.

    `at_once` is the account without the wait for a request budget, where that is another one.
    """
    failures: list[tuple[str, BaseException]] = []

    async def failed(name: str, error: BaseException) -> None:
        failures.append((name, error))

    supervisor = Supervisor(clock, failed)
    receipts = JournalReceipts(journal, silent, clock)
    ports = Ports(
        desk, desk, at_once or desk, desk, journal, silent, silent, clock, lessons=KeptLessons(journal)
    )
    namespace = account_namespace("demo", "test")
    pairs = dict(PAIRS)  # an engine of its own, a table of its own
    engine = build_engine(config, ports, supervisor, receipts, pairs, tuple(pairs), namespace, {})
    return Trading(config, clock, desk, journal, supervisor, receipts, silent, engine, failures)
