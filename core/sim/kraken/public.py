"""Kraken's public endpoints: what anybody may see of the market."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from core.matching.fees import PUBLISHED_TIERS
from core.model.errors import Rejected
from core.model.market import Quote
from core.model.money import plain
from core.model.time_context import from_ms, iso
from core.sim.kraken.bars import STEP_MS
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.market import Trade
from core.sim.kraken.ohlc import INTERVALS
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.wire import Json, volume_text

UNKNOWN_PAIR = "EQuery:Unknown asset pair"
_MARGIN_TIERS = (1, 2)
_SPREADS = 100
# What AssetPairs tells by its argument `info`; everything without a list.
_PAIR_INFO: Mapping[str, tuple[str, ...]] = {
    "info": (),
    "leverage": ("leverage_buy", "leverage_sell"),
    "fees": ("fees", "fees_maker", "fee_volume_currency"),
    "margin": ("margin_call", "margin_stop"),
}


class Encoded(str):
    """A result that is JSON already."""

    __slots__ = ()


Handler = Callable[[Exchange, Params], Any]


def find_pair(exchange: Exchange, name: str) -> Listed:
    """The market of any of its names; Rejected when there is none."""
    listed = exchange.listing.find(name)
    if listed is None:
        raise Rejected(UNKNOWN_PAIR)
    return listed


def _asked_pairs(exchange: Exchange, params: Params) -> list[Listed]:
    names = params.names("pair")
    if not names:
        return list(exchange.listing.by_symbol.values())
    return [find_pair(exchange, name) for name in names]


def time(exchange: Exchange, params: Params) -> Json:
    now_ms = exchange.now_ms() + exchange.skew_ms
    return {"unixtime": now_ms // 1000, "rfc1123": from_ms(now_ms).strftime("%a, %d %b %y %H:%M:%S +0000")}


def system_status(exchange: Exchange, params: Params) -> Json:
    return {"status": exchange.engine.status.value, "timestamp": iso(exchange.now_ms() // 1000 * 1000)}


def assets(exchange: Exchange, params: Params) -> Json:
    wanted = {exchange.listing.asset_name(code) for code in params.names("asset")}
    if None in wanted:
        raise Rejected("EQuery:Unknown asset")
    return {
        asset.code: {
            "aclass": "currency",
            "altname": asset.altname,
            "decimals": asset.decimals,
            "display_decimals": min(asset.decimals, 5 if asset.decimals > 4 else 2),
            "collateral_value": 1,
            "status": "enabled",
        }
        for asset in exchange.listing.assets.values()
        if not wanted or asset.name in wanted
    }


def asset_pairs(exchange: Exchange, params: Params) -> Json:
    info = params.text("info", "info")
    if info not in _PAIR_INFO:
        raise argument_error("info")
    rows = {listed.id: _pair(listed) for listed in _asked_pairs(exchange, params)}
    if not exchange.customs.pairs_tell_fees:
        for row in rows.values():
            del row["fees"], row["fees_maker"]
    if kept := _PAIR_INFO[info]:
        return {name: {field: row[field] for field in kept if field in row} for name, row in rows.items()}
    return rows


def _pair(listed: Listed) -> Json:
    leverage = [2, 3, 4, 5] if listed.tier in _MARGIN_TIERS else []
    pair = listed.pair
    return {
        "altname": listed.altname,
        "wsname": listed.wsname,
        "aclass_base": "currency",
        "base": listed.base_code,
        "aclass_quote": "currency",
        "quote": listed.quote_code,
        "lot": "unit",
        "cost_decimals": listed.cost_decimals,
        "pair_decimals": listed.price_places,
        "lot_decimals": listed.lot_places,
        "lot_multiplier": 1,
        "leverage_buy": leverage,
        "leverage_sell": leverage,
        "fees": _fee_rows("taker"),
        "fees_maker": _fee_rows("maker"),
        "fee_volume_currency": "ZUSD",
        "margin_call": 80,
        "margin_stop": 40,
        "ordermin": plain(pair.min_qty),
        "costmin": plain(pair.min_cost),
        "tick_size": plain(pair.tick),
        "status": pair.status.value,
    }


@cache
def _fee_rows(side: str) -> list[list[float]]:
    """The published tiers as AssetPairs shows them; the same rows in every pair."""
    return [[int(tier.volume), float(getattr(tier, side) * 100)] for tier in PUBLISHED_TIERS]


def ticker(exchange: Exchange, params: Params) -> Json:
    return {listed.id: _ticker(exchange, listed) for listed in _asked_pairs(exchange, params)}


def _ticker(exchange: Exchange, listed: Listed) -> Json:
    symbol, now_ms = listed.pair.symbol, exchange.now_ms()
    quote = exchange.market.quote(symbol, now_ms)
    day = exchange.market.day_figures(symbol, now_ms)
    last = f"{quote.last:.{listed.pair_decimals}f}"
    low, high = min(day.low, _ticks(listed, quote)), max(day.high, _ticks(listed, quote))
    volume = volume_text(day.volume, listed.lot_decimals)
    vwap = listed.price_text(day.vwap)
    return {
        "a": [f"{quote.ask:.{listed.pair_decimals}f}", "1", "1.000"],
        "b": [f"{quote.bid:.{listed.pair_decimals}f}", "1", "1.000"],
        "c": [last, plain(listed.pair.min_qty)],
        "v": [volume, volume],
        "p": [vwap, vwap],
        "t": [day.count, day.count],
        "l": [listed.price_text(low)] * 2,
        "h": [listed.price_text(high)] * 2,
        "o": listed.price_text(day.open),
    }


def _ticks(listed: Listed, quote: Quote) -> int:
    return int(quote.last / listed.grid)


def ohlc(exchange: Exchange, params: Params) -> Encoded:
    listed = find_pair(exchange, params.needed("pair"))
    interval = params.whole("interval", 1)
    if interval not in INTERVALS:
        raise argument_error("interval")
    since = params.whole("since") if params.text("since") else None
    return Encoded(exchange.ohlc.answer(listed, interval, since, exchange.now_ms()))


def depth(exchange: Exchange, params: Params) -> Json:
    listed = find_pair(exchange, params.needed("pair"))
    count = params.whole("count", 100)
    if not 1 <= count <= 500:
        raise argument_error("count")
    book = exchange.public_book(listed.pair.symbol, count)
    at = exchange.now_ms() // 1000
    sides = {
        name: [[f"{p:.{listed.pair_decimals}f}", f"{q:.{listed.lot_decimals}f}", at] for p, q in levels]
        for name, levels in (("asks", book.asks), ("bids", book.bids))
    }
    return {listed.id: sides}


def trades(exchange: Exchange, params: Params) -> Json:
    listed = find_pair(exchange, params.needed("pair"))
    count = min(max(params.whole("count", 1000), 1), 1000)
    now_ms = exchange.now_ms()
    if params.text("since"):
        since = params.whole("since")
        since_ms = since // 1_000_000 if since > 10**15 else since * 1000  # nanoseconds, or seconds
        since_ms = max(since_ms, exchange.listed_ms)
        found = exchange.market.trades_after(listed.pair.symbol, since_ms, now_ms, count)
    else:
        since_ms = now_ms
        found = exchange.market.trades(listed.pair.symbol, now_ms, count)
    rows = [_trade(listed, trade) for trade in found]
    last_ms = found[-1].time_ms if found else since_ms
    return {listed.id: rows, "last": str(last_ms * 1_000_000)}


def _trade(listed: Listed, trade: Trade) -> list[Any]:
    qty = f"{trade.qty:.{listed.lot_decimals}f}"
    return [listed.price_text(trade.ticks), qty, trade.time_ms / 1000, trade.side, "m", "", trade.number]


def spread(exchange: Exchange, params: Params) -> Json:
    """The best prices of the latest steps."""
    listed = find_pair(exchange, params.needed("pair"))
    now_ms, since = exchange.now_ms(), params.whole("since")
    rows = []
    for at_ms in range(now_ms - (_SPREADS - 1) * STEP_MS, now_ms + 1, STEP_MS):
        quote = exchange.market.quote(listed.pair.symbol, at_ms)
        if at_ms // 1000 >= since:
            bid, ask = (f"{price:.{listed.pair_decimals}f}" for price in (quote.bid, quote.ask))
            rows.append([at_ms // 1000, bid, ask])
    return {listed.id: rows, "last": now_ms // 1000}


def upcoming_maintenances(exchange: Exchange) -> Json:
    """What Kraken's status page says is planned: status.kraken.com/api/v2/scheduled-maintenances."""
    return {
        "page": {"name": "Kraken", "time_zone": "Etc/UTC", "updated_at": iso(exchange.now_ms())},
        "scheduled_maintenances": [
            {
                "id": f"maintenance-{starts}",
                "name": "Trading engine maintenance",
                "status": "in_progress" if starts <= exchange.now_ms() else "scheduled",
                "impact": "maintenance",
                "scheduled_for": iso(starts),
                "scheduled_until": iso(ends),
            }
            for starts, ends in sorted(exchange.maintenances)
        ],
    }


PUBLIC: Mapping[str, Handler] = {
    "Time": time,
    "SystemStatus": system_status,
    "Assets": assets,
    "AssetPairs": asset_pairs,
    "Ticker": ticker,
    "OHLC": ohlc,
    "Depth": depth,
    "Trades": trades,
    "Spread": spread,
}
