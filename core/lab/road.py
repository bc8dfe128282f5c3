"""The real autopilot and everything below it, composed over a replay venue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.clock import ManualClock
from core.engine.autopilot import Autopilot
from core.engine.bookkeeper import Bookkeeper
from core.engine.entrance import Entrance
from core.engine.executor import Executor
from core.engine.kill_switch import KillSwitch
from core.engine.latches import Latches
from core.engine.portfolio import Portfolio
from core.engine.protection import Protection
from core.engine.tracks import Tracks
from core.engine.treasury import Treasury
from core.lab.quiet import CountedRefusals, QuietHerald, QuietJournal
from core.matching.fees import FeeModel
from core.model.ids import account_namespace
from core.model.market import Pair, Timeframe
from core.model.money import Money
from core.model.orders import Leg, Origin
from core.trading_config import Config
from core.venues.replay import ReplayVenue

_FALLBACK_STOP = 0.05  # never used: a replayed stop is never lost


@dataclass(frozen=True, slots=True)
class Road:
    """What the driver of a replay holds in its hands."""

    clock: ManualClock
    venue: ReplayVenue
    tracks: Tracks
    portfolio: Portfolio
    treasury: Treasury
    protection: Protection
    bookkeeper: Bookkeeper
    autopilot: Autopilot
    refusals: CountedRefusals


def build_road(
    config: Config, pairs: Sequence[Pair], timeframe: Timeframe, fees: FeeModel, start_ms: int
) -> Road:
    """Everything for one run. All pairs must share one quote currency."""
    clock, journal, herald = ManualClock(start_ms), QuietJournal(), QuietHerald()
    table = {pair.symbol: pair for pair in pairs}
    currency = pairs[0].quote
    venue = ReplayVenue(table, fees, Money(config.paper.start_cash), currency, config.costs.spread_bps, clock)
    portfolio = Portfolio(table)
    latches = Latches(journal, clock)
    bookkeeper = Bookkeeper(portfolio, journal, herald, clock, on_change=lambda: None)
    namespace = account_namespace(config.mode.value, "replay")
    executor = Executor(
        venue, venue, journal, bookkeeper, portfolio, latches, herald, clock, namespace,
        config.execution.deadline_s,
    )  # fmt: skip
    protection = Protection(executor, venue, portfolio, journal, herald, clock, _FALLBACK_STOP)
    zone = config.service.timezone
    treasury = Treasury(portfolio, venue, journal, clock, config.risk, currency, zone)
    entrance = Entrance(executor, protection, portfolio, treasury, venue, venue, clock, config.risk)

    async def flatten(reason: str) -> None:
        for symbol in sorted(portfolio.positions):
            await protection.leave(symbol, Leg.FLATTEN, Origin.AUTOPILOT, correlation=reason)
        await treasury.refresh()

    kill_switch = KillSwitch(treasury, latches, journal, herald, clock, config.risk, zone, flatten)
    tracks = Tracks(table, table, timeframe, config.indicators, config.filters)
    refusals = CountedRefusals()
    autopilot = Autopilot(
        config, venue, tracks, portfolio, treasury, entrance, protection, latches, kill_switch, refusals,
        clock, blocked=lambda: "", mirror=lambda: None,
    )  # fmt: skip
    return Road(clock, venue, tracks, portfolio, treasury, protection, bookkeeper, autopilot, refusals)
