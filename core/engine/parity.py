"""The parity ledger: every live trade beside its paper twin, and what the two differ by.

A twin is what the paper account would have booked for the same order at the same moment: a market order at
the bid or ask when it was sent, widened to the configured spread, and likewise a limit that crosses; a stop
at the bid that its trigger means; a resting limit at its own price. The prices of that moment are those of
the socket, for what was read last may be older: an exit takes its stop away first, and while a market falls
every second of age would count as slippage. Slippage is counted per side in basis points, above 0 when live
is worse.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import groupby

from core.engine import words
from core.engine.portfolio import Booking
from core.engine.ports import Market
from core.matching.paper_rule import taken_at
from core.model.facts import ParityRow
from core.model.market import Advisory, Candle, ExchangeStatus, Pair, Quote, Timeframe
from core.model.money import ZERO, Money, Price, Qty, to_decimal
from core.model.orders import Leg, OrderRequest, OrderType, OwnOrder, Side
from core.model.views import Estimate, ParityLine
from core.risk.record import Record, record_of
from core.trading_config import CostConfig

_KEPT = 2_000  # rows that estimates are made of
_WAITING = 500  # orders whose fills are still awaited
_ENOUGH = 20  # fills before a measured slippage counts in the edge
_BPS = Decimal(10_000)


def slippage_bps(row: ParityRow) -> float:
    """How much worse the live price was than the twin's, in basis points of it."""
    worse = row.price - row.twin_price if row.side is Side.BUY else row.twin_price - row.price
    return float(worse / row.twin_price * _BPS) if row.twin_price else 0.0


def fee_bps(row: ParityRow) -> float:
    """How much more was paid in fees than on paper, in basis points of the value."""
    value = row.qty * row.price
    return float((row.fee - row.twin_fee) / value * _BPS) if value else 0.0


NOTHING = Estimate(0, 0.0, None, None)


def estimate(found: Record) -> Estimate:
    """A record of differences as screens show it."""
    return Estimate(found.trades, found.mean, found.low, found.high)


class Parity:
    """Makes twins of live trades and estimates how live and paper diverge."""

    def __init__(
        self,
        pairs: Mapping[str, Pair],
        costs: CostConfig,
        told: Callable[[str], Quote | None] = lambda _: None,
    ) -> None:
        """`told` has a pair's prices this moment, without asking; None where they are not known."""
        self._pairs = pairs
        self._told = told
        self._half = to_decimal(costs.spread_bps) / 2 / _BPS
        self._maker, self._taker = to_decimal(costs.maker), to_decimal(costs.taker)
        self._quotes: dict[str, Quote] = {}
        self._expected: OrderedDict[str, Price] = OrderedDict()  # by intent
        self.rows: deque[ParityRow] = deque(maxlen=_KEPT)

    def load(self, rows: Iterable[ParityRow]) -> None:
        """Take over what earlier runs measured, oldest first."""
        self.rows.extend(rows)

    def saw(self, quotes: Mapping[str, Quote]) -> None:
        """Prices that were just read."""
        self._quotes.update(quotes)

    def expect(self, request: OrderRequest) -> Price | None:
        """What the paper account would pay or get for this order now; None when no price was seen."""
        quote = self._told(request.symbol) or self._quotes.get(request.symbol)
        taken = None
        if quote is not None and quote.mid:
            taken = taken_at(
                self._pairs[request.symbol], request.side, quote.mid, quote.spread / 2, self._half
            )
        if request.type is OrderType.MARKET:
            return taken
        if request.type is not OrderType.LIMIT or request.price is None:
            return None
        return taken if taken is not None and _crosses(request, taken) else request.price

    def sending(self, request: OrderRequest) -> None:
        """An order is about to be sent: its twin is made of what is seen now."""
        expected = self.expect(request)
        if expected is not None:
            self._expected[request.cl_ord_id] = expected
            while len(self._expected) > _WAITING:
                self._expected.popitem(last=False)

    def twins(self, bookings: Sequence[Booking], triggers: Mapping[str, Price]) -> list[ParityRow]:
        """One row for what each order just did. `triggers` are the own stops' prices before it."""
        made = []
        for _, group in groupby(bookings, lambda one: one.order.txid):
            row = self._twin(list(group), triggers)
            if row is not None:
                made.append(row)
        self.rows.extend(made)
        return made

    def _stopped(self, order: OwnOrder, triggers: Mapping[str, Price]) -> Price | None:
        trigger = triggers.get(order.txid)
        if trigger is None or order.leg is not Leg.STOP:
            return None
        return taken_at(self._pairs[order.symbol], order.side, trigger, ZERO, self._half)

    def _twin(self, bookings: list[Booking], triggers: Mapping[str, Price]) -> ParityRow | None:
        order = bookings[0].order
        expected = self._expected.get(order.intent_id) or self._stopped(order, triggers)
        if expected is None:
            return None
        fills = [one.fill for one in bookings]
        last = fills[-1]
        qty = Qty(sum((one.qty for one in fills), ZERO))
        cost = sum((one.cost for one in fills), ZERO)
        fee = Money(sum((one.fee for one in fills), ZERO))
        maker = all(one.maker for one in fills)
        twin_fee = Money(qty * expected * (self._maker if maker else self._taker))
        price = Price(cost / qty)
        return ParityRow(
            last.id,
            order.symbol,
            order.side,
            order.leg,
            last.time_ms,
            qty,
            price,
            fee,
            expected,
            twin_fee,
            maker,
        )

    def slippage(self, symbol: str | None = None) -> Record:
        """Slippage a side in basis points, of taken orders, with its interval."""
        rows = [one for one in self.rows if not one.maker and symbol in (None, one.symbol)]
        return record_of([slippage_bps(one) for one in rows])

    def fees(self) -> Record:
        """How much more is paid in fees than on paper, in basis points of the value, with its interval."""
        return record_of([fee_bps(one) for one in self.rows])

    def measured_slippage(self, symbol: str, otherwise: Decimal) -> Decimal:
        """A share for one side: of this pair, of all pairs, or `otherwise` while too few were measured."""
        for found in (self.slippage(symbol), self.slippage()):
            if found.trades >= _ENOUGH:
                return max(ZERO, to_decimal(found.mean) / _BPS)
        return otherwise

    def lines(self, limit: int) -> tuple[ParityLine, ...]:
        """The newest orders beside their twins."""
        newest = list(self.rows)[: -limit - 1 : -1]
        return tuple(
            ParityLine(
                one.symbol, one.side.value, one.leg.value, one.time_ms, one.qty, one.price, one.twin_price,
                one.fee, one.twin_fee, one.maker, slippage_bps(one),
            )
            for one in newest
        )  # fmt: skip

    def text(self) -> str:
        """Live against paper in one line."""
        if not self.rows:
            return "Live against paper: no trade measured yet."
        slip, fees = self.slippage(), self.fees()
        return (
            f"Live against paper, {words.count(len(self.rows), 'order')}: slippage {_bps(slip)} a side, "
            f"fees {_bps(fees)} beyond the paper account's."
        )


def _crosses(request: OrderRequest, taken: Price) -> bool:
    """Whether a limit is as good as a market order: it allows a worse price than that one gets."""
    if request.post_only or request.price is None:
        return False
    return request.price >= taken if request.side is Side.BUY else request.price <= taken


def _bps(found: Record) -> str:
    if found.low is None or found.high is None:
        return f"{found.mean:+.1f} bps"
    return f"{found.mean:+.1f} bps (95 % sure: {found.low:+.1f} to {found.high:+.1f})"


class SeenMarket:
    """A market whose quotes the parity ledger sees as they come."""

    def __init__(self, market: Market, parity: Parity) -> None:
        self._market = market
        self._parity = parity

    async def pairs(self) -> Mapping[str, Pair]:
        return await self._market.pairs()

    async def candles(self, symbol: str, timeframe: Timeframe, limit: int = 720) -> list[Candle]:
        return await self._market.candles(symbol, timeframe, limit)

    async def quotes(self, symbols: Sequence[str]) -> Mapping[str, Quote]:
        found = await self._market.quotes(symbols)
        self._parity.saw(found)
        return found

    async def status(self) -> ExchangeStatus:
        return await self._market.status()

    async def advisories(self) -> Sequence[Advisory]:
        return await self._market.advisories()
