"""The engine of the service, as it stands, over a replay venue and a clock moved by hand."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import ManualClock
from core.engine.assembly import Engine, Ports, build_engine
from core.engine.supervisor import Supervisor
from core.lab.quiet import CountedRefusals, QuietHerald, QuietJournal
from core.matching.fees import FeeModel
from core.model.errors import InvariantBroken
from core.model.ids import account_namespace
from core.model.market import Pair
from core.model.money import ZERO, Money
from core.model.orders import Leg, Origin
from core.trading_config import Config
from core.venues.replay import ReplayVenue


class Errands(Supervisor):
    """Notes what the engine wants done in the background; the driver does it between two candles."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__(clock, _raise)
        self.wanted: set[str] = set()

    def spawn(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        work.close()
        self.wanted.add(name)


async def _raise(name: str, error: BaseException) -> None:
    raise InvariantBroken(f"{name} failed in a replay: {error}") from error


class NoMirror:
    """A backtest leaves nothing behind."""

    def save(self, state: Mapping[str, object]) -> None:
        """Nothing to restore from."""

    def load(self) -> Mapping[str, object] | None:
        return None


@dataclass(frozen=True, slots=True)
class Road:
    """What the driver of a replay holds in its hands; engine and venue look pairs up in `table`."""

    clock: ManualClock
    venue: ReplayVenue
    engine: Engine
    errands: Errands
    refusals: CountedRefusals
    pairs: Mapping[str, Pair]
    table: dict[str, Pair]

    def let_go_of_any_size(self) -> None:
        """A backtest's minimums are for buying: a pair that is held has none, so that it can be sold."""
        for symbol, pair in self.pairs.items():
            held = self.engine.portfolio.holds(symbol)
            self.table[symbol] = replace(pair, min_qty=ZERO, min_cost=ZERO) if held else pair

    async def flatten_if_wanted(self) -> bool:
        """Sell everything at the prices shown now when the kill switch asked for it; True when it did."""
        if "flatten" not in self.errands.wanted:
            return False
        self.errands.wanted.clear()
        for symbol in sorted(self.engine.portfolio.positions):
            await self.engine.protection.leave(symbol, Leg.FLATTEN, Origin.AUTOPILOT)
        return True


def build_road(config: Config, pairs: Sequence[Pair], fees: FeeModel, start_ms: int) -> Road:
    """Everything for one run. All pairs must share one quote currency."""
    clock, refusals, currency = ManualClock(start_ms), CountedRefusals(), pairs[0].quote
    config = replace(config, service=replace(config.service, base_currency=currency))
    table = {pair.symbol: pair for pair in pairs}
    cash = Money(config.paper.start_cash)
    venue = ReplayVenue(table, fees, cash, currency, config.costs.spread_bps, clock)
    errands = Errands(clock)
    ports = Ports(venue, venue, venue, venue, QuietJournal(), NoMirror(), QuietHerald(), clock)
    namespace = account_namespace(config.mode.value, "replay")
    engine = build_engine(config, ports, errands, refusals, table, table, namespace, {})
    return Road(clock, venue, engine, errands, refusals, dict(table), table)
