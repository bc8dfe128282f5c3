"""Zyn with a model behind it, spoken by aimock: what the model may do, and what it may not."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.model_peers import ModelPeer, aimock, calls, says, then_says
from tests.support.peer_world import Market, zyn
from tests.support.peers import AIMOCK, need
from tests.support.process import eventually
from tests.support.telegram_peer import Jimmy

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150), pytest.mark.blocks]

BUY_ETH: dict[str, Any] = {
    "side": "buy", "symbol": "ETH/USD", "amount": {"value": "50", "unit": "quote"}, "type": "market",
    "limit_price": None, "stop": {"value": "2", "unit": "percent"}, "take_profit": None,
}  # fmt: skip
BUY_BTC = {**BUY_ETH, "symbol": "BTC/USD", "amount": {"value": "5", "unit": "base"}}


async def test_the_model_looks_up_proposes_and_is_never_the_one_who_buys(
    market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path
) -> None:
    need(AIMOCK)
    account, address = market
    script = (
        calls("how is ether doing", ("get_price", {"symbol": "ETH/USD"})),
        then_says("how is ether doing", "Ether is being traded calmly, jimmy."),
        calls("buy 50 bucks of eth", ("place_order", BUY_ETH)),
        then_says("buy 50 bucks of eth", "The preview is below, jimmy."),
    )
    async with aimock(tmp_path / "aimock", *script) as model, zyn(tmp_path, address, jimmy.env, model.env):
        await jimmy.ask("tell me, how is ether doing right now?", "Ether is being traded calmly")
        await _was_told_the_price(model, account)

        preview = await jimmy.ask("please buy 50 bucks of eth with a 2% stop", "buy .* ETH")
        await jimmy.sees("The preview is below")
        assert account.orders() == 0
        assert "nothing was done" in _tool_answers(await model.heard())[-1]
        await jimmy.tap(preview, "confirm")

        async def held() -> bool:
            return bool(account.held("ETH") and account.stops("ETH/USD"))

        await eventually(held, 20, "the position and its stop")
        await jimmy.sees("Bought .*ETH")


async def test_what_jimmy_did_not_ask_for_is_not_even_previewed(
    market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path
) -> None:
    need(AIMOCK)
    account, address = market
    script = (
        calls("what do you make of bitcoin", ("place_order", BUY_BTC), ("flatten", {"symbol": None})),
        then_says("what do you make of bitcoin", "Bitcoin is what it is, jimmy."),
        says("say something about ether", "ETH is at 98765.43 now, jimmy."),
    )
    async with aimock(tmp_path / "aimock", *script) as model, zyn(tmp_path, address, jimmy.env, model.env):
        answer = await jimmy.ask("what do you make of bitcoin these days?", "Bitcoin is what it is")
        assert not answer.buttons
        refusals = [json.loads(one) for one in _tool_answers(await model.heard())]
        assert len(refusals) == 2 and all("error" in one for one in refusals)

        before = {one.id for one in await jimmy.screen()}
        await jimmy.ask("say something about ether", ".")
        heard = await model.heard()
        assert "98765.43" in heard[-1]["messages"][-1]["content"]  # asked once more, without that number
        await jimmy.ask("/status", "demo")
        fresh = [one for one in await jimmy.screen() if one.id not in before]
        assert not [one for one in fresh if "98765" in one.text or "98,765" in one.text]
        assert account.orders() == 0


async def test_a_model_that_is_gone_is_followed_by_the_next_of_the_list(
    market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path
) -> None:
    need(AIMOCK)
    _, address = market
    gone = {"message": "The model `gpt-old` does not exist", "code": "model_not_found"}
    script = (
        {"match": {"model": "gpt-old"}, "response": {"error": gone, "status": 404}},
        says("are you well", "Quite well, jimmy."),
    )
    models = {"OPENAI_MODEL": "gpt-old", "OPENAI_FALLBACK_MODELS": "gpt-new"}
    async with (
        aimock(tmp_path / "aimock", *script) as model,
        zyn(tmp_path, address, jimmy.env, model.env, models),
    ):
        await jimmy.ask("tell me, are you well today?", "Quite well, jimmy")
        await jimmy.sees("no longer has gpt-old")
        assert [one["model"] for one in await model.heard()] == ["gpt-old", "gpt-new"]


async def _was_told_the_price(model: ModelPeer, account: Market) -> None:
    """The model's own journal: strict tools were offered, and it got the exchange's number."""
    first, second = (await model.heard())[-2:]
    tools = {one["function"]["name"]: one["function"] for one in first["tools"]}
    assert {"get_price", "get_positions", "place_order"} <= set(tools)
    assert not {"unlock", "panic"} & set(tools)
    assert all(one["strict"] and not one["parameters"]["additionalProperties"] for one in tools.values())
    assert [one["role"] for one in second["messages"]][-3:] == ["user", "assistant", "tool"]
    told = json.loads(second["messages"][-1]["content"])
    assert abs(Decimal(told["quote"]["last"]) / account.price("ETH/USD") - 1) < Decimal("0.01")


def _tool_answers(heard: list[dict[str, Any]]) -> list[str]:
    """What the tools answered in the newest request, oldest first."""
    return [one["content"] for one in heard[-1]["messages"] if one["role"] == "tool"]
