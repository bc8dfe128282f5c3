"""axe-core, the auditor that others wrote, on every page in light and dark, on a phone and a desk."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chromium import Browser
from tests.support.peers import AXE, need
from tests.support.web_pages import settled
from tests.support.web_site import Site

pytestmark = [pytest.mark.browser, pytest.mark.peer, pytest.mark.asyncio(loop_scope="module")]

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = """axe.run(document, {runOnly: %s}).then(found => found.violations.map(
    one => [one.id, one.help, one.nodes.map(node => node.html.slice(0, 160))]))"""


@pytest.mark.parametrize("path", ["/login", "/", "/more", "/chat", "/phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
async def test_axe_finds_no_violation(
    browser: Browser, site: Site, path: str, scheme: str, width: int
) -> None:
    need(AXE)
    page = await browser.page(width, 844, scheme)
    await page.prefer(scheme, "reduce")
    if path == "/login":
        await page.go(f"{site.base}/login")
    else:
        await site.enter(page, path)
        await settled(page, path)
    await page.js(AXE.read_text("utf-8") + "; true")
    broken: list[Any] = await page.js(BROKEN % RULES)
    assert broken == []
