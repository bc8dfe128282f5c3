"""One connection, without any socket: text comes in by `hear`, frames wait in `outbox`.

A session belongs to a Hub, which tells it what happened. It speaks Kraken's WebSocket v2: status on connect,
an acknowledgement a symbol, snapshots, updates, heartbeats, pongs, and orders over the same form as REST.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from core.matching.register import Event
from core.model.errors import Rejected
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.tokens import INVALID
from core.sim.kraken.ws.account_feeds import BalancesFeed, ExecutionsFeed
from core.sim.kraken.ws.asking import PRIVATE_CHANNELS, Asked, read_subscription
from core.sim.kraken.ws.frames import Json, data_frame, encode, stamp
from core.sim.kraken.ws.host import Host
from core.sim.kraken.ws.instruments import InstrumentFeed
from core.sim.kraken.ws.market_feeds import Feed, feed_of
from core.sim.kraken.ws.trading import METHODS, trade

HEARTBEAT_S = 1.0
IDLE_S = 60.0
_VERSION = "2.0.10"


class Session:
    """What one client asked for and what it has yet to be sent."""

    def __init__(self, hub: Host, private: bool, number: int) -> None:
        self._hub, self.private, self._number = hub, private, number
        self.outbox: list[str] = []
        self.closed = False
        self.wake: Callable[[], None] = lambda: None  # called when the outbox fills, or the session ends
        self._feeds: dict[Asked, Feed] = {}
        self._instruments: InstrumentFeed | None = None
        self._executions: ExecutionsFeed | None = None
        self._balances: BalancesFeed | None = None
        self._tokens: dict[str, str] = {}  # used on this connection -> key: they live as long as it does
        self._status = ""
        self._silent = False  # half open: nothing goes in or out, and nobody is told
        self._held: list[str] = []  # frames that the next one will overtake
        self._late: list[tuple[int, str]] = []  # market ms when each is due
        self._spoke = self._heard = hub.monotonic()
        self.tell_status()

    # What the client says.

    def hear(self, text: str) -> None:
        """Take one message and put the answers into the outbox."""
        if self._silent:
            return
        self._heard = self._hub.monotonic()
        time_in = stamp(self._hub.exchange.advance())
        try:
            message = json.loads(text, parse_float=Decimal)
            method, params = message["method"], message.get("params") or {}
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            self._answer({"error": "Malformed request", "success": False}, time_in, None)
            return
        self._obey(str(method), params if isinstance(params, dict) else {}, time_in, message.get("req_id"))

    def heard_something(self) -> bool:
        """A ping of the protocol itself keeps the connection alive too; whether to answer it."""
        self._heard = self._hub.monotonic()
        return not self._silent

    def _obey(self, method: str, params: Json, time_in: str, req_id: Any) -> None:
        if method == "ping":
            self._answer({"method": "pong"}, time_in, req_id)
        elif method in ("subscribe", "unsubscribe"):
            self._subscription(method, params, time_in, req_id)
        elif method in METHODS and self.private:
            for answer in trade(self._hub, method, params, self._key_of):
                self._answer({"method": method} | answer, time_in, req_id)
        else:
            words = "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com"
            known = method in METHODS
            self._refuse(method, words if known else f"Unsupported method: {method}", time_in, req_id)

    def _subscription(self, method: str, params: Json, time_in: str, req_id: Any) -> None:
        try:
            wanted = read_subscription(self._hub.exchange, params, self.private)
        except Rejected as refusal:
            self._refuse(method, str(refusal), time_in, req_id)
            return
        for asked in wanted:
            try:
                result = asked.echo(params)
                if method == "subscribe":
                    result |= self._begin(asked, params)
                else:
                    self._end(asked, params)
            except Rejected as refusal:
                self._refuse(method, str(refusal), time_in, req_id, asked.symbol)
            else:
                self._answer({"method": method, "result": result, "success": True}, time_in, req_id)
                if method == "subscribe":
                    self._snapshot(asked, params)

    def _begin(self, asked: Asked, params: Json) -> Json:
        """Start a feed; what the acknowledgement adds."""
        if self._has(asked):
            raise Rejected("Already subscribed")
        if asked.channel in PRIVATE_CHANNELS:
            return self._begin_private(asked, self._key_of(str(params.get("token", ""))), params)
        if asked.channel == "instrument":
            self._instruments = InstrumentFeed(self._hub.exchange)
            return {}
        if asked.unknown:
            raise Rejected(f"Currency pair not supported {asked.symbol}")
        exchange = self._hub.exchange
        listed = exchange.listing.by_symbol[asked.symbol]
        self._feeds[asked] = feed_of(exchange, asked.channel, listed, asked.options)
        return {}

    def _begin_private(self, asked: Asked, key: str, params: Json) -> Json:
        self._hub.gate.check_permission(key, PRIVATE_CHANNELS[asked.channel])
        if asked.channel == "balances":
            self._balances = BalancesFeed(self._hub.exchange)
            return {}
        every_turn = params.get("order_status", True) is not False
        counter = self._hub.counter_of(key) if params.get("ratecounter") is True else None
        self._executions = ExecutionsFeed(self._hub.exchange, every_turn=every_turn, counter=counter)
        return {"maxratecount": self._hub.exchange.limits.most_orders}

    def _end(self, asked: Asked, params: Json) -> None:
        if not self._has(asked):
            raise Rejected("Subscription Not Found")
        if asked.channel == "instrument":
            self._instruments = None
        elif asked.channel == "executions":
            self._executions = None
        elif asked.channel == "balances":
            self._balances = None
        else:
            del self._feeds[asked]

    def _has(self, asked: Asked) -> bool:
        single = {
            "instrument": self._instruments,
            "executions": self._executions,
            "balances": self._balances,
        }
        return asked in self._feeds if asked.channel not in single else single[asked.channel] is not None

    def _snapshot(self, asked: Asked, params: Json) -> None:
        if asked.channel == "executions" and self._executions is not None:
            orders, trades = params.get("snap_orders", True), params.get("snap_trades", False)
            self.say(self._executions.snapshot(orders is not False, trades is True), "executions")
        elif params.get("snapshot", True) is False:
            self._look_at(asked)
        elif asked.channel == "balances" and self._balances is not None:
            self.say(self._balances.snapshot(), "balances")
        elif asked.channel == "instrument" and self._instruments is not None:
            self.say(self._instruments.snapshot(), "instrument")
        else:
            self.say(self._look_at(asked), asked.channel)

    def _look_at(self, asked: Asked) -> str:
        """A feed knows from here on what changes; the text is its snapshot."""
        feed = self._feeds.get(asked)
        return feed.snapshot(self._hub.step) if feed is not None else ""

    def _key_of(self, token: str) -> str:
        """The key behind a token; one that this connection has used lives as long as the connection."""
        key = self._tokens.get(token)
        if key is None:
            if not token:
                raise Rejected(INVALID)
            key = self._tokens[token] = self._hub.exchange.tokens.key_of(token)
        return key

    # What the hub tells.

    @property
    def subscribed(self) -> bool:
        return bool(self._feeds or self._instruments or self._executions or self._balances)

    def tell_status(self) -> None:
        """Say how the exchange is, on connecting and whenever that changes."""
        status = self._hub.exchange.engine.status.value
        if status != self._status:
            self._status = status
            row = {
                "version": _VERSION,
                "system": status,
                "api_version": "v2",
                "connection_id": self._number,
            }
            self.say(data_frame("status", "update", [row]), "status")

    def market_moved(self, since: int, step: int) -> None:
        for asked, feed in self._feeds.items():
            for frame in feed.news(since, step):
                self.say(frame, asked.channel)
        if self._instruments is not None:
            for frame in self._instruments.news():
                self.say(frame, "instrument")

    def booked(self, events: Sequence[Event], entries: Sequence[LedgerEntry]) -> None:
        if self._executions is not None:
            for frame in self._executions.news(events):
                self.say(frame, "executions")
        if self._balances is not None:
            for frame in self._balances.news(entries):
                self.say(frame, "balances")

    def time_passed(self) -> None:
        """Late frames, a heartbeat when nothing was said, the end when nobody wants anything any more."""
        self._release_late()
        now = self._hub.monotonic()
        if not self.subscribed and now - self._heard >= IDLE_S:
            self.close()
        elif self.subscribed and now - self._spoke >= HEARTBEAT_S:
            self.say('{"channel":"heartbeat"}', "heartbeat")

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._hub.gone(self)
            self.wake()

    # What goes out.

    def take(self) -> list[str]:
        """The frames that wait to be sent; they are sent now."""
        frames, self.outbox = self.outbox, []
        return frames

    def say(self, frame: str, channel: str) -> None:
        """Send a frame, unless a fault loses, doubles, delays or reorders it, or ends the connection."""
        self._spoke = self._hub.monotonic()
        fault = self._hub.exchange.faults.strike(channel, "frame")
        kind = fault.kind if fault is not None else ""
        if kind == "ws_disconnect":
            self.close()
        elif kind == "ws_silent":
            self._silent = True
        elif kind == "ws_reorder":
            self._held.append(frame)
        elif kind == "ws_late" and fault is not None:
            due_ms = self._hub.exchange.now_ms() + round(float(fault.value or 1) * 1000)
            self._late.append((due_ms, frame))
        elif kind != "ws_drop":
            self._put([frame] * (2 if kind == "ws_duplicate" else 1) + self._held)
            self._held = []

    def _put(self, frames: list[str]) -> None:
        if not self._silent:
            self.outbox += frames
            self.wake()

    def _release_late(self) -> None:
        now_ms = self._hub.exchange.now_ms()
        due = [frame for at_ms, frame in self._late if at_ms <= now_ms]
        if due:
            self._late = [(at_ms, frame) for at_ms, frame in self._late if at_ms > now_ms]
            self._put(due)

    def _refuse(self, method: str, words: str, time_in: str, req_id: Any, symbol: str = "") -> None:
        answer: Json = {"error": words, "method": method, "success": False}
        self._answer(answer | ({"symbol": symbol} if symbol else {}), time_in, req_id)

    def _answer(self, answer: Json, time_in: str, req_id: Any) -> None:
        answer |= {"time_in": time_in, "time_out": stamp(self._hub.exchange.now_ms())}
        if isinstance(req_id, int):
            answer["req_id"] = req_id
        self.say(encode(answer), str(answer.get("method", "")))
