"""The owner: what he asks of Zyn, and what he does on the exchange's own page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from core.model.errors import Refused, Rejected, VenueError, ZynError
from core.model.money import Price, Qty, to_decimal
from core.model.orders import Side

if TYPE_CHECKING:
    from tests.simulation.life import Life
    from tests.simulation.schedule import Schedule

NOTICED_S = 85.0  # how long Zyn may take to see what a hand did


class Owner:
    """Does something every few seconds, drawn from the schedule's seed."""

    def __init__(self, schedule: Schedule) -> None:
        self.flattens: list[tuple[float, str | None]] = []  # when they were done, of what
        self._day, self._rng, self._record = schedule, schedule.rng, schedule.record
        self._number = 0
        self._pace = self._rng.choice((1.5, 3.0, 5.0))  # wall seconds between his deeds while he looks on
        buys: list[Callable[[], None]] = [self._buy] * 6 + [self._limit_buy] * 3
        orders = [self._sell, self._sell_part, self._sell_at, self._cancel, self._move, self._move]
        control = [self._flatten, self._flatten, self._pause, self._resume, self._resume, self._resume]
        control += [self._unlock, self._unlock]
        hands = [self._cancel_by_hand, self._sell_by_hand, self._sell_own, self._own_order]
        hands += [self._money_moves, self._trade_elsewhere]
        deaths = [self._day.crash, self._light_fuse]
        self._deeds = buys + orders + control + hands + deaths

    async def live(self) -> None:
        while True:
            await asyncio.sleep(self._rng.expovariate(1 / self._pace))
            if not self._day.calm and (self._day.close_up or self._rng.random() < 0.1):
                self._rng.choice(self._deeds)()

    def _light_fuse(self) -> None:
        """Kill the process at one of its next touches of the world, wherever that is."""
        if self._day.life.ready:
            self._day.life.fuse.left = self._rng.randint(1, 80)

    # What he asks of Zyn.

    def _symbol(self) -> str:
        return self._rng.choice(self._day.street.symbols)

    def _ask(self, intent: str, **slots: Any) -> None:
        life = self._day.life
        if life.ready and not life.fuse.dead:
            self._number += 1
            if slots.get("side") == "buy":
                self._day.auditor.permits.asked.add(f"cmd-{self._number}")
            life.begin(self._asked(life, intent, self._number, slots))

    async def _asked(self, life: Life, intent: str, number: int, slots: dict[str, Any]) -> None:
        clock, met = self._day.clock, self._record.met
        self._record.events.append(f"{clock.market_ms()} owner: {intent} {slots}")
        began = clock.monotonic()
        try:
            await life.ask(intent, number, **slots)
        except Refused as no:
            met[f"refused: {intent} {no.code}"] += 1
        except VenueError:
            met[f"{intent} stumbled"] += 1
        except ZynError:
            met[f"{intent} failed"] += 1
            return
        except Exception as error:  # noqa: BLE001 - the owner never meets an error without a name
            self._day.found(error)
            return
        met[f"done: {intent}"] += 1
        if intent in ("flatten", "panic"):
            self.flattens.append((began, slots.get("symbol")))

    def _buy(self) -> None:
        amount = (str(round(self._rng.uniform(5, 900), 2)), "quote")
        stop = (str(round(self._rng.uniform(0.3, 3), 2)), "percent")
        target = (str(round(self._rng.uniform(0.2, 2), 2)), "percent")
        self._ask(
            "place_order", side="buy", symbol=self._symbol(), amount=amount, stop=stop,
            **({"take_profit": target} if self._rng.random() < 0.6 else {}),
        )  # fmt: skip

    def _limit_buy(self) -> None:
        symbol = self._symbol()
        price = str(self._near(symbol, self._rng.uniform(0.996, 1.0)))
        self._ask(
            "place_order", side="buy", symbol=symbol, amount=("400", "quote"), type="limit",
            limit_price=price, stop=("1.5", "percent"), take_profit=("1", "percent"),
        )  # fmt: skip

    def _near(self, symbol: str, share: float) -> Price:
        street = self._day.street
        return street.pairs[symbol].price(street.last(symbol) * to_decimal(round(share, 5)))

    def _sell(self) -> None:
        self._ask("place_order", side="sell", symbol=self._symbol(), amount=("100", "percent_position"))

    def _sell_part(self) -> None:
        share = str(self._rng.choice((20, 50, 97)))
        self._ask("place_order", side="sell", symbol=self._symbol(), amount=(share, "percent_position"))

    def _sell_at(self) -> None:
        symbol = self._symbol()
        self._ask(
            "place_order", side="sell", symbol=symbol, amount=("100", "percent_position"), type="limit",
            limit_price=str(self._near(symbol, 1.004)),
        )  # fmt: skip

    def _move(self) -> None:
        """He moves the stop of a position up, its target, or both."""
        stop = (str(round(self._rng.uniform(0.05, 1), 2)), "percent")
        target = (str(round(self._rng.uniform(0.2, 2), 2)), "percent")
        levels = self._rng.choice(
            ({"stop": stop}, {"take_profit": target}, {"stop": stop, "take_profit": target})
        )
        self._ask("place_bracket", symbol=self._symbol(), **levels)

    def _flatten(self) -> None:
        self._ask("flatten", now=True, **self._rng.choice(({}, {"symbol": self._symbol()})))

    def _pause(self) -> None:
        self._ask(self._rng.choice(("pause", "panic")))

    def _resume(self) -> None:
        self._ask("resume")

    def _unlock(self) -> None:
        self._ask("unlock")

    def _cancel(self) -> None:
        self._ask("cancel_order")

    # His hands at the exchange itself.

    def _by_hand(self, deed: Callable[[], object], name: str) -> None:
        day = self._day
        try:
            deed()
        except Rejected:
            return
        self._record.met[f"hand: {name}"] += 1
        self._record.events.append(f"{day.clock.market_ms()} hand {name}")
        day.auditor.excused_until = max(day.auditor.excused_until, day.clock.monotonic() + NOTICED_S)

    def _busy(self) -> bool:
        """Whether an earlier deed has still to be noticed."""
        return self._day.clock.monotonic() < self._day.auditor.hand_until

    def _cancel_by_hand(self) -> None:
        stops = [one for symbol in self._day.street.symbols for one in self._day.auditor.exits(symbol)]
        if stops:
            txid = self._rng.choice(stops).txid
            self._by_hand(lambda: self._day.street.cancel(txid), "cancelled a stop")

    def _sell_by_hand(self) -> None:
        """He sells coins on the exchange's page, Zyn's among them, their stop first."""
        symbol, street, auditor = self._symbol(), self._day.street, self._day.auditor
        account = auditor.accounts[symbol]
        if not account.qty or self._busy():
            return
        for one in auditor.exits(symbol):
            self._by_hand(lambda txid=one.txid: street.cancel(txid), "cancelled a stop")
        for one in auditor.owners_orders(symbol):
            self._by_hand(lambda txid=one.txid: street.cancel(txid), "cancelled an own order")
        part = account.qty * to_decimal(self._rng.choice((0.3, 1)))
        qty = street.pairs[symbol].qty(account.owners + part)
        self._by_hand(lambda: street.submit(symbol, Side.SELL, qty), "sold Zyn's coins")

    def _sell_own(self) -> None:
        symbol = self._symbol()
        qty = self._day.street.pairs[symbol].qty(self._day.auditor.accounts[symbol].owners * Decimal("0.4"))
        if qty and not self._busy():
            self._by_hand(lambda: self._day.street.submit(symbol, Side.SELL, qty), "sold own coins")

    def _own_order(self) -> None:
        symbol, street = self._symbol(), self._day.street
        if self._busy():
            return
        side = self._rng.choice((Side.BUY, Side.SELL))
        price = self._near(symbol, 0.998 if side is Side.BUY else 1.002)
        owners = self._day.auditor.accounts[symbol].owners
        qty = street.pairs[symbol].qty(Decimal(200) / price if side is Side.BUY else owners / 3)
        if qty:
            self._by_hand(lambda: street.submit(symbol, side, Qty(qty), price), "own order")

    def _money_moves(self) -> None:
        symbol = self._symbol()
        if self._busy():
            return
        if self._rng.random() < 0.4:
            self._by_hand(lambda: self._day.street.move("USD", Decimal(-500)), "withdrew")
        elif self._rng.random() < 0.5:
            self._by_hand(lambda: self._day.street.move("USD", Decimal(1000)), "deposited money")
        else:
            self._by_hand(lambda: self.deposit_coins(symbol, 600.0), "deposited coins")

    def deposit_coins(self, symbol: str, dollars: float) -> None:
        street = self._day.street
        qty = street.pairs[symbol].qty(to_decimal(dollars) / street.last(symbol))
        self._day.auditor.accounts[symbol].owners += qty
        street.move(street.pairs[symbol].base, qty)

    def _trade_elsewhere(self) -> None:
        """Another bot of his trades: the account comes into a better fee tier."""
        dollars = Decimal(self._rng.choice((2_500, 10_000)))
        self._by_hand(lambda: self._day.street.trade_elsewhere(dollars), "changed the fee tier")
