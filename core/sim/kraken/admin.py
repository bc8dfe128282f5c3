"""The switches of /__sim__: hands on the market, the account, the clock and the faults."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from core.clock import ScaledClock
from core.model.errors import Rejected
from core.model.market import ExchangeStatus
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.faults import Fault, Faults
from core.sim.kraken.public import find_pair

Json = dict[str, Any]


class Admin:
    """What `POST /__sim__/<name>` does; reading is `GET` where there is something to read."""

    def __init__(self, open_exchange: Callable[[], Exchange], faults: Faults) -> None:
        self._open_exchange, self._faults = open_exchange, faults
        self._posts: dict[str, Callable[[Json], Json]] = {
            "clock": self._set_clock,
            "faults": self._add_fault,
            "quote": self._push_quote,
            "balance": self._move_balance,
            "status": self._set_status,
        }
        self._gets: dict[str, Callable[[], Json]] = {"clock": self._clock, "faults": self._list_faults}

    @property
    def _exchange(self) -> Exchange:
        return self._open_exchange()

    def do(self, verb: str, name: str, body: Json) -> tuple[int, Json]:
        """HTTP status and answer of one switch."""
        try:
            self._exchange.advance()
            return 200, self._find(verb, name)(body)
        except (Rejected, KeyError, TypeError, ValueError, InvalidOperation) as wrong:
            return 400, {"error": str(wrong)}

    def _find(self, verb: str, name: str) -> Callable[[Json], Json]:
        if verb == "DELETE" and name == "faults":
            return self._clear_faults
        if verb == "GET" and name in self._gets:
            return lambda _: self._gets[name]()
        if verb == "POST" and name in self._posts:
            return self._posts[name]
        raise Rejected(f"there is no switch {verb} {name}")

    def _clock(self) -> Json:
        return {"now_ms": self._exchange.now_ms(), "speed": self._exchange.clock.speed}

    def _set_clock(self, body: Json) -> Json:
        clock = self._exchange.clock
        if not isinstance(clock, ScaledClock):
            raise Rejected("this exchange's clock has no speed to change")
        clock.set_speed(float(body["speed"]))
        return self._clock()

    def _list_faults(self) -> Json:
        return {"faults": self._faults.pending()}

    def _add_fault(self, body: Json) -> Json:
        self._faults.add(Fault.of_json(body))
        return self._list_faults()

    def _clear_faults(self, body: Json) -> Json:
        self._faults.clear()
        return self._list_faults()

    def _push_quote(self, body: Json) -> Json:
        symbol = find_pair_or_symbol(self._exchange, str(body["pair"]))
        quote = self._exchange.push_price(symbol, Decimal(str(body["price"])))
        return {"pair": symbol, "bid": str(quote.bid), "ask": str(quote.ask), "last": str(quote.last)}

    def _move_balance(self, body: Json) -> Json:
        asset = self._exchange.listing.asset_name(str(body["asset"]))
        if asset is None:
            raise Rejected("EQuery:Unknown asset")
        self._exchange.deposit(asset, Decimal(str(body["amount"])))
        return {"asset": asset, "balance": str(self._exchange.engine.balances()[asset].total)}

    def _set_status(self, body: Json) -> Json:
        self._exchange.engine.status = ExchangeStatus(body["status"])
        return {"status": self._exchange.engine.status.value}


def find_pair_or_symbol(exchange: Exchange, name: str) -> str:
    """A symbol as Zyn writes it (BTC/USD), given by that or by any of Kraken's names."""
    if name in exchange.listing.pairs:
        return name
    return find_pair(exchange, name).pair.symbol
