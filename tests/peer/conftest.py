"""The peers as fixtures: started for a test, waited for, and killed after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.model_peers import ModelPeer, llmock
from tests.support.peer_world import Market, exchange, prism
from tests.support.peers import LLMOCK, MOCKPOST, PRISM, TELEGRAM_TEST_API, need
from tests.support.sms_peer import SmsPeer, mockpost
from tests.support.telegram_peer import Jimmy, telegram_peer


@pytest.fixture
async def market() -> AsyncIterator[tuple[Market, str]]:
    """Our local Kraken and its address: of Kraken itself there is no peer."""
    async with exchange() as found:
        yield found


@pytest.fixture
async def jimmy(tmp_path: Path) -> AsyncIterator[Jimmy]:
    need(TELEGRAM_TEST_API)
    async with telegram_peer(tmp_path / "telegram") as found:
        yield found


@pytest.fixture
async def sms(tmp_path: Path) -> AsyncIterator[SmsPeer]:
    need(MOCKPOST)
    async with mockpost(tmp_path / "sms") as found:
        yield found


@pytest.fixture
async def faulty_model(tmp_path: Path) -> AsyncIterator[ModelPeer]:
    need(LLMOCK)
    async with llmock(tmp_path / "llmock") as found:
        yield found


@pytest.fixture
async def watched(
    market: tuple[Market, str], shared: Path | None, tmp_path: Path
) -> AsyncIterator[tuple[str, list[str]]]:
    """The exchange's address through a proxy that knows Kraken's description, and what the proxy says.

    Without the description beside the clone it is the exchange's own address, and nothing is said.
    """
    _, url = market
    spec = shared / "data" / "specs" / "kraken-spot.yml" if shared else None
    if spec is None or not spec.exists():
        yield url, []
        return
    need(PRISM)
    async with prism(tmp_path / "prism", spec, url) as found:
        yield found
