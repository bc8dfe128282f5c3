"""An account and an order desk that are not real: the matching engine behind the engine's own ports."""

from __future__ import annotations

from collections.abc import Mapping

from core.clock import Clock
from core.matching.checks import LATE
from core.matching.engine import MatchingEngine
from core.model.account import Balance
from core.model.errors import Rejected
from core.model.market import FeeRates
from core.model.money import Price
from core.model.orders import Fill, OrderReport, OrderRequest


class SimulatedVenue:
    """Account and Orders over a matching engine. Who owns it brings the quotes."""

    def __init__(self, matching: MatchingEngine, clock: Clock) -> None:
        self._matching = matching
        self._clock = clock

    async def balances(self) -> Mapping[str, Balance]:
        """By asset; assets with nothing are left out."""
        return {asset: one for asset, one in self._matching.balances().items() if one.total}

    async def open_orders(self) -> list[OrderReport]:
        return self._matching.open_orders()

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        """Closed, cancelled and expired orders since then, oldest first."""
        return [one for one in self._matching.closed_orders() if (one.closed_ms or 0) >= since_ms]

    async def fills(self, since_ms: int) -> list[Fill]:
        """Every execution since then, oldest first."""
        found: list[Fill] = []
        for fill in reversed(self._matching.register.fills):
            if fill.time_ms < since_ms:
                break
            found.append(fill)
        return found[::-1]

    async def fees(self, symbol: str) -> FeeRates:
        return self._matching.rates(symbol, self._clock.market_ms())

    def forget(self) -> None:
        """A simulated exchange is always asked itself."""

    async def place(self, request: OrderRequest) -> str:
        """The txid; empty for an order that was only validated. Raises Rejected."""
        return self._matching.submit(request, self._clock.market_ms()).txid

    async def cancel(self, txid: str) -> None:
        """Rejected when it is not open any more."""
        self._matching.cancel(txid, self._clock.market_ms())

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        """Move a resting stop's trigger in place."""
        now_ms = self._clock.market_ms()
        if now_ms > deadline_ms:
            raise Rejected(LATE)
        self._matching.amend(txid, now_ms, price=price)

    async def order(self, txid: str) -> OrderReport:
        report = self._matching.order(txid)
        if report is None:
            raise Rejected("EOrder:Unknown order")
        return report

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        """The order with this client id, or None: a simulated answer is never uncertain."""
        return self._matching.find(cl_ord_id)
