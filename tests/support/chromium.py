"""Drives Debian's Chromium over its debugging socket: go, look, click, type, take pictures."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

BINARY = Path("/usr/bin/chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--mute-audio", "--remote-debugging-port=0",
)  # fmt: skip
PATIENCE_S = 10.0


class PageError(AssertionError):
    """A script on the page failed, or something did not come to be in time."""


@dataclass
class Browser:
    """One running Chromium."""

    socket: aiohttp.ClientWebSocketResponse
    waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)
    pages: dict[str, Page] = field(default_factory=dict)
    contexts: list[str] = field(default_factory=list)
    last_id: int = 0

    async def call(self, method: str, session: str = "", **params: Any) -> dict[str, Any]:
        self.last_id += 1
        number = self.last_id
        frame: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session:
            frame["sessionId"] = session
        self.waiting[number] = asyncio.get_running_loop().create_future()
        await self.socket.send_str(json.dumps(frame))
        async with asyncio.timeout(PATIENCE_S):
            return await self.waiting[number]

    async def read(self) -> None:
        async for message in self.socket:
            frame = json.loads(message.data)
            if "id" in frame:
                self._settle(frame)
            elif page := self.pages.get(frame.get("sessionId", "")):
                page.happened(frame["method"], frame["params"])

    def _settle(self, frame: dict[str, Any]) -> None:
        future = self.waiting.pop(frame["id"])
        if future.done():
            return
        if "error" in frame:
            future.set_exception(PageError(frame["error"]["message"]))
        else:
            future.set_result(frame["result"])

    async def page(self, width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        """A fresh window with cookies of its own."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        self.contexts.append(context)
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = Page(self, attached["sessionId"])
        self.pages[page.session] = page
        for domain in ("Page", "Runtime", "Log", "Network"):
            await page.call(f"{domain}.enable")
        await page.resize(width, height)
        await page.prefer(scheme)
        return page

    async def close_pages(self) -> None:
        """Leave no window behind that would go on asking a site that is gone."""
        contexts, self.contexts = self.contexts, []
        self.pages.clear()
        for context in contexts:
            await self.call("Target.disposeBrowserContext", browserContextId=context)


@dataclass
class Page:
    """One window. `problems` collects what the console and the security policy complain about."""

    browser: Browser
    session: str
    problems: list[str] = field(default_factory=list)
    bytes_in: int = 0
    loaded: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        return await self.browser.call(method, self.session, **params)

    def happened(self, method: str, params: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description") or details["text"])
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
        elif method == "Network.loadingFinished":
            self.bytes_in += int(params["encodedDataLength"])
        elif method == "Page.loadEventFired":
            self.loaded.set()

    async def resize(self, width: int, height: int) -> None:
        mobile = width < 600
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=2 if mobile else 1, mobile=mobile,
        )  # fmt: skip

    async def prefer(self, scheme: str, motion: str = "no-preference") -> None:
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        await self.call("Emulation.setEmulatedMedia", features=features)

    async def go(self, url: str) -> None:
        self.loaded.clear()
        await self.call("Page.navigate", url=url)
        async with asyncio.timeout(PATIENCE_S):
            await self.loaded.wait()

    async def js(self, expression: str) -> Any:
        """The value of an expression, awaited when it is a promise."""
        answer = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            raise PageError(details.get("exception", {}).get("description") or details["text"])
        return answer["result"].get("value")

    async def until(self, expression: str, patience_s: float = PATIENCE_S) -> None:
        """Wait for an expression to be true. Raises PageError when it does not become so."""
        for _ in range(round(patience_s / 0.04)):
            if await self._try(f"Boolean({expression})"):
                return
            await asyncio.sleep(0.04)
        raise PageError(f"never became true: {expression}; console: {self.problems}")

    async def _try(self, expression: str) -> Any:
        # While a page is being left there is no place to evaluate in.
        with contextlib.suppress(PageError):
            return await self.js(expression)
        return None

    async def text(self, selector: str) -> str:
        return str(await self.js(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    async def click(self, selector: str) -> None:
        """Click in the middle of an element with a real mouse."""
        find = f"document.querySelector({json.dumps(selector)})"
        await self.until(f"{find} && !{find}.disabled")
        await self.js(f"{find}.scrollIntoView({{block: 'center'}})")
        await self.js(f"globalThis.zynBox = {find}.getBoundingClientRect()")
        box = await self.js("[zynBox.x + zynBox.width / 2, zynBox.y + zynBox.height / 2]")
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=box[0], y=box[1], button="left", clickCount=1
            )

    async def type(self, text: str) -> None:
        await self.call("Input.insertText", text=text)

    async def key(self, name: str, code: int = 0, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            extra = {"text": text} if text and kind == "keyDown" else {}
            await self.call(
                "Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, **extra
            )

    async def tab(self) -> None:
        await self.key("Tab", 9)

    async def enter(self) -> None:
        await self.key("Enter", 13, "\r")

    async def picture(self, path: Path, *, whole: bool = False) -> None:
        """A PNG of the window, or of the whole page."""
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        await asyncio.to_thread(path.write_bytes, base64.b64decode(shot["data"]))


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A headless Chromium with an empty profile, gone afterwards."""
    profile = tempfile.mkdtemp(prefix="zyn-chromium-")
    process = await asyncio.create_subprocess_exec(
        str(BINARY), *FLAGS, f"--user-data-dir={profile}", "about:blank",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with (
            aiohttp.ClientSession() as http,
            http.ws_connect(await _address(process), max_msg_size=0) as socket,
        ):
            browser = Browser(socket)
            reading = asyncio.create_task(browser.read())
            try:
                yield browser
            finally:
                with contextlib.suppress(Exception):
                    await browser.call("Browser.close")
                reading.cancel()
    finally:
        await _end(process)
        shutil.rmtree(profile, ignore_errors=True)


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(30):
        while line := (await process.stderr.readline()).decode(errors="replace"):
            if "DevTools listening on " in line:
                return line.partition("DevTools listening on ")[2].strip()
    raise PageError("Chromium did not start")


async def _end(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError, TimeoutError):
        async with asyncio.timeout(5):
            await process.wait()
            return
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
