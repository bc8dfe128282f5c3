"""A whole made-up world behind the pages: a trading day, a phone, and a registry that acts."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.clock import SystemClock
from core.engine import entries
from core.engine.registry import Answer, Effect, Entry, Handler, Outcome, Proposal, Registry, Request
from core.model.account import Position, RoundTrip
from core.model.decisions import Action, Decision, FilterReading, SignalResult, Verdict
from core.model.events import Announcement, EventKind, Severity
from core.model.money import Money, Price, Qty
from core.model.orders import Fill, OrderReport, OrderStatus, OrderType, Origin, Side
from core.model.outbox import Alert
from core.model.views import (
    Preview,
    TextView,
)
from core.sim.phone.screen import ME, ZYN, PhoneSms, Screen
from core.trading_config import Config, describe
from tests.support.web_fakes import (
    STEP,
    SYMBOLS,
    D,
    FakeAlerts,
    FakeConversation,
    FakePhone,
    FakeStatus,
    WallClock,
    at_grid,
    walk,
)
from web.app import WebDeps


def trading_day(clock: SystemClock) -> FakeStatus:
    """A status with two open positions, a few round trips, decisions and resting stops."""
    world = FakeStatus(clock)
    end = clock.market_ms() - clock.market_ms() % STEP
    for symbol, back, stake in (("BTC/USD", 40, 2450.0), ("ETH/USD", 22, 1600.0)):
        world.held.append(_opened(world, symbol, back, stake, end))
    for index, (symbol, start, length, reason) in enumerate(
        (("BTC/USD", 250, 30, "target"), ("ETH/USD", 210, 16, "stop"), ("SOL/USD", 160, 44, "signal"))
    ):
        world.trips.append(_closed(world, symbol, start, length, reason, end, index))
    world.fills.sort(key=lambda fill: fill.time_ms)
    world.resting = [_stop_of(one) for one in world.held] + [_manual_order(end)]
    world.judged = list(_judged(world, end))
    return world


def dealt(symbol: str, side: Side, price: Price, qty: Qty, ms: int, number: int) -> Fill:
    cost = Money((price * qty).quantize(D("0.00001")))
    fee = Money((cost * D("0.0026")).quantize(D("0.00001")))
    return Fill(
        f"TZ{number:04d}A-AAAAA-BBBBBB",
        f"OZ{number:04d}A-CCCCC-DDDDDD",
        symbol,
        side,
        price,
        qty,
        cost,
        fee,
        ms,
    )


def _opened(world: FakeStatus, symbol: str, back: int, stake: float, end: int) -> Position:
    rows = walk(symbol, end)
    candle = rows[-back]
    price = at_grid(symbol, candle.close)
    qty = Qty(D(str(round(stake / candle.close, 6))))
    fill = dealt(symbol, Side.BUY, price, qty, candle.time_ms + STEP + 1_200, back)
    world.fills.append(fill)
    width = candle.close * 0.011
    now = rows[-1].close
    return Position(
        symbol, qty, price, fill.cost, fill.fee, fill.time_ms, rule="sma20-cross/1",
        stop=at_grid(symbol, min(candle.close, now) - width),
        target=at_grid(symbol, max(candle.close, now) + width * 1.5),
        stop_txids=(f"OSTOP{back}-EEEEE-FFFFFF",), stopped_qty=qty,
    )  # fmt: skip


def _closed(
    world: FakeStatus, symbol: str, start: int, length: int, reason: str, end: int, number: int
) -> RoundTrip:
    rows = walk(symbol, end)
    first, last = rows[-start], rows[-start + length]
    qty = Qty(D(str(round(1500 / first.close, 6))))
    buy = dealt(symbol, Side.BUY, at_grid(symbol, first.close), qty, first.time_ms + STEP, 100 + number)
    sell = dealt(symbol, Side.SELL, at_grid(symbol, last.close), qty, last.time_ms + STEP, 200 + number)
    world.fills += [buy, sell]
    fees = Money(buy.fee + sell.fee)
    return RoundTrip(
        symbol, qty, buy.price, sell.price, buy.time_ms, sell.time_ms, fees,
        Money(sell.cost - buy.cost - fees), Origin.AUTOPILOT, reason,
    )  # fmt: skip


def _stop_of(held: Position) -> OrderReport:
    return OrderReport(
        held.stop_txids[0], None, held.symbol, Side.SELL, OrderType.STOP_LOSS, OrderStatus.OPEN, held.qty,
        price=held.stop, opened_ms=held.opened_ms, parent_txid="OPARENT",
    )  # fmt: skip


def _manual_order(end: int) -> OrderReport:
    return OrderReport(
        "OHAND1-GGGGG-HHHHHH", None, "SOL/USD", Side.BUY, OrderType.LIMIT, OrderStatus.OPEN, Qty(D("4.5")),
        price=Price(D("201.00")), opened_ms=end - 7_200_000,
    )  # fmt: skip


def _judged(world: FakeStatus, end: int) -> Sequence[Decision]:
    rng, found = random.Random(3), []
    for back in range(1, 40):
        symbol = SYMBOLS[back % len(SYMBOLS)]
        crossed = back % 5 == 0
        readings = [
            FilterReading("trend", True, 0.0021, 0.0, "> 0"),
            FilterReading(
                "rsi", not crossed or back % 10 == 0, 75.5 if crossed and back % 10 else 55.2, 70, "< 70"
            ),
            FilterReading("volume", True, round(rng.uniform(42, 97), 1), 40, ">= 40th percentile"),
            FilterReading("volatility", True, 0.0014, 0.0005, "0.0005 to 0.03"),
            FilterReading("chop", back % 15 != 0, 0.0038, 0.004, ">= 0.004"),
            FilterReading("atr_spike", True, 1.1, 2.5, "<= 2.5x"),
        ]
        failed = tuple(one for one in readings if not one.passed)
        verdict = (Verdict.FILTERED if failed else Verdict.ENTERED) if crossed else Verdict.HOLD
        words = {
            Verdict.HOLD: "No cross: price is still above its 20-candle average.",
            Verdict.FILTERED: f"Crossed up, but {failed[0].name if failed else ''} said no.",
            Verdict.ENTERED: "Crossed up and every filter passed: bought with stop and target.",
        }[verdict]
        signal = SignalResult(
            Action.LONG if verdict is Verdict.ENTERED else Action.HOLD, words,
            tuple(one for one in readings if one.passed) if crossed else (), failed if crossed else (),
            "up" if crossed else "", world.candle_rows(symbol, back)[0].close,
            97_210.4, 96_950.2, 58.3, 121.7,
        )  # fmt: skip
        found.append(
            Decision(
                symbol, end - back * STEP, end - back * STEP + STEP + 900, signal, verdict, words, f"c{back}"
            )
        )
    return found


ALERTS = (
    (Severity.TRADE, EventKind.FILL, "Bought 0.4689 ETH at 3,412.19. Stop 3,374.66 rests on the exchange."),
    (Severity.INFO, EventKind.POSITION_CLOSED, "Sold BTC at its target: +38.12 USD after fees."),
    (Severity.WARNING, EventKind.TROUBLE, "Telegram does not answer. Alerts wait; trading goes on."),
    (Severity.CRITICAL, EventKind.STOP_MISSING, "The stop of SOL was gone for 4 s. I put it back."),
    (Severity.INFO, EventKind.STARTED, "Zyn is up. 2 positions known, both protected."),
)


def told(now_ms: int) -> FakeAlerts:
    rows = [
        Alert(number, Announcement(f"k{number}", kind, severity, text, now_ms - (6 - number) * 900_000))
        for number, (severity, kind, text) in enumerate(reversed(ALERTS), 1)
    ]
    return FakeAlerts(rows)


def ringing_phone(clock: SystemClock) -> FakePhone:
    """A phone with a conversation on it."""
    screen = Screen(clock)
    hello = "Good morning jimmy. I am Zyn, your trading servant.\nThis is the demo: no real money."
    bold = {"type": "bold", "offset": 0, "length": 18}
    screen.add(
        sender=ZYN,
        text=hello,
        entities=(bold,),
        buttons=((("How are we doing?", "ask:1"), ("Help", "ask:2")),),
    )
    screen.add(sender=ME, text="how are we doing?")
    table = "Pair     Result\nBTC/USD  +1.10 %\nETH/USD  -0.21 %"
    text = f"Up 124.57 USD today (+1.23 %).\n{table}"
    start = len(text) - len(table)
    screen.add(
        sender=ZYN, text=text,
        entities=(
            {"type": "bold", "offset": 0, "length": 30},
            {"type": "pre", "offset": start, "length": len(table)},
        ),
    )  # fmt: skip
    screen.add(sender=ME, text="buy 50 bucks of eth with a 2% stop")
    preview = (
        "Buy 50 USD of ETH?\n0.01465 ETH at about 3,412.19\nFee 0.13 USD, stop 3,343.95\nWorst case -1.13 USD"
    )
    screen.add(
        sender=ZYN, text=preview, entities=({"type": "bold", "offset": 0, "length": 18},),
        buttons=((("Buy", "yes:tok"), ("Cancel", "no:tok")),),
    )  # fmt: skip
    screen.show_menu((("status", "How things stand"), ("flatten", "Sell everything Zyn holds")))
    sms = PhoneSms(
        "SM1",
        "+15005550006",
        "+15551234567",
        "Zyn demo: bought 0.0251 BTC at 97,310.0, stop 96,240.1",
        clock.wall_ms() - 60_000,
        1,
    )
    screen.add_sms(sms)
    return FakePhone(screen)


# What reading an entry says; a change of it is proposed.
LEARNED: dict[str, Any] = {
    "rule": "sma20-cross/1",
    "on": True,
    "frozen": "",
    "outcomes": 1480,
    "backfill": None,
    "claims": [
        {
            "number": 1,
            "feature": "session",
            "value": 0,
            "direction": "worse",
            "made": 900,
            "withdrawn": None,
            "n": 212,
            "effect_r": -0.31,
            "low": -0.52,
            "high": -0.11,
            "evidence": 61.0,
            "worse": [0],
            "day": 20000,
            "saved_r": 14.2,
            "undone": False,
            "acts": True,
            "text": "Asia is worse: -0.31 R a trade against the rest (95 % -0.52 to -0.11), n = 212.",
        }
    ],
    "observations": [
        {
            "feature": "session",
            "value": 0,
            "name": "Asia",
            "n": 212,
            "mean_r": -0.28,
            "shrunk_r": -0.21,
            "low": -0.47,
            "high": -0.09,
            "label": "not yet evidence",
        },
        {
            "feature": "session",
            "value": 1,
            "name": "Europe",
            "n": 540,
            "mean_r": 0.06,
            "shrunk_r": 0.04,
            "low": -0.06,
            "high": 0.18,
            "label": "not yet evidence",
        },
    ],
    "questions": [
        {"feature": "symbol", "n": 1480, "needed": 5200, "evidence": 3.1, "text": ""},
        {"feature": "weekend", "n": 1480, "needed": None, "evidence": 0.4, "text": ""},
    ],
    "agreement": {"own_trades": 41, "mean_r": 0.02, "low": -0.11, "high": 0.15},
}
TOLD: tuple[tuple[Entry, str, dict[str, Any]], ...] = (
    (entries.LEARNING, "I learn from 1,480 followed signals and 41 own trades; lessons act.", LEARNED),
    (
        entries.UNIVERSE,
        "I watch 2 of 3 pairs, the most traded first (at most 2; 1,000,000 in 24 h, 30 days old):",
        {
            "chosen": True, "trouble": "", "watched": list(SYMBOLS[:2]), "allowed": [], "denied": ["SOL/USD"],
            "pairs": [
                {"symbol": "BTC/USD", "rank": 1, "traded_24h": "81230411.5", "spread_bps": "0.4",
                 "age_days": 4012, "out": ""},
                {"symbol": "ETH/USD", "rank": 2, "traded_24h": "40110200", "spread_bps": "0.9",
                 "age_days": 3550, "out": ""},
                {"symbol": "SOL/USD", "rank": 0, "traded_24h": "9100000", "spread_bps": "2.1",
                 "age_days": None, "out": "you told me not to trade it"},
            ],
        },
    ),
    (
        entries.ALERTS,
        "3 of at most 12 messages with a sound today; critical ones always ring.",
        {
            "rung_today": 3, "rings_a_day": 12, "quiet": "22:00-07:00", "sms": True, "unseen": True,
            "switches": [{"event": "fill", "state": "on"}, {"event": "daily_summary", "state": "silent"}],
            "conditions": [{"number": 1, "text": "when ETH is above 4,000"}],
        },
    ),
    (
        entries.MANDATE,
        "Your mandate, kept on every order:\n- never buy DOGE",
        {"rows": [{"name": "never_buy:DOGE", "value": "always", "text": "never buy DOGE"}]},
    ),
    (
        entries.RISK,
        "Limits: risk per trade 0.01. In the market 4,073.25 of 10,234.57. Loss budget left: 303.30.",
        {
            "limits": [
                {"name": "risk_per_trade", "value": "0.005", "settings": "0.01", "share": True},
                {"name": "max_open_positions", "value": "5", "settings": "5", "share": False},
            ]
        },
    ),
)  # fmt: skip


def _tells(entry: Entry, text: str, data: dict[str, Any], clock: SystemClock, done: list[Request]) -> Handler:
    async def tell(request: Request) -> Outcome:
        changes = request.slots.model_dump(exclude_defaults=True, mode="json")
        if not changes:
            return Answer(TextView(text, data))
        done.append(request)
        if entry.effect is Effect.MEMORY:
            return Answer(TextView("I keep to that."), done=True)
        preview = Preview(f"Change {entry.command}", entry.intent, changes, lines=(str(changes),))
        return Proposal(f"{entry.command}1", preview, clock.wall_ms() + 600_000)

    return tell


def registry(
    status: FakeStatus, done: list[Request], told: Sequence[tuple[Entry, str, dict[str, Any]]] = TOLD
) -> Registry:
    """A registry whose flatten proposes, whose pause acts, and whose insights answer."""
    filled = Registry()

    async def flatten(request: Request) -> Proposal:
        done.append(request)
        lines = (
            "Sells 2 positions worth 4,071.12 USD.",
            "Costs about 10.59 USD in fees.",
            "Stops are cancelled first.",
        )
        preview = Preview(
            "Sell everything Zyn holds", "flatten", {}, fee=D("10.59"), notional=D("4071.12"), lines=lines
        )
        return Proposal("flat1", preview, status.clock.wall_ms() + 600_000, one_button=True)

    async def pause(request: Request) -> Answer:
        done.append(request)
        status.why_not, status.paused = "Paused by you. Stops stay on the exchange.", True
        return Answer(TextView("Paused. Stops stay on the exchange."), done=True)

    async def insights(request: Request) -> Answer:
        return Answer(TextView("12 trades so far. Entries between 08 and 12 UTC did best.", {"trades": 12}))

    for entry, text, data in told:
        filled.add(entry, _tells(entry, text, data, status.clock, done))
    filled.add(entries.FLATTEN, flatten)
    filled.add(entries.PAUSE, pause)
    filled.add(entries.RESUME, pause)
    filled.add(entries.INSIGHTS, insights)
    return filled


@dataclass
class Stage:
    """The fakes behind one site, at hand for the test."""

    clock: WallClock
    status: FakeStatus
    conversation: FakeConversation
    alerts: FakeAlerts
    phone: FakePhone | None
    requests: list[Request]
    deps: WebDeps

    def with_deps(self, **changes: Any) -> WebDeps:
        return replace(self.deps, **changes)


def stage(*, password: str = "correct horse battery", phone: bool = True, **more: Any) -> Stage:
    """A whole fake world; keyword arguments go to WebDeps."""
    clock = WallClock()
    status, conversation = trading_day(clock), FakeConversation()
    alerts, requests = told(clock.market_ms()), list[Request]()
    ringing = ringing_phone(clock) if phone else None
    deps = WebDeps(
        status=status, registry=registry(status, requests), conversation=conversation, alerts=alerts,
        settings=lambda: describe(Config()), clock=clock, mode=status.mode, owner_name="jimmy",
        healthy=lambda: True, ready=lambda: True, phone=ringing, password=password,
        **more,
    )  # fmt: skip
    return Stage(clock, status, conversation, alerts, ringing, requests, deps)
