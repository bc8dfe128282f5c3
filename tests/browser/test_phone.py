"""The demo phone beside the dashboard, and the chat that goes on where the phone stopped."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.model.memory import Turn
from core.sim.phone.screen import PhoneSms
from tests.support.chromium import Browser
from tests.support.web_fakes import FakeTurns
from tests.support.web_pages import settled
from tests.support.web_site import Site
from tests.support.web_stage import stage

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_tapped_key_on_the_phone_reaches_the_bot(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/phone")
    await settled(page, "/phone")
    assert await page.js("document.querySelector('.tg b').innerText") == "Good morning jimmy"
    await page.click(".bubble-row:last-child .keys button")
    await page.until("document.querySelector('.bubble-row:last-child').innerText.includes('Done. Bought')")
    assert site.scene.phone is not None
    assert site.scene.phone.taps[0][1] == "yes:tok"
    await page.click("#say")
    await page.type("hello")
    await page.enter()
    await page.until("document.querySelector('#thread').innerText.includes('You said: hello')")


async def test_the_figures_beside_the_phone_are_the_dashboards_and_live(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/phone")
    await page.until("document.querySelector('#b-equity').innerText.endsWith('USD')")
    await page.until("document.querySelectorAll('#b-positions strong').length === 2")
    site.scene.status.held = site.scene.status.held[:1]
    site.scene.status.equity_now = Decimal("9990.01")
    site.server.hub.changed("trades")
    await page.until("document.querySelector('#b-equity').innerText === '9,990.01 USD'")
    await page.until("document.querySelectorAll('#b-positions strong').length === 1")


async def test_a_long_talk_scrolls_in_its_own_place_and_leaves_the_box_at_the_foot(
    browser: Browser, site: Site
) -> None:
    page = await browser.page()
    await site.enter(page, "/chat")
    for count in range(1, 9):
        await page.js("document.querySelector('#say').focus()")
        await page.type("how are we doing?")
        await page.enter()
        await page.until(f"document.querySelectorAll('#log table').length === {count}")
    assert await page.js("document.documentElement.scrollHeight <= innerHeight")
    assert await page.js("document.querySelector('#say').getBoundingClientRect().bottom > innerHeight - 60")


async def test_a_text_message_is_answered_and_stays_in_view(browser: Browser, site: Site) -> None:
    assert site.scene.phone is not None
    screen = site.scene.phone.screen_
    for number in range(30):
        sms = PhoneSms(
            f"SM{number + 2}", "+15005550006", "+15551234567", f"Zyn demo: bought {number}.", number, 1
        )
        screen.add_sms(sms)
    page = await browser.page()
    await site.enter(page, "/phone")
    await settled(page, "/phone")
    await page.click("#open-sms")
    await page.js("document.querySelector('#sms-say').focus()")
    await page.type("PAUSE 4711")
    await page.enter()
    await page.until("document.querySelector('#sms-thread').innerText.includes('PAUSE 4711')")
    left = "(box => box.scrollHeight - box.scrollTop - box.clientHeight)"
    await page.until(f"{left}(document.querySelector('#sms-thread')) < 60")


async def test_the_chat_goes_on_where_telegram_stopped(browser: Browser) -> None:
    turns = FakeTurns([Turn("telegram:7", "user", "said on the phone", 1_000)])
    other = Site(stage(turns=turns, telegram=lambda: "telegram:7"))
    await other.open()
    try:
        page = await browser.page()
        await other.enter(page, "/chat")
        await page.until("!document.querySelector('#which').hidden")
        await page.js(
            "(box => { box.value = 'telegram'; box.dispatchEvent(new Event('change')) })"
            "(document.querySelector('#session'))"
        )
        await page.until("document.querySelector('#log').innerText.includes('said on the phone')")
        assert page.problems == []
    finally:
        await other.server.stop()


async def test_a_push_drops_in_when_another_app_is_open(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/phone")
    await settled(page, "/phone")
    await page.click("#open-sms")
    await page.until("document.querySelector('#sms-thread').innerText.includes('bought 0.0251 BTC')")
    assert site.scene.phone is not None
    site.scene.phone.screen_.add(sender="zyn", text="Your stop was raised.")
    await page.until("document.querySelector('#banner').innerText.includes('Your stop was raised.')")
    assert await page.text("#open-telegram .badge") == "1"
