"""Until somebody has seen it: Telegram, a text, one more; and the answers by text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.alerts.escalation import EscalationDesk, Patience
from core.alerts.sms_replies import Inbound, order_of
from core.clock import ManualClock
from core.engine import entries
from core.engine.registry import Answer, Outcome, Registry, Request
from core.model.errors import Refused, Transient
from core.model.events import Announcement, EventKind, Severity
from core.model.views import TextView
from tests.support.alarm_desk import Kept
from tests.support.fake_outbox import news

NOON = 1_795_435_200_000


@dataclass
class World:
    """A desk, its clock, its inbox, and a registry that notes what it is asked."""

    kept: Kept = field(default_factory=Kept)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    texts: list[Inbound] = field(default_factory=list)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    line_down: bool = False
    up: bool = True
    codes: int = 4820
    has_sms: bool = True

    def __post_init__(self) -> None:
        self.registry = Registry()
        for entry in (entries.FLATTEN, entries.PAUSE, entries.ORDER):
            self.registry.add(entry, self.carried_out)
        self.desk = self.restarted()

    async def carried_out(self, request: Request) -> Outcome:
        self.asked.append((request.entry.intent, request.slots.model_dump(exclude_defaults=True)))
        return Answer(TextView("Flattened: 2 sold."))

    def announced(self, news: Announcement) -> None:
        assert news in self.kept.news

    def changed(self, topic: str) -> None: ...

    async def inbox(self) -> Sequence[Inbound]:
        if self.line_down:
            raise Transient("down")
        return self.texts

    def restarted(self) -> EscalationDesk:
        """Another process over what was kept."""
        self.desk = EscalationDesk(
            self.kept, self.kept, self, self.clock, Patience(120, 300), self.code,
            self if self.has_sms else None, self.registry,
        )  # fmt: skip
        self.desk.first_by(lambda: self.up)
        return self.desk

    def code(self) -> str:
        self.codes += 1
        return f"{self.codes:04}"

    async def critical(self, key: str) -> None:
        one = news(key, Severity.CRITICAL, EventKind.KILL_SWITCH, at=self.clock.now_ms)
        await self.kept.commit(one)
        self.desk.heard(one)

    async def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            await self.desk.step()
            self.clock.advance(1000)
        await self.desk.step()

    def text(self, body: str, id: str = "SM1") -> None:
        self.texts.append(Inbound(id, body, self.clock.now_ms))

    @property
    def sent(self) -> list[str]:
        return [one.text for one in self.kept.news if one.kind is EventKind.ESCALATION]

    @property
    def answers(self) -> list[str]:
        return [one.text for one in self.kept.news if one.kind is EventKind.SMS_ANSWER]


async def test_an_unseen_critical_is_texted_twice_and_then_no_more() -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(119)
    assert world.sent == []
    await world.wait(2)
    assert len(world.sent) == 1 and "FLATTEN 4821" in world.sent[0]
    await world.wait(298)
    assert len(world.sent) == 1
    await world.wait(3600)
    assert len(world.sent) == 2


async def test_when_telegram_is_down_the_text_goes_out_at_once() -> None:
    world = World(up=False)
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(1)
    assert len(world.sent) == 1


async def test_an_acknowledgement_ends_it_and_the_next_critical_begins_anew() -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(60)
    assert await world.desk.acknowledge("telegram") and not await world.desk.acknowledge("web")
    await world.wait(3600)
    assert world.sent == []
    await world.critical("again")
    await world.wait(121)
    assert len(world.sent) == 1 and "4822" in world.sent[0]


async def test_further_criticals_belong_to_the_open_one() -> None:
    world = World()
    await world.desk.begin()
    for key in ("kill", "stop", "flatten"):
        await world.critical(key)
        await world.wait(1)
    await world.wait(3600)
    assert len(world.sent) == 2 and list(world.kept.opened) == ["kill"]


async def test_a_critical_after_both_texts_wakes_again_with_the_code_that_was_sent() -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(3600)
    await world.critical("stop")
    await world.wait(119)
    assert len(world.sent) == 2
    await world.wait(2)
    assert len(world.sent) == 3 and "stop" in world.sent[2] and "FLATTEN 4821" in world.sent[2]
    await world.restarted().begin()
    await world.wait(3600)
    assert len(world.sent) == 4
    world.text("PAUSE 4821")
    await world.wait(60)
    assert world.asked == [("pause", {})] and world.desk.open is None


@pytest.mark.parametrize("at", range(0, 460, 20))
async def test_a_crash_at_any_moment_neither_loses_nor_doubles_a_text(at: int) -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(at)
    await world.restarted().begin()
    await world.wait(3600)
    assert len(world.sent) == 2 and len({one.key for one in world.kept.news}) == len(world.kept.news)


async def test_a_critical_announced_while_zyn_was_off_is_found_at_the_start() -> None:
    world = World()
    await world.kept.commit(news("kill", Severity.CRITICAL, EventKind.KILL_SWITCH, at=NOON))
    await world.desk.begin()
    await world.wait(121)
    assert len(world.sent) == 1


@pytest.mark.parametrize(
    ("body", "did"),
    [
        ("FLATTEN 4821", [("flatten", {"now": True})]), (" flatten  4821.", [("flatten", {"now": True})]),
        ("Pause 4821", [("pause", {})]), ("OK 4821", []), ("seen 4821", []),
        ("PAUSE 4821 2h", [("pause", {"duration": "2h"})]),
        ("pause for 45 min 4821", [("pause", {"duration": "45m"})]),
        ("Pause, 4821, for 3 days.", [("pause", {"duration": "3d"})]),
    ],
)  # fmt: skip
async def test_an_answer_with_the_code_acts_once_and_ends_it(
    body: str, did: list[tuple[str, dict[str, Any]]]
) -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(130)
    world.text(body)
    await world.wait(60)
    assert world.asked == did and len(world.answers) == 1 and world.desk.open is None
    await world.restarted().begin()
    await world.critical("next")
    await world.wait(60)
    assert world.asked == did  # the old text is old, whatever its code


@pytest.mark.parametrize(
    "body",
    [
        "FLATTEN 4820",
        "FLATTEN",
        "4821",
        "buy 4821",
        "please flatten 4821 now",
        "",
        "flatten 4821 2h",
        "pause 4821 soon",
        "pause 2 4821",
    ],
)
async def test_anything_else_does_nothing(body: str) -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(130)
    world.text(body)
    await world.wait(60)
    assert world.asked == [] and world.desk.open is not None


async def test_guessing_the_code_ends_before_it_succeeds() -> None:
    world = World()
    await world.desk.begin()
    await world.critical("kill")
    for guess in range(5):
        world.text(f"FLATTEN {guess:04}", f"SM{guess}")
    await world.wait(60)
    world.text("FLATTEN 4821", "SM99")
    await world.wait(60)
    assert world.asked == [] and world.desk.open is not None
    (text,) = world.sent  # which then offers no answer that would not be taken
    assert "4821" not in text and "After 5 wrong codes I take no answer by text" in text


async def test_a_refusal_and_a_dead_line_are_said_and_survived() -> None:
    world = World()

    async def refuses(request: Request) -> Outcome:
        raise Refused("There is nothing to pause.", "nothing")

    world.registry._handlers["pause"] = refuses
    world.line_down = True
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(60)
    world.line_down = False
    world.text("PAUSE 4821")
    await world.wait(60)
    assert world.answers == ["PAUSE: There is nothing to pause."]


async def test_without_sms_it_stays_open_until_somebody_has_seen_it() -> None:
    world = World(has_sms=False)
    await world.desk.begin()
    await world.critical("kill")
    await world.wait(3600)
    assert world.sent == [] and await world.desk.acknowledge("web")


def test_an_order_by_text_is_never_read_out_of_a_longer_message() -> None:
    assert order_of("ok 1234") is not None and order_of("it is ok 1234") is None
    assert order_of("flatten 12345") is None and order_of("flatten 123") is None
