"""The local Twilio, over plain HTTP and checked against the published description."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from core.clock import SystemClock
from core.sim.phone.server import LocalPhone, PhoneAddresses
from core.sim.phone.twilio import segments
from tests.support.bot_api_spec import published

MESSAGE = {"To": "+15550123", "From": "+15550100", "Body": "Zyn: bought 0.01 BTC"}


@pytest.fixture
async def phone() -> AsyncIterator[tuple[LocalPhone, PhoneAddresses]]:
    phone = LocalPhone(SystemClock())
    yield phone, await phone.start()
    await phone.stop()


@pytest.fixture
async def session(phone: tuple[LocalPhone, PhoneAddresses]) -> AsyncIterator[aiohttp.ClientSession]:
    login = aiohttp.encode_basic_auth(phone[0].twilio_sid, phone[0].twilio_token)
    async with aiohttp.ClientSession(headers={"Authorization": login}) as session:
        yield session


def messages_url(phone: tuple[LocalPhone, PhoneAddresses]) -> str:
    return f"{phone[1].twilio}/2010-04-01/Accounts/{phone[0].twilio_sid}/Messages.json"


async def test_a_sent_message_is_on_the_screen_in_the_list_and_has_the_published_fields(
    phone: tuple[LocalPhone, PhoneAddresses], session: aiohttp.ClientSession
) -> None:
    url = messages_url(phone)
    answer = await session.post(url, data=MESSAGE)
    sent: dict[str, Any] = await answer.json()
    assert answer.status == 201 and sent["status"] == "delivered"
    assert [sms.text for sms in phone[0].screen().sms] == [MESSAGE["Body"]]
    listed = await (await session.get(url, params={"To": MESSAGE["To"], "PageSize": "5"})).json()
    assert [one["sid"] for one in listed["messages"]] == [sent["sid"]]
    one = await (await session.get(url.replace(".json", f"/{sent['sid']}.json"))).json()
    assert one == sent
    spec = published("twilio_api_v2010.json")
    if spec is not None:
        assert set(sent) == set(spec["components"]["schemas"]["api.v2010.account.message"]["properties"])


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"To": ""}, 400, 21604), ({"To": "jimmy"}, 400, 21211), ({"From": ""}, 400, 21603),
        ({"Body": ""}, 400, 21602), ({"Body": "x" * 1601}, 400, 21617),
    ],
)  # fmt: skip
async def test_bad_messages_are_refused_with_twilios_codes(
    phone: tuple[LocalPhone, PhoneAddresses],
    session: aiohttp.ClientSession,
    change: dict[str, str],
    status: int,
    code: int,
) -> None:
    answer = await session.post(messages_url(phone), data={**MESSAGE, **change})
    assert (answer.status, (await answer.json())["code"]) == (status, code)
    assert not phone[0].screen().sms


async def test_a_wrong_login_and_a_made_failure_deliver_nothing(
    phone: tuple[LocalPhone, PhoneAddresses], session: aiohttp.ClientSession
) -> None:
    url = messages_url(phone)
    async with aiohttp.ClientSession() as stranger:
        assert (await stranger.post(url, data=MESSAGE)).status == 401
    phone[0].fail_next("Messages", 503)
    assert (await session.post(url, data=MESSAGE)).status == 503
    assert not phone[0].screen().sms
    assert (await session.get(url.replace(".json", "/SMnone.json"))).status == 404


@pytest.mark.parametrize(
    ("sign", "count", "parts"), [("x", 160, 1), ("x", 161, 2), ("€", 80, 1), ("€", 81, 2), ("–", 71, 2)]
)
def test_segments_are_counted_as_carriers_count_them(sign: str, count: int, parts: int) -> None:
    assert segments(sign * count) == parts
