"""The JSON shapes of `/api/v1/`: one frozen row a thing, in one envelope.

Field names are the names on the wire (a trailing underscore is dropped); the OpenAPI document is generated
from these classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NewType

from core.model.money import plain
from core.model.time_context import iso
from core.model.views import Stamp

Amount = NewType("Amount", str)  # a decimal as plain text, never with an exponent
Time = NewType("Time", str)  # ISO 8601 in UTC


@dataclass(frozen=True, slots=True)
class HealthOut:
    name: str
    ok: bool
    text: str
    since: Time | None
    blocks: str


@dataclass(frozen=True, slots=True)
class StatusOut:
    owner: str
    trading: bool
    why_not: str
    equity: Amount
    cash: Amount
    currency: str
    pnl_today: Amount
    pnl_today_share: Amount
    loss_budget_left: Amount
    loss_limit: Amount
    profit_target: Amount | None  # today's, where there is one
    open_positions: int
    trades_today: int
    symbols: tuple[str, ...]
    last_candle: Time | None
    next_candle: Time | None
    market_time: Time
    speed: float
    paused: bool
    killed: bool
    health: tuple[HealthOut, ...]
    activity: str
    timezone: str
    timeframe: str
    phone: bool


@dataclass(frozen=True, slots=True)
class BalanceOut:
    asset: str
    total: Amount
    held: Amount
    free: Amount
    price: Amount | None
    value: Amount | None


@dataclass(frozen=True, slots=True)
class PositionOut:
    symbol: str
    qty: Amount
    entry: Amount
    stop: Amount | None
    target: Amount | None
    stop_order_id: str | None
    stop_order_ids: tuple[str, ...]
    protected: bool
    price: Amount
    value: Amount
    cost: Amount
    fees: Amount
    unrealised: Amount
    unrealised_share: Amount
    to_stop: Amount | None
    to_target: Amount | None
    realised: Amount
    opened: Time
    origin: str
    rule: str


@dataclass(frozen=True, slots=True)
class RoundTripOut:
    symbol: str
    qty: Amount
    entry: Amount
    exit: Amount
    opened: Time
    closed: Time
    fees: Amount
    net_pnl: Amount
    origin: str
    reason: str
    rule: str


@dataclass(frozen=True, slots=True)
class OrderOut:
    id: str
    client_id: str | None
    symbol: str
    side: str
    type: str
    status: str
    qty: Amount
    filled: Amount
    left: Amount
    price: Amount | None
    average: Amount | None
    cost: Amount
    fee: Amount
    opened: Time
    parent_id: str | None
    ours: bool


@dataclass(frozen=True, slots=True)
class TradeOut:
    id: str
    order_id: str
    time: Time
    symbol: str
    side: str
    price: Amount
    qty: Amount
    cost: Amount
    fee: Amount
    maker: bool
    ours: bool


@dataclass(frozen=True, slots=True)
class SymbolPnlOut:
    symbol: str
    trades: int
    wins: int
    net_pnl: Amount
    fees: Amount


@dataclass(frozen=True, slots=True)
class PnlOut:
    period: str
    from_: Time
    to: Time
    realised: Amount
    unrealised: Amount
    fees: Amount
    trades: int
    wins: int
    losses: int
    win_rate: Amount | None
    profit_factor: Amount | None
    best: RoundTripOut | None
    worst: RoundTripOut | None
    by_symbol: tuple[SymbolPnlOut, ...]
    currency: str
    carried: Amount
    total: Amount


@dataclass(frozen=True, slots=True)
class EquityPointOut:
    time: Time
    equity: Amount
    drawdown: Amount  # share below the highest point before


@dataclass(frozen=True, slots=True)
class TwinOut:
    """One order's execution beside its paper twin."""

    symbol: str
    side: str
    leg: str
    time: Time
    qty: Amount
    price: Amount
    twin_price: Amount
    fee: Amount
    twin_fee: Amount
    maker: bool
    slippage_bps: float


@dataclass(frozen=True, slots=True)
class EstimateOut:
    n: int
    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class CandleOut:
    time: Time
    open: Amount
    high: Amount
    low: Amount
    close: Amount
    volume: Amount


@dataclass(frozen=True, slots=True)
class PriceOut:
    symbol: str
    bid: Amount
    ask: Amount
    last: Amount
    time: Time
    age_ms: int


@dataclass(frozen=True, slots=True)
class FilterOut:
    name: str
    passed: bool
    value: float | None
    shown: str
    threshold: float | None
    needed: str
    flip: str


@dataclass(frozen=True, slots=True)
class DecisionOut:
    symbol: str
    candle: Time
    decided: Time
    action: str
    verdict: str
    reason: str
    crossed: str
    close: Amount
    sma_fast: Amount
    sma_slow: Amount
    rsi: float | None
    atr: Amount
    filters: tuple[FilterOut, ...]
    correlation: str
    rule: str


@dataclass(frozen=True, slots=True)
class AlertOut:
    id: str
    time: Time
    kind: str
    severity: str
    text: str
    correlation: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SaidOut:
    """What an entry of the registry says when nothing is asked of it to be changed."""

    text: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CommandOut:
    """What can be typed with a slash."""

    command: str
    summary: str
    usage: str


@dataclass(frozen=True, slots=True)
class PreviewOut:
    token: str
    summary: str
    intent: str
    symbol: str | None
    side: str | None
    qty: Amount | None
    price: Amount | None
    notional: Amount | None
    fee: Amount | None
    stop: Amount | None
    target: Amount | None
    worst_loss: Amount | None
    worst_loss_share: Amount | None
    lines: tuple[str, ...]
    expires: Time
    one_button: bool


def envelope(stamp: Stamp, data: Any, **more: Any) -> dict[str, Any]:
    """What every GET answers."""
    return {
        "as_of": iso(stamp.as_of_ms), "source": stamp.source, "mode": stamp.mode, "data": data, **more
    }  # fmt: skip


def dumps(value: Any) -> str:
    """JSON of rows, envelopes and plain values. Refuses what JSON cannot say."""
    return json.dumps(value, default=_fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _fields(row: Any) -> Any:
    if isinstance(row, Decimal):
        return plain(row)
    return {name.rstrip("_"): getattr(row, name) for name in row.__slots__}
