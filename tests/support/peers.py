"""Servers that others wrote, each a process of its own on a free loopback port."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.support.process import ROOT, eventually

NPM = ROOT / "tools" / "peers" / "node_modules"
PYTHON = ROOT / ".venv-peers" / "bin"
TELEGRAM_TEST_API = NPM / "telegram-test-api"
AIMOCK = NPM / ".bin" / "llmock"
PRISM = NPM / ".bin" / "prism"
AXE = NPM / "axe-core" / "axe.min.js"
LLMOCK = PYTHON / "llmock"
MOCKPOST = PYTHON / "mockpost"
_SLOW_START_S = 60.0


def need(*peers: Path) -> None:
    """Skip the test, saying why, where a peer is not installed; .ci/run installs them all."""
    for peer in peers:
        if not peer.exists():
            pytest.skip(f"the peer {peer.name} is not installed here; tools/install_peers.sh does it")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def running(
    command: Sequence[str | Path], folder: Path, ready: str, env: Mapping[str, str] | None = None
) -> AsyncIterator[list[str]]:
    """The peer, once `ready` answers, with the lines it prints; killed afterwards."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        *map(str, command), cwd=folder, stdin=asyncio.subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "NODE_PATH": str(NPM), **(env or {})},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    lines: list[str] = []
    reader = asyncio.create_task(_read(process, lines))
    try:
        await eventually(lambda: _answers(process, ready, lines), _SLOW_START_S, f"{Path(command[0]).name}")
        yield lines
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await reader


async def _read(process: asyncio.subprocess.Process, lines: list[str]) -> None:
    assert process.stdout is not None
    async for line in process.stdout:
        lines.append(line.decode(errors="replace").rstrip())


async def _answers(process: asyncio.subprocess.Process, ready: str, lines: list[str]) -> bool:
    assert process.returncode is None, "the peer ended:\n" + "\n".join(lines)
    try:
        async with aiohttp.ClientSession() as session, session.get(ready):
            return True
    except aiohttp.ClientError:
        return False
