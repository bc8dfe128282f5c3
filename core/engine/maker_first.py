"""Entering by a resting limit first: the maker's fee and half the spread, when the market comes to it.

A post-only buy rests at the best bid with its stop attached. When the bid walks away it is cancelled, and
once that is certain a new attempt rests at the new bid. After `execution.maker_patience_s` it is given up.
How often it fills and what the price did after is measured: a fill is worth less when the market falls
through it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from core.clock import Clock
from core.engine.entrance import Entrance, EntryPlan
from core.engine.executor import Done, Executor
from core.engine.protection import Protection
from core.engine.values import Values
from core.model.decisions import Denied
from core.model.errors import VenueError
from core.model.market import Pair, Quote
from core.model.money import Price, Qty, percent
from core.model.orders import OrderReport, OrderType, Origin
from core.risk.brackets import bracket
from core.trading_config import ExecutionConfig

_KEY = "maker_first"
_LOOK_MS = 5_000  # market time between looks at a resting entry
_AFTER_MS = 60_000  # market time after a fill at which the price is compared with it


@dataclass(slots=True)
class Measured:
    """What resting entries came to. `drift_bps` adds up the move of the middle after each fill."""

    offered: int = 0
    filled: int = 0
    partly: int = 0
    drift_bps: float = 0.0
    drifts: int = 0

    @property
    def fill_rate(self) -> float | None:
        return (self.filled + self.partly) / self.offered if self.offered else None

    @property
    def drift(self) -> float | None:
        """Mean move after a fill in basis points; below 0 the market fell through it."""
        return self.drift_bps / self.drifts if self.drifts else None

    def text(self) -> str:
        """One line with the numbers."""
        rate = self.fill_rate
        if rate is None:
            return (
                "no resting entry was tried yet, so neither its fill rate nor what follows a fill is measured"
            )
        line = f"{self.filled + self.partly} of {self.offered} resting entries filled ({percent(rate, 0)})"
        if self.drift is None:
            return line
        return f"{line}; a minute later the price stood {self.drift:+.1f} bps from the fill"


class MakerFirst:
    """Carries out entries by resting limits."""

    def __init__(
        self,
        entrance: Entrance,
        executor: Executor,
        protection: Protection,
        values: Values,
        clock: Clock,
        config: ExecutionConfig,
        spawn: Callable[[str, Coroutine[Any, Any, None]], object],
    ) -> None:
        """`spawn` runs work beside the candles."""
        self._spawn = spawn
        self._entrance = entrance
        self._executor = executor
        self._protection = protection
        self._values = values
        self._clock = clock
        self._config = config
        self.measured = Measured()

    @property
    def wanted(self) -> bool:
        return self._config.entry == "maker_first"

    def start(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        """Follow one entry beside the other pairs' candles."""
        self._spawn(name, work)

    async def load(self) -> None:
        """Take over what earlier runs measured."""
        if kept := await self._values.get_value(_KEY):
            self.measured = Measured(**json.loads(kept))

    async def enter(self, plan: EntryPlan, pair: Pair, cause: str, rule: str) -> Done | Denied:
        """Rest, follow the bid, give up in time. What was bought is covered all along."""
        give_up_ms = self._clock.market_ms() + round(self._config.maker_patience_s * 1000)
        bought, cost = Decimal(0), Decimal(0)
        last: Done | Denied | None = None
        while self._clock.market_ms() < give_up_ms:
            offer = await self._offer(plan, pair, Qty(plan.qty - bought), give_up_ms)
            if isinstance(offer, Denied):
                last = last if bought else offer
                break
            done = await self._entrance.enter(offer, Origin.AUTOPILOT, cause, rule, cause)
            if isinstance(done, Denied):
                last = last if bought else done
                break
            last = done
            if done.report is None:
                if "ost only" not in done.reason and "liquidity" not in done.reason:
                    break  # refused for another reason than a price that had moved
                await self._clock.sleep_until_market(self._clock.market_ms() + _LOOK_MS)
                continue
            report = await self._follow(done.report, offer, give_up_ms)
            bought, cost, last = bought + report.filled, cost + report.cost, replace(done, report=report)
            if pair.too_small(Qty(plan.qty - bought), plan.reference):
                break
        await self._count(plan, bought, cost)
        return self._outcome(last, bought)

    async def _offer(self, plan: EntryPlan, pair: Pair, qty: Qty, give_up_ms: int) -> EntryPlan | Denied:
        """The rest of the plan at the best bid now."""
        try:
            quote = await self._entrance.quote(plan.symbol)
        except VenueError:
            quote = None
        if quote is None:
            return Denied("no_price", f"the exchange gave no price for {plan.symbol}")
        if moved := self._entrance.outside_band(quote, plan.reference):
            return moved
        at = pair.price(quote.bid)
        around = bracket(pair, at, plan.away)
        if isinstance(around, Denied):
            return around
        return replace(
            plan, qty=pair.qty(qty), reference=at, bracket=around, type=OrderType.LIMIT, post_only=True,
            expire_ms=give_up_ms + _LOOK_MS,
        )  # fmt: skip

    async def _follow(self, report: OrderReport, offer: EntryPlan, give_up_ms: int) -> OrderReport:
        """The order's end: filled, or cancelled because the bid left it or the time is over."""
        while not report.status.final:
            await self._clock.sleep_until_market(min(self._clock.market_ms() + _LOOK_MS, give_up_ms))
            over = self._clock.market_ms() >= give_up_ms
            try:
                quote = await self._entrance.quote(offer.symbol)
                report = await self._executor.look(report.txid)
                if not report.status.final and (over or self._left_behind(quote, offer.reference)):
                    report = await self._protection.cancel_entry(offer.symbol, report.txid)
            except VenueError:
                if over:
                    return report  # it expires by itself, and the next look at the account books it
        return report

    def _left_behind(self, quote: Quote | None, at: Price) -> bool:
        return quote is not None and quote.bid > at

    async def _count(self, plan: EntryPlan, bought: Decimal, cost: Decimal) -> None:
        self.measured.offered += 1
        if bought:
            whole = bought >= plan.qty
            self.measured.filled += whole
            self.measured.partly += not whole
            await self._see_what_follows(plan.symbol, cost / bought)
        await self._values.set_value(_KEY, json.dumps(asdict(self.measured)))

    async def _see_what_follows(self, symbol: str, paid: Decimal) -> None:
        await self._clock.sleep_until_market(self._clock.market_ms() + _AFTER_MS)
        try:
            quote = await self._entrance.quote(symbol)
        except VenueError:
            return
        if quote is not None and quote.mid:
            self.measured.drift_bps += float((quote.mid / paid - 1) * 10_000)
            self.measured.drifts += 1

    def _outcome(self, last: Done | Denied | None, bought: Decimal) -> Done | Denied:
        if isinstance(last, Done) and (bought or last.report is None):
            return last
        if isinstance(last, Denied):
            return last
        waited = f"{self._config.maker_patience_s:g} s"
        return Denied(
            "not_filled", f"the market did not come to my resting bid within {waited}, so I gave it up"
        )
