"""A whole Telegram line for tests: the local phone, the real client, the gate and a scripted conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.gate import Gate
from bot.telegram import TelegramDoor
from core.agent.thinking import Ears
from core.clock import SystemClock
from core.engine import entries
from core.engine.registry import Outcome, Registry, Request
from core.sim.phone.screen import PhoneMessage
from core.sim.phone.server import LocalPhone, PhoneAddresses, zyns
from tests.support.bot_api_spec import problems_of_call
from tests.support.fake_conversation import FakeConversation, FakeUpdateLog


async def _nothing(request: Request) -> Outcome:
    raise AssertionError("the scripted conversation carries nothing out")


def full_registry() -> Registry:
    registry = Registry()
    for entry in entries.ALL:
        registry.add(entry, _nothing)
    return registry


@dataclass
class Line:
    """Everything a test holds while the door listens."""

    phone: LocalPhone
    addresses: PhoneAddresses
    door: TelegramDoor
    gate: Gate
    conversation: Any
    log: FakeUpdateLog
    printed: list[str] = field(default_factory=list)

    def said(self) -> list[str]:
        """Zyn's messages, oldest first, without the line that names the world."""
        return [message.text.removesuffix("\n[demo]") for message in self.shown()]

    def shown(self) -> list[PhoneMessage]:
        return zyns(self.phone.screen())

    async def until(self, true: Callable[[], bool], timeout_s: float = 5.0) -> None:
        """Wait until the screen, or anything else, is as it should be."""
        await until(true, timeout_s)

    async def says(self, count: int) -> list[str]:
        """Wait until Zyn has said this many things, and return them."""
        await self.until(lambda: len(self.shown()) >= count)
        return self.said()


async def until(true: Callable[[], bool], timeout_s: float = 5.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110  anything may make it true
            await asyncio.sleep(0.01)


@asynccontextmanager
async def telegram_line(
    conversation: Any = None,
    allowed: tuple[int, ...] | None = None,
    log: FakeUpdateLog | None = None,
    token: str | None = None,
    up: bool = True,
    ears: Ears | None = None,
) -> AsyncIterator[Line]:
    """A phone and a door that listens to it; `up` waits until it does. Calls are checked at the end."""
    clock, registry = SystemClock(), full_registry()
    phone = LocalPhone(clock)
    addresses = await phone.start()
    script, log = conversation or FakeConversation(), log or FakeUpdateLog()
    gate = Gate(log, registry, clock, (phone.user_id,) if allowed is None else allowed, "bot")
    printed: list[str] = []
    door = TelegramDoor(
        script, gate, registry, clock, token or phone.token, addresses.bot_api, addresses.bot_files, "demo",
        printed.append, ears,
    )  # fmt: skip
    task = asyncio.create_task(door.run())
    try:
        if up:
            await until(lambda: any(call.method == "getupdates" for call in phone.calls))
        yield Line(phone, addresses, door, gate, script, log, printed)
    finally:
        task.cancel()
        await asyncio.wait([task], timeout=5)
        await phone.stop()
    assert [problem for call in phone.calls for problem in problems_of_call(call)] == []
