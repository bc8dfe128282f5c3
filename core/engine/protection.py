"""No position without its stop, and never two exits that can both fill.

The stop rests on the exchange from the first fill. Leaving a position means: cancel the stop, know what it
filled, sell what is left, and put the stop back for whatever was not sold.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, replace

from core.clock import Clock
from core.engine.executor import Executor, Ticket
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Herald, Journal
from core.model.account import Position
from core.model.errors import VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import SafetyEvent
from core.model.money import ZERO, Price, Qty, to_decimal
from core.model.orders import Leg, OrderStatus, OrderType, Origin, Side


@dataclass(frozen=True, slots=True)
class Left:
    """What remains of a position after an attempt to leave it, and why."""

    qty: Qty
    reason: str = ""


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
    ) -> None:
        """`fallback_stop` is the share below entry where a stop goes when its wanted price was lost."""
        self._executor = executor
        self._account = account
        self._portfolio = portfolio
        self._journal = journal
        self._herald = herald
        self._clock = clock
        self._fallback = fallback_stop
        self._excess: dict[str, Qty] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def lock(self, symbol: str) -> asyncio.Lock:
        """Held by whoever changes a symbol's position."""
        return self._locks[symbol]

    async def cover_all(self) -> None:
        """Check every open position against what rests at the exchange, and repair."""
        self._portfolio.adopt_stops(await self._account.open_orders())
        for symbol in self._portfolio.bracketed:
            if self._locks[symbol].locked():
                continue  # somebody is at work on it and will leave it covered
            async with self._locks[symbol]:
                await self.cover(symbol)
                await self._trim(symbol)

    async def cover(self, symbol: str) -> bool:
        """Add what the resting stops lack; the caller holds the symbol's lock.

        True when the position is covered, or too small to be.
        """
        position = self._portfolio.position(symbol)
        return True if position is None else await self._place_missing(position)

    async def _trim(self, symbol: str) -> None:
        """Take back stops for more than is held, once two checks agree: a fill may just be late."""
        position = self._portfolio.position(symbol)
        stopped = self._portfolio.brackets(symbol).stopped_qty
        excess = stopped > (position.qty if position else ZERO)
        if not excess:
            self._excess.pop(symbol, None)
        elif self._excess.get(symbol) != stopped:
            self._excess[symbol] = stopped
        elif await self._cancel_stops(symbol):
            await self._note("stop_trimmed", f"{symbol}: stops covered {stopped}, more than was held")
            await self.cover(symbol)

    async def _place_missing(self, position: Position) -> bool:
        pair = self._portfolio.pair(position.symbol)
        missing = pair.qty(position.qty - position.stopped_qty)
        price = position.stop or pair.price(position.entry_price * (1 - to_decimal(self._fallback)))
        if missing <= 0 or pair.too_small(missing, price):
            return True
        done = await self._executor.carry_out(
            Ticket(
                position.symbol, Side.SELL, missing, Leg.STOP, position.origin, position.cause,
                OrderType.STOP_LOSS, price, rule=position.rule,
            )
        )  # fmt: skip
        self._portfolio.adopt_stops(await self._account.open_orders())
        if done.report is None:
            await self._tell_naked(position, done.reason)
            return False
        await self._tell_restored(position, missing, price)
        return True

    async def _tell_naked(self, position: Position, reason: str) -> None:
        now = self._clock.market_ms()
        text = f"{position.symbol} has no stop on the exchange: {reason}. I keep trying and can sell at once."
        key = f"naked:{position.cause}:{now}"
        await self._tell(
            Announcement(key, EventKind.STOP_MISSING, Severity.CRITICAL, text, now, position.cause)
        )

    async def _tell_restored(self, position: Position, qty: Qty, price: Price) -> None:
        now = self._clock.market_ms()
        text = f"Placed a stop for {qty} {position.symbol} at {price}: it was not covered."
        key = f"covered:{position.cause}:{now}"
        await self._tell(Announcement(key, EventKind.STOP_RESTORED, Severity.INFO, text, now, position.cause))

    async def _tell(self, news: Announcement) -> None:
        event = SafetyEvent(news.kind.value, news.text, news.time_ms, news.correlation)
        await self._journal.commit(news, event)
        self._herald.announced(news)

    async def leave(
        self, symbol: str, leg: Leg, origin: Origin, qty: Qty | None = None, correlation: str = ""
    ) -> Left:
        """Sell a position, or `qty` of it, at market. What could not be sold has its stop again."""
        async with self._locks[symbol]:
            return await self._leave(symbol, leg, origin, qty, correlation)

    async def _leave(self, symbol: str, leg: Leg, origin: Origin, qty: Qty | None, correlation: str) -> Left:
        before = self._portfolio.brackets(symbol)
        if not await self._cancel_stops(symbol):
            return Left(
                self._held(symbol), "the stop could not be cancelled, so it stays and nothing was sold"
            )
        position = self._portfolio.position(symbol)
        if position is None:
            return Left(Qty(ZERO))
        reason = await self._sell(position, leg, origin, qty, correlation)
        if self._portfolio.holds(symbol):
            brackets = self._portfolio.brackets(symbol)
            self._portfolio.set_brackets(symbol, replace(brackets, stop=before.stop, target=before.target))
            await self.cover(symbol)
        return Left(self._held(symbol), reason)

    async def _sell(
        self, position: Position, leg: Leg, origin: Origin, qty: Qty | None, correlation: str
    ) -> str:
        """Sell once; the reason when not all of it went."""
        pair = self._portfolio.pair(position.symbol)
        wanted = pair.qty(min(position.qty, qty if qty is not None else position.qty))
        mark = self._portfolio.mark_of(position.symbol) or position.entry_price
        if small := pair.too_small(wanted, mark):
            return f"too small to sell: {small}"
        ticket = Ticket(
            position.symbol, Side.SELL, wanted, leg, origin, position.cause,
            correlation=correlation, rule=position.rule,
        )  # fmt: skip
        done = await self._executor.carry_out(ticket)
        return "" if done.filled >= wanted else done.reason or "the market did not take all of it"

    async def _cancel_stops(self, symbol: str) -> bool:
        """Cancel every own stop resting for a symbol; False when one may still fill."""
        clear = True
        for txid in self._portfolio.brackets(symbol).stop_txids:
            try:
                report = await self._executor.cancel(txid)
            except VenueError as error:
                await self._note("stop_not_cancelled", f"{symbol}: {error}")
                clear = False
            else:
                clear = clear and report.status is not OrderStatus.OPEN
        if clear:
            brackets = self._portfolio.brackets(symbol)
            self._portfolio.set_brackets(symbol, replace(brackets, stop_txids=(), stopped_qty=Qty(ZERO)))
        return clear

    async def _note(self, kind: str, text: str) -> None:
        await self._journal.commit(SafetyEvent(kind, text, self._clock.market_ms()))

    def _held(self, symbol: str) -> Qty:
        position = self._portfolio.position(symbol)
        return position.qty if position else Qty(ZERO)
