"""Jimmy's day through a Bot API server and a Twilio server that others wrote."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.peer_world import Market, zyn
from tests.support.process import eventually
from tests.support.sms_peer import SmsPeer
from tests.support.telegram_peer import Jimmy

pytestmark = [pytest.mark.peer, pytest.mark.timeout(150), pytest.mark.blocks]


async def test_jimmy_asks_buys_is_told_and_texted_and_flattens(
    market: tuple[Market, str], watched: tuple[str, list[str]], jimmy: Jimmy, sms: SmsPeer, tmp_path: Path
) -> None:
    account, (address, said_by_prism) = market[0], watched
    async with zyn(tmp_path, address, jimmy.env, sms.env) as process:
        await jimmy.ask("/start", "jimmy")
        await jimmy.ask("how are we doing?", "today")
        await _price_is_true(jimmy, account)
        await _chart_is_drawn(jimmy)

        await _buy(jimmy, account)
        bought = account.held("ETH")
        assert sum(one.qty for one in account.stops("ETH/USD")) == bought
        pushed = await jimmy.sees(r"💱 Bought .*ETH")
        assert ("Why?", "ask:/why ETH") in pushed.buttons
        texted = await eventually(lambda: _texted(sms, "Bought"), 20, "the SMS of the fill")
        assert texted.startswith("Zyn demo: Bought") and "ETH" in texted

        await jimmy.tap(pushed, "why")
        await jimmy.sees("your own order|you asked|own order")
        button = await jimmy.ask("flatten everything", "sell 1 position")
        await jimmy.tap(button, "sell")
        await eventually(lambda: _flat(account), 20, "being flat")
        assert not account.stops("ETH/USD")
        await eventually(lambda: _texted(sms, "Sold|Closed"), 20, "the SMS of the exit")
        assert await process.stop() == 0
    assert len({*(await sms.texts())}) == len(await sms.texts())
    assert not _broken(said_by_prism)


async def test_a_tap_that_arrives_twice_buys_once(
    market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path
) -> None:
    account, address = market
    async with zyn(tmp_path, address, jimmy.env):
        preview = await jimmy.ask("buy 50 bucks of eth with a 2% stop", "buy .* ETH")
        await jimmy.tap(preview, "confirm")
        await jimmy.tap(preview, "confirm")
        await jimmy.sees(r"Bought .*ETH")
        await jimmy.ask("/positions", "ETH")
        spent = account.held("ETH") * account.price("ETH/USD")
        assert Decimal(45) < spent < Decimal(55)
        assert len(account.stops("ETH/USD")) == 1


async def test_a_stranger_gets_no_word(market: tuple[Market, str], jimmy: Jimmy, tmp_path: Path) -> None:
    _, address = market
    async with zyn(tmp_path, address, jimmy.env, {"TELEGRAM_ALLOWED_USER_IDS": "1"}):
        await jimmy.type("/status")
        await jimmy.type("flatten everything")
        assert not await jimmy.stays_silent()


def _broken(said_by_prism: list[str]) -> list[str]:
    """What breaks Kraken's description.

    Not counted are our simulation's own address, which is in no description, and the form body of an
    amendment: the client library sends every single order so, Kraken takes it, its description names JSON.
    """
    broken = [line for line in said_by_prism if "Violation: request" in line]
    for excused, address in (("route not found", "/__sim__/"), ("content types", "/AmendOrder")):
        of_this_kind = [line for line in broken if excused in line]
        asked = sum(address in line and "Request received" in line for line in said_by_prism)
        broken = [line for line in broken if line not in of_this_kind] + of_this_kind[asked:]
    return broken


async def _price_is_true(jimmy: Jimmy, account: Market) -> None:
    price = await jimmy.ask("what's eth at", r"ETH.*\d,\d\d\d")
    shown = [Decimal(one.replace(",", "")) for one in re.findall(r"\d,\d{3}\.\d+", price.text)]
    assert shown and all(abs(one / account.price("ETH/USD") - 1) < Decimal("0.01") for one in shown)


async def _chart_is_drawn(jimmy: Jimmy) -> None:
    await jimmy.type("/chart btc")

    async def drawn() -> bool:
        return bool(jimmy.pictures)

    await eventually(drawn, 30, "the chart")
    assert jimmy.pictures[0].startswith(b"\x89PNG")


async def _buy(jimmy: Jimmy, account: Market) -> None:
    preview = await jimmy.ask("buy 50 bucks of eth with a 2% stop", "buy .* ETH")
    assert account.orders() == 0
    await jimmy.tap(preview, "confirm")

    async def held() -> bool:
        return bool(account.held("ETH") and account.stops("ETH/USD"))

    await eventually(held, 20, "the position and its stop")


async def _texted(sms: SmsPeer, pattern: str) -> str:
    return next((text for text in await sms.texts() if re.search(pattern, text)), "")


async def _flat(account: Market) -> bool:
    return not account.held("ETH")
