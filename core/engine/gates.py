"""What else must agree before the autopilot opens anything, each behind its own flag.

With every flag off this says nothing, and decisions are those of a build without it.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.engine.crypto_universe import CryptoUniverse
from core.engine.edge_gate import EdgeGate
from core.engine.edge_outlook import EdgeOutlook
from core.engine.lessons import Lessons
from core.engine.profit_session import ProfitSession
from core.engine.rival_rules import RivalRules
from core.engine.slow_frames import SlowFrames
from core.learning.school import Learned
from core.model.decisions import Denied
from core.model.market import Candle, Pair


@dataclass(frozen=True, slots=True)
class Gates:
    """The gates in the order they are asked."""

    slow_frames: SlowFrames
    session: ProfitSession
    universe: CryptoUniverse
    edge: EdgeGate
    outlook: EdgeOutlook
    rivals: RivalRules
    lessons: Lessons | None = None  # a backtest learns nothing

    def take(self, pair: Pair, candle: Candle) -> None:
        """One more closed candle of a pair."""
        self.slow_frames.take(pair.symbol, candle)
        self.rivals.take(pair.symbol, candle, pair.tick)
        if self.lessons:
            self.lessons.take(pair.symbol, candle)

    async def prepare(self, close_ms: int) -> None:
        """Read what is missing for a judgement at this close."""
        await self.slow_frames.prepare(close_ms)
        if self.lessons:
            await self.lessons.prepare(close_ms)

    async def check(self) -> None:
        """Look at what stops every pair at once; it works through a latch."""
        await self.session.check()
        await self.edge.tuition.check()

    def judge(self, symbol: str, close_ms: int) -> Denied | None:
        """Why this pair may not be entered now, or None."""
        return self.universe.judge(symbol) or self.slow_frames.judge(symbol, close_ms)

    def learned(self, symbol: str, candle_ms: int) -> Learned:
        """What was learned of such a signal: a multiplier in [0, 1] on its risk, and why."""
        return self.lessons.judge(symbol, candle_ms) if self.lessons else Learned()
