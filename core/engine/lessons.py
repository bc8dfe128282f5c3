"""Learning on the road: signals and candles into the shadow ledger, finished days into the school, and the
multiplier of what was learned out of it. It can only make a risk smaller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from loguru import logger

from core.clock import Clock
from core.engine.ports import Account, Herald, Journal, Market
from core.engine.tracks import Track, Tracks
from core.learning.claims import Claim, in_words
from core.learning.recorder import Recorder, Terms
from core.learning.school import (
    DAY_MS,
    Learned,
    Lesson,
    School,
    agreement,
    code_hash,
    finished,
    teach_history,
)
from core.learning.surroundings import regime
from core.model.decisions import SignalResult, Verdict
from core.model.errors import Refused, StoreError, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Insight, SafetyEvent
from core.model.ids import candle_cause
from core.model.market import Candle
from core.model.shadow import Evidence, Fate, Policy, ShadowSignal
from core.strategy.signal import UP

_FATES: Mapping[Verdict, Fate] = {
    Verdict.ENTERED: Fate.TAKEN, Verdict.FILTERED: Fate.FILTERED, Verdict.REFUSED: Fate.GATED,
    Verdict.HOLD: Fate.HELD, Verdict.FAILED: Fate.FAILED, Verdict.EXITED: Fate.HELD,
}  # fmt: skip


class LessonStore(Protocol):
    """What was written down, in order."""

    async def lessons(self, evidence: Evidence, after: int = 0) -> list[Lesson]: ...

    async def count_outcomes(self, evidence: Evidence) -> int: ...

    async def open_signals(self, evidence: Evidence) -> list[ShadowSignal]: ...

    async def traded_signals(self) -> list[ShadowSignal]: ...

    async def learning_steps(self) -> list[Policy]: ...

    async def own_beside_shadow(self) -> list[tuple[float, float]]: ...

    async def proposals(self, limit: int = 20) -> list[Insight]: ...


class Lessons:
    """The service's learner. Nothing it does waits on an order, and no order waits on it."""

    def __init__(
        self,
        terms: Terms,
        store: LessonStore,
        journal: Journal,
        tracks: Tracks,
        account: Account,
        market: Market,
        herald: Herald,
        clock: Clock,
        costs: tuple[float, float],
        agreeing: int,
        wanted: bool,
    ) -> None:
        """`costs` are (taker, spread) as shares until the exchange told its own; `wanted` lets it act."""
        self.recorder = Recorder(terms)
        self.school = School(terms.rule, agreeing)
        self.wanted = wanted
        self.trouble = ""
        self._store = store
        self._journal = journal
        self._tracks = tracks
        self._account = account
        self._market = market
        self._herald = herald
        self._clock = clock
        self._costs = costs
        self._known: dict[str, tuple[float, float]] = {}  # (taker, spread) at the last cross
        self._followed: dict[str, int] = {}  # the last signal candle of each pair
        self._apart: tuple[int, School] | None = None  # (outcomes, what they teach) of recorded candles
        self._version = 0
        self._loaded = False
        self._lock = asyncio.Lock()

    async def load(self) -> None:
        """Rebuild what was learned from the ledger and take up the brackets that are still open."""
        steps = await self._store.learning_steps()
        lessons = await self._store.lessons(Evidence.SHADOW)
        for _ in self.school.repeat(steps, lessons):
            await asyncio.sleep(0)
        self._version = steps[-1].version if steps else 0
        if steps and self._differs(steps[-1]):
            self.trouble = "what I rebuilt from the ledger differs from what I had written down"
            self._journal.note(SafetyEvent("learning_differs", self.trouble, self._clock.market_ms()))
        self.recorder.follow(await self._store.open_signals(Evidence.SHADOW))
        self.school.agreement = agreement(await self._store.own_beside_shadow())
        self._loaded = True

    def _differs(self, step: Policy) -> bool:
        """The same code over the same rule came to something else: the ledger is not what it was."""
        comparable = step.code == code_hash() and f'"rule":"{self.school.rule}"' in step.state
        return comparable and step.sha256 != self.school.sha256

    def take(self, symbol: str, candle: Candle) -> None:
        """One more closed candle of a pair, after its rule has seen it."""
        turned = symbol in self._tracks and self._tracks[symbol].engine.crossed_down
        ended = self.recorder.take(symbol, candle, turned)
        if ended:
            self._journal.note(*ended)

    async def prepare(self, close_ms: int) -> None:
        """Learn from the days that are over, and read the real costs of the pairs that just crossed."""
        try:
            if not self._loaded:
                await self.load()
            if close_ms // DAY_MS > self.school.day + 1 or not self._version:
                await self._roll(close_ms)
        except StoreError as error:
            logger.warning("Nothing is learned at this close: {}", error)
        crossed = [track.symbol for track in self._tracks if track.engine.crossed == UP]
        if crossed:
            await self._read_costs(crossed)

    async def _read_costs(self, symbols: list[str]) -> None:
        try:
            quotes = await self._market.quotes(symbols)
            for symbol in symbols:
                fees = await self._account.fees(symbol)
                spread = float(quotes[symbol].spread) if symbol in quotes else self._costs[1]
                self._known[symbol] = float(fees.taker), spread
        except VenueError:
            return  # the costs of the last cross, or the configured ones, stand in

    async def _roll(self, close_ms: int) -> None:
        """Every day that is over becomes a step of the school, with what it claims and lets go."""
        today = close_ms // DAY_MS
        async with self._lock:
            waiting = await self._store.lessons(Evidence.SHADOW, self.school.high_water)
            done = finished(waiting, today)
            before = list(self.school.claims)
            high = done[-1].number if done else self.school.high_water
            self.school.day_over(today - 1, done, high)
            self.school.agreement = agreement(await self._store.own_beside_shadow())
            news = self._news(before)
            await self._write("day", *news)

    async def _write(self, cause: str, *news: Announcement) -> None:
        self._version += 1
        now = self._clock.market_ms()
        insights = [Insight("learning", one.text, now, one.data) for one in news]
        await self._journal.commit(self.school.step(self._version, cause, now), *insights, *news)
        for one in news:
            self._herald.announced(one)

    def _news(self, before: list[Claim]) -> list[Announcement]:
        """What is claimed now and was not, and what was withdrawn."""
        found, now = [], self._clock.market_ms()
        for number, claim in enumerate(self.school.claims, 1):
            old = before[number - 1] if number <= len(before) else None
            if old is not None and old.withdrawn == claim.withdrawn:
                continue
            said = in_words(claim, self.school.names())
            text = f"I take lesson {number} back. {said}" if claim.withdrawn else f"Lesson {number}: {said}"
            whole = claim.feature == "all" and not claim.withdrawn
            if whole and self.wanted:
                text = f"{text} I open nothing more until that changes; /learning undo {number} overrules me."
            severity = Severity.WARNING if whole else Severity.INFO
            key = f"lesson:{self.school.rule}:{claim.feature}:{claim.made}:{claim.withdrawn}"
            found.append(Announcement(key, EventKind.NOTICE, severity, text, now, data={"lesson": number}))
        return found

    def judge(self, symbol: str, candle_ms: int) -> Learned:
        """The multiplier in [0, 1] of a signal on the candle just closed, and why."""
        if not (self.wanted and self._loaded) or self.trouble:
            return Learned()
        return self.school.judge(symbol, self.recorder.features(symbol, candle_ms, self._cost(symbol)[1]))

    def decided(self, track: Track, signal: SignalResult, verdict: Verdict, reason: str) -> None:
        """A judged candle: a cross up is a signal, whatever became of it."""
        if signal.crossed != "up" or self._followed.get(track.symbol) == track.engine.last_ms:
            return
        self._followed[track.symbol] = track.engine.last_ms
        taker, spread = self._cost(track.symbol)
        multiplier = self.judge(track.symbol, track.engine.last_ms).multiplier
        made = self.recorder.signal(
            track.symbol, track.engine.last_ms, signal.atr, _FATES[verdict], reason, taker, spread, multiplier
        )
        if made is not None:
            self._journal.note(made)

    async def history(self) -> School | None:
        """What recorded candles alone teach, kept apart from what was lived; None without any."""
        count = await self._store.count_outcomes(Evidence.BACKFILL)
        if count and (self._apart is None or self._apart[0] != count):
            school = School(self.school.rule)
            for _ in teach_history(school, await self._store.lessons(Evidence.BACKFILL)):
                await asyncio.sleep(0)
            self._apart = count, school
        return self._apart[1] if count and self._apart else None

    async def regimes(self) -> dict[str, str]:
        """The market in which each closed trade was opened, by the trade's cause."""
        signals = await self._store.traded_signals()
        return {candle_cause(one.symbol, one.candle_ms): regime(one.features) for one in signals}

    def _cost(self, symbol: str) -> tuple[float, float]:
        return self._known.get(symbol, self._costs)

    async def proposals(self) -> list[Insight]:
        """Changes of settings that a walk-forward proposed, newest first; only the owner applies them."""
        return await self._store.proposals()

    def keep(self, insight: Insight) -> None:
        """Remember what was told of the trades."""
        self._journal.note(insight)

    async def switch(self, on: bool) -> None:
        """Let what was learned act, or not."""
        async with self._lock:
            self.school.on = on
            await self._write("on" if on else "off")

    async def undo(self, number: int) -> Claim:
        """Take a lesson back: it acts no more. Raises Refused when there is none of that number."""
        async with self._lock:
            try:
                claim = self.school.undo(number)
            except IndexError:
                raise Refused(f"There is no lesson {number}.", "no_lesson", "/learning lists them.") from None
            await self._write(f"undo {number}")
        return claim

    async def reset(self) -> None:
        """Start again from no evidence; the ledger stays as it is."""
        async with self._lock:
            self.school.reset()
            await self._write("reset")
