"""The real process between a local Kraken, a local Telegram and a local Twilio, used as jimmy uses it."""

from __future__ import annotations

import re
import time
from decimal import Decimal

import pytest

from core.clock import ScaledClock, SystemClock
from core.model.orders import OrderType, Side
from core.sim.kraken.server import LocalKraken
from core.sim.phone.server import LocalPhone
from tests.support.process import Page, ZynProcess, eventually

pytestmark = [pytest.mark.timeout(150), pytest.mark.blocks]


class World:
    """Everything around the process, in the test's hands."""

    def __init__(self, tmp_path, speed: float) -> None:
        self.kraken = LocalKraken(ScaledClock(SystemClock().wall_ms(), speed), seed=7)
        self.phone = LocalPhone(SystemClock(), "jimmy")
        self.folder = tmp_path
        self.zyn: ZynProcess | None = None

    async def __aenter__(self) -> World:
        url = await self.kraken.start()
        at = await self.phone.start()
        self.env = {
            "KRAKEN_API_BASE_URL": url,
            "ZYN_SYMBOLS": "BTC/USD",
            "TELEGRAM_BOT_TOKEN": self.phone.token,
            "TELEGRAM_API_BASE_URL": at.bot_api,
            "TELEGRAM_FILE_BASE_URL": at.bot_files,
            "TELEGRAM_ALLOWED_USER_IDS": str(self.phone.user_id),
            "TWILIO_ACCOUNT_SID": self.phone.twilio_sid,
            "TWILIO_AUTH_TOKEN": self.phone.twilio_token,
            "TWILIO_FROM": self.phone.number,
            "SMS_TO": "+15550199",
            "TWILIO_API_BASE_URL": at.twilio,
        }
        self.zyn = ZynProcess(self.folder, self.env)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.zyn.kill()
        await self.phone.stop()
        await self.kraken.stop()

    @property
    def account(self):
        return self.kraken.exchange.engine

    def texts(self) -> list[str]:
        return [one.text for one in self.phone.screen().messages if one.sender == "zyn"]

    async def ask(self, text: str, pattern: str, seconds: float = 20):
        """Type it; the first new message of Zyn's that matches."""
        before = {(one.id, one.text) for one in self.phone.screen().messages}
        await self.phone.type(text)

        async def answered():
            for one in self.phone.screen().messages:
                fresh = one.sender == "zyn" and (one.id, one.text) not in before
                if fresh and re.search(pattern, one.text, re.IGNORECASE):
                    return one
            return None

        try:
            return await eventually(answered, seconds, f"an answer to {text!r} matching {pattern!r}")
        except AssertionError as error:
            raise AssertionError(f"{error}; Zyn said: {self.texts()[-4:]}") from None

    async def tap(self, message, label: str) -> None:
        data = next(value for row in message.buttons for name, value in row if label.lower() in name.lower())
        await self.phone.tap(message.id, data)

    def eth(self) -> Decimal:
        held = self.account.balances().get("ETH")
        return held.total if held else Decimal(0)

    def eth_stops(self):
        return [
            one
            for one in self.account.open_orders()
            if one.symbol == "ETH/USD" and one.type is OrderType.STOP_LOSS and one.side is Side.SELL
        ]


async def test_jimmy_texts_buys_is_killed_off_and_flattens(tmp_path):
    async with World(tmp_path, speed=1) as world:
        await world.zyn.start()
        await world.ask("/start", "jimmy")
        status = await world.ask("/status", r"10,000|9,9\d\d")
        assert "demo" in status.text.lower()
        await world.ask("how are we doing?", "today")
        price = await world.ask("what's eth at", r"ETH.*\d,\d\d\d")
        shown = [Decimal(one.replace(",", "")) for one in re.findall(r"\d,\d{3}\.\d+", price.text)]
        now = world.kraken.exchange.look("ETH/USD").last
        assert shown and all(abs(one / now - 1) < Decimal("0.01") for one in shown)

        preview = await world.ask("buy 50 bucks of eth with a 2% stop", r"buy .* ETH")
        assert not world.eth()
        await world.tap(preview, "confirm")
        await eventually(lambda: told(world, "Done: bought"), 20, "the answer to the tap")
        assert await held(world)
        bought = world.eth()
        assert sum(one.qty for one in world.eth_stops()) == bought
        await world.ask("why did you buy that?", "own order")
        await eventually(lambda: told(world, "Bought"), 20, "the push alert")
        await eventually(lambda: sms(world, "Bought"), 20, "the SMS")

        await world.zyn.kill()
        assert world.eth() == bought and world.eth_stops()
        await world.zyn.start()
        positions = await world.ask("/positions", "ETH")
        assert "stop" in positions.text.lower()
        assert world.eth() == bought
        assert sum(one.qty for one in world.eth_stops()) == bought

        button = await world.ask("flatten everything", "sell 1 position")
        await world.tap(button, "sell")
        await eventually(lambda: flat(world), 20, "being flat")
        assert not world.eth_stops()

        began = time.monotonic()
        assert await world.zyn.stop() == 0
        assert time.monotonic() - began < 5


async def held(world: World) -> bool:
    return bool(world.eth()) and bool(world.eth_stops())


async def flat(world: World) -> bool:
    return not world.eth()


async def told(world: World, word: str) -> bool:
    return any(word in text for text in world.texts())


async def sms(world: World, word: str) -> bool:
    return any(word in one.text for one in world.phone.screen().sms)


@pytest.mark.timeout(240)
async def test_without_anything_configured_the_demo_trades_by_itself_and_the_page_shows_the_stop(tmp_path):
    zyn = ZynProcess(tmp_path, {})
    async with Page.of(await zyn.start()) as page:

        async def first_position():
            return await page.data("positions")

        # Within a minute where the machine is free, as `make proof demo-seeds` measures.
        rows = await eventually(first_position, 180, "the first autonomous trade")
        assert all(row["stop_order_id"] and Decimal(row["stop"]) < Decimal(row["entry"]) for row in rows)
        assert "simulat" in (await page.text("/phone")).lower()
    assert await zyn.stop() == 0


async def test_without_the_database_money_is_the_same_and_entries_wait_for_the_owner(tmp_path):
    async with World(tmp_path, speed=1) as world:
        await world.zyn.start()
        await world.tap(await world.ask("buy 50 bucks of eth with a 2% stop", "buy .* ETH"), "confirm")
        await eventually(lambda: told(world, "Done: bought"), 20, "the answer to the tap")
        await world.tap(await world.ask("sell half my eth", "sell .* ETH"), "confirm")
        await eventually(lambda: told(world, "Done: sold"), 20, "the sale")
        await world.zyn.stop()
        line = await world.zyn.start()
        async with Page.of(line) as page:
            before = [await page.data(what) for what in ("balances", "trades", "pnl?period=all", "pnl")]
        await world.zyn.kill()
        for file in (tmp_path / "data" / "demo").glob("trading_memory.db*"):
            file.rename(tmp_path / file.name)
        async with Page.of(await world.zyn.start()) as page:
            after = [await page.data(what) for what in ("balances", "trades", "pnl?period=all", "pnl")]
            status = await page.data("status")
        assert [money(one) for one in after] == [money(one) for one in before]
        assert not status["trading"] and "database was lost" in status["why_not"]
        assert sum(one.qty for one in world.eth_stops()) == world.eth()
        await world.tap(await world.ask("/unlock", "unlock"), "confirm")
        await eventually(lambda: told(world, "Unlocked"), 20, "the unlocking")


def money(data):
    """What the exchange says; prices of the moment are left out."""
    moving = ("price", "value", "unrealised", "to", "from", "total")
    if isinstance(data, list):
        return [money(one) for one in data]
    if isinstance(data, dict):
        return {name: money(one) for name, one in data.items() if name not in moving}
    return data


async def test_paper_trades_on_public_data_and_makes_no_private_call(tmp_path):
    async with World(tmp_path, speed=1) as world:
        paper = {**world.env, "ZYN_MODE": "paper", "ZYN_SYMBOLS": "BTC/USD,ETH/USD"}
        paper["WEB_PASSWORD"] = "correct horse"
        world.zyn = ZynProcess(tmp_path, paper)
        assert "token=" not in await world.zyn.start()  # the password lets in; who asks for a link gets one
        link = ZynProcess(tmp_path, paper, "link")
        async with Page.of(await link.start("token=")) as page:
            assert (await page.whole("status"))["mode"] == "paper"
        await link.stop()
        await world.tap(await world.ask("buy 50 bucks of eth with a 2% stop", "buy .* ETH"), "confirm")
        await eventually(lambda: told(world, "Done: bought"), 20, "the answer to the tap")
        positions = await world.ask("/positions", "ETH")
        assert "[paper]" in positions.text and "stop" in positions.text.lower()
        await world.zyn.kill()
        await world.zyn.start()
        await world.ask("/positions", "ETH")
        await world.tap(await world.ask("flatten everything", "sell 1 position"), "sell")
        await eventually(lambda: told(world, "I am flat"), 20, "being flat")
    assert not world.kraken.exchange.nonces, "a private call reached the exchange"
    assert not world.account.fills()
