"""The real Zyn as a process of its own, between local servers that the test holds in its hands."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import aiohttp

from core.model.errors import Refused

ROOT = Path(__file__).parents[2]
T = TypeVar("T")


class ZynProcess:
    """`python -m bot` with an environment of its own; what it prints is kept."""

    def __init__(self, folder: Path, env: Mapping[str, str], *arguments: str) -> None:
        self._folder = folder
        self._env = {
            "PATH": os.environ["PATH"], "HOME": str(folder), "PYTHONPATH": str(ROOT),
            "ZYN_DATA_DIR": str(folder / "data"), "WEB_PORT": "0", **env,
        }  # fmt: skip
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self.lines: list[str] = []

    async def start(self, until: str = "Zyn is up") -> str:
        """Run until a line with `until` is printed; that line. Fails with all output when it ends before."""
        self.lines = []
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", *self._arguments, cwd=self._folder, env=self._env,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        self._reader = asyncio.create_task(self._read())
        await eventually(self._said(until), 40, f"a line with {until!r}")
        line = next((line for line in self.lines if until in line), "")
        assert line, "Zyn ended:\n" + "\n".join(self.lines)
        return line

    def _said(self, until: str) -> Callable[[], Awaitable[bool]]:
        async def said() -> bool:
            ended = self._process is not None and self._process.returncode is not None
            return ended or any(until in line for line in self.lines)

        return said

    async def _read(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        async for line in self._process.stdout:
            self.lines.append(line.decode(errors="replace").rstrip())

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def kill(self) -> None:
        """kill -9: no goodbye."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """SIGTERM; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        if process.returncode is None:
            process.send_signal(how)
        code = await asyncio.wait_for(process.wait(), 20)
        if self._reader is not None:
            await self._reader
        return code


class Page:
    """A signed-in browser without a window: the JSON of /api/v1."""

    def __init__(self, base: str, session: aiohttp.ClientSession) -> None:
        self.base = base
        self._session = session

    @classmethod
    @asynccontextmanager
    async def of(cls, line: str) -> AsyncIterator[Page]:
        """Sign in by the one-time link of the line that Zyn printed."""
        base, token = re.search(r"http://\S+", line)[0].split("/login?token=")  # type: ignore[index]
        async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
            answer = await session.post(f"{base}/login", data={"token": token}, headers={"Origin": base})
            assert answer.status == 200
            yield cls(base, session)

    async def data(self, what: str) -> Any:
        """The data of one resource."""
        async with self._session.get(f"{self.base}/api/v1/{what}") as answer:
            assert answer.status == 200, await answer.text()
            return (await answer.json())["data"]

    async def change(self, what: str, body: Mapping[str, Any]) -> Any:
        """The data that a change answers, with the session's token. Raises Refused with what was said."""
        async with self._session.get(f"{self.base}/api/v1/status") as answer:
            headers = {"X-CSRF-Token": answer.headers["X-CSRF-Token"]}
        async with self._session.post(f"{self.base}/api/v1/{what}", json=body, headers=headers) as answer:
            told = await answer.json()
            if answer.status != 200:
                raise Refused(told["error"]["message"], told["error"]["code"])
            return told["data"]

    async def whole(self, what: str) -> Any:
        """The whole envelope of one resource."""
        async with self._session.get(f"{self.base}/api/v1/{what}") as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def text(self, path: str) -> str:
        async with self._session.get(f"{self.base}{path}") as answer:
            assert answer.status == 200
            return await answer.text()


async def eventually(check: Callable[[], Awaitable[T]], seconds: float, what: str) -> T:
    """The first true answer of `check` within the time. Fails naming what was waited for."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await check()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, f"{what} did not come within {seconds} s"
        await asyncio.sleep(0.1)
