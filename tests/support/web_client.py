"""A visitor of the pages: signs in as a browser does, and keeps its cookie and token."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from yarl import URL

from web.app import WebDeps, WebServer

PASSWORD = "correct horse battery"


class Visitor:
    """An HTTP client at the door of one site."""

    def __init__(self, http: aiohttp.ClientSession, base: str, server: WebServer) -> None:
        self.http = http
        self.base = base
        self.server = server
        self.csrf = ""

    async def raw(self, method: str, path: str, **more: Any) -> aiohttp.ClientResponse:
        more.setdefault("allow_redirects", False)
        url = URL(self.base + path, encoded="%" in path)
        response = await self.http.request(method, url, **more)
        await response.read()
        return response

    async def sign_in(self, password: str = PASSWORD) -> aiohttp.ClientResponse:
        response = await self.raw("POST", "/login", data={"password": password})
        if response.status == 303:
            self.csrf = (await self.raw("GET", "/api/v1/status")).headers["X-CSRF-Token"]
        return response

    async def get(self, path: str) -> Any:
        response = await self.raw("GET", path)
        assert response.status == 200, await response.text()
        return await response.json()

    async def change(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        raw: bytes | None = None,
        kind: str = "application/json",
    ) -> aiohttp.ClientResponse:
        given = {"X-CSRF-Token": self.csrf, **(headers or {})}
        if raw is not None:
            return await self.raw("POST", path, data=raw, headers={**given, "Content-Type": kind})
        return await self.raw("POST", path, json=body, headers=given)

    async def post(self, path: str, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Any:
        response = await self.change(path, body, headers)
        assert response.status == 200, await response.text()
        return await response.json()

    def socket(self, **headers: str) -> Any:
        return self.http.ws_connect(f"{self.base}/ws", headers=headers)


@asynccontextmanager
async def visiting(deps: WebDeps) -> AsyncIterator[Visitor]:
    """A site on a free port of loopback, and someone who has not signed in yet."""
    server = WebServer(deps)
    base = await server.start("127.0.0.1", 0)
    jar = aiohttp.CookieJar(unsafe=True)
    try:
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            yield Visitor(http, base, server)
    finally:
        await server.stop()
