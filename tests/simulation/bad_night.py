"""A scripted bad night on the whole service: ETH falls 40 % in three minutes, the book is empty, the exchange
stumbles, and jimmy sleeps.

`python -m tests.simulation.bad_night` writes what his phone shows into docs/bad-night.md.
"""

from __future__ import annotations

import asyncio
import shutil
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any
from zoneinfo import ZoneInfo

from loguru import logger

from bot.app import _watch_over
from bot.notifier import TelegramChannel
from core.alerts.pump import Pump
from core.alerts.sms import SegmentBudget, SmsChannel
from core.alerts.sms_replies import Inbound
from core.alerts.thread import IncidentThread
from core.model.account import RoundTrip
from core.model.time_context import from_ms, to_ms
from core.sim.kraken.faults import Fault
from core.trading_config import load
from tests.simulation.disk import found_world
from tests.simulation.life import Life, Stage, made_by_life
from tests.simulation.record import Record
from tests.simulation.schedule import MEMORY, close, lines_age_by, surprises
from tests.simulation.street import COINS, Street
from tests.simulation.weather import Sky
from tests.support.phone_week import Carrier, Screen
from tests.support.virtual_time import VirtualClock, VirtualLoop

ZONE = "Europe/Berlin"
EVENING = to_ms(datetime(2026, 11, 25, 2, 58, tzinfo=ZoneInfo(ZONE)))
SEED = next(seed for seed in range(200) if Random(seed).choice(COINS) == "ETH")
SETTINGS = {
    "filters.enabled": "", "risk.price_band": "1", "alerts.quiet_hours": "22-7", "edge.gate": "off",
    "indicators.sma_fast": "200", "indicators.sma_slow": "400",
}  # fmt: skip
EDITED = "telegram, one message edited in place"
PAGE = Path(__file__).parents[2] / "docs/bad-night.md"
FALL, FALL_S = Decimal("0.6"), 180
GAP = Decimal("0.6")  # of the fall comes at once: nobody buys in between


@dataclass
class Night:
    """What was left in the morning: the phone, the texts, and what the exchange's books say."""

    lines: list[tuple[int, str, str]] = field(default_factory=list)  # (wall ms, channel, text)
    trips: tuple[RoundTrip, ...] = ()
    open_positions: int = 0
    escalation_open: bool = False
    errors: list[BaseException] = field(default_factory=list)
    entries_after: int = 0

    def transcript(self) -> str:
        """The phone as jimmy would scroll it, in his time; of an edited message its last state."""
        shown = []
        for at, channel, text in self._settled():
            body = "\n".join(f"          {line}" for line in text.strip().split("\n"))
            shown.append(f"{_time(at)}  [{channel}]\n{body}")
        return "\n".join(shown)

    def _settled(self) -> list[tuple[int, str, str]]:
        incident = [line for line in self.lines if "Incident since" in line[2]][-1:]
        first = next((at for at, how, _ in self.lines if how == EDITED), 0)
        rest = [line for line in self.lines if "Incident since" not in line[2]]
        return sorted([*rest, *((first, f"{EDITED}, last at {_time(at)}", text) for at, _, text in incident)])


def _time(at_ms: int) -> str:
    return f"{from_ms(at_ms).astimezone(ZoneInfo(ZONE)):%H:%M:%S}"


class ShownScreen(Screen):
    """A screen that also writes down every message as it came or changed."""

    night: Night

    async def page_once(self, chat_id: int, page: Any, *, silent: bool = False) -> Any:
        sent = await super().page_once(chat_id, page, silent=silent)
        self._note("telegram" if silent else "telegram, with a sound", page.plain)
        return sent

    async def edit_once(self, chat_id: int, message_id: int, reply: Any) -> None:
        await super().edit_once(chat_id, message_id, reply)
        self._note(EDITED, self.messages[message_id])

    def _note(self, how: str, text: str) -> None:
        self.night.lines.append((self.clock.wall_ms(), how, text))


class BadNight:
    """The script."""

    def __init__(self, loop: VirtualLoop, folder: Path) -> None:
        rng = Random(SEED)
        self.clock = VirtualClock(loop, EVENING, 1.0)
        record, self.night = Record(), Night()
        sky = Sky(rng, record, self.clock.monotonic)
        self.street = Street(rng, self.clock, record, sky, SEED)
        found_world(folder)
        config = load({"ZYN_TIMEZONE": ZONE}, {}, SETTINGS)
        self.stage = Stage(
            rng, loop, self.clock, record, sky, self.street, config, folder, lambda slow: None, 10.0, False
        )
        self.screen, self.carrier = ShownScreen(self.clock), Carrier(self.clock)
        self.screen.night = self.night

    async def play(self) -> Night:
        await self.street.open()
        life = Life(self.stage)
        try:
            await life.begin(life.start())
            await life.begin(self._trade(life))
            await life.begin(self._script(life))
        finally:
            life.lay_down()
            await asyncio.sleep(0.1)
            await self.street.close()
        return self.night

    async def _trade(self, life: Life) -> None:
        """The service with its real desks and channels; only phone network and carrier are played."""
        core = life.running
        life.trade(phone=False)
        await core.store.outbox.serve(("telegram", "sms"))
        core.alarms.escalation._inbox = self.carrier  # the line that a configured service hands in
        core.alarms.escalation._new_code = lambda: "4821"
        outgoing: Any = self.screen
        thread = IncidentThread(core.store.outbox, core.store)
        telegram = TelegramChannel(outgoing, lambda: (1,), core.alarms.attention, thread)
        sms = SmsChannel(self.carrier, "live", SegmentBudget(core.store, self.clock, ZONE, 60))
        pump = Pump(core.store.outbox, [telegram, sms], self.clock, ZONE)
        core.herald.join(announced=pump.wake)
        core.supervisor.keep("pump", pump.run)
        _watch_over(core, lambda: True)

    async def _script(self, life: Life) -> None:
        core = life.running
        await asyncio.sleep(5)
        await life.ask(
            "place_order", 1, side="buy", symbol="ETH/USD", amount=("2000", "quote"), stop=("3", "percent"),
            take_profit=("6", "percent"),
        )  # fmt: skip
        await self._until(3, 12)
        await self._fall()
        await self._until(3, 18)
        self.street.kraken.exchange.faults.clear()
        await asyncio.sleep(20)
        self._answer()
        await self._until(3, 50)
        self.night.trips = tuple(core.engine.portfolio.round_trips)
        self.night.open_positions = core.engine.portfolio.open_count
        self.night.escalation_open = core.alarms.escalation.open is not None

    async def _fall(self) -> None:
        """Down 40 % in three minutes, with hardly anybody buying, and an exchange that hardly answers."""
        start = self.street.last("ETH/USD")
        faults = self.street.kraken.exchange.faults
        faults.add(Fault("AddOrder", "thin", "thin", value="0.05", count=40))
        for path in ("AddOrder", "CancelOrder", "OpenOrders", "BalanceEx", "TradesHistory", "QueryOrders"):
            faults.add(Fault(path, "error", value="EService:Busy", count=None, probability=0.7))
        for second in range(FALL_S):
            share = 1 - (1 - FALL) * (GAP + (1 - GAP) * Decimal(second + 1) / FALL_S)
            self.street.kraken.exchange.advance()
            self.street.kraken.exchange.push_price(
                "ETH/USD", self.street.pairs["ETH/USD"].price(start * share)
            )
            await asyncio.sleep(1.0)

    def _answer(self) -> None:
        """Jimmy wakes up from the second text and answers it."""
        texts = [body for _, body in self.carrier.sent if "Reply OK" in body]
        if texts:
            code = texts[-1].split("Reply OK ")[1][:4]
            self.carrier.answers.append(Inbound("SM-jimmy", f"ok {code}", self.clock.wall_ms()))
            self.night.lines.append((self.clock.wall_ms(), "sms from jimmy", f"ok {code}"))

    async def _until(self, hour: int, minute: int) -> None:
        local = from_ms(self.clock.market_ms()).astimezone(ZoneInfo(ZONE))
        at = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
        await self.clock.sleep_until_market(to_ms(at))


def play() -> Night:
    """The night, always the same."""
    folder = Path(mkdtemp(prefix="zyn-night-", dir=MEMORY if MEMORY.is_dir() else None))
    loop = VirtualLoop()
    loop.set_task_factory(made_by_life)  # type: ignore[arg-type]
    try:
        with lines_age_by(loop.time):
            world = BadNight(loop, folder)
            with surprises(loop, world.night.errors.append):
                night = loop.run_until_complete(world.play())
    finally:
        close(loop)
        shutil.rmtree(folder, ignore_errors=True)
    night.lines += [(at, "sms", body) for at, body in world.carrier.sent]
    night.lines.sort(key=lambda line: line[0])
    return night


def page(night: Night) -> str:
    """docs/bad-night.md."""
    return _PAGE.format(transcript=night.transcript())


_PAGE = """# A bad night, as jimmy's phone shows it

At 03:12 ETH loses a quarter of its price between two trades and 40 % within three minutes; hardly anybody
buys, and seven of ten calls to the exchange are answered with "busy". jimmy sleeps; his quiet hours are 22 to
7. The whole service runs on the simulation's clock against the local Kraken; only the phone's network and the
SMS carrier are played. `python -m tests.simulation.bad_night` plays it again and writes this page; a test
compares them.

The ETH position loses several times what was planned, for no one bought between its stop and the price it
sold at; the last message sets both sums side by side. The stop rested on the exchange from the first fill.

```
{transcript}
```
"""


if __name__ == "__main__":
    logger.remove()
    PAGE.write_text(page(play()))
