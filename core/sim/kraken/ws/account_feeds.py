"""The private channels: what happens to an account's orders, and to its balances."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from zlib import crc32

from core.matching.orders import TRAILING, CloseTemplate, CoinFeeFill, Order
from core.matching.register import Event
from core.model.orders import Fill, OrderType
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.ws.frames import Json, data_frame, stamp

_SNAPSHOT_TRADES = 50
_PLAIN_TURNS = ("new", "filled", "canceled", "expired", "trade")


class Counter:
    """Numbers the messages of one subscription from 1."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        self._last += 1
        return self._last


class ExecutionsFeed:
    """Every turn in the life of every order, each in a message of its own.

    `counter` reads the order counter of a market, for those who asked for it.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        every_turn: bool = True,
        counter: Callable[[str], float] | None = None,
    ) -> None:
        self._exchange, self._every_turn, self._counter = exchange, every_turn, counter
        self._sequence = Counter()

    def snapshot(self, orders: bool, trades: bool) -> str:
        register = self._exchange.engine.register
        rows = [self._open(order) for order in register.open_orders()] if orders else []
        if trades:
            rows += [
                self._trade(fill, register.orders[fill.order_txid])
                for fill in register.fills[-_SNAPSHOT_TRADES:]
            ]
        return data_frame("executions", "snapshot", rows, self._sequence.next())

    def news(self, events: Sequence[Event]) -> Iterator[str]:
        for event in events:
            if self._every_turn or event.kind in _PLAIN_TURNS:
                row = self._row(event)
                if self._counter is not None:
                    row["ratecounter"] = int(self._counter(event.order.symbol))
                yield data_frame("executions", "update", [row], self._sequence.next())

    def _row(self, event: Event) -> Json:
        order = event.order
        if event.fill is not None:
            return self._trade(event.fill, order) | self._totals(event)
        row: Json = {"order_id": order.txid, "order_userref": order.terms.userref, **_named(order)}
        row |= {"exec_type": event.kind, "order_status": _status(event), "timestamp": stamp(event.time_ms)}
        if event.kind == "pending_new":
            return row | self._terms(order, order.trigger) | {"cum_cost": 0, "fee_usd_equiv": 0}
        if event.kind == "new":
            return row
        row |= self._totals(event)
        if event.kind in ("canceled", "expired"):
            row |= {"cancel_reason": order.reason, "reason": order.reason}
        if event.kind in ("amended", "restated", "status"):
            row |= self._terms(order, event.trigger) | {"amended": order.amended}
        return row

    def _open(self, order: Order) -> Json:
        """An open order whole, as a snapshot holds it."""
        event = Event("new", order, order.opened_ms, order.filled, order.cost, order.fee, order.trigger)
        return {
            "order_id": order.txid,
            "order_userref": order.terms.userref,
            **_named(order),
            "exec_type": "new",
            "order_status": "partially_filled" if order.filled else "new",
            "timestamp": stamp(order.opened_ms),
            **self._terms(order, order.trigger),
            **self._totals(event),
            "amended": order.amended,
        }

    def _terms(self, order: Order, trigger: Decimal | None) -> Json:
        """What an order asks for."""
        request = order.request
        row: Json = {
            "symbol": order.symbol,
            "side": order.side.value,
            "order_type": order.type.value,
            "order_qty": order.qty,
            "time_in_force": request.time_in_force.value.upper(),
            "fee_ccy_pref": "fcib" if "fcib" in order.terms.flags else "fciq",
            "stop_price": trigger or Decimal(0),
            "margin": False,
        }
        if order.limit is not None:
            row |= {"limit_price": order.limit, "limit_price_type": "static"}
        if request.post_only:
            row["post_only"] = True
        if request.expire_ms is not None:
            row["expire_time"] = stamp(request.expire_ms)
        if order.parent_txid is not None:
            row["ord_ref_id"] = order.parent_txid
        if order.type not in (OrderType.LIMIT, OrderType.MARKET):
            row["triggers"] = _triggers(order, trigger)
        template = order.close_template()
        return row | ({"contingent": _contingent(template)} if template else {})

    def _totals(self, event: Event) -> Json:
        average = event.cost / event.filled if event.filled else Decimal(0)
        places = self._exchange.listing.by_symbol[event.order.symbol].pair_decimals
        return {
            "cum_qty": event.filled,
            "cum_cost": event.cost,
            "avg_price": average.quantize(Decimal(1).scaleb(-places)),
            "fee_usd_equiv": self._dollars(event.order.symbol, event.fee),
        }

    def _trade(self, fill: Fill, order: Order) -> Json:
        return {
            "order_id": order.txid,
            "order_userref": order.terms.userref,
            **_named(order),
            "exec_id": fill.id,
            "exec_type": "trade",
            "trade_id": crc32(fill.id.encode()),
            "symbol": fill.symbol,
            "side": fill.side.value,
            "last_qty": fill.qty,
            "last_price": fill.price,
            "liquidity_ind": "m" if fill.maker else "t",
            "cost": fill.cost,
            "order_type": order.type.value,
            "timestamp": stamp(fill.time_ms),
            "order_status": "partially_filled",
            "fee_usd_equiv": self._dollars(fill.symbol, fill.fee),
            "fees": [_fee(order, fill)],
        }

    def _dollars(self, symbol: str, amount: Decimal) -> Decimal:
        return amount * Decimal(self._exchange.listing.by_symbol[symbol].quote_dollars)


def _named(order: Order) -> Json:
    return {"cl_ord_id": order.request.cl_ord_id} if order.request.cl_ord_id else {}


def _status(event: Event) -> str:
    if event.kind in ("amended", "restated", "status"):
        return "partially_filled" if event.filled else "new"
    return event.kind


def _triggers(order: Order, trigger: Decimal | None) -> Json:
    kind = _offset_kind(order.terms.trail_percent) if order.type in TRAILING else "static"
    return {
        "reference": order.terms.trigger,
        "price": order.price if order.price is not None else Decimal(0),
        "price_type": kind,
        "actual_price": trigger if trigger is not None else Decimal(0),
        "status": "triggered" if order.triggered else "untriggered",
    }


def _contingent(template: CloseTemplate) -> Json:
    if template.type is OrderType.LIMIT:
        return {"order_type": "limit", "limit_price": template.price, "limit_price_type": "static"}
    row: Json = {"order_type": template.type.value, "trigger_price": template.price}
    trails = template.type in TRAILING
    row["trigger_price_type"] = _offset_kind(template.trail_percent) if trails else "static"
    if template.limit_price is not None:
        row |= {"limit_price": template.limit_price, "limit_price_type": "quote" if trails else "static"}
    return row


def _offset_kind(percent: bool) -> str:
    return "pct" if percent else "quote"


def _fee(order: Order, fill: Fill) -> Json:
    if isinstance(fill, CoinFeeFill):
        return {"asset": order.pair.base, "qty": fill.coin_fee}
    return {"asset": order.pair.quote, "qty": fill.fee}


class BalancesFeed:
    """What the account holds, then every movement as the ledger booked it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._sequence = Counter()

    def snapshot(self) -> str:
        rows = [
            {
                "asset": name,
                "asset_class": "currency",
                "balance": balance.total,
                "wallets": [{"type": "spot", "id": "main", "balance": balance.total}],
            }
            for name, balance in self._exchange.engine.balances().items()
        ]
        return data_frame("balances", "snapshot", rows, self._sequence.next())

    def news(self, entries: Sequence[LedgerEntry]) -> Iterator[str]:
        for _, together in groupby(entries, key=lambda entry: entry.refid):
            rows = [_movement(entry) for entry in together]
            yield data_frame("balances", "update", rows, self._sequence.next())


def _movement(entry: LedgerEntry) -> Json:
    return {
        "ledger_id": entry.id,
        "ref_id": entry.refid,
        "timestamp": stamp(entry.time_ms),
        "type": entry.type,
        "asset": entry.asset,
        "asset_class": "currency",
        "category": entry.type,
        "wallet_type": "spot",
        "wallet_id": "main",
        "amount": entry.amount,
        "fee": entry.fee,
        "balance": entry.balance,
    }
