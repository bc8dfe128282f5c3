"""How long Kraken's answers take: the newest of each lane, by the wall clock."""

from __future__ import annotations

from collections import deque
from statistics import median

from core.model.market import Latency

KEPT = 100  # answers that the figures are made of


class AnswerTimes:
    """Seconds from asking until the answer was read, of the newest answers. What was never answered is no
    time: silence is the breaker's."""

    def __init__(self) -> None:
        self._seconds: deque[float] = deque(maxlen=KEPT)

    def took(self, seconds: float) -> None:
        self._seconds.append(seconds)

    def figures(self) -> Latency:
        """The middle and the slowest of what was kept; zeros when nothing was."""
        kept = self._seconds
        return Latency(len(kept), median(kept), max(kept)) if kept else Latency(0, 0.0, 0.0)
