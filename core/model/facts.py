"""The facts that are kept: everything a journal may be asked to commit, each a frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from core.model.account import RoundTrip
from core.model.alarms import Escalation, PriceAlert
from core.model.decisions import Decision
from core.model.events import Announcement
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, Leg, OrderIntent, OwnOrder, Side
from core.model.shadow import Policy, ShadowOutcome, ShadowSignal


@dataclass(frozen=True, slots=True)
class Latch:
    """Something that stops entries until it is lifted. Setting is instant; lifting is written too."""

    name: str  # paused, kill_switch, database_lost, unknown_order:<id> ...
    reason: str
    set_ms: int  # market time
    lifted_ms: int | None = None
    lifted_by: str = ""
    until_ms: int | None = None  # wall time; it ends by itself then


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """A refusal, trip, repair, unknown outcome or flatten step, with its numbers."""

    kind: str
    text: str
    time_ms: int
    correlation: str = ""
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DayBaseline:
    """What a trading day started with; written once a day. `pnl` is the all-time result at that moment.

    What the day's loss limit counts from after the owner's unlock is one more, under a name of its own.
    """

    day: str
    equity: str  # decimal text
    pnl: str  # decimal text
    time_ms: int


@dataclass(frozen=True, slots=True)
class PerformanceMark:
    """One point of the equity curve."""

    time_ms: int
    equity: str
    cash: str
    realised: str
    unrealised: str
    open_positions: int


@dataclass(frozen=True, slots=True)
class ErrorFact:
    """Something failed: what, where, and what Zyn did about it."""

    where: str
    message: str
    time_ms: int
    correlation: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A number that only rises, kept across restarts: a lower one that is written later changes nothing."""

    name: str
    value: int


TUNING = "tuning"  # subject of a proposed change of settings


@dataclass(frozen=True, slots=True)
class Insight:
    """Something learned, in words, with its evidence."""

    subject: str
    text: str
    time_ms: int
    data: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParityRow:
    """One live order's execution beside its paper twin. Prices are means, fees in quote units."""

    fill_id: str  # the last fill it covers
    symbol: str
    side: Side
    leg: Leg
    time_ms: int
    qty: Qty
    price: Price
    fee: Money
    twin_price: Price
    twin_fee: Money
    maker: bool = False


Fact = (
    OrderIntent
    | Fill
    | RoundTrip
    | Decision
    | Announcement
    | Latch
    | SafetyEvent
    | DayBaseline
    | PerformanceMark
    | ErrorFact
    | Insight
    | Escalation
    | PriceAlert
    | ShadowSignal
    | ShadowOutcome
    | Policy
    | ParityRow
    | Mark
    | OwnOrder
)
