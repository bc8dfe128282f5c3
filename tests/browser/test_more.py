"""What stands behind the figures, and the hand on it: limits, lessons, alerts, health."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.support.chromium import Browser
from tests.support.web_pages import pressed, settled
from tests.support.web_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def test_a_limit_is_read_back_and_counts_after_a_yes(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/more")
    await settled(page, "/more")
    await page.click("#mandate-body .form:last-of-type summary")
    await page.click("#mandate-body .form[open] input[name=value]")
    await page.type("0.25")
    await page.click("#mandate-body .form[open] button")
    await page.until("document.querySelector('dialog.ask[open]')")
    wish = site.scene.requests[-1]
    assert wish.slots.model_dump(mode="json") == {
        "parameter": "risk_per_trade",
        "value": "0.25",
        "unit": "percent",
    }
    await page.click("dialog.ask button.danger")
    await pressed(site, "yes:risk1")


async def test_a_lesson_is_taken_back_after_a_yes(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/more")
    await settled(page, "/more")
    assert "1:61" in await page.text("#learning .claims")
    await page.click("#learning .claims button")
    await page.click("dialog.ask[open] button.danger")
    await pressed(site, "yes:learning1")
    assert site.scene.requests[-1].slots.model_dump() == {"action": "undo", "number": 1}


async def test_a_long_reason_for_leaving_a_pair_out_pushes_no_button_off_the_table(
    browser: Browser, site: Site
) -> None:
    page = await browser.page(1200, 900)
    await site.enter(page, "/more")
    await settled(page, "/more")
    reason = "its smallest order of 12,345.67 is above my largest position of 2,500.00 in this money. " * 2
    await page.js(f"document.querySelector('#universe td.words .muted').textContent = {reason!r}")
    box = "document.querySelector('#universe .table-box')"
    assert await page.js(f"{box}.scrollWidth <= {box}.clientWidth")


async def test_an_event_is_made_silent_and_quiet_hours_are_set(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/more")
    await settled(page, "/more")
    await page.js(
        "(box => { box.value = 'silent'; box.dispatchEvent(new Event('change')) })"
        "(document.querySelector('#attention .switches select'))"
    )
    await page.until("document.querySelector('.toast')")
    assert site.scene.requests[-1].slots.model_dump(exclude_none=True) == {
        "action": "silent",
        "event": "fill",
    }
    await page.click("#attention form.line button.ghost")
    await page.until("document.querySelectorAll('.toast').length === 2")
    assert site.scene.requests[-1].slots.model_dump(exclude_none=True) == {"action": "quiet", "hours": "off"}


async def test_what_stands_behind_the_figures_is_kept_fresh(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/more")
    await settled(page, "/more")
    await page.click('.index a[href="#health"]')
    site.scene.status.health = (replace(site.scene.status.health[0], text="Kraken answers in 77 ms."),)
    await page.until("document.querySelector('#health').innerText.includes('77 ms')", patience_s=15)
