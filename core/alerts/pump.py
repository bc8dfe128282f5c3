"""The outbox pump: carries what jimmy must learn to each channel, at least once, in order of importance.

Every channel has a lane of its own, so that one that is down never holds up another. A row leaves the outbox
only after its channel has said delivered; trouble means waiting, never losing. The pump itself never dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from loguru import logger

from core.alerts.attention import Manner, Verdict
from core.alerts.naps import nap
from core.alerts.parcels import Parcel, one_by_one, together
from core.clock import Clock, WallSeconds
from core.model.errors import AuthFailed, RateLimited, Rejected, Transient, ZynError
from core.model.events import Announcement
from core.model.outbox import OutboxRow

BATCH = 200
IDLE_S = 30.0  # a lost wake-up costs at most this
BACKOFF_MAX_S = 30.0
REFUSED_S, REFUSED_MAX_S = 900.0, 21_600.0  # a refused message is tried again much later


class OutboxRows(Protocol):
    """The pump's side of the outbox. Times are milliseconds of the wall clock."""

    async def pending(self, channel: str, now_wall_ms: int, limit: int = ...) -> list[OutboxRow]: ...

    async def next_retry_ms(self, channel: str) -> int | None: ...

    async def delivered(self, id: int) -> None: ...

    async def failed(self, id: int, error: str, retry_at_wall_ms: int) -> None: ...

    async def postpone(self, id: int, until_wall_ms: int) -> None: ...


class Channel(Protocol):
    """A way to the owner."""

    @property
    def name(self) -> str: ...

    async def judge(self, announcement: Announcement) -> Verdict:
        """How this channel tells it now; what it does not want counts as delivered."""
        ...

    async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
        """Send it. Raises Transient, RateLimited, AuthFailed or Rejected."""
        ...


class Pump:
    """Runs one lane a channel until cancelled."""

    def __init__(
        self, outbox: OutboxRows, channels: Sequence[Channel], clock: Clock, zone: str = "UTC"
    ) -> None:
        """`zone` is the owner's: the times in collected messages are read in it."""
        self._lanes = [Lane(outbox, channel, clock, zone) for channel in channels]

    async def run(self) -> None:
        async with asyncio.TaskGroup() as lanes:
            for lane in self._lanes:
                lanes.create_task(lane.run(), name=f"pump {lane.name}")

    def wake(self, announcement: Announcement | None = None) -> None:
        """Look into the outbox now. Losing a call loses nothing."""
        for lane in self._lanes:
            lane.bell.set()

    def retry(self, channel: str) -> None:
        """A channel is back: end its lane's waiting, unless the channel itself asked for patience."""
        for lane in self._lanes:
            if lane.name == channel:
                lane.again.set()


class Lane:
    """One channel's way: takes what is due, hands it over, waits."""

    def __init__(self, outbox: OutboxRows, channel: Channel, clock: Clock, zone: str) -> None:
        self._outbox = outbox
        self._channel = channel
        self._clock = clock
        self._zone = zone
        self._failures = 0
        self._catching_up = True  # the first look after a start may find an outage's worth
        self._held_until = 0  # wall ms; what was held back for quiet hours comes due together then
        self._kept: Parcel | None = None  # failed without a clear no: repeated unchanged
        self._unmarked: set[int] = set()  # sent, but the outbox could not be told yet
        self.name = channel.name
        self.bell = asyncio.Event()
        self.again = asyncio.Event()

    async def run(self) -> None:
        while True:
            self.bell.clear()
            self.again.clear()
            try:
                await self._round()
                await nap(self._clock, self.bell, await self._next_due_s())
            except RateLimited as error:
                await self._clock.sleep(WallSeconds(error.after_s))
            except Transient:
                await nap(self._clock, self.again, self._backoff())
            except ZynError as error:
                self._say_once(f"The outbox cannot be read or written ({error}); alerts wait.")
                await nap(self._clock, self.again, self._backoff())
            except Exception as error:  # noqa: BLE001 - the pump outlives every surprise
                logger.opt(exception=error).error(f"The {self.name} lane stumbled; it goes on")
                await nap(self._clock, self.again, self._backoff())

    async def _round(self) -> None:
        """Hand over everything that is due, in order. Raises what stopped it."""
        for id in tuple(self._unmarked):
            await self._mark(id)
        rows = await self._outbox.pending(self.name, self._clock.wall_ms(), BATCH)
        if self._held_until and self._clock.wall_ms() >= self._held_until:
            self._catching_up, self._held_until = True, 0
        for parcel in self._parcels(*await self._wanted(rows)):
            await self._hand_over(parcel)
        self._catching_up = len(rows) == BATCH

    async def _wanted(self, rows: list[OutboxRow]) -> tuple[list[OutboxRow], set[int]]:
        """What is to be told now, and which of it alone."""
        wanted, alone = [], set()
        for row in rows:
            verdict = await self._channel.judge(row.announcement)
            if verdict.manner is Manner.OFF:
                await self._mark(row.id)
            elif verdict.manner is Manner.WAIT:
                await self._outbox.postpone(row.id, verdict.until_ms)
                self._held_until = max(self._held_until, verdict.until_ms)
            else:
                wanted.append(row)
                alone |= {row.id} if verdict.alone else set()
        return wanted, alone

    def _parcels(self, rows: list[OutboxRow], alone: set[int]) -> list[Parcel]:
        kept = [self._kept] if self._kept else []
        fresh = [row for row in rows if not (self._kept and row.id in self._kept.ids)]
        parcels = together(fresh, self._zone, alone) if self._catching_up else one_by_one(fresh)
        return sorted([*kept, *parcels], key=lambda parcel: parcel.rank)

    async def _hand_over(self, parcel: Parcel) -> None:
        try:
            await self._channel.deliver(parcel.announcement, await self._channel.judge(parcel.announcement))
        except Transient as error:
            await self._keep(parcel, error)
            raise
        except (Rejected, AuthFailed) as error:
            await self._put_aside(parcel, error)
            return
        self._recovered(parcel)
        for id in parcel.ids:
            self._unmarked.add(id)
            await self._mark(id)

    async def _keep(self, parcel: Parcel, error: Transient) -> None:
        """Nobody said no: the same message goes out again after the lane's pause."""
        self._catching_up, self._kept = True, parcel
        self._say_once(f"Alerts by {self.name} wait: {error}. I try again by myself.")
        # One row carries the evidence; the lane's own pause holds back them all.
        await self._outbox.failed(parcel.rows[0].id, str(error), self._clock.wall_ms())

    async def _put_aside(self, parcel: Parcel, error: ZynError) -> None:
        """The channel said no to this one: try it much later, and go on with the others."""
        logger.warning(f"An alert by {self.name} was refused ({error}); I try it again later.")
        self._forget(parcel)
        for row in parcel.rows:
            wait = min(REFUSED_MAX_S, REFUSED_S * 2 ** min(row.attempts, 10))
            await self._outbox.failed(row.id, str(error), self._clock.wall_ms() + round(wait * 1000))

    async def _mark(self, id: int) -> None:
        await self._outbox.delivered(id)
        self._unmarked.discard(id)

    def _recovered(self, parcel: Parcel) -> None:
        if self._failures:
            logger.info(f"Alerts by {self.name} go out again.")
        self._failures = 0
        self._forget(parcel)

    def _forget(self, parcel: Parcel) -> None:
        if self._kept is parcel:
            self._kept = None

    def _say_once(self, text: str) -> None:
        if not self._failures:
            logger.warning(text)

    def _backoff(self) -> float:
        self._failures += 1
        return min(BACKOFF_MAX_S, 2.0 ** (min(self._failures, 10) - 1))

    async def _next_due_s(self) -> float:
        """Until the next row may be tried, at most half a minute."""
        due_ms = await self._outbox.next_retry_ms(self.name)
        if due_ms is None:
            return IDLE_S
        return min(IDLE_S, max(0.0, (due_ms - self._clock.wall_ms()) / 1000))
