"""The instrument channel: every asset and pair, and the pairs whose terms have changed since."""

from __future__ import annotations

from core.sim.kraken.exchange import Exchange
from core.sim.kraken.listing import Listed
from core.sim.kraken.ws.frames import Json, data_frame

_MARGIN_TIERS = (1, 2)


class InstrumentFeed:
    """All markets at once."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._told: dict[str, Json] = {}

    def snapshot(self) -> str:
        self._told = self._pairs()
        return data_frame(
            "instrument", "snapshot", {"assets": self._assets(), "pairs": [*self._told.values()]}
        )

    def news(self) -> list[str]:
        pairs = self._pairs()
        changed = [row for symbol, row in pairs.items() if self._told.get(symbol) != row]
        self._told = pairs
        return [data_frame("instrument", "update", {"assets": [], "pairs": changed})] if changed else []

    def _assets(self) -> list[Json]:
        return [
            {
                "id": asset.name,
                "status": "enabled",
                "precision": asset.decimals,
                "precision_display": min(asset.decimals, 5 if asset.decimals > 4 else 2),
                "borrowable": False,
                "collateral_value": 1.0,
                "margin_rate": 0.0,
            }
            for asset in self._exchange.listing.assets.values()
        ]

    def _pairs(self) -> dict[str, Json]:
        return {symbol: _pair(listed) for symbol, listed in self._exchange.listing.by_symbol.items()}


def _pair(listed: Listed) -> Json:
    pair = listed.pair
    return {
        "symbol": pair.symbol,
        "base": pair.base,
        "quote": pair.quote,
        "status": pair.status.value,
        "qty_precision": listed.lot_places,
        "qty_increment": pair.lot,
        "price_precision": listed.price_places,
        "cost_precision": listed.cost_decimals,
        "marginable": listed.tier in _MARGIN_TIERS,
        "has_index": True,
        "cost_min": pair.min_cost,
        "tick_size": pair.tick,
        "price_increment": pair.tick,
        "qty_min": pair.min_qty,
    }
