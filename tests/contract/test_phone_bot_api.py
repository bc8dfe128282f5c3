"""The local Bot API server, driven by the unmodified python-telegram-bot client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, Conflict, InvalidToken, NetworkError, RetryAfter

from core.clock import SystemClock
from core.sim.phone.faults import Limits
from core.sim.phone.html_entities import EntityError, parse_html
from core.sim.phone.server import LocalPhone, PhoneAddresses, zyns
from core.sim.phone.shapes import Peer
from tests.support.a_png import png
from tests.support.bot_api_spec import problems_of_call, problems_of_result


@pytest.fixture
async def phone(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[LocalPhone, PhoneAddresses]]:
    monkeypatch.setenv("PTB_TIMEDELTA", "1")  # the client's own opt-in to what its next version returns
    phone = LocalPhone(SystemClock())
    addresses = await phone.start()
    yield phone, addresses
    await phone.stop()
    problems = [problem for call in phone.calls for problem in problems_of_call(call)]
    assert problems == []


@pytest.fixture
async def bot(phone: tuple[LocalPhone, PhoneAddresses]) -> AsyncIterator[Bot]:
    server, addresses = phone
    async with Bot(server.token, base_url=addresses.bot_api, base_file_url=addresses.bot_files) as bot:
        yield bot


@pytest.fixture
def server(phone: tuple[LocalPhone, PhoneAddresses]) -> LocalPhone:
    return phone[0]


KEYBOARD = InlineKeyboardMarkup(
    [
        [
            InlineKeyboardButton("Confirm", callback_data="yes:abc"),
            InlineKeyboardButton("No", callback_data="no:abc"),
        ]
    ]
)


async def test_html_arrives_as_text_with_entities_and_buttons(server: LocalPhone, bot: Bot) -> None:
    sent = await bot.send_message(
        server.user_id, "<b>ETH</b> &lt; <code>3,267.12</code>", parse_mode="HTML", reply_markup=KEYBOARD
    )
    shown = zyns(server.screen())[-1]
    assert shown.text == "ETH < 3,267.12" == sent.text
    assert [entity["type"] for entity in shown.entities] == ["bold", "code"]
    assert shown.buttons == ((("Confirm", "yes:abc"), ("No", "no:abc")),)


async def test_a_typed_message_reaches_the_bot_once_and_is_forgotten_when_confirmed(
    server: LocalPhone, bot: Bot
) -> None:
    await server.type("/status now")
    first = await bot.get_updates(timeout=0)
    again = await bot.get_updates(timeout=0)
    assert [update.update_id for update in first] == [update.update_id for update in again]
    assert first[0].message is not None and first[0].message.text == "/status now"
    assert first[0].message.entities[0].length == len("/status")
    assert not await bot.get_updates(offset=first[0].update_id + 1, timeout=0)


async def test_a_long_poll_wakes_when_something_is_typed(server: LocalPhone, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=60))
    await asyncio.sleep(0.05)
    assert not poll.done()
    await server.type("hello")
    updates = await asyncio.wait_for(poll, 10)
    assert updates[0].message is not None and updates[0].message.text == "hello"


async def test_a_second_poller_throws_the_first_one_out(
    phone: tuple[LocalPhone, PhoneAddresses], bot: Bot
) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=5))
    await asyncio.sleep(0.05)
    async with Bot(phone[0].token, base_url=phone[1].bot_api) as second:
        await second.get_updates(timeout=0)
    with pytest.raises(Conflict, match="terminated by other getUpdates"):
        await first


async def test_a_tap_is_answered_once(server: LocalPhone, bot: Bot) -> None:
    sent = await bot.send_message(server.user_id, "sure?", reply_markup=KEYBOARD)
    await server.tap(sent.message_id, "yes:abc")
    (update,) = await bot.get_updates(timeout=0)
    assert update.callback_query is not None and update.callback_query.data == "yes:abc"
    assert await bot.answer_callback_query(update.callback_query.id, "done")
    assert server.screen().toast == "done"
    with pytest.raises(BadRequest, match="(?i)query is too old"):
        await bot.answer_callback_query(update.callback_query.id)
    with pytest.raises(ValueError, match="no button"):
        await server.tap(sent.message_id, "yes:forged")


async def test_edits_change_the_same_bubble_and_an_equal_edit_is_refused(
    server: LocalPhone, bot: Bot
) -> None:
    sent = await bot.send_message(server.user_id, "one", reply_markup=KEYBOARD)
    await bot.edit_message_text("two", server.user_id, sent.message_id)
    shown = zyns(server.screen())
    assert [(one.text, one.edited, one.buttons) for one in shown] == [("two", True, ())]
    with pytest.raises(BadRequest, match="(?i)message is not modified"):
        await bot.edit_message_text("two", server.user_id, sent.message_id)
    await bot.edit_message_reply_markup(server.user_id, sent.message_id, reply_markup=KEYBOARD)
    assert zyns(server.screen())[0].buttons
    await bot.delete_message(server.user_id, sent.message_id)
    assert not zyns(server.screen())


async def test_pictures_and_documents_can_be_fetched_again(server: LocalPhone, bot: Bot) -> None:
    sent = await bot.send_photo(server.user_id, png(40, 30), caption="<b>BTC</b>", parse_mode="HTML")
    assert (sent.photo[0].width, sent.photo[0].height) == (40, 30)
    shown = zyns(server.screen())[-1]
    assert shown.text == "BTC" and server.photo(shown.photo) == png(40, 30)
    document = await bot.send_document(server.user_id, b"a,b\n", filename="trades.csv")
    assert document.document is not None
    file = await bot.get_file(document.document.file_id)
    assert bytes(await file.download_as_bytearray()) == b"a,b\n"
    with pytest.raises(BadRequest, match="(?i)image_process_failed"):
        await bot.send_photo(server.user_id, b"no picture")


async def test_typing_drafts_menu_and_reactions_show_on_the_screen(server: LocalPhone, bot: Bot) -> None:
    mine = await server.type("how are we doing?")
    await bot.send_chat_action(server.user_id, "typing")
    await bot.send_message_draft(server.user_id, 7, "We are up 12")
    await bot.set_my_commands([("status", "How things stand")])
    await bot.set_message_reaction(server.user_id, mine.id, "👍")
    await bot.set_chat_menu_button()
    assert await bot.delete_webhook()
    screen = server.screen()
    assert screen.typing and screen.draft == "We are up 12"
    assert screen.menu == (("status", "How things stand"),)
    assert screen.messages[0].reaction == "👍"
    await bot.send_message(server.user_id, "We are up 12.40")
    assert not server.screen().typing and server.screen().draft == ""


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ("<b>open", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<foo>x</foo>", 'Unsupported start tag "foo" at byte offset 0'),
        ("é</b>", "Unexpected end tag at byte offset 2"),
        ("<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'),
        ("1 < 2", "Unclosed start tag at byte offset 2"),
        ("1 < 2 > 0", 'Unsupported start tag "" at byte offset 2'),
    ],
)
async def test_bad_markup_is_refused_in_the_servers_words(
    server: LocalPhone, bot: Bot, html: str, problem: str
) -> None:
    with pytest.raises(BadRequest) as refusal:
        await bot.send_message(server.user_id, html, parse_mode="HTML")
    assert str(refusal.value).lower() == f"can't parse entities: {problem}".lower()
    assert not server.screen().messages


def test_entities_count_utf16_units_and_lose_the_trimmed_ends() -> None:
    text, entities = parse_html("  <b> 🚀 up </b>&amp;&#65;&nope; <pre>a\n</pre>")
    assert text == "🚀 up &A&nope; a"
    assert entities[0] == {"type": "bold", "offset": 0, "length": 6}
    assert entities[1] == {"type": "pre", "offset": 15, "length": 1}
    with pytest.raises(EntityError):
        parse_html("<b")


@pytest.mark.parametrize(
    ("text", "problem"), [("x" * 4097, "message is too long"), (" \n ", "message text is empty")]
)
async def test_texts_beyond_the_limits_are_refused(
    server: LocalPhone, bot: Bot, text: str, problem: str
) -> None:
    with pytest.raises(BadRequest, match=f"(?i){problem}"):
        await bot.send_message(server.user_id, text)


async def test_keyboards_are_checked(server: LocalPhone, bot: Bot) -> None:
    markup = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="y" * 65)]])
    with pytest.raises(BadRequest, match="(?i)button_data_invalid"):
        await bot.send_message(server.user_id, "hi", reply_markup=markup)


async def test_wrong_token_chat_and_method_answer_like_the_real_server(
    phone: tuple[LocalPhone, PhoneAddresses], bot: Bot
) -> None:
    server, addresses = phone
    wrong = Bot("1:wrong", base_url=addresses.bot_api)
    with pytest.raises(InvalidToken):
        await wrong.initialize()
    await wrong.shutdown()
    with pytest.raises(BadRequest, match="(?i)chat not found"):
        await bot.send_message(1, "hi")
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{addresses.bot_api}{server.token}/noSuchThing")
        assert answer.status == 404 and (await answer.json())["description"] == "Not Found"
    server.calls.clear()


async def test_faults_and_lost_answers_come_when_asked(server: LocalPhone, bot: Bot) -> None:
    server.fail_next("sendMessage", 429, retry_after=3)
    with pytest.raises(RetryAfter):
        await bot.send_message(server.user_id, "one")
    server.fail_next("*", 502)
    with pytest.raises(NetworkError):
        await bot.send_message(server.user_id, "two")
    server.lose_answer("sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(server.user_id, "three")
    assert [one.text for one in zyns(server.screen())] == ["three"]


async def test_the_real_limits_can_be_enforced(server: LocalPhone, bot: Bot) -> None:
    server.enforce(Limits(edits_per_minute=1))
    sent = await bot.send_message(server.user_id, "1")
    await bot.edit_message_text("2", server.user_id, sent.message_id)
    with pytest.raises(RetryAfter):
        await bot.edit_message_text("3", server.user_id, sent.message_id)
    server.enforce(Limits(messages_per_second=1))
    many = [bot.send_message(server.user_id, str(number)) for number in range(10)]
    told = await asyncio.gather(*many, return_exceptions=True)
    assert any(isinstance(one, RetryAfter) for one in told), "ten at once are more than one a second"


async def test_foreign_updates_and_their_answers_stay_off_the_screen(server: LocalPhone, bot: Bot) -> None:
    stranger = Peer(42, "Eve")
    number = server.push({"message": server.message_from(stranger, "hi")})
    server.push({"update_id": number, "message": server.message_from(stranger, "hi")})
    updates = await bot.get_updates(timeout=0)
    assert [update.update_id for update in updates] == [number, number]
    await bot.send_message(42, "no")
    assert server.bot_api.other_chats[42] == ["no"] and not server.screen().messages


async def test_answers_have_the_published_shape(phone: tuple[LocalPhone, PhoneAddresses]) -> None:
    server, addresses = phone
    answers: dict[str, Any] = {}
    await server.type("/start")
    calls = {
        "getMe": {}, "getUpdates": {}, "deleteWebhook": {}, "getWebhookInfo": {}, "getMyCommands": {},
        "sendMessage": {"chat_id": server.user_id, "text": "<b>hi</b>", "parse_mode": "HTML"},
    }  # fmt: skip
    async with aiohttp.ClientSession() as session:
        for method, body in calls.items():
            response = await session.post(f"{addresses.bot_api}{server.token}/{method}", json=body)
            answers[method] = (await response.json())["result"]
    problems = [problem for method, one in answers.items() for problem in problems_of_result(method, one)]
    assert problems == []


async def test_listeners_hear_of_every_change(server: LocalPhone, bot: Bot) -> None:
    heard: list[int] = []
    server.on_change(lambda: heard.append(len(server.screen().messages)))
    await server.type("hi")
    await bot.send_message(server.user_id, "hello")
    assert heard == [1, 2]


async def test_a_long_chat_keeps_its_last_thousand_bubbles_and_their_files(
    server: LocalPhone, bot: Bot
) -> None:
    await bot.send_photo(server.user_id, png())
    first = zyns(server.screen())[0]
    for number in range(1_000):
        await server.type(f"{number}")
    assert len(server.screen().messages) == 1_000 and first not in server.screen().messages
    with pytest.raises(KeyError):
        server.photo(first.photo)
