"""Latches: what stops entries until it is lifted. Kept in the journal, so that no restart can forget one."""

from __future__ import annotations

from dataclasses import replace

from core.clock import Clock
from core.engine.ports import Journal
from core.model.facts import Latch, SafetyEvent

PAUSED = "paused"
KILL_SWITCH = "kill_switch"
DATABASE_LOST = "database_lost"
BROKEN = "broken_invariant"

# Only the owner's two-step /unlock ends these; a pause ends with /resume.
LOCKS = (KILL_SWITCH, DATABASE_LOST, BROKEN)


def unknown_order(intent_id: str) -> str:
    """The latch of an order whose outcome is unknown; reconciling lifts it."""
    return f"unknown_order:{intent_id}"


class Latches:
    """The latches in force. Setting and lifting are durable before they return."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._set: dict[str, Latch] = {}

    async def load(self) -> None:
        """Take over what an earlier run latched."""
        self._set = {latch.name: latch for latch in await self._journal.latches() if latch.lifted_ms is None}

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def get(self, name: str) -> Latch | None:
        return self._set.get(name)

    def all(self) -> tuple[Latch, ...]:
        return tuple(self._set.values())

    async def set(self, name: str, reason: str, correlation: str = "") -> bool:
        """Latch; False when it was latched already, and then nothing changes."""
        if name in self._set:
            return False
        now = self._clock.market_ms()
        latch = Latch(name, reason, now)
        self._set[name] = latch
        await self._journal.commit(latch, SafetyEvent(f"latched:{name}", reason, now, correlation))
        return True

    async def lift(self, name: str, by: str) -> bool:
        """Lift; False when it was not set."""
        latch = self._set.get(name)
        if latch is None:
            return False
        now = self._clock.market_ms()
        event = SafetyEvent(f"lifted:{name}", f"{latch.reason} - lifted by {by}", now)
        await self._journal.commit(replace(latch, lifted_ms=now, lifted_by=by), event)
        del self._set[name]
        return True

    def blocking(self) -> str:
        """One line why entries may not happen now, or nothing. Unknown orders block every entry."""
        for latch in sorted(self._set.values(), key=_weight):
            return latch.reason
        return ""


def _weight(latch: Latch) -> tuple[int, int]:
    order = {DATABASE_LOST: 0, BROKEN: 1, KILL_SWITCH: 2, PAUSED: 3}
    return order.get(latch.name, 4), latch.set_ms
