"""The pages in a real browser: what a trader sees, does and can rely on."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.model.errors import Transient
from tests.support.chromium import Browser, Page
from tests.support.web_client import PASSWORD
from tests.support.web_pages import pressed, settled
from tests.support.web_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PAGES = ("/", "/more", "/chat", "/phone")
AUDIT = (Path(__file__).parent / "audit.js").read_text()


async def test_a_link_opens_the_dashboard_with_one_click(browser: Browser, site: Site) -> None:
    page = await browser.page()
    link = site.server.create_link()
    await page.go(link)
    assert "Open Zyn" in await page.text("main")
    await page.go(link)  # looking twice spends nothing
    await page.click("form:not([hidden]) button")
    await page.until("location.pathname === '/' && document.querySelector('#equity .cents')")
    assert page.problems == []


async def test_the_password_form_says_what_is_wrong_and_lets_the_owner_in(
    browser: Browser, site: Site
) -> None:
    page = await browser.page()
    await page.go(f"{site.base}/chat")
    await page.until("location.pathname === '/login'")
    await page.click("#password")
    await page.type("guess")
    await page.enter()
    await page.until(
        "document.querySelector('.message:not([hidden])')?.innerText.includes('not the password')"
    )
    await page.click("#password")
    await page.type(PASSWORD)
    await page.enter()
    await page.until("location.pathname === '/chat'")


async def test_the_figures_are_the_exchanges_to_the_last_digit(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    assert await page.js("document.querySelector('#equity').title") == "10,234.5678"
    assert (await page.text("#equity")).startswith("10,234.57")
    assert (await page.text("#today")).startswith("+124.57")
    shown = await page.js("[...document.querySelectorAll('.l-stop b')].map(one => one.innerText)")
    stops = {str(one.stop) for one in site.scene.status.held}
    assert {Decimal(text.replace(",", "")) for text in shown} == {Decimal(text) for text in stops}


async def test_a_fill_shows_without_a_reload(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    status = site.scene.status
    status.held = status.held[:1]
    status.equity_now = Decimal("9990.01")
    site.server.hub.changed("trades")
    await page.until("document.querySelectorAll('.position').length === 1")
    await page.until("document.querySelector('#equity').innerText.startsWith('9,990.01')")
    assert await page.js("document.querySelector('#today').className") == "figure loss"


async def test_a_preview_is_confirmed_by_its_button(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/chat")
    await page.click("#say")
    await page.type("buy 50 of eth")
    await page.enter()
    await page.until("document.querySelector('.buttons .primary')")
    await page.click(".buttons .primary")
    await page.until("document.querySelector('#log').innerText.includes('Done. Bought')")
    await pressed(site, "yes:tok123")
    assert await page.js("[...document.querySelectorAll('.buttons button')].every(one => one.disabled)")


async def test_a_command_is_found_and_taken_with_the_keyboard_alone(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/chat")
    await page.js("document.querySelector('#say').focus()")
    await page.type("/f")
    await page.until("document.querySelectorAll('#commands li').length === 1")
    assert "/flatten" in await page.text("#commands [aria-selected=true]")
    await page.tab()
    assert (await page.js("document.querySelector('#say').value")).startswith("/flatten")
    assert await page.js("document.querySelector('#commands').hidden && document.activeElement.id") == "say"


async def test_flatten_asks_once_and_then_does_it(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    await page.click("#flatten")
    await page.until("document.querySelector('dialog[open]')")
    assert "10.59 USD in fees" in await page.text("dialog")
    await page.key("Escape", 27)
    await page.until("!document.querySelector('dialog')")
    await pressed(site, "no:flat1")
    await page.click("#flatten")
    await page.click("dialog .danger")
    await page.until("document.querySelector('#toasts').innerText.includes('Done')")
    await pressed(site, "no:flat1", "yes:flat1")


async def test_a_pause_is_one_press_and_is_said_in_one_line(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    await page.click("#pause")
    await page.until("document.querySelector('#state').dataset.state === 'stopped'")
    assert "Paused by you." in await page.text("#state-text")
    assert await page.text("#pause") == "Resume"


async def test_a_kill_switch_offers_its_unlock_and_the_reason(browser: Browser, site: Site) -> None:
    page = await browser.page()
    status = site.scene.status
    status.killed, status.why_not = True, "the daily loss limit of 303.30 USD was reached"
    await site.enter(page)
    await page.until("document.querySelector('#state').dataset.state === 'killed'")
    assert await page.text("#state-text") == "The daily loss limit of 303.30 USD was reached"
    assert await page.text("#pause") == "Unlock"


async def test_any_pair_of_many_can_be_looked_at(browser: Browser, site: Site) -> None:
    site.scene.status.symbols = (*(f"C{number:02d}/USD" for number in range(40)), "XRP/USD")
    site.scene.status.judged = []
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    assert await page.js("document.querySelectorAll('#symbols button').length") == 6
    await page.js(
        "(list => { list.value = 'XRP/USD'; list.dispatchEvent(new Event('change')) })"
        "(document.querySelector('#more-symbols'))"
    )
    await page.until("document.querySelector('#chart').ariaLabel.startsWith('XRP/USD: 288 candles')")
    assert await page.text("#symbols [aria-selected=true]") == "XRP/USD"


FORMATS = [
    ("price('1.747899994749790009669088269')", "1.7479"),
    ("price('97345.1')", "97,345.1"),
    ("price('0.00000012345678912345')", "0.0000001234568"),
    ("round('1.005', 2)", "1.01"),
    ("round('999.995', 2)", "1000.00"),
    ("round('-0.004', 2)", "0.00"),
    ("group('-1234567.10')", "\u22121,234,567.10"),
    ("group('123456789012345678901234.00000001')", "123,456,789,012,345,678,901,234.00000001"),
    ("percent('0.0123')", "+1.23\u202f%"),
    ("percent('-0.00005')", "\u22120.01\u202f%"),
    ("signed('-0.001')", "0.00"),
    ("money(null)", "\u2013"),
    ("digits('0.00000052213400', 7)", "0.000000522134"),
    ("digits('60000000', 7)", "60000000"),
    ("digits('61234.123456789', 7)", "61234.12"),
    (
        "typeset('-0.28 % (needed >= 60th, not -12-3)')",
        "\u22120.28\u202f% (needed \u2265 60th, not \u221212-3)",
    ),
]


async def test_numbers_are_written_from_their_digits(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    for expression, shown in FORMATS:
        assert await page.js(f"import('/static/format.js').then(f => f.{expression})") == shown


async def test_old_figures_say_how_old_they_are(browser: Browser, site: Site) -> None:
    page = await browser.page()
    site.scene.status.as_of_ms = site.scene.clock.market_ms() - 600_000
    await site.enter(page)
    await page.until("!document.querySelector('#positions-age').hidden")
    assert "10 min old" in await page.text("#status-age")


async def test_a_candle_that_closes_joins_the_chart_without_a_reload(browser: Browser, site: Site) -> None:
    page = await browser.page()
    site.scene.status.candles_told_ms = site.scene.clock.market_ms() - 300_000
    await site.enter(page)
    await settled(page, "/")
    await page.until("document.querySelector('#chart').ariaLabel.includes('287 candles')")
    site.scene.status.candles_told_ms = 0
    site.server.hub.changed("decision")
    await page.until("document.querySelector('#chart').ariaLabel.includes('288 candles')")


async def test_candles_of_a_silent_exchange_stay_and_say_how_old_they_are(
    browser: Browser, site: Site
) -> None:
    page = await browser.page()
    site.scene.status.candles_told_ms = site.scene.clock.market_ms() - 1_500_000
    await site.enter(page)
    await settled(page, "/")
    await page.until("!document.querySelector('#chart-age').hidden")
    assert re.fullmatch(r"newest candle closed \d\d:\d\d, (2\d|30) min ago", await page.text("#chart-age"))
    site.scene.status.candles_told_ms = 0
    site.server.hub.changed("trades")
    await page.until("document.querySelector('#chart-age').hidden")


async def test_a_dead_exchange_is_said_and_the_page_stands(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    site.scene.status.broken = Transient("Kraken does not answer.")
    await page.go(f"{site.base}/")
    await page.until("document.querySelector('#toasts').innerText.includes('Kraken does not answer')")
    site.scene.status.broken = None
    site.server.hub.changed("trades")
    await page.until("document.querySelector('.position')")


async def test_a_lost_connection_is_shown_and_healed(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    await page.js("globalThis.zynMark = 1")
    for client in list(site.server.hub._clients):
        site.server.hub._drop(client)
    await page.until("document.querySelector('#link').dataset.state !== 'live'")
    site.scene.status.equity_now = Decimal("11111.11")
    await page.until("document.querySelector('#link').dataset.state === 'live'")
    await page.until("document.querySelector('#equity').innerText.startsWith('11,111.11')")
    assert await page.js("globalThis.zynMark") == 1


async def test_a_stopped_zyn_is_shown_and_its_restart_asks_to_sign_in(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    port = int(site.base.rpartition(":")[2])
    await site.server.stop()
    await page.until("!document.querySelector('#lost').hidden")
    again = Site(site.scene)
    await again.open(port)
    try:
        await page.until("location.pathname === '/login'", 20)
    finally:
        await again.server.stop()


async def test_the_dashboard_works_without_a_mouse(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    reached: list[str] = []
    for _ in range(60):
        await page.tab()
        focused = await page.js("document.activeElement.id || document.activeElement.innerText")
        reached.append(focused)
        if focused == "flatten":
            break
    assert reached[0] == "Skip to the figures"
    assert {"Chat", "sign-out", "pause", "flatten"} <= set(reached)
    await page.enter()
    await page.until("document.querySelector('dialog[open]')")
    assert await page.text("dialog :focus") == "Keep as it is"
    await page.enter()
    await page.until("!document.querySelector('dialog')")
    await pressed(site, "no:flat1")


async def test_a_candle_tells_every_filters_verdict_under_the_pointer(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page)
    await settled(page, "/")
    await page.js("document.querySelector('#chart').scrollIntoView({block: 'center'})")
    told = ""
    box = await page.js(
        "(r => [r.x, r.y, r.width, r.height])(document.querySelector('#chart').getBoundingClientRect())"
    )
    for step in range(200):
        x, y = box[0] + box[2] * (0.85 - step * 0.004), box[1] + box[3] / 2
        await page.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        told = await page.text("#hover")
        if "It would have passed with" in told:
            break
    assert "RSI" in told
    assert "needs < 70" in told
    assert "It would have passed with: RSI 5.5 lower." in told


@pytest.mark.parametrize("path", ["/login", *PAGES])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
async def test_every_page_can_be_read_reached_and_fits(
    browser: Browser, site: Site, path: str, scheme: str, width: int
) -> None:
    page = await browser.page(width, 800, scheme)
    await page.prefer(scheme, "reduce")
    if path == "/login":
        await page.go(f"{site.base}/login")
    else:
        await site.enter(page, path)
        await settled(page, path)
        await fill_chat(page, path)
    faults: list[Any] = await page.js(AUDIT)
    assert faults == []
    assert page.problems == []


async def fill_chat(page: Page, path: str) -> None:
    if path != "/chat":
        return
    for text in ("how are we doing?", "buy 50 of eth"):
        await page.js("document.querySelector('#say').focus()")
        await page.type(text)
        await page.enter()
    await page.until("document.querySelectorAll('#log table').length === 2")


@pytest.mark.parametrize("path", PAGES)
async def test_a_first_visit_weighs_under_400_kb_and_paints_within_a_second(
    browser: Browser, site: Site, path: str
) -> None:
    page = await browser.page()
    await site.enter(page)
    paints: list[float] = []
    while len(paints) < 3 and (not paints or min(paints) >= 1000):  # what else runs here only delays it
        page.bytes_in = 0
        await page.call("Network.clearBrowserCache")
        await page.go(f"{site.base}{path}")
        await settled(page, path)
        await asyncio.sleep(0.3)
        paints.append(await page.js("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        assert page.bytes_in < 400_000
    assert min(paints) < 1000


@pytest.mark.parametrize("path", PAGES)
async def test_a_second_visit_asks_for_no_file_again(browser: Browser, site: Site, path: str) -> None:
    page = await browser.page()
    await site.enter(page, path)
    await settled(page, path)
    await page.go(f"{site.base}{path}")
    await settled(page, path)
    asked: list[str] = await page.js(
        "performance.getEntriesByType('resource')"
        ".filter(one => one.transferSize && one.name.includes('/static/')).map(one => one.name)"
    )
    assert asked == []


async def test_nothing_on_a_page_comes_from_elsewhere(browser: Browser, site: Site) -> None:
    page = await browser.page()
    for path in PAGES:
        await site.enter(page, path)
        await settled(page, path)
        names = await page.js("performance.getEntriesByType('resource').map(one => one.name)")
        assert all(name.startswith(site.base) for name in names), names


async def test_every_page_in_light_and_dark_is_more_than_one_colour(
    browser: Browser, site: Site, tmp_path: Path
) -> None:
    sizes = []
    for scheme in ("light", "dark"):
        page = await browser.page(scheme=scheme)
        for number, path in enumerate(PAGES):
            await site.enter(page, path)
            await settled(page, path)
            shot = tmp_path / f"{scheme}-{number}.png"
            await page.picture(shot)
            sizes.append(shot.stat().st_size)
    assert min(sizes) > 15_000
