"""Which fact lives in which table, and what a second row with the same key does."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from core.model.account import RoundTrip
from core.model.alarms import Escalation, PriceAlert
from core.model.decisions import Decision
from core.model.events import Announcement
from core.model.facts import (
    DayBaseline,
    ErrorFact,
    Fact,
    Insight,
    Latch,
    Mark,
    ParityRow,
    PerformanceMark,
    SafetyEvent,
)
from core.model.orders import Fill, IntentState, OrderIntent, OrderRequest, OwnOrder
from core.model.shadow import Policy, ShadowOutcome, ShadowSignal
from core.store.shapes import as_it_is, columns_of, shape_of, to_json

SETTLED = 2  # of `progress`: 0 not sent, 1 under way, 2 settled


Note = tuple[str, tuple[Any, ...]]  # one row, and the SQL text it is for


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text and the rows it runs over, in order."""

    sql: str
    rows: tuple[tuple[Any, ...], ...]


class Table:
    """A dataclass's table; `derived` columns are for looking things up and are not read back."""

    __slots__ = ("insert", "kind", "name", "select", "_as_it_is", "_columns", "_convert", "_derived", "_read")

    def __init__(
        self,
        name: str,
        kind: Any,
        conflict: str = "",
        derived: Mapping[str, Callable[[Any], Any]] | None = None,
    ) -> None:
        self.name, self.kind = name, kind
        self._columns = columns_of(kind)
        self._derived = tuple((derived or {}).values())
        self._read = attrgetter(*(column.name for column in self._columns))
        changed = enumerate(column.to_sql for column in self._columns)
        self._convert = tuple((place, to_sql) for place, to_sql in changed if to_sql is not as_it_is)
        self._as_it_is = not self._convert and not self._derived
        names = [f'"{column.name}"' for column in self._columns]
        written = [*names, *(derived or {}), "mode"]
        marks = ", ".join("?" * len(written))
        self.insert = f"INSERT INTO {name} ({', '.join(written)}) VALUES ({marks}) {conflict}".rstrip()  # noqa: S608
        self.select = f"SELECT {', '.join(names)} FROM {name}"  # noqa: S608

    def row(self, fact: Any, mode: str) -> tuple[Any, ...]:
        if self._as_it_is:
            return (*self._read(fact), mode)
        kept = list(self._read(fact))
        for place, to_sql in self._convert:
            kept[place] = to_sql(kept[place])
        return (*kept, *(derive(fact) for derive in self._derived), mode)

    @property
    def width(self) -> int:
        """How many columns `columns` names."""
        return len(self._columns)

    def columns(self, alias: str) -> str:
        """The columns of `select` for a join, in its order."""
        return ", ".join(f'{alias}."{column.name}"' for column in self._columns)

    def fact(self, row: tuple[Any, ...]) -> Any:
        """The value a row of `select` was made from."""
        parts = zip(self._columns, row, strict=False)
        return self.kind(**{column.name: column.from_sql(value) for column, value in parts})


def payload(request: OrderRequest) -> str:
    """An order exactly as it is committed and sent, as canonical JSON."""
    return to_json(shape_of(OrderRequest).pack(request))


def payload_sha256(request: OrderRequest) -> str:
    return hashlib.sha256(payload(request).encode()).hexdigest()


def _progress(intent: OrderIntent) -> int:
    return 0 if intent.state is IntentState.NEW else SETTLED if intent.state.settled else 1


# An intention only ever moves on: a late copy of an earlier state changes nothing.
_INTENT_MOVES_ON = """ON CONFLICT (id) DO UPDATE SET
    state = excluded.state, progress = excluded.progress, note = excluded.note,
    txid = COALESCE(excluded.txid, txid)
    WHERE excluded.progress >= intents.progress"""
_LATER_VERDICT_WINS = """ON CONFLICT (symbol, candle_ms, correlation) DO UPDATE SET
    decided_ms = excluded.decided_ms, signal = excluded.signal, verdict = excluded.verdict,
    reason = excluded.reason, rule = excluded.rule, action = excluded.action
    WHERE excluded.decided_ms >= decisions.decided_ms"""
_LATCH_FOLLOWS = """ON CONFLICT (name, set_ms) DO UPDATE SET
    reason = excluded.reason, lifted_ms = excluded.lifted_ms, lifted_by = excluded.lifted_by,
    until_ms = excluded.until_ms"""
_LATEST_MARK = """ON CONFLICT (time_ms) DO UPDATE SET equity = excluded.equity, cash = excluded.cash,
    realised = excluded.realised, unrealised = excluded.unrealised,
    open_positions = excluded.open_positions"""

INTENTS = Table(
    "intents",
    OrderIntent,
    _INTENT_MOVES_ON,
    {
        "symbol": lambda intent: intent.request.symbol,
        "side": lambda intent: intent.request.side.value,
        "deadline_ms": lambda intent: intent.request.deadline_ms,
        "payload_sha256": lambda intent: payload_sha256(intent.request),
        "progress": _progress,
    },
)
FILLS = Table("fills", Fill, "ON CONFLICT (id) DO NOTHING")
ROUND_TRIPS = Table("round_trips", RoundTrip, "ON CONFLICT DO NOTHING")
DECISIONS = Table("decisions", Decision, _LATER_VERDICT_WINS, {"action": lambda one: one.signal.action.value})
ANNOUNCEMENTS = Table("announcements", Announcement, "ON CONFLICT (key) DO NOTHING")
LATCHES = Table("latches", Latch, _LATCH_FOLLOWS)
SAFETY_EVENTS = Table("safety_events", SafetyEvent)
DAY_BASELINES = Table("day_baselines", DayBaseline, "ON CONFLICT (day) DO NOTHING")
PERFORMANCE = Table("performance", PerformanceMark, _LATEST_MARK)
ERRORS = Table("errors", ErrorFact)
INSIGHTS = Table("insights", Insight)
# What has ended stays ended, whatever is written later.
ESCALATIONS = Table(
    "escalations", Escalation,
    """ON CONFLICT (key) DO UPDATE SET next_ms = excluded.next_ms, texts = excluded.texts,
    wrong = excluded.wrong, ended_ms = COALESCE(ended_ms, excluded.ended_ms),
    ended_by = CASE WHEN ended_ms IS NULL THEN excluded.ended_by ELSE ended_by END""",
)  # fmt: skip
PRICE_ALERTS = Table(
    "price_alerts", PriceAlert,
    """ON CONFLICT (key) DO UPDATE SET ended_ms = COALESCE(ended_ms, excluded.ended_ms),
    ended_by = CASE WHEN ended_ms IS NULL THEN excluded.ended_by ELSE ended_by END""",
)  # fmt: skip
SIGNALS = Table("signals", ShadowSignal, "ON CONFLICT (id) DO NOTHING")
OUTCOMES = Table("outcomes", ShadowOutcome, "ON CONFLICT (signal_id) DO NOTHING")
POLICIES = Table("policies", Policy, "ON CONFLICT (version) DO NOTHING")
PARITY = Table("parity", ParityRow, "ON CONFLICT (fill_id) DO NOTHING")
OWN_ORDERS = Table("own_orders", OwnOrder, "ON CONFLICT (txid) DO NOTHING")
MARKS = Table("marks", Mark, "ON CONFLICT (name) DO UPDATE SET value = MAX(value, excluded.value)")

TABLES: Mapping[type, Table] = {
    table.kind: table
    for table in (
        INTENTS, FILLS, ROUND_TRIPS, DECISIONS, ANNOUNCEMENTS, LATCHES, SAFETY_EVENTS, DAY_BASELINES,
        PERFORMANCE, ERRORS, INSIGHTS, ESCALATIONS, PRICE_ALERTS, SIGNALS, OUTCOMES, POLICIES,
        PARITY, MARKS, OWN_ORDERS,
    )
}  # fmt: skip


def notes_of(facts: Iterable[Fact], mode: str) -> list[Note]:
    """What to run for each of these facts."""
    made = []
    for fact in facts:
        table = TABLES[type(fact)]
        made.append((table.insert, table.row(fact, mode)))
    return made


def statements_of(facts: Iterable[Fact], mode: str) -> list[Statement]:
    """What to run for these facts; neighbours of one kind share a statement, the order is kept."""
    made = []
    for kind, group in groupby(facts, type):
        table = TABLES[kind]
        made.append(Statement(table.insert, tuple(table.row(fact, mode) for fact in group)))
    return made
