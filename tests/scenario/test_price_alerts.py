"""Conditions the owner waits for: told once, over restarts, never twice and never late."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.alerts.commands import AlertCommands
from core.alerts.escalation import EscalationDesk, Patience
from core.engine.price_alerts import MOST, PriceAlerts
from core.engine.registry import Actor, Door, Registry
from core.model.alarms import Condition
from core.model.errors import Refused, Rejected, Transient
from core.model.events import EventKind
from core.model.money import Price, Qty
from core.model.orders import Origin
from core.risk.brackets import Distances
from tests.support.alarm_desk import Kept, all_ears
from tests.support.trading import Trading, trading

AWAY = Distances(Price(Decimal(40)), Price(Decimal(60)))
JIMMY = Actor("jimmy", Door.TELEGRAM, "telegram:1")


class Herald:
    def __init__(self) -> None:
        self.told: list[str] = []

    def announced(self, news: object) -> None:
        self.told.append(str(getattr(news, "text", "")))

    def changed(self, topic: str) -> None: ...


class Line:
    def __init__(self, error: Exception | None = None) -> None:
        self.sent: list[str] = []
        self.error = error

    async def send(self, body: str) -> None:
        if self.error:
            raise self.error
        self.sent.append(body)


class Room:
    """Everything around the conditions of one world."""

    def __init__(self, line: Line | None = None, kept: Kept | None = None) -> None:
        self.world: Trading = trading()
        self.kept, self.herald, self.line = kept or Kept(), Herald(), line
        world = self.world
        self.prices = PriceAlerts(world.desk, world.engine.portfolio, self.kept, self.herald, world.clock)
        self.registry = Registry()
        self.escalation = EscalationDesk(
            self.kept,
            self.kept,
            self.herald,
            world.clock,
            Patience(1, 1),
            lambda: "1234",
            None,
            self.registry,
        )
        self.attention = all_ears(self.kept, world.clock)
        AlertCommands(self.attention, self.prices, self.escalation, line, "demo").bind(self.registry)

    async def say(self, **slots: object) -> str:
        request = self.registry.request("alerts", slots, JIMMY, "c1")
        outcome = await self.registry.carry_out(request)
        return str(outcome.view.text)  # type: ignore[union-attr]


async def test_a_price_that_is_crossed_is_told_once() -> None:
    room = Room()
    said = await room.say(action="when", symbol="ETH/USD", condition="above", price="2100")
    assert said == "I will tell you when ETH is above 2,100.00. /alerts remove 1 takes that back."
    await room.prices.look()
    assert not room.herald.told
    room.world.desk.trade("ETH/USD", "2101")
    for _ in range(3):
        await room.prices.look()
    assert room.herald.told == ["ETH is above 2,100.00: 2,101.00 now."]
    assert [one.kind for one in room.kept.news] == [EventKind.PRICE_ALERT] and not room.prices.waiting


@pytest.mark.parametrize(("level", "side"), [("1500", "below"), ("2500", "above")])
async def test_a_price_that_is_to_be_crossed_is_waited_for_on_its_other_side(level: str, side: str) -> None:
    room = Room()
    said = await room.say(action="when", symbol="ETH/USD", condition="crosses", price=level)
    assert f"when ETH is {side} " in said


async def test_that_alert_is_the_last_one_and_which_one_is_asked_when_several_may_be_meant() -> None:
    room = Room()
    for level in ("1500", "1400"):
        await room.say(action="when", symbol="ETH/USD", condition="below", price=level)
    await room.say(action="when", symbol="BTC/USD", condition="below", price="50000")
    assert "BTC is below 50,000.00" in await room.say(action="remove", which="last")
    for slots in ({}, {"symbol": "ETH/USD"}):
        with pytest.raises(Refused, match="Which one") as asked:
            await room.say(action="remove", **slots)
        assert "2. when ETH is below 1,400.00" in asked.value.hint
    with pytest.raises(Refused, match="no such alert"):
        await room.say(action="remove", symbol="BTC/USD")
    await room.say(action="remove", which="all")
    assert not room.prices.waiting


async def test_every_kind_of_message_is_switched_at_once() -> None:
    room = Room()
    assert "Every kind of message: silent." in await room.say(action="silent", event="all")
    assert "fill silent" in await room.say()
    await room.say(action="on", event="everything")
    assert "Every kind of message is on." in await room.say()


async def test_what_is_waited_for_outlives_a_restart() -> None:
    room = Room()
    await room.say(action="when", symbol="BTC/USD", condition="below", price="50000")
    again = Room(kept=room.kept)
    await again.prices.load()
    again.world.desk.trade("BTC/USD", "49000")
    await again.prices.look()
    assert again.herald.told == ["BTC is below 50,000.00: 49,000.00 now."]
    third = Room(kept=room.kept)
    await third.prices.load()
    assert not third.prices.waiting


async def test_a_trade_that_turns_green_is_told_and_one_that_closed_too() -> None:
    room = Room()
    world = room.world
    await world.engine.sync.recover()
    await world.engine.treasury.roll_day(world.clock.market_ms())
    quote = await world.engine.entrance.quote("ETH/USD")
    plan = await world.engine.entrance.plan_by_hand("ETH/USD", quote.ask, Qty(Decimal("0.5")), AWAY, False)
    await world.engine.entrance.enter(plan, Origin.CHAT, "c", "manual", "c")
    await room.say(action="when", symbol="ETH/USD", condition="green")
    await room.prices.look()
    assert not room.herald.told  # the fee is not earned yet
    world.desk.trade("ETH/USD", "2050")
    await room.prices.look()
    assert room.herald.told[0].startswith("The ETH trade is green: +")


@pytest.mark.parametrize(
    ("slots", "code"),
    [
        ({"action": "when", "symbol": "ETH/USD", "condition": "above", "price": "1500"}, "reached"),
        ({"action": "when", "symbol": "ETH/USD", "condition": "green"}, "no_position"),
        ({"action": "when", "symbol": "DOGE/USD", "condition": "above", "price": "1"}, "no_price"),
        ({"action": "when", "symbol": "ETH/USD", "condition": "above"}, "usage"),
        ({"action": "when"}, "usage"), ({"action": "remove", "number": 3}, "no_alert"),
        ({"action": "off", "event": "fireworks"}, "no_event"),
        ({"action": "off", "event": "kill_switch"}, "no_event"),
        ({"action": "quiet", "hours": "later"}, "quiet_hours"), ({"action": "sms_test"}, "no_sms"),
    ],
)  # fmt: skip
async def test_what_cannot_be_is_refused_with_a_reason(slots: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        await Room().say(**slots)
    assert refusal.value.code == code and refusal.value.message


async def test_the_list_says_all_that_is_set_and_what_is_missing() -> None:
    room = Room()
    await room.say(action="when", symbol="ETH/USD", condition="below", price="1500")
    await room.say(action="off", event="fills")
    await room.say(action="silent", event="notice")
    await room.say(action="quiet", hours="22-7")
    said = await room.say()
    for part in ("Quiet hours 22:00-07:00", "fill off, notice silent", "1. when ETH is below 1,500.00",
                 "nothing can wake you"):  # fmt: skip
        assert part in said
    gone = "Taken back: I no longer tell you when ETH is below 1,500.00."
    assert await room.say(action="remove", number=1) == gone
    assert await room.say(action="quiet", hours="off") == "No quiet hours: everything comes at once."
    assert await room.say(action="ack") == "Nothing is waiting to be seen."


async def test_the_line_is_proven_by_a_text() -> None:
    line = Line()
    assert "Sent" in await Room(line).say(action="sms_test")
    assert line.sent == ["Zyn demo: a test. If you read this, I can wake you."]
    with pytest.raises(Refused, match="did not go out"):
        await Room(Line(Rejected("Twilio refuses the message"))).say(action="sms_test")


async def test_without_prices_the_wait_goes_on() -> None:
    room = Room()
    await room.say(action="when", symbol="ETH/USD", condition="below", price="1500")
    quotes = room.world.desk.quotes

    async def dead(symbols: object) -> object:
        raise Transient("down")

    room.world.desk.quotes = dead  # type: ignore[assignment,method-assign]
    await room.prices.look()
    room.world.desk.quotes = quotes  # type: ignore[method-assign]
    assert len(room.prices.waiting) == 1


async def test_there_is_an_end_to_what_is_waited_for() -> None:
    room = Room()
    for number in range(MOST):
        await room.prices.add("ETH/USD", Condition.ABOVE, Decimal(3000 + number))
    with pytest.raises(Refused, match="already wait"):
        await room.prices.add("ETH/USD", Condition.ABOVE, Decimal(9999))
