"""No position without its stop, and never two exits that can both fill.

The stop rests on the exchange from the first fill. Leaving a position means: cancel the stop, know what it
filled, sell what is left, and put the stop back for whatever was not sold. While the outcome of an order is
unknown, or its fills are not all shown, nothing more is sold than what is surely there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Container, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from decimal import Decimal

from core.clock import Clock
from core.engine import words
from core.engine.executor import Done, Executor
from core.engine.intents import Ticket
from core.engine.portfolio import Brackets, Portfolio
from core.engine.ports import Account, Herald, Journal
from core.engine.shortfall import Shortfall
from core.model.account import Balance, Position
from core.model.errors import Rejected, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.money import NO_QTY, ZERO, Price, Qty, plain, to_decimal
from core.model.orders import Leg, OrderReport, OrderType, Origin, Side

_AGREE_S = 4.0  # wall seconds between two looks that must agree
_REFUSALS = 3  # stops refused in a row before the position is sold instead
_NO_EXCESS = (ZERO, 0.0)


@dataclass(frozen=True, slots=True)
class Left:
    """What remains of a position after an attempt to leave it, and why.

    `offered` when an order for it ended at the exchange: then the market did not take all of it.
    """

    qty: Qty
    reason: str = ""
    offered: bool = False


class Protection:
    """Covers positions with resting stops and takes them out of the market."""

    def __init__(
        self,
        executor: Executor,
        account: Account,
        portfolio: Portfolio,
        journal: Journal,
        herald: Herald,
        clock: Clock,
        fallback_stop: float,
        closed: Callable[[], str],
        keep: Callable[[], None],
        look_soon: Callable[[], None],
    ) -> None:
        """`fallback_stop` is the share below entry where a stop goes when its wanted price was lost.

        `closed`: why the exchange takes no orders, if so; `keep` mirrors the state, `look_soon` reads anew.
        """
        self._executor = executor
        self._account = account
        self._portfolio = portfolio
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._fallback = fallback_stop
        self._closed = closed
        self._keep = keep
        self._look_soon = look_soon
        self._refused: dict[str, int] = {}  # stops refused in a row, by symbol
        self._excess: dict[str, tuple[Decimal, float]] = {}  # stops beyond what is held, and since when
        self._lacking = Shortfall(clock)
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._turns: defaultdict[str, int] = defaultdict(int)

    @asynccontextmanager
    async def at_work(self, symbol: str, look_after: bool = False) -> AsyncIterator[None]:
        """Held by whoever changes a symbol's position.

        With `look_after` the account is read soon when an error leaves the position bare or an order open.
        """
        async with self._locks[symbol]:
            try:
                yield
            finally:
                self._turns[symbol] += 1
                if look_after and (self._bare(symbol) or self._executor.unsure(symbol)):
                    self._look_soon()

    def _bare(self, symbol: str) -> bool:
        """Whether a part of a position has no stop, or is not there."""
        position = self._portfolio.position(symbol)
        return position is not None and bool(self._lacks(position) or self._lacking.waits(symbol))

    def busy(self, symbol: str) -> bool:
        """Whether somebody is at work on a symbol."""
        return self._locks[symbol].locked()

    @property
    def busy_symbols(self) -> list[str]:
        return [symbol for symbol, lock in self._locks.items() if lock.locked()]

    @property
    def restless(self) -> bool:
        """Whether something here should be looked at again soon."""
        return bool(self._refused or self._excess or self._lacking) or any(
            map(self._lacks, self._portfolio.positions.values())
        )

    async def cover_all(self) -> None:
        """Check every open position against what rests at the exchange, and repair."""
        turns = dict(self._turns)
        own = self._portfolio.own_stops(await self._account.open_orders())
        for symbol in sorted({*own, *self._portfolio.bracketed}):
            if self.busy(symbol) or self._turns[symbol] != turns.get(symbol, 0):
                continue  # somebody works on it, or did since we looked, and leaves it covered
            async with self.at_work(symbol):
                try:
                    await self._repair(symbol, own.get(symbol, []))
                except VenueError as error:
                    await self._note("not_checked", f"{symbol}: {error}")

    async def _repair(self, symbol: str, resting: list[OrderReport]) -> None:
        await self._see(symbol, resting)
        await self.cover(symbol)
        await self._trim(symbol)

    async def _see(self, symbol: str, resting: Iterable[OrderReport]) -> None:
        """Note which stops rest; one that is not listed any more is asked for by itself."""
        shown = {one.txid: one for one in resting}
        for txid in self._portfolio.brackets(symbol).stop_txids:
            if txid not in shown and not self._portfolio.has_ended(txid):
                shown |= await self._asked_for(txid)
        self._portfolio.adopt_stops(symbol, shown.values())

    async def _asked_for(self, txid: str) -> dict[str, OrderReport]:
        """A stop by its own report while it is open; nothing when it is over."""
        try:
            report = await self._executor.look(txid)
        except Rejected:
            return {}  # the exchange knows no such order any more
        return {} if report.status.final else {txid: report}

    async def after_stop(self, symbol: str) -> None:
        """The price went through a stop: book what it sold, and guard again what it could not sell."""
        if self._refused.get(symbol, 0) >= _REFUSALS:
            return  # left to the looks at the account, whose budget this would spend
        async with self.at_work(symbol, look_after=True):
            try:
                await self._see(symbol, ())
                await self.cover(symbol)
            except VenueError as error:
                await self._note("not_checked", f"{symbol}: {error}")

    async def cover(self, symbol: str, guarded: Qty = NO_QTY) -> None:
        """Add what stops lack, being at work on it; `guarded`: what those covered that were taken back."""
        position = self._portfolio.position(symbol)
        if position is None or not self._lacks(position):
            self._refused.pop(symbol, None)
        elif self._executor.unsure(symbol):
            await self._note("not_covered", f"{symbol}: an order of it has no answer yet")
        elif why := self._closed():
            await self._tell_naked(position, why)
        else:
            await self._place_missing(position, guarded)

    def _lacks(self, position: Position) -> Qty:
        """How much of what is there no stop covers; nothing when that is too little for an order."""
        pair, there = self._portfolio.pair(position.symbol), self._portfolio.on_hand(position.symbol)
        missing = pair.qty(max(ZERO, there - self._lacking.of(position.symbol) - position.stopped_qty))
        return Qty(ZERO) if not missing or pair.too_small(missing, self._stop_price(position)) else missing

    def _stop_price(self, position: Position) -> Price:
        pair = self._portfolio.pair(position.symbol)
        return position.stop or pair.price(position.entry_price * (1 - to_decimal(self._fallback)))

    async def _place_missing(self, position: Position, guarded: Qty) -> None:
        symbol, missing, price = position.symbol, self._lacks(position), self._stop_price(position)
        ticket = Ticket(
            symbol, Side.SELL, missing, Leg.STOP, position.origin, position.cause,
            OrderType.STOP_LOSS, price, rule=position.rule,
        )  # fmt: skip
        done = await self._as_much_as_there_is(ticket, price)
        placed = done.intent.request.qty
        if done.report is None or (done.report.status.final and done.filled < placed):
            await self._without_stop(position, done.reason)
            return
        if placed == missing:
            self._refused.pop(symbol, None)
        if placed != guarded:
            await self._tell_placed(position, placed, price, guarded)

    async def _without_stop(self, position: Position, reason: str) -> None:
        """Tell it; when an open exchange refuses again and again, sell what has no stop."""
        symbol = position.symbol
        await self._tell_naked(position, reason)
        self._refused[symbol] += 1
        if self._refused[symbol] < _REFUSALS:
            return
        left = await self._sell(position, Leg.FLATTEN, position.origin, self._lacks(position), position.cause)
        await self._note("sold_for_want_of_a_stop", f"{symbol}: {left.reason or 'sold'}")

    async def _trim(self, symbol: str) -> None:
        """Take back stops for more than is held, once two checks agree: a fill may just be late."""
        held = self._portfolio.on_hand(symbol) + self._portfolio.coming(symbol, Side.BUY)
        covered = self._portfolio.brackets(symbol).stopped_qty
        excess = covered - held
        seen, since = self._excess.get(symbol, _NO_EXCESS)
        if excess <= 0 or self._executor.unsure(symbol):
            self._excess.pop(symbol, None)
        elif seen != excess:
            self._excess[symbol] = (excess, self._clock.monotonic())
        elif self._clock.monotonic() - since >= _AGREE_S and await self._cancel_stops(symbol):
            self._excess.pop(symbol, None)
            await self._note("stop_trimmed", f"{symbol}: stops covered {excess} more than was held")
            await self.cover(symbol, covered)

    async def _tell_naked(self, position: Position, reason: str) -> None:
        """Once, until it is covered."""
        if position.symbol in self._refused:
            return
        self._refused[position.symbol] = 0
        now = self._clock.market_ms()
        text = f"{position.symbol} has no stop on the exchange: {reason}. I try again, and sell it if I must."
        key = f"naked:{position.cause}:{now}"
        news = Announcement(key, EventKind.STOP_MISSING, Severity.CRITICAL, text, now, position.cause)
        await self._tell(news)

    async def _tell_placed(self, position: Position, qty: Qty, price: Price, guarded: Qty) -> None:
        now, coin = self._clock.market_ms(), words.coin(position.symbol)
        what = f"{words.qty(qty)} {coin} at {words.price(price)}"
        kind, text = EventKind.STOP_RESTORED, f"Placed a stop for {what}: it was not covered."
        if guarded:
            kind, text = EventKind.NOTICE, f"The stop now guards what is left: {what}."
        key = f"covered:{position.cause}:{now}"
        await self._tell(Announcement(key, kind, Severity.INFO, text, now, position.cause))

    async def _tell(self, news: Announcement) -> None:
        event = SafetyEvent(news.kind.value, news.text, news.time_ms, news.correlation)
        await self._journal.commit(news, event)
        self._herald.announced(news)

    async def aim(self, symbol: str, target: Price) -> bool:
        """Sell a position once it reaches this price; False when there is none any more."""
        async with self.at_work(symbol):
            if not self._portfolio.holds(symbol):
                return False
            self._portfolio.set_target(symbol, target)
        self._keep()
        return True

    async def cancel_entry(self, symbol: str, txid: str) -> OrderReport:
        """Cancel a resting entry; what it had bought is covered."""
        async with self.at_work(symbol, look_after=True):
            report = await self._executor.cancel(txid)
            await self.cover(symbol)
            return report

    async def leave(
        self,
        symbol: str,
        leg: Leg,
        origin: Origin,
        qty: Qty | None = None,
        correlation: str = "",
        limit: Price | None = None,
    ) -> Left:
        """Sell a position, or `qty` of it, at market or, with `limit`, as far as that price reaches at once.

        What could not be sold has its stop again.
        """
        async with self.at_work(symbol, look_after=True):
            if not self._portfolio.holds(symbol):
                return Left(Qty(ZERO))
            if reason := self._not_now(symbol):
                return Left(self._portfolio.on_hand(symbol), reason)
            left = await self._leave(symbol, leg, origin, qty, correlation, limit)
            return replace(left, qty=self._portfolio.on_hand(symbol))

    def _not_now(self, symbol: str) -> str:
        """Why a stop is better left where it rests, or nothing."""
        if self._executor.unsure(symbol):
            return "an order of it has no answer yet; I am looking for it"
        return self._lacking.why(symbol) or self._closed()

    def looked_at(self, short: Container[str], balances: Mapping[str, Balance]) -> None:
        """The account was read; `short` are the symbols whose coins it lacks still."""
        held = self._portfolio.positions
        self._lacking.looked_at(short, {one: balances.get(self._portfolio.pair(one).base) for one in held})

    async def _leave(
        self, symbol: str, leg: Leg, origin: Origin, qty: Qty | None, correlation: str, limit: Price | None
    ) -> Left:
        # A disk that fails must fail before the stop is gone: the sale and the new stop need it too.
        await self._note("leaving", f"{symbol}: {leg}")
        before = self._portfolio.brackets(symbol)
        guarded = NO_QTY if self._bare(symbol) else before.stopped_qty
        try:
            if not await self._cancel_stops(symbol):
                return Left(NO_QTY, "the stop could not be cancelled, so it stays and nothing was sold")
            if self._executor.unsure(symbol):
                return Left(NO_QTY, "an entry of it filled just now; its stop has to be seen first")
            position = self._portfolio.position(symbol)
            if position is None:
                return Left(NO_QTY)
            return await self._sell(position, leg, origin, qty, correlation, limit)
        except VenueError as error:
            return Left(NO_QTY, f"the exchange did not answer ({error})")
        finally:
            await self._put_back(symbol, before, guarded)

    async def _put_back(self, symbol: str, before: Brackets, guarded: Qty) -> None:
        if not self._portfolio.holds(symbol):
            return
        brackets = self._portfolio.brackets(symbol)
        self._portfolio.set_brackets(symbol, replace(brackets, stop=before.stop, target=before.target))
        try:
            own = self._portfolio.own_stops(await self._account.open_orders())
            await self._see(symbol, own.get(symbol, []))
            await self.cover(symbol, guarded)
        except VenueError as error:
            await self._note("not_put_back", f"{symbol}: {error}")

    async def _sell(
        self, position: Position, leg: Leg, origin: Origin, qty: Qty | None, correlation: str,
        limit: Price | None = None,
    ) -> Left:  # fmt: skip
        """Sell once; the reason when not all of it went."""
        symbol, pair = position.symbol, self._portfolio.pair(position.symbol)
        there = self._portfolio.on_hand(symbol)
        wanted = pair.qty(min(there, qty if qty is not None else there))
        mark = limit or self._portfolio.mark_of(symbol) or position.entry_price
        if not wanted:
            return Left(NO_QTY, "too small to sell" if there else "")
        if small := pair.too_small(wanted, mark):
            return Left(NO_QTY, f"too small to sell: {small}")
        kind = OrderType.MARKET if limit is None else OrderType.LIMIT
        ticket = Ticket(
            symbol, Side.SELL, wanted, leg, origin, position.cause, kind, limit,
            correlation=correlation, rule=position.rule, at_once=limit is not None,
        )  # fmt: skip
        done = await self._as_much_as_there_is(ticket, mark)
        if done.filled >= wanted:
            return Left(NO_QTY)
        if limit is not None and done.report is not None:
            return Left(NO_QTY, f"the market did not take all of it down to {plain(limit)}", offered=True)
        reason = done.reason or "the market did not take all of it"
        return Left(NO_QTY, reason, offered=done.report is not None)

    async def _as_much_as_there_is(self, ticket: Ticket, price: Price) -> Done:
        """Send it; when that is refused and an order of the owner's holds coins of ours, for what is free."""
        done = await self._executor.carry_out(ticket)
        if done.report is not None or self._executor.unsure(ticket.symbol):
            return done
        pair = self._portfolio.pair(ticket.symbol)
        wallet = (await self._account.balances()).get(pair.base)
        free = pair.qty(wallet.free if wallet else ZERO)
        if (gone := self._portfolio.on_hand(ticket.symbol) - (wallet.total if wallet else ZERO)) >= pair.lot:
            self._lacking.gone(ticket.symbol, gone, done.reason)
        elif pair.too_small(free, price) and not self._portfolio.brackets(ticket.symbol).stop_txids:
            self._lacking.held(ticket.symbol, done.reason)
        if free >= ticket.qty or pair.too_small(free, price):
            return done
        return await self._executor.carry_out(replace(ticket, qty=free))

    async def _cancel_stops(self, symbol: str) -> bool:
        """Cancel every own stop resting for a symbol; False when one may still fill."""
        clear = True
        for txid in self._portfolio.brackets(symbol).stop_txids:
            clear = await self._cancelled(symbol, txid) and clear
        if clear:
            self._portfolio.adopt_stops(symbol, ())
        return clear

    async def _cancelled(self, symbol: str, txid: str) -> bool:
        try:
            return (await self._executor.cancel(txid)).status.final
        except VenueError as error:
            await self._note("stop_not_cancelled", f"{symbol}: {error}")
            return False

    async def sweep(self, symbol: str, txids: Iterable[str]) -> bool:
        """Cancel own orders that rest for a pair of which nothing is held; False when one may still fill."""
        async with self.at_work(symbol, look_after=True):
            if self._portfolio.holds(symbol) or self._portfolio.coming(symbol, Side.BUY):
                return True  # what rests there guards it
            cleared = [await self._cancelled(symbol, txid) for txid in txids]
            await self.cover(symbol)
            return all(cleared)

    async def _note(self, kind: str, text: str) -> None:
        await self._journal.commit(SafetyEvent(kind, text, self._clock.market_ms()))
