"""The markets of the local Kraken with their names, grids and minimums, oddities included."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.model.market import Pair, PairStatus
from core.sim.kraken.listing_table import COINS, ODD_STATUS, ODD_TICKS, QUOTE_LETTERS, QUOTES

# Zyn's name -> the name Kraken shows.
_SHOWN = {"BTC": "XBT", "DOGE": "XDG"}
# Kraken asks for about this many dollars at least.
_SMALLEST_DOLLARS = 4.0

_LIQUID = [row.split() for row in COINS.strip().splitlines() if row.split()[3] != "4"]
CHANGEABLE = ("tick_size", "ordermin", "costmin", "pair_decimals", "lot_decimals")
_MOST_PLACES = 10
DEMO_SYMBOLS: tuple[str, ...] = tuple(f"{row[0]}/USD" for row in _LIQUID[:48])


@dataclass(frozen=True, slots=True)
class Asset:
    """A currency as Kraken names it."""

    name: str
    code: str
    decimals: int

    @property
    def altname(self) -> str:
        return _SHOWN.get(self.name, self.name)


@dataclass(frozen=True, slots=True)
class Listed:
    """One market. `tick` of its pair is `tick_units` of the last price decimal.

    Numbers are written with `pair_decimals` and `lot_decimals`; what a new order may have is `price_places`
    and `lot_places`, which are fewer after the market's precision was lowered.
    """

    pair: Pair
    base_code: str
    quote_code: str
    altname: str
    wsname: str
    pair_decimals: int
    lot_decimals: int
    cost_decimals: int
    tick_units: int
    tier: int  # 1 deep to 4 thin
    dollars: float  # rough price of the base coin
    quote_dollars: float
    sigma: float  # of one five-minute return
    grid: Decimal  # on which the market moves: the pair's tick as it was listed
    price_places: int

    @property
    def id(self) -> str:
        return self.pair.venue_id

    @property
    def lot_places(self) -> int:
        return places_of(self.pair.lot)

    def price_text(self, ticks: int) -> str:
        return f"{ticks * self.tick_units / 10**self.pair_decimals:.{self.pair_decimals}f}"

    def price(self, ticks: int) -> Decimal:
        return Decimal(ticks) * self.grid


def places_of(step: Decimal) -> int:
    """How many decimals a step has."""
    exponent = step.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


class Listing:
    """All markets and assets, findable by any of Kraken's names."""

    def __init__(self) -> None:
        markets = list(_markets())
        self.by_symbol: dict[str, Listed] = {m.pair.symbol: m for m in markets}
        self.pairs: dict[str, Pair] = {m.pair.symbol: m.pair for m in markets}
        self.assets: Mapping[str, Asset] = _assets()
        self._by_name: dict[str, Listed] = {}
        for market in markets:
            self._name(market)

    def change(self, symbol: str, terms: Mapping[str, Any]) -> Pair:
        """Give a market another status or other terms of CHANGEABLE; ValueError when one makes no sense."""
        market = self.by_symbol[symbol]
        numbers: dict[str, Any] = {
            field: Decimal(str(terms[name]))
            for name, field in (("tick_size", "tick"), ("ordermin", "min_qty"), ("costmin", "min_cost"))
            if name in terms
        }
        if any(not 0 < number < 10**9 for number in numbers.values()):
            raise ValueError("tick_size, ordermin and costmin are numbers above 0")
        places = _places(terms, "pair_decimals", market.price_places)
        if "lot_decimals" in terms:
            numbers["lot"] = Decimal(1).scaleb(-_places(terms, "lot_decimals", 0))
        if "pair_decimals" in terms:
            numbers.setdefault("tick", max(market.pair.tick, Decimal(1).scaleb(-places)))
        status = PairStatus(terms.get("status", market.pair.status))
        pair = replace(market.pair, status=status, **numbers)
        self.by_symbol[symbol], self.pairs[symbol] = _with_places(replace(market, pair=pair), places), pair
        self._name(self.by_symbol[symbol])
        return pair

    def _name(self, market: Listed) -> None:
        for name in (market.id, market.altname, market.wsname):
            self._by_name[name.upper()] = market

    def find(self, name: str) -> Listed | None:
        """The market of an id (XXBTZUSD), an altname (XBTUSD) or a websocket name (XBT/USD)."""
        return self._by_name.get(name.upper())

    def asset_name(self, code: str) -> str | None:
        """Zyn's name of a currency given by Kraken's code or altname."""
        for asset in self.assets.values():
            if code in (asset.code, asset.altname, asset.name):
                return asset.name
        return None


def _places(terms: Mapping[str, Any], name: str, usual: int) -> int:
    places = int(terms.get(name, usual))
    if not 0 <= places <= _MOST_PLACES:
        raise ValueError(f"{name} is a whole number from 0 to {_MOST_PLACES}")
    return places


def _with_places(market: Listed, price_places: int) -> Listed:
    """The market with other precisions; what was written with more decimals is written so still."""
    more = max(price_places - market.pair_decimals, 0)
    return replace(
        market,
        price_places=price_places,
        pair_decimals=market.pair_decimals + more,
        tick_units=market.tick_units * 10**more,
        lot_decimals=max(market.lot_decimals, market.lot_places),
    )


def _markets() -> Iterator[Listed]:
    for row in COINS.strip().splitlines():
        coin, code, dollars, tier, sigma, decimals, lot, letters = row.split()
        quotes = ["USD", "EUR", *(QUOTE_LETTERS[letter] for letter in letters if letter != "-")]
        for quote in quotes:
            if quote != coin:
                thinner = int(tier) + (quote != "USD") * (1 + (quote not in ("EUR", "USDT")))
                yield _market(
                    coin,
                    code,
                    quote,
                    float(dollars),
                    float(sigma) / 1e4,
                    int(decimals),
                    int(lot),
                    min(thinner, 4),
                )


def _market(
    coin: str, code: str, quote: str, dollars: float, sigma: float, decimals: int, lot: int, tier: int
) -> Listed:
    quote_code, quote_dollars, cost_decimals, costmin = QUOTES[quote]
    digits = decimals if 0.5 < quote_dollars < 2 else _fitting_decimals(dollars / quote_dollars)
    symbol = f"{coin}/{quote}"
    shown, shown_quote = _SHOWN.get(coin, coin), _SHOWN.get(quote, quote)
    unit = Decimal(1).scaleb(-digits)
    tick = Decimal(ODD_TICKS.get(symbol, unit))
    pair = Pair(
        symbol=symbol,
        base=coin,
        quote=quote,
        tick=tick,
        lot=Decimal(1).scaleb(-lot),
        min_qty=_order_minimum(coin, dollars, lot),
        min_cost=Decimal(costmin),
        status=PairStatus(ODD_STATUS.get(f"{coin}/{shown_quote}", "online")),
        venue_id=_market_id(code, quote_code, shown, shown_quote),
    )
    return Listed(
        pair=pair,
        base_code=code,
        quote_code=quote_code,
        altname=shown + shown_quote,
        wsname=f"{shown}/{shown_quote}",
        pair_decimals=digits,
        lot_decimals=lot,
        cost_decimals=cost_decimals,
        tick_units=int(tick / unit),
        tier=tier,
        dollars=dollars,
        quote_dollars=quote_dollars,
        sigma=sigma,
        grid=tick,
        price_places=digits,
    )


def _market_id(base_code: str, quote_code: str, shown: str, shown_quote: str) -> str:
    """Old markets join the X and Z codes; new ones, and all of dogecoin's, join the short names."""
    old = base_code[0] in "XZ" and len(base_code) == 4 and quote_code[0] in "XZ" and len(quote_code) == 4
    return base_code + quote_code if old and shown != "XDG" else shown + shown_quote


def _fitting_decimals(price: float) -> int:
    """Decimals that make a tick about a ten-thousandth of the price."""
    return min(max(math.ceil(-math.log10(price)) + 4, 0), 10)


def _order_minimum(coin: str, dollars: float, lot: int) -> Decimal:
    if coin == "BTC":
        return Decimal("0.00005")
    rounded = Decimal(f"{_SMALLEST_DOLLARS / dollars:.1g}")
    return max(rounded, Decimal(1).scaleb(-lot))


def _assets() -> dict[str, Asset]:
    assets = {name: Asset(name, code, 4 if code[0] == "Z" else 8) for name, (code, *_) in QUOTES.items()}
    for row in COINS.strip().splitlines():
        coin, code, *_ = row.split()
        if coin not in ("EUR", "GBP"):
            assets[coin] = Asset(coin, code, 10 if code.startswith(("XX", "XE")) else 8)
    return assets
