"""One schedule: a market, faults, an owner and crashes, all drawn from a seed and checked at every step."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from core.model.errors import Refused, Rejected, VenueError, ZynError
from core.model.market import Candle, ExchangeStatus
from core.model.money import Price, Qty, to_decimal
from core.model.orders import IntentState, OrderIntent, Side
from core.trading_config import Config, load
from tests.simulation.auditor import Auditor, Broken
from tests.simulation.life import Killed, Life, made_by_life
from tests.simulation.verdict import at_the_end
from tests.support.chaos import Bourse, Record, Weather, by_hand
from tests.support.trading import PAIRS, KeptJournal, Silent
from tests.support.virtual_time import VirtualClock, VirtualLoop

M5, DAY = 300_000, 86_400_000
MIDNIGHT = 1_700_006_400_000  # 2023-11-15 00:00 UTC
CALM_S = 60.0  # at the end nothing is at fault for so long, and everything must come right
QUIET_S = 80.0  # and then the market stands still for so long: the hands of the last minutes are noticed


@dataclass(frozen=True)
class Outcome:
    """What a schedule came to. `fingerprint` is the same for the same seed."""

    seed: int
    trouble: str
    record: Record
    fingerprint: str

    @property
    def replay(self) -> str:
        return f"python -m tests.simulation {self.seed}"


class Schedule:
    """Everything of one seed."""

    def __init__(self, seed: int, loop: VirtualLoop) -> None:
        self.rng = Random(seed)
        self.seed, self.loop = seed, loop
        self.speed = self.rng.choice((1.0, 60.0))
        self.length = self.rng.uniform(200, 420) if self.speed == 1.0 else self.rng.uniform(60, 120)
        start = MIDNIGHT + self.rng.choice((-2, -1, 0, 60)) * M5
        self.clock = VirtualClock(loop, start, self.speed)
        self.record = Record()
        self.bourse = Bourse(self.rng, self.clock, Decimal(10_000), self.record)
        self.journal, self.silent = KeptJournal(), Silent()
        self.auditor = Auditor(self.bourse, self.journal)
        self.bourse.checked = lambda: self._noted(self.auditor.check)
        self.bourse.asked = lambda request: self._noted(lambda: self.auditor.asked(request))
        self.broken: BaseException | None = None
        self.config = self._config()
        self.life = self._new_life()
        self.flattens: list[tuple[float, str | None]] = []
        self.calm = False
        self._number = 0
        self._pace = self.rng.choice((2.0, 5.0, 10.0))  # wall seconds between the owner's deeds
        self._market_opens()

    def _config(self) -> Config:
        pick = self.rng.choice
        settings = {
            "filters.enabled": "", "risk.price_band": "1", "risk.cooloff_candles": "0",
            "risk.daily_loss_limit": pick(("0.002", "0.01", "1")),
            "risk.kill_rearm": pick(("manual", "next_day")),
            "risk.kill_action": pick(("flatten", "flatten", "keep_brackets")),
            "risk.stop_atr": pick(("1", "3")), "risk.take_profit_atr": pick(("1", "4")),
        }  # fmt: skip
        if self.rng.random() < 0.3:
            settings["risk.capital"] = "3000"
        return load({}, {}, settings)

    def _new_life(self) -> Life:
        life = Life(self.config, self.bourse, self.journal, self.silent)
        life.fuse.on_death = lambda: self._died(life)
        return life

    def _market_opens(self) -> None:
        for symbol, price in (("ETH/USD", Decimal(2000)), ("BTC/USD", Decimal(60_000))):
            self.bourse.trade(symbol, price)
            self.bourse.candles[symbol] = []
            for i in range(60):
                self._candle(symbol, self.clock.market_ms() // M5 * M5 - (60 - i) * M5, price)
        for asset in ("ETH", "BTC"):
            if self.rng.random() < 0.5:
                self._deposit(asset, Decimal(str(round(self.rng.uniform(0.1, 2), 3))))

    def _candle(self, symbol: str, opened_ms: int, close: Decimal) -> None:
        rows = self.bourse.candles[symbol]
        before = rows[-1].close if rows else float(close)
        at = float(close)
        high, low = max(before, at) * 1.003, min(before, at) * 0.997
        rows.append(Candle(opened_ms, before, high, low, at, 10.0))

    def _noted(self, look: Callable[[], None]) -> None:
        """What the auditor finds inside a call of the engine counts, whatever the engine makes of it."""
        try:
            look()
        except Broken as error:
            self.broken = self.broken or error
            raise

    # What happens.

    async def run(self) -> None:
        """The rough part, then the calm one, then the reckoning."""
        self.life.begin(self._live(self.life))
        helpers = [self._guard(part()) for part in (self._market, self._weather, self._owner, self._candles)]
        try:
            await self._watch_until(self.length)
            self._calm_down()
            await self._watch_until(self.length + CALM_S)
            _stop(helpers)
            helpers = [self._guard(self._stand_still())]
            await self._watch_until(self.length + CALM_S + QUIET_S)
            await at_the_end(self)
        finally:
            _stop(helpers)
            self.life.lay_down()
            await asyncio.sleep(0)

    def _calm_down(self) -> None:
        self.calm = True
        self.bourse.weather = Weather()
        self.bourse.status = ExchangeStatus.ONLINE
        self.life.fuse.left = None

    async def _watch_until(self, wall: float) -> None:
        while self.clock.monotonic() < wall:
            await asyncio.sleep(0.5)
            if self.broken is not None:
                raise self.broken
            self.auditor.watch()
            if self.life.surprises:
                raise Broken(f"an error nobody expected: {self.life.surprises[0]}")

    def _guard(self, work: Awaitable[None]) -> asyncio.Task[None]:
        async def guarded() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - whatever a helper finds is the schedule's verdict
                self.broken = self.broken or error

        return asyncio.ensure_future(guarded())

    async def _live(self, life: Life) -> None:
        """Lives follow each other as long as the schedule runs."""
        self.auditor.excused_until = self.clock.monotonic() + 1e6
        try:
            await life.start()
            life.trade()
            self.auditor.excused_until = self.clock.monotonic() + 20.0
        except ZynError as error:
            self.record.met[f"start failed: {type(error).__name__}"] += 1
            self.crash()
        except Exception as error:  # noqa: BLE001 - whatever ends a start unexpectedly is the verdict
            self.broken = self.broken or error

    def crash(self) -> None:
        """kill -9, and a new process a little later."""
        self.life.fuse.cut()

    def _died(self, life: Life) -> None:
        held = any(one.qty for one in self.auditor.accounts.values())
        self.record.met["crash with a position" if held else "crash"] += 1
        if any(one.filled and one.left for one in self.bourse.matching.register.open_orders()):
            self.record.met["crash with an order filled in part"] += 1
        if life.engine.flatten.busy:
            self.record.met["crash during a flatten"] += 1
        life.end()
        self.auditor.excused_until = self.clock.monotonic() + 1e6
        if self.clock.monotonic() < self.auditor.hand_until:
            self.auditor.hand_until += 80.0  # the next life has to look twice again
        self.loop.call_later(self.rng.uniform(0.2, 20.0), self._reborn)

    def _reborn(self) -> None:
        self.life = self._new_life()
        self.life.begin(self._live(self.life))

    async def _market(self) -> None:
        while True:
            await asyncio.sleep(self.rng.uniform(0.5, 2.5))
            for symbol in PAIRS:
                gap = not self.calm and self.rng.random() < (0.1 if self.bourse.buying else 0.01)
                move = self.rng.choice((-0.06, -0.02, 0.03)) if gap else self.rng.gauss(0, 0.0012)
                self.bourse.trade(symbol, self.bourse.last(symbol) * to_decimal(round(1 + move, 6)))
            self.bourse.matching.expire(self.clock.market_ms())
            self.bourse.changed()

    async def _stand_still(self) -> None:
        """Prices stay, and others fill the book up again."""
        while True:
            for symbol in PAIRS:
                self.bourse.trade(symbol, self.bourse.last(symbol))
            await asyncio.sleep(2.0)

    async def _candles(self) -> None:
        """At each close the market jumps across its average, or does not."""
        while True:
            close_ms = self.clock.market_ms() // M5 * M5 + M5
            await self.clock.sleep_until_market(close_ms)
            if close_ms % DAY == 0 and any(one.qty for one in self.auditor.accounts.values()):
                self.record.met["midnight with a position"] += 1
            for symbol in PAIRS:
                average = sum(row.close for row in self.bourse.candles[symbol][-20:]) / 20
                jump = 0.0 if self.calm else self.rng.choice((0.004, -0.004, 0.0, 0.0))
                if jump:
                    self.bourse.trade(symbol, PAIRS[symbol].price(average * (1 + jump)))
                self._candle(symbol, close_ms - M5, self.bourse.last(symbol))

    async def _weather(self) -> None:
        pick, rng = self.rng.choice, self.rng
        while True:
            late = pick((0.0, 0.5, 2.5))
            if self.calm:
                self.bourse.weather = Weather()
            elif rng.random() < 0.5:
                self.bourse.weather = Weather(late=late)
            elif rng.random() < 0.12:
                self.bourse.weather = Weather(offline=True)
            else:
                rough = rng.uniform(0.05, 0.6)
                disk = pick((0.0, 0.0, 0.1, 1.0))
                reads, writes = pick(((0.0, rough), (rough, 0.0), (rough / 2, rough), (0.0, 0.0)))
                self.bourse.weather = Weather(reads, writes, disk, late=late)
            self.record.last_fault = self.clock.monotonic()
            self._mode()
            await asyncio.sleep(rng.uniform(3, 12) if self.bourse.weather.disk_fails else rng.uniform(8, 40))

    def _mode(self) -> None:
        closed = not self.calm and self.rng.random() < 0.08
        self.bourse.status = ExchangeStatus.CANCEL_ONLY if closed else ExchangeStatus.ONLINE
        if closed and any(one.qty for one in self.auditor.accounts.values()):
            self.record.met["maintenance with a position"] += 1

    # The owner.

    async def _owner(self) -> None:
        deeds: list[Callable[[], None]] = [
            self._buy, self._buy, self._buy, self._buy, self._limit_buy, self._sell, self._sell_part,
            self._sell_at, self._flatten, self._flatten, self._pause, self._resume, self._unlock,
            self._buy, self._buy, self._limit_buy, self._resume, self._resume, self._unlock,
            self._cancel, self._cancel_by_hand, self._sell_by_hand, self._sell_own, self._own_order,
            self._deposit_some, self._crash_now, self._light_fuse, self._light_fuse,
        ]  # fmt: skip
        while True:
            await asyncio.sleep(self.rng.expovariate(1 / self._pace))
            if not self.calm:
                self.rng.choice(deeds)()

    def _symbol(self) -> str:
        return self.rng.choice(tuple(PAIRS))

    def _ask(self, intent: str, **slots: Any) -> None:
        life = self.life
        if life.ready and not life.fuse.dead:
            self._number += 1
            life.begin(self._asked(life, intent, self._number, slots))

    async def _asked(self, life: Life, intent: str, number: int, slots: dict[str, Any]) -> None:
        self.record.events.append(f"{self.clock.market_ms()} owner: {intent} {slots}")
        began = self.clock.monotonic()
        try:
            await life.ask(intent, number, **slots)
        except Refused as no:
            self.record.met[f"refused: {intent} {no.code}"] += 1
        except VenueError:
            self.record.met[f"{intent} stumbled"] += 1
        except ZynError:
            self.record.met[f"{intent} failed"] += 1
            return
        except Exception as error:  # noqa: BLE001 - the owner never meets an error without a name
            self.broken = self.broken or error
            return
        self.record.met[f"done: {intent}"] += 1
        if intent in ("flatten", "panic"):
            self.flattens.append((began, slots.get("symbol")))

    def _buy(self) -> None:
        amount = (str(round(self.rng.uniform(5, 900), 2)), "quote")
        stop = (str(round(self.rng.uniform(0.3, 3), 2)), "percent")
        target = (str(round(self.rng.uniform(0.2, 2), 2)), "percent")
        self._ask(
            "place_order", side="buy", symbol=self._symbol(), amount=amount, stop=stop,
            **({"take_profit": target} if self.rng.random() < 0.6 else {}),
        )  # fmt: skip

    def _limit_buy(self) -> None:
        symbol = self._symbol()
        price = str(
            PAIRS[symbol].price(self.bourse.last(symbol) * to_decimal(round(self.rng.uniform(0.996, 1.0), 5)))
        )
        self._ask(
            "place_order", side="buy", symbol=symbol, amount=("400", "quote"), type="limit",
            limit_price=price, stop=("1.5", "percent"), take_profit=("1", "percent"),
        )  # fmt: skip

    def _sell(self) -> None:
        self._ask("place_order", side="sell", symbol=self._symbol(), amount=("100", "percent_position"))

    def _sell_part(self) -> None:
        share = str(self.rng.choice((20, 50, 97)))
        self._ask("place_order", side="sell", symbol=self._symbol(), amount=(share, "percent_position"))

    def _sell_at(self) -> None:
        symbol = self._symbol()
        price = str(PAIRS[symbol].price(self.bourse.last(symbol) * Decimal("1.004")))
        self._ask(
            "place_order", side="sell", symbol=symbol, amount=("100", "percent_position"), type="limit",
            limit_price=price,
        )  # fmt: skip

    def _flatten(self) -> None:
        self._ask("flatten", now=True, **self.rng.choice(({}, {"symbol": self._symbol()})))

    def _pause(self) -> None:
        self._ask(self.rng.choice(("pause", "panic")))

    def _resume(self) -> None:
        self._ask("resume")

    def _unlock(self) -> None:
        self._ask("unlock")

    def _cancel(self) -> None:
        self._ask("cancel_order")

    # The owner's hands at the exchange itself.

    def _by_hand(self, deed: Callable[[], object], name: str) -> None:
        try:
            deed()
        except Rejected:
            return
        self.record.met[f"hand: {name}"] += 1
        self.auditor.excused_until = max(self.auditor.excused_until, self.clock.monotonic() + 85.0)

    def _cancel_by_hand(self) -> None:
        stops = [one for symbol in PAIRS for one in self.auditor.exits(symbol)]
        if stops:
            txid = self.rng.choice(stops).txid
            self._by_hand(lambda: self.bourse.cancel(txid), "cancelled a stop")

    def _sell_by_hand(self) -> None:
        """The owner sells coins on the exchange's page, Zyn's among them, their stop first."""
        symbol = self._symbol()
        account = self.auditor.accounts[symbol]
        if not account.qty or self.clock.monotonic() < self.auditor.hand_until:
            return
        for one in self.auditor.exits(symbol):
            self._by_hand(lambda txid=one.txid: self.bourse.cancel(txid), "cancelled a stop")
        for one in self.auditor.owners_orders(symbol):
            self._by_hand(lambda txid=one.txid: self.bourse.cancel(txid), "cancelled an own order")
        part = account.qty * to_decimal(self.rng.choice((0.3, 1)))
        qty = PAIRS[symbol].qty(account.owners + part)
        self._by_hand(lambda: self.bourse.submit(by_hand(symbol, Side.SELL, qty)), "sold Zyn's coins")

    def _sell_own(self) -> None:
        symbol = self._symbol()
        qty = PAIRS[symbol].qty(self.auditor.accounts[symbol].owners * Decimal("0.4"))
        if qty and self.clock.monotonic() > self.auditor.hand_until:
            self._by_hand(lambda: self.bourse.submit(by_hand(symbol, Side.SELL, qty)), "sold own coins")

    def _own_order(self) -> None:
        symbol = self._symbol()
        if self.clock.monotonic() < self.auditor.hand_until:
            return
        side = self.rng.choice((Side.BUY, Side.SELL))
        away = Decimal("0.998") if side is Side.BUY else Decimal("1.002")
        price = PAIRS[symbol].price(self.bourse.last(symbol) * away)
        qty = PAIRS[symbol].qty(
            Decimal(200) / price if side is Side.BUY else self.auditor.accounts[symbol].owners / 3
        )
        if qty:
            self._by_hand(
                lambda: self.bourse.submit(by_hand(symbol, side, Qty(qty), Price(price))), "own order"
            )

    def _deposit_some(self) -> None:
        asset = self.rng.choice(("USD", "ETH", "BTC"))
        if self.clock.monotonic() < self.auditor.hand_until:
            return
        if asset == "USD" and self.rng.random() < 0.5:
            amount = Decimal(500)
            self._by_hand(
                lambda: self.bourse.matching.withdraw("USD", amount, self.clock.market_ms()), "withdrew"
            )
            self.bourse.changed()
            return
        self._deposit(asset, Decimal(1000) if asset == "USD" else Decimal("0.3"))

    def _deposit(self, asset: str, amount: Decimal) -> None:
        if asset != "USD":
            self.auditor.accounts[f"{asset}/USD"].owners += amount
        self.bourse.matching.deposit(asset, amount, self.clock.market_ms())
        self.bourse.changed()

    def _crash_now(self) -> None:
        self.crash()

    def _light_fuse(self) -> None:
        """Kill the process at one of its next steps, wherever that is."""
        if self.life.ready:
            self.life.fuse.left = self.rng.randint(1, 60)


def _stop(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def play(seed: int) -> Outcome:
    """Run one seed to its end."""
    loop = VirtualLoop()
    loop.set_task_factory(made_by_life)  # type: ignore[arg-type]
    schedule = Schedule(seed, loop)
    loop.set_exception_handler(lambda _, context: _unheard(schedule, context))
    trouble = ""
    try:
        loop.run_until_complete(schedule.run())
    except Exception as error:  # noqa: BLE001 - every failure is the seed's verdict
        trouble = f"{type(error).__name__}: {error}"
    finally:
        _close(loop)
    _count_answers(schedule)
    events = "\n".join(schedule.record.events)
    return Outcome(seed, trouble, schedule.record, hashlib.sha256(events.encode()).hexdigest())


def _count_answers(schedule: Schedule) -> None:
    """How orders without an answer ended."""
    ambiguous = set()
    for fact in schedule.journal.written:
        if isinstance(fact, OrderIntent) and fact.state is IntentState.AMBIGUOUS:
            ambiguous.add(fact.id)
        elif isinstance(fact, OrderIntent) and fact.id in ambiguous:
            ambiguous.discard(fact.id)
            end = "not placed" if fact.state is IntentState.NOT_PLACED else "placed"
            schedule.record.met[f"an order without an answer was {end}"] += 1


def _unheard(schedule: Schedule, context: dict[str, Any]) -> None:
    error = context.get("exception")
    if error is not None and not isinstance(error, (Killed, asyncio.CancelledError)):
        schedule.broken = schedule.broken or error


def _close(loop: VirtualLoop) -> None:
    rest = asyncio.all_tasks(loop)
    for task in rest:
        task.cancel()
    if rest:
        loop.run_until_complete(_ended(rest))
    loop.close()


async def _ended(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
