"""A site with a made-up world behind it, and a Chromium in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.chromium import BINARY, Browser, chromium
from tests.support.web_site import Site
from tests.support.web_stage import stage


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[Browser]:
    if not BINARY.exists():
        pytest.skip("Chromium is not installed: apt-get install chromium")
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="module")
async def browser(running: Browser) -> AsyncIterator[Browser]:
    yield running
    await running.close_pages()


@pytest_asyncio.fixture(loop_scope="module")
async def site() -> AsyncIterator[Site]:
    standing = Site(stage())
    await standing.open()
    yield standing
    await standing.server.stop()
