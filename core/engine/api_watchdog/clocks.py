"""This machine's clock, beside the exchange's.

Blocks entries while it is more than a second off: deadlines would not be what they say, and candles would be
taken for closed too soon or too late. Heals when the machine's time service does its work; meanwhile our
times are translated into Kraken's. A step of the clock is looked at once; no candle is judged a second time.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.api_watchdog.check import ENTRIES, STOPS_STAY
from core.engine.ports import Line
from core.model.errors import VenueError

MOST_MS = 1000
EVERY_S = 60.0  # wall seconds between two questions while all is well
STEP_S = 0.5  # wall clock against running time: more than this within a look is a step


class Clocks:
    """Asks Kraken for the time."""

    name, blocks, meanwhile = "clock", ENTRIES, STOPS_STAY
    back = "This machine's clock agrees with Kraken's again."

    def __init__(self, line: Line, clock: Clock) -> None:
        self._line = line
        self._clock = clock
        self._last = ""
        self._asked_at: float | None = None
        self._drift = self._wall_ahead()

    async def look(self) -> str:
        now, drift = self._clock.monotonic(), self._wall_ahead()
        stepped = abs(drift - self._drift) > STEP_S
        self._drift = drift
        due = self._asked_at is None or now - self._asked_at >= EVERY_S
        if stepped or due or self._last:
            self._asked_at = now
            await self._ask()
        return self._last

    def _wall_ahead(self) -> float:
        return self._clock.wall_ms() / 1000 - self._clock.monotonic()

    async def _ask(self) -> None:
        try:
            offset = await self._line.learn_time()
        except VenueError:
            return  # that the exchange does not answer is told by another check
        side = "behind" if offset > 0 else "ahead of"
        wrong = abs(offset) > MOST_MS
        self._last = f"this machine's clock is {abs(offset) / 1000:.1f} s {side} Kraken's" if wrong else ""
