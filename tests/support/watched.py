"""What the watchdog watches, as a test bends it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.model.errors import StoreError, Transient
from core.model.facts import Fact, Latch
from core.model.market import Advisory, Latency
from tests.support.trading import KeptJournal


@dataclass
class Line:
    """A way to the exchange that a test bends."""

    down: dict[str, str] = field(default_factory=dict)
    offset: int = 0
    deaf: bool = False
    asked: int = 0

    def spare(self) -> Mapping[str, tuple[float, float]]:
        return {}

    def latency(self) -> Mapping[str, Latency]:
        return {}

    def troubles(self) -> Mapping[str, str]:
        return {"public socket": "", **self.down}

    async def learn_time(self) -> int:
        self.asked += 1
        if self.deaf:
            raise Transient("no answer")
        return self.offset

    async def warm_up(self) -> None:
        """Nothing to wait for."""

    def when_changed(self, call: object) -> None:
        """Nothing changes."""


class Announcing:
    """A market that only announces."""

    def __init__(self, *advisories: Advisory) -> None:
        self.told: Sequence[Advisory] = advisories
        self.deaf = False

    async def advisories(self) -> Sequence[Advisory]:
        if self.deaf:
            raise Transient("no answer")
        return self.told


class Disk(KeptJournal):
    """A journal that fails on demand."""

    full = unreadable = False

    async def commit(self, *facts: Fact) -> None:
        if self.full:
            raise StoreError("disk full")
        await super().commit(*facts)

    async def latches(self) -> list[Latch]:
        if self.unreadable:
            raise StoreError("disk I/O error")
        return await super().latches()
