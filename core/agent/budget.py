"""The daily budget of the model, kept across restarts: a hard stop, counted from what was really used."""

from __future__ import annotations

from decimal import Decimal

from core.agent.ports import SmallValues
from core.clock import Clock
from core.model.time_context import TimeContext

# Dollars for a million tokens, in and out. An unknown model counts as a dear one.
_PRICES = {
    "gpt-4o": (Decimal("2.5"), Decimal(10)),
    "gpt-4o-mini": (Decimal("0.15"), Decimal("0.6")),
    "gpt-4.1": (Decimal(2), Decimal(8)),
    "gpt-4.1-mini": (Decimal("0.4"), Decimal("1.6")),
}
_UNKNOWN = (Decimal(5), Decimal(30))
_MILLION = Decimal(1_000_000)


class Budget:
    """What may be spent in one of the owner's days."""

    def __init__(self, values: SmallValues, clock: Clock, zone: str, daily_usd: float) -> None:
        self._values = values
        self._clock = clock
        self._zone = zone
        self.daily = Decimal(repr(daily_usd))

    async def allows(self) -> bool:
        return await self.spent() < self.daily

    async def spent(self) -> Decimal:
        """Dollars used today."""
        return Decimal(await self._values.get_value(self._key()) or "0")

    async def spend(self, model: str, prompt_tokens: int, completion_tokens: int) -> None:
        """Count one answer."""
        price_in, price_out = _PRICES.get(model, _UNKNOWN)
        cost = (prompt_tokens * price_in + completion_tokens * price_out) / _MILLION
        await self._values.set_value(self._key(), str(await self.spent() + cost))

    def _key(self) -> str:
        return f"openai_spent:{TimeContext(self._clock.wall_ms(), self._zone).day_key()}"
