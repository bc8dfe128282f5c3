"""The real process in a real browser: a newcomer opens the link, sees Zyn trade, chats and flattens."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.chromium import Browser
from tests.support.process import ZynProcess

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(180)]


async def test_a_newcomer_watches_the_demo_trade_and_asks_it_about_it(browser: Browser, tmp_path: Path):
    zyn = ZynProcess(tmp_path, {})
    link = re.search(r"http://\S+", await zyn.start())[0]
    try:
        page = await browser.page()
        await page.go(link)
        await page.click("form:not([hidden]) button")
        await page.until("document.querySelector('#equity .cents')", 20)
        await page.until("document.querySelector('.position')", 90)
        assert "stop" in (await page.text(".position")).lower()
        await page.go(link.split("/login")[0] + "/chat")
        await page.until("document.querySelector('#g-equity').textContent.length > 3", 20)
        await page.click("textarea")
        await page.type("what do you hold?")
        await page.enter()
        await page.until("/stop/i.test(document.querySelector('main').innerText)", 20)
        assert page.problems == []
    finally:
        assert await zyn.stop() == 0
