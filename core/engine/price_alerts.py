"""Conditions the owner asked to hear of: each is told once, in the transaction that ends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Protocol

from core.clock import Clock, WallSeconds
from core.engine import words
from core.engine.portfolio import Portfolio
from core.engine.ports import Herald, Market
from core.model.alarms import Condition, PriceAlert
from core.model.errors import Refused, VenueError
from core.model.events import Announcement, EventKind, Severity
from core.model.facts import Fact
from core.model.market import Quote

LOOK_S = 1.0
MOST = 50


class Kept(Protocol):
    async def commit(self, *facts: Fact) -> None: ...

    async def price_alerts(self) -> list[PriceAlert]: ...


class PriceAlerts:
    """Watches what the owner waits for. `run` is a supervised task."""

    def __init__(
        self, market: Market, portfolio: Portfolio, kept: Kept, herald: Herald, clock: Clock
    ) -> None:
        self._market = market
        self._portfolio = portfolio
        self._kept = kept
        self._herald = herald
        self._clock = clock
        self._waiting: list[PriceAlert] = []

    @property
    def waiting(self) -> tuple[PriceAlert, ...]:
        return tuple(self._waiting)

    async def load(self) -> None:
        """Take up what was asked for before."""
        self._waiting = await self._kept.price_alerts()

    async def add(self, symbol: str, condition: Condition | None, level: Decimal | None) -> PriceAlert:
        """Wait for a condition; None is the side of `level` on which the price is not yet.

        Raises Refused when it holds already or cannot be watched.
        """
        if len(self._waiting) >= MOST:
            raise Refused(f"I already wait for {MOST} things.", "too_many", "/alerts remove 1 makes room.")
        if level is not None:
            condition = await self._side(symbol, condition, level)
        elif not self._portfolio.invested(symbol):
            raise Refused(f"There is no open {words.coin(symbol)} position to watch.", "no_position")
        assert condition is not None
        now_ms = self._clock.market_ms()
        made = PriceAlert(f"{symbol} {condition} {level} {now_ms}", symbol, condition, level, now_ms)
        await self._kept.commit(made)
        self._waiting.append(made)
        return made

    async def _side(self, symbol: str, condition: Condition | None, level: Decimal) -> Condition:
        """On which side of the level to wait. Raises Refused when the price is there already."""
        quote = (await self._market.quotes([symbol])).get(symbol)
        if quote is None:
            raise Refused(f"Kraken quotes no price for {symbol} now.", "no_price")
        side = condition or (Condition.ABOVE if quote.last < level else Condition.BELOW)
        if condition is not None and _reached(side, level, quote):
            now = words.price(quote.last)
            raise Refused(f"{words.coin(symbol)} is {side} that already, at {now}.", "reached")
        return side

    async def remove(self, *gone: PriceAlert) -> None:
        """Wait no longer for these."""
        for one in gone:
            if one in self._waiting:
                await self._end(one, "removed")

    async def run(self) -> None:
        while True:
            await self.look()
            await self._clock.sleep(WallSeconds(LOOK_S))

    async def look(self) -> None:
        """Tell what has come true; without prices nothing is known and the wait goes on."""
        symbols = sorted({one.symbol for one in self._waiting})
        if not symbols:
            return
        try:
            quotes = await self._market.quotes(symbols)
        except VenueError:
            return
        for one in tuple(self._waiting):
            quote = quotes.get(one.symbol)
            text = self._comes_true(one, quote) if quote is not None else ""
            if text:
                await self._tell(one, text)

    def _comes_true(self, one: PriceAlert, quote: Quote) -> str:
        """What to say when the condition holds, else nothing."""
        coin = words.coin(one.symbol)
        if one.level is not None:
            if not _reached(one.condition, one.level, quote):
                return ""
            return f"{coin} is {one.condition} {words.price(one.level)}: {words.price(quote.last)} now."
        if not self._portfolio.invested(one.symbol):
            return f"The {coin} position you watched is closed."
        self._portfolio.mark(one.symbol, quote.bid)
        result = self._portfolio.open_result(one.symbol)
        if (result > 0) is not (one.condition is Condition.GREEN):
            return ""
        return (
            f"The {coin} trade is {one.condition}: {words.signed(result, one.symbol.partition('/')[2])} now."
        )

    async def _tell(self, one: PriceAlert, text: str) -> None:
        news = Announcement(
            f"price_alert:{one.key}", EventKind.PRICE_ALERT, Severity.TRADE, text, self._clock.market_ms(),
            data={"symbol": one.symbol},
        )  # fmt: skip
        await self._end(one, "fired", news)
        self._herald.announced(news)

    async def _end(self, one: PriceAlert, by: str, *news: Announcement) -> None:
        await self._kept.commit(replace(one, ended_ms=self._clock.market_ms(), ended_by=by), *news)
        self._waiting.remove(one)


def _reached(condition: Condition, level: Decimal, quote: Quote) -> bool:
    return quote.last >= level if condition is Condition.ABOVE else quote.last <= level


def condition_in_words(one: PriceAlert) -> str:
    coin = words.coin(one.symbol)
    if one.level is None:
        return f"when the {coin} trade turns {one.condition}"
    return f"when {coin} is {one.condition} {words.price(one.level)}"


def numbered(waiting: Sequence[PriceAlert]) -> list[str]:
    """The conditions as the owner names them, from 1."""
    return [f"{number}. {condition_in_words(one)}" for number, one in enumerate(waiting, start=1)]
