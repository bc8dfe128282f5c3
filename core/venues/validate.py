"""The validate world's orders: Kraken checks each one without placing it, the paper account books it."""

from __future__ import annotations

from dataclasses import replace

from core.engine.ports import Orders
from core.model.errors import Rejected, UnknownOutcome
from core.model.money import Price
from core.model.orders import OrderReport, OrderRequest


class ValidateOrders:
    """The Orders port over two: `kraken` says whether it would accept an order, `paper` then has it."""

    def __init__(self, kraken: Orders, paper: Orders) -> None:
        self._kraken = kraken
        self._paper = paper

    async def place(self, request: OrderRequest) -> str:
        """The paper account's txid. Raises Rejected when Kraken or the paper account says no."""
        try:
            await self._kraken.place(replace(request, validate_only=True))
        except UnknownOutcome as error:
            # A validated order cannot exist at Kraken, whatever became of the answer.
            raise Rejected(f"Kraken did not check the order, so it was not booked: {error}") from error
        return await self._paper.place(request)

    async def cancel(self, txid: str) -> None:
        await self._paper.cancel(txid)

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        await self._paper.raise_stop(txid, price, deadline_ms)

    async def order(self, txid: str) -> OrderReport:
        return await self._paper.order(txid)

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        return await self._paper.find(cl_ord_id, since_ms)
