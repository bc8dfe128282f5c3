"""One life of the engine: built as the composition root builds it, around an exchange and disk that stay."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextvars import ContextVar
from typing import Any

from core.engine.assembly import Ports, build_engine
from core.engine.commands import Commands
from core.engine.confirmations import Confirmations
from core.engine.manual import ManualOrders
from core.engine.receipts import JournalReceipts
from core.engine.registry import Actor, Answer, Door, Proposal, Registry
from core.engine.status_service import StatusService
from core.engine.supervisor import Supervisor
from core.model.errors import StoreError, Transient, ZynError
from core.model.ids import account_namespace
from core.trading_config import Config
from tests.support.chaos import Bourse, Disk, Fuse, Killed, Wire
from tests.support.trading import PAIRS, KeptJournal, Silent

LIFE: ContextVar[Life | None] = ContextVar("LIFE", default=None)
JIMMY = Actor("jimmy", Door.SHELL, "shell")


class NoEvidence:
    """Nobody asks for decisions here."""

    async def decisions(self, *args: Any, **kwargs: Any) -> list[Any]:
        return []

    async def equity_points(self, from_ms: int, limit: int) -> list[Any]:
        return []


class Life:
    """An engine from its start to its death. Every task that it starts belongs to it and dies with it."""

    def __init__(self, config: Config, bourse: Bourse, journal: KeptJournal, silent: Silent) -> None:
        self.fuse, self.tasks = Fuse(), set[asyncio.Task[Any]]()
        self.ready = False
        self.surprises: list[str] = []
        self.bourse, self._silent = bourse, silent
        wire, disk, clock = Wire(bourse, self.fuse), Disk(journal, bourse, self.fuse), bourse.clock
        self.supervisor = Supervisor(clock, self._failed)
        receipts = JournalReceipts(disk, silent, clock)
        ports = Ports(wire, wire, wire, wire, disk, silent, silent, clock)
        symbols, namespace = tuple(PAIRS), account_namespace("demo", "chaos")
        engine = build_engine(config, ports, self.supervisor, receipts, PAIRS, symbols, namespace, {})
        self.engine, self.confirmations = engine, Confirmations(clock, disk, lambda count: None)
        self.registry = Registry()
        manual = ManualOrders(
            config, wire, engine.entrance, engine.portfolio, engine.treasury, engine.tracks, engine.latches
        )
        status = StatusService(
            engine.sync, engine.portfolio, engine.treasury, engine.tracks, engine.autopilot, engine.latches,
            wire, wire, NoEvidence(), clock, PAIRS, "demo", "kraken", "jimmy", "UTC",
            lambda: receipts.activity, engine.watchdog.health,
        )  # fmt: skip
        Commands(
            config, status, manual, engine.entrance, engine.protection, engine.flatten, engine.portfolio,
            engine.treasury, engine.executor, engine.latches, self.confirmations, engine.sync, "demo",
        ).bind(self.registry)  # fmt: skip

    async def _failed(self, name: str, error: BaseException) -> None:
        self.bourse.record.met[f"task failed: {name} {type(error).__name__}"] += 1
        if not isinstance(error, ZynError):
            self.surprises.append(f"{name}: {error!r}")
        self.fuse.step()
        if self.bourse.rng.random() < self.bourse.weather.disk_fails:
            raise StoreError("disk full")  # the real one writes what failed

    async def start(self) -> None:
        """As the composition root does it; raises what would end the process."""
        engine = self.engine
        await engine.latches.load()
        state = engine.mirror.load()
        engine.mirror.restore_tracks(state)
        while True:
            try:
                await engine.sync.recover()
                break
            except Transient:
                await self.bourse.clock.sleep(2.0)
        engine.mirror.restore_targets(state)
        await engine.treasury.refresh()
        await engine.treasury.roll_day(self.bourse.clock.market_ms())

    def trade(self) -> None:
        """Let the engine's own tasks run."""
        self.ready = True
        for name, part in (
            ("sync", self.engine.sync), ("watchdog", self.engine.watchdog), ("watch", self.engine.watch),
            ("autopilot", self.engine.autopilot),
        ):  # fmt: skip
            self.supervisor.keep(name, part.run)

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
        for task in list(self.tasks):
            task.cancel()

    async def ask(self, intent: str, number: int, **slots: object) -> Proposal | Answer:
        """Ask as the owner does, and say yes to what is previewed."""
        request = self.registry.request(intent, slots, JIMMY, f"cmd-{number}")
        outcome = await self.registry.carry_out(request)
        if isinstance(outcome, Proposal):
            await self.bourse.clock.sleep(self.bourse.rng.uniform(0.2, 3.0))
            return await self.confirmations.confirm(outcome.token, JIMMY)
        return outcome


def made_by_life(loop: asyncio.AbstractEventLoop, work: Any, **kwargs: Any) -> asyncio.Task[Any]:
    """A task factory: whatever a life starts is noted as its own."""
    task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **kwargs)
    life = LIFE.get()
    if life is not None:
        life.tasks.add(task)
        task.add_done_callback(life.tasks.discard)
        if life.fuse.dead:
            task.cancel()
    return task


__all__ = ["JIMMY", "Killed", "Life", "made_by_life"]
