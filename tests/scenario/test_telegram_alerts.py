"""Push alerts and SMS to the phone: the real Telegram and Twilio clients, a pump, and servers that fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.notifier import TelegramChannel
from core.alerts.attention import Manner, Verdict
from core.alerts.pump import Channel, Pump
from core.alerts.sms import OPTED_OUT, SmsChannel, SmsLine, SmsSettings
from core.alerts.twilio_line import TwilioLine
from core.clock import SystemClock
from core.model.errors import AuthFailed, Refused, Rejected, Transient
from core.model.events import Announcement, EventKind, Severity
from core.model.time_context import TimeContext
from core.model.views import PictureView
from core.sim.phone.server import LocalPhone, PhoneAddresses
from core.sim.phone.shapes import Peer
from core.store.telemetry_db import TelemetryDb
from tests.support.a_png import png
from tests.support.alarm_desk import all_ears, many_segments, no_incidents
from tests.support.bot_api_spec import published
from tests.support.fake_outbox import FakeOutbox, news
from tests.support.telegram_line import Line, telegram_line, until

RING = Verdict(Manner.RING)
BOUGHT = "Bought 0.0153 ETH at 3,267.12 (50.00 USD, fee 0.13)."


def fresh(*args: Any, **kwargs: Any) -> Announcement:
    """News of this moment: what is told late says when it was."""
    return news(*args, at=SystemClock().wall_ms(), **kwargs)


@asynccontextmanager
async def pump(*channels: Channel) -> AsyncIterator[tuple[FakeOutbox, Pump]]:
    outbox = FakeOutbox()
    pump = Pump(outbox, channels, SystemClock(), "UTC")
    task = asyncio.create_task(pump.run())
    try:
        yield outbox, pump
    finally:
        task.cancel()
        await asyncio.wait([task])


def channel_of(line: Line) -> TelegramChannel:
    return TelegramChannel(line.door.outgoing, line.door.owners, all_ears(), no_incidents())


def texts(line: SmsLine) -> SmsChannel:
    return SmsChannel(line, "demo", many_segments())


def settings_of(phone: LocalPhone, addresses: PhoneAddresses, **changed: object) -> SmsSettings:
    values = {
        "account_sid": phone.twilio_sid, "auth_token": phone.twilio_token, "sender": phone.number,
        "to": "+15550123", "base_url": addresses.twilio, "loopback_only": True,
    }  # fmt: skip
    return SmsSettings(**{**values, **changed})  # type: ignore[arg-type]


@asynccontextmanager
async def sms_phone() -> AsyncIterator[tuple[LocalPhone, TwilioLine]]:
    phone = LocalPhone(SystemClock())
    line = TwilioLine(settings_of(phone, await phone.start()))
    try:
        yield phone, line
    finally:
        await line.close()
        await phone.stop()


async def test_a_fill_is_pushed_with_the_question_it_invites() -> None:
    async with telegram_line() as line, pump(channel_of(line)) as (outbox, bell):
        outbox.put(fresh("fill:1", text=BOUGHT))
        outbox.put(fresh("hello", Severity.INFO, EventKind.STARTED, "Zyn is up."))
        bell.wake()
        await line.says(2)
        fill, hello = line.shown()
        assert fill.text == f"💱 {BOUGHT}\n[demo]" and not fill.silent
        assert ("Why?", "ask:/why ETH") in fill.buttons[0]
        assert hello.text == "👋 Zyn is up.\n[demo]" and hello.silent
        await line.phone.tap(fill.id, "ask:/why ETH")
        assert (await line.says(3))[2] == "pressed ask:/why ETH"


@pytest.mark.parametrize("drawn", [True, False])
async def test_the_weekly_report_comes_with_its_picture_and_never_waits_for_one(drawn: bool) -> None:
    async def illustrate(report: Announcement) -> PictureView:
        if not drawn:
            raise Transient("no prices just now")
        return PictureView(png(), "The week: +12.30 USD.")

    async with telegram_line() as line:
        desk, quiet = all_ears(), no_incidents()
        channel = TelegramChannel(line.door.outgoing, line.door.owners, desk, quiet, illustrate)
        async with pump(channel) as (outbox, bell):
            outbox.put(fresh("week", Severity.INFO, EventKind.WEEKLY_REPORT, "Report card: +12.30 USD."))
            bell.wake()
            await line.says(1)
            shown = line.shown()[0]
            assert bool(shown.photo) is drawn and "Report card: +12.30 USD." in shown.text


async def test_a_closed_trade_offers_its_card_of_evidence() -> None:
    async with telegram_line() as line, pump(channel_of(line)) as (outbox, bell):
        outbox.put(fresh("closed:1", kind=EventKind.POSITION_CLOSED, text="Sold ETH at its target."))
        bell.wake()
        await line.says(1)
        labels = [label for row in line.shown()[0].buttons for label, _ in row]
        assert labels == ["Why?", "Picture", "Positions"]


async def test_an_alert_arrives_through_429_and_502_exactly_once() -> None:
    async with telegram_line() as line, pump(channel_of(line)) as (outbox, bell):
        line.phone.fail_next("sendMessage", 429, retry_after=1)
        line.phone.fail_next("sendMessage", 502)
        outbox.put(fresh("kill", Severity.CRITICAL, EventKind.KILL_SWITCH, "Daily loss limit reached."))
        bell.wake()
        await line.until(lambda: not outbox.rows, 8)
        assert line.said() == ["🚨 Daily loss limit reached."]


async def test_an_alert_whose_answer_was_lost_is_marked_when_it_is_sent_again() -> None:
    async with telegram_line() as line, pump(channel_of(line)) as (outbox, bell):
        line.phone.lose_answer("sendMessage")
        outbox.put(fresh("fill:1", text=BOUGHT))
        bell.wake()
        await line.until(lambda: not outbox.rows)
        assert [("Sent again" in text) for text in line.said()] == [False, True]


async def test_with_telegram_down_the_alert_waits_and_the_sms_goes_out() -> None:
    async with telegram_line() as line, sms_phone() as (handset, twilio):
        channels = (channel_of(line), texts(twilio))
        async with pump(*channels) as (outbox, bell):
            line.door.when_up(lambda: bell.retry("telegram"))
            line.phone.go_down()
            outbox.put(fresh("fill:1", text=BOUGHT))
            outbox.put(fresh("fill:1", text=BOUGHT), "sms")
            bell.wake()
            await until(lambda: len(outbox.rows) == 1)
            assert not line.shown() and len(handset.screen().sms) == 1
            line.phone.come_back()
            await line.until(lambda: not outbox.rows, 8)
            assert line.said() == [f"💱 {BOUGHT}"]


async def test_what_the_database_holds_after_a_crash_is_pushed_once(tmp_path: Path) -> None:
    store = await TelemetryDb.open(tmp_path, "demo", ("telegram",))
    for key in ("fill:1", "fill:2", "fill:1"):
        await store.commit(fresh(key, text=f"{key} {BOUGHT}"))
    await store.close()
    store = await TelemetryDb.open(tmp_path, "demo", ("telegram",))
    async with telegram_line() as line:
        task = asyncio.create_task(Pump(store.outbox, [channel_of(line)], SystemClock(), "UTC").run())
        async with asyncio.timeout(5):
            while await store.outbox.pending("telegram", SystemClock().wall_ms()):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait([task])
        assert line.said() == [f"💱 fill:1 {BOUGHT}", f"💱 fill:2 {BOUGHT}"]
    await store.close()


async def test_two_owners_are_both_told_and_neither_twice() -> None:
    async with telegram_line() as line:
        partner = Peer(99, "Ann")
        channel = TelegramChannel(
            line.door.outgoing, lambda: (line.phone.user_id, partner.id), all_ears(), no_incidents()
        )
        with pytest.raises(Rejected):  # she has not written to the bot yet
            await channel.deliver(fresh("fill:1", text=BOUGHT), RING)
        line.phone.push({"message": line.phone.message_from(partner, "/start")})
        await channel.deliver(fresh("fill:1", text=BOUGHT), RING)
        assert len(line.shown()) == 1 and len(line.phone.bot_api.other_chats[partner.id]) == 1


async def test_what_is_told_long_after_it_happened_says_when() -> None:
    async with telegram_line() as line, pump(channel_of(line)) as (outbox, bell):
        an_hour_ago = SystemClock().wall_ms() - 3_600_000
        outbox.put(news("fill:1", text=BOUGHT, at=an_hour_ago))
        bell.wake()
        (said,) = await line.says(1)
        local = TimeContext(an_hour_ago, "UTC").local
        assert said.startswith(f"💱 {BOUGHT}\nThat was at ") and said.endswith(f"{local:%H:%M}.")


async def test_before_pairing_alerts_wait_and_then_arrive() -> None:
    async with telegram_line(allowed=()) as line, pump(channel_of(line)) as (outbox, bell):
        line.door.when_up(lambda: bell.retry("telegram"))
        outbox.put(fresh("fill:1", text=BOUGHT))
        bell.wake()
        await asyncio.sleep(0.1)
        assert not line.shown()
        await line.phone.type(line.gate.code)
        await line.until(lambda: not outbox.rows)
        assert f"💱 {BOUGHT}" in line.said()


async def test_a_fill_becomes_one_short_sms_through_the_real_client() -> None:
    async with (
        sms_phone() as (phone, twilio),
        pump(texts(twilio)) as (outbox, bell),
    ):
        outbox.put(fresh("fill:1", text=BOUGHT), "sms")
        outbox.put(fresh("note", Severity.INFO, EventKind.NOTICE), "sms")
        bell.wake()
        await until(lambda: not outbox.rows)
        (sms,) = phone.screen().sms
        assert sms.text.startswith(f"Zyn demo: {BOUGHT} #") and sms.segments == 1
        assert (sms.sender, sms.to) == (phone.number, "+15550123")
        spec = published("twilio_api_v2010.json")
        if spec is not None:
            post = spec["paths"]["/2010-04-01/Accounts/{AccountSid}/Messages.json"]["post"]
            form = post["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
            posts = [given for method, given in phone.twilio.calls if method == "POST"]
            assert all(set(given) <= set(form["properties"]) for given in posts)


async def test_a_failed_sms_is_retried_without_a_second_copy() -> None:
    async with (
        sms_phone() as (phone, twilio),
        pump(texts(twilio)) as (outbox, bell),
    ):
        phone.fail_next("Messages", 503)
        phone.lose_answer("Messages")  # accepted, but Zyn never hears of it
        outbox.put(fresh("fill:1", text=BOUGHT), "sms")
        outbox.put(fresh("fill:2", text=BOUGHT), "sms")
        bell.wake()
        await until(lambda: not outbox.rows, 8)
        assert len(phone.screen().sms) == 2
        assert len({sms.text for sms in phone.screen().sms}) == 2


async def test_an_sms_sent_before_a_crash_is_not_sent_again_after_it() -> None:
    async with sms_phone() as (phone, twilio):
        await texts(twilio).deliver(fresh("fill:1", text=BOUGHT), RING)
        restarted = texts(twilio)
        await restarted.deliver(fresh("fill:1", text=BOUGHT), RING)
        await restarted.deliver(fresh("fill:2", text=BOUGHT), RING)
        assert len(phone.screen().sms) == 2


@pytest.mark.parametrize("refusal", [AuthFailed("no"), Rejected("no list here")])
async def test_a_carrier_that_shows_no_list_still_gets_the_text(refusal: Exception) -> None:
    class Blind:
        def __init__(self) -> None:
            self.sent: list[str] = []

        async def send(self, body: str) -> None:
            self.sent.append(body)

        async def recent(self) -> list[str]:
            raise refusal

    line = Blind()
    await texts(line).deliver(fresh("fill:1", text=BOUGHT), RING)
    assert len(line.sent) == 1


async def test_a_phone_that_answered_stop_is_named_on_the_status_screen_until_a_text_goes_out() -> None:
    class Stopped:
        refusal: Exception | None = Rejected(OPTED_OUT)

        async def send(self, body: str) -> None:
            if self.refusal:
                raise self.refusal

        async def recent(self) -> list[str]:
            return []

    line = Stopped()
    channel = texts(line)
    assert channel.health().ok
    with pytest.raises(Rejected):
        await channel.deliver(fresh("fill:1", text=BOUGHT), RING)
    assert not channel.health().ok and "answered STOP" in channel.health().text
    line.refusal = None
    await channel.deliver(fresh("fill:1", text=BOUGHT), RING)
    assert channel.health().ok


async def test_twilios_refusals_are_named_without_secrets() -> None:
    phone = LocalPhone(SystemClock())
    addresses = await phone.start()
    wrong_login = TwilioLine(settings_of(phone, addresses, auth_token="wrong"))
    wrong_number = TwilioLine(settings_of(phone, addresses, to="jimmy"))
    with pytest.raises(AuthFailed, match="TWILIO_AUTH_TOKEN") as refusal:
        await wrong_login.send("hi")
    assert "wrong" not in str(refusal.value)
    with pytest.raises(AuthFailed, match="TWILIO_AUTH_TOKEN"):
        await wrong_login.recent()
    with pytest.raises(Rejected, match="SMS_TO"):
        await wrong_number.send("hi")
    for line in (wrong_login, wrong_number):
        await line.close()
    await phone.stop()


@pytest.mark.parametrize(
    "url", ["https://api.twilio.com", "http://10.0.0.7:9000", "http://localhost.evil.com"]
)
def test_the_demo_refuses_to_send_sms_beyond_this_machine(url: str) -> None:
    phone = LocalPhone(SystemClock())
    settings = settings_of(phone, PhoneAddresses("", "", url))
    with pytest.raises(Refused, match="never spends your money"):
        TwilioLine(settings)
