"""Everything out of the market: entries cancelled first, then every position sold, until it is done.

A position goes in steps: immediate-or-cancel limits ever further below the bid, then market. Its stop is
away only while a step is at the exchange, and is back for whatever that step did not sell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core.clock import Clock, WallSeconds
from core.engine import progress, words
from core.engine.descent import Descent, limit_below
from core.engine.executor import Executor
from core.engine.flattened import Flattened, dust, sales, told
from core.engine.latches import FLATTENING, KILL_SWITCH, Latches
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal, Market
from core.engine.protection import Left, Protection
from core.model.account import Position
from core.model.errors import StoreError, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.money import ZERO, Price, Qty
from core.model.orders import Leg, Origin
from core.trading_config import FlattenConfig

_LONGEST_PAUSE = 60.0  # wall seconds
_QUOTE_S = 1.0  # wall seconds that prices are waited for; then the last marks must do
_Told = tuple[int, tuple[str, ...]]  # round trips that were sold, and what is left
_CANNOT_SEE = "I could not see yet that nothing of mine rests there; I look again"

BY_OWNER = "you"  # the reason of a flatten that the owner asked for


@dataclass(slots=True)
class _Run:
    """One flatten under way, however many passes it takes. `name` is its latch, or why the switch fell."""

    name: str
    symbol: str | None
    origin: Origin
    why: str
    trips: int  # round trips there were when it began
    descents: dict[str, Descent] = field(default_factory=dict)
    cancelled: int = 0
    held: bool = False  # whether there was anything to sell
    for_kill: bool = False
    in_force_ms: int = 0  # its kill switch was seen in force then: what was opened later is not sold for it
    over: bool = False


@dataclass(frozen=True, slots=True)
class _Rest:
    """What one symbol still has in the market, in words."""

    lines: tuple[str, ...] = ()
    stepping: bool = False


class Flatten:
    """Sells what Zyn holds, and only that.

    An order to flatten is latched until it is done: nothing is bought meanwhile, and no restart forgets it.
    """

    def __init__(
        self,
        executor: Executor,
        protection: Protection,
        portfolio: Portfolio,
        latches: Latches,
        market: Market,
        account: Account,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        config: FlattenConfig,
        spawn: Callable[..., object],
        look_soon: Callable[[], None],
    ) -> None:
        """`spawn(name, coroutine)` runs what outlives the caller; `look_soon` has the account read again."""
        self._executor = executor
        self._protection = protection
        self._portfolio = portfolio
        self._latches = latches
        self._market = market
        self._account = account
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._config = config
        self._spawn = spawn
        self._look_soon = look_soon
        self._busy = asyncio.Lock()
        self._running: set[str] = set()  # names of the runs at work
        self._told: dict[str, set[_Told]] = {}  # what was said since a run was flat last, by its name

    @property
    def busy(self) -> bool:
        return self._busy.locked()

    async def flatten(self, symbol: str | None, origin: Origin, why: str) -> Flattened:
        """Go through the steps now; what is left then is tried again in the background until flat."""
        run = self._run(f"{FLATTENING}{symbol or ''}", symbol, origin, why)
        await self._latches.set(run.name, f"{symbol or 'everything'} is being sold for {why}")
        progress.report("Selling. I cancel what rests and offer what I hold, step by step.")
        with self._at_work(run.name):
            result = await self._through_the_steps(run)
            if result.flat:
                await self._latches.lift(run.name, "being flat")
        if not result.flat:
            self._spawn("flatten", self._until_flat(run))
        return result

    async def _through_the_steps(self, run: _Run) -> Flattened:
        result = await self._pass(run)
        for _ in self._config.steps:
            if not result.stepping:
                break
            await self._clock.sleep(WallSeconds(self._config.retry_s))
            result = await self._pass(run)
        return result

    def _run(self, name: str, symbol: str | None, origin: Origin, why: str) -> _Run:
        return _Run(name, symbol, origin, why, len(self._portfolio.round_trips))

    def take_up(self) -> None:
        """Go on with what a restart or an error interrupted."""
        for latch in self._latches.all():
            if latch.name.startswith(FLATTENING) and latch.name not in self._running:
                symbol = latch.name.removeprefix(FLATTENING) or None
                self._spawn("flatten", self._until_flat(self._run(latch.name, symbol, Origin.CHAT, BY_OWNER)))

    async def flatten_for_kill(self, why: str) -> None:
        """The kill switch's flatten: all of it, in the background, so that the check returns at once."""
        sellable = any(
            self._sellable(one, self._portfolio.on_hand(one.symbol))
            for one in self._portfolio.positions.values()
        )
        if (sellable or self._executor.resting_entries()) and why not in self._running:
            run = self._run(why, None, Origin.AUTOPILOT, why)
            run.for_kill = True
            self._spawn("flatten", self._until_flat(run))

    async def cancel_for_kill(self, why: str) -> None:
        """The kill switch where positions keep their brackets: only entries go."""
        if self._executor.resting_entries() and why not in self._running:
            self._spawn("cancel-entries", self._without_entries(why))

    def _sellable(self, position: Position, qty: Qty) -> bool:
        """Whether so much of a position is enough for an order."""
        pair = self._portfolio.pair(position.symbol)
        mark = self._portfolio.mark_of(position.symbol) or position.entry_price
        return pair.too_small(pair.qty(qty), mark) is None

    @contextmanager
    def _at_work(self, name: str) -> Iterator[None]:
        self._running.add(name)
        try:
            yield
        finally:
            self._running.discard(name)

    async def _without_entries(self, name: str) -> None:
        with self._at_work(name):
            for intent in self._executor.resting_entries():
                await self._cancel(intent.request.symbol, intent.txid or "")

    async def _until_flat(self, run: _Run) -> None:
        """Pass after pass: soon while the steps go on, ever later while the exchange does not play along."""
        if run.name in self._running:
            return
        with self._at_work(run.name):
            pause = self._config.retry_s
            while not (result := await self._try(run)).flat:
                if result.stepping:
                    pause = self._config.retry_s
                else:
                    self._look_soon()  # perhaps the coins are not there any more
                await self._clock.sleep(WallSeconds(pause))
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _try(self, run: _Run) -> Flattened:
        """One more pass; one that fails is no reason to give up."""
        try:
            result = await self._pass(run)
            if result.flat:
                await self._latches.lift(run.name, "being flat")
        except (VenueError, StoreError) as error:
            return Flattened((), 0, (str(error),))
        return result

    async def _pass(self, run: _Run) -> Flattened:
        async with self._busy:
            run.over = run.for_kill and (run.over or KILL_SWITCH not in self._latches)
            run.in_force_ms = run.in_force_ms if run.over else self._clock.market_ms()
            entries = {} if run.over else await self._entries(run.symbol)
            unknown = {one.request.symbol for one in self._executor.left_open()}
            symbols = {*self._portfolio.positions, *self._protection.busy_symbols, *entries, *unknown}
            wanted = sorted(one for one in symbols if run.symbol in (None, one) and self._is_of(run, one))
            run.held = run.held or any(self._portfolio.holds(one) for one in wanted)
            bids = await self._bids([one for one in wanted if self._portfolio.holds(one)])
            rests = await asyncio.gather(
                *(self._clear(run, one, entries.get(one, []), bids.get(one)) for one in wanted)
            )
            run.cancelled += sum(len(txids) for txids in entries.values())
            left = tuple(line for rest in rests for line in rest.lines)
            result = Flattened(
                tuple(self._portfolio.round_trips[run.trips :]), run.cancelled, left, self._residue(wanted),
                bool(left) and all(rest.stepping for rest in rests if rest.lines),
            )  # fmt: skip
            result = result if left else await self._verified(result, run.symbol)
            progress.report(told(result))
            await self._tell(result, run)
        return result

    def _is_of(self, run: _Run, symbol: str) -> bool:
        """Whether a run sells this one: where its kill switch has ended, only what was open before that."""
        if not run.over:
            return True
        position = self._portfolio.position(symbol)
        return position is not None and position.opened_ms <= run.in_force_ms

    async def _bids(self, symbols: list[str]) -> Mapping[str, Price]:
        """What is bid now. A queue at the exchange holds no sale up: then the last marks are good enough,
        for a limit below a price that is gone sells nothing or sells better."""
        marks = {one: mark for one in symbols if (mark := self._portfolio.mark_of(one)) is not None}
        if not symbols:
            return marks
        try:
            quotes = await asyncio.wait_for(self._market.quotes(symbols), _QUOTE_S)
        except (VenueError, TimeoutError):
            return marks
        return marks | {symbol: quote.bid for symbol, quote in quotes.items() if quote.bid > 0}

    async def _entries(self, symbol: str | None) -> dict[str, list[str]]:
        """Own resting entries by symbol: those we know of, and those the exchange shows besides."""
        found = {one.txid: one.request.symbol for one in self._executor.resting_entries() if one.txid}
        try:
            resting = await self._account.open_orders()
        except VenueError as error:
            await self._note(f"open orders could not be read: {error}")
            resting = []
        for report in resting:
            own = self._portfolio.order(report.txid)
            if own is not None and own.leg is Leg.ENTRY:
                found[report.txid] = own.symbol
        entries: dict[str, list[str]] = {}
        for txid, name in found.items():
            if symbol in (None, name):
                entries.setdefault(name, []).append(txid)
        return entries

    async def _clear(self, run: _Run, symbol: str, entries: Sequence[str], bid: Price | None) -> _Rest:
        """Take one symbol out of the market: its entries first, so that none fills behind our back."""
        kept = [await self._cancel(symbol, txid) for txid in entries]
        rest = await self._sell(run, symbol, bid)
        lines = tuple(line for line in kept if line)
        return _Rest(lines + rest.lines, rest.stepping and not lines)

    async def _cancel(self, symbol: str, txid: str) -> str:
        """Cancel a resting entry; why it may still rest, or nothing."""
        try:
            report = await self._protection.cancel_entry(symbol, txid)
        except VenueError as error:
            await self._note(f"{symbol}: the entry could not be cancelled: {error}")
            return f"{symbol}: an entry may still rest ({error}); I try again"
        return "" if report.status.final else f"{symbol}: an entry still rests; I try again"

    async def _sell(self, run: _Run, symbol: str, bid: Price | None) -> _Rest:
        """Offer one position at its next step; what is left of it and why."""
        config, pair = self._config, self._portfolio.pair(symbol)
        descent = run.descents.setdefault(symbol, Descent(config.steps, config.market_after_s, self._clock))
        step = descent.step()
        before = self._portfolio.on_hand(symbol)
        limit = limit_below(pair, bid, step) if step is not None and bid is not None else None
        if step is not None and limit is None and before:
            return _Rest((f"{symbol}: there is no price to sell at yet; I try again",))
        if limit is not None and pair.too_small(pair.qty(before), limit):
            step, limit = None, None  # a limit so low makes it too small an order: only market sells it
        left = await self._protection.leave(
            symbol, Leg.FLATTEN, run.origin, correlation=f"flatten:{run.why}", limit=limit
        )
        sold = before - left.qty
        if before:
            await self._note_step(symbol, step, limit, sold, left)
        if left.offered or step is None:
            descent.offered(step, sold > 0)
        return self._rest_of(symbol, left)

    def _rest_of(self, symbol: str, left: Left) -> _Rest:
        if not left.qty and self._executor.unsure(symbol):
            return _Rest((f"{symbol}: an order of it has no answer yet; I am looking for it and try again",))
        pair = self._portfolio.pair(symbol)
        if left.qty < pair.lot or left.reason.startswith("too small"):
            return _Rest()
        return _Rest((f"{words.qty(left.qty)} {pair.base}: {left.reason}; I try again",), left.offered)

    async def _note_step(
        self, symbol: str, step: Decimal | None, limit: Price | None, sold: Decimal, left: Left
    ) -> None:
        how = "at market" if step is None else f"{step} % below the bid, at {limit} or better"
        text = f"{symbol}: offered {how}: {sold} sold, {left.qty} left"
        data = {
            "symbol": symbol, "step": "market" if step is None else str(step), "limit": str(limit or ""),
            "sold": str(sold), "left": str(left.qty), "reason": left.reason,
        }  # fmt: skip
        await self._journal.commit(SafetyEvent("flatten_step", text, self._clock.market_ms(), data=data))

    def _residue(self, symbols: Sequence[str]) -> tuple[str, ...]:
        """What stays because it is too little for any order."""
        lines = []
        for symbol in symbols:
            position = self._portfolio.position(symbol)
            if position is not None and not self._sellable(position, position.qty):
                lines.append(f"{words.qty(position.qty)} {self._portfolio.pair(symbol).base}")
        return tuple(lines)

    async def _verified(self, result: Flattened, symbol: str | None) -> Flattened:
        """Being flat is looked up at the exchange: no order of ours may rest for what is not held."""
        try:
            resting = await self._account.open_orders()
        except VenueError:
            return replace(result, left=(_CANNOT_SEE,))
        stops = self._portfolio.own_stops(resting)
        orphans = {
            name: [one.txid for one in reports]
            for name, reports in stops.items()
            if symbol in (None, name) and not self._portfolio.holds(name)
        }
        cleared = [await self._protection.sweep(name, txids) for name, txids in orphans.items()]
        return result if all(cleared) else replace(result, left=(_CANNOT_SEE,))

    async def _note(self, text: str) -> None:
        await self._journal.commit(SafetyEvent("flatten_step", text, self._clock.market_ms()))

    async def _tell(self, result: Flattened, run: _Run) -> None:
        """Once for every change that matters: no step and no long outage is a reason to repeat oneself."""
        if result.stepping or not (run.held or result.sold):
            return
        told, before = (len(result.sold), result.left), self._told.get(run.name, set())
        if told in before and (result.left or not result.sold):
            return
        stuck = any(left for _, left in before)
        self._told[run.name] = {told} if result.flat else before | {told}
        now = self._clock.market_ms()
        net = sum((trip.net_pnl for trip in result.sold), ZERO)
        text = "Flattened" if result.flat else "Flattening"
        text += f" for {run.why}"
        text += f": {sales(len(result.sold), net, 'sold')}." if result.sold or result.left else "."
        if result.residue:
            text += f" {dust(result)}"
        if result.left:
            text += f" Still open: {'; '.join(result.left)}."
        severity = Severity.WARNING if result.flat else Severity.CRITICAL
        if result.flat and run.why == BY_OWNER and not stuck:
            severity = Severity.INFO  # asked for, and the answer to it says the same
        news = Announcement(f"flatten:{now}", EventKind.FLATTEN, severity, text, now)
        await self._journal.commit(news, SafetyEvent("flatten", text, now))
        self._herald.announced(news)
