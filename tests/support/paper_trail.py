"""An exchange's histories and ledgers as Kraken's JSON, fifty rows a page and newest first."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core.sim.kraken.ledger import Ledger
from core.sim.kraken.listing import Listing
from core.sim.kraken.wire import Wire
from core.venues.kraken_account import KrakenAccount
from core.venues.kraken_names import PairBook, bundled_book
from tests.support.lossy import LossyVenue
from tests.support.trading import PAIRS

PAGE = 50
_LISTING = Listing()
_WIRE = Wire(_LISTING)
_MONEY = {code: name for name, code in ((n, _LISTING.assets[n].code) for n in ("USD", "BTC", "ETH"))}


class _Names:
    """What an account needs of a market: the names of its pairs."""

    async def known(self) -> PairBook:
        return bundled_book({symbol: _LISTING.pairs[symbol] for symbol in PAIRS}, "USD")


class PaperTrail:
    """Answers Kraken's private questions about one matching engine."""

    def __init__(self, venue: LossyVenue) -> None:
        self._venue = venue
        self.asked = 0
        self.account = KrakenAccount(self.ask, _Names(), venue._clock)  # type: ignore[arg-type]

    async def ask(self, path: str, **params: str) -> dict[str, Any]:
        """The answer as it comes off the wire, numbers kept as they are written."""
        self.asked += 1
        answer: dict[str, Any] = json.loads(json.dumps(self._answer(path, params)), parse_float=str)
        return answer

    def _answer(self, path: str, params: dict[str, str]) -> dict[str, Any]:
        """One page of one history; `start` is exclusive, in whole seconds."""
        engine = self._venue.matching
        after = float(params.get("start", "-1"))
        if path == "BalanceEx":
            return {
                _LISTING.assets[name].code: {"balance": f"{one.total:f}", "hold_trade": f"{one.held:f}"}
                for name, one in engine.balances().items()
            }
        if path == "OpenOrders":
            return {"open": {one.txid: _WIRE.order(one) for one in engine.register.open_orders()}}
        if path == "ClosedOrders":
            closed = [
                (one.txid, _WIRE.order(one))
                for one in reversed(engine.register.closed.values())
                if (one.closed_ms or 0) / 1000 > after
            ]
            return _page("closed", closed, params)
        if path == "TradesHistory":
            trades = [
                (fill.id, _WIRE.trade(fill, engine.register.orders[fill.order_txid]))
                for fill in reversed(engine.register.fills)
                if fill.time_ms / 1000 > after
            ]
            return _page("trades", trades, params)
        if path == "TradeVolume":
            rate = {"fee": "0.2600"}
            return {"currency": "ZUSD", "volume": "0", "fees": {params["pair"]: rate}, "fees_maker": {}}
        raise AssertionError(f"nobody should ask {path}")


def _page(name: str, rows: list[tuple[str, Any]], params: dict[str, str]) -> dict[str, Any]:
    first = int(params.get("ofs", "0"))
    return {name: dict(rows[first : first + PAGE]), "count": len(rows)}


def ledger_rows(ledger: Ledger) -> Iterable[dict[str, Any]]:
    """The exchange's ledger as it is exported, oldest first, assets by their usual names."""
    for entry in ledger.entries:
        row = _WIRE.ledger(entry)
        yield {**row, "asset": _MONEY[row["asset"]]}
