"""What Kraken says the account holds and did: every page, each fact once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Any

from core.clock import Clock
from core.model.account import Balance
from core.model.market import FeeRates
from core.model.orders import Fill, OrderReport
from core.venues import kraken_shapes as shapes
from core.venues.kraken_market import KrakenMarket

PAGE = 50
MOST_PAGES = 2000
Read = Callable[..., Awaitable[dict[str, Any]]]

FEES_AGE_MS = 86_400_000  # market time a fee rate is believed: the tiers follow the volume of 30 days


class KrakenAccount:
    """The Account port over Kraken's private reads."""

    def __init__(
        self,
        read: Read,
        market: KrakenMarket,
        clock: Clock,
        traded: Collection[str] = (),
        fees: dict[str, tuple[int, FeeRates]] | None = None,
    ) -> None:
        """`read` asks within the budget or at once: `Lane.read` or `Lane.ask`.

        `traded` are the symbols whose fees are asked for together, for a call costs the same for any number;
        `fees` is a memory of rates and their time that is shared with another.
        """
        self._read = read
        self._traded = traded
        self._market = market
        self._clock = clock
        self._fees: dict[str, tuple[int, FeeRates]] = {} if fees is None else fees

    async def balances(self) -> Mapping[str, Balance]:
        """By asset, tradable ones only. An empty account is believed only when it is said twice."""
        result = await self._read("BalanceEx")
        return shapes.balances(result or await self._read("BalanceEx"))

    async def open_orders(self) -> list[OrderReport]:
        named = (await self._market.known()).symbol
        rows = shapes.member(await self._read("OpenOrders"), "open", dict)
        return sorted((shapes.order(txid, row, named) for txid, row in rows.items()), key=_by_opening)

    async def closed_orders(self, since_ms: int) -> list[OrderReport]:
        """Closed, cancelled and expired since then, oldest first; a cancelled one may have filled in part."""
        named = (await self._market.known()).symbol
        rows = await self._all_pages("ClosedOrders", "closed", since_ms, closetime="close")
        orders = [shapes.order(txid, row, named) for txid, row in rows.items()]
        return sorted((one for one in orders if (one.closed_ms or 0) >= since_ms), key=_by_closing)

    async def fills(self, since_ms: int) -> list[Fill]:
        named = (await self._market.known()).symbol
        rows = await self._all_pages("TradesHistory", "trades", since_ms)
        fills = [shapes.fill(trade_id, row, named) for trade_id, row in rows.items()]
        return sorted(
            (one for one in fills if one.time_ms >= since_ms), key=lambda one: (one.time_ms, one.id)
        )

    async def fees(self, symbol: str) -> FeeRates:
        """The account's real rates for a pair, believed for a day."""
        now = self._clock.market_ms()
        known = self._fees.get(symbol)
        if known and now - known[0] < FEES_AGE_MS:
            return known[1]
        await self._market.pair(symbol)
        pairs = await self._market.pairs()
        names = {one: pairs[one].venue_id for one in (symbol, *self._traded) if one in pairs}
        result = await self._read("TradeVolume", pair=",".join(names.values()))
        told = shapes.member(result, "fees", dict)
        for one, name in names.items():
            if one == symbol or name in told:
                self._fees[one] = (now, shapes.fees(result, name))
        return self._fees[symbol][1]

    async def socket_token(self) -> str:
        """Opens the private socket once, within fifteen minutes."""
        return shapes.token(await self._read("GetWebSocketsToken"))

    async def permissions(self) -> frozenset[str]:
        """What the key may do."""
        return shapes.permissions(await self._read("GetApiKeyInfo"))

    async def _all_pages(self, path: str, name: str, since_ms: int, **params: str) -> dict[str, Any]:
        """Every row since then by id.

        Kraken's `start` is exclusive and counts whole seconds here, so it begins a second early. New rows
        push older ones to later pages while we read: rows come twice then, which a dictionary forgives, and
        none is lost.
        """
        start, rows = str(max(since_ms // 1000 - 1, 0)), {}
        for page in range(MOST_PAGES):
            result = await self._read(path, start=start, ofs=str(page * PAGE), **params)
            found = shapes.member(result, name, dict)
            rows.update(found)
            count = shapes.total(result)
            done = len(found) < PAGE if count is None else (page + 1) * PAGE >= count
            if done or not found:
                return rows
        raise shapes.BadShape(f"{path} does not come to an end")


def _by_opening(one: OrderReport) -> tuple[int, str]:
    return one.opened_ms, one.txid


def _by_closing(one: OrderReport) -> tuple[int, str]:
    return one.closed_ms or 0, one.txid
