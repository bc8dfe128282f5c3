"""The exchange's REST door without any socket: a call comes in as values, its reply goes out as values.

The HTTP server and in-memory transports stand in front of it. Every call first lets the market live up to
the present moment; faults strike before or after it counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.model.errors import Rejected
from core.sim.kraken import private
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.faults import Fault, Faults
from core.sim.kraken.params import Params
from core.sim.kraken.public import PUBLIC, Encoded, upcoming_maintenances

_HTML = "<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"
_LONGEST_TIMEOUT_S = 60.0
MOST_AT_ONCE = 15
PRIVATE_PATH = "/0/private/"
STATUS_PAGE = "/api/v2/scheduled-maintenances/upcoming.json"


@dataclass(frozen=True, slots=True)
class Ask:
    """One HTTP call. `query` are its URL's arguments, header names are as Kraken writes them.

    `address` is where it comes from.
    """

    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    address: str = ""

    @property
    def method(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Reply:
    """What comes back; with `cut` nothing does, and the connection ends after `wait_s` wall seconds."""

    body: str
    status: int = 200
    content_type: str = "application/json"
    cut: bool = False
    wait_s: float = 0.0


class Door:
    """Answers every call of one exchange."""

    def __init__(self, open_exchange: Callable[[], Exchange], gate: Gatekeeper) -> None:
        self._open_exchange, self._gate = open_exchange, gate
        self._inside: Counter[str] = Counter()  # calls of each key that are not answered yet

    def enter(self, ask: Ask) -> Reply | None:
        """A private call begins, and must `leave`; the refusal instead when its key has too many at once."""
        exchange, key = self._open_exchange(), ask.headers.get("API-Key", "")
        if key and exchange.limits.enforced and self._inside[key] >= MOST_AT_ONCE:
            until = exchange.now_ms() // 1000 + 1
            return Reply(json.dumps({"error": [f"EService: Throttled: {until}"]}))
        self._inside[key] += 1
        return None

    def leave(self, ask: Ask) -> None:
        self._inside[ask.headers.get("API-Key", "")] -= 1

    @property
    def _faults(self) -> Faults:
        return self._open_exchange().faults

    def delay_ms(self, ask: Ask) -> int:
        """How much market time a call spends on its way before it arrives."""
        fault = self._faults.strike(ask.method, "way")
        return int(float(fault.value or 0) * 1000) if fault is not None else 0

    def ask(self, ask: Ask) -> Reply:
        """The reply to one call."""
        fault = self._faults.strike(ask.method, "before")
        if fault is not None:
            return _failure(fault, "{}")
        body = self._envelope(ask)
        fault = self._faults.strike(ask.method, "after")
        return _failure(fault, body) if fault is not None else Reply(body)

    def _envelope(self, ask: Ask) -> str:
        exchange = self._open_exchange()
        exchange.advance()
        if ask.path == STATUS_PAGE:
            return json.dumps(upcoming_maintenances(exchange))
        try:
            result = (
                self._private(exchange, ask) if ask.path.startswith(PRIVATE_PATH) else _public(exchange, ask)
            )
        except Rejected as refusal:
            return json.dumps({"error": [str(refusal)]})
        text = result if isinstance(result, Encoded) else json.dumps(result)
        return f'{{"error":[],"result":{text}}}'

    def _private(self, exchange: Exchange, ask: Ask) -> Any:
        key, now_ms = ask.headers.get("API-Key", ""), exchange.now_ms()
        params = Params.of_body(ask.body, ask.headers.get("Content-Type", ""), key)
        nonce = params.text("nonce")
        self._gate.admit(key, ask.headers.get("API-Sign", ""), ask.path, nonce, ask.body, now_ms)
        exchange.books.note_nonce(key, self._gate.last_nonce(key))
        exchange.limits.call(key, ask.method, now_ms)
        return private.call(exchange, self._gate, ask.method, params)


def _public(exchange: Exchange, ask: Ask) -> Any:
    if exchange.customs.public_calls_limited:
        exchange.limits.public(ask.address, exchange.now_ms())
    handler = PUBLIC.get(ask.method)
    if handler is None:
        raise Rejected(private.UNKNOWN_METHOD)
    form = Params.of_body(ask.body, ask.headers.get("Content-Type", "")) if ask.body else Params({})
    return handler(exchange, form.over(ask.query))


def _failure(fault: Fault, body: str) -> Reply:
    if fault.kind in ("timeout", "reset"):
        wait_s = min(float(fault.value or _LONGEST_TIMEOUT_S), _LONGEST_TIMEOUT_S)
        return Reply("", cut=True, wait_s=wait_s if fault.kind == "timeout" else 0.0)
    if fault.kind == "status":
        return Reply(_HTML, status=int(fault.value or 503), content_type="text/html")
    if fault.kind == "html":
        return Reply(_HTML, content_type="text/html")
    text = {
        "empty": '{"error":[]}',
        "truncated": body[: len(body) // 2],
        "error": json.dumps({"error": [fault.value or "EService:Busy"]}),
    }[fault.kind]
    return Reply(text)
