"""Runs the checks: says it once when something is lost and once when it is back.

While a check that blocks entries fails, or has had no answer for a while, nothing is opened; stops stay where
they rest, exits still go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import Clock, WallSeconds
from core.engine.api_watchdog.check import AUTOPILOT, ENTRIES, Check
from core.engine.api_watchdog.loop_lag import LoopLag
from core.engine.ports import Herald, Journal
from core.model.errors import StoreError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.views import Health

LATE_LOOKS = 2  # a loop that was held up once blocks at once, and is told when it is held up again


UNANSWERED_S = (
    10.0  # wall seconds after which a look that is still under way counts as one that found trouble
)


@dataclass(slots=True)
class _Watched:
    """A check and what it found; `told` is what the owner knows, `asked_at` when a look began that runs."""

    check: Check
    wrong: str = ""
    since_ms: int = 0
    looks: int = 0  # in a row that found it wrong
    told: bool = False
    asked_at: float | None = None

    @property
    def health(self) -> Health:
        one = self.check
        return Health(one.name, not self.wrong, self.wrong or "ok", self.since_ms, one.blocks)


class Watchdog:
    """Looks again and again; `blocking` says why nothing may be opened."""

    def __init__(
        self, checks: Sequence[Check], journal: Journal, herald: Herald, clock: Clock, pause: WallSeconds
    ) -> None:
        """`pause` is the time between looks."""
        self._lag = LoopLag()
        self._watched = tuple(_Watched(check) for check in (*checks, self._lag))
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._pause = pause

    def blocking(self, *, by_hand: bool = False) -> str:
        """Why nothing may be opened, in one line, or nothing; `by_hand` by the owner himself."""
        kinds = (ENTRIES,) if by_hand else (ENTRIES, AUTOPILOT)
        looks = (self._found(one) for one in self._watched if one.check.blocks in kinds)
        return next((wrong for wrong in looks if wrong), "")

    def _found(self, one: _Watched) -> str:
        """What is wrong; that is also a look without an answer, for what is not known is not trusted."""
        waited = self._clock.monotonic() - one.asked_at if one.asked_at is not None else 0.0
        silent = f"the look at the {one.check.name} has had no answer for {waited:.0f} s"
        return one.wrong or (silent if waited > UNANSWERED_S else "")

    @property
    def late_s(self) -> float:
        """How late the last look came, in wall seconds: the lag of the event loop."""
        return max(0.0, self._lag.late_s)

    def health(self) -> tuple[Health, ...]:
        """Every check for the screens."""
        return tuple(one.health for one in self._watched)

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await self.look()
            slept_at = self._clock.monotonic()
            await self._clock.sleep(self._pause)
            self._lag.late_s = self._clock.monotonic() - slept_at - self._pause

    async def look(self) -> None:
        """Run every check, and tell what changed."""
        for one in self._watched:
            await self._compare(one)

    async def _compare(self, one: _Watched) -> None:
        one.asked_at = self._clock.monotonic()
        try:
            wrong = await one.check.look()
        finally:
            one.asked_at = None
        if bool(wrong) != bool(one.wrong):
            one.since_ms = self._clock.market_ms()
        one.wrong, one.looks = wrong, one.looks + 1 if wrong else 0
        enough = LATE_LOOKS if one.check is self._lag else 1
        if not wrong if one.told else one.looks >= enough:
            await self._tell(one)

    async def _tell(self, one: _Watched) -> None:
        """Once each way. What the disk does not take is told again at the next look."""
        wrong, now, check = one.wrong, self._clock.market_ms(), one.check
        kind = EventKind.TROUBLE if wrong else EventKind.RECOVERED
        severity = Severity.WARNING if wrong else Severity.INFO
        text = f"{wrong[:1].upper()}{wrong[1:]}. {check.meanwhile}" if wrong else check.back
        news = Announcement(f"{check.name}:{now}", kind, severity, text, now)
        try:
            await self._journal.commit(news, SafetyEvent(f"watch:{check.name}", wrong or check.back, now))
        except StoreError:
            return
        one.told = bool(wrong)
        self._herald.announced(news)
        self._herald.changed("status")
