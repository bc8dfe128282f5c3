"""The live view: one change reaches every open page, and a page that does not read delays nobody."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from core.model.errors import Transient
from core.model.events import Announcement, EventKind, Severity
from tests.support.web_client import Visitor, visiting
from tests.support.web_stage import Stage, stage
from web import live


@pytest.fixture
def scene() -> Stage:
    return stage()


@pytest.fixture
async def owner(scene: Stage) -> AsyncIterator[Visitor]:
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        yield visitor


async def frame(socket: aiohttp.ClientWebSocketResponse, topic: str) -> Any:
    """The data of the next frame on a topic."""
    async with asyncio.timeout(5):
        while True:
            body = json.loads(await socket.receive_str())
            if body["topic"] == topic:
                return body["data"]


async def connected(visitor: Visitor, count: int) -> None:
    for _ in range(200):
        if visitor.server.hub.sockets == count:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"{visitor.server.hub.sockets} sockets, not {count}")


async def test_a_fill_reaches_an_open_page_with_everything_it_touches(owner: Visitor, scene: Stage) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        scene.status.equity_now += 1
        owner.server.hub.changed("trades")
        topics: dict[str, Any] = {}
        async with asyncio.timeout(5):
            while len(topics) < 5:
                body = json.loads(await socket.receive_str())
                topics[body["topic"]] = body["data"]
    assert set(topics) == {"trades", "positions", "balances", "orders", "status"}
    assert topics["status"]["data"]["equity"] == "10235.5678"
    assert topics["trades"]["data"][0]["id"]


async def test_what_changes_together_is_built_once_for_all(owner: Visitor, scene: Stage) -> None:
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(owner.socket()) for _ in range(20)]
        await connected(owner, 20)
        asked = scene.status.asked
        for _ in range(50):
            owner.server.hub.changed("status")
        for socket in sockets:
            await frame(socket, "status")
    assert scene.status.asked - asked <= 2


async def test_an_alert_arrives_at_once(owner: Visitor) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        told = Announcement("k", EventKind.FILL, Severity.TRADE, "Bought <b>ETH</b>", 1_700_000_000_000)
        owner.server.hub.announced(told)
        data = await frame(socket, "alert")
    assert data["text"] == "Bought <b>ETH</b>"
    assert data["severity"] == "trade"


async def test_when_a_candle_was_judged_its_watchers_get_it_and_nobody_else(owner: Visitor) -> None:
    async with owner.socket() as watcher, owner.socket() as other:
        await watcher.send_json({"type": "watch", "value": "ETH/USD"})
        await other.send_json({"type": "watch", "value": "BTC/USD"})
        await connected(owner, 2)
        await asyncio.sleep(0.05)
        owner.server.hub.changed("decision")
        data, elsewhere = await frame(watcher, "candles"), await frame(other, "candles")
    assert (data["symbol"], elsewhere["symbol"]) == ("ETH/USD", "BTC/USD")
    assert len(data["data"]) == 3


async def test_a_chat_turn_streams_to_every_page(owner: Visitor) -> None:
    async with owner.socket() as one, owner.socket() as other:
        await connected(owner, 2)
        await one.send_json({"type": "say", "value": "please tell me how things stand"})
        for socket in (one, other):
            mine = await frame(socket, "chat")
            partial = await frame(socket, "typing")
            while not (partial and partial["text"]):
                partial = await frame(socket, "typing")
            answer = await frame(socket, "chat")
            assert mine["sender"] == "you"
            assert "please tell me".startswith(partial["text"][:14])
            assert answer["blocks"][0]["text"] == "You said: please tell me how things stand"


async def test_a_button_never_waits_behind_a_thinking_model(owner: Visitor, scene: Stage) -> None:
    scene.conversation.gate = asyncio.Event()
    async with owner.socket() as socket:
        await socket.send_json({"type": "say", "value": "think hard"})
        await socket.send_json({"type": "press", "value": "no:tok"})
        while (said := await frame(socket, "chat"))["sender"] != "zyn":
            pass
        scene.conversation.gate.set()
    assert said["blocks"][0]["text"] == "Nothing was done."


async def test_a_turn_goes_on_when_its_page_is_closed(owner: Visitor, scene: Stage) -> None:
    scene.conversation.gate = asyncio.Event()
    async with owner.socket() as socket:
        await socket.send_json({"type": "say", "value": "buy eth"})
        for _ in range(100):
            if scene.conversation.heard:
                break
            await asyncio.sleep(0.01)
    scene.conversation.gate.set()
    await connected(owner, 0)
    await asyncio.sleep(0.02)
    rows = (await owner.get("/api/v1/chat"))["data"]
    assert rows[0]["proposal"] == "tok123"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"type": 7}', '{"type": "dance"}', '{"type":"say","value":[]}']
)
async def test_nonsense_on_the_socket_is_answered_and_harms_nothing(owner: Visitor, text: str) -> None:
    async with owner.socket() as socket:
        await socket.send_str(text)
        assert (await frame(socket, "refused"))["code"] == "bad_request"


async def test_a_turn_that_breaks_is_said_and_the_next_one_works(owner: Visitor, scene: Stage) -> None:
    async with owner.socket() as socket:
        scene.conversation.broken = RuntimeError("a bug")
        await socket.send_json({"type": "say", "value": "hello"})
        assert (await frame(socket, "refused"))["code"] == "broken"
        scene.conversation.broken = None
        await socket.send_json({"type": "press", "value": "no:tok"})
        while (await frame(socket, "chat"))["sender"] != "zyn":
            pass


async def test_a_live_view_that_breaks_is_started_again(owner: Visitor, scene: Stage) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        scene.status.broken = RuntimeError("a bug")
        owner.server.hub.changed("status")
        await asyncio.sleep(0.1)
        scene.status.broken = None
        for _ in range(30):
            owner.server.hub.changed("status")
            await asyncio.sleep(0.05)
        assert (await frame(socket, "status"))["data"]["owner"] == "jimmy"


async def test_a_lost_exchange_is_said_and_the_view_goes_on(owner: Visitor, scene: Stage) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        scene.status.broken = Transient("Kraken does not answer")
        owner.server.hub.changed("status")
        assert (await frame(socket, "trouble"))["text"] == "Kraken does not answer"
        scene.status.broken = None
        owner.server.hub.changed("status")
        assert (await frame(socket, "status"))["data"]["owner"] == "jimmy"


async def test_a_page_that_does_not_read_is_dropped_and_delays_nobody(owner: Visitor) -> None:
    hub = owner.server.hub
    hasty = aiohttp.ClientWSTimeout(ws_close=0.1)
    async with owner.http.ws_connect(f"{owner.base}/ws", timeout=hasty) as stuck, owner.socket() as quick:
        await connected(owner, 2)
        stuck._conn.transport.pause_reading()  # type: ignore[union-attr]
        seen = 0
        for number in range(live.QUEUE * 6):
            hub.publish("typing", {"for": str(number), "text": "x" * 20_000})
            while seen < number - live.QUEUE // 2:
                await frame(quick, "typing")
                seen += 1
            if hub.sockets == 1:
                break
            await asyncio.sleep(0)
        assert hub.sockets == 1
        hub.publish("alert", {"last": True})
        assert await frame(quick, "alert") == {"last": True}


async def test_signing_out_closes_the_socket(owner: Visitor) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        await owner.change("/logout", {})
        async with asyncio.timeout(5):
            message = await socket.receive()
    assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING)
    assert owner.server.hub.sockets == 0


async def test_stopping_says_goodbye_to_every_page(scene: Stage) -> None:
    async with visiting(scene.deps) as visitor:
        await visitor.sign_in()
        async with visitor.socket() as socket:
            await connected(visitor, 1)
            stopping = asyncio.create_task(visitor.server.stop())
            async with asyncio.timeout(3):
                message = await socket.receive()
                await stopping
    assert message.data == aiohttp.WSCloseCode.GOING_AWAY


async def test_the_phone_rings_on_every_page_that_shows_it(owner: Visitor) -> None:
    async with owner.socket() as socket:
        await connected(owner, 1)
        await owner.post("/api/v1/phone/type", {"text": "hello"})
        screen = await frame(socket, "phone")
    assert screen["messages"][-1]["text"] == "You said: hello"
