"""The limits in force: the settings as the ceiling, and under it what the owner confirmed by mandate."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from core.clock import Clock
from core.model.decisions import Denied
from core.model.mandate import PolicyRow
from core.model.time_context import TimeContext
from core.risk.mandate import Mandate, mandate_of, objection, tightened
from core.trading_config import RiskConfig


class InForce:
    """What every order is judged by. Rows are stored before they are taken over here."""

    def __init__(self, ceiling: RiskConfig, clock: Clock, zone: str) -> None:
        self.ceiling = ceiling
        self._clock = clock
        self._zone = zone
        self._rows: tuple[PolicyRow, ...] = ()
        self._risk = ceiling
        self._mandate = Mandate()

    @property
    def risk(self) -> RiskConfig:
        """The settings as tightened by the rows."""
        return self._risk

    @property
    def mandate(self) -> Mandate:
        return self._mandate

    @property
    def rows(self) -> tuple[PolicyRow, ...]:
        return self._rows

    def take(self, rows: Iterable[PolicyRow]) -> None:
        """These rows are in force from now on, and no others."""
        self._rows = tuple(rows)
        self._risk, self._mandate = tightened(self.ceiling, self._rows), mandate_of(self._rows)

    def as_rows(self) -> list[list[str | int]]:
        """The rows as JSON values for the mirror."""
        return [[row.name, row.value, row.said, row.time_ms] for row in self._rows]

    def objection(self, symbol: str, notional: Decimal, *, alone: bool) -> Denied | None:
        """Why the mandate forbids to open this now."""
        local = TimeContext(self._clock.market_ms(), self._zone).local.strftime("%H:%M")
        return objection(self._mandate, symbol.partition("/")[0], notional, local, alone)
