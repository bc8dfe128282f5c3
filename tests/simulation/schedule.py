"""One schedule: a day of markets, faults, an owner and crashes, drawn from a seed and checked at every step.

The service, its store, the exchange's client library and the local Kraken are the real ones; the loop they
run on moves time only when nothing is left to do.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from traceback import format_exception
from typing import Any

import aiohttp.connector
from aiohttp import web_app
from loguru import logger

from core.clock import WallSeconds
from core.model.errors import ZynError
from core.model.market import ExchangeStatus
from core.trading_config import Config, load
from tests.simulation.auditor import Auditor
from tests.simulation.chances import Chances
from tests.simulation.disk import found_world
from tests.simulation.evidence import Evidence
from tests.simulation.life import LIFE, Life, Stage, made_by_life
from tests.simulation.owner import Owner
from tests.simulation.record import Broken, Killed, Record
from tests.simulation.street import Street
from tests.simulation.verdict import at_the_end
from tests.simulation.weather import ODD_FROM, Sky, Weather, fields_of, method_of
from tests.support.virtual_network import Conditions, Fate, Pipe
from tests.support.virtual_time import SkewedClock, VirtualClock, VirtualLoop

M5, DAY = 300_000, 86_400_000
MIDNIGHT = 1_700_006_400_000  # 2023-11-15 00:00 UTC
FAST = 1800.0  # the pace of a day's long hours; close-ups run at the pace of life
CALM_S = 60.0  # at the end nothing is at fault for so long, and everything must come right
# And within so long the hands of the last minutes are noticed: a start into an emergency asks past its
# budget, as far as 35 points into debt, and of a Starter key a point comes back in three seconds.
QUIET_S = 300.0
MODES = (
    ExchangeStatus.CANCEL_ONLY,
    ExchangeStatus.POST_ONLY,
    ExchangeStatus.LIMIT_ONLY,
    ExchangeStatus.MAINTENANCE,
)
MEMORY = Path("/dev/shm")


@dataclass(frozen=True)
class Outcome:
    """What a schedule came to. `fingerprint` is the same for the same seed."""

    seed: int
    trouble: str
    record: Record
    fingerprint: str

    @property
    def replay(self) -> str:
        return f"python -m tests.simulation {self.seed}"


class Schedule:
    """Everything of one seed."""

    def __init__(self, seed: int, loop: VirtualLoop, folder: Path) -> None:
        self.rng = rng = Random(seed)
        self.seed, self.loop = seed, loop
        self.clock = VirtualClock(loop, MIDNIGHT + rng.randrange(288) * M5 + rng.randrange(M5), 1.0)
        self.record = Record()
        self.sky = Sky(rng, self.record, self.clock.monotonic, odd=seed >= ODD_FROM)
        self.street = Street(rng, self.clock, self.record, self.sky, seed)
        self.evidence = Evidence(found_world(folder))
        self.broken: BaseException | None = None
        self.calm = self.close_up = False
        self.config = self._config()
        self.auditor = Auditor(self.street, self.evidence, self.config.risk)
        self.street.checked = lambda: self._noted(self.auditor.check)
        self.machine = SkewedClock(self.clock)
        self.stage = Stage(
            rng, loop, self.machine, self.record, self.sky, self.street, self.config, folder, self._slow_down,
            rng.choice((3.0, 10.0)), rng.random() < 0.5,
            lambda breaker: self._noted(lambda: self.auditor.called(breaker)),
        )  # fmt: skip
        self.life = Life(self.stage)
        self.owner = Owner(self)
        self.chances = Chances(self)
        self._pace, self._slowed = 1.0, False
        self._late_s = 0.0  # wall time by which the exchange's lists lag behind
        self._wrong_clock = rng.random() < 0.2
        self.sleepy = rng.random() < 0.15  # the machine is a laptop
        self.outages = 0.12  # how often rough weather is that the exchange cannot be reached
        self._line = Conditions(self.sky.latency_s, self._fate, self.sky.late_s, leaving=self._leaving)
        loop.network.conditions = lambda: self._line if LIFE.get() is not None else Conditions()
        loop.network.owner = LIFE.get

    def _config(self) -> Config:
        pick = self.rng.choice
        settings = {
            "filters.enabled": "", "risk.price_band": "1", "risk.cooloff_candles": pick(("0", "0", "6")),
            "risk.daily_loss_limit": pick(("0.002", "0.01", "1")),
            "risk.kill_rearm": pick(("manual", "next_day")),
            "risk.kill_action": pick(("flatten", "flatten", "keep_brackets")),
            "risk.stop_atr": pick(("1", "3")), "risk.take_profit_atr": pick(("1", "4")),
            "edge.gate": "warn", "sync.interval_s": pick(("60", "60", "120")),
            "learning.compare_rules": str(self.seed % 4 == 0).lower(),  # it touches no order, and is slow
        }  # fmt: skip
        if self.rng.random() < 0.3:
            settings["risk.capital"] = "3000"
        return load({}, {}, settings)

    # What the auditor is shown.

    def found(self, error: BaseException) -> None:
        """The first thing that is wrong is the schedule's verdict."""
        self.broken = self.broken or error

    def _noted(self, look: Callable[[], None]) -> None:
        """What the auditor finds inside a call counts, whatever the caller makes of it."""
        try:
            look()
        except Broken as error:
            self.found(error)
            raise

    def _leaving(self) -> None:
        """A process touches its network."""
        if (life := LIFE.get()) is not None:
            life.fuse.step()

    def _fate(self, data: bytes) -> Fate:
        method = method_of(data)
        fields = fields_of(data)
        if nonce := fields.get("nonce"):
            self._noted(lambda: self.auditor.sent(LIFE.get(), nonce))
        if method != "AddOrder":
            self.chances.sleep(method)
            return self.sky.fate(method)
        self._noted(lambda: self.auditor.leaves(fields))
        return self.chances.fate_of(fields["type"]) or self.sky.fate(method)

    # What happens.

    async def run(self) -> None:
        """A rough day, a calm minute, and the reckoning."""
        await self.street.open()
        self._market_opens()
        end_ms = self.clock.market_ms() + DAY
        self.life.begin(self._live(self.life))
        parts = (self._hours, self._jumps, self._skies, self.chances.parts, self.owner.live)
        helpers = [self._guard(part()) for part in parts]
        try:
            await self._watch(lambda: self.clock.market_ms() >= end_ms)
            self._calm_down()
            calm = self.clock.monotonic() + CALM_S
            await self._watch(lambda: self.clock.monotonic() >= calm)
            _stop(helpers)
            self._set_pace(1.0)
            await self._reckoning()
        finally:
            _stop(helpers)
            self.life.lay_down()
            await asyncio.sleep(0.1)
            await self.street.close()
            self.evidence.close()

    def _market_opens(self) -> None:
        if self.rng.random() < 0.3:
            self.street.plan_maintenance(
                self.rng.randrange(1, 22) * 3_600_000, self.rng.randrange(5, 60) * 60_000
            )
            self.record.met["fault: maintenance is planned"] += 1
        for symbol in self.street.symbols:
            if self.rng.random() < 0.5:
                self.owner.deposit_coins(symbol, self.rng.uniform(200, 3000))

    async def _watch(self, over: Callable[[], bool]) -> None:
        midnight = self.clock.market_ms() // DAY
        while not over():
            await asyncio.sleep(0.5)
            self.street.look()
            if self.broken is not None:
                raise self.broken
            self.auditor.watch()
            if self.sky.now.rough and self.clock.monotonic() < self.auditor.hand_until:
                self.auditor.hand_until += 0.5  # what cannot be read cannot be noticed
            if self.clock.market_ms() // DAY != midnight:
                midnight = self.clock.market_ms() // DAY
                self.record.met["midnight with a position" if self.holds else "midnight"] += 1

    async def _reckoning(self) -> None:
        """All must come right by itself within a while; then two restarts change nothing."""
        end = self.clock.monotonic() + QUIET_S
        while True:
            try:
                await at_the_end(self)
                return
            except Broken:
                if self.clock.monotonic() >= end:
                    raise
            step = self.clock.monotonic() + 5.0
            await self._watch(lambda: self.clock.monotonic() >= step)  # noqa: B023 - used at once

    @property
    def holds(self) -> bool:
        return any(one.qty for one in self.auditor.accounts.values())

    def _calm_down(self) -> None:
        self.calm = True
        self.sky.now = Weather()
        self.street.end_maintenance()
        self.street.set_status(ExchangeStatus.ONLINE)
        self._late_s = 0.0
        self.street.show_late(self._late_s, self.clock.speed)
        self.street.reopen()
        self.machine.offset_ms = 0
        self.life.fuse.left = None

    def _guard(self, work: Awaitable[None]) -> asyncio.Task[None]:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - whatever a helper finds is the schedule's verdict
                self.found(error)

        return asyncio.ensure_future(guarded())

    # Lives.

    async def _live(self, life: Life) -> None:
        """Lives follow each other as long as the schedule runs."""
        self.auditor.excused_until = self.clock.monotonic() + 1e6
        try:
            await life.start()
            life.trade()
            self.auditor.excused_until = self.clock.monotonic() + 20.0
        except ZynError as error:
            self.record.met[f"start failed: {type(error).__name__}"] += 1
            self.crash()
        except Exception as error:  # noqa: BLE001 - whatever ends a start unexpectedly is the verdict
            self.found(error)

    def new_life(self) -> Life:
        """The next process on the same folder."""
        life = Life(self.stage)
        life.fuse.on_death = lambda: self._died(life)
        return life

    def crash(self) -> None:
        """kill -9, and a new process a little later."""
        self.life.fuse.cut()

    def _died(self, life: Life) -> None:
        self.record.met["crash with a position" if self.holds else "crash"] += 1
        if any(one.filled and one.left for one in self.street.open_orders()):
            self.record.met["crash with an order filled in part"] += 1
        if life.core is not None and life.core.engine.flatten.busy:
            self.record.met["crash during a flatten"] += 1
        self.record.events.append(f"{self.clock.market_ms()} died")
        life.end()
        self.auditor.excused_until = self.clock.monotonic() + 1e6
        if self.clock.monotonic() < self.auditor.hand_until:
            self.auditor.hand_until += 80.0  # the next life has to look twice again
        self.later(self.rng.uniform(0.5, 20.0), self._reborn)

    def later(self, seconds: float, deed: Callable[[], None]) -> None:
        token = LIFE.set(None)
        self.loop.call_later(seconds, deed)
        LIFE.reset(token)

    def _reborn(self) -> None:
        self.life = self.new_life()
        self.life.begin(self._live(self.life))

    # The day.

    def _set_pace(self, speed: float) -> None:
        self._pace = speed
        self.clock.set_speed(1.0 if self._slowed else speed)
        self.street.show_late(self._late_s, self.clock.speed)

    def _slow_down(self, slow: bool) -> None:
        """While a preview is open the market runs at the pace of life."""
        self._slowed = slow
        self._set_pace(self._pace)

    async def _hours(self) -> None:
        """Hours fly by; between them close-ups run at the pace of life, or half a minute a second."""
        while True:
            await self._run_at(FAST, self.rng.uniform(4, 12))
            self.close_up = True
            await self._run_at(self.rng.choice((1.0, 1.0, 30.0)), self.rng.uniform(8, 24))
            self.close_up = False

    async def _run_at(self, speed: float, seconds: float) -> None:
        self._set_pace(1.0 if self.calm else speed)
        await self.clock.sleep(WallSeconds(seconds))

    async def _jumps(self) -> None:
        """Gaps, more often while an entry is on its way."""
        while True:
            await asyncio.sleep(self.rng.uniform(2.0, 8.0))
            buying = any(intent.request.side == "buy" for intent in self.evidence.unsettled())
            if not self.calm and self.rng.random() < (0.3 if buying else 0.15):
                share = self.rng.choice((-0.06, -0.02, -0.005, 0.005, 0.03))
                self.street.jump(self.rng.choice(self.street.symbols), share)
                self.record.met["the market jumped"] += 1

    async def _skies(self) -> None:
        rng = self.rng
        while True:
            self.sky.now = Weather() if self.calm else self._drawn()
            self.record.last_fault = self.clock.monotonic()
            self._mode()
            self._lag()
            self._disturb_sockets()
            self._step_clock()
            self._change_market()
            await asyncio.sleep(rng.uniform(3, 10) if self.sky.now.disk else rng.uniform(6, 30))

    def _drawn(self) -> Weather:
        pick, rng = self.rng.choice, self.rng
        slow = pick((0.0, 0.0, 0.02, 0.1))
        if rng.random() < 0.45:
            return Weather(slow=slow)
        if rng.random() < self.outages:
            self.record.met["fault: the exchange cannot be reached"] += 1
            return Weather(offline=True)
        rough = rng.uniform(0.05, 0.6)
        disk, kind = pick((0.0, 0.0, 0.1, 1.0)), pick(("full", "locked", "read-only", "failing"))
        reads, writes = pick(((0.0, rough), (rough, 0.0), (rough / 2, rough), (0.0, 0.0)))
        return Weather(reads, writes, disk, kind, slow=slow)

    def _mode(self) -> None:
        self._line.refused = self.sky.now.offline
        closed = not self.calm and self.rng.random() < 0.1
        mode = self.rng.choice(MODES) if closed else ExchangeStatus.ONLINE
        self.street.set_status(mode)
        if closed:
            self.record.met[f"fault: exchange in {mode.value}"] += 1
            self.record.met["maintenance with a position"] += self.holds

    def _lag(self) -> None:
        """How late the exchange shows what happened: some seconds of wall time at today's pace."""
        self._late_s = 0.0 if self.calm or self.rng.random() < 0.6 else self.rng.choice((0.5, 1.0, 2.5))
        self.street.show_late(self._late_s, self.clock.speed)
        if self._late_s:
            self.record.met["fault: the exchange shows things late"] += 1

    def _step_clock(self) -> None:
        """The machine's clock is wrong by a moment, some seconds or an hour; sometimes it is set right."""
        if not self.calm and self._wrong_clock and self.rng.random() < 0.4:
            self.machine.offset_ms = self.rng.choice((0, 400, -900, 2_500, -8_000, 60_000, -3_600_000))
            self.record.met["fault: the machine's clock is stepped"] += 1

    def _change_market(self) -> None:
        """One market closes in part while the others go on."""
        symbol = self.rng.choice(self.street.symbols)
        if self.calm or self.rng.random() < 0.9:
            self.street.reopen()
        else:
            status = self.rng.choice(("cancel_only", "post_only", "reduce_only"))
            self.street.close_market(symbol, status)
            self.record.met[f"fault: a market is {status}"] += 1

    def _sockets(self) -> list[Pipe]:
        return [one for one in self.loop.network.lines(self.life) if one.target.endswith("/v2")]

    def break_sockets(self) -> None:
        """No line outlives a machine's sleep."""
        for one in self._sockets():
            one.break_off()

    def _disturb_sockets(self) -> None:
        """A socket breaks, or stays open and says nothing any more."""
        sockets = self._sockets()
        if self.calm or not sockets or self.rng.random() < 0.5:
            return
        if self.rng.random() < 0.5:
            self.record.met["fault: socket breaks"] += 1
            self.rng.choice(sockets).break_off()
        else:
            self.record.met["fault: socket falls silent"] += 1
            self.rng.choice(sockets).fall_silent()


def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def play(seed: int, prepared: Callable[[Schedule], None] = lambda schedule: None) -> Outcome:
    """Run one seed to its end; `prepared` may change the schedule before it begins."""
    folder = Path(mkdtemp(prefix="zyn-day-", dir=MEMORY if MEMORY.is_dir() else None))
    loop = VirtualLoop()
    loop.set_task_factory(made_by_life)  # type: ignore[arg-type]
    trouble = ""
    try:
        with lines_age_by(loop.time):
            schedule = Schedule(seed, loop, folder)
            prepared(schedule)
            with surprises(loop, schedule.found):
                schedule.life = schedule.new_life()
                loop.run_until_complete(schedule.run())
    except Exception as error:  # noqa: BLE001 - every failure is the seed's verdict
        trouble = str(error) if isinstance(error, Broken) else "".join(format_exception(error))
    finally:
        close(loop)
        web_app._cached_build_middleware.cache_clear()  # else every exchange that ever served stays in memory
        shutil.rmtree(folder, ignore_errors=True)
    events = "\n".join(schedule.record.events)
    return Outcome(seed, trouble, schedule.record, hashlib.sha256(events.encode()).hexdigest())


@contextmanager
def lines_age_by(now: Callable[[], float]) -> Iterator[None]:
    """The client's pool drops idle lines by its own clock, which knows nothing of the loop's."""
    pool: Any = aiohttp.connector
    real, pool.monotonic = pool.monotonic, now
    try:
        yield
    finally:
        pool.monotonic = real


@contextmanager
def surprises(loop: VirtualLoop, found: Callable[[BaseException], None]) -> Iterator[None]:
    """Errors without a name, logged or unheard, are the verdict."""

    def logged(message: Any) -> None:
        caught = message.record["exception"]
        if caught is not None and not isinstance(caught.value, (ZynError, Killed)):
            found(Broken(f"an error nobody expected: {caught.value!r}"))

    def unheard(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if error is not None and not isinstance(error, (Killed, asyncio.CancelledError)):
            found(error)

    loop.set_exception_handler(unheard)
    sink = logger.add(logged, level="ERROR", catch=False, backtrace=False, diagnose=False)
    try:
        yield
    finally:
        logger.remove(sink)


def close(loop: VirtualLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(_ended(rest))
    loop.close()


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
