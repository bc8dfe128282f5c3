"""A model that misbehaves, by llmock: jimmy gets the plain answer, the exchange gets nothing."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.model_peers import ModelPeer
from tests.support.peer_world import Market, zyn
from tests.support.telegram_peer import Jimmy

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150), pytest.mark.blocks]

Fault = dict[str, Any]
ALWAYS = {"times": None}
LONG_REPLY = {"type": "reply", "text": "Buy now, jimmy, for it can only rise from here on.", **ALWAYS}


def _breaks(kind: str, after_chunks: int = 3) -> tuple[Fault, ...]:
    fault = {"type": "stream_fault", "kind": kind, "after_chunks": after_chunks, "stall_seconds": 60}
    return (LONG_REPLY, {**fault, **ALWAYS})


FAULTS: dict[str, tuple[Fault, ...]] = {
    "rate limited": ({"type": "fail", "status": 429, "retry_after": 0.2, **ALWAYS},),
    "overloaded": ({"type": "fail", "status": 503, **ALWAYS},),
    "wrong key": ({"type": "fail", "status": 401, **ALWAYS},),
    "stream ends early": _breaks("truncate"),
    "connection drops": _breaks("disconnect"),
    "malformed stream": _breaks("malformed"),
    "silence": _breaks("stall", 0),
}
# What llmock cannot see from outside: the broken answer was thrown away and answered otherwise at once.
UNSEEN = {
    "stream ends early": {"truncated_stream_accepted"},
    "connection drops": {"gave_up"},
    "malformed stream": {"malformed_chunk_ignored"},
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_whatever_the_model_does_jimmy_is_answered_and_nothing_is_ordered(
    fault: str, market: tuple[Market, str], jimmy: Jimmy, faulty_model: ModelPeer, tmp_path: Path
) -> None:
    account, address = market
    await faulty_model.behave(*FAULTS[fault])
    async with zyn(tmp_path, address, jimmy.env, faulty_model.env):
        await _is_answered_plainly(jimmy, account)
        said = [one.text for one in await jimmy.screen()]
        assert len([text for text in said if "OpenAI does not answer" in text]) == 1
        assert not [text for text in said if "Buy now" in text]
    verdict = await faulty_model.verdict()
    assert verdict["faults_injected"]
    assert not {one["code"] for one in verdict["findings"]} - UNSEEN.get(fault, set())


@pytest.mark.parametrize(
    ("kind", "told"), [("malformed_arguments", "bad arguments"), ("unknown_tool", "there is no tool")]
)
async def test_a_tool_call_that_makes_no_sense_is_told_so_and_does_nothing(
    kind: str, told: str, market: tuple[Market, str], jimmy: Jimmy, faulty_model: ModelPeer, tmp_path: Path
) -> None:
    account, address = market
    await faulty_model.behave({"type": "tool_fault", "kind": kind, **ALWAYS})
    async with zyn(tmp_path, address, jimmy.env, faulty_model.env):
        await _is_answered_plainly(jimmy, account)
    requests = (await faulty_model.read("_llmock/requests"))["requests"]
    answers = [
        one["content"] for each in requests for one in each["body"]["messages"] if one["role"] == "tool"
    ]
    assert answers and all(told in one for one in answers)
    assert (await faulty_model.verdict())["passed"]


async def _is_answered_plainly(jimmy: Jimmy, account: Market) -> None:
    """A true price, and a preview that nothing follows until it is tapped."""
    answer = await jimmy.ask("what's eth at", r"ETH.*\d,\d\d\d", 30)
    shown = [Decimal(one.replace(",", "")) for one in re.findall(r"\d,\d{3}\.\d+", answer.text)]
    assert shown and all(abs(one / account.price("ETH/USD") - 1) < Decimal("0.01") for one in shown)
    preview = await jimmy.ask("buy 50 bucks of eth with a 2% stop", "buy .* ETH", 30)
    assert preview.buttons and account.orders() == 0


async def test_a_busy_model_is_asked_again_after_the_time_it_named(
    market: tuple[Market, str], jimmy: Jimmy, faulty_model: ModelPeer, tmp_path: Path
) -> None:
    _, address = market
    await faulty_model.behave(
        {"type": "fail", "status": 429, "retry_after": 1},
        {"type": "reply", "text": "Quite well, jimmy, and patient."},
    )
    async with zyn(tmp_path, address, jimmy.env, faulty_model.env):
        await jimmy.ask("tell me a little about how you feel today", "Quite well, jimmy")
    verdict = await faulty_model.verdict()
    assert verdict["faults_injected"] == 1 and verdict["attempts"] == 2
    assert verdict["passed"] and not verdict["findings"]
