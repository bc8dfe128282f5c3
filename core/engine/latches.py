"""Latches: what stops entries until it is lifted. Kept in the journal, so that no restart can forget one."""

from __future__ import annotations

from dataclasses import replace

from core.clock import Clock
from core.engine.ports import Journal
from core.model.facts import Fact, Latch, SafetyEvent

PAUSED = "paused"
PROFIT_TARGET = "profit_target"
KILL_SWITCH = "kill_switch"
DATABASE_LOST = "database_lost"
BROKEN = "broken_invariant"

# Only the owner's two-step /unlock ends these; a pause ends with /resume.
LOCKS = (KILL_SWITCH, DATABASE_LOST, BROKEN)

ENDED_BY_RESUME = (PAUSED, PROFIT_TARGET)

FLATTENING = "flattening:"  # begins the latches of a flatten under way; a symbol or nothing follows
_UNKNOWN = "unknown_order:"


def unknown_order(intent_id: str) -> str:
    """The latch of an order whose outcome is unknown; reconciling lifts it."""
    return f"{_UNKNOWN}{intent_id}"


class Latches:
    """The latches in force. They hold at once; setting and lifting are durable before they return."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock
        self._set: dict[str, Latch] = {}
        self._owed: dict[str, tuple[Fact, ...]] = {}  # what a failing disk did not take, by latch
        self._lifting: set[str] = set()

    async def load(self) -> None:
        """Take over what an earlier run latched."""
        self._set = {latch.name: latch for latch in await self._journal.latches() if latch.lifted_ms is None}

    def __contains__(self, name: str) -> bool:
        return name in self._set

    def get(self, name: str) -> Latch | None:
        return self._set.get(name)

    def all(self) -> tuple[Latch, ...]:
        return tuple(self._set.values())

    async def set(
        self, name: str, reason: str, correlation: str = "", *facts: Fact, until_ms: int | None = None
    ) -> bool:
        """Latch, in one transaction with `facts`; False when it was latched already: then nothing changes.

        One that ends by itself (`until_ms`, wall time) is latched anew by one that lasts longer. When the
        disk fails the latch holds all the same, and is written by the next `write_owed`.
        """
        held = self._set.get(name) if name not in self._lifting else None
        if held is not None and not _outlasts(until_ms, held.until_ms):
            return False
        now = self._clock.market_ms()
        latch = Latch(name, reason, held.set_ms if held else now, until_ms=until_ms)
        self._set[name] = latch
        await self._write(name, (latch, SafetyEvent(f"latched:{name}", reason, now, correlation), *facts))
        return True

    async def write_owed(self) -> None:
        """Write what the disk did not take when it was set."""
        while self._owed:  # somebody else may write them, or lift them, meanwhile
            name = next(iter(self._owed))
            await self._write(name, self._owed.pop(name))

    async def _write(self, name: str, facts: tuple[Fact, ...]) -> None:
        try:
            await self._journal.commit(*facts)
        except BaseException:  # a cancelled commit too: what it got onto the disk is not known, so it is owed
            if name in self._set:
                self._owed[name] = facts
            raise

    async def lift(self, name: str, by: str, *facts: Fact) -> bool:
        """Lift, in one transaction with `facts`; False when it was not set, and then nothing is written.

        What the disk still owes of it goes first, in the same transaction: written later it would latch anew.
        """
        latch = self._set.get(name)
        if latch is None or name in self._lifting:
            return False
        now = self._clock.market_ms()
        event = SafetyEvent(f"lifted:{name}", f"{latch.reason} - lifted by {by}", now)
        self._lifting.add(name)
        owed = self._owed.pop(name, ())
        try:
            await self._journal.commit(*owed, replace(latch, lifted_ms=now, lifted_by=by), event, *facts)
        except BaseException:  # a cancelled commit too: the latch holds still, and so does what is owed of it
            if owed:
                self._owed.setdefault(name, owed)
            raise
        finally:
            self._lifting.discard(name)
        if self._set.get(name) is latch:  # not latched again while this was written
            del self._set[name]
        return True

    def unknown_orders(self) -> list[str]:
        """The intents that are latched as unknown."""
        return [name.removeprefix(_UNKNOWN) for name in self._set if name.startswith(_UNKNOWN)]

    def blocking(self, besides: str = "") -> str:
        """One line why entries may not happen now, or nothing. Unknown orders block every entry.

        `besides` leaves one latch out of account.
        """
        for latch in sorted(self._set.values(), key=_weight):
            if latch.name != besides:
                return latch.reason
        return ""


def _outlasts(until_ms: int | None, other_ms: int | None) -> bool:
    return other_ms is not None and (until_ms is None or until_ms > other_ms)


def _weight(latch: Latch) -> tuple[int, int]:
    order = {DATABASE_LOST: 0, BROKEN: 1, KILL_SWITCH: 2, PAUSED: 3, PROFIT_TARGET: 5}
    return order.get(latch.name, 4), latch.set_ms
