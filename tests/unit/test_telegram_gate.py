"""The gate against every kind of update, alone and in long random streams."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest
from telegram import Update

from bot.gate import LATE_MS, Gate, GroupRefused, Ignored, Late, Paired, Pressed, Typed
from core.clock import ManualClock
from tests.support.fake_conversation import FakeUpdateLog
from tests.support.telegram_line import full_registry

JIMMY, EVE = 7, 42
NOW_MS = 1_795_435_200_000


def user(number: int, **more: Any) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": str(number), **more}


def message(sender: int = JIMMY, text: str = "/flatten now", **more: Any) -> dict[str, Any]:
    chat = {"id": sender, "type": "private"}
    return {"message_id": 1, "date": NOW_MS // 1000, "chat": chat, "from": user(sender), "text": text, **more}


def press(sender: int = JIMMY, data: str = "yes:t", **more: Any) -> dict[str, Any]:
    return {
        "id": "1",
        "from": user(sender),
        "chat_instance": "1",
        "data": data,
        "message": message(sender),
        **more,
    }


def update(number: int = 1, **parts: Any) -> Update:
    made = Update.de_json({"update_id": number, **parts}, None)
    assert made is not None
    return made


async def gate(*allowed: int, log: FakeUpdateLog | None = None) -> Gate:
    made = Gate(log or FakeUpdateLog(), full_registry(), ManualClock(NOW_MS), allowed, "bot")
    await made.open()
    return made


CHANNEL = {"id": -100, "type": "channel", "title": "signals"}
GROUP = {"id": -9, "type": "supergroup", "title": "pump"}
ORIGIN = {"type": "hidden_user", "sender_user_name": "Eve", "date": 1}
FOREIGN: dict[str, dict[str, Any]] = {
    "a stranger": {"message": message(EVE)},
    "a stranger with the owner's name": {"message": message(EVE, **{"from": user(EVE, username="jimmy")})},
    "an edited message": {"edited_message": message(edit_date=2)},
    "a forwarded message": {"message": message(forward_origin=ORIGIN)},
    "a message by way of a bot": {"message": message(via_bot=user(9, is_bot=True))},
    "a message in a channel's name": {"message": message(sender_chat=CHANNEL)},
    "an automatic forward": {"message": message(is_automatic_forward=True)},
    "a business message": {"message": message(business_connection_id="b")},
    "a business update": {"business_message": message(business_connection_id="b")},
    "a channel post": {"channel_post": message(chat=CHANNEL)},
    "an edited channel post": {"edited_channel_post": message(chat=CHANNEL)},
    "another bot": {"message": message(**{"from": user(JIMMY, is_bot=True)})},
    "a message in another's chat": {"message": message(chat={"id": EVE, "type": "private"})},
    "a channel as the chat": {"message": message(chat=CHANNEL)},
    "nobody": {"message": {key: part for key, part in message().items() if key != "from"}},
    "a stranger's tap": {"callback_query": press(EVE)},
    "a stranger's tap on the owner's message": {"callback_query": press(EVE, message=message(JIMMY))},
    "the owner's tap in a group": {"callback_query": press(message=message(chat=GROUP))},
    "a tap on an inline message": {"callback_query": {**press(inline_message_id="i"), "message": None}},
    "a tap without data": {"callback_query": {k: v for k, v in press().items() if k != "data"}},
    "an inline query": {"inline_query": {"id": "1", "from": user(JIMMY), "query": "x", "offset": ""}},
    "a reaction": {
        "message_reaction": {
            "chat": {"id": JIMMY, "type": "private"}, "message_id": 1, "date": 1, "user": user(JIMMY),
            "old_reaction": [], "new_reaction": [],
        }
    },
    "nothing at all": {},
}  # fmt: skip


@pytest.mark.parametrize("parts", FOREIGN.values(), ids=FOREIGN.keys())
async def test_whatever_is_not_the_owners_own_word_in_private_is_ignored(parts: dict[str, Any]) -> None:
    assert isinstance(await (await gate(JIMMY)).admit(update(**parts)), Ignored)


async def test_the_owners_words_and_taps_pass_with_what_they_carry() -> None:
    one = await gate(JIMMY)
    assert await one.admit(update(1, message=message(text=" /status "))) == Typed(JIMMY, JIMMY, 1, "/status")
    assert await one.admit(update(2, callback_query=press())) == Pressed(JIMMY, JIMMY, 1, "1", "yes:t")
    no_text = {key: part for key, part in message().items() if key != "text"}
    assert await one.admit(update(3, message=no_text)) == Typed(JIMMY, JIMMY, 1, "")


async def test_a_group_is_told_once_and_the_number_of_groups_told_is_bounded() -> None:
    log = FakeUpdateLog()
    one = await gate(JIMMY, log=log)
    told = [await one.admit(update(n, message=message(chat={**GROUP, "id": -n}))) for n in range(1, 151)]
    assert sum(isinstance(verdict, GroupRefused) for verdict in told) == 100
    again = await gate(JIMMY, log=log)
    assert isinstance(await again.admit(update(151, message=message(chat={**GROUP, "id": -1}))), Ignored)


@pytest.mark.parametrize(
    ("text", "served"),
    [
        ("/status", True), ("/price eth", True), ("/remember tea", True), ("/pause", True), ("/nosuch", True),
        ("/stop", True), ("/", True), ("/buy eth 50", False), ("/flatten now", False),
        ("/panic@zyn_bot", False),
        ("/risk", True), ("/alerts", True), ("/risk max_position 20", False), ("/learning reset", False),
        ("/unlock", False), ("/resume", False), ("/cancel all", False), ("sell it all", False),
    ],
)  # fmt: skip
async def test_late_words_that_act_are_refused_with_a_note(text: str, served: bool) -> None:
    old = NOW_MS // 1000 - LATE_MS // 1000 - 1
    verdict = await (await gate(JIMMY)).admit(update(message=message(text=text, date=old)))
    assert isinstance(verdict, Typed if served else Late)


class Stuck(FakeUpdateLog):
    """A disk that does not come back."""

    async def first_time(self, source: str, update_id: str) -> bool:
        return await asyncio.Event().wait()


async def test_a_question_waits_for_no_disk_and_what_acts_does() -> None:
    one = await gate(JIMMY, log=Stuck())
    assert isinstance(await one.admit(update(1, message=message(text="/status"))), Typed)
    assert isinstance(await one.admit(update(1, message=message(text="/status"))), Ignored)
    for number, text in enumerate(("/flatten now", "/buy eth 50", "/set a b", "sell it all"), 2):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(one.admit(update(number, message=message(text=text))), 0.02)


async def test_words_just_in_time_are_served() -> None:
    date = NOW_MS // 1000 - LATE_MS // 1000
    assert isinstance(await (await gate(JIMMY)).admit(update(message=message(date=date))), Typed)


async def test_the_code_pairs_once_in_any_spelling() -> None:
    log = FakeUpdateLog()
    one = await gate(log=log)
    code = one.code
    assert len(code) == 8 and one.owners() == ()
    spelled = f"{code[:4].lower()}-{code[4:]} "
    assert await one.admit(update(1, message=message(text=spelled))) == Paired(JIMMY, JIMMY)
    assert one.owners() == (JIMMY,)
    assert isinstance(await one.admit(update(2, message=message(EVE, code))), Ignored)
    assert (await gate(log=log)).owners() == (JIMMY,)


async def test_configured_ids_beat_an_earlier_pairing_and_need_no_code() -> None:
    one = await gate(EVE, log=FakeUpdateLog(values={"telegram.paired": str(JIMMY)}))
    assert one.owners() == (EVE,) and one.code == ""


async def test_a_flood_of_strangers_writes_once_a_minute() -> None:
    log = FakeUpdateLog()
    one = await gate(JIMMY, log=log)
    for number in range(500):
        await one.admit(update(number, message=message(EVE)))
    assert one.strangers == 500 and log.values["telegram.strangers"] == "1" and not log.seen


@pytest.mark.parametrize("seed", range(5))
async def test_long_random_streams_have_exactly_the_allowed_effects(seed: int) -> None:
    dice, log = random.Random(seed), FakeUpdateLog()
    one, allowed, served = await gate(JIMMY, log=log), set(), []
    for _ in range(400):
        number = dice.randrange(300)  # repeats are likely
        if dice.random() < 0.3:
            parts = {"message": message(text=dice.choice(["/buy eth 5", "hello", "/flatten now"]))}
        elif dice.random() < 0.3:
            parts = {"callback_query": press(data=dice.choice(["yes:t", "no:t", "x"]))}
        else:
            parts = dice.choice(list(FOREIGN.values()))
        verdict = await one.admit(update(number, **parts))
        if isinstance(verdict, (Typed, Pressed)):
            assert parts not in FOREIGN.values() and number not in allowed
            allowed.add(number)
            served.append(verdict)
        if seed and dice.random() < 0.01:
            one = await gate(JIMMY, log=log)  # a restart forgets nothing
    assert served and len(served) == len(allowed)
