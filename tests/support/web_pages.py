"""What the browser's tests wait for."""

from __future__ import annotations

import asyncio

from tests.support.chromium import Page
from tests.support.web_site import Site


async def settled(page: Page, path: str) -> None:
    """Wait until a page shows what it is for."""
    ready = {
        "/": "document.querySelector('.position') && document.querySelector('#chart canvas')"
        " && document.querySelector('#health li')",
        "/more": "document.querySelectorAll('.sections [data-state=shown]').length === 8",
        "/chat": "document.querySelector('#g-equity').textContent.length > 3",
        "/phone": "document.querySelector('.tg')",
    }
    await page.until(ready[path])


async def pressed(site: Site, *actions: str) -> None:
    """Wait until exactly these buttons have reached the conversation."""
    told: list[str] = []
    for _ in range(250):
        told = [action for action, _ in site.scene.conversation.pressed]
        if told == list(actions):
            return
        await asyncio.sleep(0.04)
    raise AssertionError(told)
