"""Private calls about money: balances, fees and the ledger."""

from __future__ import annotations

from decimal import Decimal

from core.model.account import Balance
from core.model.errors import Rejected
from core.model.money import ZERO
from core.sim.kraken.books import LedgerEntry
from core.sim.kraken.exchange import Exchange
from core.sim.kraken.params import Params, argument_error
from core.sim.kraken.public import find_pair
from core.sim.kraken.tokens import LIFETIME_S
from core.sim.kraken.windows import cut, window
from core.sim.kraken.wire import Json, Wire, rate_text

_MOST_IDS = 20


def balance(exchange: Exchange, params: Params) -> Json:
    assets = exchange.listing.assets
    return {assets[name].code: f"{b.total:f}" for name, b in _balances(exchange).items()}


def balance_ex(exchange: Exchange, params: Params) -> Json:
    assets = exchange.listing.assets
    return {
        assets[name].code: {"balance": f"{b.total:f}", "hold_trade": f"{b.held:f}"}
        for name, b in _balances(exchange).items()
    }


def _balances(exchange: Exchange) -> dict[str, Balance]:
    """What is shown now; a balance that lags is what the ledger said then."""
    balances = exchange.engine.balances()
    if not exchange.lag.balances_ms:
        return balances
    then = exchange.ledger.totals_at(exchange.now_ms() - exchange.lag.balances_ms)
    return {
        name: Balance(name, then.get(name, ZERO), min(b.held, then.get(name, ZERO)))
        for name, b in balances.items()
    }


def trade_balance(exchange: Exchange, params: Params) -> Json:
    """What everything is worth in `asset`, in dollars without one."""
    asset = _asset(exchange, params.text("asset") or "ZUSD")
    balances = exchange.engine.balances()
    total = sum((_in_dollars(exchange, name, b.total) for name, b in balances.items()), ZERO)
    worth, nothing = f"{total / _in_dollars(exchange, asset, Decimal(1)):.4f}", "0.0000"
    return {
        "eb": worth,
        "tb": worth,
        "m": nothing,
        "uv": nothing,
        "n": nothing,
        "c": nothing,
        "v": nothing,
        "e": worth,
        "mf": worth,
    }


def _in_dollars(exchange: Exchange, asset: str, amount: Decimal) -> Decimal:
    if asset == "USD" or not amount:
        return amount
    symbol = f"{asset}/USD"
    if symbol in exchange.listing.pairs:
        return amount * exchange.look(symbol).bid
    return amount / exchange.look(f"USDT/{asset}").ask


def trade_volume(exchange: Exchange, params: Params) -> Json:
    now_ms = exchange.now_ms()
    volume = exchange.engine.volume.at(now_ms)
    asked = [find_pair(exchange, name) for name in params.names("pair")]
    return {
        "currency": "ZUSD",
        "volume": f"{volume:.4f}",
        "fees": {listed.id: _tier(exchange, "taker") for listed in asked},
        "fees_maker": {listed.id: _tier(exchange, "maker") for listed in asked},
    }


def _tier(exchange: Exchange, side: str) -> Json:
    tiers = exchange.fees.tiers
    place = exchange.fees.tier_index(exchange.engine.volume.at(exchange.now_ms()))
    coming = tiers[place + 1] if place + 1 < len(tiers) else None
    rates = [getattr(tier, side) for tier in tiers]
    return {
        "fee": rate_text(rates[place]),
        "minfee": rate_text(rates[-1]),
        "maxfee": rate_text(rates[0]),
        "nextfee": rate_text(rates[place + 1]) if coming else None,
        "nextvolume": f"{coming.volume:.4f}" if coming else None,
        "tiervolume": f"{tiers[place].volume:.4f}",
    }


def ledgers(exchange: Exchange, params: Params) -> Json:
    start, end = window(params, exchange.ledger.time_of)
    wanted = {_asset(exchange, code) for code in params.names("asset") if code != "all"}
    kind = params.text("type", "all")
    found = [
        entry
        for entry in reversed(exchange.ledger.entries)
        if start < entry.time_ms <= end
        and (not wanted or entry.asset in wanted)
        and kind in ("all", entry.type)
    ]
    return {"ledger": _entries(exchange, cut(params, found))} | (
        {} if params.flag("without_count") else {"count": len(found)}
    )


def query_ledgers(exchange: Exchange, params: Params) -> Json:
    """Ledger entries by id."""
    ids = params.names("id")
    if not ids or len(ids) > _MOST_IDS:
        raise argument_error("id")
    found = [exchange.ledger.entry(one) for one in ids]
    known = [entry for entry in found if entry is not None]
    if len(known) < len(found):
        raise Rejected("EGeneral:Invalid arguments:id")
    return _entries(exchange, known)


def _entries(exchange: Exchange, entries: list[LedgerEntry]) -> Json:
    wire = Wire(exchange.listing)
    return {entry.id: wire.ledger(entry) for entry in entries}


def _asset(exchange: Exchange, code: str) -> str:
    name = exchange.listing.asset_name(code)
    if name is None:
        raise Rejected("EQuery:Unknown asset")
    return name


def websockets_token(exchange: Exchange, params: Params) -> Json:
    return {"token": exchange.tokens.issue(params.key), "expires": LIFETIME_S}
