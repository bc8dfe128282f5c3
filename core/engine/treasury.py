"""Zyn's own money: the capital given to it plus its positions, and how much of today's loss budget is left.

Equity is Zyn's book, never the owner's wallet: coins and cash beyond the capital do not count. The day's
result is the change of the all-time result since local midnight, so deposits and withdrawals never move it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, replace
from decimal import Decimal

from core.clock import Clock
from core.engine import words
from core.engine.in_force import InForce
from core.engine.portfolio import Portfolio
from core.engine.ports import Account, Journal
from core.model.account import Balance
from core.model.errors import VenueError
from core.model.facts import DayBaseline, PerformanceMark
from core.model.money import NO_MONEY, ZERO, Money, to_decimal
from core.model.time_context import TimeContext
from core.risk.limits import daily_loss_reached
from core.risk.sizing import Purse


class Treasury:
    """What Zyn may spend, what it is worth, and what today has cost."""

    def __init__(
        self,
        portfolio: Portfolio,
        account: Account,
        journal: Journal,
        clock: Clock,
        in_force: InForce,
        currency: str,
        zone: str,
        made_by: Callable[[int], Awaitable[Money | None]],
    ) -> None:
        """`made_by` gives the result at a midnight past, when something executed since."""
        self._made_by = made_by
        self._portfolio = portfolio
        self._account = account
        self._journal = journal
        self._clock = clock
        self._in_force = in_force
        self._currency = currency
        self._zone = zone
        self._wallet = Balance(currency, ZERO, ZERO)
        self._flow = ZERO  # what the book's trades had brought when the wallet was read
        self._known = False  # whether the wallet was ever read
        self._baseline: DayBaseline | None = None
        self._kept: DayBaseline | None = None  # as the mirror has it, should the journal be lost
        self._counted: DayBaseline | None = None  # what the day's limit counts from
        self._unlocks = 0  # of today
        self._day_end_ms = 0
        self._rolling = asyncio.Lock()

    @property
    def currency(self) -> str:
        return self._currency

    async def refresh(self) -> None:
        """Ask the exchange what quote money there is."""
        self.settle(await self._account.balances())

    async def try_refresh(self) -> str:
        """As `refresh`, but an exchange that does not answer is no reason to stop; why it did not."""
        try:
            await self.refresh()
        except VenueError as error:
            return str(error)
        return ""

    def settle(self, balances: Mapping[str, Balance]) -> None:
        """Take over the quote balance of these, which were just read.

        Where coins of a position lack, they are sold and the book does not know yet: what they brought is
        not added before, or equity would count it beside the coins.
        """
        wallet = balances.get(self._currency) or Balance(self._currency, ZERO, ZERO)
        if self._known and self._lack(balances):
            wallet = replace(wallet, total=min(wallet.total, self._total))
        self._wallet, self._flow, self._known = wallet, self._portfolio.flow, True

    @property
    def _total(self) -> Decimal:
        """Quote money in the wallet: as it was read, and what the book's trades brought since."""
        return self._wallet.total + self._portfolio.flow - self._flow

    @property
    def _free(self) -> Decimal:
        """The part of it that no order holds."""
        return self._wallet.free + self._portfolio.flow - self._flow

    def _lack(self, balances: Mapping[str, Balance]) -> bool:
        """Whether coins that the book holds are not in the wallet."""
        for symbol, position in self._portfolio.positions.items():
            pair = self._portfolio.pair(symbol)
            there = balances.get(pair.base)
            if position.qty - (there.total if there else ZERO) >= pair.lot:
                return True
        return False

    @property
    def cash(self) -> Money:
        """Free quote money that Zyn may spend."""
        return Money(max(ZERO, min(self._free, self._own_cash())))

    def cash_beside(self, waiting: Decimal) -> Money:
        """What may be spent besides orders worth `waiting` that rest, should the wallet not show them yet."""
        return Money(max(ZERO, min(self._free, self._own_cash() - waiting)))

    def _own_cash(self) -> Decimal:
        """Quote money that counts as Zyn's, held or free."""
        capital = self._in_force.risk.capital
        return self._total if capital is None else min(self._total, capital + self._portfolio.flow)

    @property
    def equity(self) -> Money:
        return Money(self._own_cash() + self._portfolio.exposure)

    @property
    def purse(self) -> Purse:
        return Purse(self.equity, self._portfolio.exposure, self.cash)

    def day(self) -> dict[str, object] | None:
        """What the day started with, as JSON values for the mirror."""
        known = self._baseline or self._kept
        return asdict(known) if known else None

    def restore_day(self, row: object) -> None:
        """Take what `day` gave back from the mirror: the day's loss is not forgotten with the journal."""
        if isinstance(row, dict):
            time_ms = int(row["time_ms"])
            self._kept = DayBaseline(str(row["day"]), str(row["equity"]), str(row["pnl"]), time_ms)

    async def roll_day(self, now_ms: int) -> bool:
        """Write the day's baseline once midnight has passed in the owner's zone; True when it did.

        While a position has no mark there is no result to start the day from: it is written a moment later.
        """
        if now_ms < self._day_end_ms:
            return False
        async with self._rolling:
            return now_ms >= self._day_end_ms and await self._roll(TimeContext(now_ms, self._zone))

    async def _roll(self, context: TimeContext) -> bool:
        stored = await self._journal.day_baseline(context.day_key())
        if stored is None and self._kept is not None and self._kept.day == context.day_key():
            stored = self._kept
            await self._journal.commit(stored)
        if stored is None and self._portfolio.unmarked:
            return False
        if stored is None:
            stored = await self._day_so_far(context)
            await self._journal.commit(stored)
        self._counted, self._unlocks = await self._last_unlock(stored)
        self._baseline, self._day_end_ms = stored, context.day_bounds()[1]
        return True

    async def _day_so_far(self, context: TimeContext) -> DayBaseline:
        """What the day began with: what is there now, but for a day that began without this run."""
        late = self._baseline is None
        made = await self._made_by(context.day_bounds()[0]) if late else None
        pnl = self._portfolio.pnl
        began = pnl if made is None else made
        return DayBaseline(
            context.day_key(), str(self.equity - (pnl - began)), str(began), context.now_ms
        )  # fmt: skip

    async def _last_unlock(self, day: DayBaseline) -> tuple[DayBaseline, int]:
        """What the limit of this day counts from, and how often the owner unlocked it."""
        start, count = day, 0
        while (later := await self._journal.day_baseline(_unlocked(day.day, count + 1))) is not None:
            start, count = later, count + 1
        return start, count

    def after_unlock(self) -> DayBaseline:
        """What the limit counts from once the owner ends the kill switch: his day's loss is not lost twice.

        It holds from `count_from` on, when it is written.
        """
        now = self._clock.market_ms()
        name = _unlocked(TimeContext(now, self._zone).day_key(), self._unlocks + 1)
        return DayBaseline(name, str(self.equity), str(self._portfolio.pnl), now)

    def count_from(self, start: DayBaseline) -> None:
        """Take over what `after_unlock` gave."""
        self._counted, self._unlocks = start, self._unlocks + 1

    @property
    def day_pnl(self) -> Money:
        """Result since local midnight, open positions at their marks."""
        return Money(self._portfolio.pnl - Decimal(self._baseline.pnl)) if self._baseline else NO_MONEY

    @property
    def day_start_equity(self) -> Money:
        return Money(Decimal(self._baseline.equity)) if self._baseline else self.equity

    @property
    def unlocked_today(self) -> bool:
        return bool(self._unlocks)

    @property
    def counted_pnl(self) -> Money:
        """Result that the day's limit counts: since midnight, or since the owner's last unlock today."""
        return Money(self._portfolio.pnl - Decimal(self._counted.pnl)) if self._counted else NO_MONEY

    @property
    def counted_equity(self) -> Money:
        return Money(Decimal(self._counted.equity)) if self._counted else self.equity

    @property
    def loss_limit(self) -> Money:
        """Most that may be lost in a day, in money; the whole equity when the limit is off."""
        share = self.counted_equity * to_decimal(self._in_force.risk.daily_loss_limit)
        most = self._in_force.mandate.loss_a_day
        return Money(share if most is None else min(share, most))

    def limit_in_words(self) -> str:
        """What a day may lose, as the owner set it."""
        most = self._in_force.mandate.loss_a_day
        if most is not None and most == self.loss_limit:
            return f"the limit is {words.money(most, self._currency)}"
        return f"the limit is {words.share(self._in_force.risk.daily_loss_limit).lstrip('+')}"

    @property
    def loss_budget_left(self) -> Money:
        return Money(max(ZERO, self.loss_limit + min(ZERO, self.counted_pnl)))

    @property
    def limit_reached(self) -> bool:
        start, most = self.counted_equity, self._in_force.mandate.loss_a_day
        if most is not None and -self.counted_pnl >= most:
            return True
        return daily_loss_reached(start, start + self.counted_pnl, self._in_force.risk.daily_loss_limit)

    def performance(self) -> PerformanceMark:
        """A point of the equity curve now."""
        book = self._portfolio
        return PerformanceMark(
            self._clock.market_ms(), str(self.equity), str(self.cash), str(book.realised),
            str(book.unrealised), book.open_count,
        )  # fmt: skip


def _unlocked(day: str, count: int) -> str:
    """The name under which the start after a day's unlock is kept."""
    return f"{day} unlock {count}"
