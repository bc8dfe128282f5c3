"""The validate world: Kraken checks, the paper account books."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.model.errors import Rejected, UnknownOutcome, VenueError
from core.model.money import Price, Qty
from core.model.orders import OrderReport, OrderRequest, OrderStatus, OrderType, Side
from core.venues.validate import ValidateOrders

BUY = OrderRequest("id", "BTC/USD", Side.BUY, OrderType.MARKET, Qty(Decimal("0.001")))
REPORT = OrderReport(
    "P1", "id", "BTC/USD", Side.BUY, OrderType.MARKET, OrderStatus.CLOSED, Qty(Decimal("0.001"))
)


class Desk:
    """An order desk that keeps what it was asked, and may refuse."""

    def __init__(self, txid: str, refusal: VenueError | None = None) -> None:
        self.txid, self.refusal = txid, refusal
        self.placed: list[OrderRequest] = []
        self.touched: list[str] = []

    async def place(self, request: OrderRequest) -> str:
        self.placed.append(request)
        if self.refusal:
            raise self.refusal
        return self.txid

    async def cancel(self, txid: str) -> None:
        self.touched.append(f"cancel {txid}")

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        self.touched.append(f"raise {txid} {price} until {deadline_ms}")

    async def order(self, txid: str) -> OrderReport:
        self.touched.append(f"order {txid}")
        return REPORT

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        self.touched.append(f"find {cl_ord_id}")
        return REPORT


async def test_an_accepted_order_is_booked_on_paper_and_only_checked_at_kraken() -> None:
    kraken, paper = Desk(""), Desk("P1")
    assert await ValidateOrders(kraken, paper).place(BUY) == "P1"
    assert [one.validate_only for one in kraken.placed] == [True]
    assert paper.placed == [BUY]


@pytest.mark.parametrize("refusal", [Rejected("not enough funds"), UnknownOutcome("no answer in time")])
async def test_an_order_that_kraken_did_not_accept_is_not_booked(refusal: VenueError) -> None:
    paper = Desk("P1")
    with pytest.raises(Rejected):
        await ValidateOrders(Desk("", refusal), paper).place(BUY)
    assert paper.placed == []


async def test_everything_else_concerns_the_paper_account_alone() -> None:
    kraken, paper = Desk(""), Desk("P1")
    orders = ValidateOrders(kraken, paper)
    await orders.cancel("P1")
    await orders.raise_stop("P1", Price(Decimal(5)), 7)
    assert await orders.order("P1") == await orders.find("id", 0) == REPORT
    assert paper.touched == ["cancel P1", "raise P1 5 until 7", "order P1", "find id"]
    assert kraken.touched == []
