"""Candles: judged as they close.

Blocks the autopilot's entries when no candle was judged for two intervals, or when the last round got none at
all. Heals with the next round: what was missed is asked for, and each candle is still judged once.
"""

from __future__ import annotations

from core.clock import Clock
from core.engine.api_watchdog.check import AUTOPILOT, STOPS_STAY
from core.engine.autopilot import Autopilot
from core.model.market import MINUTE_MS

LATE_CANDLES = 2
LATE_WALL_S = 15.0


class Candles:
    """Looks at the autopilot's last round."""

    name, blocks, meanwhile, back = "candles", AUTOPILOT, STOPS_STAY, "Candles arrive again."

    def __init__(self, autopilot: Autopilot, clock: Clock, length_ms: int) -> None:
        self._autopilot = autopilot
        self._clock = clock
        self._length_ms = length_ms

    async def look(self) -> str:
        last = self._autopilot.last_round
        if not last.close_ms:
            return ""  # the first round is still on its way
        allowed = max((LATE_CANDLES + 1) * self._length_ms, LATE_WALL_S * 1000 * self._clock.speed)
        silent = self._clock.market_ms() - last.close_ms
        if silent > allowed:
            due = f"one closes every {_minutes(self._length_ms)}"
            return f"the last candle I judged closed {_minutes(silent)} ago, and {due}"
        if last.missing and not last.judged:
            return f"no fresh candle of any pair ({len(last.missing)} missing)"
        return ""


def _minutes(ms: int) -> str:
    minutes = ms // MINUTE_MS
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
