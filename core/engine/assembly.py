"""The engine put together from its ports. The service, the backtest and the tests all get the same one."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.clock import Clock, WallSeconds
from core.engine.account_sync import AccountSync
from core.engine.api_watchdog import Watchdog
from core.engine.autopilot import Autopilot
from core.engine.bookkeeper import Bookkeeper
from core.engine.entrance import Entrance
from core.engine.executor import Executor
from core.engine.flatten import Flatten
from core.engine.intents import Intents
from core.engine.kill_switch import KillSwitch
from core.engine.latches import BROKEN, Latches
from core.engine.mirror_state import MirrorState
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal, Market, Mirror, Orders
from core.engine.protection import Protection
from core.engine.receipts import Receipts
from core.engine.supervisor import Supervisor
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.engine.watch import PriceWatch
from core.model.market import Pair, Timeframe
from core.trading_config import Config

_WATCH_PAUSE = WallSeconds(1.0)
_WATCHDOG_PAUSE = WallSeconds(5.0)
_FALLBACK_STOP = 0.05  # below entry, when a wanted stop price was lost with everything else


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the engine needs of its world."""

    market: Market
    account: Account
    orders: Orders
    journal: Journal
    mirror: Mirror
    herald: Herald
    clock: Clock


@dataclass(frozen=True, slots=True)
class Engine:
    """The engine's parts."""

    portfolio: Portfolio
    treasury: Treasury
    latches: Latches
    tracks: Tracks
    bookkeeper: Bookkeeper
    executor: Executor
    protection: Protection
    entrance: Entrance
    flatten: Flatten
    kill_switch: KillSwitch
    autopilot: Autopilot
    watch: PriceWatch
    sync: AccountSync
    watchdog: Watchdog
    mirror: MirrorState


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
    zone, mode = config.service.timezone, config.service.mode
    portfolio = Portfolio(pairs)
    latches = Latches(journal, clock)
    timeframe = Timeframe(config.autopilot.timeframe)
    tracks = Tracks(pairs, symbols, timeframe, config.indicators, config.filters)
    mirror = MirrorState(ports.mirror, tracks, portfolio, latches, clock, mode, mirrored)
    treasury = Treasury(
        portfolio, ports.account, journal, clock, config.risk, config.service.base_currency, zone
    )

    def booked() -> None:
        mirror.save()
        sync.soon()

    bookkeeper = Bookkeeper(portfolio, journal, herald, clock, booked)
    executor = Executor(
        ports.orders, ports.account, journal, bookkeeper, portfolio, latches, herald, clock,
        Intents(namespace, clock, config.execution.deadline_s),
    )  # fmt: skip
    protection = Protection(
        executor, ports.account, portfolio, journal, herald, clock, _FALLBACK_STOP,
        lambda: watchdog.closed, mirror.save,
    )  # fmt: skip
    flatten = Flatten(
        executor, protection, portfolio, latches, ports.account, journal, herald, clock,
        config.flatten.retry_s, supervisor.spawn,
    )  # fmt: skip
    clear = flatten.flatten_for_kill if config.risk.kill_action == "flatten" else flatten.cancel_for_kill
    kill_switch = KillSwitch(treasury, latches, herald, clock, config.risk, zone, clear)
    entrance = Entrance(
        executor, protection, portfolio, treasury, ports.market, ports.account, clock, config.risk
    )
    sync = AccountSync(
        ports.account, journal, portfolio, bookkeeper, executor, protection, treasury, herald, clock,
        config.sync.interval_s,
    )  # fmt: skip

    def blocked() -> str:
        return watchdog.blocking() if config.features.api_watchdog else ""

    autopilot = Autopilot(
        config, ports.market, tracks, portfolio, treasury, entrance, protection, latches, kill_switch,
        receipts, clock, blocked, mirror.save,
    )  # fmt: skip
    watch = PriceWatch(
        ports.market, portfolio, protection, treasury, kill_switch, herald, clock, sync.soon,
        flatten.take_up, supervisor.spawn, _WATCH_PAUSE,
    )  # fmt: skip
    watchdog = Watchdog(
        ports.market, sync, autopilot, journal, herald, clock, config.sync.interval_s, timeframe.ms,
        _WATCHDOG_PAUSE,
    )  # fmt: skip

    async def broken(name: str, error: BaseException) -> None:
        await latches.set(BROKEN, f"something in {name} is not as it must be ({error}); /unlock ends this")

    supervisor.when_broken(broken)
    return Engine(
        portfolio, treasury, latches, tracks, bookkeeper, executor, protection, entrance, flatten,
        kill_switch, autopilot, watch, sync, watchdog, mirror,
    )  # fmt: skip
