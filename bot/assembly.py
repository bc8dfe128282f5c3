"""The composition root's inner half: Zyn without its doors, everything that trades and answers.

Start-up is recovery: the folder is locked, the database checked, the world opened, the book made equal to
the exchange, and only then may anything be opened.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from loguru import logger

from bot.herald import Fanout
from bot.patience import until_answered
from bot.voices import Closable, give_voice
from bot.worlds import World, open_world
from core.agent.budget import Budget
from core.agent.llm_agent import Conversation
from core.agent.rehearsal import Rehearsal
from core.alerts.assembly import Alarms, Line, build_alarms
from core.clock import Clock
from core.engine.assembly import Engine, Ports, build_engine
from core.engine.audit import Audit
from core.engine.commands import Commands
from core.engine.confirmations import Confirmations
from core.engine.edge_report import EdgeReport
from core.engine.latches import DATABASE_LOST
from core.engine.learning_command import LearningCommand
from core.engine.manual import ManualOrders
from core.engine.parity import Parity, SeenMarket
from core.engine.policies import Policies
from core.engine.queries import Panel, Queries
from core.engine.receipts import JournalReceipts
from core.engine.registry import Registry
from core.engine.status_service import StatusService
from core.engine.supervisor import Supervisor
from core.engine.universe_command import UniverseCommand
from core.lab.chat import ChatBacktest
from core.model.errors import ConfigError, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import ErrorFact, SafetyEvent
from core.model.ids import account_namespace
from core.model.market import Pair
from core.model.views import Health
from core.pictures.chart_command import Charts
from core.store.findings import findings_in
from core.store.instance import DataFolder
from core.store.state_file import StateFile
from core.store.telemetry_db import TelemetryDb
from core.trading_config import Config


@dataclass(slots=True)
class Core:
    """Zyn without its doors: everything that trades and answers."""

    config: Config
    world: World
    store: TelemetryDb
    herald: Fanout
    supervisor: Supervisor
    engine: Engine
    status: StatusService
    registry: Registry
    confirmations: Confirmations
    conversation: Conversation
    rehearsal: Rehearsal
    alarms: Alarms
    doors: list[Callable[[], Health]]
    panels: dict[str, Panel]
    policies: Policies
    budget: Budget | None
    clients: list[Closable]  # of the model's service

    async def close_clients(self) -> None:
        """Let go of the connections to the model's service; nobody may ask it any more."""
        for client in self.clients:
            await client.close()

    async def how_it_stands(self) -> Mapping[str, Any]:
        """The status as JSON values, for other commands of this machine."""
        return asdict(await self.status.status())

    async def audit(self) -> Mapping[str, Any]:
        """Every stored result derived again from the exchange: {"checked", "differences"}."""
        return asdict(await Audit(self.world.account, self.engine.portfolio, self.store).run())


Through = Callable[[Ports], Ports]


def as_they_are(ports: Ports) -> Ports:
    """Ports that nothing stands in front of."""
    return ports


@asynccontextmanager
async def open_core(
    config: Config,
    channels: tuple[str, ...],
    say: Callable[[str], None],
    line: Line | None = None,
    through: Through = as_they_are,
) -> AsyncIterator[Core]:
    """Lock the folder, open store and world, recover. Trading is not started yet.

    The engine's ports pass `through`: a campaign that kills the process puts its death there.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(DataFolder(config.world_dir))
        store = await TelemetryDb.open(config.world_dir, config.service.mode, channels)
        stack.push_async_callback(store.close)
        state_file = StateFile(config.world_dir)
        stack.callback(state_file.close)
        state = await asyncio.to_thread(state_file.load) or {}
        world = await open_world(config, state, stack, say, store)
        pairs = await _pairs(world, config, say)
        core = await build_core(config, world, pairs, store, state_file, line, through)
        stack.push_async_callback(core.close_clients)
        stack.push_async_callback(core.supervisor.stop)
        await connect(core)
        await recover(core, await asyncio.to_thread(core.engine.mirror.load), say)
        yield core


async def _pairs(world: World, config: Config, say: Callable[[str], None]) -> dict[str, Pair]:
    """Every pair of the exchange, and among them all that are to be traded."""
    where = config.service.kraken_api_base_url
    pairs = dict(await until_answered(world.market.pairs, world.clock, where, say, VenueError))
    _check_symbols(world.symbols, pairs)
    return pairs


def _check_symbols(symbols: tuple[str, ...], pairs: dict[str, Pair]) -> None:
    unknown = [symbol for symbol in symbols if symbol not in pairs]
    if unknown:
        raise ConfigError([f"ZYN_SYMBOLS: Kraken has no pair {symbol}" for symbol in unknown])


async def build_core(
    config: Config,
    world: World,
    pairs: dict[str, Pair],
    store: TelemetryDb,
    state_file: StateFile,
    line: Line | None = None,
    through: Through = as_they_are,
) -> Core:
    """Put the engine and its voices together over one world. Nothing is read or started yet."""
    herald, clock = Fanout(), world.clock
    herald.join(announced=_log)
    supervisor = Supervisor(clock, _Failures(store, herald, clock.market_ms))
    receipts = JournalReceipts(store, herald, clock)
    parity = Parity(pairs, config.costs, world.told) if world.source == "kraken" else None
    found = findings_in(config.service.data_dir)
    ports = through(replace(_ports(world, store, state_file, herald, parity), findings=found))
    name = account_namespace(config.service.mode, world.account_name)
    engine = build_engine(config, ports, supervisor, receipts, pairs, world.symbols, name, world.mirrored)
    doors: list[Callable[[], Health]] = []
    status = _status(config, world, engine, store, pairs, receipts, doors)
    confirmations = Confirmations(clock, store, _market_pace(world))
    policies = _policies(config, engine, store, confirmations, status, clock)
    panels: dict[str, Panel] = {"limits": policies.limits}
    registry = _offers(config, world, engine, status, confirmations, store, policies, panels)
    alarms = build_alarms(config, store, world.market, engine.portfolio, registry, herald, clock, line)
    await alarms.load()
    voices = await give_voice(config, registry, confirmations, store, status, clock, alarms.attention.heed)
    return Core(
        config=config,
        world=world,
        store=store,
        herald=herald,
        supervisor=supervisor,
        engine=engine,
        status=status,
        registry=registry,
        confirmations=confirmations,
        conversation=voices.conversation,
        rehearsal=voices.rehearsal,
        alarms=alarms,
        doors=doors,
        panels=panels,
        policies=policies,
        budget=voices.budget,
        clients=voices.clients,
    )


def _ports(
    world: World, store: TelemetryDb, state_file: StateFile, herald: Fanout, parity: Parity | None
) -> Ports:
    """What the engine needs of this world."""
    market = SeenMarket(world.market, parity) if parity else world.market
    return Ports(
        market, world.account, world.at_once, world.orders, store, state_file, herald, world.clock, store,
        world.line, parity, store, store, world.agreeing,
    )  # fmt: skip


def _log(news: Announcement) -> None:
    """Everything announced is a log line too, under the id of the order or decision it came of."""
    level = "WARNING" if news.severity >= Severity.WARNING else "INFO"
    logger.bind(correlation=news.correlation or "-").log(level, "{}: {}", news.kind.value, news.text)


def _status(
    config: Config,
    world: World,
    engine: Engine,
    store: TelemetryDb,
    pairs: dict[str, Pair],
    receipts: JournalReceipts,
    doors: list[Callable[[], Health]],
) -> StatusService:
    """The one source of everything shown; `doors` may still grow."""

    def health() -> tuple[Health, ...]:
        return (*engine.watchdog.health(), *(door() for door in doors))

    service = config.service
    return StatusService(
        engine.sync, engine.portfolio, engine.treasury, engine.tracks, engine.autopilot, engine.latches,
        world.market, world.at_once, store, world.clock, pairs, service.mode, world.source, engine.gates,
        service.owner_name, service.timezone, lambda: receipts.activity, health, engine.parity,
    )  # fmt: skip


def _offers(
    config: Config,
    world: World,
    engine: Engine,
    status: StatusService,
    confirmations: Confirmations,
    store: TelemetryDb,
    policies: Policies,
    panels: Mapping[str, Panel],
) -> Registry:
    """Everything that can be asked, bound to who carries it out."""
    registry, service, lessons = Registry(), config.service, engine.gates.lessons
    manual = ManualOrders(
        config, world.market, engine.entrance, engine.portfolio, engine.treasury, engine.tracks,
        engine.latches, engine.blocked_by_hand,
    )  # fmt: skip
    commands = Commands(
        config, status, manual, engine.entrance, engine.protection, engine.flatten, engine.portfolio,
        engine.treasury, engine.executor, engine.latches, confirmations, engine.sync, service.mode,
        engine.gates.edge, engine.pausing,
    )  # fmt: skip
    commands.bind(registry)
    UniverseCommand(
        engine.gates.universe, engine.tracks, confirmations, config.agent.confirm_s, service.mode
    ).bind(registry)
    edge = EdgeReport(
        engine.gates.edge, engine.entrance, engine.makers, engine.parity, world.market, engine.tracks,
        config.risk, config.indicators,
    )  # fmt: skip
    policies.bind(registry, commands.tuition)
    Queries(status, edge, panels, lessons.regimes if lessons else None).bind(registry)
    if lessons:
        LearningCommand(
            lessons, status, engine.portfolio, confirmations, config.agent.confirm_s, service.base_currency,
            service.mode, engine.gates.rivals,
        ).bind(registry)  # fmt: skip
    ChatBacktest(config, world.market, world.symbols).bind(registry)
    Charts(status, store, service.timezone, config.autopilot.timeframe).bind(registry)
    return registry


def _policies(
    config: Config, engine: Engine, store: TelemetryDb, confirmations: Confirmations, status: StatusService,
    clock: Clock,
) -> Policies:  # fmt: skip
    """The limits and the mandate by talk."""
    return Policies(
        engine.in_force, store, confirmations, status, engine.entrance, engine.treasury, engine.portfolio,
        clock, config.service.mode, config.agent.confirm_s, engine.mirror.save,
    )  # fmt: skip


def _market_pace(world: World) -> Callable[[int], None]:
    """While a preview is open the demo's market runs at the speed of life, so that its price still holds."""

    def pace(open_previews: int) -> None:
        if world.at_life_speed is not None:
            world.at_life_speed(open_previews > 0)

    return pace


async def connect(core: Core) -> None:
    """Let the world's own tasks run, and its sockets stand before the first reading."""
    for name, part in core.world.keep.items():
        core.supervisor.keep(name, part)
    if core.world.line is not None:
        core.world.line.when_changed(core.engine.sync.soon)
        await core.world.line.warm_up()


async def recover(core: Core, state: Mapping[str, Any], say: Callable[[str], None]) -> None:
    """Make the book equal to the exchange, whatever happened before. `state` is what the mirror gave."""
    engine, store = core.engine, core.store
    await engine.latches.load()
    await engine.gates.edge.tuition.load()
    await engine.makers.load()
    if engine.parity is not None:
        engine.parity.load(await store.parity())
    await engine.mirror.restore_tracks(state, None if store.created else store.newest_receipts)
    engine.treasury.restore_day(state.get("day"))
    await core.policies.load(state.get("mandate"))
    where = core.config.service.kraken_api_base_url
    await until_answered(engine.sync.recover, core.world.clock, where, say)
    engine.mirror.restore_targets(state)
    await until_answered(engine.treasury.refresh, core.world.clock, where, say)
    await engine.treasury.roll_day(core.world.clock.market_ms())
    if store.created and (state or engine.portfolio.own_txids):
        reason = "the database was lost; all was rebuilt from Kraken, and /unlock lets me trade again"
        await engine.latches.set(DATABASE_LOST, reason)
        await announce(core, EventKind.TROUBLE, Severity.CRITICAL, reason[:1].upper() + reason[1:] + ".")


async def announce(core: Core, kind: EventKind, severity: Severity, text: str) -> None:
    """Tell the owner something that no part of the engine tells."""
    now = core.world.clock.market_ms()
    news = Announcement(f"{kind.value}:{now}", kind, severity, text, now)
    await core.store.commit(news)
    core.herald.announced(news)


class _Failures:
    """What happens when a supervised task fails: log, keep, and tell the owner once an hour at most."""

    def __init__(self, store: TelemetryDb, herald: Fanout, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._herald = herald
        self._now_ms = now_ms

    async def __call__(self, name: str, error: BaseException) -> None:
        logger.opt(exception=error).error("{} failed: {}", name, error)
        now = self._now_ms()
        text = (
            f"My {name} stumbled ({type(error).__name__}) and was started again. Your stops rest on Kraken."
        )
        news = Announcement(f"task:{name}:{now // 3_600_000}", EventKind.TROUBLE, Severity.WARNING, text, now)
        fact = ErrorFact(name, str(error), now)
        await self._store.commit(fact, SafetyEvent(f"task_failed:{name}", str(error), now), news)
        self._herald.announced(news)
