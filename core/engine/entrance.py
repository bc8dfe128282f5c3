"""The way into a position: quote, bracket, size, one order with its stop attached. Whoever asks, one road."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from decimal import Decimal

from core.clock import Clock
from core.engine.executor import Done, Executor
from core.engine.intents import Ticket
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Market
from core.engine.protection import Protection
from core.engine.treasury import Treasury
from core.model.decisions import Denied
from core.model.market import FeeRates, Pair, PairStatus, Quote
from core.model.money import Money, Price, Qty, to_decimal
from core.model.orders import Leg, OrderType, Origin, Side
from core.risk.brackets import Bracket, Distances, bracket
from core.risk.limits import HOUR_MS, entries_within_hour
from core.risk.sizing import Purse, size_entry
from core.trading_config import RiskConfig

_DRIFT = Decimal("0.98")  # prices may have moved so far since an entry was planned


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """An entry that may be sent: everything it will be, to the tick and lot."""

    symbol: str
    qty: Qty
    reference: Price  # the ask it was judged on, or its limit
    bracket: Bracket
    away: Distances
    fees: FeeRates
    type: OrderType = OrderType.MARKET
    expire_ms: int | None = None
    cut_by: str = ""

    @property
    def target(self) -> Price | None:
        """Where Zyn takes the profit; an owner's buy may have none."""
        return self.bracket.target if self.away.target else None

    @property
    def notional(self) -> Decimal:
        return self.qty * self.reference

    @property
    def fee(self) -> Decimal:
        return self.notional * self.fees.taker

    @property
    def worst_loss(self) -> Decimal:
        """Lost when the stop is hit where it rests: the distance and both fees."""
        out = self.qty * self.bracket.stop
        return self.notional - out + self.fee + out * self.fees.taker


class Entrance:
    """Plans entries and carries them out."""

    def __init__(
        self,
        executor: Executor,
        protection: Protection,
        portfolio: Portfolio,
        treasury: Treasury,
        market: Market,
        account: Account,
        clock: Clock,
        risk: RiskConfig,
    ) -> None:
        self._executor = executor
        self._protection = protection
        self._portfolio = portfolio
        self._treasury = treasury
        self._market = market
        self._account = account
        self._clock = clock
        self._risk = risk
        self._entries: deque[int] = deque(maxlen=1000)

    def entries_last_hour(self) -> int:
        return entries_within_hour(self._entries, self._clock.market_ms())

    def was_tried(self, cause: str) -> bool:
        """Whether this cause has had its entry: one a symbol and candle."""
        return self._executor.was_tried(cause, Leg.ENTRY)

    async def quote(self, symbol: str) -> Quote | None:
        return (await self._market.quotes([symbol])).get(symbol)

    async def fees(self, symbol: str) -> FeeRates:
        """What the account pays for this pair now."""
        return await self._account.fees(symbol)

    async def plan(
        self, symbol: str, quote: Quote, away: Distances, multiplier: float = 1.0
    ) -> EntryPlan | Denied:
        """Size the autopilot's market entry by the configured risk, at the ask of `quote`."""
        pair, fees = self._portfolio.pair(symbol), await self._account.fees(symbol)
        guard = self._guard(pair, quote.ask, away)
        if isinstance(guard, Denied):
            return guard
        risk = self._risk.for_autopilot()
        sized = size_entry(pair, quote.ask, guard.stop, self._purse, risk, fees.taker, multiplier)
        if isinstance(sized, Denied):
            return sized
        return EntryPlan(symbol, sized.qty, quote.ask, guard, away, fees, cut_by=sized.cut_by)

    async def plan_by_hand(
        self, symbol: str, reference: Price, qty: Qty, away: Distances, limit: bool
    ) -> EntryPlan | Denied:
        """An entry of the owner's size; refused when it breaks a cap, never quietly cut."""
        pair, fees = self._portfolio.pair(symbol), await self._account.fees(symbol)
        guard = self._guard(pair, reference, away)
        if isinstance(guard, Denied):
            return guard
        if small := pair.too_small(qty, reference):
            return Denied("too_small", small)
        if broken := self._broken_cap(symbol, qty * reference, fees):
            return Denied("over_cap", broken)
        if not limit:
            return EntryPlan(symbol, qty, reference, guard, away, fees)
        expire = self._clock.market_ms() + 24 * HOUR_MS
        return EntryPlan(symbol, qty, reference, guard, away, fees, OrderType.LIMIT, expire)

    def _guard(self, pair: Pair, entry: Price, away: Distances) -> Bracket | Denied:
        if pair.status is not PairStatus.ONLINE:
            return Denied(
                "pair_status", f"{pair.symbol} is {pair.status.value.replace('_', ' ')} on the exchange"
            )
        return bracket(pair, entry, away)

    @property
    def _purse(self) -> Purse:
        """What may be spent, with entries that wait at their limit counted as if they were filled."""
        purse = self._treasury.purse
        return Purse(purse.equity, Money(purse.exposure + self._waiting()), purse.cash)

    def _waiting(self, symbol: str | None = None) -> Decimal:
        """Notional of resting entries, of one pair or all."""
        requests = (one.request for one in self._executor.resting_entries())
        return sum(
            (one.qty * one.price for one in requests if one.price and symbol in (None, one.symbol)),
            Decimal(0),
        )

    def _broken_cap(self, symbol: str, notional: Decimal, fees: FeeRates) -> str:
        purse, risk = self._purse, self._risk
        held = self._portfolio.position(symbol)
        whole = notional + self._waiting(symbol) + (held.entry_cost if held else 0)
        most_one = purse.equity * to_decimal(risk.max_position)
        most_all = purse.equity * to_decimal(risk.max_exposure)
        if whole > most_one:
            return f"{whole:,.2f} in {symbol} is above the cap of {most_one:,.2f} on one position"
        if purse.exposure + notional > most_all:
            return f"{purse.exposure + notional:,.2f} in the market is above the cap of {most_all:,.2f}"
        if notional * (1 + fees.taker) > purse.cash:
            return f"it costs {notional * (1 + fees.taker):,.2f} with its fee and {purse.cash:,.2f} is free"
        if not self._portfolio.invested(symbol) and self._portfolio.open_count >= risk.max_open_positions:
            return f"{risk.max_open_positions} positions are open, the most allowed"
        return ""

    def outside_band(self, quote: Quote, judged_on: float | Decimal) -> Denied | None:
        """The market has left the price an entry was judged on."""
        reference = to_decimal(judged_on)
        moved = abs(quote.ask / reference - 1)
        if moved <= to_decimal(self._risk.price_band):
            return None
        return Denied("price_band", f"the price moved {moved:.2%} since it was judged, more than allowed")

    async def enter(
        self, plan: EntryPlan, origin: Origin, cause: str, rule: str, correlation: str
    ) -> Done | Denied:
        """Buy with the stop attached, and leave the position covered.

        Denied when something was bought since this was planned, and the caps no longer bear both.
        """
        async with self._protection.at_work(plan.symbol):
            if broken := self._broken_cap(plan.symbol, plan.notional * _DRIFT, plan.fees):
                return Denied("over_cap", broken)
            self._entries.append(self._clock.market_ms())
            done = await self._executor.carry_out(
                Ticket(
                    plan.symbol, Side.BUY, plan.qty, Leg.ENTRY, origin, cause, plan.type,
                    plan.reference if plan.type is OrderType.LIMIT else None, plan.bracket.stop,
                    Price(plan.away.stop), Price(plan.away.target) if plan.away.target else None,
                    plan.expire_ms, correlation, rule,
                )
            )  # fmt: skip
            if done.filled:
                await self._protection.cover(plan.symbol)
        await self._treasury.try_refresh()
        return done
