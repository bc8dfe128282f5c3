"""Texts from chats, markets and models stay texts: 500 hostile ones in a real browser, and none runs."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from core.model.events import Announcement, EventKind, Severity
from core.model.outbox import Alert
from core.sim.phone.screen import PhoneSms
from tests.support.chromium import Browser, Page
from tests.support.web_site import Site
from tests.support.web_stage import TOLD, registry

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

RUN = "globalThis.hit=1"
SHAPES = (
    "<script>{run}</script>", "<img src=x onerror={run}>", "<svg onload={run}>", "<svg/onload={run}//",
    "<iframe srcdoc='<script>parent.{run}</script>'></iframe>", "<a href='javascript:{run}'>x</a>",
    "<body onload={run}>", "<input autofocus onfocus={run}>", "<details open ontoggle={run}>",
    "<video><source onerror={run}></video>", "<math href=javascript:{run}>x</math>",
    "<style>@import'javascript:{run}'</style>",
    "<object data='data:text/html,<script>{run}</script>'></object>",
    "<link rel=stylesheet href=javascript:{run}>", "<base href=javascript:{run}//>",
    "<form action=javascript:{run}><button>",
    "<svg><animate onbegin={run} attributeName=x dur=1s>", "<img src='x' style='x:expression({run})'>",
    "<marquee onstart={run}>", "<embed src=javascript:{run}>", "<template><script>{run}</script></template>",
    "[x](javascript:{run})", "{{{{constructor.constructor('{run}')()}}}}", "${{{run}}}", "javascript:{run}",
)  # fmt: skip
WRAPS = (
    "{0}", "\"'>{0}", "</textarea>{0}", "</script>{0}", "</title>{0}", "<!--{0}-->", "\u202e{0}", "{0}\x00",
    "</p>{0}<p>", "`{0}`", "**{0}**", "<b>{0}</b>", "]]>{0}", "&lt;{0}&gt;", "\\u003c{0}", "%3C{0}%3E",
    "\U0001f600{0}",
    "\u2028{0}", "<<{0}", "{0}{0}",
)  # fmt: skip
PAYLOADS = [wrap.format(shape.format(run=RUN)) for shape, wrap in product(SHAPES, WRAPS)]


async def nothing_ran(page: Page) -> None:
    assert await page.js("globalThis.hit") is None
    assert (
        await page.js("document.querySelectorAll('main script, main iframe, main object, main embed').length")
        == 0
    )


async def test_500_hostile_messages_in_the_chat_are_text(browser: Browser, site: Site) -> None:
    assert len(PAYLOADS) >= 500
    page = await browser.page()
    await site.enter(page, "/chat")
    for number, text in enumerate(PAYLOADS):
        blocks = [
            {"type": "text", "text": text, "strong": False},
            {"type": "table", "head": [text], "rows": [[text]]},
            {"type": "buttons", "buttons": [{"label": text, "action": text, "style": text}]},
            {"type": "picture", "src": "/api/v1/pictures/none.png", "alt": text},
        ]
        row = {"id": str(number), "sender": "zyn", "time": "2026-01-01T00:00:00Z", "blocks": blocks}
        site.server.hub.publish("chat", row)
        if number % 100 == 99:
            await page.until(f"document.querySelectorAll('.message[data-id]').length >= {number + 1}")
    await nothing_ran(page)
    shown = await page.js("[...document.querySelectorAll('#log .bubble > p')].map(one => one.textContent)")
    assert shown == PAYLOADS


async def test_what_the_owner_types_comes_back_as_text(browser: Browser, site: Site) -> None:
    page = await browser.page()
    await site.enter(page, "/chat")
    await page.js("document.querySelector('#say').focus()")
    await page.type(PAYLOADS[20])
    await page.enter()
    await page.until("document.querySelectorAll('.message.zyn[data-id]').length === 1")
    assert PAYLOADS[20] in await page.js("document.querySelector('#log').textContent")
    await nothing_ran(page)


async def test_hostile_names_notes_and_alerts_on_the_dashboard_are_text(browser: Browser, site: Site) -> None:
    status = site.scene.status
    hostile = PAYLOADS[::9]
    status.symbols = tuple(hostile)
    status.health = tuple(
        replace(status.health[0], name=text, text=text, ok=False, blocks=text) for text in hostile
    )
    status.judged = [
        replace(one, symbol=text, reason=text, candle_ms=one.candle_ms - number)
        for number, (one, text) in enumerate(zip(status.judged * 2, hostile, strict=False))
    ]
    status.resting = [replace(status.resting[0], txid=text, symbol=text) for text in hostile]
    status.trips = [replace(status.trips[0], symbol=text, reason=text) for text in hostile]
    status.why_not = PAYLOADS[1]
    site.scene.alerts.rows = [
        Alert(number, Announcement(str(number), EventKind.NOTICE, Severity.WARNING, text, 1_700_000_000_000))
        for number, text in enumerate(hostile, 1)
    ]
    page = await browser.page()
    await site.enter(page)
    await page.until("document.querySelectorAll('#alerts li').length > 40")
    await page.until("document.querySelectorAll('#trades tr').length > 15")
    await page.click("#older")
    await page.until("document.querySelectorAll('#trades tr').length > 30")
    for text in hostile:
        site.server.hub.announced(Announcement(text, EventKind.NOTICE, Severity.CRITICAL, text, 0))
    await page.until("document.querySelectorAll('.toast').length === 3")
    await page.click("#tab-all")
    await nothing_ran(page)


def poisoned(value: Any, text: str) -> Any:
    """The same shape with every text in it replaced, numbers and codes that lead somewhere left alone."""
    if isinstance(value, dict):
        kept = ("feature", "state", "direction", "value", "settings", "traded_24h", "spread_bps", "quiet")
        return {name: one if name in kept else poisoned(one, text) for name, one in value.items()}
    if isinstance(value, list):
        return [poisoned(one, text) for one in value]
    return text if isinstance(value, str) and value else value


async def test_hostile_texts_behind_the_figures_are_text(browser: Browser, site: Site) -> None:
    for text in PAYLOADS[::63]:
        told = [(entry, text, poisoned(data, text)) for entry, _, data in TOLD]
        scene = site.scene
        deps = scene.with_deps(registry=registry(scene.status, scene.requests, told))
        other = Site(replace(scene, deps=deps))
        await other.open()
        try:
            page = await browser.page()
            await other.enter(page, "/more")
            await page.until("document.querySelectorAll('.sections [data-state=shown]').length === 8")
            await nothing_ran(page)
            assert text.strip()[:20] in await page.js("document.querySelector('#universe').textContent")
        finally:
            await other.server.stop()
            await browser.close_pages()


async def test_hostile_bubbles_on_the_phone_are_text(browser: Browser, site: Site) -> None:
    assert site.scene.phone is not None
    screen = site.scene.phone.screen_
    for text in PAYLOADS[::9]:
        kinds = ("bold", "pre", "text_link", "spoiler", "onclick", "<script>")
        entities = tuple(
            {"type": kind, "offset": number, "length": 9, "url": f"javascript:{RUN}"}
            for number, kind in enumerate(kinds)
        )
        screen.add_sms(PhoneSms(text, text, text, text, 0, 1))
        screen.add(sender="zyn", text=text, entities=entities, buttons=(((text, text[:64]),),))
    page = await browser.page()
    await site.enter(page, "/phone")
    await page.until("document.querySelectorAll('.tg').length > 100")
    await nothing_ran(page)
    assert await page.js("document.querySelectorAll('#thread a').length") == 0
