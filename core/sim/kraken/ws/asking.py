"""Reads a subscription: which channel, which markets, which options; refused in Kraken's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.model.errors import Rejected
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.ohlc import INTERVALS
from core.sim.kraken.ws.frames import Json

MARKET_CHANNELS = ("ticker", "ohlc", "trade", "book")
# What a key must be allowed for each, one of several.
PRIVATE_CHANNELS = {
    "executions": ("query-open-trades", "query-closed-trades"),
    "balances": ("query-funds",),
}
DEPTHS = (10, 25, 100, 500, 1000)
_TRIGGERS = ("trades", "bbo")


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that can be subscribed to; two that are equal are the same subscription."""

    channel: str
    symbol: str = ""
    interval: int = 0
    depth: int = 0
    event_trigger: str = "trades"
    unknown: bool = False  # no such market

    @property
    def options(self) -> dict[str, Any]:
        return {"interval": self.interval, "depth": self.depth, "event_trigger": self.event_trigger}

    def echo(self, params: Json) -> Json:
        """What an acknowledgement repeats."""
        result: Json = {"channel": self.channel}
        if self.symbol:
            result["symbol"] = self.symbol
        if self.channel == "executions":
            snapshots = {"snap_orders": True, "snap_trades": False}
            return result | {name: params.get(name, usual) is True for name, usual in snapshots.items()}
        result["snapshot"] = params.get("snapshot", True) is not False
        if self.channel == "ohlc":
            result["interval"] = self.interval
        if self.channel == "book":
            result["depth"] = self.depth
        if self.channel == "ticker":
            result["event_trigger"] = self.event_trigger
        return result


def read_subscription(exchange: Exchange, params: Json, private: bool) -> list[Asked]:
    """What is asked for, one a market; Rejected when the request as a whole makes no sense."""
    channel = params.get("channel")
    if isinstance(channel, str) and channel in PRIVATE_CHANNELS:
        if not private:
            raise Rejected(
                "Private data and trading are unavailable on this endpoint. Try ws-auth.kraken.com"
            )
        return [Asked(channel)]
    if channel not in (*MARKET_CHANNELS, "instrument"):
        raise Rejected("Subscription name invalid")
    if private:
        raise Rejected("Public market data subscriptions are unavailable on this endpoint. Try ws.kraken.com")
    if channel == "instrument":
        return [Asked(channel)]
    return [_market(exchange, channel, symbol, params) for symbol in _symbols(params)]


def _symbols(params: Json) -> list[str]:
    symbols = params.get("symbol")
    if not isinstance(symbols, list) or not symbols or not all(isinstance(one, str) for one in symbols):
        raise Rejected("Symbol field must be an array")
    return list(dict.fromkeys(symbols))


def _market(exchange: Exchange, channel: str, symbol: str, params: Json) -> Asked:
    return Asked(
        channel,
        symbol,
        interval=_one_of(params, "interval", INTERVALS, "ohlc interval") if channel == "ohlc" else 0,
        depth=_one_of(params, "depth", DEPTHS, "depth") if channel == "book" else 0,
        event_trigger=_trigger(params) if channel == "ticker" else "trades",
        unknown=symbol not in exchange.listing.by_symbol,
    )


def _one_of(params: Json, name: str, allowed: tuple[int, ...], spoken: str) -> int:
    value = params.get(name, allowed[0])
    if isinstance(value, bool) or not isinstance(value, int):
        raise Rejected(f"Subscription {'book ' * (name == 'depth')}{spoken} must be an integer")
    if value not in allowed:
        raise Rejected(f"Subscription {spoken} not supported")
    return value


def _trigger(params: Json) -> str:
    trigger = params.get("event_trigger", "trades")
    if trigger not in _TRIGGERS:
        raise Rejected("Subscription event_trigger not supported")
    return str(trigger)
