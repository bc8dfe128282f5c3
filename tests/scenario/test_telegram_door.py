"""jimmy on his phone: the real Telegram client against the local Bot API server, a scripted conversation."""

from __future__ import annotations

import asyncio

import pytest

from bot.gate import LATE_MS
from core.agent.replies import Button, Buttons, Picture, Reply, Style, Table, Text, say
from core.clock import SystemClock
from core.engine import progress
from core.engine.registry import Actor
from core.sim.phone.faults import Limits
from core.sim.phone.shapes import Peer
from tests.support.a_png import png
from tests.support.fake_conversation import FakeConversation, FakeUpdateLog, Partial
from tests.support.telegram_line import telegram_line

PREVIEW = Reply(
    (
        Text("Buy 0.0153 ETH at about 3,267.12", strong=True),
        Buttons((Button("Confirm", "yes:tok", Style.CONFIRM), Button("Cancel", "no:tok"))),
    ),
    proposal="tok",
)


async def test_a_start_is_answered_and_the_menu_is_on_the_phone() -> None:
    async with telegram_line() as line:
        await line.phone.type("/start")
        assert await line.says(1) == ["heard /start"]
        text, actor = line.conversation.heard[0]
        assert (actor.user, actor.door) == (str(line.phone.user_id), "telegram")
        menu = dict(line.phone.screen().menu)
        assert "flatten" in menu and len(menu) <= 12
        assert (next(iter(menu)), [*menu][-1]) == ("status", "help")
        assert line.door.up and line.door.health().ok


async def test_every_message_names_the_world_once() -> None:
    script = FakeConversation({"status": [say("[demo] All is well.")]})
    async with telegram_line(script) as line:
        await line.phone.type("hello <b>&")
        await line.says(1)
        await line.phone.type("status")
        await line.says(2)
        assert [one.text for one in line.shown()] == ["heard hello <b>&\n[demo]", "[demo] All is well."]


async def test_a_confirmation_is_tapped_once_and_a_double_tap_does_nothing_more() -> None:
    script = FakeConversation({"buy 50 eth": [PREVIEW], "yes:tok": [say("Bought.")]})
    async with telegram_line(script) as line:
        await line.phone.type("buy 50 eth")
        await line.says(1)
        preview = line.shown()[0]
        assert preview.buttons == ((("Confirm", "yes:tok"), ("Cancel", "no:tok")),)
        await line.phone.tap(preview.id, "yes:tok")
        await line.phone.tap(preview.id, "yes:tok")
        await line.until(lambda: line.phone.screen().toast == "Already on it.")
        assert (await line.says(2))[1] == "Bought."
        assert [action for action, _ in script.pressed] == ["yes:tok"]
        assert line.shown()[0].buttons == ()


async def test_refresh_edits_the_same_bubble() -> None:
    first, second = (Reply((Text(text),), refresh="/status") for text in ("Equity 10,000", "Equity 10,012"))
    script = FakeConversation({"/status": [first], "ask:/status": [second]})
    async with telegram_line(script) as line:
        await line.phone.type("/status")
        await line.says(1)
        await line.phone.tap(line.shown()[0].id, "ref:/status")
        await line.until(lambda: line.shown()[0].edited)
        assert line.said() == ["Equity 10,012"]
        await line.phone.tap(line.shown()[0].id, "ref:/status")  # nothing new: no error reaches jimmy
        await line.until(lambda: len(script.pressed) == 2)
        await line.until(lambda: not line.phone.bot_api.queries)
        assert len(line.shown()) == 1


class Errand(FakeConversation):
    """A sale that takes its time, and goes on after its answer."""

    async def press(self, action: str, actor: Actor) -> list[Reply]:
        await self._sell()
        return [Reply((Text("Sold 1. Still open: 0.3 ETH."),), done=True)]

    async def hear(self, text: str, actor: Actor, on_partial: Partial | None = None) -> list[Reply]:
        if text == "/flatten now":
            return await self.press(text, actor)
        return await super().hear(text, actor, on_partial)

    async def _sell(self) -> None:
        for step in range(30):
            progress.report(f"step {step}")
            await asyncio.sleep(0.02)
        task = asyncio.create_task(self._go_on())
        task.add_done_callback(lambda done: done.result())

    async def _go_on(self) -> None:
        await asyncio.sleep(1.5)
        progress.report("Sold 2. I am flat.")


@pytest.mark.parametrize("by_button", [True, False])
async def test_a_long_sale_is_one_message_that_ends_with_what_is_left(by_button: bool) -> None:
    async with telegram_line(Errand({"sell it all": [PREVIEW]})) as line:
        if by_button:
            await line.phone.type("sell it all")
            await line.says(1)
            await line.phone.tap(line.shown()[0].id, "yes:tok")
        else:
            await line.phone.type("/flatten now")
        await line.until(lambda: line.said()[-1:] == ["Sold 1. Still open: 0.3 ETH."])
        await line.until(lambda: line.said() == ["Sold 2. I am flat."])
        assert line.shown()[0].buttons == ()
        edits = [call for call in line.phone.calls if call.method == "editmessagetext"]
        assert len(edits) <= 4, "30 steps in under a second are two edits, then the answer and the end"


async def test_a_deed_by_command_is_nodded_at_and_an_older_server_is_no_trouble() -> None:
    done = Reply((Text("Paused."),), done=True)
    async with telegram_line(FakeConversation({"/pause": [done]})) as line:
        line.phone.fail_next("setMessageReaction", 404)
        await line.phone.type("/pause")
        await line.says(1)
        asked = await line.phone.type("/pause")
        await line.until(lambda: {m.id: m for m in line.phone.screen().messages}[asked.id].reaction == "👌")
        assert line.said() == ["Paused.", "Paused."]


async def test_a_choice_and_another_page_take_the_place_of_their_message() -> None:
    coins = Reply((Text("Which coin?"), Buttons((Button("ETH", "go:/price ETH"),))))
    script = FakeConversation({"/price": [coins], "go:/price ETH": [say("ETH 3,267")]})
    async with telegram_line(script) as line:
        await line.phone.type("/price")
        await line.says(1)
        await line.phone.tap(line.shown()[0].id, "go:/price ETH")
        await line.until(lambda: line.said() == ["ETH 3,267"])
        assert line.shown()[0].edited and line.shown()[0].buttons == ()


async def test_a_long_answer_comes_in_pages_that_keep_their_markup() -> None:
    rows = tuple((f"row {n} <&>", f"{n:,}.00") for n in range(600))
    script = FakeConversation({"all": [Reply((Text("Trades", strong=True), Table(("Trade", "Net"), rows)))]})
    async with telegram_line(script) as line:
        await line.phone.type("all")
        await line.until(lambda: bool(line.shown()) and "row 599" in line.shown()[-1].text)
        shown = line.shown()
        assert len(shown) >= 3 and all(len(one.text) <= 4096 for one in shown)
        assert all(any(entity["type"] == "pre" for entity in one.entities) for one in shown)
        text = "\n".join(one.text for one in shown)
        assert all(f"row {n} <&>" in text for n in range(600))


async def test_a_picture_comes_with_its_words_below() -> None:
    script = FakeConversation({"/chart": [Reply((Text("BTC today"), Picture(png(8, 8), "candles of BTC")))]})
    async with telegram_line(script) as line:
        await line.phone.type("/chart")
        assert await line.says(1) == ["BTC today"]
        assert line.phone.photo(line.shown()[0].photo) == png(8, 8)


async def test_a_growing_answer_is_drafted_and_delivered_once() -> None:
    script = FakeConversation(
        {"why": [say("Because of the cross.")]}, partials=("Beca", "Because", "Because of")
    )
    async with telegram_line(script) as line:
        await line.phone.type("why")
        assert await line.says(1) == ["Because of the cross."]
        drafts = [call.text("text") for call in line.phone.calls if call.method == "sendmessagedraft"]
        assert drafts == ["Beca"]  # the others came within a second and a half


async def test_a_slow_thought_shows_typing_and_a_command_overtakes_it() -> None:
    thinking = asyncio.Event()

    async def think(text: str) -> None:
        if text == "ponder":
            await thinking.wait()

    async with telegram_line(FakeConversation(before=think)) as line:
        await line.phone.type("ponder")
        await line.until(lambda: line.phone.screen().typing)
        await line.phone.type("and then?")
        await line.phone.type("/pause")
        assert await line.says(1) == ["heard /pause"]
        thinking.set()
        assert await line.says(3) == ["heard /pause", "heard ponder", "heard and then?"]


async def test_strangers_groups_edits_and_forwards_change_nothing() -> None:
    async with telegram_line() as line:
        eve, jimmy = Peer(42, "Eve"), line.phone.owner
        group = {"id": -77, "type": "group", "title": "pump"}
        push, message_from = line.phone.push, line.phone.message_from
        push({"message": message_from(eve, "/flatten now")})
        for _ in range(2):
            push({"message": message_from(jimmy, "/flatten now", chat=group)})
        origin = {"type": "user", "sender_user": {"id": 42, "is_bot": False, "first_name": "Eve"}, "date": 1}
        push({"message": message_from(jimmy, "/flatten now", forward_origin=origin)})
        push({"edited_message": message_from(jimmy, "/flatten now", edit_date=2)})
        bot = {"id": 43, "is_bot": True, "first_name": "Other"}
        push({"message": message_from(jimmy, "/flatten now", via_bot=bot)})
        push(
            {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -5, "type": "channel"}, "text": "x"}}
        )
        line.phone.forge_tap(1, "yes:tok", eve)
        await line.phone.type("/status")
        assert await line.says(1) == ["heard /status"]
        assert [text for text, _ in line.conversation.heard] == ["/status"] and not line.conversation.pressed
        refusals = line.phone.bot_api.other_chats
        assert refusals[42] == [] and len(refusals[-77]) == 1 and "private" in refusals[-77][0]
        assert line.gate.strangers >= 3 and "telegram.strangers" in line.log.values


async def test_an_update_that_comes_twice_counts_once_even_after_a_restart() -> None:
    log = FakeUpdateLog()
    async with telegram_line(log=log) as line:
        message = line.phone.message_from(line.phone.owner, "/pause")
        number = line.phone.push({"message": message})
        await line.says(1)
        line.phone.push({"update_id": number, "message": message})
        await line.phone.type("/status")
        assert await line.says(2) == ["heard /pause", "heard /status"]
    async with telegram_line(log=log) as line:
        line.phone.push({"update_id": number, "message": message})
        await line.phone.type("/status")
        assert await line.says(1) == ["heard /status"]


async def test_what_acts_is_refused_when_it_comes_too_late_and_questions_are_not() -> None:
    async with telegram_line() as line:
        old = SystemClock().wall_ms() // 1000 - LATE_MS // 1000 - 60
        for text in ("/buy eth 50", "sell everything", "/status", "/pause"):
            line.phone.push({"message": line.phone.message_from(line.phone.owner, text, date=old)})
        said = await line.says(4)
        assert sorted(text for text, _ in line.conversation.heard) == ["/pause", "/status"]
        assert sum("3 minutes late" in text and "did nothing" in text for text in said) == 2


async def test_without_user_ids_only_the_code_from_the_console_pairs() -> None:
    log = FakeUpdateLog()
    async with telegram_line(allowed=(), log=log) as line:
        assert line.gate.code in line.printed[0] and not line.door.owners()
        await line.phone.type("/start")
        await line.phone.type("/start WRONGCODE")
        await line.until(lambda: line.gate.strangers == 2)
        assert not line.shown() and not line.conversation.heard
        await line.phone.type(f"/start {line.gate.code}")
        assert await line.says(2) == ["Paired. From now on I listen to you alone.", "heard /start"]
        assert line.door.owners() == (line.phone.user_id,) and line.gate.code == ""
    async with telegram_line(allowed=(), log=log) as line:
        assert not line.printed
        await line.phone.type("/status")
        assert await line.says(1) == ["heard /status"]


async def test_markup_that_the_server_refuses_is_sent_as_plain_text() -> None:
    async with telegram_line() as line:
        line.phone.fail_next("sendMessage", 400, description="Bad Request: can't parse entities: no")
        await line.phone.type("1 < 2")
        assert await line.says(1) == ["heard 1 < 2"]


async def test_an_answer_survives_a_hiccup_and_a_request_for_patience() -> None:
    async with telegram_line() as line:
        line.phone.fail_next("sendMessage", 502)
        line.phone.fail_next("sendMessage", 429, retry_after=1)
        await line.phone.type("hi")
        assert await line.says(1) == ["heard hi"]


async def test_normal_use_stays_within_telegrams_limits() -> None:
    async with telegram_line() as line:
        line.phone.enforce(Limits())
        for number in range(25):
            await line.phone.type(f"/price {number}")
        assert len(await line.says(25)) == 25
        assert not line.phone.bot_api.throttle.refused


async def test_telegram_down_at_the_start_is_waited_out() -> None:
    async with telegram_line(up=False) as line:
        line.phone.go_down()
        await line.until(lambda: "cannot be reached" in line.door.health().text)
        assert not line.door.up
        line.phone.come_back()
        await line.until(lambda: line.door.up)
        await line.phone.type("hi")
        assert await line.says(1) == ["heard hi"]


async def test_a_wrong_token_is_one_clear_line_and_nothing_dies() -> None:
    async with telegram_line(token="123:wrong", up=False) as line:
        await line.until(lambda: "refuses the bot's token" in line.door.health().text)
        assert "123:wrong" not in line.door.health().text and not line.door.up


async def test_a_second_reader_is_named() -> None:
    async with telegram_line() as line:
        line.phone.fail_next("getUpdates", 409)
        await line.phone.type("wake up")
        await line.until(lambda: "409" in line.door.health().text)
        assert "Stop the other one" in line.door.health().text


async def test_a_failing_turn_is_owned_up_to() -> None:
    async def fail(text: str) -> None:
        if text == "crash":
            raise RuntimeError("no")

    async with telegram_line(FakeConversation(before=fail)) as line:
        await line.phone.type("crash")
        assert "went wrong" in (await line.says(1))[0]
        await line.phone.type("still there?")
        assert (await line.says(2))[1] == "heard still there?"


async def test_the_door_closes_quickly_in_the_middle_of_a_poll() -> None:
    async with telegram_line() as line:
        assert line.door.up
        started = SystemClock().monotonic()
    assert SystemClock().monotonic() - started < 2


@pytest.mark.parametrize("data", ["what", "ref:", "yes"])
async def test_a_button_zyn_does_not_know_does_nothing(data: str) -> None:
    async with telegram_line() as line:
        line.phone.forge_tap(1, data, line.phone.owner)
        await line.until(lambda: bool(line.phone.screen().toast))
        assert not line.conversation.pressed and not line.shown()


async def test_a_forged_tap_from_another_chat_is_not_served() -> None:
    async with telegram_line() as line:
        number = {"id": "1", "from": {"id": line.phone.user_id, "is_bot": False, "first_name": "j"}}
        message = {"message_id": 1, "date": 1, "chat": {"id": -9, "type": "group", "title": "g"}}
        line.phone.push(
            {"callback_query": {**number, "message": message, "chat_instance": "1", "data": "yes:t"}}
        )
        line.phone.push(
            {"callback_query": {**number, "inline_message_id": "7", "chat_instance": "1", "data": "yes:t"}}
        )
        await line.phone.type("/status")
        await line.says(1)
        assert not line.conversation.pressed
