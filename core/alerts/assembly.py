"""The desks that decide what reaches the owner, put together."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.alerts import attention, escalation
from core.alerts.attention import AttentionDesk
from core.alerts.commands import AlertCommands
from core.alerts.escalation import EscalationDesk, Patience
from core.alerts.sms_replies import Inbound
from core.clock import Clock
from core.engine import price_alerts
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Market
from core.engine.price_alerts import PriceAlerts
from core.engine.registry import Registry
from core.trading_config import Config


class Line(Protocol):
    """The SMS carrier, both ways. All raise Transient, RateLimited, AuthFailed or Rejected."""

    async def send(self, body: str) -> None: ...

    async def recent(self) -> list[str]: ...

    async def inbox(self) -> Sequence[Inbound]: ...


class Kept(attention.Preferences, escalation.Kept, price_alerts.Kept, Protocol):
    """What the desks keep, and what was announced."""

    @property
    def outbox(self) -> escalation.Announced: ...


@dataclass(frozen=True, slots=True)
class Alarms:
    """Attention, conditions and escalation; the same before and behind every door."""

    attention: AttentionDesk
    prices: PriceAlerts
    escalation: EscalationDesk
    line: Line | None  # None where no SMS is set up

    async def load(self) -> None:
        """Take up what was wished for before."""
        await self.attention.load()
        await self.prices.load()


def build_alarms(
    config: Config,
    kept: Kept,
    market: Market,
    portfolio: Portfolio,
    registry: Registry,
    herald: Herald,
    clock: Clock,
    line: Line | None,
) -> Alarms:
    """Wire the desks and offer `alerts` in the registry."""
    service, alerts = config.service, config.alerts
    desk = AttentionDesk(kept, clock, service.timezone, alerts.rings_a_day, alerts.quiet_hours)
    prices = PriceAlerts(market, portfolio, kept, herald, clock)
    escalations = EscalationDesk(
        kept, kept.outbox, herald, clock, Patience(alerts.escalate_after_s, alerts.escalate_again_s),
        lambda: f"{secrets.randbelow(10_000):04}", line, registry,
    )  # fmt: skip
    AlertCommands(desk, prices, escalations, line, service.mode).bind(registry)
    return Alarms(desk, prices, escalations, line)
