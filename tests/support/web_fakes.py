"""A small world for the pages: the views, the conversation and the phone they show, all in memory."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.agent.replies import Button, Buttons, Picture, Reply, Style, Table, Text, say
from core.clock import SystemClock
from core.engine.registry import Actor
from core.model.account import Balance, Position, RoundTrip
from core.model.decisions import Decision
from core.model.errors import Refused
from core.model.market import Candle, Quote
from core.model.memory import Turn
from core.model.money import Price
from core.model.orders import Fill, OrderReport
from core.model.outbox import Alert
from core.model.views import (
    BalanceRow,
    BalancesView,
    CandlesView,
    EquityView,
    Estimate,
    Health,
    OrdersView,
    ParityLine,
    ParityView,
    PnlView,
    PositionRow,
    PositionsView,
    PriceView,
    RoundTripsView,
    Stamp,
    StatusView,
    SymbolPnl,
    TradesView,
)
from core.sim.phone.screen import ME, ZYN, PhoneSms, Screen

D = Decimal
STEP = 300_000
SYMBOLS = ("BTC/USD", "ETH/USD", "SOL/USD", "XRP/USD")
LEVEL = {"BTC/USD": 97_300.0, "ETH/USD": 3_412.0, "SOL/USD": 228.0, "XRP/USD": 1.43}
DECIMALS = {"BTC/USD": 1, "ETH/USD": 2, "SOL/USD": 2, "XRP/USD": 5}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da6364600000000600023081d02f0000000049454e44ae426082"
)


class WallClock(SystemClock):
    """The system's clock, with a wall that a test may push forward."""

    def __init__(self) -> None:
        self.pushed_ms = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.pushed_ms

    def monotonic(self) -> float:
        return super().monotonic() + self.pushed_ms / 1000


@functools.cache
def walk(symbol: str, end_ms: int, count: int = 288) -> tuple[Candle, ...]:
    """A believable stretch of closed candles, the same for the same arguments."""
    rng, level = random.Random(f"{symbol}"), LEVEL[symbol]
    digits, rows = DECIMALS[symbol], []
    drift = 0.0
    for index in range(count):
        drift = 0.92 * drift + rng.gauss(0, 0.00035)
        open_, close = level, level * (1 + drift + rng.gauss(0, 0.0009))
        high = max(open_, close) * (1 + abs(rng.gauss(0, 0.0006)))
        low = min(open_, close) * (1 - abs(rng.gauss(0, 0.0006)))
        at = end_ms - (count - index) * STEP
        first, top, bottom, last = (round(value, digits) for value in (open_, high, low, close))
        rows.append(Candle(at, first, top, bottom, last, round(rng.lognormvariate(3, 0.6), 4)))
        level = close
    return tuple(rows)


def at_grid(symbol: str, value: float) -> Price:
    return Price(D(str(round(value, DECIMALS[symbol]))))


@dataclass
class FakeStatus:
    """A StatusService over plain lists; `broken` makes every read raise it."""

    clock: SystemClock
    mode: str = "demo"
    source: str = "kraken"
    equity_now: Decimal = D("10234.5678")
    why_not: str = ""
    paused: bool = False
    killed: bool = False
    broken: Exception | None = None
    as_of_ms: int | None = None
    candles_told_ms: int = 0  # when the exchange fell silent; 0 while it speaks
    asked: int = 0
    symbols: tuple[str, ...] = SYMBOLS
    held: list[Position] = field(default_factory=list)
    fills: list[Fill] = field(default_factory=list)
    trips: list[RoundTrip] = field(default_factory=list)
    judged: list[Decision] = field(default_factory=list)
    resting: list[OrderReport] = field(default_factory=list)
    health: tuple[Health, ...] = (
        Health("exchange", True, "Kraken answers in 41 ms."),
        Health("candles", True, "The last candle closed on time."),
        Health("stops", True, "Every position has its stop on the exchange."),
        Health("database", True, "Commits take 0.2 ms."),
        Health("telegram", False, "Telegram does not answer since 12:31; alerts wait and none is lost."),
    )

    @property
    def stamp(self) -> Stamp:
        if self.broken is not None:
            raise self.broken
        self.asked += 1
        return Stamp(self.as_of_ms or self.clock.market_ms(), self.source, self.mode)

    async def status(self) -> StatusView:
        now = self.clock.market_ms()
        last = now - now % STEP - STEP
        return StatusView(
            stamp=self.stamp, owner="jimmy", trading=not self.why_not, why_not=self.why_not,
            equity=self.equity_now, cash=D("6120.10"), currency="USD", pnl_today=self.equity_now - 10_110,
            pnl_today_share=(self.equity_now - 10_110) / 10_110, loss_budget_left=D("303.30"),
            loss_limit=D("303.30"), open_positions=len(self.held), trades_today=len(self.trips),
            symbols=self.symbols, last_candle_ms=last, next_candle_ms=last + 2 * STEP, market_ms=now,
            speed=self.clock.speed, paused=self.paused, killed=self.killed, health=self.health,
            activity="No pair crossed on the last candle.",
        )  # fmt: skip

    def candle_rows(self, symbol: str, limit: int) -> tuple[Candle, ...]:
        now = self.clock.market_ms()
        return walk(symbol, now - now % STEP)[-limit:]

    def last(self, symbol: str) -> Decimal:
        return at_grid(symbol, self.candle_rows(symbol, 1)[-1].close)

    async def balances(self) -> BalancesView:
        rows = [
            BalanceRow(Balance("USD", D("7120.10"), D("1000")), D(1), D("7120.10")),
            *(self._balance(one) for one in self.held),
            BalanceRow(Balance("XDG", D("1250.5"), D(0)), None, None),
        ]
        return BalancesView(self.stamp, tuple(rows), self.equity_now, "USD")

    def _balance(self, held: Position) -> BalanceRow:
        price = self.last(held.symbol)
        asset = held.symbol.partition("/")[0]
        return BalanceRow(Balance(asset, held.qty, held.qty), price, held.qty * price)

    async def positions(self) -> PositionsView:
        rows = tuple(self._row(one) for one in self.held)
        return PositionsView(self.stamp, rows, sum((row.value for row in rows), D(0)), D("171.22"))

    def _row(self, held: Position) -> PositionRow:
        price = self.last(held.symbol)
        value = held.qty * price
        gain = (value - held.entry_cost - held.fees).quantize(D("0.0001"))
        return PositionRow(
            held, price, value, gain, (gain / held.entry_cost).quantize(D("0.000001")),
            (price - held.stop) / price if held.stop else None,
            (held.target - price) / price if held.target else None, held.stop is not None,
        )  # fmt: skip

    async def orders(self) -> OrdersView:
        return OrdersView(self.stamp, tuple(self.resting), frozenset(one.txid for one in self.resting[:-1]))

    async def trades(
        self, symbol: str | None = None, limit: int = 50, before_ms: int | None = None
    ) -> TradesView:
        every = [
            one
            for one in sorted(self.fills, key=lambda fill: -fill.time_ms)
            if symbol in (None, one.symbol) and (before_ms is None or one.time_ms < before_ms)
        ]
        ours = frozenset(one.order_txid for one in self.fills)
        return TradesView(self.stamp, tuple(every[:limit]), ours, len(every))

    async def round_trips(self, limit: int = 50, before_ms: int | None = None) -> RoundTripsView:
        every = [t for t in reversed(self.trips) if before_ms is None or t.closed_ms < before_ms]
        return RoundTripsView(self.stamp, tuple(every[:limit]))

    async def pnl(self, from_ms: int, to_ms: int, period: str, symbol: str | None = None) -> PnlView:
        return PnlView(
            self.stamp, period, from_ms, to_ms, D("96.20"), D("28.3678"), D("18.77"), 5, 3, 2, D("0.6"),
            D("1.84"), self.trips[0] if self.trips else None, self.trips[-1] if self.trips else None,
            (SymbolPnl("BTC/USD", 3, 2, D("71.01"), D("10.1")),), "USD",
        )  # fmt: skip

    async def price(self, symbol: str) -> PriceView:
        if symbol not in LEVEL:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair", "Try ETH.")
        last = self.last(symbol)
        quote = Quote(symbol, Price(last), Price(last), Price(last), self.clock.market_ms())
        return PriceView(self.stamp, quote, 0)

    async def candles(self, symbol: str, timeframe: str = "5m", limit: int = 288) -> CandlesView:
        if symbol not in LEVEL:
            raise Refused(f"Kraken has no pair {symbol}.", "unknown_pair", "Try ETH.")
        rows, stamp = self.candle_rows(symbol, limit), self.stamp
        if self.candles_told_ms:
            rows = tuple(one for one in rows if one.time_ms + STEP <= self.candles_told_ms)
            stamp = Stamp(rows[-1].time_ms + STEP, "store", self.mode)
        return CandlesView(stamp, symbol, timeframe, rows, (), None)

    async def equity(self, limit: int = 2000) -> EquityView:
        rng, level, now = random.Random(7), 10_000.0, self.clock.market_ms()
        points = []
        for index in range(200):
            level += rng.gauss(1.1, 9)
            points.append((now - (200 - index) * STEP, D(f"{level:.2f}")))
        return EquityView(self.stamp, (*points[-limit + 1 :], (now, self.equity_now)))

    async def parity(self, limit: int = 50) -> ParityView:
        rows = tuple(self._twin(one) for one in sorted(self.fills, key=lambda fill: -fill.time_ms))
        text = f"Live against paper, {len(rows)} orders: slippage +1.2 bps a side."
        slippage, fees = Estimate(len(rows), 1.2, -0.4, 2.8), Estimate(len(rows), 0.1, -0.1, 0.3)
        return ParityView(self.stamp, rows[:limit], slippage, fees, text)

    def _twin(self, fill: Fill) -> ParityLine:
        twin = (fill.price * D("0.9998")).quantize(D("0.01"))
        return ParityLine(
            fill.symbol, fill.side.value, "entry", fill.time_ms, fill.qty, fill.price, twin, fill.fee,
            fill.fee, False, 2.0,
        )  # fmt: skip

    async def decisions(
        self, limit: int = 100, symbol: str | None = None, before_ms: int | None = None
    ) -> Sequence[Decision]:
        every = [
            one
            for one in self.judged
            if symbol in (None, one.symbol) and (before_ms is None or one.candle_ms < before_ms)
        ]
        return every[:limit]


@dataclass
class FakeAlerts:
    rows: list[Alert] = field(default_factory=list)

    async def alerts(self, limit: int = 50, before: int | None = None) -> list[Alert]:
        every = [row for row in reversed(self.rows) if before is None or row.id < before]
        return every[:limit]


@dataclass
class FakeConversation:
    """Echoes, streams, previews a buy and executes its button."""

    heard: list[tuple[str, Actor]] = field(default_factory=list)
    pressed: list[tuple[str, Actor]] = field(default_factory=list)
    gate: asyncio.Event | None = None  # when set, hearing waits for it
    broken: Exception | None = None

    async def hear(
        self, text: str, actor: Actor, on_partial: Callable[[str], Awaitable[None]] | None = None
    ) -> list[Reply]:
        self.heard.append((text, actor))
        if self.broken is not None:
            raise self.broken
        if self.gate is not None:
            await self.gate.wait()
        if on_partial:
            for end in range(4, len(text), 8):
                await on_partial(text[:end])
        if text.startswith("buy"):
            return [self._preview()]
        if "chart" in text:
            return [Reply((Text("BTC over the last day", strong=True), Picture(PNG, "Candles of BTC/USD")))]
        if "how are we" in text or "table" in text:
            return [self._status()]
        return [say(f"You said: {text}")]

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        self.pressed.append((action, actor))
        if action.startswith("yes:"):
            return [say("Done. Bought 0.01465 ETH at 3,412.19, stop 3,343.95 rests on the exchange.")]
        return [say("Nothing was done.")]

    def _preview(self) -> Reply:
        table = Table(
            ("", ""),
            (("Amount", "0.01465 ETH"), ("At about", "3,412.19"), ("Fee", "0.13 USD"), ("Stop", "3,343.95")),
        )
        buttons = Buttons((Button("Buy", "yes:tok123", Style.CONFIRM), Button("Cancel", "no:tok123")))
        return Reply((Text("Buy 50 USD of ETH?", strong=True), table, buttons), proposal="tok123")

    def _status(self) -> Reply:
        table = Table(
            ("Pair", "Result", "Now"),
            (("BTC/USD", "+1.10 %", "97,812.4"), ("ETH/USD", "-0.21 %", "3,404.55")),
        )
        blocks = (
            Text("We are up 124.57 USD today, 1.23 %.", strong=True), table,
            Text("Both positions have their stop on the exchange."),
            Buttons((Button("Chart", "ask:/chart"), Button("Why ETH?", "ask:why eth"))),
        )  # fmt: skip
        return Reply(blocks)


@dataclass
class FakeTurns:
    rows: list[Turn] = field(default_factory=list)

    async def turns(self, session: str, limit: int) -> list[Turn]:
        return [one for one in self.rows if one.session == session][-limit:]


@dataclass
class FakePhone:
    """A phone that answers every text with an echo and every tap with an edit."""

    screen_: Screen
    taps: list[tuple[int, str]] = field(default_factory=list)

    def screen(self) -> Any:
        return self.screen_.view()

    async def type(self, text: str) -> object:
        self.screen_.add(sender=ME, text=text)
        return self.screen_.add(sender=ZYN, text=f"You said: {text}")

    def text(self, body: str) -> object:
        sms = PhoneSms("SMme", "+15551234567", "+15005550006", body, 1_700_000_000_000, 1, "inbound")
        self.screen_.add_sms(sms)
        return sms

    async def tap(self, message_id: int, data: str) -> object:
        message = self.screen_.messages.get(message_id)
        if message is None or data not in (value for row in message.buttons for _, value in row):
            raise ValueError("no such button")
        self.taps.append((message_id, data))
        return self.screen_.edit(
            message_id, text="Done. Bought 0.01465 ETH.", buttons=(), entities=(), edited=True
        )

    def photo(self, file_id: str) -> bytes:
        return self.screen_.files[file_id][1]

    def on_change(self, callback: Callable[[], None]) -> None:
        self.screen_.on_change(callback)
