"""Facts for tests: ordinary ones by name, random ones by hypothesis."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from core.model.account import RoundTrip
from core.model.alarms import Escalation, PriceAlert
from core.model.decisions import Action, Decision, FilterReading, SignalResult, Verdict
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import (
    DayBaseline,
    ErrorFact,
    Insight,
    Latch,
    Mark,
    ParityRow,
    PerformanceMark,
    SafetyEvent,
)
from core.model.money import Money, Price, Qty
from core.model.orders import (
    Fill,
    IntentState,
    Leg,
    OrderIntent,
    OrderRequest,
    OrderType,
    Origin,
    OwnOrder,
    Side,
)
from core.model.shadow import Policy, ShadowOutcome, ShadowSignal


def an_intent(id: str = "intent-1", state: IntentState = IntentState.NEW, **changes: Any) -> OrderIntent:
    request = OrderRequest(id, "ETH/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.5")), deadline_ms=9_000)
    plain = OrderIntent(id, "ETH/USD@1", Leg.ENTRY, 0, Origin.AUTOPILOT, request, 1_000, state)
    return replace(plain, **changes)


def a_fill(id: str = "T1", **changes: Any) -> Fill:
    price, qty = Price(Decimal("2000.10")), Qty(Decimal("0.5"))
    cost, fee = Money(Decimal("1000.05")), Money(Decimal("2.60013"))
    return replace(Fill(id, "O1", "ETH/USD", Side.BUY, price, qty, cost, fee, 2_000), **changes)


def a_decision(symbol: str = "ETH/USD", candle_ms: int = 0, **changes: Any) -> Decision:
    reading = FilterReading("rsi", True, 55.5, 70.0, "< 70")
    signal = SignalResult(
        Action.LONG, "crossed up", (reading,), (), "up", 2000.0, 1990.0, 1980.0, 55.5, 12.25
    )
    plain = Decision(symbol, candle_ms, candle_ms + 5, signal, Verdict.ENTERED, "crossed up", "c1", "sma20")
    return replace(plain, **changes)


def an_announcement(
    key: str = "fill:T1", severity: Severity = Severity.TRADE, **changes: Any
) -> Announcement:
    plain = Announcement(
        key, EventKind.FILL, severity, "Bought 0.5 ETH at 2,000.10", 2_000, "c1", {"qty": "0.5"}
    )
    return replace(plain, **changes)


words = st.text(st.characters(codec="utf-8"), max_size=30)
times = st.integers(0, 2**45)
decimals = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12)
decimal_texts = decimals.map(str)
_leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words
json_values = st.dictionaries(
    words, st.recursive(_leaves, lambda inner: st.lists(inner, max_size=3), max_leaves=5)
)
_TYPES = {
    Decimal: decimals,
    float: st.floats(allow_nan=False),
    int: times,
    str: words,
    dict[str, Any]: json_values,
    dict[str, int]: st.dictionaries(words, times),
}
for _kind, _strategy in _TYPES.items():
    if isinstance(_kind, type):
        st.register_type_strategy(_kind, _strategy)

_TEXT_DECIMALS = {
    DayBaseline: ("equity", "pnl"),
    PerformanceMark: ("equity", "cash", "realised", "unrealised"),
}
_WITH_DATA = (SafetyEvent, Insight, Announcement)
_KINDS = (
    OrderIntent, Fill, RoundTrip, Decision, Announcement, Latch, SafetyEvent, DayBaseline, PerformanceMark,
    ErrorFact, Insight, Escalation, PriceAlert, ShadowSignal, ShadowOutcome, Policy,
    ParityRow, Mark, OwnOrder,
)  # fmt: skip


def random_facts() -> st.SearchStrategy[Any]:
    """Any fact there is, with any values that its annotations allow."""
    return st.one_of(*(_random(kind) for kind in _KINDS))


def _random(kind: Any) -> st.SearchStrategy[Any]:
    given: dict[str, Any] = dict.fromkeys(_TEXT_DECIMALS.get(kind, ()), decimal_texts)
    if kind in _WITH_DATA:
        given["data"] = json_values
    return st.builds(kind, **given)
