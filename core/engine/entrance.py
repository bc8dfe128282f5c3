"""The way into a position: quote, bracket, size, one order with its stop attached. Whoever asks, one road."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from core.clock import Clock
from core.engine import words
from core.engine.executor import Done, Executor
from core.engine.in_force import InForce
from core.engine.intents import Ticket
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Journal, Market
from core.engine.protection import Protection
from core.engine.treasury import Treasury
from core.model.decisions import Denied
from core.model.facts import SafetyEvent
from core.model.market import FeeRates, Pair, PairStatus, Quote
from core.model.money import ZERO, Money, Price, Qty, to_decimal
from core.model.orders import Leg, OrderIntent, OrderType, Origin, Side
from core.risk.brackets import Bracket, Distances, bracket
from core.risk.caps import Carried, Exposed, Wanted, accepted_gap_loss, broken_cap, gap_loss
from core.risk.limits import HOUR_MS, too_late
from core.risk.sizing import Purse, size_entry
from core.trading_config import RiskConfig

ONE = Decimal(1)
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
    post_only: bool = False
    good_until_ms: int | None = None  # market time after which it is not sent any more

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
        journal: Journal,
        clock: Clock,
        in_force: InForce,
    ) -> None:
        self._executor = executor
        self._protection = protection
        self._portfolio = portfolio
        self._treasury = treasury
        self._market = market
        self._account = account
        self._journal = journal
        self._clock = clock
        self._in_force = in_force

    def entries_last_hour(self) -> int:
        return self._executor.entries_within_hour()

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
        risk = self._in_force.risk.for_autopilot()
        sized = size_entry(pair, quote.ask, guard.stop, self._purse, risk, fees.taker, multiplier)
        if isinstance(sized, Denied):
            return sized
        if forbidden := self._in_force.objection(symbol, sized.qty * quote.ask, alone=True):
            return forbidden
        plan = EntryPlan(symbol, sized.qty, quote.ask, guard, away, fees, cut_by=sized.cut_by)
        return self._broken_cap(plan, risk) or plan

    async def plan_by_hand(
        self, symbol: str, reference: Price, qty: Qty, away: Distances, limit: bool
    ) -> EntryPlan | Denied:
        """An entry of the owner's size; refused when it breaks a cap, never quietly cut."""
        pair, fees = self._portfolio.pair(symbol), await self._account.fees(symbol)
        guard = self._guard(pair, reference, away)
        if isinstance(guard, Denied):
            return guard
        if forbidden := self._in_force.objection(symbol, qty * reference, alone=False):
            return forbidden
        if small := pair.too_small(qty, reference):
            return Denied("too_small", small)
        plan = EntryPlan(symbol, qty, reference, guard, away, fees)
        if limit:
            expire = self._clock.market_ms() + 24 * HOUR_MS
            plan = replace(plan, type=OrderType.LIMIT, expire_ms=expire)
        return self._broken_cap(plan, self._in_force.risk) or plan

    def _guard(self, pair: Pair, entry: Price, away: Distances) -> Bracket | Denied:
        if pair.status is not PairStatus.ONLINE:
            return Denied(
                "pair_status", f"{pair.symbol} is {pair.status.value.replace('_', ' ')} on the exchange"
            )
        return bracket(pair, entry, away)

    @property
    def _purse(self) -> Purse:
        """What may be spent, with entries that are under way or wait counted as if they were filled."""
        purse, waiting = self._treasury.purse, sum((one.notional for one in self._waiting()), ZERO)
        return Purse(purse.equity, Money(purse.exposure + waiting), self._treasury.cash_beside(waiting))

    def _waiting(self) -> list[Exposed]:
        """What entries that are under way, or wait at their limit, have still to bring."""
        return [found for one in self._executor.open_entries() if (found := self._still_to_come(one))]

    def _still_to_come(self, intent: OrderIntent) -> Exposed | None:
        """As much of an entry as is not in the book yet, at its limit or the price it was judged on."""
        one, judged = intent.request, None
        if intent.stop_distance is not None and intent.request.close_stop is not None:
            judged = Price(intent.request.close_stop + intent.stop_distance)
        left, price = Qty(one.qty - self._portfolio.booked(intent.txid or "")), one.price or judged
        return Exposed(one.symbol, left, price, one.close_stop) if left > 0 and price else None

    def carried(self, symbol: str) -> Carried:
        """What Zyn carries now, as the caps count it when an entry of `symbol` is asked for."""
        purse, waiting, book = self._purse, self._waiting(), self._portfolio
        fresh = {one.symbol for one in waiting if not book.invested(one.symbol)}
        day_ago = self._clock.market_ms() - 24 * HOUR_MS
        return Carried(
            purse.equity, purse.cash, (*book.exposed, *waiting), book.open_count + len(fresh),
            book.invested(symbol) or symbol in fresh,
            book.bought_since(day_ago) + sum((one.notional for one in waiting), ZERO),
            self.entries_last_hour(),
        )  # fmt: skip

    async def gap_loss(self) -> tuple[Money, Money]:
        """What a gap of `risk.gap_stress` through every stop would cost now, and how much is accepted."""
        carried = self.carried("")
        takers = [(await self._account.fees(one)).taker for one in {one.symbol for one in carried.exposed}]
        lost = gap_loss(carried.exposed, self._in_force.risk.gap_stress, max(takers, default=ZERO))
        return Money(lost), Money(accepted_gap_loss(carried.equity, self._in_force.risk))

    def _broken_cap(self, plan: EntryPlan, risk: RiskConfig, part: Decimal = ONE) -> Denied | None:
        """Whether `part` of a plan breaks a cap."""
        qty = Qty(plan.qty * part)
        wanted = Wanted(plan.symbol, qty, plan.reference, plan.bracket.stop, plan.fees.taker)
        return broken_cap(self.carried(plan.symbol), wanted, risk)

    async def refused(self, code: str, reason: str, correlation: str) -> None:
        """An order of the owner's that was turned down leaves its safety event."""
        now = self._clock.market_ms()
        await self._journal.commit(SafetyEvent(f"refused:{code}", reason, now, correlation))

    def outside_band(self, quote: Quote, judged_on: float | Decimal) -> Denied | None:
        """The market has left the price an entry was judged on."""
        reference = to_decimal(judged_on)
        moved = abs(quote.ask / reference - 1)
        if moved <= to_decimal(self._in_force.risk.price_band):
            return None
        return Denied(
            "price_band", f"the price moved {words.percent(moved)} since it was judged, more than allowed"
        )

    async def enter(
        self, plan: EntryPlan, origin: Origin, cause: str, rule: str, correlation: str
    ) -> Done | Denied:
        """Buy with the stop attached, and leave the position covered.

        Denied when something was bought since this was planned, and the caps no longer bear both, or when
        its time has passed. What is held up after this point is refused by the exchange: the order that is
        made here carries its deadline.
        """
        alone = origin is Origin.AUTOPILOT
        async with self._protection.at_work(plan.symbol, look_after=True):
            if forbidden := self._in_force.objection(plan.symbol, plan.notional, alone=alone):
                return forbidden
            if broken := self._broken_cap(plan, self._in_force.risk, _DRIFT):
                return broken
            if late := too_late(plan.good_until_ms, self._clock.market_ms()):
                return late
            done = await self._executor.carry_out(
                Ticket(
                    plan.symbol, Side.BUY, plan.qty, Leg.ENTRY, origin, cause, plan.type,
                    plan.reference if plan.type is OrderType.LIMIT else None, plan.bracket.stop,
                    Price(plan.away.stop), Price(plan.away.target) if plan.away.target else None,
                    plan.expire_ms, correlation, rule, plan.post_only,
                )
            )  # fmt: skip
            if done.filled:
                await self._protection.cover(plan.symbol)
        await self._treasury.try_refresh()
        return done
