"""A loopback WebSocket v2 server that tells what a test says and keeps what it was asked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

Frame = dict[str, Any]


@dataclass(slots=True)
class ScriptedSocket:
    """Both sockets of Kraken; a subscription is acknowledged and answered with the snapshot given for it."""

    url: str = ""
    asked: list[Frame] = field(default_factory=list)
    snapshots: dict[str, list[Frame]] = field(default_factory=dict)  # by channel, rows
    refusals: dict[str, str] = field(default_factory=dict)  # by channel, in Kraken's words
    connects: int = 0
    answers_pings: bool = True
    _lines: list[web.WebSocketResponse] = field(default_factory=list)
    _sequences: dict[str, int] = field(default_factory=dict)
    _runner: web.AppRunner | None = None

    async def start(self) -> ScriptedSocket:
        app = web.Application()
        app.router.add_get("/v2", self._serve)
        app.router.add_get("/auth/v2", self._serve)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"ws://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def stop(self) -> None:
        await self.hang_up()
        if self._runner:
            await self._runner.cleanup()

    def subscribed(self, channel: str) -> list[Frame]:
        """The parameters of every subscription to a channel."""
        wanted = [one["params"] for one in self.asked if one["method"] == "subscribe"]
        return [params for params in wanted if params["channel"] == channel]

    async def tell(self, channel: str, *rows: Frame, skip: int = 0, kind: str = "update") -> None:
        """An update on every open line; `skip` leaves out so many sequence numbers."""
        frame: Frame = {"channel": channel, "type": kind, "data": list(rows)}
        if channel in ("executions", "balances"):
            self._sequences[channel] = self._sequences.get(channel, 0) + 1 + skip
            frame["sequence"] = self._sequences[channel]
        await self.say(frame)

    async def say(self, frame: Frame | str) -> None:
        for line in [one for one in self._lines if not one.closed]:
            await line.send_str(frame if isinstance(frame, str) else json.dumps(frame))

    async def beat(self) -> None:
        await self.say({"channel": "heartbeat"})

    async def hang_up(self) -> None:
        lines, self._lines = self._lines, []
        for line in lines:
            await line.close()

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        line = web.WebSocketResponse(timeout=0.1)
        await line.prepare(request)
        self.connects += 1
        self._sequences.clear()
        self._lines.append(line)
        status = {"api_version": "v2", "connection_id": self.connects, "system": "online", "version": "2.0"}
        await line.send_json({"channel": "status", "type": "update", "data": [status]})
        async for message in line:
            if message.type is WSMsgType.TEXT:
                await self._obey(line, json.loads(message.data))
        return line

    async def _obey(self, line: web.WebSocketResponse, frame: Frame) -> None:
        self.asked.append(frame)
        if frame["method"] == "ping":
            if self.answers_pings:
                await line.send_json({"method": "pong", "req_id": frame["req_id"]})
            return
        params = frame["params"]
        channel, symbols = params["channel"], params.get("symbol", [""])
        for symbol in symbols:
            await line.send_json(self._answer(frame, channel, symbol))
        if frame["method"] == "subscribe" and channel not in self.refusals and params.get("snapshot", True):
            await self._snapshot(line, channel)

    def _answer(self, frame: Frame, channel: str, symbol: str) -> Frame:
        said = {"method": frame["method"], "req_id": frame["req_id"], "time_in": "", "time_out": ""}
        if channel in self.refusals:
            return said | {"error": self.refusals[channel], "success": False, "symbol": symbol}
        result = {"channel": channel, "snapshot": True} | ({"symbol": symbol} if symbol else {})
        if "interval" in frame["params"]:
            result["interval"] = frame["params"]["interval"]
        return said | {"result": result, "success": True}

    async def _snapshot(self, line: web.WebSocketResponse, channel: str) -> None:
        frame: Frame = {"channel": channel, "type": "snapshot", "data": self.snapshots.get(channel, [])}
        if channel in ("executions", "balances"):
            self._sequences[channel] = frame["sequence"] = 1
        await line.send_json(frame)


async def until(condition: Any, seconds: float = 3.0) -> None:
    """Let the loop run until `condition()` is true. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.002)
