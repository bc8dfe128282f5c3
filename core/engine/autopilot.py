"""The autonomous trading loop: the road from a closed candle to a protected position, on one screen.

It wakes when a candle closes, fetches each pair's candles once, judges every closed candle exactly once and
acts only on the newest. Changes inside a candle cause no evaluation. Exits go first, then entries in order
of symbol. The backtest drives the same object over recorded candles.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from core.clock import Clock
from core.engine.entrance import Entrance, EntryPlan
from core.engine.executor import Done
from core.engine.gates import Gates
from core.engine.in_force import InForce
from core.engine.kill_switch import KillSwitch
from core.engine.last_candles import LastCandles
from core.engine.latches import Latches
from core.engine.maker_first import MakerFirst
from core.engine.portfolio import Portfolio
from core.engine.ports import Market
from core.engine.protection import Protection
from core.engine.receipts import Receipts, Round
from core.engine.tracks import Track, Tracks
from core.engine.treasury import Treasury
from core.model.decisions import Denied, Verdict
from core.model.errors import VenueError
from core.model.ids import candle_cause
from core.model.market import Candle, Quote
from core.model.money import Price, to_decimal
from core.model.orders import Leg, Origin
from core.risk.brackets import distances
from core.risk.limits import Situation, good_until_ms, judge
from core.strategy.rule import rule_name
from core.strategy.signal import LONG, UP
from core.trading_config import Config

_HISTORY = 720
_FETCHES = 8  # candle requests under way at once
_GRACE_MS = 2_000  # market time after a close before its candle is asked for


class Autopilot:
    """Trades by closed candles."""

    def __init__(
        self,
        config: Config,
        market: Market,
        tracks: Tracks,
        portfolio: Portfolio,
        treasury: Treasury,
        entrance: Entrance,
        protection: Protection,
        latches: Latches,
        kill_switch: KillSwitch,
        receipts: Receipts,
        gates: Gates,
        makers: MakerFirst,
        in_force: InForce,
        clock: Clock,
        blocked: Callable[[], str],
        mirror: Callable[[], None],
    ) -> None:
        """`blocked` says why nothing may be opened just now, or nothing; `mirror` saves the state."""
        self._config = config
        self.candles = LastCandles(market)
        self._tracks = tracks
        self._portfolio = portfolio
        self._treasury = treasury
        self._entrance = entrance
        self._protection = protection
        self._latches = latches
        self._kill_switch = kill_switch
        self._receipts = receipts
        self._gates = gates
        self._makers = makers
        self._in_force = in_force
        self._clock = clock
        self._blocked = blocked
        self._mirror = mirror
        self._unread = ""  # why the account could not be read for this round
        self._due: dict[str, str] = {}  # causes of positions that a cross down ends, by symbol
        self.last_round = Round(0)
        # The name of the rule, which every trade carries.
        self.rule = rule_name(config, tracks.timeframe.value, config.features.multi_timeframe)

    @property
    def next_close_ms(self) -> int:
        """When the next candle closes, market time."""
        length = self._tracks.timeframe.ms
        return (self._clock.market_ms() - _GRACE_MS) // length * length + length

    @property
    def _last_close_ms(self) -> int:
        return self.next_close_ms - self._tracks.timeframe.ms

    async def run(self) -> None:
        """Trade for ever. A round that fails to fetch is told and the next one comes on time.

        What closed while a round was under way is judged at once; after a machine's sleep only the latest is.
        """
        done = None
        while True:
            close = self._last_close_ms
            if close == done:
                await self._clock.sleep_until_market(self.next_close_ms + _GRACE_MS)
                continue
            await self.step(close)
            done = close

    async def step(self, close_ms: int) -> Round:
        """One candle close: fetch, judge, act. Safe to repeat; nothing is judged twice."""
        fetched = await self._fetch_all()
        judged = [
            track for track in self._tracks if self._take(track, fetched.get(track.symbol, []), close_ms)
        ]
        missing = tuple(track.symbol for track in self._tracks if track.symbol not in fetched)
        await self._gates.prepare(close_ms)
        self._unread = await self._treasury.try_refresh()
        entered, exited = await self.act(judged, close_ms)
        self.last_round = Round(close_ms, len(judged), entered, exited, missing)
        self._receipts.round_over(self.last_round, self._treasury.performance())
        self._mirror()
        return self.last_round

    async def _fetch_all(self) -> dict[str, list[Candle]]:
        gate = asyncio.Semaphore(_FETCHES)

        async def fetch(track: Track) -> tuple[str, list[Candle]] | None:
            async with gate:
                try:
                    candles = await self.candles.now(track.symbol, self._tracks.timeframe, _HISTORY)
                except VenueError as error:
                    self._receipts.trouble(track.symbol, str(error))
                    return None
            return track.symbol, candles

        return dict(one for one in await asyncio.gather(*map(fetch, self._tracks)) if one)

    def _take(self, track: Track, candles: list[Candle], close_ms: int) -> bool:
        """Feed a pair its new candles; True when the newest just closed and was not judged before."""
        if candles and track.engine.last_ms < candles[0].time_ms:
            track.engine.rebuild(())  # first sight, or a gap longer than the history
        for candle in track.fresh(candles):
            self.take(track, candle)
        newest = track.engine.last_ms
        return newest > track.judged_ms and newest + self._tracks.timeframe.ms >= close_ms

    def take(self, track: Track, candle: Candle) -> bool:
        """Judge one closed candle, synchronously; True when there is something to act on."""
        engine = track.engine
        engine.take(candle)
        self._gates.take(track.pair, candle)
        if self._portfolio.holds(track.symbol):
            self._portfolio.mark(track.symbol, Price(to_decimal(candle.close)))
            self._note_cross(track, candle)
            return engine.crossed_down
        return engine.action == LONG

    def _note_cross(self, track: Track, candle: Candle) -> None:
        """A cross down that nobody acted on, for the exchange or Zyn was away, stays due until one up."""
        if track.engine.crossed == UP:
            self._due.pop(track.symbol, None)
        if not track.engine.crossed_down:
            return
        position = self._portfolio.position(track.symbol)
        if position is not None and candle.time_ms + self._tracks.timeframe.ms > position.opened_ms:
            self._due[track.symbol] = position.cause

    async def act(self, judged: list[Track], close_ms: int) -> tuple[int, int]:
        """Exits first, then entries in order of symbol; how many of each (entered, exited).

        A candle counts as judged once it was acted on: what an error interrupts is taken up again.
        """
        await self._treasury.roll_day(close_ms)
        await self._kill_switch.check()
        await self._gates.check()
        exited = [await self._exit(track) for track in judged if self._wants_out(track)]
        entered = 0
        for track in judged:
            if track.engine.action == LONG:
                entered += await self._enter(track, close_ms)
            elif not self._wants_out(track):
                self._receipts.held(track, self._holding(track, close_ms))
            track.judged_ms = track.engine.last_ms
        return entered, sum(exited)

    def _wants_out(self, track: Track) -> bool:
        """A raw cross down closes what the autopilot opened; the owner's own buys keep their brackets."""
        position = self._portfolio.position(track.symbol)
        if position is None or not self._config.exits.on_opposite_signal:
            return False
        due = track.engine.crossed_down or self._due.get(track.symbol) == position.cause
        mine = position.origin is Origin.AUTOPILOT
        return due and mine and not self._portfolio.is_dust(track.symbol)

    def _holding(self, track: Track, close_ms: int) -> bool:
        """Whether the pair was in a position when the candle closed."""
        last = self._portfolio.last_exit(track.symbol)
        return self._portfolio.invested(track.symbol) or (last is not None and last.closed_ms >= close_ms)

    async def _exit(self, track: Track) -> bool:
        correlation = candle_cause(track.symbol, track.engine.last_ms)
        left = await self._protection.leave(track.symbol, Leg.EXIT, Origin.AUTOPILOT, correlation=correlation)
        await self._treasury.try_refresh()
        done = not left.qty
        verdict = Verdict.EXITED if done else Verdict.FAILED
        crossed = "price crossed down" if track.engine.crossed_down else "price had crossed down before"
        await self._receipts.decided(track, verdict, left.reason or f"{crossed}: out", self.rule)
        return done

    async def _enter(self, track: Track, close_ms: int) -> bool:
        """One entry a candle; what the exchange does not answer costs this pair's chance and no other's."""
        cause = candle_cause(track.symbol, track.engine.last_ms)
        if self._entrance.was_tried(cause):
            await self._say_again(track, cause)
            return False
        try:
            return await self._send(track, close_ms, cause)
        except VenueError as error:
            await self._receipts.decided(track, Verdict.FAILED, str(error), self.rule)
            return False

    async def _say_again(self, track: Track, cause: str) -> None:
        """The receipt of an entry that an earlier run sent, for a crash may have come before it."""
        if self._portfolio.bought_for(track.symbol, cause):
            await self._receipts.decided(track, Verdict.ENTERED, track.engine.explain().reason, self.rule)
        else:
            reason = "its order bought nothing before Zyn was started again"
            await self._receipts.decided(track, Verdict.FAILED, reason, self.rule)

    async def _send(self, track: Track, close_ms: int, cause: str) -> bool:
        """Limits, price, edge, size, order. The first no is the receipt's reason."""
        quote = await self._entrance.quote(track.symbol)
        done: Done | Denied | EntryPlan = await self._plan(track, close_ms, quote)
        if isinstance(done, EntryPlan) and self._makers.wanted:
            self._makers.start(f"maker {track.symbol}", self._rest(track, done, cause))
            return False  # its receipt comes when it filled or was given up
        if isinstance(done, EntryPlan):
            done = await self._entrance.enter(done, Origin.AUTOPILOT, cause, self.rule, cause)
        return await self._conclude(track, done)

    async def _rest(self, track: Track, plan: EntryPlan, cause: str) -> None:
        try:
            await self._conclude(track, await self._makers.enter(plan, track.pair, cause, self.rule))
        except VenueError as error:
            await self._receipts.decided(track, Verdict.FAILED, str(error), self.rule)

    async def _conclude(self, track: Track, done: Done | Denied) -> bool:
        """The receipt of an entry that was tried; True when something was bought."""
        if isinstance(done, Denied):
            await self._receipts.refused(track, done, self.rule)
            return False
        if done.filled:
            await self._receipts.decided(track, Verdict.ENTERED, track.engine.explain().reason, self.rule)
        else:
            await self._receipts.decided(track, Verdict.FAILED, done.reason, self.rule)
        return bool(done.filled)

    async def _plan(self, track: Track, close_ms: int, quote: Quote | None) -> EntryPlan | Denied:
        verdict = judge(self._situation(track, close_ms), self._in_force.risk.for_autopilot())
        if isinstance(verdict, Denied):
            return verdict
        if gated := self._gates.judge(track.symbol, close_ms):
            return gated
        if quote is None:
            return Denied("no_price", f"the exchange gave no price for {track.symbol}")
        engine, risk = track.engine, self._in_force.risk
        if moved := self._entrance.outside_band(quote, engine.close):
            return moved
        learned = self._gates.learned(track.symbol, engine.last_ms)
        if learned.multiplier <= 0:
            return Denied("learned", learned.why)
        away = distances(engine.atr, risk.stop_atr, risk.take_profit_atr)
        share = min(verdict.multiplier, 1.0) * min(learned.multiplier, 1.0)
        plan = await self._entrance.plan(track.symbol, quote, away, share)
        if isinstance(plan, Denied):
            return plan
        plan = replace(plan, good_until_ms=self._good_until(engine.last_ms))
        edge = self._gates.edge.edge(plan, quote)
        self._receipts.edge(track.symbol, edge)
        return await self._gates.edge.judge(plan, edge)

    def _good_until(self, candle_ms: int) -> int:
        return good_until_ms(candle_ms, self._tracks.timeframe.ms, self._clock.speed)

    def _situation(self, track: Track, close_ms: int) -> Situation:
        last, purse = self._portfolio.last_exit(track.symbol), self._treasury.purse
        return Situation(
            symbol=track.symbol,
            candle_ms=track.engine.last_ms,
            candle_length_ms=self._tracks.timeframe.ms,
            holding=self._holding(track, close_ms),
            open_positions=self._portfolio.open_count,
            equity=purse.equity,
            exposure=purse.exposure,
            cash=purse.cash,
            last_loss_ms=last.closed_ms if last and last.net_pnl < 0 else None,
            blocked=self._latches.blocking() or self._blocked() or self._unread,
            entries_last_hour=self._entrance.entries_last_hour(),
        )
