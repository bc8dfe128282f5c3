"""One life of the service: built by its own composition root around an exchange and a folder that stay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from bot.app import keep_trading
from bot.assembly import Core, build_core, connect, recover
from bot.patience import until_answered
from bot.worlds import World, socket_tasks
from core.alerts.attention import Manner, Verdict
from core.alerts.pump import Pump
from core.clock import Clock
from core.engine.api_watchdog.breaker import Breaker
from core.engine.registry import Actor, Answer, Door, Proposal
from core.model.errors import NonceRefused, RateLimited, Transient, VenueError
from core.model.events import Announcement
from core.sim.kraken.server import DEMO_KEY, DEMO_SECRET
from core.store.schema import prepare
from core.store.state_file import InlineExecutor, StateFile
from core.store.telemetry_db import FILE_NAME, TelemetryDb
from core.trading_config import Config
from core.venues.exchange_manager import Access, KrakenVenue
from core.venues.kraken_lane import Lane
from tests.simulation.disk import MODE, MortalDatabase
from tests.simulation.record import LIFE, Fuse, Record
from tests.simulation.street import Street
from tests.simulation.weather import Sky
from tests.support.virtual_time import VirtualLoop

JIMMY = Actor("jimmy", Door.SHELL, "shell")


@dataclass
class Stage:
    """What all lives of a schedule share."""

    rng: Random
    loop: VirtualLoop
    clock: Clock
    record: Record
    sky: Sky
    street: Street
    config: Config
    folder: Path
    slow_down: Callable[[bool], None]
    timeout_s: float
    sockets: bool  # prices, candles and the account are pushed as well
    called: Callable[[Breaker], None] = lambda breaker: None  # hears of every question that heeds a breaker


class Phone:
    """The owner's phone: it hears most things at once, and sometimes is out of reach."""

    name = "telegram"

    def __init__(self, stage: Stage, fuse: Fuse) -> None:
        self._stage, self._fuse = stage, fuse

    async def judge(self, announcement: Announcement) -> Verdict:
        return Verdict(Manner.RING)

    async def deliver(self, announcement: Announcement, verdict: Verdict) -> None:
        self._fuse.step()
        rng, weather = self._stage.rng, self._stage.sky.now
        await asyncio.sleep(rng.uniform(0.02, 0.2))
        if rng.random() < weather.reads / 2:
            self._stage.record.fault("phone out of reach", self._stage.clock.monotonic())
            raise Transient("no answer") if rng.random() < 0.7 else RateLimited("slowly", 3.0)
        self._stage.record.met["told the owner"] += 1
        self._fuse.step()


class Life:
    """The service from its start to its death. Every task that it starts belongs to it and dies with it."""

    def __init__(self, stage: Stage) -> None:
        self.stage, self.fuse = stage, Fuse()
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.ready = False
        self.core: Core | None = None
        self._venue: KrakenVenue | None = None
        self._database: MortalDatabase | None = None

    async def start(self) -> None:
        """As the composition root does it; raises what would end the process."""
        stage = self.stage
        sockets = stage.street.url.replace("http", "ws", 1) if stage.sockets else ""
        access = Access(
            stage.street.url, DEMO_KEY, DEMO_SECRET, tier="starter", timeout_s=stage.timeout_s,
            traded=stage.street.symbols, ws_url=sockets, ws_auth_url=sockets and f"{sockets}/auth",
            audit_s=stage.config.sync.audit_s,
        )  # fmt: skip
        store = await self._store()
        venue = self._venue = KrakenVenue(access, stage.clock, store)
        await venue.start()
        for name in ("public data", "account"):  # orders, and what they depend on, heed no breaker
            overhear(venue._lanes[name], stage.called)
        world = World(
            venue, venue, venue.at_once, venue, stage.clock, stage.street.symbols, "kraken", "simulation",
            stage.slow_down, keep=socket_tasks(venue), line=venue,
        )  # fmt: skip
        pairs = dict(await until_answered(venue.pairs, stage.clock, "memory", self._say, VenueError))
        state_file = StateFile(stage.folder, _MortalExecutor(self.fuse))
        self.core = await build_core(stage.config, world, pairs, store, state_file)
        await connect(self.core)
        await recover(self.core, self.core.engine.mirror.load(), self._say)
        known = self.core.engine.sync.state.begins_ms
        stage.record.met["a start believed its disk" if known else "a start read the whole account"] += 1

    async def _store(self) -> TelemetryDb:
        stage, rng = self.stage, self.stage.rng
        path = stage.folder / FILE_NAME
        found = prepare(path, MODE, stage.folder / "backups")
        self._database = MortalDatabase(
            path, stage.sky, self.fuse, stage.record, lambda: rng.uniform(0.0001, 0.01)
        )
        store = TelemetryDb(self._database, MODE, found)
        await store.outbox.serve((Phone.name,))
        return store

    def _say(self, line: str) -> None:
        self.stage.record.events.append(f"{self.stage.clock.market_ms()} said {line}")

    def trade(self, *, phone: bool = True) -> None:
        """Let the service's own tasks run; without `phone` somebody else carries the messages."""
        core = self.running
        self.ready = True
        if phone:
            pump = Pump(core.store.outbox, [Phone(self.stage, self.fuse)], core.world.clock)
            core.herald.join(announced=pump.wake)
            core.supervisor.keep("pump", pump.run)
        keep_trading(core, True)

    @property
    def running(self) -> Core:
        assert self.core is not None
        return self.core

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something as a part of this life."""
        token = LIFE.set(self)
        task = asyncio.get_running_loop().create_task(work)
        LIFE.reset(token)
        return task

    def lay_down(self) -> None:
        """End it for good: no other life follows."""
        self.fuse.on_death = self.end
        self.fuse.cut()

    def end(self) -> None:
        """What the kernel does for a dead process: nothing of it runs, its lines and files are closed."""
        for task in list(self.tasks):
            task.cancel()
        self.stage.loop.network.cut(self)
        if self._database is not None:
            self._database.bury()
        KrakenVenue._running = None  # a new process knows nothing of the last one's
        if self._venue is not None:
            _as_nobody(self._venue.close())

    async def ask(self, intent: str, number: int, **slots: object) -> Proposal | Answer:
        """Ask as the owner does, and say yes to what is previewed."""
        core = self.running
        request = core.registry.request(intent, slots, JIMMY, f"cmd-{number}")
        outcome = await core.registry.carry_out(request)
        if isinstance(outcome, Proposal):
            await self.stage.clock.sleep(self.stage.rng.uniform(0.2, 3.0))
            return await core.confirmations.confirm(outcome.token, JIMMY)
        return outcome


def overhear(lane: Lane, called: Callable[[Breaker], None]) -> None:
    """Hear of every question of a lane at the moment it is asked, once however often its nonce is refused."""
    client, again = lane._client, set[Any]()
    ask = client.fetch2

    async def asked(*args: Any, **more: Any) -> Any:
        task = asyncio.current_task()
        if task not in again:
            called(lane._breaker)
        again.discard(task)
        try:
            return await ask(*args, **more)
        except NonceRefused:
            again.add(task)
            raise

    client.fetch2 = asked


class _MortalExecutor(InlineExecutor):
    """Writes the mirror at once, while its process lives."""

    def __init__(self, fuse: Fuse) -> None:
        self._fuse = fuse

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self._fuse.step()
        return super().submit(fn, *args, **kwargs)


_undertaken: set[asyncio.Task[Any]] = set()


def _as_nobody(work: Coroutine[Any, Any, Any]) -> None:
    """Tidy up outside of any life."""
    token = LIFE.set(None)
    task = asyncio.get_running_loop().create_task(work)
    LIFE.reset(token)
    _undertaken.add(task)
    task.add_done_callback(_undertaken.discard)


def made_by_life(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> asyncio.Task[Any]:
    """A task factory: whatever a life starts is noted as its own."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **kwargs)
    life = LIFE.get()
    if life is not None:
        life.tasks[task] = None
        task.add_done_callback(lambda done: life.tasks.pop(done, None) and None)
        if life.fuse.dead:
            task.cancel()
    return task
