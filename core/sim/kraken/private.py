"""Kraken's private endpoints by name, what a key must be allowed for each, and the one way to call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.model.errors import Rejected
from core.sim.kraken import history_calls, money_calls, order_calls
from core.sim.kraken.auth import Gatekeeper
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.params import Params
from core.sim.kraken.public import Handler

UNKNOWN_METHOD = "EGeneral:Unknown method"

_TRADES, _CANCELS = ("modify-trades",), ("modify-trades", "close-trades")
PRIVATE: Mapping[str, tuple[Handler, tuple[str, ...]]] = {
    "Balance": (money_calls.balance, ("query-funds",)),
    "BalanceEx": (money_calls.balance_ex, ("query-funds",)),
    "TradeBalance": (money_calls.trade_balance, ("query-funds",)),
    "TradeVolume": (money_calls.trade_volume, ("query-funds",)),
    "Ledgers": (money_calls.ledgers, ("query-ledger",)),
    "QueryLedgers": (money_calls.query_ledgers, ("query-ledger",)),
    "GetWebSocketsToken": (money_calls.websockets_token, ("create-ws-token",)),
    "OpenOrders": (history_calls.open_orders, ("query-open-trades",)),
    "ClosedOrders": (history_calls.closed_orders, ("query-closed-trades",)),
    "QueryOrders": (history_calls.query_orders, ("query-open-trades", "query-closed-trades")),
    "TradesHistory": (history_calls.trades_history, ("query-closed-trades",)),
    "QueryTrades": (history_calls.query_trades, ("query-closed-trades",)),
    "AddOrder": (order_calls.add_order, _TRADES),
    "AddOrderBatch": (order_calls.add_order_batch, _TRADES),
    "AmendOrder": (order_calls.amend_order, _TRADES),
    "CancelOrder": (order_calls.cancel_order, _CANCELS),
    "CancelOrderBatch": (order_calls.cancel_order_batch, _CANCELS),
    "CancelAll": (order_calls.cancel_all, _CANCELS),
    "CancelAllOrdersAfter": (order_calls.cancel_all_after, _CANCELS),
}


def call(exchange: Exchange, gate: Gatekeeper, method: str, params: Params) -> Any:
    """Answer a private call of `params.key`, whoever brought it; Rejected in Kraken's words."""
    if method == "GetApiKeyInfo":
        return key_info(gate, params.key, exchange.now_ms())
    if method not in PRIVATE:
        raise Rejected(UNKNOWN_METHOD)
    handler, needed = PRIVATE[method]
    gate.check_permission(params.key, needed)
    return handler(exchange, params)


def key_info(gate: Gatekeeper, key: str, now_ms: int) -> dict[str, Any]:
    """What GetApiKeyInfo says of the calling key; it needs no permission."""
    return {
        "api_key_name": "local",
        "api_key": key,
        "nonce": str(gate.last_nonce(key)),
        "nonce_window": str(gate.window(key)),
        "permissions": list(gate.may(key)),
        "iban": "",
        "valid_until": "0",
        "query_from": "0",
        "query_to": "0",
        "created_time": "0",
        "modified_time": "0",
        "ip_allowlist": [],
        "last_used": str(now_ms // 1000),
    }
