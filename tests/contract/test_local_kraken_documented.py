"""What docs/local-kraken.md says can be typed, works; what the exchange has, stands there."""

from __future__ import annotations

import argparse
import ast
import json
import re
import shlex
from collections.abc import AsyncIterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.cli import sim
from core.clock import ScaledClock
from core.matching.customs import Customs
from core.sim.kraken.faults import KINDS
from core.sim.kraken.private import PRIVATE
from core.sim.kraken.public import PUBLIC
from core.sim.kraken.server import LocalKraken
from core.sim.kraken.ws.asking import MARKET_CHANNELS, PRIVATE_CHANNELS
from core.sim.kraken.ws.trading import METHODS

PAGE = (Path(__file__).parents[2] / "docs" / "local-kraken.md").read_text()
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.S)
LINES = [line for kind, text in BLOCKS if not kind for line in text.splitlines() if line.strip()]
CURLS = [line for line in LINES if line.startswith("curl ")]
USUAL = "http://127.0.0.1:5080"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    kraken = LocalKraken(ScaledClock(1_790_000_000_000, 1.0), symbols=(), tier="intermediate")
    yield await kraken.start()
    await kraken.stop()


def test_every_documented_start_is_one_that_the_command_takes() -> None:
    parser = argparse.ArgumentParser()
    sim.add_parser(parser.add_subparsers())
    starts = [shlex.split(line)[1:] for line in LINES if line.startswith("zyn ")]
    assert len(starts) >= 4
    taken = [parser.parse_args(words) for words in starts]
    assert {args.port for args in taken} == {5080, 5081, 5082}
    assert taken[2].key[0].permissions == ("query-funds", "query-open-trades")


def test_nothing_else_is_documented_as_a_command() -> None:
    assert [line for line in LINES if not line.startswith(("zyn sim", "curl -s "))] == []


async def test_every_documented_call_works_in_the_order_it_stands(url: str) -> None:
    assert len(CURLS) >= 20
    async with aiohttp.ClientSession() as session:
        for line in CURLS:
            verb, target, body = spoken(line)
            async with session.request(verb, target.replace(USUAL, url), data=body) as reply:
                answer = json.loads(await reply.text())
            assert reply.status == 200, (line, answer)
            assert not answer.get("error"), (line, answer)


def spoken(line: str) -> tuple[str, str, str | None]:
    """Verb, address and body of a curl command."""
    words = shlex.split(line)[2:]
    verb = words.pop(words.index("-X") + 1) if "-X" in words else "GET"
    words = [word for word in words if word != "-X"]
    body = words.pop(words.index("-d") + 1) if "-d" in words else None
    return verb, next(word for word in words if word.startswith("http")), body


async def test_the_documented_client_trades(url: str) -> None:
    (text,) = [text for kind, text in BLOCKS if kind == "python"]
    code = compile(
        text.replace("127.0.0.1:5080", url.removeprefix("http://")),
        "local-kraken.md", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
    )  # fmt: skip
    names: dict[str, Any] = {}
    running = eval(code, names)
    await running
    assert [trade["order"] for trade in names["trades"]] == [names["order"]["id"]] * len(names["trades"])
    assert names["trades"]


def test_everything_the_exchange_has_stands_on_the_page() -> None:
    switches = [field.name for field in fields(Customs)]
    for name in (*PRIVATE, *PUBLIC, *METHODS, *MARKET_CHANNELS, *PRIVATE_CHANNELS, *KINDS, *switches):
        assert re.search(rf"\b{re.escape(name)}\b", PAGE), name
