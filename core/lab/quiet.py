"""What a backtest puts in the places where the service remembers and speaks."""

from __future__ import annotations

from collections import Counter

from core.engine.receipts import NoReceipts
from core.engine.tracks import Track
from core.model.decisions import Denied
from core.model.events import Announcement
from core.model.facts import DayBaseline, Fact, Latch
from core.model.orders import Fill, OrderIntent, OwnOrder


class QuietJournal:
    """Forgets everything: a backtest is repeated, never resumed."""

    async def commit(self, *facts: Fact) -> None:
        """The book in memory is all there is."""

    def note(self, *facts: Fact) -> None:
        """Nobody reads it."""

    async def intents(self, *, unsettled_only: bool = False, since_ms: int = 0) -> list[OrderIntent]:
        return []

    async def latches(self) -> list[Latch]:
        return []

    async def day_baseline(self, day: str) -> DayBaseline | None:
        return None

    async def fills(self) -> list[Fill]:
        return []

    async def own_orders(self) -> list[OwnOrder]:
        return []

    async def mark(self, name: str) -> int:
        return 0


class QuietHerald:
    """Tells nobody."""

    def announced(self, announcement: Announcement) -> None:
        """Nobody listens."""

    def changed(self, topic: str) -> None:
        """Nobody looks."""


class CountedRefusals(NoReceipts):
    """Counts the signals that were turned down, by the code of the limit that said no."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    async def refused(self, track: Track, denied: Denied, rule: str) -> None:
        """One more signal that did not become an order."""
        self.counts[denied.code] += 1
