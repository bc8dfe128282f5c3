"""The road engine: the real autopilot over recorded candles, on a paper venue and a clock moved by hand.

What happens at one candle close, in this order:
1. inside the candle, bracket by bracket: low <= stop sells at min(open, stop), else high >= target sells at
   max(open, target), without a spread; both touched: the stop;
2. the candle closes: every pair is judged and positions are marked to it;
3. at the next open a stop that is gapped through goes first, at that open;
4. then the autopilot acts at open x (1 -+ spread/2): exits, then entries in order of symbol.
A position left at a pair's last candle is closed at its close. Nothing here needs an event loop or a socket.
"""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.engine.tracks import Track
from core.lab.data import History
from core.lab.outcome import Outcome, Progress
from core.lab.road import Road, build_road
from core.ledger.performance import EquityPoint
from core.matching.fees import FeeModel
from core.model.account import RoundTrip
from core.model.errors import InvariantBroken
from core.model.market import Candle
from core.model.money import Price, to_decimal
from core.model.orders import Fill, Leg, Origin
from core.risk.brackets import NOTHING, STOP, touch, touch_price
from core.trading_config import Config


def backtest(
    config: Config, histories: Sequence[History], fees: FeeModel, progress: Progress | None = None
) -> Outcome:
    """Trade `histories` (one timeframe, one quote currency) from `paper.start_cash`; the same twice."""
    return run_now(_Replay(config, histories, fees, progress).run())


def run_now(work: Coroutine[Any, Any, Outcome]) -> Outcome:
    """Run a coroutine that never really waits, without an event loop."""
    try:
        while True:
            if work.send(None) is not None:
                raise InvariantBroken("a replayed order waited for something outside the replay")
    except StopIteration as done:
        outcome: Outcome = done.value
        return outcome


@dataclass(slots=True)
class _Lane:
    """One pair on its way through time; `first` is its first candle's place in the run."""

    history: History
    track: Track
    first: int

    @property
    def symbol(self) -> str:
        return self.history.symbol

    def opens_at(self, place: int) -> float | None:
        """The open of the candle at this place of the run; None outside the history."""
        index = place - self.first
        return self.history.opens[index] if 0 <= index < len(self.history) else None


@dataclass(slots=True)
class _Guard:
    """A position's bracket as the candle is compared with it."""

    lane: _Lane
    stop: float
    target: float


@dataclass(slots=True)
class _Seen:
    equity: list[EquityPoint] = field(default_factory=list)
    ended: set[str] = field(default_factory=set)  # causes of positions closed because the data ended


class _Replay:
    """Drives one run."""

    def __init__(
        self, config: Config, histories: Sequence[History], fees: FeeModel, progress: Progress | None
    ) -> None:
        self._histories = sorted(histories, key=lambda one: one.symbol)
        self._length = self._histories[0].timeframe.ms
        self._start = min(one.start_ms for one in self._histories)
        self._places = (max(one.end_ms for one in self._histories) - self._start) // self._length
        pairs = [one.pair for one in self._histories]
        timeframe = self._histories[0].timeframe.value
        config = replace(config, autopilot=replace(config.autopilot, timeframe=timeframe))
        self._road: Road = build_road(config, pairs, fees, self._start)
        self._engine = self._road.engine
        self._lanes = [self._lane(one) for one in self._histories]
        self._by_symbol = {lane.symbol: lane for lane in self._lanes}
        self._guards: list[_Guard] = []
        self._seen = _Seen()
        self._traded = False  # since the last point of the equity curve
        self._show_all = config.risk.kill_action == "flatten"
        self._progress = progress

    def _lane(self, history: History) -> _Lane:
        first = (history.start_ms - self._start) // self._length
        return _Lane(history, self._engine.tracks[history.symbol], first)

    async def run(self) -> Outcome:
        await self._engine.treasury.refresh()
        start_equity = self._engine.treasury.equity
        for place in range(self._places):
            if self._guards:
                await self._inside(place)
            acting = self._closes(place)
            if self._guards or acting or self._traded:
                await self._between(place, acting)
            if self._progress is not None and place % 1024 == 0:
                self._progress(place, self._places)
        return Outcome(
            start_equity=start_equity,
            trips=tuple(map(self._named, self._engine.portfolio.round_trips)),
            equity=tuple(self._seen.equity),
            refused=dict(self._road.refusals.counts),
            candles=sum(one.rows for one in self._histories),
            filled=sum(one.filled for one in self._histories),
        )

    def _named(self, trip: RoundTrip) -> RoundTrip:
        return replace(trip, reason="end") if trip.cause in self._seen.ended else trip

    async def _inside(self, place: int) -> None:
        """What the candle at `place` does to the brackets that stood when it opened."""
        self._road.clock.advance_to(self._opens_ms(place + 1) - 1)
        hit = False
        for guard in self._guards:
            history, index = guard.lane.history, place - guard.lane.first
            what = touch(history.lows[index], history.highs[index], guard.stop, guard.target)
            if what != NOTHING:
                price = touch_price(what, history.opens[index], guard.stop, guard.target)
                await self._leave_bracket(guard.lane.symbol, what, price)
                hit = True
        if hit:
            await self._settle()

    async def _leave_bracket(self, symbol: str, what: int, price: float) -> None:
        fills = self._road.venue.show_trade(symbol, price)
        if what == STOP:
            await self._engine.bookkeeper.book(fills)
        else:
            await self._engine.protection.leave(symbol, Leg.TARGET, Origin.AUTOPILOT)

    async def _settle(self) -> None:
        """Take over the cash and the brackets that the last trades left."""
        engine = self._engine
        self._traded = True
        await engine.treasury.refresh()
        self._road.let_go_of_any_size()
        self._guards = [
            _Guard(self._by_symbol[symbol], float(held.stop or 0), float(held.target or "inf"))
            for symbol, held in sorted(engine.portfolio.positions.items())
        ]

    def _closes(self, place: int) -> list[_Lane]:
        """Judge the candle at `place` of every pair; those that ask for something at the next open."""
        take, opened_ms = self._engine.autopilot.take, self._opens_ms(place)
        acting = []
        for lane in self._lanes:
            history, index = lane.history, place - lane.first
            if 0 <= index < len(history.closes):
                candle = Candle(
                    opened_ms, history.opens[index], history.highs[index], history.lows[index],
                    history.closes[index], history.volumes[index],
                )  # fmt: skip
                if take(lane.track, candle) and index + 1 < len(history.closes):
                    acting.append(lane)
        return acting

    async def _between(self, place: int, acting: list[_Lane]) -> None:
        """From the close of the candle at `place` to the open of the next."""
        road, engine, close_ms = self._road, self._engine, self._opens_ms(place + 1)
        self._note_equity(place)
        await self._end(place)
        road.clock.advance_to(close_ms)
        await engine.treasury.roll_day(close_ms)
        await self._gaps(place + 1)
        self._show_opens(place, acting)
        entered, exited = await engine.autopilot.act([lane.track for lane in acting], close_ms)
        flattened = await road.flatten_if_wanted()
        if entered or exited or flattened:
            await self._settle()

    async def _end(self, place: int) -> None:
        """Close what is held of pairs that have no next candle, at their last close."""
        last = [guard.lane for guard in self._guards if guard.lane.opens_at(place + 1) is None]
        if not last:
            return
        self._road.clock.advance_to(self._opens_ms(place + 1) - 1)
        for lane in last:
            position = self._engine.portfolio.position(lane.symbol)
            assert position is not None
            self._seen.ended.add(position.cause)
            self._road.venue.show_trade(lane.symbol, lane.history.closes[-1])
            await self._engine.protection.leave(lane.symbol, Leg.EXIT, Origin.AUTOPILOT)
        await self._settle()
        self._note_equity(place)

    async def _gaps(self, place: int) -> None:
        """Stops that the open of the candle at `place` gaps through go before everything else."""
        fills: list[Fill] = []
        for guard in self._guards:
            opened = guard.lane.opens_at(place)
            if opened is not None and opened <= guard.stop:
                fills += self._road.venue.show_trade(guard.lane.symbol, opened)
        if fills:
            await self._engine.bookkeeper.book(fills)
            await self._settle()

    def _show_opens(self, place: int, acting: list[_Lane]) -> None:
        """Quote what may be traded now, and mark what may be bought to its last close."""
        held = [guard.lane for guard in self._guards] if self._show_all else []
        for lane in (*acting, *held):
            opened = lane.opens_at(place + 1)
            if opened is not None:
                self._road.venue.show_open(lane.symbol, opened)
                close = to_decimal(lane.history.closes[place - lane.first])
                self._engine.portfolio.mark(lane.symbol, Price(close))

    def _note_equity(self, place: int) -> None:
        self._traded = False
        self._seen.equity.append((self._opens_ms(place), Decimal(self._engine.treasury.equity)))

    def _opens_ms(self, place: int) -> int:
        return self._start + place * self._length
