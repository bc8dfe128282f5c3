"""The engine put together from its ports. The service, the backtest and the tests all get the same one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial

from core.clock import Clock, WallSeconds
from core.engine.account_sync import AccountSync
from core.engine.api_watchdog.account import Settlement
from core.engine.api_watchdog.candles import Candles
from core.engine.api_watchdog.check import Check
from core.engine.api_watchdog.clocks import Clocks
from core.engine.api_watchdog.database import Database
from core.engine.api_watchdog.maintenance import Incidents, Maintenance
from core.engine.api_watchdog.peers import Peers
from core.engine.api_watchdog.sockets import Sockets
from core.engine.api_watchdog.watchdog import Watchdog
from core.engine.autopilot import Autopilot
from core.engine.bookkeeper import Bookkeeper
from core.engine.crypto_universe import CryptoUniverse
from core.engine.edge_gate import EdgeGate
from core.engine.edge_outlook import EdgeOutlook
from core.engine.entrance import Entrance
from core.engine.executor import Executor
from core.engine.flatten import Flatten
from core.engine.gates import Gates
from core.engine.in_force import InForce
from core.engine.intents import Intents
from core.engine.kill_switch import KillSwitch
from core.engine.known_past import KnownPast
from core.engine.last_prices import LastPrices
from core.engine.latches import BROKEN, Latches
from core.engine.lessons import Lessons, LessonStore
from core.engine.maker_first import MakerFirst
from core.engine.midnight import Midnight
from core.engine.mirror_state import MirrorState
from core.engine.parity import Parity
from core.engine.pausing import Pausing
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal, Line, Market, Mirror, Orders, WalkForwards
from core.engine.profit_session import ProfitSession
from core.engine.protection import Protection
from core.engine.receipts import Receipts
from core.engine.rival_rules import NoRivalry, RivalRules, Rivalry
from core.engine.slow_frames import SlowFrames
from core.engine.supervisor import OnFailure, Supervisor
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.engine.tuition import Tuition
from core.engine.values import ForOneRun, Values
from core.engine.watch import PriceWatch
from core.learning.recorder import Terms
from core.model.market import Pair, Timeframe
from core.strategy.rule import rule_name
from core.trading_config import Config

_WATCH_PAUSE = WallSeconds(1.0)
_WATCHDOG_PAUSE = WallSeconds(5.0)
_FALLBACK_STOP = 0.05  # below entry, when a wanted stop price was lost with everything else


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the engine needs of its world."""

    market: Market
    account: Account  # within the request budget
    at_once: Account  # the same account without waiting, for what guards or reduces risk
    orders: Orders
    journal: Journal
    mirror: Mirror
    herald: Herald
    clock: Clock
    values: Values = field(default_factory=ForOneRun)
    line: Line | None = None  # the way to the exchange, where there is one to watch
    parity: Parity | None = None  # where the account is an exchange's
    lessons: LessonStore | None = None  # where signals are followed and learned from
    rivalry: Rivalry = field(default_factory=NoRivalry)  # where rules that only watch are kept
    agreeing: int = 0  # own trades that must agree with their shadows before lessons act
    findings: WalkForwards | None = None  # where there is an owner to show them to


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's parts."""

    portfolio: Portfolio
    treasury: Treasury
    in_force: InForce
    latches: Latches
    tracks: Tracks
    bookkeeper: Bookkeeper
    executor: Executor
    protection: Protection
    entrance: Entrance
    flatten: Flatten
    kill_switch: KillSwitch
    gates: Gates
    makers: MakerFirst
    autopilot: Autopilot
    watch: PriceWatch
    sync: AccountSync
    watchdog: Watchdog
    mirror: MirrorState
    pausing: Pausing
    parity: Parity | None
    blocked_by_hand: Callable[[], str]  # why the owner's own entries wait too, besides latches


@dataclass(frozen=True, slots=True)
class _Books:
    """What is known: positions, latches, judged candles, money."""

    portfolio: Portfolio
    latches: Latches
    tracks: Tracks
    mirror: MirrorState
    treasury: Treasury
    in_force: InForce


@dataclass(frozen=True, slots=True)
class _Hands:
    """What acts on orders."""

    bookkeeper: Bookkeeper
    executor: Executor
    protection: Protection
    entrance: Entrance
    flatten: Flatten
    kill_switch: KillSwitch


def build_engine(
    config: Config,
    ports: Ports,
    supervisor: Supervisor,
    receipts: Receipts,
    pairs: Mapping[str, Pair],
    symbols: Iterable[str],
    namespace: uuid.UUID,
    mirrored: Mapping[str, Callable[[], object]],
) -> Engine:
    """Wire the engine. `namespace` makes its order ids; `mirrored` are further parts of state.json."""
    clock, journal, herald = ports.clock, ports.journal, ports.herald
    books = _books(config, ports, pairs, symbols, mirrored)
    portfolio, latches, tracks = books.portfolio, books.latches, books.tracks
    mirror, treasury, in_force, zone = books.mirror, books.treasury, books.in_force, config.service.timezone

    def booked() -> None:
        mirror.save()
        sync.soon()

    peers = Peers(ports.market)
    hands = _hands(
        config, ports, supervisor, books, namespace, booked, lambda: peers.closed, lambda: sync.soon()
    )
    past = KnownPast(journal, portfolio, hands.bookkeeper, clock, f"account:{namespace}")
    sync = AccountSync(
        ports.account, ports.at_once, journal, portfolio, hands.bookkeeper, hands.executor,
        hands.protection, treasury, herald, clock, config.sync.interval_s, past,
    )  # fmt: skip

    def blocked(*, by_hand: bool = False) -> str:
        return watchdog.blocking(by_hand=by_hand) if config.features.api_watchdog else ""

    gates = _gates(config, ports, books, receipts, lambda: autopilot.rule)
    makers = _makers(config, ports, hands, supervisor)
    autopilot = Autopilot(
        config, ports.market, tracks, portfolio, treasury, hands.entrance, hands.protection, latches,
        hands.kill_switch, receipts, gates, makers, in_force, clock, blocked, mirror.save,
    )  # fmt: skip
    watch = PriceWatch(
        ports.market, portfolio, hands.protection, treasury, hands.kill_switch, herald, clock, sync.soon,
        hands.flatten.take_up, supervisor.spawn, _WATCH_PAUSE,
    )  # fmt: skip
    watchdog = _watchdog(config, ports, peers, sync, autopilot)
    supervisor.when_broken(_lock(latches))
    return Engine(
        portfolio, treasury, in_force, latches, tracks, hands.bookkeeper, hands.executor, hands.protection,
        hands.entrance, hands.flatten, hands.kill_switch, gates, makers, autopilot, watch, sync, watchdog,
        mirror, Pausing(latches, herald, clock, zone), ports.parity, partial(blocked, by_hand=True),
    )  # fmt: skip


def _makers(config: Config, ports: Ports, hands: _Hands, supervisor: Supervisor) -> MakerFirst:
    return MakerFirst(
        hands.entrance, hands.executor, hands.protection, ports.values, ports.clock, config.execution,
        supervisor.spawn,
    )  # fmt: skip


def _watchdog(
    config: Config, ports: Ports, peers: Peers, sync: AccountSync, autopilot: Autopilot
) -> Watchdog:
    clock, line = ports.clock, ports.line
    checks: list[Check] = [peers, Maintenance(ports.market, clock), Incidents(ports.market)]
    if line is not None:
        checks += [Sockets(line, clock), Clocks(line, clock)]
    length_ms = Timeframe(config.autopilot.timeframe).ms
    checks += [
        Settlement(sync, clock, config.sync.interval_s), Candles(autopilot, clock, length_ms),
        Database(ports.journal, clock),
    ]  # fmt: skip
    return Watchdog(checks, ports.journal, ports.herald, clock, _WATCHDOG_PAUSE)


def _books(
    config: Config,
    ports: Ports,
    pairs: Mapping[str, Pair],
    symbols: Iterable[str],
    mirrored: Mapping[str, Callable[[], object]],
) -> _Books:
    service, clock = config.service, ports.clock
    portfolio, latches = Portfolio(pairs), Latches(ports.journal, clock)
    timeframe = Timeframe(config.autopilot.timeframe)
    tracks = Tracks(pairs, symbols, timeframe, config.indicators, config.filters)
    mirror = MirrorState(ports.mirror, tracks, portfolio, latches, clock, service.mode,
        {**mirrored, "day": lambda: treasury.day(), "mandate": lambda: in_force.as_rows()},
    )  # fmt: skip
    in_force = InForce(config.risk, clock, service.timezone)
    treasury = Treasury(
        portfolio, ports.at_once, ports.journal, clock, in_force, service.base_currency,
        service.timezone, Midnight(portfolio, ports.market).result,
    )  # fmt: skip
    return _Books(portfolio, latches, tracks, mirror, treasury, in_force)


def _hands(
    config: Config,
    ports: Ports,
    supervisor: Supervisor,
    books: _Books,
    namespace: uuid.UUID,
    booked: Callable[[], None],
    closed: Callable[[], str],
    look_soon: Callable[[], None],
) -> _Hands:
    """`booked` hears of every booking; `closed` says why the exchange takes no orders, or nothing.

    `look_soon` has the account read again.
    """
    clock, journal, herald, account = ports.clock, ports.journal, ports.herald, ports.at_once
    portfolio, latches, treasury = books.portfolio, books.latches, books.treasury
    bookkeeper = Bookkeeper(portfolio, journal, herald, clock, booked, ports.parity)
    executor = Executor(
        ports.orders, account, journal, bookkeeper, portfolio, latches, herald, clock,
        Intents(namespace, clock, config.execution.deadline_s),
        ports.parity.sending if ports.parity else None,
    )  # fmt: skip
    protection = Protection(
        executor,
        account,
        portfolio,
        journal,
        herald,
        clock,
        _FALLBACK_STOP,
        closed,
        books.mirror.save,
        look_soon,
    )
    entrance = Entrance(
        executor, protection, portfolio, treasury, ports.market, account, journal, clock, books.in_force
    )
    flatten = Flatten(
        executor, protection, portfolio, latches, ports.market, account, journal, herald, clock,
        config.flatten, supervisor.spawn, look_soon,
    )  # fmt: skip
    clear = flatten.flatten_for_kill if config.risk.kill_action == "flatten" else flatten.cancel_for_kill
    kill_switch = KillSwitch(treasury, latches, herald, clock, config.risk, config.service.timezone, clear)
    return _Hands(bookkeeper, executor, protection, entrance, flatten, kill_switch)


def _gates(config: Config, ports: Ports, books: _Books, receipts: Receipts, rule: Callable[[], str]) -> Gates:
    """What else must agree before an entry; every part knows whether it is wanted."""
    features = config.features
    slow = SlowFrames(ports.market, books.tracks.timeframe, config.multi_timeframe, features.multi_timeframe)
    session = ProfitSession(
        books.treasury, books.portfolio, books.latches, ports.journal, ports.herald, ports.clock,
        config.profit_target, config.service.timezone, features.profit_target,
    )  # fmt: skip
    universe = CryptoUniverse(
        ports.market, books.tracks, books.portfolio, books.treasury, ports.values, ports.journal,
        ports.herald, ports.clock, config.universe, config.risk, features.crypto_universe,
    )  # fmt: skip
    tuition = Tuition(
        books.portfolio, ports.values, ports.journal, ports.herald, ports.clock, config.costs.taker
    )
    edge = EdgeGate(
        config.edge, books.portfolio, tuition, ports.parity, ports.values, ports.journal, ports.herald,
        ports.clock, config.service.timezone, rule, config.execution.entry == "maker_first", ports.findings,
    )  # fmt: skip
    lessons = _lessons(config, ports, books) if ports.lessons else None
    if lessons:
        receipts.heard_by(lessons.decided)
    rivals = RivalRules(
        config, ports.market, ports.journal, ports.rivalry, ports.clock, config.learning.compare_rules
    )
    prices = LastPrices(ports.market, ports.at_once)
    outlook = EdgeOutlook(edge, books.tracks, prices, books.in_force, ports.clock)
    return Gates(slow, session, universe, edge, outlook, rivals, lessons)


def _lessons(config: Config, ports: Ports, books: _Books) -> Lessons:
    """The learner over the shadow ledger."""
    assert ports.lessons is not None
    tracks, exits = books.tracks, config.exits
    rule = rule_name(config, tracks.timeframe.value, config.features.multi_timeframe)
    terms = Terms(
        rule, tracks.timeframe.value, tracks.timeframe.ms, config.risk.stop_atr, config.risk.take_profit_atr,
        config.learning.barrier, exits.on_opposite_signal,
    )  # fmt: skip
    costs = float(config.costs.taker), config.costs.spread_bps / 10_000
    return Lessons(
        terms, ports.lessons, ports.journal, tracks, ports.account, ports.market, ports.herald, ports.clock,
        costs, ports.agreeing, config.learning.enabled,
    )  # fmt: skip


def _lock(latches: Latches) -> OnFailure:
    """A broken invariant stops placing orders until the owner unlocks."""

    async def broken(name: str, error: BaseException) -> None:
        await latches.set(BROKEN, f"something in {name} is not as it must be ({error}); /unlock ends this")

    return broken
