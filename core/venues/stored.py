"""What Zyn last knew of the exchange, behind the engine's ports: for questions while it does not run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.model.account import Balance, Position
from core.model.errors import Rejected
from core.model.market import Advisory, Candle, ExchangeStatus, FeeRates, Pair, Quote, Timeframe
from core.model.money import NO_MONEY, ZERO, Money, Price, Qty
from core.model.orders import Fill, Leg, OrderIntent, OrderReport, OrderRequest, OrderStatus, OrderType, Side

_ASLEEP = "Zyn is not running, so nothing can be done at the exchange now"


@dataclass(frozen=True, slots=True)
class Remembered:
    """Everything stored that an exchange would otherwise be asked for. `time_ms` is how old it is."""

    time_ms: int
    currency: str
    cash: Money = NO_MONEY
    fees: FeeRates = field(default_factory=lambda: FeeRates(ZERO, ZERO))
    pairs: Mapping[str, Pair] = field(default_factory=dict)
    closes: Mapping[str, tuple[Price, int]] = field(default_factory=dict)  # last judged close and its time
    intents: Sequence[OrderIntent] = ()
    fills: Sequence[Fill] = ()
    positions: Sequence[Position] = ()


class StoredVenue:
    """Market, Account and Orders over what is remembered; orders are refused."""

    def __init__(self, known: Remembered) -> None:
        self._known = known

    async def pairs(self) -> Mapping[str, Pair]:
        return self._known.pairs

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        """None are kept."""
        return []

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        """The last judged close of each pair, as old as it is."""
        found = {symbol: self._known.closes[symbol] for symbol in symbols if symbol in self._known.closes}
        return {symbol: Quote(symbol, price, price, price, at) for symbol, (price, at) in found.items()}

    async def status(self) -> ExchangeStatus:
        """Nothing may be opened on stored data."""
        return ExchangeStatus.MAINTENANCE

    async def advisories(self) -> Sequence[Advisory]:
        """None are kept."""
        return ()

    async def balances(self) -> Mapping[str, Balance]:
        known = self._known
        coins = {
            known.pairs[one.symbol].base: one.qty for one in known.positions if one.symbol in known.pairs
        }
        return {
            asset: Balance(asset, total, ZERO)
            for asset, total in {known.currency: known.cash, **coins}.items()
            if total
        }

    async def open_orders(self) -> list[OrderReport]:
        """The stops that rested when Zyn was last seen."""
        return [self._stop(one) for one in self._known.positions if one.stop is not None and one.stop_txids]

    def _stop(self, position: Position) -> OrderReport:
        return OrderReport(
            position.stop_txids[0], None, position.symbol, Side.SELL, OrderType.STOP_LOSS, OrderStatus.OPEN,
            position.qty, price=position.stop, opened_ms=position.opened_ms,
            parent_txid=self._entry_of(position),
        )  # fmt: skip

    def _entry_of(self, position: Position) -> str | None:
        entries = (one for one in self._known.intents if one.leg is Leg.ENTRY and one.txid)
        return next((one.txid for one in entries if one.cause == position.cause), None)

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        return []

    async def fills(self, since_ms: int) -> list[Fill]:
        return [one for one in self._known.fills if one.time_ms >= since_ms]

    async def fees(self, symbol: str) -> FeeRates:
        return self._known.fees

    def forget(self) -> None:
        """There is nobody else to ask."""

    async def place(self, request: OrderRequest) -> str:
        raise Rejected(_ASLEEP)

    async def cancel(self, txid: str) -> None:
        raise Rejected(_ASLEEP)

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        raise Rejected(_ASLEEP)

    async def order(self, txid: str) -> OrderReport:
        """An order as its stored fills tell it. Raises Rejected for one without any."""
        fills = [one for one in self._known.fills if one.order_txid == txid]
        if not fills:
            raise Rejected(f"nothing is stored of order {txid}")
        qty, cost = Qty(sum((one.qty for one in fills), ZERO)), Money(sum((one.cost for one in fills), ZERO))
        fee = Money(sum((one.fee for one in fills), ZERO))
        first, last = fills[0], fills[-1]
        return OrderReport(
            txid, None, first.symbol, first.side, OrderType.MARKET, OrderStatus.CLOSED, qty, qty, cost, fee,
            average=Price(cost / qty), opened_ms=first.time_ms, closed_ms=last.time_ms,
        )  # fmt: skip

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        intent = next((one for one in self._known.intents if one.id == cl_ord_id and one.txid), None)
        filled = {one.order_txid for one in self._known.fills}
        return await self.order(intent.txid) if intent and intent.txid in filled and intent.txid else None
