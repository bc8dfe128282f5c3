"""Pages, styles and scripts, read once into memory; the chart's script comes from its installed wheel.

The pages name their files under a version, the digest of all of them: a browser keeps such a file for good
and asks for nothing twice. Without the version a file is served too, to be asked for again every time.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import importlib.resources
import importlib.util
import re
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
LOGIN_FILES = frozenset({"base.css", "login.css", "mark.svg"})
IMPORTED = re.compile(r'^import .* from "\./([\w-]+\.js)";$', re.MULTILINE)
FOR_GOOD, ASK_AGAIN = "private, max-age=31536000, immutable", "no-cache"


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
        self._version = ""

    def fill(self) -> None:
        """Read everything; blocking, so call it in a thread."""
        room = importlib.resources.files("web")
        for file in (*(room / "static").iterdir(), _chart_script()):
            suffix = "." + file.name.rpartition(".")[2]
            if suffix in TYPES:
                self._assets[file.name] = _asset(file.read_bytes(), TYPES[suffix])
        whole = "".join(f"{name} {self._assets[name].etag}\n" for name in sorted(self._assets))
        self._version = hashlib.sha256(whole.encode()).hexdigest()[:12]
        texts = {
            page.name.removesuffix(".html"): page.read_text("utf-8") for page in (room / "pages").iterdir()
        }
        top = texts.pop("top").strip()
        for name, text in texts.items():
            self._pages[name] = Template(self._bound(text.replace("$top", _top_of(name, top))))

    def _bound(self, text: str) -> str:
        """A page with its files under their version, and every module it comes to named at once."""
        script = re.search(r'src="/static/([\w-]+\.js)"', text)
        names = self._modules(script[1]) if script else []
        hints = "".join(f'  <link rel="modulepreload" href="/static/{name}">\n' for name in names)
        return text.replace("</head>", f"{hints}</head>").replace('"/static/', f'"/static/{self._version}/')

    def _modules(self, first: str) -> list[str]:
        """What a module imports, directly or by others."""
        found, names = {first}, [first]
        for name in names:
            for needed in IMPORTED.findall(self._assets[name].body.decode()):
                if needed not in found:
                    found.add(needed)
                    names.append(needed)
        return names[1:]

    def open_to_all(self, path: str) -> bool:
        """Whether the door's page needs it."""
        return path == "/favicon.ico" or path.rpartition("/")[2] in LOGIN_FILES

    def page(self, name: str, status: int = 200, **words: str) -> web.Response:
        """A page with its words filled in, escaped, and never cached."""
        safe = {key: html.escape(word, quote=True) for key, word in words.items()}
        text = self._pages[name].substitute(safe)
        return web.Response(
            text=text, status=status, content_type="text/html", headers={"Cache-Control": "no-store"}
        )

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One asset, not sent again while the browser's copy is the same."""
        version = request.match_info.get("version", "")
        asset = self._assets.get(request.match_info.get("file", "mark.svg"))
        if asset is None or version not in ("", self._version):
            raise web.HTTPNotFound
        kept = FOR_GOOD if version else ASK_AGAIN
        headers = {"ETag": asset.etag, "Cache-Control": kept, "Vary": "Accept-Encoding"}
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
