"""The connections to the model's service end with Zyn."""

from __future__ import annotations

import asyncio

import pytest

from bot.assembly import open_core
from core.engine.registry import Actor, Door
from core.trading_config import load
from tests.support.openai_server import OpenAiServer, Say

pytestmark = pytest.mark.blocks


async def test_no_connection_to_the_model_outlives_the_service(tmp_path) -> None:
    server = OpenAiServer([Say("All is well, jimmy.")])
    config = load(
        {
            "ZYN_DATA_DIR": str(tmp_path), "ZYN_MODE": "demo", "OPENAI_API_KEY": "sk-test",
            "OPENAI_BASE_URL": await server.start(),
        }
    )  # fmt: skip
    async with open_core(config, (), lambda _: None) as core:
        await core.conversation.hear("tell me something nice", Actor("jimmy", Door.SHELL, "one"))
        assert server.connections == 1
    await asyncio.sleep(0.05)
    assert server.connections == 0
    await server.stop()
