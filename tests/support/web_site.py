"""One running site with a made-up world behind it, for a browser to visit."""

from __future__ import annotations

from tests.support.chromium import Page
from tests.support.web_stage import Stage
from web.app import WebServer


class Site:
    """One running site and the fakes behind it."""

    def __init__(self, scene: Stage) -> None:
        self.scene = scene
        self.server = WebServer(scene.deps)
        self.base = ""

    async def open(self, port: int = 0) -> None:
        self.base = await self.server.start("127.0.0.1", port)

    async def enter(self, page: Page, path: str = "/") -> None:
        """Sign in by a fresh link, with its one click, and go to a page."""
        await page.go(self.server.create_link())
        await page.click("form:not([hidden]) button")
        await page.until("location.pathname === '/'")
        await page.go(self.base + path)
        await page.until("document.querySelector('#link').dataset.state === 'live'")
