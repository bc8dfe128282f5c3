"""The owner's mandate, judged on every order: standing rows that tighten the settings, never loosen them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.model.decisions import Denied
from core.model.mandate import PolicyRow
from core.trading_config import RiskConfig

NEVER_BUY = "never_buy:"
LOSS_A_DAY, HOURS, ASK_ABOVE = "loss_a_day", "hours", "ask_above"
# Which side of the setting is the tighter one.
_LESS = (
    "capital", "risk_per_trade", "max_trade_risk", "fixed_stake", "max_position", "max_exposure",
    "max_open_positions", "daily_loss_limit", "max_entries_per_hour",
)  # fmt: skip
_MORE = ("cooloff_candles",)
ADJUSTABLE = (*_LESS, *_MORE)


@dataclass(frozen=True, slots=True)
class Mandate:
    """The rows that are no limit of the settings."""

    forbidden: frozenset[str] = field(default_factory=frozenset)  # coins never bought
    loss_a_day: Decimal | None = None  # money
    hours: tuple[str, str] | None = None  # HH:MM from and to, the owner's time; entries only then
    ask_above: Decimal | None = None  # money; the autopilot opens nothing larger alone


def mandate_of(rows: Iterable[PolicyRow]) -> Mandate:
    """The rows as values."""
    found = {row.name: row.value for row in rows}
    start, _, end = found.get(HOURS, "").partition("-")
    return Mandate(
        frozenset(name.removeprefix(NEVER_BUY) for name in found if name.startswith(NEVER_BUY)),
        Decimal(found[LOSS_A_DAY]) if LOSS_A_DAY in found else None,
        (start, end) if end else None,
        Decimal(found[ASK_ABOVE]) if ASK_ABOVE in found else None,
    )


def tightened(ceiling: RiskConfig, rows: Iterable[PolicyRow]) -> RiskConfig:
    """The settings with the rows applied; what would loosen a setting is left as the setting has it."""
    changes = {row.name: _tighter(ceiling, row) for row in rows if row.name in ADJUSTABLE}
    return replace(ceiling, **changes)


def _tighter(ceiling: RiskConfig, row: PolicyRow) -> Any:
    set_to = getattr(ceiling, row.name)
    if loosens(ceiling, row.name, Decimal(row.value)):
        return set_to
    kind = Decimal if set_to is None else type(set_to)
    return kind(row.value)


def loosens(ceiling: RiskConfig, name: str, value: Decimal) -> bool:
    """Whether a value lies beyond what the settings allow."""
    set_to = getattr(ceiling, name)
    if set_to is None:
        return False
    most = Decimal(str(set_to))
    return value < most if name in _MORE else value > most


def objection(mandate: Mandate, coin: str, notional: Decimal, local: str, alone: bool) -> Denied | None:
    """Why the mandate forbids to open this; `local` is the owner's time as HH:MM, `alone` the autopilot."""
    if coin in mandate.forbidden:
        return Denied("mandate", f"your mandate says never to buy {coin}")
    if mandate.hours and not within(local, *mandate.hours):
        start, end = mandate.hours
        return Denied(
            "mandate", f"your mandate lets me open positions from {start} to {end}, and it is {local}"
        )
    if alone and mandate.ask_above is not None and notional > mandate.ask_above:
        limit = f"{mandate.ask_above:,.2f}"
        return Denied("ask_first", f"{notional:,.2f} is above the {limit} that I may open without asking you")
    return None


def within(local: str, start: str, end: str) -> bool:
    """Whether a time of day lies in [start, end), also over midnight."""
    return start <= local < end if start <= end else local >= start or local < end
