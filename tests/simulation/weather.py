"""What is at fault just now: the line, the exchange's front, the disk. All drawn from the schedule's seed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import parse_qs

from aiohttp import web

from core.model.errors import StoreError
from core.venues.kraken_lane import ORDER
from core.venues.kraken_wire import WRITES
from tests.simulation.record import Record
from tests.support.virtual_network import Fate

Answer = Callable[[], Awaitable[web.StreamResponse]]

HTML = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
INVALID_NONCE = "EAPI:Invalid nonce"
# What a front says without having looked at the request.
REFUSALS = (
    "EAPI:Rate limit exceeded", "EOrder:Rate limit exceeded", "EGeneral:Temporary lockout",
    INVALID_NONCE, "EService:Market in cancel_only mode", "EService:Throttled: {now}",
)  # fmt: skip
FATAL = ("EAPI:Invalid key", "EGeneral:Permission denied")  # rare, and no outage: the key itself
ODD_FROM = 10_000  # from this seed on, a front says to orders what it says once in thousands of days
ODD_TIMES = 4  # and so much more often than on other days
# What it says whether the request counted or not.
UNCERTAIN = ("EService:Busy", "EService:Unavailable", "EService:Timeout", "EGeneral:Internal error")
STATUSES = (500, 502, 503, 504, 520, 522, 403, 404, 429)
DISK = {
    "full": "database or disk is full", "locked": "database is locked",
    "read-only": "attempt to write a readonly database", "failing": "disk I/O error",
}  # fmt: skip


@dataclass
class Weather:
    """How likely each kind of fault is, for one request or one write to the disk."""

    reads: float = 0.0
    writes: float = 0.0
    disk: float = 0.0
    disk_kind: str = "full"
    offline: bool = False
    slow: float = 0.0  # share of requests that travel for seconds

    @property
    def rough(self) -> bool:
        return bool(self.reads or self.writes or self.disk or self.offline)


def method_of(data: bytes) -> str:
    """The endpoint of an HTTP request's first line, or nothing."""
    target = data.split(b" ", 2)[1:2]
    return target[0].partition(b"?")[0].rpartition(b"/")[2].decode() if target else ""


def fields_of(data: bytes) -> dict[str, str]:
    """The form fields of a request."""
    body = data.partition(b"\r\n\r\n")[2].decode()
    return {name: values[0] for name, values in parse_qs(body).items()}


class Sky:
    """The weather and what it does: `fate` on the line, `front` before the exchange, `disk` at home."""

    def __init__(self, rng: Random, record: Record, now: Callable[[], float], odd: bool = False) -> None:
        self.now = Weather()
        self.nonces_to_refuse = 0  # of the next orders
        self._refused: set[str] = set()  # nonces whose second copy is refused like the first
        self._rng, self._record, self._clock, self._odd = rng, record, now, odd

    def _struck(self, method: str) -> bool:
        chance = self.now.writes if method in WRITES else self.now.reads
        chance *= ODD_TIMES if self._odd and method in WRITES else 1
        return bool(chance) and self._rng.random() < chance / 2

    def _fault(self, name: str, method: str) -> None:
        self._record.fault(f"{'write' if method in WRITES else 'read'} {name}", self._clock())

    def latency_s(self) -> float:
        if self.now.slow and self._rng.random() < self.now.slow:
            return self._rng.uniform(0.5, 4.0)
        return self._rng.uniform(0.003, 0.06)

    def late_s(self) -> float:
        return self._rng.uniform(0.5, 12.0)

    def fate(self, method: str) -> Fate:
        """What becomes of a request on the line."""
        if not self._struck(method):
            return Fate.WELL
        fates = [one for one in Fate if one is not Fate.WELL]
        if method == ORDER:
            fates.remove(Fate.OVERTAKEN)  # a line that no order meets: docs/decisions/0050
        fate = self._rng.choice(fates)
        self._fault(fate.value, method)
        return fate

    async def front(
        self, method: str, answer: Answer, nonce: Callable[[], Awaitable[str]]
    ) -> web.StreamResponse:
        """The exchange's front: replies that are none, before or after the request counted."""
        if self._refused and await nonce() in self._refused:
            return _envelope(INVALID_NONCE)
        if method == ORDER and self.nonces_to_refuse:
            self.nonces_to_refuse -= 1
            self._fault(f"answered {INVALID_NONCE}", method)
            self._refused |= {await nonce()} - {""}
            return _envelope(INVALID_NONCE)
        if not self._struck(method):
            return await answer()
        if self._rng.random() < 0.5:
            said = self._before(method)
            if method in WRITES and INVALID_NONCE in (said.text or ""):
                self._refused |= {await nonce()} - {""}
            return said
        return self._after(method, await answer())

    def _before(self, method: str) -> web.Response:
        said = self._rng.choice((*REFUSALS, *UNCERTAIN, *UNCERTAIN, "page", "page"))
        if said in REFUSALS and self._rng.random() < 0.02:
            said = self._rng.choice(FATAL)
        if self._odd and method in WRITES:
            said = self._rng.choice((*FATAL, "page"))
        if said == "page":
            return self._page(method, "unseen")
        self._fault(f"answered {said.partition(': ')[0]}", method)
        return _envelope(said.format(now=int(self._clock()) + 5))

    def _after(self, method: str, response: web.StreamResponse) -> web.StreamResponse:
        kind = self._rng.choice(("page", "empty", "truncated", "said", "nothing"))
        if kind == "page":
            return self._page(method, "counted")
        if kind == "said":
            said = self._rng.choice(UNCERTAIN)
            self._fault(f"counted, answered {said}", method)
            return _envelope(said)
        body = response.body if isinstance(response, web.Response) else b""
        text = body.decode() if isinstance(body, bytes) else ""
        self._fault(f"counted, answered {kind}", method)
        replies = {"empty": '{"error":[]}', "truncated": text[: len(text) // 2], "nothing": ""}
        return web.Response(text=replies[kind], content_type="application/json")

    def _page(self, method: str, when: str) -> web.Response:
        status = 200 if self._odd and when == "unseen" else self._rng.choice((200, *STATUSES))
        self._fault(f"{when}, answered HTML {'200' if status == 200 else str(status)[0] + 'xx'}", method)
        return web.Response(status=status, text=HTML, content_type="text/html")

    def disk(self) -> StoreError | None:
        """What the disk says to a write just now."""
        if not self.now.disk or self._rng.random() >= self.now.disk:
            return None
        self._record.fault(f"disk {self.now.disk_kind}", self._clock())
        return StoreError(f"trading_memory.db cannot be used: {DISK[self.now.disk_kind]}")


def _envelope(said: str) -> web.Response:
    return web.Response(text=json.dumps({"error": [said]}), content_type="application/json")
