"""The receipt of every decision: what was seen, what was done, and why. Evidence behind /why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from core.clock import Clock
from core.engine import words
from core.engine.ports import Herald, Journal
from core.engine.tracks import Track
from core.model.decisions import Decision, Denied, SignalResult, Verdict
from core.model.facts import ErrorFact, PerformanceMark, SafetyEvent
from core.model.ids import candle_cause
from core.model.time_context import from_ms
from core.risk.edge import Edge

Decided = Callable[[Track, SignalResult, Verdict, str], None]


@dataclass(frozen=True, slots=True)
class Round:
    """What one candle close came to."""

    close_ms: int
    judged: int = 0
    entered: int = 0
    exited: int = 0
    missing: tuple[str, ...] = ()  # pairs whose candle could not be had


class Receipts(Protocol):
    """What the autopilot tells whoever keeps the evidence."""

    def heard_by(self, listener: Decided) -> None: ...

    def held(self, track: Track, holding: bool) -> None: ...

    async def decided(self, track: Track, verdict: Verdict, reason: str, rule: str) -> None: ...

    async def refused(self, track: Track, denied: Denied, rule: str) -> None: ...

    def edge(self, symbol: str, edge: Edge) -> None: ...

    def trouble(self, symbol: str, reason: str) -> None: ...

    def round_over(self, round_: Round, mark: PerformanceMark) -> None: ...


class NoReceipts:
    """Keeps nothing: a backtest reads its trades from the book."""

    def heard_by(self, listener: Decided) -> None:
        """Nothing is decided that anybody waits for."""

    def held(self, track: Track, holding: bool) -> None:
        """A hold costs nothing."""

    async def decided(self, track: Track, verdict: Verdict, reason: str, rule: str) -> None:
        """The trade itself is the evidence."""

    async def refused(self, track: Track, denied: Denied, rule: str) -> None:
        """Nothing happened."""

    def edge(self, symbol: str, edge: Edge) -> None:
        """Nobody asks."""

    def trouble(self, symbol: str, reason: str) -> None:
        """Recorded candles do not fail."""

    def round_over(self, round_: Round, mark: PerformanceMark) -> None:
        """Nobody watches."""


class JournalReceipts:
    """Every decision into the journal, and the last round in one line for the owner."""

    def __init__(self, journal: Journal, herald: Herald, clock: Clock) -> None:
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._why: list[str] = []
        self.activity = ""
        self.edges: dict[str, Edge] = {}
        self._listeners: list[Decided] = []

    def heard_by(self, listener: Decided) -> None:
        """Tell `listener` of every decision too, at once."""
        self._listeners.append(listener)

    def held(self, track: Track, holding: bool) -> None:
        """A candle without an order: no cross, a filter that failed, or a signal while in a position."""
        signal = track.engine.explain()
        filtered = bool(signal.crossed == "up" and signal.failed_filters and not holding)
        verdict = Verdict.FILTERED if filtered else Verdict.HOLD
        if filtered:
            names = ", ".join(one.name for one in signal.failed_filters)
            self._why.append(f"{track.symbol} crossed up but {names} said no")
        self._note(track, signal, verdict, signal.reason, "")

    async def decided(self, track: Track, verdict: Verdict, reason: str, rule: str) -> None:
        """An order was sent: the receipt is durable before anyone can ask for it."""
        self._note(track, track.engine.explain(), verdict, reason, rule)

    async def refused(self, track: Track, denied: Denied, rule: str) -> None:
        """A signal that a limit turned down, with its safety event."""
        self._why.append(f"{track.symbol}: {words.gist(denied.reason)}")
        now = self._clock.market_ms()
        cause = candle_cause(track.symbol, track.engine.last_ms)
        await self._journal.commit(SafetyEvent(f"refused:{denied.code}", denied.reason, now, cause))
        self._note(track, track.engine.explain(), Verdict.REFUSED, denied.reason, rule)

    def _note(self, track: Track, signal: SignalResult, verdict: Verdict, reason: str, rule: str) -> None:
        candle = track.engine.last_ms
        now = self._clock.market_ms()
        cause = candle_cause(track.symbol, candle)
        self._journal.note(Decision(track.symbol, candle, now, signal, verdict, reason, cause, rule))
        for listener in self._listeners:
            listener(track, signal, verdict, reason)

    def edge(self, symbol: str, edge: Edge) -> None:
        """Remember what the last entry of this pair could earn against its cost."""
        self.edges[symbol] = edge

    def trouble(self, symbol: str, reason: str) -> None:
        """A pair's candles could not be had: it is not judged this time."""
        self._why.append(f"{symbol} has no fresh candle")
        self._journal.note(ErrorFact("candles", f"{symbol}: {reason}", self._clock.market_ms(), symbol))

    def round_over(self, round_: Round, mark: PerformanceMark) -> None:
        """Keep a point of the equity curve, put the round into one line and wake the screens."""
        self._journal.note(mark)
        at = from_ms(round_.close_ms).strftime("%H:%M UTC")
        parts = [f"candle {at}: {words.count(round_.judged, 'pair')} judged"]
        if round_.entered or round_.exited:
            parts.append(f"{round_.entered} bought, {round_.exited} sold")
        if self._why:
            more = f" and {len(self._why) - 2} more" if len(self._why) > 2 else ""
            parts.append("; ".join(self._why[:2]) + more)
        elif not round_.entered and not round_.exited:
            parts.append("no pair gave a signal")
        self.activity = ", ".join(parts)
        self._why.clear()
        self._herald.changed("decision")
        self._herald.changed("status")
