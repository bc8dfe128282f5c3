"""The local Kraken's WebSocket side without a socket: frames go in and come out as objects."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.clock import ManualClock
from core.matching.customs import Customs
from core.sim.kraken.admin import Admin
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.books import Books
from core.sim.kraken.exchange import Exchange, Founding
from core.sim.kraken.listing import Listing
from core.sim.kraken.params import Params
from core.sim.kraken.private import call
from core.sim.kraken.public import PUBLIC
from core.sim.kraken.ws.hub import Hub
from core.sim.kraken.ws.session import Session

START_MS = 1_790_000_000_000
KEY = "key"


class Wire:
    """One connection, spoken to in objects; numbers come back as decimals."""

    def __init__(self, hub: Hub, session: Session) -> None:
        self.hub, self.session = hub, session

    def say(self, method: str, **params: Any) -> None:
        self.session.hear(json.dumps({"method": method, "params": params, "req_id": 7}))

    def subscribe(self, channel: str, **params: Any) -> list[dict[str, Any]]:
        self.say("subscribe", channel=channel, **params)
        return self.frames()

    def frames(self, channel: str = "") -> list[dict[str, Any]]:
        """What waited to be sent."""
        taken = [json.loads(text, parse_float=Decimal) for text in self.session.take()]
        return [frame for frame in taken if not channel or frame.get("channel") == channel]

    def rows(self, channel: str) -> list[dict[str, Any]]:
        return [row for frame in self.frames(channel) for row in frame["data"]]


class Floor:
    """An exchange in memory, its hub and its clock."""

    def __init__(
        self, *, tier: str = "", customs: Customs | None = None, cash: Decimal = Decimal(100_000)
    ) -> None:
        self.clock = ManualClock(START_MS)
        self.books = Books(None)
        founding = Founding(start_cash=cash, customs=customs or Customs(), tier=tier)
        self.exchange = Exchange(self.clock, founding, self.books, Listing())
        self.gate = Gatekeeper({})
        self.hub = Hub(self.exchange, self.gate)
        self.admin = Admin(lambda: self.exchange, self.hub.close)

    def connect(self, *, private: bool = False) -> Wire:
        return Wire(self.hub, self.hub.connect(private))

    def token(self) -> str:
        return self.exchange.tokens.issue(KEY)

    def account(self, channel: str, **params: Any) -> Wire:
        """A connection that follows a private channel; what it was sent so far is read."""
        wire = self.connect(private=True)
        wire.subscribe(channel, token=self.token(), **params)
        return wire

    def call(self, method: str, **values: Any) -> Any:
        """A private call over REST."""
        self.exchange.advance()
        return call(self.exchange, self.gate, method, Params(values, KEY))

    def ask(self, method: str, **values: Any) -> Any:
        """A public call over REST."""
        self.exchange.advance()
        return PUBLIC[method](self.exchange, Params(values))

    def switch(self, name: str, **body: Any) -> Any:
        """A switch of /__sim__ that must work."""
        status, answer = self.admin.do("POST", name, body)
        assert status == 200, answer
        return answer

    def order(self, **values: Any) -> str:
        usual = {"pair": "XBTUSD", "type": "buy", "ordertype": "market", "volume": "0.01"}
        return str(self.call("AddOrder", **usual | values)["txid"][0])

    def wait(self, seconds: float) -> None:
        self.clock.advance(round(seconds * 1000))
        self.exchange.advance()

    def price(self, price: str, symbol: str = "BTC/USD") -> None:
        """Move a market by hand in the next step; orders live through it."""
        self.wait(STEP_MS / 1000)
        self.exchange.push_price(symbol, Decimal(price))

    def last(self, symbol: str = "BTC/USD") -> Decimal:
        return self.exchange.market.quote(symbol, self.exchange.now_ms()).last


def recorded(shared: Path | None, name: str) -> dict[str, Any] | None:
    file = shared / "data/market/kraken_responses/nautilus" / name if shared else None
    return json.loads(file.read_text()) if file is not None and file.exists() else None


def same_fields(theirs: dict[str, Any] | None, ours: dict[str, Any]) -> None:
    """Every field of a recorded object is ours too, as the same kind of JSON value."""
    for name, value in (theirs or {}).items():
        assert name in ours, name
        number = isinstance(value, int | float)
        assert isinstance(ours[name], int | float | Decimal) if number else type(ours[name]) is type(value), (
            name
        )
