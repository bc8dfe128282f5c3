"""The database looked after while it runs: a verified copy each day, old rows let go.

Evidence of money and learning is never deleted. What goes: receipts of candles on which nothing happened, and
curve points and errors past their time. SQLite uses the space again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from loguru import logger

from core.clock import Clock, WallSeconds
from core.learning.tuning import name_of, proposal_data, proposal_text
from core.model.errors import StoreError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import TUNING, ErrorFact, Insight
from core.model.time_context import from_ms
from core.store.backup import KEPT, back_up, prune
from core.store.findings import Findings
from core.store.tables import Statement, statements_of
from core.store.telemetry_db import FILE_NAME, TelemetryDb

DAY_MS = 86_400_000
_PATTERN = "trading_memory-daily-*.db"
_ROWS = 500  # deleted in one transaction: a commit that comes then hardly waits
_PAUSE = WallSeconds(0.05)
_ROUND = WallSeconds(600.0)


@dataclass(frozen=True, slots=True)
class Retention:
    """Days of market time that rows stay."""

    holds: int = 2
    marks: int = 400
    errors: int = 90


def _deletes(retention: Retention, now_ms: int) -> list[Statement]:
    """One small step of each kind."""
    wanted = (
        ("decisions", "verdict = 'hold' AND candle_ms < ?", retention.holds),
        ("performance", "time_ms < ?", retention.marks),
        ("errors", "time_ms < ?", retention.errors),
    )
    return [
        Statement(
            f"DELETE FROM {table} WHERE rowid IN (SELECT rowid FROM {table} WHERE {old} LIMIT {_ROWS})",  # noqa: S608
            ((now_ms - days * DAY_MS,),),
        )
        for table, old, days in wanted
    ]


class Housekeeping:
    """A task of the supervisor."""

    def __init__(
        self,
        store: TelemetryDb,
        folder: Path,
        clock: Clock,
        retention: Retention,
        findings: Findings | None = None,
    ) -> None:
        """`findings` are those of the last walk-forward."""
        self._store = store
        self._folder = folder
        self._clock = clock
        self._retention = retention
        self._findings = findings

    async def run(self) -> None:
        """Look every ten minutes, for ever."""
        while True:
            await self._clock.sleep(_ROUND)
            await self.once()

    async def once(self) -> None:
        """Today's copy when there is none yet, then what is past its time."""
        try:
            await self.back_up_today()
            await self.let_go()
            await self.propose()
        except StoreError as error:
            await self._tell(error)

    async def back_up_today(self) -> Path | None:
        """The path of a new verified copy, or None when today has one. Keeps the newest 14."""
        backups = self._folder / "backups"
        day = from_ms(self._clock.wall_ms()).strftime("%Y%m%d")
        target = backups / _PATTERN.replace("*", day)
        if await asyncio.to_thread(target.exists):
            return None
        copy = await asyncio.to_thread(back_up, self._folder / FILE_NAME, target)
        await asyncio.to_thread(prune, backups, _PATTERN, KEPT)
        logger.info("Copied the database to {} ({:,} rows, verified).", target, copy.rows)
        return target

    async def let_go(self) -> int:
        """Delete what is past its time, a few rows at a time; how many."""
        gone = 0
        while changed := await self._store.run(_deletes(self._retention, self._clock.market_ms())):
            gone += changed
            await self._clock.sleep(_PAUSE)
        return gone

    async def propose(self) -> str | None:
        """Put a walk-forward that is worth it before the owner, once; its text, or None. Applies nothing."""
        evidence = await self._findings.last() if self._findings else None
        if evidence is None or not evidence.worth_proposing or name_of(evidence) in await self._proposed():
            return None
        text, data, now = proposal_text(evidence), proposal_data(evidence), self._clock.market_ms()
        news = Announcement(f"tuning:{data['name']}", EventKind.NOTICE, Severity.INFO, text, now, data=data)
        await self._store.commit(Insight(TUNING, text, now, data), news)
        return text

    async def _proposed(self) -> set[str]:
        return {str(one.data.get("name")) for one in await self._store.proposals()}

    async def _tell(self, error: StoreError) -> None:
        """A copy or a clean-up that failed: once a day, with the way out."""
        now = self._clock.market_ms()
        day = from_ms(self._clock.wall_ms()).strftime("%Y%m%d")
        text = f"Today's copy of the database failed: {error} Trading goes on; zyn backup tries again."
        news = Announcement(f"backup:{day}", EventKind.TROUBLE, Severity.WARNING, text, now)
        facts = ErrorFact("housekeeping", str(error), now), news
        try:
            await self._store.run(statements_of(facts, self._store.mode))
        except StoreError:
            logger.error("{}", text)
