"""The owner's hands on Zyn's coins: sold or moved away on the exchange's own pages, and booked here.

A position whose coins are not in the wallet ends at the foreign sales that explain it. Two looks must agree
first, for a fill or a balance may just be late; coins that no sale explains leave at their cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal

from core.clock import Clock
from core.engine.bookkeeper import Bookkeeper
from core.engine.executor import Executor
from core.engine.known_past import BY_HAND, by_hand
from core.engine.portfolio import Portfolio
from core.engine.protection import Protection
from core.ledger.book import in_order
from core.model.account import Balance, Position
from core.model.facts import SafetyEvent
from core.model.money import NO_MONEY, ZERO, Money, Qty
from core.model.orders import Fill, Side

AGREE_S = 4.0  # wall seconds between two looks that must agree
_GONE_S = 60.0  # wall seconds after which coins that lack are taken as gone


class OwnersHands:
    """Notices at every look what a position lacks."""

    def __init__(
        self,
        portfolio: Portfolio,
        bookkeeper: Bookkeeper,
        executor: Executor,
        protection: Protection,
        clock: Clock,
    ) -> None:
        self._portfolio = portfolio
        self._bookkeeper = bookkeeper
        self._executor = executor
        self._protection = protection
        self._clock = clock
        self.short: dict[str, tuple[Decimal, float]] = {}  # coins that lack by symbol, and since when

    def any_lack(self, balances: Mapping[str, Balance]) -> bool:
        """Whether the wallet holds less than the book says: what the disk knows is not believed then."""
        return any(self._lacking(symbol, balances) > 0 for symbol in self._portfolio.positions)

    @property
    def awaits_since_ms(self) -> int | None:
        """From when to ask for the sales that explain what lacks: the opening of the oldest such position."""
        opened = (one.opened_ms for name, one in self._portfolio.positions.items() if name in self.short)
        return min(opened, default=None)

    def _lacking(self, symbol: str, balances: Mapping[str, Balance]) -> Decimal:
        """How many coins of a position are not in the wallet; 0 for less than an order's step."""
        pair = self._portfolio.pair(symbol)
        wallet = balances.get(pair.base)
        lacking = self._portfolio.on_hand(symbol) - (wallet.total if wallet else ZERO)
        return lacking if lacking >= pair.lot else ZERO

    async def notice(self, balances: Mapping[str, Balance], fills: Iterable[Fill]) -> None:
        """Book what is gone from the wallet for good; `fills` are all that are known, in any order."""
        now, positions = self._clock.monotonic(), self._portfolio.positions
        self.short = {symbol: seen for symbol, seen in self.short.items() if symbol in positions}
        for symbol, position in positions.items():
            if self._protection.busy(symbol) or self._executor.unsure(symbol):
                continue
            lacking = self._lacking(symbol, balances)
            seen, since = self.short.get(symbol, (ZERO, now))
            if not lacking:
                self.short.pop(symbol, None)
            elif seen != lacking:
                self.short[symbol] = (lacking, now)
            elif now - since >= AGREE_S:
                await self._book(position, lacking, now - since >= _GONE_S, fills)

    async def _book(self, position: Position, lacking: Decimal, gone: bool, fills: Iterable[Fill]) -> None:
        """Book what the newest foreign sales took of a position; what no sale explains left at its cost."""
        taken: list[Fill] = []
        for fill in reversed(self._foreign_sales(position, fills)):
            if lacking > 0:
                taken.append(_taken(fill, min(lacking, fill.qty)))
                lacking -= taken[-1].qty
        now = self._clock.market_ms()
        text = f"{position.symbol}: coins of this position were sold by hand"
        if lacking > 0 and gone:
            taken.append(_gone(position, Qty(lacking), now))
            text = f"{position.symbol}: coins of this position left the account without a sale of this pair"
        if not taken:
            return
        for fill in taken:
            self._portfolio.own(by_hand(fill.order_txid, fill.symbol, position.cause))
        self.short.pop(position.symbol, None)
        await self._bookkeeper.book(taken, SafetyEvent("manual_trade", text, now, position.cause))

    def _foreign_sales(self, position: Position, fills: Iterable[Fill]) -> list[Fill]:
        """Sales of the pair that are not ours and not counted yet, oldest first."""
        return [
            fill
            for fill in sorted(fills, key=in_order)
            if fill.symbol == position.symbol
            and fill.side is Side.SELL
            and fill.time_ms >= position.opened_ms
            and self._portfolio.order(fill.order_txid) is None
            and not self._portfolio.is_booked(BY_HAND + fill.id)
        ]


def _taken(fill: Fill, qty: Decimal) -> Fill:
    """The part of a foreign sale that took coins of ours, as a fill of its own."""
    ids = (BY_HAND + fill.id, BY_HAND + fill.order_txid)
    if qty == fill.qty:
        return replace(fill, id=ids[0], order_txid=ids[1])
    cost, fee = Money(fill.cost * qty / fill.qty), Money(fill.fee * qty / fill.qty)
    return replace(fill, id=ids[0], order_txid=ids[1], qty=Qty(qty), cost=cost, fee=fee)


def _gone(position: Position, qty: Qty, now_ms: int) -> Fill:
    """Coins that were withdrawn or changed elsewhere: no profit and no loss, so they leave at their cost."""
    name = f"{BY_HAND}{position.cause}:{now_ms}"
    cost = Money(position.entry_cost * qty / position.qty)
    return Fill(name, name, position.symbol, Side.SELL, position.entry_price, qty, cost, NO_MONEY, now_ms)
