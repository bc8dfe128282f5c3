"""The event loop: it gets round.

Blocks the autopilot's entries after a look that came more than two seconds late: prices and states were that
much older than they seemed. Heals with the next look that is on time.
"""

from __future__ import annotations

from core.engine.api_watchdog.check import AUTOPILOT, STOPS_STAY

MOST_S = 2.0


class LoopLag:
    """Is told how late each look was, in wall seconds."""

    name, blocks, meanwhile, back = "loop", AUTOPILOT, STOPS_STAY, "I keep up with the time again."

    def __init__(self) -> None:
        self.late_s = 0.0

    async def look(self) -> str:
        return f"I was held up for {self.late_s:.1f} s" if self.late_s > MOST_S else ""
