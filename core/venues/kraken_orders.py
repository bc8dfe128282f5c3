"""The only hands at Kraken: orders sent once, with our id, a deadline and fees in quote money."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from core.model.errors import Rejected, Transient, UnknownOutcome
from core.model.market import Pair
from core.model.money import Price, plain, to_grid
from core.model.orders import OrderReport, OrderRequest, OrderType, TimeInForce
from core.venues import kraken_shapes as shapes
from core.venues.kraken_lane import Lane, ServerTime
from core.venues.kraken_market import KrakenMarket

_TRAILING = (OrderType.TRAILING_STOP, OrderType.TRAILING_STOP_LIMIT)


class KrakenOrders:
    """The Orders port over AddOrder, AmendOrder, CancelOrder and the questions about single orders."""

    def __init__(self, lane: Lane, market: KrakenMarket, server_time: ServerTime) -> None:
        self._lane = lane
        self._market = market
        self._server_time = server_time

    async def place(self, request: OrderRequest) -> str:
        """Send one order once and return its txid, empty for a validated one.

        Raises Rejected when it is off the pair's grid or refused; UnknownOutcome when it may exist.
        """
        pair = await self._pair_for(request.symbol)
        _check_grid(request, pair)
        result = await self._lane.write("AddOrder", **self._fields(request, pair))
        if request.validate_only:
            return ""
        txids = result.get("txid")
        try:
            return shapes.name_of(txids[0] if isinstance(txids, list) and txids else None)
        except shapes.BadShape as error:
            raise UnknownOutcome("Kraken took the order without giving its number") from error

    async def _pair_for(self, symbol: str) -> Pair:
        try:
            pair = (await self._market.known()).pairs.get(symbol)
        except Transient as error:
            raise Rejected(f"Nothing was sent: the grid of {symbol} is not known yet. {error}") from error
        if pair is None:
            raise Rejected(f"Nothing was sent: Kraken has no pair {symbol}.")
        return pair

    def _fields(self, request: OrderRequest, pair: Pair) -> dict[str, str]:
        fields = {
            "pair": pair.venue_id, "type": request.side.value, "ordertype": request.type.value,
            "volume": plain(request.qty), "oflags": "fciq,post" if request.post_only else "fciq",
            "cl_ord_id": request.cl_ord_id,
        }  # fmt: skip
        if request.price is not None:
            fields["price"] = f"{'+' if request.type in _TRAILING else ''}{plain(request.price)}"
        if request.limit_price is not None:
            fields["price2"] = plain(request.limit_price)
        if request.close_stop is not None:
            fields |= {"close[ordertype]": "stop-loss", "close[price]": plain(request.close_stop)}
        return fields | self._times(request) | ({"validate": "true"} if request.validate_only else {})

    def _times(self, request: OrderRequest) -> dict[str, str]:
        """Our times as Kraken's clock would show them."""
        fields: dict[str, str] = {}
        if request.time_in_force is not TimeInForce.GTC:
            fields["timeinforce"] = request.time_in_force.value.upper()
        if request.expire_ms is not None:
            fields["expiretm"] = str(-(-(request.expire_ms + self._server_time.offset_ms) // 1000))
        if request.deadline_ms is not None:
            fields["deadline"] = self._deadline(request.deadline_ms)
        return fields

    def _deadline(self, market_ms: int) -> str:
        return rfc3339(market_ms + self._server_time.offset_ms)

    async def cancel(self, txid: str) -> None:
        """Raises Rejected when it is not open any more."""
        result = await self._lane.write("CancelOrder", txid=txid)
        count = shapes.total(result)
        if count is None:
            raise UnknownOutcome("Kraken did not say what was cancelled")
        if count == 0:
            raise Rejected("Kraken cancelled nothing: that order is not open any more")

    async def raise_stop(self, txid: str, price: Price, deadline_ms: int) -> None:
        """Move a resting stop's trigger in place; its number and its place in the queue stay."""
        fields = {"txid": txid, "trigger_price": plain(price), "deadline": self._deadline(deadline_ms)}
        result = await self._lane.write("AmendOrder", **fields)
        if not isinstance(result.get("amend_id"), str):
            raise UnknownOutcome("Kraken did not confirm the new stop")

    async def order(self, txid: str) -> OrderReport:
        """Raises Rejected when Kraken knows no such order, Transient when it gave no usable answer."""
        result = await self._lane.ask("QueryOrders", txid=txid)
        if txid not in result:
            raise shapes.BadShape(f"Kraken did not answer for order {txid}")
        return shapes.order(txid, result[txid], (await self._market.known()).symbol)

    async def find(self, cl_ord_id: str, since_ms: int) -> OrderReport | None:
        """The order with this id of ours, or None after valid answers from open and closed ones.

        An order moves from open to closed and never back, so open ones are asked first. Whether closed ones
        are found by this id is not documented: all that closed since then are looked through as well.
        """
        start = str(max(since_ms // 1000 - 1, 0))
        for path, name, params in (
            ("OpenOrders", "open", {"cl_ord_id": cl_ord_id}),
            ("ClosedOrders", "closed", {"cl_ord_id": cl_ord_id, "start": start}),
        ):
            if found := await self._among(path, name, cl_ord_id, params):
                return found
        return await self._among_recent(cl_ord_id, start)

    async def _among_recent(self, cl_ord_id: str, start: str) -> OrderReport | None:
        offset = 0
        while True:
            result = await self._lane.ask("ClosedOrders", start=start, ofs=str(offset))
            rows = shapes.member(result, "closed", dict)
            if found := await self._ours(rows, cl_ord_id):
                return found
            offset += max(len(rows), 1)
            if not rows or offset >= (shapes.total(result) or 0):
                return None

    async def _among(
        self, path: str, name: str, cl_ord_id: str, params: dict[str, str]
    ) -> OrderReport | None:
        return await self._ours(shapes.member(await self._lane.ask(path, **params), name, dict), cl_ord_id)

    async def _ours(self, rows: dict[str, object], cl_ord_id: str) -> OrderReport | None:
        named = (await self._market.known()).symbol
        orders = (shapes.order(txid, row, named) for txid, row in rows.items())
        return next((one for one in orders if _same_id(one.cl_ord_id, cl_ord_id)), None)


def _same_id(told: str | None, ours: str) -> bool:
    """Kraken keeps a UUID as a number: dashes and case may come back otherwise."""
    return told is not None and told.replace("-", "").lower() == ours.replace("-", "").lower()


def _check_grid(request: OrderRequest, pair: Pair) -> None:
    """Refuse what Kraken would: a price or quantity between two steps is a mistake on our side."""
    for price in (request.price, request.limit_price, request.close_stop):
        if price is not None and _off(price, pair.tick):
            raise Rejected(f"{plain(price)} is off the price step {plain(pair.tick)} of {pair.symbol}")
    if _off(request.qty, pair.lot) or request.qty <= 0:
        raise Rejected(f"{plain(request.qty)} is off the quantity step {plain(pair.lot)} of {pair.symbol}")


def _off(value: Decimal, step: Decimal) -> bool:
    return not value.is_finite() or to_grid(value, step) != value


def rfc3339(time_ms: int) -> str:
    """A moment as Kraken's `deadline` wants it, to the millisecond, UTC."""
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03d}Z"
