"""Pages, styles and scripts, read once into memory; the chart's script comes from its installed wheel."""

from __future__ import annotations

import gzip
import hashlib
import html
import importlib.resources
import importlib.util
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from string import Template

from aiohttp import web

TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
CHART_WHEEL, CHART_SCRIPT = "bn_lightweight_charts", "js/lightweight-charts.js"
LOGIN_ASSETS = frozenset({"/static/base.css", "/static/login.css", "/static/mark.svg", "/favicon.ico"})


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent. `packed` is the body for clients that take gzip."""

    body: bytes
    packed: bytes
    etag: str
    type: str


class Shelf:
    """Every file the browser may ask for. Empty until `fill` has read the disk."""

    def __init__(self) -> None:
        self._assets: dict[str, Asset] = {}
        self._pages: dict[str, Template] = {}

    def fill(self) -> None:
        """Read everything; blocking, so call it in a thread."""
        room = importlib.resources.files("web")
        for file in (room / "static").iterdir():
            suffix = "." + file.name.rpartition(".")[2]
            if suffix in TYPES:
                self._assets[f"/static/{file.name}"] = _asset(file.read_bytes(), TYPES[suffix])
        self._assets["/favicon.ico"] = self._assets["/static/mark.svg"]
        self._assets["/vendor/lightweight-charts.js"] = _asset(_chart_script().read_bytes(), TYPES[".js"])
        texts = {
            page.name.removesuffix(".html"): page.read_text("utf-8") for page in (room / "pages").iterdir()
        }
        top = texts.pop("top").strip()
        for name, text in texts.items():
            self._pages[name] = Template(text.replace("$top", _top_of(name, top)))

    def page(self, name: str, status: int = 200, **words: str) -> web.Response:
        """A page with its words filled in, escaped, and never cached."""
        safe = {key: html.escape(word, quote=True) for key, word in words.items()}
        text = self._pages[name].substitute(safe)
        return web.Response(
            text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"}
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One asset, not sent again while the browser's copy is the same."""
        asset = self._assets.get(request.path)
        if asset is None:
            raise web.HTTPNotFound
        headers = {"ETag": asset.etag, "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match") == asset.etag:
            return web.Response(status=304, headers=headers)
        body = asset.body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = asset.packed, "gzip"
        return web.Response(body=body, content_type=asset.type, charset="utf-8", headers=headers)


def _top_of(page: str, top: str) -> str:
    """The head line that the pages share, with the page itself marked in it."""
    link = f'href="{"/" if page == "dashboard" else f"/{page}"}"'
    return top.replace(f"<a {link}", f'<a {link} aria-current="page"')


def _chart_script() -> Traversable:
    """The script inside the wheel, without running the wheel's code, which would import pandas."""
    spec = importlib.util.find_spec(CHART_WHEEL)
    if spec is None:
        raise FileNotFoundError(f"{CHART_WHEEL} is not installed; run `make setup` again")
    return importlib.resources.files(importlib.util.module_from_spec(spec)) / CHART_SCRIPT


def _asset(body: bytes, type: str) -> Asset:
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Asset(body, gzip.compress(body, 6, mtime=0), etag, type)
