"""Models that others wrote: npm aimock, which says what a fixture says, and PyPI llmock, which misbehaves."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.peers import AIMOCK, LLMOCK, free_port, running

Fixture = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelPeer:
    """A server of a model, and the control address beside it."""

    session: aiohttp.ClientSession
    url: str

    @property
    def env(self) -> dict[str, str]:
        return {"OPENAI_API_KEY": "sk-peer", "OPENAI_BASE_URL": f"{self.url}/v1"}

    async def read(self, path: str) -> Any:
        async with self.session.get(f"{self.url}/{path}") as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def tell(self, path: str, given: Any) -> None:
        async with self.session.post(f"{self.url}/{path}", json=given) as response:
            assert response.status < 300, await response.text()

    async def heard(self) -> list[dict[str, Any]]:
        """aimock: the bodies of the chat requests so far, oldest first."""
        journal = await self.read("__aimock/journal")
        return [one["body"] for one in journal if one["path"] == "/v1/chat/completions"]

    async def behave(self, *behaviors: Fixture) -> None:
        """llmock: what the next requests get."""
        await self.tell("_llmock/scenario", {"behaviors": list(behaviors)})

    async def verdict(self) -> dict[str, Any]:
        """llmock: how the client took what it got."""
        found: dict[str, Any] = await self.read("_llmock/verdict")
        return found


def calls(said: str, *named: tuple[str, dict[str, Any]]) -> Fixture:
    """aimock: to a message with these words, call tools."""
    tools = [{"name": name, "arguments": arguments} for name, arguments in named]
    return {"match": {"userMessage": said, "hasToolResult": False}, "response": {"toolCalls": tools}}


def then_says(said: str, text: str) -> Fixture:
    """aimock: after the tools of a message with these words, say this."""
    return {"match": {"userMessage": said, "hasToolResult": True}, "response": {"content": text}}


def says(said: str, text: str) -> Fixture:
    """aimock: answer a message with these words at once."""
    return {"match": {"userMessage": said, "hasToolResult": False}, "response": {"content": text}}


@asynccontextmanager
async def aimock(folder: Path, *fixtures: Fixture) -> AsyncIterator[ModelPeer]:
    """aimock with these fixtures; a message that none of them knows is an error (--strict)."""
    kept = await asyncio.to_thread(_kept, folder, {"fixtures": fixtures})
    port = free_port()
    command = (AIMOCK, "-p", str(port), "-f", kept, "--strict", "--validate-on-load", "--log-level", "warn")
    url = f"http://127.0.0.1:{port}"
    async with running(command, folder, f"{url}/health"), aiohttp.ClientSession() as session:
        yield ModelPeer(session, url)


def _kept(folder: Path, fixtures: Fixture) -> Path:
    folder.mkdir(parents=True)
    kept = folder / "fixtures.json"
    kept.write_text(json.dumps(fixtures))
    return kept


@asynccontextmanager
async def llmock(folder: Path) -> AsyncIterator[ModelPeer]:
    """llmock, which answers well until it is told to `behave` otherwise."""
    port = free_port()
    command = (LLMOCK, "serve", "--port", str(port), "--log-level", "warning")
    url = f"http://127.0.0.1:{port}"
    async with running(command, folder, f"{url}/health"), aiohttp.ClientSession() as session:
        yield ModelPeer(session, url)
